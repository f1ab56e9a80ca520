//! `--observed`: files and folders with records of requests.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::error::CliError;
use super::output::Output;
use crate::observed::{self, Observed};
use crate::wording::{counted, plain};

/// Files of a folder that cannot be read beyond this are only counted.
const SHOWN: usize = 10;
/// What the operations that leash does not know are called beyond this are only counted.
const UNMAPPED: usize = 5;

/// Reads everything that was named, and says what could not be used.
pub(super) fn read(paths: &[PathBuf], output: &Output) -> Result<Option<Observed>, CliError> {
    if paths.is_empty() {
        return Ok(None);
    }
    let mut all = Observed::default();
    for path in paths {
        let unreadable = |error: &std::io::Error| CliError::Unreadable { path: path.clone(), reason: plain(error) };
        let meta = match std::fs::metadata(path) {
            Ok(meta) => meta,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(CliError::NoSuchPath(path.clone())),
            Err(error) => return Err(unreadable(&error)),
        };
        if meta.is_dir() {
            folder(path, &mut all, output)?;
        } else {
            let problems = file(path, &mut all)?;
            problems.iter().for_each(|problem| output.remark(problem));
        }
    }
    remarks(&all, output);
    Ok(Some(all))
}

/// One file: what could not be read of it. A file that is something else altogether is an error.
fn file(path: &Path, all: &mut Observed) -> Result<Vec<String>, CliError> {
    let unreadable = |reason: String| CliError::Unreadable { path: path.to_path_buf(), reason };
    let input = File::open(path).map_err(|error| unreadable(plain(&error)))?;
    let shown = shown(path);
    let outcome = observed::read(&shown, input, all);
    if !outcome.is_known {
        all.files.pop();
        let why = outcome.problems.first().map(|problem| format!(" ({problem})")).unwrap_or_default();
        return Err(unreadable(format!(
            "it has neither CloudTrail records nor those of client-side monitoring, nor is it a policy of iamlive{why}"
        )));
    }
    let mut problems: Vec<String> = outcome.problems.iter().map(|problem| format!("{shown}: {problem}")).collect();
    if outcome.records == 0 {
        problems.push(format!("{shown} has no records"));
    }
    Ok(problems)
}

/// All logs below a folder, as they are delivered to a bucket.
fn folder(path: &Path, all: &mut Observed, output: &Output) -> Result<(), CliError> {
    let unreadable = |path: &Path, reason: String| CliError::Unreadable { path: path.to_path_buf(), reason };
    let mut files = Vec::new();
    let mut folders = vec![path.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).map_err(|error| unreadable(&folder, plain(&error)))?;
        for entry in entries.flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                Ok(kind) if kind.is_file() && is_log(&entry.path()) => files.push(entry.path()),
                _ => {}
            }
        }
    }
    files.sort();
    let mut problems = Vec::new();
    let mut read = 0;
    for path in &files {
        match file(path, all) {
            Ok(own) => {
                read += 1;
                problems.extend(own);
            }
            Err(error) => problems.push(format!("{error}; it is passed over")),
        }
    }
    problems.iter().take(SHOWN).for_each(|problem| output.remark(problem));
    if problems.len() > SHOWN {
        output.remark(&format!("and {} in {}", counted(problems.len() - SHOWN, "more such file"), shown(path)));
    }
    match read {
        0 => Err(unreadable(path, "no file in it has records of requests".to_owned())),
        _ => Ok(()),
    }
}

fn is_log(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    [".json", ".json.gz", ".jsonl", ".ndjson", ".jsonl.gz", ".log"].iter().any(|end| name.ends_with(end))
}

fn shown(path: &Path) -> String {
    path.display().to_string().replace('\\', "/")
}

/// What was read and says nothing about functions.
fn remarks(all: &Observed, output: &Output) {
    if all.others > 0 {
        output.remark(&format!("records about people and AWS services, not about roles, are passed over ({})", all.others));
    }
    if !all.unmapped.is_empty() {
        let requests: u64 = all.unmapped.values().sum();
        let names: Vec<&str> = all.unmapped.keys().take(UNMAPPED).map(String::as_str).collect();
        let more = all.unmapped.len().saturating_sub(UNMAPPED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        output.remark(&format!(
            "leash does not know the permissions of some operations ({requests} records): {}{more}",
            names.join(", ")
        ));
    }
    for action in &all.folded {
        output.remark(&format!(
            "{action} was observed on more resources than leash keeps; the further ones are compared by the action only"
        ));
    }
    if all.dropped > 0 {
        output.remark(&format!("records of more sessions than leash keeps are passed over ({})", all.dropped));
    }
    if all.used.contains_key(&observed::Who::Unknown) {
        output.remark("some records do not say whose requests they are: they count for every function");
    }
}
