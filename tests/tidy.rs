//! Rules of the repository: who may import whom, how large files and functions may be, and whether what the documents
//! name exists.

use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All Rust files below a folder, as paths relative to the root.
fn sources(folder: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("the folder is there") {
            let path = entry.expect("it can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path.strip_prefix(root()).expect("it is below the root").to_path_buf());
            }
        }
    }
    assert!(files.len() > 200, "only {} files are in {folder}", files.len());
    files.sort();
    files
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(root().join(path)).expect("the file can be read")
}

/// The lines before the unit tests.
fn production(text: &str) -> Vec<&str> {
    text.lines().take_while(|line| !line.starts_with("#[cfg(test)]")).collect()
}

/// Each module and what it may import; see `ARCHITECTURE.md`.
const LAYERS: [(&str, &[&str]); 26] = [
    ("span", &[]),
    ("ids", &[]),
    ("note", &["span"]),
    ("wording", &[]),
    ("embedded", &[]),
    ("value", &[]),
    ("policy", &["value", "span"]),
    ("syntax", &["span"]),
    ("ir", &["ids", "span"]),
    ("lower", &["syntax", "ir", "ids", "span", "note"]),
    ("sdk", &["value", "note", "embedded"]),
    ("catalog", &["value", "embedded"]),
    ("flow", &["ir", "ids", "value", "sdk", "span", "note"]),
    // Configuration that is a program (Serverless in TypeScript, CDK, Chalice) is read with the analysis itself.
    ("iac", &["value", "policy", "note", "span", "ids", "ir", "syntax", "lower", "flow", "sdk", "wording"]),
    ("project", &["iac", "note", "span", "syntax", "lower", "ir", "flow", "sdk", "value"]),
    ("needs", &["catalog", "embedded", "iac", "note", "project", "span", "value"]),
    ("bind", &["catalog", "iac", "needs", "value"]),
    ("draft", &["catalog", "policy", "sdk", "note", "value"]),
    ("declared", &["bind", "catalog", "iac", "note", "policy", "span", "value"]),
    ("observed", &["catalog", "policy", "sdk", "value", "wording"]),
    (
        "pipeline",
        &[
            "bind", "catalog", "draft", "flow", "iac", "ids", "ir", "needs", "note", "policy", "project", "sdk", "span", "value",
            "wording",
        ],
    ),
    (
        "diff",
        &[
            "catalog", "declared", "draft", "flow", "iac", "needs", "note", "observed", "pipeline", "policy", "project", "sdk",
            "span", "value",
        ],
    ),
    ("patch", &["diff", "iac", "pipeline", "policy", "report", "span", "value"]),
    (
        "report",
        &["diff", "observed", "pipeline", "policy", "draft", "catalog", "flow", "sdk", "iac", "value", "note", "span", "wording"],
    ),
    (
        "cli",
        &[
            "catalog", "declared", "diff", "draft", "flow", "iac", "ir", "needs", "note", "observed", "patch", "pipeline",
            "policy", "project", "report", "sdk", "span", "syntax", "value", "wording",
        ],
    ),
    ("main", &["cli"]),
];

#[test]
fn modules_import_only_what_stands_below_them() {
    let mut wrong = Vec::new();
    for path in sources("src") {
        let module = path.iter().nth(1).and_then(|part| part.to_str()).unwrap_or_default().trim_end_matches(".rs");
        // Unit tests may use whatever makes them short.
        if ["lib", "bin"].contains(&module) || path.ends_with("tests.rs") {
            continue;
        }
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == module) else {
            wrong.push(format!("{}: what may it import?", path.display()));
            continue;
        };
        let text = text(&path);
        // Comments may speak of anything.
        for line in production(&text).into_iter().filter(|line| !line.trim_start().starts_with("//")) {
            for rest in line.split("crate::").skip(1) {
                let imported: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let known = LAYERS.iter().any(|(name, _)| *name == imported);
                if known && imported != module && !allowed.contains(&imported.as_str()) {
                    wrong.push(format!("{}: {imported}", path.display()));
                }
            }
        }
    }
    wrong.dedup();
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn only_the_syntax_tree_s_own_modules_know_tree_sitter() {
    let knowing = sources("src").into_iter().filter(|path| text(path).contains("tree_sitter"));
    let (own, others): (Vec<_>, Vec<_>) =
        knowing.partition(|path| path.starts_with("src/syntax") || path.starts_with("src/lower"));
    assert_eq!(others, Vec::<PathBuf>::new());
    assert!(!own.is_empty(), "nothing knows tree-sitter");
}

#[test]
fn files_are_small() {
    let large = sources("src").into_iter().filter(|path| production(&text(path)).len() > 600);
    assert_eq!(large.collect::<Vec<_>>(), Vec::<PathBuf>::new());
}

#[test]
fn functions_are_small() {
    let mut large = Vec::new();
    let mut seen = 0;
    for path in sources("src") {
        let text = text(&path);
        let mut start = None;
        for (number, line) in text.lines().enumerate() {
            let indent = line.len() - line.trim_start().len();
            let head =
                line.trim_start().trim_start_matches("pub ").trim_start_matches("pub(crate) ").trim_start_matches("pub(super) ");
            if start.is_none()
                && ["fn ", "const fn ", "async fn "].iter().any(|word| head.starts_with(word))
                && !line.trim_end().ends_with(['}', ';'])
            {
                start = Some((indent, number));
            }
            if let Some((indent_of, first)) = start
                && indent == indent_of
                && line.trim() == "}"
            {
                seen += 1;
                if number - first > 80 {
                    large.push(format!("{}:{}", path.display(), first + 1));
                }
                start = None;
            }
        }
    }
    assert_eq!(large, Vec::<String>::new());
    assert!(seen > 3_000, "only {seen} functions were measured");
}

#[test]
fn paths_named_in_documents_exist() {
    let mut missing = Vec::new();
    let mut named = 0;
    for document in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"] {
        let text = text(Path::new(document));
        for quoted in text.split('`').skip(1).step_by(2) {
            let is_path =
                ["src/", "api-maps/", "tests/", "examples/", "grammars/", ".ci/"].iter().any(|start| quoted.starts_with(start));
            if is_path && !quoted.contains(['*', '<', ' ', '\n', ':']) {
                named += 1;
                if !root().join(quoted).exists() {
                    missing.push(format!("{document}: {quoted}"));
                }
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new());
    assert!(named > 20, "only {named} paths were found");
}
