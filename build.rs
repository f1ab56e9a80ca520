//! Packs the files under `api-maps/` that the binary carries: each is compressed by itself, so that a run unpacks only
//! what it asks for. What only the generator reads (overrides, sources) stays outside.

use std::fmt::Write as _;
use std::ops::Range;
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
    files.retain(|file| !file.starts_with("overrides/") && file != "SOURCES.json");
    files.sort();
    let out = PathBuf::from(env::var("OUT_DIR").map_err(io::Error::other)?);
    let mut packed = Vec::new();
    let mut ranges = Vec::new();
    for file in &files {
        let from = packed.len();
        packed.extend(lz4_flex::compress_prepend_size(&fs::read(root.join(file))?));
        ranges.push(from..packed.len());
    }
    fs::write(out.join("embedded.lz4"), packed)?;
    fs::write(out.join("embedded.rs"), tables(&files, &ranges))
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

/// The Rust source of the tables that `src/embedded.rs` includes: where each file is in the packed bytes, by path.
fn tables(files: &[String], ranges: &[Range<usize>]) -> String {
    let mut places = phf_codegen::Map::new();
    for (place, file) in files.iter().enumerate() {
        places.entry(file.as_str(), place.to_string());
    }
    let mut out = String::new();
    let _ = writeln!(out, "pub(super) static PLACES: phf::Map<&'static str, usize> = {};", places.build());
    let _ = writeln!(out, "pub(super) static NAMES: [&str; {}] = {files:?};", files.len());
    let _ = writeln!(out, "pub(super) static RANGES: [std::ops::Range<usize>; {}] = {ranges:?};", files.len());
    out
}
