//! Just enough YAML to write policies: ordered mappings, lists, texts, tags and comments.

use std::io;

/// A tree that is written as YAML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Yaml {
    /// A text, quoted where it could be read as something else.
    Text(String),
    /// A text behind a tag: `!Sub …`.
    Tagged(&'static str, String),
    /// A list behind a tag, on one line: `!Join ["", […]]`.
    TaggedList(&'static str, Vec<Self>),
    /// A list.
    List(Vec<Self>),
    /// A mapping in this order.
    Map(Vec<(String, Self)>),
    /// Something with lines of comment above it.
    Commented(Vec<String>, Box<Self>),
}

impl Yaml {
    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// Writes the tree as a document.
    pub(super) fn write(&self, out: &mut dyn io::Write) -> io::Result<()> {
        self.block(0, out)
    }

    /// Writes the node on lines of its own.
    fn block(&self, indent: usize, out: &mut dyn io::Write) -> io::Result<()> {
        match self {
            Self::List(items) if !items.is_empty() => items.iter().try_for_each(|item| {
                item.comments(indent, out)?;
                write!(out, "{:indent$}- ", "")?;
                item.behind_dash(indent + 2, out)
            }),
            Self::Map(entries) if !entries.is_empty() => {
                entries.iter().try_for_each(|(key, value)| value.entry(key, indent, out))
            }
            Self::Commented(_, inner) => {
                self.comments(indent, out)?;
                inner.block(indent, out)
            }
            other => {
                write!(out, "{:indent$}", "")?;
                other.inline(out)?;
                writeln!(out)
            }
        }
    }

    /// Writes the node as an entry of a mapping on a line of its own.
    fn entry(&self, key: &str, indent: usize, out: &mut dyn io::Write) -> io::Result<()> {
        self.comments(indent, out)?;
        write!(out, "{:indent$}", "")?;
        self.behind_key(key, indent, out)
    }

    /// Writes the node behind its key.
    fn behind_key(&self, key: &str, indent: usize, out: &mut dyn io::Write) -> io::Result<()> {
        write!(out, "{}:", quoted(key))?;
        match self.inner() {
            nested @ (Self::Map(_) | Self::List(_)) if !nested.is_empty() => {
                writeln!(out)?;
                nested.block(indent + 2, out)
            }
            plain => {
                write!(out, " ")?;
                plain.inline(out)?;
                writeln!(out)
            }
        }
    }

    /// Writes the node behind `- `: a mapping's first entry stands on the same line.
    fn behind_dash(&self, indent: usize, out: &mut dyn io::Write) -> io::Result<()> {
        match self.inner() {
            Self::Map(entries) if !entries.is_empty() => {
                let (first, rest) = entries.split_at(1);
                first.iter().try_for_each(|(key, value)| value.behind_key(key, indent, out))?;
                rest.iter().try_for_each(|(key, value)| value.entry(key, indent, out))
            }
            plain => {
                plain.inline(out)?;
                writeln!(out)
            }
        }
    }

    fn comments(&self, indent: usize, out: &mut dyn io::Write) -> io::Result<()> {
        let Self::Commented(lines, _) = self else { return Ok(()) };
        lines.iter().try_for_each(|line| writeln!(out, "{:indent$}# {}", "", line.replace(['\n', '\r'], " ")))
    }

    fn inner(&self) -> &Self {
        match self {
            Self::Commented(_, inner) => inner.inner(),
            other => other,
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::List(items) => items.is_empty(),
            Self::Map(entries) => entries.is_empty(),
            _ => false,
        }
    }

    fn inline(&self, out: &mut dyn io::Write) -> io::Result<()> {
        match self {
            Self::Text(text) => write!(out, "{}", quoted(text)),
            Self::Tagged(tag, text) => write!(out, "{tag} {}", quoted(text)),
            Self::TaggedList(tag, items) => {
                write!(out, "{tag} ")?;
                flow(items, out)
            }
            Self::List(items) => flow(items, out),
            Self::Map(_) => write!(out, "{{}}"),
            Self::Commented(_, inner) => inner.inline(out),
        }
    }
}

/// A list on one line. Texts are quoted there, because braces and commas mean something.
fn flow(items: &[Yaml], out: &mut dyn io::Write) -> io::Result<()> {
    write!(out, "[")?;
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            write!(out, ", ")?;
        }
        match item.inner() {
            Yaml::Text(text) => write!(out, "{}", serde_json::Value::from(text.as_str()))?,
            other => other.inline(out)?,
        }
    }
    write!(out, "]")
}

/// A text as it is where every reader of YAML takes it as text, else in quotes.
fn quoted(text: &str) -> String {
    let safe_inside = |c: char| {
        c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ':' | '$' | '{' | '}' | '*' | '?' | '+' | '=' | '@')
    };
    let first_is_letter = text.starts_with(|c: char| c.is_ascii_alphabetic());
    let plain = first_is_letter && text.chars().all(safe_inside) && !text.ends_with(':') && !is_word(text);
    if plain { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

/// Words that some reader of YAML takes as something else than text.
fn is_word(text: &str) -> bool {
    const WORDS: [&str; 9] = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    WORDS.contains(&text.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees_become_readable_blocks() {
        let statement = Yaml::Map(vec![
            ("Effect".to_owned(), Yaml::text("Allow")),
            ("Action".to_owned(), Yaml::List(vec![Yaml::text("s3:GetObject"), Yaml::text("no")])),
            ("Resource".to_owned(), Yaml::Tagged("!Sub", "arn:${AWS::Partition}:s3:::x/*".to_owned())),
            (
                "Joined".to_owned(),
                Yaml::TaggedList("!Join", vec![Yaml::text(""), Yaml::List(vec![Yaml::Tagged("!Ref", "A".to_owned())])]),
            ),
            ("Empty".to_owned(), Yaml::List(Vec::new())),
        ]);
        let tree = Yaml::Map(vec![
            ("Version".to_owned(), Yaml::text("2012-10-17")),
            ("Statement".to_owned(), Yaml::List(vec![Yaml::Commented(vec!["why".to_owned()], Box::new(statement))])),
        ]);
        let mut out = Vec::new();
        tree.write(&mut out).expect("a buffer takes everything");
        insta::assert_snapshot!(String::from_utf8_lossy(&out), @r#"
        Version: "2012-10-17"
        Statement:
          # why
          - Effect: Allow
            Action:
              - s3:GetObject
              - "no"
            Resource: !Sub arn:${AWS::Partition}:s3:::x/*
            Joined: !Join ["", [!Ref A]]
            Empty: []
        "#);
    }
}
