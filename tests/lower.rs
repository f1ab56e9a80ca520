//! Lowering, seen through dumps: each source under `tests/lower/` stands beside the form it is lowered to.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use leash::ir::{self, Expr, Module, Stmt};
use leash::lower::lower;
use leash::span::SourceFile;
use leash::syntax::Language;

fn sources(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lower").join(folder);
    let mut found: Vec<_> = fs::read_dir(&folder)
        .expect("the folder is part of the repository")
        .map(|entry| entry.expect("the folder can be listed").path())
        .filter(|path| Language::from_path(&path.to_string_lossy()).is_some())
        .collect();
    assert!(!found.is_empty(), "there are no sources in {}", folder.display());
    found.sort();
    found
}

fn lower_text(path: &str, text: impl Into<String>) -> Module {
    lower(SourceFile::new(path, text), Language::from_path(path).expect("a source file"))
}

fn python(text: impl Into<String>) -> Module {
    lower_text("app.py", text)
}

/// Runs on a stack as small as that of a worker thread.
fn on_small_stack(run: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(2 << 20).spawn(run).expect("a thread").join().expect("no overflow, no panic");
}

/// Every call in a module, by the text of its callee's last name.
fn called(module: &Module) -> Vec<String> {
    let mut names = Vec::new();
    for func in module.functions.iter() {
        for expr in func.body.exprs.iter() {
            let Expr::Call { callee, .. } = expr else { continue };
            match &func.body.exprs[*callee] {
                Expr::Member { name, .. } | Expr::Name(name) => names.push(name.to_string()),
                _ => {}
            }
        }
    }
    names
}

#[test]
fn python_sources_lower_as_recorded() {
    for path in sources("python") {
        let name = path.file_name().expect("a file").to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("a source file");
        let dump = ir::dump(&lower_text(&name, text));
        insta::with_settings!({ snapshot_path => "lower/python", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name.trim_end_matches(".py"), dump);
        });
    }
}

#[test]
fn every_truncation_of_every_source_lowers() {
    for path in sources("python") {
        let text = fs::read_to_string(&path).expect("a source file");
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            let module = python(&text[..end]);
            assert!(!ir::dump(&module).is_empty());
        }
    }
}

#[test]
fn no_call_is_lost_in_a_broken_region() {
    let text = "def f(:\n  x = [a.one(1,\n  b.two(\n)]]\n  if c.three(: d.four()\nclass 3: e.five()\n";
    let names = called(&python(text));
    for name in ["one", "two", "three", "four", "five"] {
        assert!(names.iter().any(|found| found == name), "{name} is missing from {names:?}");
    }
}

#[test]
fn hostile_nesting_does_not_exhaust_the_stack() {
    on_small_stack(|| {
        let deep = 100_000;
        let mut indented = String::new();
        for level in 0..1500 {
            let _ = writeln!(indented, "{}if f({level}):", " ".repeat(level));
        }
        let sources = [
            "[".repeat(deep),
            format!("{}{}", "[".repeat(deep), "]".repeat(deep)),
            format!("x = {}1{}", "(".repeat(deep), ")".repeat(deep)),
            format!("x = {}1{}", "f(".repeat(deep), ")".repeat(deep)),
            format!("x = {}1{}", "{1:".repeat(deep), "}".repeat(deep)),
            format!("x = {}1", "not ".repeat(deep)),
            format!("x = {}1", "lambda: ".repeat(deep)),
            format!("x = {}1", "a = ".repeat(deep)),
            format!("x = {}", "1 if a else ".repeat(deep)),
            format!("x: {}int{}", "A[".repeat(deep), "]".repeat(deep)),
            format!("{} = 1", "[".repeat(deep) + &"]".repeat(deep)),
            format!("match x:\n case {}{}: pass", "[".repeat(deep), "]".repeat(deep)),
            "f'{".repeat(deep),
            "x = f(1)  # leash: ignore\n".repeat(5_000),
            "f(1\n".repeat(2_000),
            indented,
        ];
        // What stands before it is there all the same.
        for source in sources {
            let module = python(format!("before()\n{source}"));
            assert!(called(&module).contains(&"before".to_owned()), "{}", &source[..source.len().min(40)]);
            assert!(!ir::dump(&module).is_empty());
        }
    });
}

#[test]
fn what_is_too_deep_is_told() {
    let module = python(format!("x = {}1{}", "f(".repeat(2000), ")".repeat(2000)));
    assert!(!module.syntax_errors.is_empty());
}

#[test]
fn long_chains_are_lowered_completely() {
    on_small_stack(|| {
        let sum = format!("x = {}f()", "f() + ".repeat(20_000));
        assert_eq!(called(&python(sum)).len(), 20_001);
        let fluent = format!("x = a{}", ".f()".repeat(20_000));
        assert_eq!(called(&python(fluent)).len(), 20_000);
        let alternatives = format!("x = {}f()", "f() or ".repeat(20_000));
        assert_eq!(called(&python(alternatives)).len(), 20_001);
        let elifs = format!("if f(): pass\n{}", "elif f(): pass\n".repeat(5_000));
        assert_eq!(called(&python(elifs)).len(), 5_001);
    });
}

#[test]
fn spans_cover_whole_calls() {
    let text = "x = client.put(\n  A=1,\n)\n";
    let module = python(text);
    let body = &module.top().body;
    let Some(Stmt::Bind { value, .. }) = body.entry.first().map(|id| &body.stmts[*id]) else { panic!("an assignment") };
    let span = body.expr_spans[*value];
    assert_eq!(&text[span.start as usize..span.end as usize], "client.put(\n  A=1,\n)");
}

#[test]
fn carriage_returns_and_tabs_are_no_trouble() {
    let module = python("def f():\r\n\treturn 'a\\\r\nb'\r\n");
    assert!(module.syntax_errors.is_empty());
    assert!(ir::dump(&module).contains("\"ab\""));
}
