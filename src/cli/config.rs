//! `leash.toml`: what a repository knows about itself.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use smol_str::SmolStr;

use super::error::CliError;
use crate::iac::Files;
use crate::pipeline::{Allowance, FunctionSettings, Settings};
use crate::span::SourceFile;
use crate::value::Text;

/// The file's name.
const NAME: &str = "leash.toml";

/// The settings of a repository.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Config {
    pub(super) region: Option<String>,
    pub(super) account: Option<String>,
    pub(super) partition: Option<String>,
    env: BTreeMap<String, String>,
    functions: BTreeMap<String, FunctionConfig>,
    allow: Vec<AllowConfig>,
    libraries: Vec<PathBuf>,
    /// The folder the file is in, which relative paths start from.
    #[serde(skip)]
    folder: PathBuf,
}

/// What is known about one function.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct FunctionConfig {
    env: BTreeMap<String, String>,
    handler: Option<String>,
    function_name: Option<String>,
}

/// A permission that no analysis can see.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AllowConfig {
    action: String,
    resource: Option<String>,
    function: Option<String>,
    reason: String,
}

impl Config {
    /// The named file, or the nearest one at or above the first path; an empty configuration when there is none.
    pub(super) fn load(named: Option<&Path>, paths: &[PathBuf]) -> Result<Self, CliError> {
        let found = match named {
            Some(path) => Some(path.to_path_buf()),
            None => paths.first().and_then(|path| nearest(path)),
        };
        let Some(path) = found else { return Ok(Self::default()) };
        let text = super::input::read_text(&path)?;
        let mut config: Self = toml::from_str(&text).map_err(|error| problem(&path, &text, &error))?;
        config.folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
        config.check(&path)?;
        Ok(config)
    }

    /// An allowance without a reason is none.
    fn check(&self, path: &Path) -> Result<(), CliError> {
        let wrong = |message: String| CliError::Config { path: shown(path), line: 1, column: 1, message };
        for allow in &self.allow {
            if allow.reason.trim().is_empty() {
                return Err(wrong(format!("the allowance of {} has an empty reason; say why it is needed", allow.action)));
            }
            if crate::policy::ActionPattern::parse(&allow.action).is_none() {
                return Err(wrong(format!("`{}` is no action; actions have the form service:Name", allow.action)));
            }
        }
        Ok(())
    }

    pub(super) fn environment(&self) -> BTreeMap<SmolStr, Text> {
        texts(&self.env)
    }

    /// Everything that is not overridden on the command line.
    pub(super) fn apply(&self, settings: &mut Settings) {
        settings.overrides =
            self.functions.iter().map(|(name, function)| (name.as_str().into(), function.settings(&self.folder))).collect();
        settings.allowances = self.allow.iter().map(AllowConfig::allowance).collect();
        settings.libraries = self.libraries.iter().map(|path| self.folder.join(path)).collect();
    }
}

impl FunctionConfig {
    fn settings(&self, folder: &Path) -> FunctionSettings {
        let handler = self.handler.as_deref().and_then(|handler| handler.rsplit_once(':'));
        FunctionSettings {
            environment: texts(&self.env),
            handler: handler.map(|(file, symbol)| (folder.join(file), symbol.to_owned())),
            function_name: self.function_name.clone(),
        }
    }
}

impl AllowConfig {
    fn allowance(&self) -> Allowance {
        Allowance {
            action: self.action.as_str().into(),
            resource: self.resource.as_deref().map(Into::into),
            function: self.function.as_deref().map(Into::into),
            reason: self.reason.clone(),
        }
    }
}

fn texts(variables: &BTreeMap<String, String>) -> BTreeMap<SmolStr, Text> {
    variables.iter().map(|(name, value)| (name.as_str().into(), Text::literal(value.as_str()))).collect()
}

/// The nearest settings file, from the path upwards to the repository's root.
fn nearest(path: &Path) -> Option<PathBuf> {
    let start = std::fs::canonicalize(path).ok()?;
    for folder in start.ancestors().filter(|folder| folder.is_dir()) {
        let file = folder.join(NAME);
        if file.is_file() {
            return Some(file);
        }
        if folder.join(".git").exists() {
            return None;
        }
    }
    None
}

/// The path as messages show it: one that was found by walking upwards is relative to where leash was started.
fn shown(path: &Path) -> String {
    match std::env::current_dir() {
        Ok(here) if path.is_absolute() => Files::new(here).display(path),
        _ => path.display().to_string(),
    }
}

/// The parser's complaint with its place.
fn problem(path: &Path, text: &str, error: &toml::de::Error) -> CliError {
    let file = SourceFile::new(shown(path), text);
    let start = error.span().map_or(0, |span| span.start as u32);
    let (line, column) = file.line_column(start);
    let message = error.message().split_whitespace().collect::<Vec<_>>().join(" ");
    CliError::Config { path: file.path.clone(), line, column, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_keys_are_refused_with_their_place() {
        let text = "region = \"eu-west-1\"\n\n[functions.Orders]\nenviron = {}\n";
        let error = toml::from_str::<Config>(text).expect_err("`environ` is no key");
        let message = problem(Path::new("leash.toml"), text, &error).to_string();
        assert!(message.starts_with("leash.toml:4:1: unknown field `environ`"), "{message}");
        assert!(message.contains("function-name"), "{message}");
    }

    #[test]
    fn everything_a_repository_can_say_is_read() {
        let text = "account = '123456789012'\nlibraries = ['maps/own.json']\n[env]\nTABLE = 'orders'\n[functions.Orders]\nhandler = 'src/app.py:run'\n\
                    [[allow]]\naction = 'sqs:SendMessage'\nreason = 'sent by a plugin'\n";
        let config: Config = toml::from_str(text).expect("the settings are valid");
        let mut settings = Settings::default();
        config.apply(&mut settings);
        assert_eq!(config.environment()["TABLE"].as_literal(), Some("orders"));
        assert_eq!(settings.overrides["Orders"].handler, Some(("src/app.py".into(), "run".to_owned())));
        assert_eq!(settings.allowances[0].reason, "sent by a plugin");
        assert_eq!(settings.libraries, [PathBuf::from("maps/own.json")]);
    }
}
