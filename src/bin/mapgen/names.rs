//! Comparing names from two worlds: ARN variables (`DBInstanceName`) and parameters (`dbInstanceIdentifier`).

/// A name cut into what it names and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name {
    /// What it names, in lower case without punctuation: `dbinstance`. Empty when it is only `Name` or `Arn`.
    pub(crate) base: String,
    /// How.
    pub(crate) kind: Kind,
}

/// The ways to name something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Name,
    Id,
    Arn,
    /// `Identifier`, or nothing said: fits a name as well as an id.
    Either,
}

impl Kind {
    /// Whether two ways of naming can mean the same string.
    pub(crate) fn fits(self, other: Self) -> bool {
        self == other || self == Self::Either || other == Self::Either
    }
}

/// Lower case, letters and digits only.
pub(crate) fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

impl Name {
    /// Cuts a name.
    pub(crate) fn of(name: &str) -> Self {
        let plain = plain(name);
        let suffixes = [
            ("identifier", Kind::Either),
            ("resourcename", Kind::Name),
            ("name", Kind::Name),
            ("arn", Kind::Arn),
            ("id", Kind::Id),
        ];
        for (suffix, kind) in suffixes {
            if let Some(base) = plain.strip_suffix(suffix) {
                // `NameArn`, `ArnName` and the like do not occur; `Bid` and `Grid` do.
                let word =
                    suffix.len() > 2 || name.ends_with("Id") || name.ends_with("ID") || name.ends_with("_id") || base.is_empty();
                if word {
                    return Self { base: base.to_owned(), kind };
                }
            }
        }
        Self { base: plain, kind: Kind::Either }
    }

    /// Cuts the name of a list: `InstanceIds` is a list of `InstanceId`, as is `InstanceIdList`.
    pub(crate) fn of_list(name: &str) -> Self {
        let name = name.strip_suffix("List").filter(|rest| !rest.is_empty()).unwrap_or(name);
        let single = match (name.strip_suffix("ies"), name.strip_suffix('s')) {
            (Some(stem), _) => format!("{stem}y"),
            (None, Some(stem)) => stem.to_owned(),
            (None, None) => name.to_owned(),
        };
        Self::of(&single)
    }
}

/// What an operation's name says it is about: `DescribeDBInstances` is about `dbinstances`.
pub(crate) fn noun(operation: &str) -> String {
    let second = operation.char_indices().skip(1).find(|(_, c)| c.is_ascii_uppercase()).map_or(operation.len(), |(at, _)| at);
    plain(&operation[second..])
}

/// The first word of an operation's name: `Describe`.
pub(crate) fn verb(operation: &str) -> &str {
    let end = operation.char_indices().skip(1).find(|(_, c)| c.is_ascii_uppercase()).map_or(operation.len(), |(at, _)| at);
    &operation[..end]
}
