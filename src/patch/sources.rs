//! The data sources that new statements of Terraform refer to.

use std::collections::BTreeSet;

use super::{Page, Pages};
use crate::diff::plan::Plan;
use crate::iac::{Format, Stack};

/// Declares data sources where the module of a file has none yet.
pub(super) fn declare(plans: &[Plan<'_>], pages: &mut Pages) {
    let stacks: Vec<&Stack> = plans.iter().filter_map(Plan::stack).filter(|stack| stack.format == Format::Terraform).collect();
    let mut added: BTreeSet<(String, String)> = BTreeSet::new();
    for page in pages.all.values_mut().flatten() {
        let Page::Hcl(hcl) = page else { continue };
        let folder = folder_of(&hcl.file.path).to_owned();
        let used = std::mem::take(&mut hcl.used);
        for source in used {
            let known = stacks.iter().flat_map(|stack| stack.resources.values()).any(|resource| {
                let id = resource.id.rsplit("data.").next().unwrap_or_default();
                resource.kind == source && id == format!("{source}.current") && folder_of(&resource.origin.file.path) == folder
            });
            if !known && added.insert((folder.clone(), source.clone())) {
                hcl.add_last(format!("\ndata \"{source}\" \"current\" {{}}\n"));
            }
        }
    }
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
