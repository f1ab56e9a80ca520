//! Configuration that is written as a script: what its exports are, as far as they are constant.
//!
//! A small evaluator over the intermediate form, for objects put together from literals, spreads, imports of other files and
//! helper functions. Environment variables become variables of the format (`${env:TABLE}`), everything that only a run knows
//! becomes `${script:…}`, which no source answers. Every value keeps its place in the file. Work and depth are bounded.

mod call;
mod eval;
mod module;
mod packages;
mod value;

use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use self::eval::Machine;
use self::value::Value;
use super::document::{MAX_DEPTH, Node};
use super::files::Files;
use super::places::Places;
use crate::note::{Note, NoteKind};
use crate::span::{Location, SourceFile, Span};

/// The service's folder as scripts see it.
const ROOT: &str = "/~service";
/// How many values the result may have.
const MAX_NODES: usize = 200_000;

/// The exports of a script.
pub(crate) struct Constants {
    /// The default export, `module.exports`, or an object of all exports.
    pub(crate) node: Node,
    /// Regions that did not parse.
    pub(crate) notes: Vec<Note>,
}

/// Runs a script of the service in `folder`. `base` is what to add to its offsets.
pub(crate) fn constants(
    files: &Files,
    (path, file, base): (&Path, &Arc<SourceFile>, u32),
    folder: &Path,
    places: &mut Places,
) -> Constants {
    let mut machine = Machine::new(files, folder, places);
    let value = machine.run_file(path, file, base);
    let (mut value, errors) = match value {
        Some(Value::Module(loaded)) => {
            let exported = machine.exported(&loaded, "default", 0);
            let exported = machine.whole(exported.unwrap_or_else(|| Value::Module(Rc::clone(&loaded))));
            (exported, loaded.module.syntax_errors.clone())
        }
        Some(value) => (value, Vec::new()),
        None => (Value::Unknown("an unreadable file".into(), Span::new(base, base)), Vec::new()),
    };
    // A function is called for its result.
    if matches!(value, Value::Function(..)) {
        value = machine.call(&value, Vec::new(), Span::new(base, base), 0);
    }
    let note = |span| Note::at(NoteKind::Syntax, Location::new(file, span), "this part of the file did not parse");
    Constants { node: value.to_node(&mut { MAX_NODES }, MAX_DEPTH / 2), notes: errors.into_iter().map(note).collect() }
}

/// The exports of the script at a path, by itself.
pub(crate) fn constants_of(files: &Files, path: &Path) -> Option<Node> {
    let file = files.read(path).ok()?;
    let mut places = Places::default();
    let base = places.add(&file)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    Some(constants(files, (path, &file, base), folder, &mut places).node)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iac::document::{Meaning, NodeKind};

    fn read(text: &str) -> Node {
        let file = SourceFile::new("serverless.ts", text);
        let mut places = Places::default();
        let base = places.add(&file).expect("space");
        constants(&Files::new("."), (Path::new("serverless.ts"), &file, base), Path::new("."), &mut places).node
    }

    #[test]
    fn objects_are_put_together() {
        let root = read(
            "const stage = process.env.STAGE || 'dev';\nconst base = { a: 1, b: [`x-${stage}`] };\n\
             const make = (name: string, more = {}) => ({ name: name.toUpperCase(), ...more });\n\
             const config: AWS = { ...base, c: make('q', { d: true }), e: ['f', ...base.b] };\nmodule.exports = config;",
        );
        assert_eq!(root.path(&["c", "name"]).and_then(Node::as_str), Some("Q"));
        assert_eq!(root.path(&["c", "d"]).and_then(Node::as_bool), Some(true));
        let items = root.get("e").and_then(Node::as_sequence).expect("a list");
        assert_eq!(items[1].as_str(), Some("x-${env:STAGE, 'dev'}"));
        let NodeKind::Scalar(number) = &root.get("a").expect("it is there").kind else { panic!("a value without parts") };
        assert_eq!(number.meaning(), Meaning::Number);
    }

    #[test]
    fn the_usual_helper_for_handler_paths_works() {
        let root = read(
            "export const handlerPath = (context) => `${context.split(process.cwd())[1].substring(1).replace(/\\\\/g, '/')}`;\n\
             export default { handler: `${handlerPath(__dirname + '/src/hello')}/handler.main` };",
        );
        assert_eq!(root.get("handler").and_then(Node::as_str), Some("src/hello/handler.main"));
    }

    #[test]
    fn conditions_give_both_and_the_rest_is_unknown() {
        let root = read("export default { a: isProd() ? 'x' : 'y', b: fetch('z'), ...(isProd() ? { c: 1 } : {}) }");
        let branches = root.path(&["a", "Fn::If"]).and_then(Node::as_sequence).expect("a condition");
        assert_eq!(branches[2].as_str(), Some("y"));
        assert!(root.get("b").and_then(Node::as_str).is_some_and(|text| text.starts_with("${script:")));
        assert!(root.get("c").is_some());
    }

    #[test]
    fn parts_of_texts_end_where_the_text_does() {
        let root = read(&format!("export default {{ a: 'abc'.substr(1, {}), b: 'abc'.substr(1, 1) }}", usize::MAX));
        assert_eq!(root.get("a").and_then(Node::as_str), Some("bc"));
        assert_eq!(root.get("b").and_then(Node::as_str), Some("b"));
    }

    #[test]
    fn endless_scripts_end() {
        let root = read("const f = (x) => f([x, x]);\nmodule.exports = { a: f(1) };");
        assert!(root.get("a").is_some());
        let deep = format!("module.exports = {}{};", "[".repeat(50_000), "]".repeat(50_000));
        let _ = read(&deep);
        let double = "const a0 = [1,1];\n".to_owned()
            + &(1..60).map(|i| format!("const a{i} = [a{p}, a{p}];\n", p = i - 1)).collect::<String>()
            + "module.exports = a59;";
        let _ = read(&double);
    }
}
