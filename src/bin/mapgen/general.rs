//! What holds for all operations of a service: names that are kept in lower case.

use std::borrow::Cow;

use leash::catalog::format::{Entry, ResourceEntry};

use super::services::Build;

impl Build<'_> {
    /// Names that the service keeps in lower case stand so in its ARNs, whatever the request spells.
    pub(super) fn fold_names(&self, entry: &mut Entry) {
        let Some(rule) = &self.own.lower else { return };
        let fold = |arn: &mut String| {
            if arn.starts_with("arn:") && self.prefixes.iter().any(|prefix| arn.split(':').nth(2) == Some(prefix)) {
                *arn = lowered(arn, &rule.params).into_owned();
            }
        };
        for grant in &mut entry.grants {
            for resource in grant.resources.iter_mut().chain(&mut grant.optional) {
                match resource {
                    ResourceEntry::Plain(arn) | ResourceEntry::Conditional { arn, .. } => fold(arn),
                }
            }
        }
    }
}

/// A template whose parameters of these names, or of names that end with one, go into the ARN in lower case.
fn lowered<'a>(arn: &'a str, names: &[String]) -> Cow<'a, str> {
    let Some((before, rest)) = arn.split_once("${param:") else { return Cow::Borrowed(arn) };
    let Some((variable, behind)) = rest.split_once('}') else { return Cow::Borrowed(arn) };
    let path = variable.split('|').next().unwrap_or_default();
    let leaf = path.rsplit('.').next().unwrap_or_default().trim_end_matches("[]");
    let filter = if names.iter().any(|name| leaf.ends_with(name.as_str())) { "|lower" } else { "" };
    Cow::Owned(format!("{before}${{param:{variable}{filter}}}{}", lowered(behind, names)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_folded_wherever_they_stand() {
        let names = ["DBInstanceIdentifier".to_owned()];
        let arn = "arn:aws:rds:${Region}:a:db:${param:SourceDBInstanceIdentifier|name}/${param:Entries[].DBInstanceIdentifier}";
        let wanted = "arn:aws:rds:${Region}:a:db:${param:SourceDBInstanceIdentifier|name|lower}/${param:Entries[].DBInstanceIdentifier|lower}";
        assert_eq!(lowered(arn, &names), wanted);
        let other = "arn:aws:rds:${Region}:a:og:${param:OptionGroupName}";
        assert_eq!(lowered(other, &names), other);
    }
}
