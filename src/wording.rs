//! Parts of sentences that many messages have.

/// How many there are of something: `1 file`, `2 more files`.
pub(crate) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// The system's message within a sentence, without its number.
pub(crate) fn plain(error: &std::io::Error) -> String {
    let text = error.to_string();
    let text = &text[..text.find(" (os error").unwrap_or(text.len())];
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_no_plural() {
        assert_eq!([counted(1, "more file"), counted(2, "more file")], ["1 more file", "2 more files"]);
    }
}
