//! Infrastructure that is described by programs: CDK applications, by their `cdk.json` or by what their files look like.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use memchr::memmem;
use rayon::prelude::*;

use super::DiskTree;
use super::moved::is_apart;
use crate::iac::{Files, Format, LambdaFunction, Stack, clean, is_cdk_manifest, read_cdk_app, read_cdk_source};
use crate::sdk::packages::imports_cdk;

/// How many characters the CDK adds to a path to make a logical id of it.
const HASH: usize = 8;

/// The applications of all `cdk.json`. Where one makes no functions, its files are read on their own: it may not make all
/// stacks that are there, or import them by a name that does not lead to them.
pub(super) fn read(files: &Files, base: &Path, candidates: &[PathBuf], sources: &[PathBuf]) -> Vec<Arc<Stack>> {
    let manifests: Vec<&PathBuf> = candidates.iter().filter(|path| is_cdk_manifest(path)).collect();
    let tree = DiskTree::new(files.clone());
    let read = |manifest: &&PathBuf| match read_cdk_app(files, &tree, manifest).filter(|stack| !stack.functions.is_empty()) {
        Some(stack) => vec![Arc::new(stack)],
        None => {
            let folder = manifest.parent().unwrap_or(base);
            let own: Vec<PathBuf> = sources.iter().filter(|path| path.starts_with(folder)).cloned().collect();
            started_by_hand(files, folder, &own)
        }
    };
    manifests.par_iter().flat_map_iter(read).collect()
}

/// The source files that no `cdk.json` and no function's code is around: some collections leave the `cdk.json` away.
pub(super) fn alone(stacks: &[Arc<Stack>], candidates: &[PathBuf], sources: &[PathBuf]) -> Vec<PathBuf> {
    let manifests = candidates.iter().filter(|path| is_cdk_manifest(path));
    let folder = |path: &Path| clean(path).strip_prefix(".").map_or_else(|_| clean(path), Path::to_path_buf);
    let mut taken: BTreeSet<PathBuf> = manifests.filter_map(|path| path.parent()).map(folder).collect();
    taken.extend(stacks.iter().filter(|stack| !stack.functions.is_empty()).map(|stack| folder(&stack.folder)));
    sources.iter().filter(|path| !folder(path).ancestors().any(|folder| taken.contains(folder))).cloned().collect()
}

/// Files that make an `App` of the library or functions, each as a program of its own.
pub(super) fn started_by_hand(files: &Files, base: &Path, sources: &[PathBuf]) -> Vec<Arc<Stack>> {
    let makes_any =
        |text: &str| ["App(", "Function("].iter().any(|call| memmem::find(text.as_bytes(), call.as_bytes()).is_some());
    let is_app = |path: &&PathBuf| {
        let below = path.strip_prefix(base).unwrap_or(path);
        let is_compiled =
            path.extension().is_some_and(|extension| extension == "js") && files.is_file(&path.with_extension("ts"));
        !is_apart(below) && !is_compiled && files.read(path).is_ok_and(|file| imports_cdk(&file.text) && makes_any(&file.text))
    };
    let tree = DiskTree::new(files.clone());
    let read = |entry: &PathBuf| {
        let above = entry.ancestors().skip(1).take_while(|folder| folder.starts_with(base));
        let is_root = |folder: &&Path| {
            ["cdk.json", "package.json", "requirements.txt", "pyproject.toml"]
                .iter()
                .any(|name| files.is_file(&folder.join(name)))
        };
        let folder = above.into_iter().find(is_root).or_else(|| entry.parent())?;
        read_cdk_source(files, &tree, folder, entry).filter(|stack| !stack.functions.is_empty())
    };
    sources.par_iter().filter(is_app).filter_map(read).map(Arc::new).collect()
}

/// Leaves out the functions of synthesized templates that the source of their application has, too: that is where people
/// change them, and where their code is.
pub(super) fn without_synthesized(stacks: Vec<Arc<Stack>>) -> Vec<Arc<Stack>> {
    let applications: Vec<Arc<Stack>> = stacks.iter().filter(|stack| stack.format == Format::CdkSource).cloned().collect();
    let mut kept = stacks;
    for stack in kept.iter_mut().filter(|stack| stack.format == Format::CdkOut) {
        let folder = stack.folder.clone();
        let own = applications.iter().filter(|application| folder.starts_with(&application.folder));
        let sources: Vec<&LambdaFunction> = own.flat_map(|application| &application.functions).collect();
        let is_double = |function: &LambdaFunction| sources.iter().any(|source| is_made_by(&function.id, &source.id));
        if stack.functions.iter().any(is_double) {
            let mut rest = Stack::clone(stack);
            rest.functions.retain(|function| !is_double(function));
            *stack = Arc::new(rest);
        }
    }
    kept
}

/// Whether a logical id is what the CDK makes of a path that ends in a construct's id.
/// <https://docs.aws.amazon.com/cdk/v2/guide/identifiers.html#identifiers-logical-ids>
fn is_made_by(logical: &str, construct: &str) -> bool {
    let path = logical.len().checked_sub(HASH).and_then(|end| logical.split_at_checked(end));
    let id: String = construct.chars().filter(char::is_ascii_alphanumeric).collect();
    path.is_some_and(|(path, hash)| {
        !id.is_empty() && path.ends_with(&id) && hash.chars().all(|c| c.is_ascii_digit() || matches!(c, 'A'..='F'))
    })
}

#[cfg(test)]
mod tests {
    use super::is_made_by;

    #[test]
    fn logical_ids_end_in_the_constructs_id_and_a_hash() {
        assert!(is_made_by("ApiUnreliableLambdaHandlerD4A4DED9", "UnreliableLambdaHandler"));
        assert!(is_made_by("mytestfn0467DB95", "my-test-fn"));
        assert!(!is_made_by("UnreliableLambdaHandler", "UnreliableLambdaHandler"));
        assert!(!is_made_by("OtherD4A4DED9", "Handler"));
        assert!(!is_made_by("short", "short"));
    }
}
