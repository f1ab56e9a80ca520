//! What the names of files, folders, archives, images and packages have in common.

use std::path::Path;

use crate::project::node;

/// Names of folders and modules that every other function has, too.
const USUAL: [&str; 16] = [
    "src",
    "lib",
    "dist",
    "build",
    "code",
    "app",
    "lambda",
    "lambdas",
    "function",
    "functions",
    "handler",
    "handlers",
    "index",
    "main",
    "lambdafunction",
    "source",
];

/// Whether a module has a name that scripts give to whatever they pack.
pub(super) fn is_packing(stem: &str) -> bool {
    is_usual(&plain(stem)) || plain(stem) == "lambdahandler"
}

/// A name without what says only that it is a function.
pub(super) fn bare(name: &str) -> String {
    let name = plain(name);
    let mut name = name.as_str();
    for word in ["image", "lambda", "function"] {
        name = name.strip_suffix(word).unwrap_or(name);
        name = name.strip_prefix(word).unwrap_or(name);
    }
    name.to_owned()
}

/// The words of a name without those at its ends that say only that it is a function, or are not known.
pub(super) fn telling(name: &str) -> Vec<String> {
    let mut spread = String::new();
    let mut before = ' ';
    for letter in name.chars() {
        if letter.is_uppercase() && before.is_lowercase() {
            spread.push('-');
        }
        spread.push(letter);
        before = letter;
    }
    let says_nothing =
        |word: &String| word.contains('*') || matches!(word.as_str(), "" | "lambda" | "function" | "fn" | "handler");
    let mut words = words(&spread);
    while words.last().is_some_and(says_nothing) {
        words.pop();
    }
    let start = words.iter().take_while(|word| says_nothing(word)).count();
    words.split_off(start)
}

/// Whether the last of some words, written in one, are a text.
pub(super) fn ends_in_words(words: &[String], text: &str) -> bool {
    let all = words.concat();
    let Some(start) = all.strip_suffix(text).map(str::len) else { return false };
    let mut at = 0;
    words.iter().any(|word| {
        let is_start = at == start;
        at += word.len();
        is_start
    })
}

/// How many folders at the end of two paths have the same names. `functions/cost/src` is where the archive `cost` is made from:
/// what every other path ends in is passed over.
pub(super) fn alike(own: &[String], place: &[String]) -> usize {
    let telling = |parts: &[String]| parts.iter().rev().skip_while(|part| is_usual(part)).cloned().collect::<Vec<_>>();
    telling(own).iter().zip(&telling(place)).take_while(|(a, b)| a == b).count()
}

/// Whether the archive's name ends in the words of the folder's: `rooms_api.zip` is made from `rooms/src/api`.
pub(super) fn ends_alike(root: &Path, place: &str) -> bool {
    let folder = root.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    !is_usual(&plain(&folder)) && !folder.is_empty() && words(archive(place)).ends_with(&words(&folder))
}

/// How many folders are left out where the words of the archive's name are the names of folders, in their order:
/// `consumer-read.zip` is made from `api/consumer/read`, and `api/old/consumer/read` would be `old-consumer-read.zip`.
pub(super) fn words_leave_out(root: &Path, place: &str) -> Option<usize> {
    let wanted = words(archive(place));
    if wanted.len() < 2 || wanted.iter().all(|word| is_usual(word)) {
        return None;
    }
    let (mut rest, mut left_out) = (wanted.as_slice(), 0);
    for folder in root.iter().map(|name| plain(&name.to_string_lossy())) {
        // A folder may have several words: `api/price_list`.
        match (1..=rest.len()).find(|&count| rest[..count].concat() == folder) {
            Some(count) => rest = &rest[count..],
            None => left_out += 1,
        }
    }
    rest.is_empty().then_some(left_out)
}

/// The name of an archive, without its folders and its extension.
pub(super) fn archive(place: &str) -> &str {
    place.strip_suffix(".zip").and_then(|place| place.rsplit(['/', '\\']).next()).unwrap_or_default()
}

fn words(name: &str) -> Vec<String> {
    name.to_lowercase().split(['-', '_']).map(str::to_owned).collect()
}

pub(super) fn is_usual(part: &str) -> bool {
    USUAL.contains(&part)
}

/// The folder without the module's own folders at its end.
pub(super) fn without<'a>(folder: &'a Path, above: &[&str]) -> Option<&'a Path> {
    let mut folder = folder;
    for part in above.iter().rev() {
        folder = folder.file_name().filter(|name| *name == *part).and_then(|_| folder.parent())?;
    }
    Some(folder)
}

/// The module's own folders without the one that a build writes to: what `dist/index` is built from is `index` somewhere.
pub(super) fn unbuilt<'a>(above: &[&'a str]) -> Option<Vec<&'a str>> {
    let at = above.iter().position(|part| node::BUILT.contains(part))?;
    Some([&above[..at], &above[at + 1..]].concat())
}

/// Whether a place is named after a package: tools pack `@scope/name` as `dist/@scope/name.zip`.
pub(super) fn is_named_after(place: &[String], package: &str) -> bool {
    let own = parts(package);
    own.last().is_some_and(|name| !is_usual(name)) && place.ends_with(&own)
}

/// The folders of a path of any system, such that `ip-retention.zip` and `ip_retention` are one.
pub(super) fn parts(place: &str) -> Vec<String> {
    let place = place.strip_suffix(".zip").unwrap_or(place);
    let parts = place.split(['/', '\\']).filter(|part| !part.is_empty() && *part != ".");
    parts.map(plain).collect()
}

pub(super) fn plain(name: &str) -> String {
    name.to_lowercase().replace(['-', '_'], "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_words_of_a_name_may_be_written_in_one() {
        let name = telling("ApiJourneyOutcomeLambda");
        assert!(ends_in_words(&name, "journeyoutcome") && ends_in_words(&name, "apijourneyoutcome"));
        assert!(!ends_in_words(&name, "come") && !ends_in_words(&name, "apijourney"));
    }
}
