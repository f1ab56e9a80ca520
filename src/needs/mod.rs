//! What the settings of a function need: permissions that no line of its code asks for, but without which Lambda cannot
//! run it as it is set up. Its log group, the network interfaces of its VPC, the sources that Lambda polls for it, where
//! failed events go.
//!
//! The facts are data, `api-maps/settings.json`: per setting the actions, the resource and the page of AWS's documentation
//! they are from. This module knows which settings a function has and what they name.

mod appconfig;
mod facts;
mod log_group;
mod source;
mod target;
mod uses;

use std::collections::BTreeMap;

pub use facts::{EventFact, event_facts, raw_path};
pub use log_group::deployed_name;
pub(crate) use source::source_service;
pub use uses::{actions_of_lambda, instead_of};

use facts::{Fact, fact};

use crate::catalog::{Encryption, Grant};
use crate::iac::events::arn_service;
use crate::iac::{Format, Resource, Setting, SettingKind, Stack};
use crate::note::{Note, NoteKind};
use crate::project::Function;
use crate::span::Location;
use crate::value::{Piece, Text};

/// What decides over the settings' needs apart from the template.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Whether the log group's permissions are wanted; without a word on it they are for functions whose name is known
    /// or that a template declares.
    pub logs: Option<bool>,
    /// The deployed name of the function.
    pub function_name: Option<String>,
    /// Whether ARNs keep references to the template's resources.
    pub symbolic: bool,
}

/// What one setting needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingNeed {
    /// The setting, as the subject of a sentence: "the function's log group".
    pub what: String,
    /// Where it is set, when a template sets it.
    pub at: Option<Location>,
    /// The permissions, each with what a customer key behind its resource needs.
    pub grants: Vec<(Grant, Option<Encryption>)>,
}

/// What the settings of a function need, in the order of the template, and what could not be told.
pub fn of_settings(function: &Function, wanted: &Wanted) -> (Vec<SettingNeed>, Vec<Note>) {
    let mut settings = Settings { function, wanted, needs: Vec::new(), notes: Vec::new() };
    settings.logs();
    for setting in &function.settings {
        settings.setting(setting);
    }
    settings.sources();
    settings.fetched_ahead();
    (settings.needs, settings.notes)
}

/// The kinds of facts that differ by the service of what a setting names.
const FILE_SYSTEM: &str = "file-system";
const SOURCE: &str = "source";
const TARGET: &str = "target";

/// The kind of the facts about a setting; the log group is told of by itself.
const fn setting_fact(kind: SettingKind) -> Option<&'static str> {
    match kind {
        SettingKind::Vpc => Some("vpc"),
        SettingKind::Tracing => Some("tracing"),
        SettingKind::DeadLetter | SettingKind::OnSuccess | SettingKind::OnFailure => Some(TARGET),
        SettingKind::FileSystem => Some(FILE_SYSTEM),
        SettingKind::KmsKey => Some("kms-key"),
        SettingKind::Insights => Some("insights"),
        SettingKind::Durable => Some("durable"),
        SettingKind::LogGroup => None,
    }
}

/// Texts by the names that `api-maps/settings.json` uses for them.
type Variables = BTreeMap<&'static str, Vec<Text>>;

/// One function's settings while they are gone through.
struct Settings<'a> {
    function: &'a Function,
    wanted: &'a Wanted,
    needs: Vec<SettingNeed>,
    notes: Vec<Note>,
}

impl<'a> Settings<'a> {
    fn stack(&self) -> Option<&'a Stack> {
        self.function.stack.as_deref()
    }

    fn setting(&mut self, setting: &Setting) {
        match setting.kind {
            SettingKind::Vpc | SettingKind::Tracing | SettingKind::Insights => self.plain(setting, |_, _| Variables::new()),
            SettingKind::KmsKey => self.plain(setting, |settings, fact| {
                let key = settings.key_or_any(setting.value.as_ref(), fact);
                Variables::from([("target", key.into_iter().collect())])
            }),
            SettingKind::Durable => self.plain(setting, |settings, _| {
                let name = log_group::deployed_name(settings.function, settings.wanted.function_name.as_deref());
                Variables::from([("function", vec![name])])
            }),
            SettingKind::FileSystem => self.file_system(setting),
            SettingKind::DeadLetter | SettingKind::OnSuccess | SettingKind::OnFailure => self.target_setting(setting),
            // Told with the log group.
            SettingKind::LogGroup => {}
        }
    }

    /// A setting of which the kind says everything.
    fn plain(&mut self, setting: &Setting, variables: impl FnOnce(&Self, &Fact) -> Variables) {
        let Some(fact) = setting_fact(setting.kind).and_then(|kind| fact(kind, None)) else { return };
        let value = setting.value.as_ref().and_then(Text::as_literal);
        if !fact.values.is_empty() && value.is_some_and(|value| !fact.values.iter().any(|known| known == value)) {
            return;
        }
        let variables = variables(self, fact);
        self.add(fact, fact.what.clone(), Some(setting.origin.clone()), &variables);
    }

    fn add(&mut self, fact: &Fact, what: String, at: Option<Location>, variables: &Variables) {
        let grants = fact.grants(variables);
        if !grants.is_empty() {
            self.needs.push(SettingNeed { what, at, grants });
        }
    }

    /// The actions of a mounted file system are about the file system, which for EFS a condition narrows to the access point.
    /// <https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html>
    fn file_system(&mut self, setting: &Setting) {
        let Some(value) = &setting.value else { return };
        let access_point = value.as_hole().and_then(|hole| self.stack()?.resolve(hole));
        let service = self.file_system_service(value);
        let Some(fact) = fact(FILE_SYSTEM, Some(service)) else { return };
        let id = access_point.and_then(|resolved| self.stack()?.resources.get(&resolved.id)?.property("FileSystemId")?.as_text());
        let start = format!("arn:${{Partition}}:{service}:${{Region}}:${{Account}}:file-system/");
        let mut file_system = facts::with_context(&Text::literal(start));
        file_system.push_text(&id.clone().unwrap_or_else(|| Text::literal("*")));
        let declared = id.and_then(|id| target::resource(self.stack(), &id)?.property("Bucket")?.as_text());
        let declared = declared.filter(|_| self.reads_directly());
        let bucket = declared.map(|bucket| {
            if bucket.pieces().first().is_some_and(|piece| matches!(piece, Piece::Literal(text) if text.starts_with("arn:"))) {
                return bucket;
            }
            let mut arn = facts::with_context(&Text::literal("arn:${Partition}:s3:::"));
            arn.push_text(&bucket);
            arn
        });
        let variables = Variables::from([
            ("target", vec![value.clone()]),
            ("file_system", vec![file_system]),
            ("bucket", bucket.into_iter().collect()),
        ]);
        self.add(fact, fact.what.clone(), Some(setting.origin.clone()), &variables);
    }

    /// The service of a file system, by its access point.
    fn file_system_service(&self, access_point: &Text) -> &'static str {
        let kind = access_point.as_hole().and_then(|hole| Some(self.stack()?.resolve(hole)?.kind));
        let is_s3 = kind.is_some_and(|kind| kind.starts_with("AWS::S3Files::"))
            || arn_service(access_point).is_some_and(|service| service == "s3files");
        if is_s3 { "s3files" } else { "elasticfilesystem" }
    }

    /// Whether Lambda reads from the bucket itself, which depends on the function's memory. What no template says is 128 MB, with
    /// the Serverless Framework 1024.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-filesystem-s3files.html>
    fn reads_directly(&self) -> bool {
        const LEAST: u32 = 512;
        let stack = self.stack();
        let declared = self.function.id.as_ref().and_then(|id| stack?.resources.get(id));
        match declared.and_then(Resource::memory_size) {
            Some(size) => size.as_text().and_then(|size| size.as_literal()?.parse().ok()).is_none_or(|size: u32| size >= LEAST),
            None => stack.is_some_and(|stack| stack.format == Format::Serverless),
        }
    }

    /// A key by its ARN; a bare id is none.
    fn key_or_any(&self, value: Option<&Text>, fact: &Fact) -> Option<Text> {
        let key = self.arn_or_any(value, fact)?;
        let is_arn = key.holes().next().is_some() || key.as_literal().is_some_and(|text| text.starts_with("arn:"));
        is_arn.then_some(key)
    }

    fn doubt(&mut self, at: &Location, message: String) {
        self.notes.push(Note::at(NoteKind::Template, at.clone(), message));
    }
}

#[cfg(test)]
mod tests;
