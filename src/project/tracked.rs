//! Files that git has in its index although `.gitignore` excludes them: git does not ignore what is tracked.
//! <https://git-scm.com/docs/gitignore>

use std::path::{Path, PathBuf};

/// How large an index may be.
const MAX_BYTES: u64 = 256 << 20;

/// The tracked files below a folder, with paths that begin like the folder's. Nothing when there is no index that can be read.
pub(super) fn below(folder: &Path) -> Vec<PathBuf> {
    let Ok(whole) = std::fs::canonicalize(folder) else { return Vec::new() };
    let Some((top, git)) = whole.ancestors().find_map(|above| Some((above, git_folder(above)?))) else { return Vec::new() };
    let index = git.join("index");
    if std::fs::metadata(&index).map_or(u64::MAX, |data| data.len()) > MAX_BYTES {
        return Vec::new();
    }
    let names = std::fs::read(&index).ok().and_then(|bytes| names(&bytes)).unwrap_or_default();
    let Ok(inner) = whole.strip_prefix(top) else { return Vec::new() };
    let own = names.iter().filter_map(|name| Path::new(name).strip_prefix(inner).ok());
    own.map(|name| folder.join(name)).collect()
}

/// Where git keeps what it knows of a tree: `.git`, or what a file of that name says, in trees that were added to a repository and
/// in submodules. <https://git-scm.com/docs/gitrepository-layout>
fn git_folder(top: &Path) -> Option<PathBuf> {
    /// Such a file holds one path.
    const MAX_BYTES: u64 = 64 << 10;
    let own = top.join(".git");
    let found = std::fs::metadata(&own).ok()?;
    if found.is_dir() {
        return Some(own);
    }
    let text = std::fs::read_to_string(&own).ok().filter(|_| found.len() <= MAX_BYTES)?;
    let named = text.strip_prefix("gitdir:")?.trim();
    Some(top.join(named)).filter(|folder| folder.is_dir())
}

/// The names in an index. <https://git-scm.com/docs/index-format>
fn names(bytes: &[u8]) -> Option<Vec<String>> {
    /// What stands before the name: times, numbers of the file system, size, hash, flags.
    const FIXED: usize = 62;
    let number = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let version = number(4).filter(|_| bytes.starts_with(b"DIRC"))?;
    let (mut at, mut names) = (12, Vec::new());
    let mut last: Vec<u8> = Vec::new();
    for _ in 0..number(8)? {
        let start = at;
        let flags = u16::from_be_bytes(bytes.get(at + FIXED - 2..at + FIXED)?.try_into().ok()?);
        at += FIXED + if flags & 0x4000 == 0 { 0 } else { 2 };
        if version == 4 {
            // Names share their beginnings with the one before.
            let (removed, length) = offset(bytes.get(at..)?)?;
            at += length;
            last.truncate(last.len().checked_sub(removed)?);
        } else {
            last.clear();
        }
        let length = bytes.get(at..)?.iter().position(|byte| *byte == 0)?;
        last.extend(&bytes[at..at + length]);
        at += length + 1;
        if version < 4 {
            at = start + (at - start).div_ceil(8) * 8;
        }
        names.push(String::from_utf8_lossy(&last).into_owned());
    }
    Some(names)
}

/// A number of variable length, and how many bytes it has.
fn offset(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0_usize;
    for (index, byte) in bytes.iter().enumerate().take(5) {
        value = (value << 7) | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, index + 1));
        }
        value += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(version: u32, entries: &[(&[u8], &str)]) -> Vec<u8> {
        let mut bytes = b"DIRC".to_vec();
        bytes.extend(version.to_be_bytes());
        bytes.extend((entries.len() as u32).to_be_bytes());
        for (prefix, name) in entries {
            let start = bytes.len();
            bytes.extend([1; 60]);
            bytes.extend([0, name.len() as u8]);
            bytes.extend(*prefix);
            bytes.extend(name.as_bytes());
            bytes.push(0);
            while version < 4 && !(bytes.len() - start).is_multiple_of(8) {
                bytes.push(0);
            }
        }
        bytes
    }

    #[test]
    fn trees_that_were_added_have_an_index_elsewhere() {
        let folder = tempfile::tempdir().expect("a folder");
        let tree = folder.path().join("tree");
        let kept = folder.path().join("main/.git/worktrees/tree");
        for path in [&tree.join("dist"), &kept] {
            std::fs::create_dir_all(path).expect("created");
        }
        std::fs::write(tree.join(".git"), "gitdir: ../main/.git/worktrees/tree\n").expect("written");
        std::fs::write(kept.join("index"), index(2, &[(b"", "dist/app.js")])).expect("written");
        assert_eq!(below(&tree), [tree.join("dist/app.js")]);
        assert_eq!(below(&tree.join("dist")), [tree.join("dist/app.js")]);
    }

    #[test]
    fn names_are_read_in_every_version() {
        let plain = index(2, &[(b"", "bin/app.js"), (b"", "lib/api.js")]);
        assert_eq!(names(&plain).as_deref(), Some(&["bin/app.js".to_owned(), "lib/api.js".to_owned()][..]));
        let shared = index(4, &[(b"\0", "lib/api.js"), (b"\x06", "web.js")]);
        assert_eq!(names(&shared).as_deref(), Some(&["lib/api.js".to_owned(), "lib/web.js".to_owned()][..]));
        assert_eq!(names(b"DIRC"), None);
        assert_eq!(names(&plain[..40]), None);
    }
}
