//! Functions that read files of the repository.

use std::sync::Arc;

use super::super::ast::{Expr, ExprKind};
use super::super::parse;
use super::super::value::{Kind, Value};
use super::super::world::{Scope, World};
use crate::span::{Location, SourceFile, Span};

/// How many files `fileset` may find.
const MAX_FILES: usize = 1000;
/// How much of a template is read in the time that an expression takes.
const BYTES_PER_STEP: usize = 4;

impl World<'_> {
    pub(super) fn file_function(&self, name: &str, arguments: &[Expr], scope: &Scope, at: &Location) -> Value {
        let mut values = arguments.iter().map(|argument| self.eval(argument, scope));
        let (first, second) = (values.next(), values.next());
        let literal = first.as_ref().and_then(Value::literal);
        if name == "templatestring" {
            return match literal {
                Some(text) => self.filled(&text, second.as_ref(), scope, at, None),
                None => Value::unknown("a template that is not known", at),
            };
        }
        if let Some(path) = literal {
            return self.file_at(name, &path, second.as_ref(), scope, at);
        }
        // Which of several files it is only says the default of a variable, so that is what its content is, too.
        let Some(path) = first.and_then(|first| self.literal(&first)) else {
            return Value::unknown("a file whose path is not known", at);
        };
        let value = self.file_at(name, &path, second.as_ref(), scope, at);
        // What a template gives depends on more than its file.
        let is_filled = name == "templatefile" || matches!(value.kind, Kind::Unknown(_));
        if is_filled { value } else { self.by_default(smol_str::format_smolstr!("{name}({path})"), value) }
    }

    fn file_at(&self, name: &str, path: &str, second: Option<&Value>, scope: &Scope, at: &Location) -> Value {
        match name {
            "fileexists" => Value::new(Kind::Bool(self.files.is_file(&self.open_path(path))), at),
            "fileset" => match second.and_then(Value::literal) {
                Some(pattern) => self.file_set(path, &pattern, at),
                None => Value::list(Vec::new(), true, at),
            },
            _ => match self.files.read(&self.open_path(path)) {
                Ok(file) if name == "file" => {
                    let whole = Location::new(&file, Span::new(0, file.text.len() as u32));
                    Value::text(file.text.as_str(), &whole)
                }
                Ok(file) => self.filled(&file.text, second, scope, at, Some(&file)),
                Err(message) => {
                    self.note(at, format!("{path} {message}"));
                    Value::unknown("a file that could not be read", at)
                }
            },
        }
    }

    /// A template with the values it is given.
    fn filled(&self, text: &str, values: Option<&Value>, scope: &Scope, at: &Location, file: Option<&Arc<SourceFile>>) -> Value {
        let (file, span) = match file {
            Some(file) => (Arc::clone(file), Span::new(0, text.len() as u32)),
            None => (Arc::clone(&at.file), at.span),
        };
        if !self.spend(text.len() / BYTES_PER_STEP + 1, at) {
            return Value::unknown("a template beyond what is evaluated", at);
        }
        let kind = match parse::template(text, span) {
            Ok(kind) => kind,
            Err(message) => {
                self.note(&Location::new(&file, span), message);
                return Value::unknown("a template that could not be read", at);
            }
        };
        let names = values.and_then(Value::as_map).map(|map| map.entries.clone()).unwrap_or_default();
        let mut inner = Scope::new(&scope.instance, &file);
        inner.names.extend(names);
        let at = Location::new(&file, span);
        match &kind {
            ExprKind::Template(parts) => self.template(parts, &inner, &at),
            ExprKind::Text(text) => Value::text(text.clone(), &at),
            _ => self.eval(&Expr { kind, span }, &inner),
        }
    }

    /// The files of a folder that fit a pattern, by their paths from there.
    fn file_set(&self, folder: &str, pattern: &str, at: &Location) -> Value {
        let root = self.open_path(folder);
        match self.files.matching(&root, pattern, MAX_FILES) {
            Some((names, open)) => {
                let names = names.into_iter().map(|name| Value::text(name, at));
                Value::list(names.collect(), open, at)
            }
            None => {
                self.note(at, format!("the files of {folder} were not listed: it is not a part of what is analyzed"));
                Value::list(Vec::new(), true, at)
            }
        }
    }
}
