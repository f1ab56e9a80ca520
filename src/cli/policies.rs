//! Policies in files of their own: `--role FILE`, `--declared DIR`, `--merge FILE`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use smol_str::SmolStr;

use super::error::CliError;
use super::output::Output;
use super::{file_names, input};
use crate::declared::{self, Policy};
use crate::iac::RoleRef;
use crate::needs::deployed_name;
use crate::pipeline::{FunctionReport, Report};
use crate::span::SourceFile;
use crate::wording::plain;

/// Names in one remark beyond this are only counted.
const SHOWN: usize = 8;

/// A policy of a file. What is wrong with it is said; all else counts.
pub(super) fn read(path: &Path, output: &Output) -> Result<Policy, CliError> {
    read_with_source(path, output).map(|(policy, _)| policy)
}

/// The same with the file.
pub(super) fn read_with_source(path: &Path, output: &Output) -> Result<(Policy, Arc<SourceFile>), CliError> {
    let text = input::read_text(path)?;
    let file = SourceFile::new(shown(path), text);
    let (policy, problems) = declared::read_role(&file)?;
    for problem in problems {
        let place = problem.at.as_ref().map_or_else(|| file.path.clone(), crate::span::Location::short);
        output.remark(&format!("{place}: {problem}"));
    }
    Ok((policy, file))
}

/// The policies of a folder by function. A file belongs to the function it is called like; so do all files of a folder that
/// is called like it.
pub(super) fn folder(path: &Path, report: &Report, output: &Output) -> Result<BTreeMap<SmolStr, Policy>, CliError> {
    let files = files(path)?;
    let mut found: BTreeMap<SmolStr, Policy> = BTreeMap::new();
    let (mut strange, mut read_any) = (Vec::new(), false);
    for (name, file) in files {
        let policy = match read(&file, output) {
            Ok(policy) => policy,
            Err(error) => {
                output.remark(&format!("{error}; it is passed over"));
                continue;
            }
        };
        read_any = true;
        let owners = owners(&name, report);
        if owners.is_empty() {
            strange.push(shown(&file));
        }
        for owner in owners {
            match found.get_mut(owner) {
                Some(known) => join(known, policy.clone()),
                None => {
                    found.insert(owner.clone(), policy.clone());
                }
            }
        }
    }
    if !read_any {
        let reason = "it holds no policy in JSON or YAML".to_owned();
        return Err(CliError::Unreadable { path: path.to_path_buf(), reason });
    }
    remarks(path, report, &found, &strange, output);
    Ok(found)
}

fn remarks(path: &Path, report: &Report, found: &BTreeMap<SmolStr, Policy>, strange: &[String], output: &Output) {
    let of = |functions: &mut dyn Iterator<Item = &FunctionReport>| -> Vec<String> {
        functions.map(|function| function.name.to_string()).collect()
    };
    let has = |function: &&FunctionReport| found.contains_key(&function.name);
    let with = of(&mut report.functions.iter().filter(has));
    let without = of(&mut report.functions.iter().filter(|function| !has(function)));
    let folder = shown(path);
    if !with.is_empty() {
        output.remark(&format!("{folder} has the policies of {}", some(&with)));
    }
    if !without.is_empty() {
        output.remark(&format!("{folder} has no policy of {}: what the template declares counts", some(&without)));
    }
    if !strange.is_empty() {
        output.remark(&format!("no function is called like {}", some(strange)));
    }
}

fn some(names: &[String]) -> String {
    if names.len() > SHOWN { format!("{} and {} more", names[..SHOWN].join(", "), names.len() - SHOWN) } else { names.join(", ") }
}

/// The files of a folder with the names they stand for, in order.
fn files(folder: &Path) -> Result<Vec<(String, PathBuf)>, CliError> {
    let list = |folder: &Path| -> Result<Vec<PathBuf>, CliError> {
        let unreadable = |error: std::io::Error| CliError::Unreadable { path: folder.to_path_buf(), reason: plain(&error) };
        if !folder.exists() {
            return Err(CliError::NoSuchPath(folder.to_path_buf()));
        }
        let mut paths: Vec<PathBuf> =
            std::fs::read_dir(folder).map_err(unreadable)?.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        Ok(paths)
    };
    let text = |part: Option<&std::ffi::OsStr>| part.map(|part| part.to_string_lossy().into_owned()).unwrap_or_default();
    let is_policy =
        |path: &Path| path.is_file() && matches!(text(path.extension()).to_lowercase().as_str(), "json" | "yaml" | "yml");
    let mut all = Vec::new();
    for path in list(folder)? {
        if path.is_dir() {
            let name = text(path.file_name());
            all.extend(list(&path)?.into_iter().filter(|path| is_policy(path)).map(|path| (name.clone(), path)));
        } else if is_policy(&path) {
            all.push((text(path.file_stem()), path));
        }
    }
    Ok(all)
}

/// The functions that a name stands for; case counts only where it tells functions apart.
fn owners<'r>(name: &str, report: &'r Report) -> Vec<&'r SmolStr> {
    let named = |same: &dyn Fn(&str) -> bool| -> Vec<&'r SmolStr> {
        let is = |function: &&FunctionReport| names(function).iter().any(|own| same(own));
        report.functions.iter().filter(is).map(|function| &function.name).collect()
    };
    let exact = named(&|own| own == name);
    if exact.is_empty() { named(&|own| own.eq_ignore_ascii_case(name)) } else { exact }
}

/// What a function is called: in the report, in the template, when it is deployed, as a file, and by its role.
fn names(report: &FunctionReport) -> BTreeSet<String> {
    let function = &report.function;
    let mut names: BTreeSet<String> = [report.name.to_string(), file_names::plain(&report.name)].into();
    names.extend(function.id.iter().map(ToString::to_string));
    let deployed = deployed_name(function, report.deployed.as_deref());
    names.extend(deployed.as_literal().map(str::to_owned));
    if let (RoleRef::Declared(id), Some(stack)) = (&function.role, &function.stack) {
        let role = stack.roles.get(id).and_then(|role| role.name.as_ref()?.as_literal());
        names.extend(role.map(str::to_owned));
    }
    names
}

/// Several files of one function are one policy.
fn join(known: &mut Policy, more: Policy) {
    known.label = format!("{} and {}", known.label, more.label.trim_start_matches("the policy in "));
    known.statements.extend(more.statements);
    known.malformed.extend(more.malformed);
    known.unread.extend(more.unread);
}

fn shown(path: &Path) -> String {
    path.display().to_string().replace('\\', "/")
}
