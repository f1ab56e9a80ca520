//! The files of `api-maps/`, carried inside the binary: looked up by path, never read from disk.

#[expect(clippy::unreadable_literal, reason = "the table is generated; nobody reads the hash's key")]
mod tables {
    include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
}

use tables::{FILES, NAMES};

/// The text of `api-maps/<path>`, for example `services/s3.json`.
pub fn get(path: &str) -> Option<&'static str> {
    FILES.get(path).copied()
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
