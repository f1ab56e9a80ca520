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

/// A sentence by itself. One that starts with a name keeps it as it is.
pub(crate) fn capital(sentence: &str) -> String {
    let word = sentence.split(' ').next().unwrap_or_default();
    let is_name = word.contains([':', '*', '`', '/', '.']) || word.contains(char::is_uppercase);
    let mut characters = sentence.chars();
    match characters.next() {
        Some(first) if !is_name => first.to_uppercase().chain(characters).collect(),
        _ => sentence.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_start_with_a_capital_and_names_do_not() {
        assert_eq!(capital("revoke them"), "Revoke them");
        for name in ["s3:GetObject is unknown", "orders.TakeOrder needs it", "`leash` says so", "takeOrder needs it"] {
            assert_eq!(capital(name), name);
        }
    }

    #[test]
    fn one_is_no_plural() {
        assert_eq!([counted(1, "more file"), counted(2, "more file")], ["1 more file", "2 more files"]);
    }
}
