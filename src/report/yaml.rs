//! Just enough YAML to write policies: ordered mappings, lists, texts, tags and comments.

use std::io;

/// A tree that is written as YAML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Yaml {
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
    /// Characters that are YAML already.
    Raw(String),
}

/// How a tree stands in braces and brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// JSON, everything on a line of its own.
    Lines {
        /// The spaces before the line that it starts on.
        indent: usize,
        /// The spaces of one level.
        step: usize,
    },
    /// JSON on one line.
    Line,
    /// On one line, with the short forms of YAML's tags.
    Short,
}

impl Form {
    /// The form of what is within.
    const fn within(self) -> Self {
        match self {
            Self::Lines { indent, step } => Self::Lines { indent: indent + step, step },
            other => other,
        }
    }
}

impl Yaml {
    pub(crate) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// Writes the tree as a document.
    pub(crate) fn write(&self, out: &mut dyn io::Write) -> io::Result<()> {
        self.block(0, out)
    }

    /// The tree as lines that are indented by so many spaces.
    pub(crate) fn lines(&self, indent: usize) -> String {
        let mut out = Vec::new();
        // A buffer takes everything.
        let _ = self.block(indent, &mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    /// The tree in braces and brackets.
    pub(crate) fn flow(&self, form: Form) -> String {
        let json = |text: &str| serde_json::Value::from(text).to_string();
        match self {
            Self::Raw(text) => text.clone(),
            Self::Text(text) => json(text),
            Self::Commented(_, inner) => inner.flow(form),
            Self::List(items) => enclosed('[', items.iter().map(|item| item.flow(form.within())).collect(), ']', form),
            Self::Map(entries) => {
                let entry = |(key, value): &(String, Self)| format!("{}: {}", json(key), value.flow(form.within()));
                enclosed('{', entries.iter().map(entry).collect(), '}', form)
            }
            Self::Tagged(tag, text) if form == Form::Short => format!("{tag} {}", json(text)),
            Self::TaggedList(tag, items) if form == Form::Short => {
                format!("{tag} {}", Self::List(items.clone()).flow(form))
            }
            Self::Tagged("!GetAtt", path) => {
                let (id, attribute) = path.split_once('.').unwrap_or((path, "Arn"));
                format!("{{\"Fn::GetAtt\": [{}, {}]}}", json(id), json(attribute))
            }
            Self::Tagged(tag, text) => format!("{{{}: {}}}", json(&long(tag)), json(text)),
            Self::TaggedList(tag, items) => {
                let list = Self::List(items.clone()).flow(Form::Line);
                format!("{{{}: {list}}}", json(&long(tag)))
            }
        }
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
            Self::Raw(text) => write!(out, "{text}"),
        }
    }
}

/// The long form of a tag.
fn long(tag: &str) -> String {
    match tag {
        "!Ref" => "Ref".to_owned(),
        other => format!("Fn::{}", other.trim_start_matches('!')),
    }
}

/// Items between brackets: on lines of their own, or on one line.
fn enclosed(open: char, items: Vec<String>, close: char, form: Form) -> String {
    match form {
        _ if items.is_empty() => format!("{open}{close}"),
        Form::Lines { indent, step } => {
            let inner = " ".repeat(indent + step);
            format!("{open}\n{inner}{}\n{}{close}", items.join(&format!(",\n{inner}")), " ".repeat(indent))
        }
        Form::Line | Form::Short => format!("{open}{}{close}", items.join(", ")),
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
