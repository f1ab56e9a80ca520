//! Paths as a repository's services want them: from the repository's root on.

/// Where the analyzed folder is within its repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Root {
    /// The folders from the repository's root to the analyzed one.
    folders: Vec<String>,
}

impl Root {
    /// The repository's root itself, where nothing is named.
    pub fn new(folders: Vec<String>) -> Self {
        Self { folders }
    }

    /// A displayed path from the repository's root on; nothing for a file outside. Code that stands in a template belongs to the
    /// template's file.
    pub fn path(&self, shown: &str) -> Option<String> {
        let shown = shown.split('#').next().unwrap_or(shown).replace('\\', "/");
        let drive = shown.as_bytes().get(1) == Some(&b':');
        if shown.starts_with('/') || drive {
            return None;
        }
        let mut parts: Vec<&str> = self.folders.iter().map(String::as_str).collect();
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
    }
}
