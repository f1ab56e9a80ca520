//! Runs the pipeline on what the user named, and says plainly when there is nothing to answer.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use smol_str::SmolStr;

use super::error::CliError;
use super::output::Output;
use super::progress::Bar;
use super::suggest;
use crate::flow::SourceTree as _;
use crate::iac::Files;
use crate::note::NoteKind;
use crate::pipeline::{self, FunctionReport, Report, Settings, UnknownName};
use crate::project::DiskTree;
use crate::report::{Root, notes};
use crate::wording::plain;

/// A file with a zero byte this early is no text.
const LOOK_AHEAD: u64 = 8 << 10;

/// Refuses what can never be analyzed: paths that do not exist or cannot be opened, and files that are no text.
pub(super) fn check_path(path: &Path) -> Result<(), CliError> {
    let unreadable = |reason: String| CliError::Unreadable { path: path.to_path_buf(), reason };
    let meta = match std::fs::metadata(path) {
        Ok(meta) => meta,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(CliError::NoSuchPath(path.to_path_buf())),
        Err(error) => return Err(unreadable(plain(&error))),
    };
    if meta.is_dir() {
        return std::fs::read_dir(path).map(|_| ()).map_err(|error| unreadable(plain(&error)));
    }
    if !meta.is_file() {
        return Err(unreadable("it is neither a file nor a folder".to_owned()));
    }
    let mut start = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(LOOK_AHEAD).read_to_end(&mut start));
    read.map_err(|error| unreadable(plain(&error)))?;
    if start.contains(&0) {
        return Err(unreadable("it is a binary file".to_owned()));
    }
    Ok(())
}

/// Refuses what is no folder.
pub(super) fn check_folder(path: &Path) -> Result<(), CliError> {
    check_path(path)?;
    if path.is_dir() {
        return Ok(());
    }
    Err(CliError::Unreadable { path: path.to_path_buf(), reason: "it is no folder".to_owned() })
}

/// Where the analyzed folder is within its repository: below the folder that has `.git`, else below the current one. Files of
/// several paths are shown from each path on, so that there is no such place. `given` are files that were named themselves.
pub(super) fn root(paths: &[PathBuf], given: impl IntoIterator<Item = String>) -> Root {
    let [path] = paths else { return Root::default().with_given(Some(Vec::new()), given) };
    let folder = if path.is_file() { path.parent().unwrap_or(Path::new("")) } else { path };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let (Ok(folder), Ok(here)) = (std::fs::canonicalize(folder), std::fs::canonicalize(".")) else { return Root::default() };
    let repository = folder.ancestors().find(|folder| folder.join(".git").exists()).map(Path::to_path_buf);
    let top = repository.unwrap_or_else(|| here.clone());
    let below = |folder: &Path| -> Option<Vec<String>> {
        let below = folder.strip_prefix(&top).ok()?;
        Some(below.iter().map(|part| part.to_string_lossy().into_owned()).collect())
    };
    Root::new(below(&folder).unwrap_or_default()).with_given(below(&here), given)
}

/// A whole text file.
pub(super) fn read_text(path: &Path) -> Result<String, CliError> {
    check_path(path)?;
    std::fs::read_to_string(path).map_err(|error| CliError::Unreadable { path: path.to_path_buf(), reason: plain(&error) })
}

/// Runs the pipeline. There is a report only when at least one function was analyzed.
pub(super) fn analyze(settings: &Settings, output: &Output) -> Result<Report, CliError> {
    let report = run(settings, output);
    if let Some(unknown) = &report.unknown {
        return Err(no_such_function(unknown));
    }
    check_function_name(settings, &report)?;
    if let Some(shard) = settings.shard
        && report.found > 0
    {
        if report.functions.is_empty() {
            output.remark(&format!("there are no functions for shard {shard}: {} in all", report.found));
        }
        // What other shards find is not known here.
        return Ok(report);
    }
    let problem = match report.functions.as_slice() {
        [] if report.notes.iter().any(|note| matches!(note.kind, NoteKind::UnreadableFile | NoteKind::Template)) => {
            CliError::NothingRead(named(settings))
        }
        [] => CliError::NoFunctions(named(settings)),
        [function] if settings.handler.is_some() && function.unanswered().is_some() => handler_problem(function, settings),
        [function] if !settings.functions.is_empty() && !settings.lists_everything && function.unanswered().is_some() => {
            not_analyzed(function)
        }
        functions if settings.lists_everything || functions.iter().any(|function| function.unanswered().is_none()) => {
            return Ok(report);
        }
        _ => CliError::NothingAnalyzed(named(settings)),
    };
    let mut all = notes::collect(&report);
    // A handler that the user named is the error itself, and what it does not reach follows from that.
    all.retain(|note| settings.handler.is_none() || !matches!(note.kind, NoteKind::UnresolvedHandler | NoteKind::Unreachable));
    output.notes(&all);
    Err(problem)
}

fn run(settings: &Settings, output: &Output) -> Report {
    let bar = Bar::new(output.shows_progress());
    let report = pipeline::run(settings, &|progress| bar.advance(progress));
    bar.finish();
    report
}

/// The paths, as a sentence names them.
fn named(settings: &Settings) -> String {
    let paths: Vec<String> = settings.paths.iter().map(|path| path.display().to_string()).collect();
    paths.join(", ")
}

/// What a function is that was asked for, and why there is no answer for it.
fn not_analyzed(function: &FunctionReport) -> CliError {
    let declared = &function.function;
    let place = declared.origin.as_ref().map(crate::span::Location::short);
    let known: Vec<String> = declared.runtime.iter().map(ToString::to_string).chain(place).collect();
    let what = if known.is_empty() { String::new() } else { format!(" ({})", known.join(", ")) };
    let reason = function.unanswered().unwrap_or("its code was not found").to_owned();
    CliError::NotAnalyzed { name: function.name.to_string(), what, reason }
}

fn no_such_function(unknown: &UnknownName) -> CliError {
    let UnknownName { name, known, meant } = unknown;
    let names = || known.iter().map(SmolStr::as_str);
    let mut hint = match meant.as_slice() {
        [] => suggest::hint(name, names()),
        meant => format!("; it is called {} here", meant.join(" or ")),
    };
    if hint.is_empty() && !known.is_empty() && known.len() <= 10 {
        hint = format!("; there are {}", known.join(", "));
    }
    CliError::NoSuchFunction { name: name.clone(), hint }
}

/// Refuses names of functions that a report does not have.
pub(super) fn check_functions(names: &[String], report: &Report) -> Result<(), CliError> {
    let functions = report.functions.iter().map(|function| &function.function);
    UnknownName::find(names, functions).map_or(Ok(()), |unknown| Err(no_such_function(&unknown)))
}

/// Refuses one deployed name for several functions.
pub(super) fn check_function_name(settings: &Settings, report: &Report) -> Result<(), CliError> {
    match settings.function_name {
        Some(_) if report.found > 1 => Err(CliError::ManyFunctions(report.found)),
        _ => Ok(()),
    }
}

/// Why the handler that the user named was not analyzed.
fn handler_problem(function: &FunctionReport, settings: &Settings) -> CliError {
    let Some((file, symbol)) = &settings.handler else { return CliError::NothingAnalyzed(named(settings)) };
    let Some(displayed) = &function.file else {
        let reason = "it is no Python, JavaScript or TypeScript file".to_owned();
        return CliError::Unreadable { path: file.clone(), reason };
    };
    let tree = DiskTree::new(Files::new("."));
    let module = tree.module(file);
    let names: Vec<&str> = module.iter().flat_map(|module| module.functions.iter()).map(|func| func.name.as_str()).collect();
    let mut hint = suggest::hint(symbol, names.iter().copied());
    if let (true, Some(module)) = (hint.is_empty(), &module)
        && !module.handlers.is_empty()
    {
        hint = format!("; its handlers are {}", module.handlers.join(", "));
    }
    CliError::HandlerSymbol { file: displayed.clone(), symbol: symbol.clone(), hint }
}
