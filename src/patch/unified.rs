//! A patch in the form that `git apply` and `patch -p1` take.

use similar::TextDiff;

use super::Patch;

/// Lines around each change.
const CONTEXT: usize = 3;

/// All files of a patch, one behind the other.
pub fn render(patch: &Patch) -> Vec<u8> {
    let mut out = String::new();
    for file in &patch.files {
        let (before, after) = (format!("a/{}", file.path), format!("b/{}", file.path));
        let diff = TextDiff::from_lines(file.before.as_str(), file.after.as_str());
        out.push_str(&diff.unified_diff().context_radius(CONTEXT).header(&before, &after).to_string());
    }
    out.into_bytes()
}
