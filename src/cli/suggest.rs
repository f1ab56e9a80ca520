//! "Did you mean": the nearest of several names.

/// `; did you mean x?`, or nothing when no name is near.
pub(super) fn hint<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    match nearest(wanted, names) {
        Some(name) => format!("; did you mean `{name}`?"),
        None => String::new(),
    }
}

/// The name that is most like the wanted one, if any is like it at all.
pub(super) fn nearest<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = wanted.to_ascii_lowercase();
    let limit = (wanted.chars().count() / 3).clamp(1, 4);
    let mut best: Option<(usize, &str)> = None;
    for name in names {
        let lower = name.to_ascii_lowercase();
        let near = if lower.len() > 3 && wanted.len() > 3 && (lower.starts_with(&wanted) || wanted.starts_with(&lower)) {
            Some(1)
        } else {
            Some(distance(&wanted, &lower)).filter(|distance| *distance <= limit)
        };
        if let Some(near) = near
            && best.is_none_or(|best| (near, name) < best)
        {
            best = Some((near, name));
        }
    }
    best.map(|(_, name)| name)
}

/// How many letters have to be put in, taken out or changed.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, letter) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (at, other) in right.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *other);
            diagonal = row[at + 1];
            row[at + 1] = changed.min(row[at] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_offered_and_far_ones_are_not() {
        let names = ["GetItem", "PutItem", "BatchGetItem"];
        assert_eq!(nearest("getitm", names), Some("GetItem"));
        assert_eq!(nearest("PutItme", names), Some("PutItem"));
        assert_eq!(nearest("Invoke", names), None);
        assert_eq!(hint("x", []), "");
    }
}
