//! `leash infer --merge`: what a policy that somebody wrote lacks.

use std::path::Path;

use crate::cli::output::Output;
use crate::cli::{CliError, policies};
use crate::declared;
use crate::diff;
use crate::draft::DraftOptions;
use crate::pipeline::Report;
use crate::policy::MANAGED_POLICY_QUOTA;
use crate::report::merged::{self, Merged};
use crate::wording::counted;

/// The forms of a merged policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// The file itself, with statements behind its own.
    Json,
    /// With comments.
    Yaml,
    /// A table.
    Text,
}

/// The policy of a file with what the one function of a report needs besides.
pub(super) fn merge(
    path: &Path,
    form: Form,
    report: &Report,
    options: &DraftOptions,
    output: &Output,
) -> Result<Vec<u8>, CliError> {
    let [function] = report.functions.as_slice() else {
        let names: Vec<&str> = report.functions.iter().map(|function| function.name.as_str()).take(10).collect();
        let message =
            format!("--merge takes the policy of one function: choose one with --function, such as {}", names.join(", "));
        return Err(CliError::Usage(message));
    };
    let unreadable = |reason: String| CliError::Unreadable { path: path.to_path_buf(), reason };
    let (policy, file) = policies::read_with_source(path, output)?;
    let document = declared::document_of(&file).map_err(|error| unreadable(error.to_string()))?;
    let merge = diff::merge(function, &policy, options).map_err(|error| unreadable(error.to_string()))?;
    let merged = Merged { function: &function.name, file: &file, document: &document, added: &merge.added };
    let mut out = Vec::new();
    // A buffer takes everything.
    let _ = match form {
        Form::Yaml => merged::yaml(&merged, &mut out),
        Form::Text => merged::text(&merged, &mut out),
        Form::Json => {
            let text = merged.json().ok_or_else(|| unreadable("it is YAML: merge it with --format yaml".to_owned()))?;
            out.extend_from_slice(text.as_bytes());
            out.push(b'\n');
            Ok(())
        }
    };
    said(&merged, &merge, output);
    Ok(out)
}

/// Which statements are whose.
fn said(merged: &Merged<'_>, merge: &diff::Merge, output: &Output) {
    let count = |number: usize| counted(number, "statement");
    output.remark(&format!("kept {} of {}; added {}", count(merged.written()), merged.file.path, count(merge.added.len())));
    for (draft, places) in &merge.added {
        let actions: Vec<&str> = draft.statement.actions.items().iter().map(crate::policy::ActionPattern::as_str).collect();
        let at = places.first().map(|place| place.at.as_ref().map_or_else(|| place.what.clone(), crate::span::Location::short));
        let name = draft.statement.sid.as_deref().unwrap_or_default();
        output.remark(&format!("  {name}: {} ({})", actions.join(", "), at.unwrap_or_default()));
    }
    for name in merged.dropped() {
        output.remark(&format!("dropped {name}, which an earlier merge added and nothing needs any more"));
    }
    for what in &merge.left {
        output.remark(&format!("{what}: nothing was added"));
    }
    if merged.size() > MANAGED_POLICY_QUOTA {
        output.remark("the policy does not fit into one managed policy any more; the quota is 6,144 characters");
    }
}
