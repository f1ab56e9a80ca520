//! Types written inside string literals: `"S3Client"`, `"Optional[mypy_boto3_s3.S3Client]"`.

/// Nesting that is read; real annotations have a handful of levels.
const DEPTH_LIMIT: usize = 32;

/// A type that was written in a string.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// `None`.
    Null,
    /// A dotted name.
    Name(String),
    /// `X[A, B]`.
    Index(Box<Written>, Vec<Written>),
    /// `[A, B]`, the parameters of a callable.
    List(Vec<Written>),
    /// `A | B`.
    Union(Box<Written>, Box<Written>),
}

/// Reads a type, or nothing if the text is anything else.
pub(super) fn parse(text: &str) -> Option<Written> {
    let mut reader = Reader { rest: text.trim(), depth: 0 };
    let written = reader.union()?;
    reader.rest.is_empty().then_some(written)
}

struct Reader<'s> {
    rest: &'s str,
    depth: usize,
}

impl Reader<'_> {
    fn eat(&mut self, token: char) -> bool {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }

    fn union(&mut self) -> Option<Written> {
        if self.depth >= DEPTH_LIMIT {
            return None;
        }
        self.depth += 1;
        let mut left = self.operand()?;
        let mut alternatives = 1;
        while self.eat('|') {
            alternatives += 1;
            if alternatives > DEPTH_LIMIT {
                return None;
            }
            left = Written::Union(Box::new(left), Box::new(self.operand()?));
        }
        self.depth -= 1;
        Some(left)
    }

    fn operand(&mut self) -> Option<Written> {
        if self.eat('[') {
            return Some(Written::List(self.list()?));
        }
        if self.eat('"') {
            let inner = self.union()?;
            return self.eat('"').then_some(inner);
        }
        if self.eat('\'') {
            let inner = self.union()?;
            return self.eat('\'').then_some(inner);
        }
        let name = self.name()?;
        let written = if name == "None" { Written::Null } else { Written::Name(name) };
        if self.eat('[') {
            return Some(Written::Index(Box::new(written), self.list()?));
        }
        Some(written)
    }

    /// The items up to the closing bracket.
    fn list(&mut self) -> Option<Vec<Written>> {
        let mut items = Vec::new();
        while !self.eat(']') {
            items.push(self.union()?);
            if !self.eat(',') && !self.rest.starts_with(']') {
                return None;
            }
        }
        Some(items)
    }

    fn name(&mut self) -> Option<String> {
        let end = self.rest.find(|letter: char| !(letter == '_' || letter == '.' || letter.is_alphanumeric()));
        let (name, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        let is_segment = |segment: &str| segment.starts_with(|first: char| first == '_' || first.is_alphabetic());
        if !name.split('.').all(is_segment) {
            return None;
        }
        self.rest = rest.trim_start();
        Some(name.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Written {
        Written::Name(text.into())
    }

    #[test]
    fn names_subscripts_and_alternatives_are_read() {
        assert_eq!(parse("a.B"), Some(name("a.B")));
        assert_eq!(parse("Optional['C']"), Some(Written::Index(Box::new(name("Optional")), vec![name("C")])));
        assert_eq!(parse(" A | None "), Some(Written::Union(Box::new(name("A")), Box::new(Written::Null))));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "a b", "a.", "1x", "f(x)", "A[", "A]", "A[B", "s3://bucket", "A||B"] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse(&"A[".repeat(100_000)), None);
        assert_eq!(parse(&"A|".repeat(100_000)), None);
    }
}
