//! Names of files for functions.

use std::collections::BTreeSet;

/// Names of files for functions: nothing that leaves the folder, no two alike even where case does not count.
#[derive(Default)]
pub(super) struct FileNames {
    taken: BTreeSet<String>,
}

impl FileNames {
    /// The name for the next function.
    pub(super) fn of(&mut self, function: &str) -> String {
        let plain = plain(function);
        let mut name = plain.clone();
        let mut number = 2;
        while !self.taken.insert(name.to_lowercase()) {
            name = format!("{plain}-{number}");
            number += 1;
        }
        name
    }
}

/// A function's name with the characters that every file system takes.
pub(super) fn plain(function: &str) -> String {
    let plain: String =
        function.chars().map(|c| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' }).take(100).collect();
    match plain.trim_matches(['.', '-']) {
        "" => "function".to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_stay_in_their_folder_and_differ() {
        let mut names = FileNames::default();
        assert_eq!(names.of("../../etc/passwd"), "etc-passwd");
        assert_eq!(names.of("Orders"), "Orders");
        assert_eq!(names.of("orders"), "orders-2");
        assert_eq!(names.of(".."), "function");
    }
}
