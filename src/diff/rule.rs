//! What can be found. The ids never change their meaning.

use crate::catalog::AccessLevel;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Small.
    Low,
    /// Worth fixing.
    Medium,
    /// Fix it.
    High,
    /// Fix it now.
    Critical,
}

impl Severity {
    /// The word in output.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// How much it matters that a permission of this level is there and not used.
    pub const fn of_excess(level: AccessLevel) -> Self {
        match level {
            AccessLevel::List | AccessLevel::Read | AccessLevel::Tagging => Self::Low,
            AccessLevel::Write => Self::Medium,
            AccessLevel::PermissionsManagement => Self::High,
        }
    }

    /// How much it matters that a permission of this level is missing or open to everything.
    pub const fn of_reach(level: AccessLevel) -> Self {
        match level {
            AccessLevel::List | AccessLevel::Read | AccessLevel::Tagging => Self::Medium,
            AccessLevel::Write | AccessLevel::PermissionsManagement => Self::High,
        }
    }
}

macro_rules! rules {
    ($($(#[$doc:meta])* $variant:ident $id:literal $name:literal $summary:literal $help:literal;)*) => {
        /// A kind of finding.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule { $($(#[$doc])* $variant),* }

        impl Rule {
            /// Every rule, by id.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Stable id: `LEASH001`.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id),* }
            }

            /// Stable name: `missing-permission`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// What it finds, in one sentence.
            pub const fn summary(self) -> &'static str {
                match self { $(Self::$variant => $summary),* }
            }

            /// What to do about it.
            pub const fn help(self) -> &'static str {
                match self { $(Self::$variant => $help),* }
            }
        }
    };
}

rules! {
    /// The code needs it, the role does not allow it.
    MissingPermission "LEASH001" "missing-permission"
        "The code makes a request that its role does not allow."
        "Add the permission to the role, or remove the call.";
    /// The role allows an action that the code never uses.
    UnusedAction "LEASH002" "unused-action"
        "The role allows actions that no code reached from the handler uses."
        "Remove the actions from the statement.";
    /// The role allows a service that the code never uses.
    UnusedService "LEASH003" "unused-service"
        "The role allows actions of a service that no code reached from the handler uses at all."
        "Remove the service's actions from the role.";
    /// An action with a wildcard allows more than is used.
    WildcardAction "LEASH004" "wildcard-action"
        "A wildcard in an action allows more than the code uses."
        "List the actions that are used.";
    /// A resource with a wildcard covers more than is used.
    WildcardResource "LEASH005" "wildcard-resource"
        "A wildcard in a resource covers more than the code uses, and the actions can be limited to single resources."
        "Name the resources that are used.";
    /// Several functions share one role.
    SharedRole "LEASH006" "shared-role"
        "Several functions run with one role, so each has the permissions of all."
        "Give each function a role of its own.";
    /// The role can raise its own rights.
    PrivilegeEscalation "LEASH007" "privilege-escalation"
        "The role allows actions with which the function can give itself more rights."
        "Remove one of the actions, or limit it to resources that do not help.";
    /// Credentials in the source.
    HardcodedCredentials "LEASH008" "hardcoded-credentials"
        "AWS credentials are written into the source."
        "Revoke them, and let the function use its role.";
    /// It cannot be told.
    Undecidable "LEASH009" "undecidable"
        "Whether permissions are needed, or granted, could not be decided."
        "Resolve what stands in the way; the finding names it.";
    /// A listed resource that is never used.
    UnusedResource "LEASH010" "unused-resource"
        "A statement names a resource that the code never uses."
        "Remove the resource from the statement.";
    /// Not an action.
    UnknownAction "LEASH011" "unknown-action"
        "A policy names an action that IAM does not have, so it allows nothing."
        "Correct the spelling, or remove it.";
    /// Anybody may assume the role.
    OpenTrust "LEASH012" "open-trust"
        "The role's trust policy lets anybody assume it."
        "Name the principals that may assume the role.";
    /// An allowance without effect.
    StaleAllowance "LEASH013" "stale-allowance"
        "An allowance matches no permission and no finding any more."
        "Remove the allowance.";
    /// The function did something that leash does not find in its code.
    ObservedNotInferred "LEASH014" "observed-not-inferred"
        "A request was observed that leash does not infer from the code, so leash misses something."
        "Look for the call; keep the permission with an allowance.";
    /// A change adds a permission.
    AddedPermission "LEASH015" "added-permission"
        "The function may do something that it could not do before the change."
        "Check that the change is meant to need it.";
    /// A change makes a permission broader.
    WidenedPermission "LEASH016" "widened-permission"
        "The function may do on more resources what it could do on some before the change."
        "Check that the change is meant to need it.";
    /// A change drops a permission.
    RemovedPermission "LEASH017" "removed-permission"
        "The function needs less than before the change."
        "Take the permission from the role as well.";
    /// Not an ARN.
    MalformedResource "LEASH018" "malformed-resource"
        "A policy names a resource that is no ARN, so IAM refuses it."
        "Write arn:partition:service:region:account:resource, or *.";
    /// A service or an account may act for anybody.
    ConfusedDeputy "LEASH019" "confused-deputy"
        "A service or another account is let in without a condition that says on whose behalf."
        "Add a condition on the source: aws:SourceArn, aws:SourceAccount, or sts:ExternalId for accounts.";
    /// Anybody may use it.
    PublicAccess "LEASH020" "public-access"
        "The policy of a function, or of a resource that it uses, lets anybody in."
        "Name the principals that may use it.";
}

/// When a run with findings counts as failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Threshold {
    /// Findings of this severity and above.
    Severity(Severity),
    /// Findings of these rules, whatever their severity but [`Severity::Info`].
    Rules(Vec<Rule>),
    /// Never.
    Never,
}

impl Threshold {
    /// Reads a severity, `any`, `none`, or rules by id, name or the first word of their names, with commas between them.
    pub fn parse(text: &str) -> Option<Self> {
        let severities = [Severity::Info, Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
        if let Some(severity) = severities.into_iter().find(|severity| severity.id() == text) {
            return Some(Self::Severity(severity));
        }
        match text {
            "any" => return Some(Self::Severity(Severity::Info)),
            "none" | "never" => return Some(Self::Never),
            _ => {}
        }
        let mut rules = Vec::new();
        for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            let before = rules.len();
            rules.extend(Rule::ALL.iter().copied().filter(|rule| rule.is_called(word)));
            if rules.len() == before {
                return None;
            }
        }
        rules.sort();
        rules.dedup();
        (!rules.is_empty()).then_some(Self::Rules(rules))
    }

    /// Whether a finding of this rule and severity fails the run.
    pub fn is_met(&self, rule: Rule, severity: Severity) -> bool {
        match self {
            Self::Severity(least) => severity >= *least,
            Self::Rules(rules) => severity > Severity::Info && rules.contains(&rule),
            Self::Never => false,
        }
    }
}

impl Rule {
    fn is_called(self, word: &str) -> bool {
        let first = self.name().split('-').next();
        self.id().eq_ignore_ascii_case(word) || self.name() == word || first == Some(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_read_severities_rules_and_groups() {
        let listed = Threshold::parse("missing,wildcard,privilege-escalation").expect("rules");
        let rules = [Rule::MissingPermission, Rule::WildcardAction, Rule::WildcardResource, Rule::PrivilegeEscalation];
        assert_eq!(listed, Threshold::Rules(rules.to_vec()));
        assert!(Threshold::parse("leash008").is_some_and(|one| one.is_met(Rule::HardcodedCredentials, Severity::Low)));
        assert!(!listed.is_met(Rule::WildcardResource, Severity::Info));
        assert!(Threshold::parse("high").is_some_and(|high| !high.is_met(Rule::MissingPermission, Severity::Medium)));
        assert_eq!(Threshold::parse("wild"), None);
        assert_eq!(Threshold::parse(","), None);
    }

    #[test]
    fn ids_are_numbered_and_names_unique() {
        for (index, rule) in Rule::ALL.iter().enumerate() {
            assert_eq!(rule.id(), format!("LEASH{:03}", index + 1));
            assert_eq!(Rule::ALL.iter().filter(|other| other.name() == rule.name()).count(), 1);
        }
    }
}
