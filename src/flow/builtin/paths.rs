//! Paths and contents of a program's own files, where these matter: in programs that describe infrastructure.
//!
//! Whoever starts such a program says what its files are called from the folder it is started in (`FlowOptions::paths`). For all
//! others a file is where it is, and what it holds is not known.

use smol_str::SmolStr;

use super::super::call::Args;
use super::super::interp::Interp;
use super::super::value::{Atom, Value};
use crate::value::Hole;

/// How many folders above a path `parents` lists.
const MAX_PARENTS: usize = 8;

/// What stands for the path of a source file where it is not known.
const OWN_PATH: &str = "the path of a source file";

impl Interp<'_> {
    fn knows_paths(&self) -> bool {
        !self.options.paths.is_empty()
    }

    /// The path of the running source file, or its folder.
    pub(in crate::flow) fn own_path(&self, is_folder: bool) -> Value {
        let linked = &self.program.modules[self.current().module];
        match self.options.paths.get(&linked.path) {
            Some(path) if is_folder => Value::literal(parent(path)),
            Some(path) => Value::literal(path.clone()),
            None => Value::unknown(OWN_PATH),
        }
    }

    /// Functions on paths, and those that open files.
    pub(super) fn path_call(&mut self, name: &str, args: &Args) -> Option<Value> {
        let is_open =
            matches!(name, "builtins.open" | "io.open" | "fs.readFileSync" | "fs.promises.readFile" | "fs/promises.readFile");
        if is_open {
            return self.opened(&args.get(0));
        }
        if !self.knows_paths() {
            return None;
        }
        match name {
            "os.path.dirname" | "posixpath.dirname" | "path.dirname" | "path.posix.dirname" => mapped(&args.get(0), parent),
            "os.path.basename" | "path.basename" => mapped(&args.get(0), |path| file_name(path).to_owned()),
            "os.path.splitext" => {
                let path = args.get(0);
                let path = path.as_literal()?;
                let end = suffix(path).to_owned();
                let start = path[..path.len() - end.len()].to_owned();
                Some(self.list(vec![Value::literal(start), Value::literal(end)], Value::none()))
            }
            "os.path.abspath" | "os.path.realpath" | "os.path.normpath" | "path.normalize" | "url.fileURLToPath" => {
                Some(args.get(0))
            }
            _ => None,
        }
    }

    /// What a file holds that is opened: one of the program's data files, else by its known name.
    fn opened(&self, path: &Value) -> Option<Value> {
        let mut all = Value::none();
        for text in path.texts() {
            let files = self.program.data_files(self.current().module, &text);
            if files.is_empty() {
                return path.as_literal().filter(|_| self.knows_paths()).map(content);
            }
            files.iter().for_each(|file| all.join(&content(file)));
        }
        (!all.is_none()).then_some(all)
    }

    /// What a data file stands for that was opened, where it is one: what it holds, parsed.
    pub(in crate::flow) fn parsed_data(&mut self, opened: &Value) -> Option<Value> {
        let mut all = Value::none();
        for atom in opened.atoms() {
            let Atom::Hole(hole) = atom else { return None };
            let Hole::Content(name) = &**hole else { return None };
            let held = self.program.data(name)?;
            let held = self.import_arg(held);
            all.join(&held);
        }
        (!all.is_none()).then_some(all)
    }

    /// Attributes of `pathlib.Path`, which is a string here.
    pub(in crate::flow) fn path_member(&mut self, atom: &Atom, name: &str) -> Option<Value> {
        if !self.knows_paths() || !matches!(atom, Atom::Text(_)) {
            return None;
        }
        let value = Value::one(atom.clone());
        match name {
            "parent" => mapped(&value, parent),
            "parents" => {
                let mut above = Vec::new();
                let mut path: String = value.as_literal()?.to_owned();
                for _ in 0..MAX_PARENTS {
                    path = parent(&path);
                    above.push(Value::literal(path.clone()));
                }
                Some(self.list(above, Value::none()))
            }
            // Strings of Python have no such attributes.
            "name" if self.in_python() => mapped(&value, |path| file_name(path).to_owned()),
            "stem" if self.in_python() => {
                mapped(&value, |path| file_name(path)[..file_name(path).len() - suffix(path).len()].to_owned())
            }
            "suffix" if self.in_python() => mapped(&value, |path| suffix(path).to_owned()),
            _ => None,
        }
    }

    /// Methods of `pathlib.Path`, and of what is read from a file.
    pub(super) fn path_method(&mut self, atom: &Atom, name: &str, args: &Args) -> Option<Value> {
        let value = Value::one(atom.clone());
        match atom {
            // Whatever is done to it, it is made of what the file holds.
            Atom::Hole(hole) if matches!(**hole, Hole::Content(_)) => Some(value),
            Atom::Hole(_) if is_own_path(atom) && matches!(name, "resolve" | "absolute") => Some(value),
            Atom::Text(_) if matches!(name, "open" | "read_text" | "read_bytes") => self.opened(&value),
            Atom::Text(_) if self.knows_paths() => match name {
                "resolve" | "absolute" | "as_posix" | "expanduser" => Some(value),
                "joinpath" => {
                    let mut parts = vec![value];
                    parts.extend(args.positional.iter().cloned());
                    Some(self.path_join(&Args::positional(parts)))
                }
                "with_suffix" => {
                    let end = args.get(0).as_literal()?.to_owned();
                    mapped(&value, |path| format!("{}{end}", &path[..path.len() - suffix(path).len()]))
                }
                "with_name" => {
                    let name = args.get(0).as_literal()?.to_owned();
                    mapped(&value, |path| format!("{}{name}", &path[..path.len() - file_name(path).len()]))
                }
                _ => None,
            },
            _ => None,
        }
    }
}

/// Whether a value is the path of a source file, or of a folder around it, in a program of which nobody said where it is.
pub(in crate::flow) fn is_own_path(atom: &Atom) -> bool {
    matches!(atom, Atom::Hole(hole) if matches!(&**hole, Hole::Unknown(what) if what == OWN_PATH))
}

/// What a file of this name holds.
fn content(path: &str) -> Value {
    Value::hole(Hole::Content(path.into()))
}

fn mapped(value: &Value, change: impl Fn(&str) -> String) -> Option<Value> {
    value.as_literal().map(|path| Value::literal(SmolStr::from(change(path))))
}

/// What stands behind the last slash.
fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The end of a name from its last dot on, unless it begins or ends with that.
/// <https://docs.python.org/3/library/pathlib.html#pathlib.PurePath.suffix>
fn suffix(path: &str) -> &str {
    let name = file_name(path);
    match name.rfind('.') {
        Some(at) if at > 0 && at + 1 < name.len() => &name[at..],
        _ => "",
    }
}

/// The folder of a path, which may lead out of the folder it starts in.
fn parent(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "." => {}
            "" if !parts.is_empty() => {}
            ".." if parts.last().is_some_and(|last| !matches!(*last, ".." | "")) => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    match parts.last() {
        None | Some(&"..") => parts.push(".."),
        Some(_) => drop(parts.pop()),
    }
    match parts.as_slice() {
        [] => ".".to_owned(),
        [""] => "/".to_owned(),
        parts => parts.join("/"),
    }
}

#[cfg(test)]
mod tests {
    use super::parent;

    #[test]
    fn parents_are_folders_and_go_on_above_the_start() {
        let shown = |path: &str| parent(path);
        assert_eq!(shown("lib/stack.ts"), "lib");
        assert_eq!(shown("app.ts"), ".");
        assert_eq!(shown("."), "..");
        assert_eq!(shown("../shared"), "..");
        assert_eq!(shown(".."), "../..");
        assert_eq!(shown("lib/../bin/app.ts"), "bin");
        assert_eq!(shown("/app"), "/");
    }
}
