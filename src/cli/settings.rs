//! From what was typed to what it means. The only step of the command line that can find a mistake in an option.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use smol_str::SmolStr;

use super::args::{Deployment, Include, Input, InputOptions};
use super::config::Config;
use super::error::CliError;
use crate::draft::DraftOptions;
use crate::pipeline::Settings;
use crate::project;
use crate::value::Text;

/// What commands that analyze something are told, as the pipeline takes it.
pub(super) fn settings(input: &Input, deployment: Option<&Deployment>) -> Result<Settings, CliError> {
    let options = &input.options;
    for path in &input.paths {
        super::input::check_path(path)?;
    }
    let config = Config::load(options.config.as_deref(), &input.paths)?;
    let mut settings = Settings {
        paths: input.paths.clone(),
        discovery: project::Options {
            no_ignore: options.no_ignore,
            exclude: options.exclude.clone(),
            templates: options.template.clone(),
        },
        functions: options.functions.clone(),
        environment: environment(options, &config)?,
        draft: draft_options(deployment, &config)?,
        whole_program: options.whole_program,
        follow_packages: options.deps,
        jobs: options.jobs.map(usize::from),
        ..Settings::default()
    };
    config.apply(&mut settings);
    for function in settings.overrides.values_mut() {
        // The command line has the last word.
        function.environment.retain(|name, _| !options.env.iter().any(|given| given.split('=').next() == Some(name)));
    }
    for template in &options.template {
        super::input::check_path(template)?;
    }
    if let Some(handler) = &options.handler {
        let (path, file, symbol) = given_handler(handler, &input.paths)?;
        settings.paths = vec![path];
        settings.handler = Some((file, symbol));
    }
    if let Some(deployment) = deployment {
        settings.logs = match (deployment.logs, deployment.no_logs) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        };
        settings.function_name.clone_from(&deployment.function_name);
        // Where other functions are analyzed with it, the name still is that of the one.
        if let [function] = settings.functions.as_slice()
            && let Some(name) = settings.function_name.take()
        {
            settings.overrides.entry(function.as_str().into()).or_default().function_name = Some(name);
        }
        settings.conditions = deployment.conditions;
    }
    Ok(settings)
}

/// The variables of the settings file, then those of `--env-file`, then those of `--env`; later ones win.
fn environment(options: &InputOptions, config: &Config) -> Result<BTreeMap<SmolStr, Text>, CliError> {
    let mut all: BTreeMap<SmolStr, Text> = config.environment();
    if let Some(path) = &options.env_file {
        let text = super::input::read_text(path)?;
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (key, value) = variable(line.strip_prefix("export ").unwrap_or(line))?;
            all.insert(key, Text::literal(unquoted(value)));
        }
    }
    for given in &options.env {
        let (key, value) = variable(given)?;
        all.insert(key, Text::literal(value));
    }
    Ok(all)
}

fn variable(text: &str) -> Result<(SmolStr, &str), CliError> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().into(), value)),
        _ => Err(CliError::EnvironmentForm(text.to_owned())),
    }
}

/// A value of an environment file without the quotes around it.
fn unquoted(value: &str) -> &str {
    let value = value.trim();
    let inside = |quote: char| value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    inside('"').or_else(|| inside('\'')).unwrap_or(value)
}

fn draft_options(deployment: Option<&Deployment>, config: &Config) -> Result<DraftOptions, CliError> {
    let given = |of: fn(&Deployment) -> &Option<String>| deployment.and_then(|deployment| of(deployment).clone());
    let mut options = DraftOptions::default();
    if let Some(region) = given(|deployment| &deployment.region).or_else(|| config.region.clone()) {
        options.region = region_of(&region)?;
    }
    if let Some(account) = given(|deployment| &deployment.account).or_else(|| config.account.clone()) {
        options.account = account_of(&account)?;
    }
    if let Some(partition) = given(|deployment| &deployment.partition).or_else(|| config.partition.clone()) {
        options.partition = partition_of(&partition)?;
    }
    options.include_possible = deployment.is_some_and(|deployment| deployment.include == Some(Include::Possible));
    Ok(options)
}

/// A region's name; `*` leaves it open.
fn region_of(text: &str) -> Result<Option<SmolStr>, CliError> {
    let labels: Vec<&str> = text.split('-').collect();
    let is_region = labels.len() >= 3
        && labels.last().is_some_and(|last| !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit()))
        && labels[..labels.len() - 1]
            .iter()
            .all(|label| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_lowercase()));
    known(text, is_region, "region", "regions look like eu-west-1; * leaves it open")
}

/// An account's number; `*` leaves it open.
fn account_of(text: &str) -> Result<Option<SmolStr>, CliError> {
    let is_account = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    known(text, is_account, "account", "accounts have twelve digits; * leaves it open")
}

/// A partition's name; `*` leaves it open.
fn partition_of(text: &str) -> Result<Option<SmolStr>, CliError> {
    let is_partition =
        text == "aws" || text.strip_prefix("aws-").is_some_and(|rest| !rest.is_empty() && !rest.contains([':', '*']));
    known(text, is_partition, "partition", "partitions are aws, aws-cn, aws-us-gov and the like; * leaves it open")
}

fn known(text: &str, fits: bool, what: &'static str, wanted: &'static str) -> Result<Option<SmolStr>, CliError> {
    match (text, fits) {
        ("*", _) => Ok(None),
        (_, true) => Ok(Some(text.into())),
        (_, false) => Err(CliError::Value { value: text.to_owned(), what, wanted }),
    }
}

/// The path to analyze, the handler's file and its symbol. The file may be given from here or from one of the paths.
fn given_handler(text: &str, paths: &[PathBuf]) -> Result<(PathBuf, PathBuf, String), CliError> {
    let (file, symbol) = match text.rsplit_once(':') {
        Some((file, symbol)) if !file.is_empty() && !symbol.is_empty() => (Path::new(file), symbol.to_owned()),
        _ => return Err(CliError::HandlerForm(text.to_owned())),
    };
    for path in paths {
        let inside = if path.is_dir() { path.join(file) } else { path.parent().unwrap_or(Path::new("")).join(file) };
        if inside.is_file() {
            return Ok((path.clone(), inside, symbol));
        }
        if path.is_file() && path.ends_with(file) {
            return Ok((path.clone(), path.clone(), symbol));
        }
    }
    if !file.is_file() {
        return Err(CliError::HandlerFile(file.to_path_buf()));
    }
    let path = paths.iter().find(|path| path.is_dir() && file.starts_with(path));
    Ok((path.map_or_else(|| file.to_path_buf(), Clone::clone), file.to_path_buf(), symbol))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deployment_values_are_checked() {
        assert_eq!(region_of("eu-west-1").ok().flatten().as_deref(), Some("eu-west-1"));
        assert_eq!(region_of("us-gov-east-1").ok().flatten().as_deref(), Some("us-gov-east-1"));
        assert!(region_of("europe").is_err() && region_of("eu-west-1a").is_err() && region_of("--1").is_err());
        assert_eq!(region_of("*").ok(), Some(None));
        assert!(account_of("123456789012").is_ok() && account_of("12345").is_err());
        assert!(partition_of("aws-cn").is_ok() && partition_of("azure").is_err());
    }

    #[test]
    fn variables_keep_everything_behind_the_first_equals_sign() {
        assert_eq!(variable("A=b=c").ok(), Some(("A".into(), "b=c")));
        assert_eq!(variable("A=").ok(), Some(("A".into(), "")));
        assert!(variable("=x").is_err() && variable("A").is_err());
        assert_eq!(unquoted(" \"a b\" "), "a b");
    }
}
