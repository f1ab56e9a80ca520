//! Python names of operations and attributes, as botocore forms them (`botocore.xform_name`).

use std::collections::BTreeMap;

/// The exceptions that botocore lists, which its rules alone would get wrong.
pub(super) struct Names {
    special: BTreeMap<String, String>,
}

impl Names {
    /// Reads the exceptions out of `botocore/__init__.py`: entries of the form `('ListHITs…', '_'): 'list_hits…'`.
    pub(super) fn new(source: &str) -> Self {
        let table = source.split_once("_xform_cache = {").map_or("", |(_, rest)| rest);
        let table = table.split_once("\n}").map_or(table, |(table, _)| table);
        let strings: Vec<&str> = table.split('\'').skip(1).step_by(2).collect();
        let triples = strings.as_chunks::<3>().0;
        let special = triples.iter().filter(|[_, separator, _]| *separator == "_");
        Self { special: special.map(|[name, _, python]| ((*name).to_owned(), (*python).to_owned())).collect() }
    }

    /// `GetItem` → `get_item`.
    pub(super) fn snake(&self, name: &str) -> String {
        if name.contains('_') {
            return name.to_owned();
        }
        self.special.get(name).cloned().unwrap_or_else(|| separate_before_capital(&separate_words(&split_plural(name))))
    }
}

/// A plural of capitals at the end is one word: `ListWebACLs` → `ListWeb_acls`.
fn split_plural(name: &str) -> String {
    let Some(stem) = name.strip_suffix('s') else { return name.to_owned() };
    let rest = stem.trim_end_matches(|c: char| c.is_ascii_uppercase());
    if stem.len() - rest.len() < 2 {
        return name.to_owned();
    }
    format!("{rest}_{}", name[rest.len()..].to_ascii_lowercase())
}

/// `(.)([A-Z][a-z]+)` → `\1_\2`.
fn separate_words(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let lower = |at: usize| chars.get(at).is_some_and(char::is_ascii_lowercase);
    let mut out = String::new();
    let mut at = 0;
    while at < chars.len() {
        out.push(chars[at]);
        at += 1;
        if chars.get(at).is_some_and(char::is_ascii_uppercase) && lower(at + 1) {
            out.push('_');
            out.push(chars[at]);
            at += 1;
            while lower(at) {
                out.push(chars[at]);
                at += 1;
            }
        }
    }
    out
}

/// `([a-z0-9])([A-Z])` → `\1_\2`, then all in lower case.
fn separate_before_capital(name: &str) -> String {
    let mut out = String::new();
    let mut previous = ' ';
    for c in name.chars() {
        if c.is_ascii_uppercase() && (previous.is_ascii_lowercase() || previous.is_ascii_digit()) {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
        previous = c;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::Names;

    #[test]
    fn names_are_those_of_boto3() {
        let names = Names::new(
            "_xform_cache = {\n    ('CreateCachediSCSIVolume', '_'): 'create_cached_iscsi_volume',\n    ('CreateCachediSCSIVolume', '-'): 'x',\n}\n",
        );
        for (name, python) in [
            ("GetItem", "get_item"),
            ("ListObjectsV2", "list_objects_v2"),
            ("ListWebACLs", "list_web_acls"),
            ("CreateDBInstance", "create_db_instance"),
            ("DescribeEC2InstanceLimits", "describe_ec2_instance_limits"),
            ("CreateCachediSCSIVolume", "create_cached_iscsi_volume"),
            ("ETag", "e_tag"),
        ] {
            assert_eq!(names.snake(name), python);
        }
    }
}
