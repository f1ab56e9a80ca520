//! Paths as a repository's services want them: from the repository's root on.

use std::collections::BTreeSet;

/// Where the analyzed folder is within its repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Root {
    /// The folders from the repository's root to the analyzed one.
    folders: Vec<String>,
    /// The folders from the repository's root to the current one, where that is in the repository.
    here: Option<Vec<String>>,
    /// Files that were named on the command line, and so from the current folder on.
    given: BTreeSet<String>,
}

impl Root {
    /// The repository's root itself, where nothing is named.
    pub fn new(folders: Vec<String>) -> Self {
        Self { folders, ..Self::default() }
    }

    /// The same, with files that are shown from the current folder on.
    pub fn with_given(self, here: Option<Vec<String>>, given: impl IntoIterator<Item = String>) -> Self {
        Self { here, given: given.into_iter().collect(), ..self }
    }

    /// A displayed path from the repository's root on; nothing for a file outside. Code that stands in a template belongs to the
    /// template's file.
    pub fn path(&self, shown: &str) -> Option<String> {
        let shown = shown.split('#').next().unwrap_or(shown).replace('\\', "/");
        let drive = shown.as_bytes().get(1) == Some(&b':');
        if shown.starts_with('/') || drive {
            return None;
        }
        let start = if self.given.contains(&shown) { self.here.as_ref()? } else { &self.folders };
        let mut parts: Vec<&str> = start.iter().map(String::as_str).collect();
        for part in shown.split('/') {
            match part {
                "" | "." => {}
                ".." => drop(parts.pop()?),
                part => parts.push(part),
            }
        }
        (!parts.is_empty()).then(|| parts.join("/"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_outside_has_no_path() {
        let root = Root::new(vec!["services".to_owned(), "orders".to_owned()]);
        assert_eq!(root.path("src/app.py").as_deref(), Some("services/orders/src/app.py"));
        assert_eq!(root.path("./template.yaml#Fn.py").as_deref(), Some("services/orders/template.yaml"));
        assert_eq!(root.path("../shared/x.py").as_deref(), Some("services/shared/x.py"));
        assert_eq!(root.path("../../../x.py"), None);
        assert_eq!(root.path("/etc/passwd"), None);
        assert_eq!(Root::default().path("../x.py"), None);
        let root = root.with_given(Some(Vec::new()), ["roles/a.json".to_owned()]);
        assert_eq!(root.path("roles/a.json").as_deref(), Some("roles/a.json"));
        assert_eq!(root.path("roles/b.json").as_deref(), Some("services/orders/roles/b.json"));
    }
}
