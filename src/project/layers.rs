//! What the layers of a function bring.

use std::path::PathBuf;

use super::written::Family;
use crate::iac::{Files, LambdaFunction, Layer};
use crate::note::{Note, NoteKind};

/// The folders of layers that imports resolve from.
/// <https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html>
pub(super) fn roots(files: &Files, lambda: &LambdaFunction, family: Family) -> Vec<PathBuf> {
    lambda.layers.iter().flat_map(|layer| of_layer(files, layer, family)).collect()
}

/// Programs of layers that run beside the function, with its role.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-extensions.html>
pub(super) fn extensions(files: &Files, lambda: &LambdaFunction) -> Vec<Note> {
    let with_programs = lambda.layers.iter().filter_map(|layer| {
        let folder = layer.content.as_ref()?.join("extensions");
        let message =
            format!("the extensions in {} run beside the function with its role, and were not analyzed", files.display(&folder));
        files.is_dir(&folder).then(|| Note::at(NoteKind::UnfollowedPackage, layer.origin.clone(), message))
    });
    with_programs.collect()
}

fn of_layer(files: &Files, layer: &Layer, family: Family) -> Vec<PathBuf> {
    let Some(content) = &layer.content else { return Vec::new() };
    let mut roots = Vec::new();
    if family != Family::Node {
        roots.push(content.join("python"));
    }
    if family != Family::Python {
        roots.extend([content.join("nodejs/node_modules"), content.join("nodejs")]);
    }
    roots.retain(|root| files.is_dir(root));
    if layer.build_method.is_some() || roots.is_empty() {
        roots.push(content.clone());
    }
    roots.retain(|root| files.is_dir(root));
    // What is only there after a build is described beside it.
    if let Some(package) = content.parent()
        && roots.is_empty()
        && files.is_file(&package.join("package.json"))
    {
        roots.push(package.to_path_buf());
    }
    roots
}
