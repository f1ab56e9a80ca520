//! Lists the files under `api-maps/` so that the binary can carry them. Nothing is read or changed here:
//! every file becomes one `include_str!`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=api-maps");
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?).join("api-maps");
    let mut files = Vec::new();
    if root.is_dir() {
        list(&root, &root, &mut files)?;
    }
    files.sort();
    let out = PathBuf::from(env::var("OUT_DIR").map_err(io::Error::other)?).join("embedded.rs");
    fs::write(out, table(&root, &files))
}

/// Collects the JSON and TOML files below `folder` as `/`-separated paths relative to `root`.
fn list(root: &Path, folder: &Path, files: &mut Vec<String>) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            list(root, &path, files)?;
        } else if matches!(path.extension().and_then(|extension| extension.to_str()), Some("json" | "toml")) {
            let relative = path.strip_prefix(root).map_err(io::Error::other)?;
            let parts: Vec<_> = relative.components().map(|part| part.as_os_str().to_string_lossy()).collect();
            files.push(parts.join("/"));
        }
    }
    Ok(())
}

/// The Rust source of the two tables that `src/embedded.rs` includes.
fn table(root: &Path, files: &[String]) -> String {
    let mut map = phf_codegen::Map::new();
    for file in files {
        map.entry(file.as_str(), format!("include_str!({:?})", root.join(file).to_string_lossy()));
    }
    let mut out = String::new();
    let _ = writeln!(out, "pub(super) static FILES: phf::Map<&'static str, &'static str> = {};", map.build());
    let _ = writeln!(out, "pub(super) static NAMES: &[&str] = &{files:?};");
    out
}
