//! The files of `api-maps/`, carried inside the binary: looked up by path, never read from disk. They are packed one by
//! one, because as plain text they would be half of the binary.

#[expect(clippy::unreadable_literal, reason = "the table is generated; nobody reads the hash's key")]
mod tables {
    include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
}

use std::sync::OnceLock;

use tables::{NAMES, PLACES, RANGES};

/// Every file of `api-maps/` that a run can ask for, each compressed by itself.
static PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/embedded.lz4"));

/// The files that were asked for.
static TEXTS: [OnceLock<Option<String>>; NAMES.len()] = [const { OnceLock::new() }; NAMES.len()];

/// The text of `api-maps/<path>`, for example `services/s3.json`. Unpacked when first asked for.
pub fn get(path: &str) -> Option<&'static str> {
    let place = *PLACES.get(path)?;
    TEXTS[place].get_or_init(|| unpack(PACKED.get(RANGES[place].clone())?)).as_deref()
}

/// The text behind one file's compressed bytes; `None` only if the build wrote something else.
fn unpack(bytes: &[u8]) -> Option<String> {
    String::from_utf8(lz4_flex::decompress_size_prepended(bytes).ok()?).ok()
}

/// The paths that begin with `prefix`, sorted: `list("libraries/")`.
pub fn list(prefix: &str) -> impl Iterator<Item = &'static str> {
    let from = NAMES.partition_point(|name| *name < prefix);
    NAMES[from..].iter().copied().take_while(move |name| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_listed_file_can_be_looked_up() {
        let names: Vec<_> = super::list("").collect();
        assert!(names.is_sorted());
        assert!(names.iter().all(|name| super::get(name).is_some()));
        assert_eq!(super::get("no/such/file.json"), None);
    }
}
