//! The languages leash reads, and the grammar of each.

use std::path::Path;

/// A language with a grammar of its own. `.js` and `.jsx` share one grammar; TypeScript needs two, since `<T>x` is a cast
/// in one and an element in the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// Python 3, with the statements of Python 2 that still parse.
    Python,
    /// JavaScript, JSX included.
    JavaScript,
    /// TypeScript without JSX.
    TypeScript,
    /// TypeScript with JSX.
    Tsx,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 4] = [Self::Python, Self::JavaScript, Self::TypeScript, Self::Tsx];

    /// The language of a file by its extension; nothing for files that are no source code.
    pub fn from_path(path: &str) -> Option<Self> {
        match Path::new(path).extension()?.to_str()? {
            "py" => Some(Self::Python),
            "js" | "mjs" | "cjs" | "jsx" => Some(Self::JavaScript),
            "ts" | "mts" | "cts" => Some(Self::TypeScript),
            "tsx" => Some(Self::Tsx),
            _ => None,
        }
    }

    /// The compiled grammar.
    pub fn grammar(self) -> tree_sitter::Language {
        match self {
            Self::Python => tree_sitter_python::LANGUAGE.into(),
            Self::JavaScript => tree_sitter_javascript::LANGUAGE.into(),
            Self::TypeScript => tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
            Self::Tsx => tree_sitter_typescript::LANGUAGE_TSX.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_name_languages() {
        assert_eq!(Language::from_path("src/app.py"), Some(Language::Python));
        assert_eq!(Language::from_path("index.mjs"), Some(Language::JavaScript));
        assert_eq!(Language::from_path("a/b.jsx"), Some(Language::JavaScript));
        assert_eq!(Language::from_path("lib/x.d.ts"), Some(Language::TypeScript));
        assert_eq!(Language::from_path("view.tsx"), Some(Language::Tsx));
        assert_eq!(Language::from_path("README.md"), None);
        assert_eq!(Language::from_path(".py"), None);
    }
}
