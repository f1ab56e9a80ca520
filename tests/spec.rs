//! Runs the specs under `tests/spec`: a heading is a test, its fenced blocks are files, and what the program finds in
//! them must be exactly what the `expect` block says.
//!
//! Blocks of one language make up one program; every language under a heading is an alternative that meets the same
//! expectation, and so is every block with an `alt=` of its own. A block may name its file with `path=`; blocks that are
//! no code (`json`, `yaml`) belong to all alternatives. A `settings` block gives options: `env KEY=VALUE`, `whole-program`, `handler FILE:FUNC`.
//!
//! In an `expect` block, a line is a request (`s3:PutObject Bucket=orders Key=daily/*.json`), a kind of note
//! (`note: dynamic-operation`), or the name of the function that the lines after it are about (`function: app.read`).
//! Parameters are all there unless the line ends in `…`; a request is certain unless `likely` or `possible` stands at its
//! end, and signed with the function's role unless `other` stands at its end. Notes that say the answer is incomplete must be listed; others may be.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use leash::flow::SdkCall;
use leash::pipeline::{FunctionReport, Report, Settings, run};
use leash::sdk::{Confidence, Credentials};
use leash::value::{Arg, Hole, Piece, Text};

#[path = "support/project.rs"]
mod project;

macro_rules! specs {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                check(stringify!($name));
            }
        )*

        #[test]
        fn every_spec_runs() {
            let listed: BTreeSet<String> = [$(stringify!($name)),*].iter().map(|name| format!("{name}.md")).collect();
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spec");
            let there: BTreeSet<String> = fs::read_dir(folder)
                .expect("the folder is part of the repository")
                .map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned())
                .collect();
            assert_eq!(listed, there);
        }
    };
}

specs! {
    clients names narrowing environment settings classes functions modules control python javascript sdk libraries silence reach
    idioms records absence injection programs
}

/// One heading of a spec.
#[derive(Default)]
struct Spec {
    title: String,
    /// Files by alternative; those under the empty name belong to all.
    files: BTreeMap<String, Vec<(String, String)>>,
    settings: Vec<String>,
    expect: Option<String>,
}

fn check(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/spec/{name}.md"));
    let text = fs::read_to_string(&path).expect("a spec file");
    let only = std::env::var("SPEC").unwrap_or_default();
    let mut failures = String::new();
    let mut ran = 0;
    for spec in parse(&text) {
        if !spec.title.contains(&only) {
            continue;
        }
        let expect = spec.expect.as_ref().unwrap_or_else(|| panic!("`{}` expects nothing", spec.title));
        let shared = spec.files.get("").cloned().unwrap_or_default();
        let alternatives: Vec<_> = spec.files.iter().filter(|(name, _)| !name.is_empty()).collect();
        assert!(!alternatives.is_empty(), "`{}` has no program", spec.title);
        for (alternative, files) in alternatives {
            ran += 1;
            let report = analyze(&shared, files, &spec.settings);
            let difference = compare(&report, expect);
            if !difference.is_empty() {
                let _ = write!(failures, "\n## {} [{alternative}]\n{difference}", spec.title);
            }
        }
    }
    assert!(ran > 0 || !only.is_empty(), "{name}.md has no specs");
    assert!(failures.is_empty(), "{failures}");
}

fn parse(text: &str) -> Vec<Spec> {
    let mut specs: Vec<Spec> = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(title) = line.strip_prefix("## ") {
            specs.push(Spec { title: title.to_owned(), ..Spec::default() });
        } else if let Some(info) = line.strip_prefix("```") {
            let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            specs.last_mut().expect("a heading before the first block").block(info, body.join("\n"));
        }
    }
    specs
}

impl Spec {
    fn block(&mut self, info: &str, text: String) {
        let mut words = info.split_whitespace();
        let language = words.next().unwrap_or_default();
        let option = |name: &str| info.split_whitespace().find_map(|word| word.strip_prefix(name));
        let alternative = match language {
            "expect" => {
                self.expect = Some(text);
                return;
            }
            "settings" => {
                self.settings.extend(text.lines().map(str::to_owned));
                return;
            }
            "py" | "js" | "ts" => option("alt=").map_or_else(|| language.to_owned(), |alt| format!("{language}-{alt}")),
            "json" | "yaml" | "toml" | "txt" | "text" | "sh" | "" => String::new(),
            other => panic!("`{other}` is no language of a block: py, js, ts, json, yaml, toml, txt"),
        };
        let path = option("path=").map_or_else(|| format!("app.{language}"), str::to_owned);
        self.files.entry(alternative).or_default().push((path, text));
    }
}

fn analyze(shared: &[(String, String)], files: &[(String, String)], options: &[String]) -> Report {
    let folder = project::folder(shared.iter().chain(files).map(|(name, text)| (name, text)));
    let mut settings = Settings { paths: vec![folder.path().to_path_buf()], logs: Some(false), ..Settings::default() };
    for option in options {
        if option == "whole-program" {
            settings.whole_program = true;
        } else if let Some((name, value)) = option.strip_prefix("env ").and_then(|binding| binding.split_once('=')) {
            settings.environment.insert(name.into(), Text::literal(value));
        } else if let Some((file, symbol)) = option.strip_prefix("handler ").and_then(|handler| handler.split_once(':')) {
            settings.handler = Some((file.into(), symbol.to_owned()));
        } else {
            panic!("no such setting: {option}");
        }
    }
    run(&settings, &|_| {})
}

/// What differs, line by line: `-` is expected and not there, `+` is there and not expected.
fn compare(report: &Report, expect: &str) -> String {
    let mut sections: Vec<(Option<&str>, Vec<&str>)> = vec![(None, Vec::new())];
    for line in expect.lines().map(str::trim).filter(|line| !line.is_empty()) {
        match line.strip_prefix("function: ") {
            Some(name) => sections.push((Some(name), Vec::new())),
            None => sections.last_mut().expect("starts with one").1.push(line),
        }
    }
    let by_name = sections.len() > 1;
    let mut difference = String::new();
    if report.functions.is_empty() {
        difference.push_str("no function was found\n");
    }
    for (name, lines) in sections.into_iter().filter(|(name, _)| name.is_some() == by_name) {
        let functions: Vec<&FunctionReport> =
            report.functions.iter().filter(|function| name.is_none_or(|name| function.name == name)).collect();
        if functions.is_empty() {
            let names: Vec<&str> = report.functions.iter().map(|function| function.name.as_str()).collect();
            let _ = writeln!(difference, "no function {name:?} among {names:?}");
        }
        difference.push_str(&section(report, &functions, &lines));
    }
    difference
}

fn section(report: &Report, functions: &[&FunctionReport], expected: &[&str]) -> String {
    let calls: BTreeSet<String> = functions.iter().flat_map(|function| &function.calls).map(shown).collect();
    let all_notes = functions.iter().flat_map(|function| &function.notes).chain(&report.notes);
    let mut difference = String::new();
    let mut unexpected: Vec<String> = calls.into_iter().collect();
    let mut notes = BTreeSet::new();
    for line in expected {
        if let Some(kind) = line.strip_prefix("note: ") {
            notes.insert(kind);
            if !all_notes.clone().any(|note| note.kind.id() == kind) {
                let _ = writeln!(difference, "- {line}");
            }
            continue;
        }
        match unexpected.iter().position(|call| fits(line, call)) {
            Some(at) => drop(unexpected.remove(at)),
            None => drop(writeln!(difference, "- {line}")),
        }
    }
    for call in unexpected {
        let _ = writeln!(difference, "+ {call}");
    }
    for note in all_notes.filter(|note| note.kind.blocks_removal() && !notes.contains(note.kind.id())) {
        let place = note.at.as_ref().map(leash::span::Location::short).unwrap_or_default();
        let _ = writeln!(difference, "+ note: {} ({place}: {})", note.kind.id(), note.message);
    }
    difference
}

/// Whether a call is what a line says; a line that ends in `…` names some of the parameters.
fn fits(line: &str, call: &str) -> bool {
    let Some(some) = line.strip_suffix('…') else { return line == call };
    let have: BTreeSet<&str> = call.split(' ').collect();
    some.split_whitespace().all(|part| have.contains(part)) && call.split(' ').next() == line.split(' ').next()
}

fn shown(call: &SdkCall) -> String {
    let mut text = format!("{}:{}", call.service, call.operation);
    for (name, value) in &call.params.entries {
        let _ = write!(text, " {name}={}", arg(value));
    }
    text.push_str(match call.confidence {
        Confidence::Certain => "",
        Confidence::Likely => " likely",
        Confidence::Possible => " possible",
    });
    text.push_str(if call.credentials == Credentials::Own { "" } else { " other" });
    text
}

fn arg(value: &Arg) -> String {
    match value {
        Arg::Text(text) => text.pieces().iter().map(piece).collect::<String>().replace(' ', "_"),
        Arg::Unknown(hole) => piece(&Piece::Hole(hole.clone())),
        Arg::Null => "null".to_owned(),
        Arg::Bool(value) => value.to_string(),
        Arg::Number(number) => number.to_string(),
        Arg::List { items, open } => {
            let mut shown: Vec<String> = items.iter().map(arg).collect();
            shown.extend(open.then(|| "..".to_owned()));
            format!("[{}]", shown.join(","))
        }
        Arg::Map(map) => {
            let mut shown: Vec<String> = map.entries.iter().map(|(name, value)| format!("{name}:{}", arg(value))).collect();
            shown.extend(map.open.then(|| "..".to_owned()));
            format!("{{{}}}", shown.join(","))
        }
        Arg::OneOf(values) => values.iter().map(arg).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join("|"),
        Arg::Sdk(_) => "<sdk>".to_owned(),
        Arg::Other(what) => format!("<{what}>"),
    }
}

/// A part of a name; a hole shows where it comes from.
fn piece(piece: &Piece) -> String {
    let Piece::Hole(hole) = piece else {
        let Piece::Literal(text) = piece else { unreachable!("a piece is a literal or a hole") };
        return text.to_string();
    };
    match hole {
        Hole::Env { name, default: None } => format!("${{{name}}}"),
        Hole::Env { name, default: Some(default) } => format!("${{{name}:-{default}}}"),
        Hole::Event(path) => format!("${{event.{path}}}"),
        Hole::Context(path) => format!("${{context.{path}}}"),
        Hole::Response { operation, path, .. } => format!("${{{operation}.{path}}}"),
        Hole::Region => "${region}".to_owned(),
        Hole::Account => "${account}".to_owned(),
        Hole::Partition => "${partition}".to_owned(),
        Hole::Resource { id, attribute } => format!("${{{id}.{attribute}}}"),
        Hole::Parameter(name) => format!("${{parameter.{name}}}"),
        Hole::Content(_) | Hole::Unknown(_) => "*".to_owned(),
    }
}
