//! Who else is let in: everybody, or services and accounts on anybody's behalf. Looked at are the role, the function
//! itself, and the resources that its code uses or that invoke it.

use std::collections::BTreeSet;

use smol_str::SmolStr;

use super::granted::names;
use super::subject::Subject;
use super::{Finding, Place, Rule, Severity, highest, listed};
use crate::catalog::AccessLevel;
use crate::iac::{DeclaredStatement, ResourcePolicy};
use crate::policy::{ActionPattern, Effect};
use crate::value::{Hole, Text};

/// Finds who is let in too easily.
pub(super) fn find(subject: &Subject<'_>, out: &mut Vec<Finding>) {
    if let Some(role) = subject.role {
        let trust = Guard { what: format!("the role {}", role.id), id: &role.id, verb: "assume", is_role: true };
        out.extend(role.trust.iter().filter_map(|statement| trust.finding(subject, statement)));
    }
    let Some(index) = &subject.index else { return };
    let near = near(subject);
    let own = subject.functions.iter().filter_map(|function| function.function.id.as_ref());
    for (policy, own) in index.guards(own, &near) {
        let what = own.map_or_else(|| target_name(policy), |own| own.id.to_string());
        let guard = Guard { what, id: &policy.id, verb: if own.is_some() { "invoke" } else { "use" }, is_role: false };
        out.extend(policy.statements.iter().filter_map(|statement| guard.finding(subject, statement)));
    }
}

/// The resources that the code uses and that events come from.
fn near(subject: &Subject<'_>) -> BTreeSet<SmolStr> {
    let used = subject.wanted.iter().filter(|wanted| wanted.is_sure()).map(|wanted| wanted.shown.text().clone());
    let events = subject.functions.iter().flat_map(|function| &function.function.events);
    let texts = used.chain(events.filter_map(|event| event.resource.clone()));
    texts.filter_map(|text| id_of(&text).cloned()).collect()
}

/// The first resource of the template that a text names.
pub(super) fn id_of(text: &Text) -> Option<&SmolStr> {
    text.holes().find_map(|hole| match hole {
        Hole::Resource { id, .. } => Some(id),
        _ => None,
    })
}

fn target_name(policy: &ResourcePolicy) -> String {
    id_of(&policy.target).map_or_else(|| policy.target.pattern(), ToString::to_string)
}

/// Something that a policy guards.
struct Guard<'a> {
    what: String,
    id: &'a SmolStr,
    verb: &'static str,
    is_role: bool,
}

/// Why a principal is let in too easily.
enum Gap {
    Everybody,
    Service(String),
    Account(String),
    Federated(String),
}

impl Guard<'_> {
    fn finding(&self, subject: &Subject<'_>, statement: &DeclaredStatement) -> Option<Finding> {
        let gap = self.gap(statement)?;
        let Self { what, verb, .. } = self;
        let public_rule = if self.is_role { Rule::OpenTrust } else { Rule::PublicAccess };
        let (rule, severity, message, remedy) = match &gap {
            Gap::Everybody => (
                public_rule,
                self.public_severity(statement),
                format!("{} may {verb} {what}", everybody(statement)),
                format!("name the principals that may {verb} it, or limit them with a condition such as aws:PrincipalOrgID"),
            ),
            Gap::Federated(provider) => (
                public_rule,
                Severity::High,
                format!("every identity of {provider} may {verb} {what}"),
                "limit the identities with conditions on the provider's `aud` and `sub`".to_owned(),
            ),
            Gap::Service(service) => (
                Rule::ConfusedDeputy,
                if *verb == "invoke" { Severity::Medium } else { Severity::Low },
                format!("{service} may {verb} {what} on behalf of any account: no condition names the source"),
                format!("add a condition on {} to the statement", self.source_keys()),
            ),
            Gap::Account(account) => (
                Rule::ConfusedDeputy,
                Severity::Low,
                format!("the account {account} may {verb} {what}, and nothing proves on whose behalf it does"),
                "unless the account is your own, add a condition on sts:ExternalId to the statement".to_owned(),
            ),
        };
        let mut finding = Finding::new(rule, severity, names(subject));
        finding.message = message;
        finding.remedy = remedy;
        finding.permissions = statement.actions.iter().map(|action| (action.to_string(), Vec::new())).collect();
        let label = if self.is_role { "the trust policy".to_owned() } else { format!("the policy `{}`", self.id) };
        finding.declared = vec![Place { at: Some(statement.origin.clone()), what: label }];
        let principals: Vec<String> = statement.principals.iter().map(|(_, principal)| principal.pattern()).collect();
        finding.identify(&[self.id, &listed(&principals)]);
        Some(finding)
    }

    fn gap(&self, statement: &DeclaredStatement) -> Option<Gap> {
        if statement.effect == Effect::Deny || is_narrowed(statement) {
            return None;
        }
        if statement.not_principal {
            return Some(Gap::Everybody);
        }
        statement.principals.iter().find_map(|(kind, principal)| {
            let name = self::name(principal);
            match kind.as_str() {
                "*" | "AWS" if principal.as_literal() == Some("*") => Some(Gap::Everybody),
                // A key's policy names the services that encrypt with it for the callers, whose own rights count.
                "Service" if acts_for_others(&name, self.is_role) => Some(Gap::Service(name)),
                "Federated" if self.is_role && statement.conditions.is_empty() => Some(Gap::Federated(name)),
                "AWS" if self.is_role => account_of(principal).map(Gap::Account),
                _ => None,
            }
        })
    }

    fn public_severity(&self, statement: &DeclaredStatement) -> Severity {
        if self.is_role {
            return Severity::Critical;
        }
        let url = |text: &Text| text.as_literal() == Some("NONE");
        if statement.conditions.iter().any(|condition| condition.values.iter().any(url)) {
            // A function's URL without authentication is somebody's decision.
            return Severity::Low;
        }
        let actions = statement.actions.iter().filter_map(|action| ActionPattern::parse(action));
        match highest(actions.flat_map(|action| super::granted::levels(&action))) {
            AccessLevel::List | AccessLevel::Read | AccessLevel::Tagging => Severity::Medium,
            AccessLevel::Write => Severity::High,
            AccessLevel::PermissionsManagement => Severity::Critical,
        }
    }

    const fn source_keys(&self) -> &'static str {
        if self.is_role {
            "aws:SourceArn or aws:SourceAccount"
        } else {
            "aws:SourceArn (SourceArn of a permission) or aws:SourceAccount"
        }
    }
}

/// Whom a statement lets in that is for all. With `NotPrincipal`, that is everybody else, who need not even be known to AWS.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html>
fn everybody(statement: &DeclaredStatement) -> String {
    let names: Vec<String> = statement.principals.iter().map(|(_, principal)| name(principal)).collect();
    if statement.not_principal { format!("anybody but {}", names.join(", ")) } else { "anybody".to_owned() }
}

/// A principal as it is shown.
fn name(principal: &Text) -> String {
    principal.as_literal().map_or_else(|| principal.pattern(), str::to_owned)
}

/// Whether a condition says who or what is behind the request. Encryption and addresses of the network do not.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>
fn is_narrowed(statement: &DeclaredStatement) -> bool {
    statement.conditions.iter().any(|condition| {
        let key = condition.key.to_ascii_lowercase();
        let everything = condition.values.iter().any(|value| matches!(value.as_literal(), Some("*" | "NONE")));
        !everything && !matches!(key.as_str(), "aws:securetransport" | "s3:x-amz-acl" | "lambda:invokedviafunctionurl")
    })
}

/// Whether a service uses its permission for resources that others own. Those that only start a workload of the account
/// with its role do not.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html>
fn acts_for_others(service: &str, is_role: bool) -> bool {
    const RUNTIMES: [&str; 8] = ["lambda", "edgelambda", "ec2", "ecs", "ecs-tasks", "batch", "codebuild", "eks"];
    let short = service.split('.').next().unwrap_or(service);
    !(is_role && RUNTIMES.contains(&short))
}

/// The account that a principal names, when that is all it names or when the account is written out.
fn account_of(principal: &Text) -> Option<String> {
    let text = principal.as_literal()?;
    let account = if text.starts_with("arn:") { text.split(':').nth(4)? } else { text };
    (account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit())).then(|| account.to_owned())
}
