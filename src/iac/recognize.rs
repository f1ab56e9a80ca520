//! Which files are infrastructure code, and whose they are.

use std::ffi::OsStr;
use std::path::Path;

use memchr::memmem;

use super::chalice::{is_chalice_app, read_chalice};
use super::serverless::{is_service, read_service};
use super::terraform::{is_plan, read_plan};
use super::zappa::{is_zappa_settings, read_zappa};
use super::{Files, ReadError, Stack, read_template_text};

/// One of these stands in every template that has functions; a template may consist of nested ones only.
const TYPES: [&str; 4] =
    ["AWS::Serverless::Function", "AWS::Lambda::Function", "AWS::Serverless::Application", "AWS::CloudFormation::Stack"];
/// What tells a template among JSON files: the sections of `CloudFormation`, Serverless and Terraform.
const SECTIONS: [&str; 5] = ["Resources", "service", "functions", "resource", "planned_values"];
/// Files of programs that declare functions in ways that leash does not read.
const NOT_READ: [&str; 6] = ["sst.config.ts", "sst.config.js", "sst.config.mjs", "Pulumi.yaml", "Pulumi.yml", "cdktf.json"];
/// What says how to start a CDK application.
const CDK_MANIFEST: &str = "cdk.json";

/// Whether a file of this name may be a template; Terraform's are not among them.
pub fn is_template_name(path: &Path) -> bool {
    let extension = path.extension().and_then(OsStr::to_str);
    matches!(extension, Some("yaml" | "yml" | "json" | "template"))
        || extension.is_some() && (is_service(path, "") || is_zappa_settings(path))
}

/// Whether a file says how to start a CDK application.
pub fn is_cdk_manifest(path: &Path) -> bool {
    path.file_name() == Some(OsStr::new(CDK_MANIFEST))
}

/// Whether a file belongs to a program that declares functions by SST, Pulumi or CDK for Terraform.
pub fn is_not_read(path: &Path) -> bool {
    path.file_name().is_some_and(|name| NOT_READ.iter().any(|program| name == *program))
}

/// Whether JSON has a section that templates have.
pub fn has_section(json: &serde_json::Value) -> bool {
    SECTIONS.iter().any(|section| json.get(section).is_some())
}

/// Reads a file if it looks like a template at all.
///
/// Formats are recognized by name where the name says it, by a string that every file of the format contains where not.
pub fn read(files: &Files, path: &Path) -> Result<Option<Stack>, ReadError> {
    let file = files.read(path).map_err(|message| ReadError::Unreadable { path: files.display(path), message })?;
    if is_zappa_settings(path) {
        return read_zappa(files, path, &file);
    }
    if is_service(path, &file.text) {
        let stack = read_service(files, path, &file)?;
        return Ok(stack.filter(|stack| !stack.functions.is_empty() || !stack.notes.is_empty()));
    }
    let stack = if is_plan(&file.text) {
        read_plan(files, path, &file)?
    } else if TYPES.iter().any(|kind| memmem::find(file.text.as_bytes(), kind.as_bytes()).is_some()) {
        read_template_text(files, path, &file)?
    } else {
        None
    };
    Ok(stack.filter(|stack| !stack.functions.is_empty()))
}

/// Reads a source file as an application whose code says what is deployed, if it is one.
pub fn read_app(files: &Files, path: &Path) -> Option<Stack> {
    // Chalice looks for no other name.
    if path.file_name() != Some(OsStr::new("app.py")) {
        return None;
    }
    let file = files.read(path).ok()?;
    is_chalice_app(path, &file.text).then(|| read_chalice(files, path, &file)).flatten()
}
