//! The check every draft has to pass: what is needed is allowed, and nothing is allowed that nothing needs.
//!
//! It knows neither how statements were grouped nor how documents were split, and it looks at the policy twice: with its
//! symbolic parts, and as it reads back from its own JSON.

use std::collections::{BTreeMap, BTreeSet};

use crate::policy::algebra::{Coverage, Request, allows};
use crate::policy::{ActionPattern, ArnPattern, Condition, Effect, PolicyDocument, RenderContext, Statement};

/// A draft that is wrong: a mistake in leash, to be reported instead of the policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckFailure {
    /// A permission was found to be needed and the policy does not give it.
    #[error("the drafted policy does not allow {action} on {resource}, which is needed")]
    NotAllowed {
        /// The action.
        action: ActionPattern,
        /// The resource.
        resource: String,
    },
    /// The policy gives a permission that nothing needs.
    #[error("the drafted policy allows {action} on {resource} in statement {sid}, which nothing needs")]
    NotNeeded {
        /// The action.
        action: ActionPattern,
        /// The resource.
        resource: String,
        /// The statement.
        sid: String,
    },
    /// The policy's JSON says something else than the policy.
    #[error("the drafted policy does not read back from its JSON: {problem}")]
    NotReadable {
        /// What is wrong with it.
        problem: String,
    },
}

/// Checks documents against the requests they are for.
///
/// # Errors
///
/// The first thing that is wrong.
pub fn check(requests: &BTreeSet<Request>, documents: &[PolicyDocument]) -> Result<(), CheckFailure> {
    let statements: Vec<Statement> = documents.iter().flat_map(|document| document.statements.clone()).collect();
    compare(requests, &statements)?;
    let read = read_back(documents)?;
    if read == statements {
        // Nothing symbolic is in it.
        return Ok(());
    }
    let plain = RenderContext::plain();
    let printed: BTreeSet<Request> = requests.iter().map(|request| as_printed(request, &plain)).collect();
    compare(&printed, &read)
}

fn as_printed(request: &Request, context: &RenderContext<'_>) -> Request {
    let condition = |condition: &Condition| {
        let values = condition.values.iter().map(|value| ArnPattern::render_text(value, context).as_str().into());
        Condition::new(condition.operator.clone(), condition.key.clone(), values.collect())
    };
    Request {
        action: request.action.clone(),
        resource: request.resource.rendered(context),
        conditions: request.conditions.iter().map(condition).collect(),
    }
}

/// The statements as they come back from the printed JSON.
fn read_back(documents: &[PolicyDocument]) -> Result<Vec<Statement>, CheckFailure> {
    let unreadable = |problem: String| CheckFailure::NotReadable { problem };
    let mut statements = Vec::new();
    for document in documents {
        let json = serde_json::from_str(&document.to_json_text()).map_err(|error| unreadable(error.to_string()))?;
        let read = PolicyDocument::from_json(&json);
        if let Some(problem) = read.problems.first() {
            return Err(unreadable(problem.to_string()));
        }
        statements.extend(read.statements);
    }
    Ok(statements)
}

/// Both directions, service by service, because no statement of a draft spans two.
fn compare(requests: &BTreeSet<Request>, statements: &[Statement]) -> Result<(), CheckFailure> {
    let mut services: BTreeMap<String, (Vec<&Request>, Vec<Statement>)> = BTreeMap::new();
    for request in requests {
        services.entry(request.action.service().to_lowercase()).or_default().0.push(request);
    }
    for statement in statements {
        let service = statement.actions.items().first().map(|action| action.service().to_lowercase());
        services.entry(service.unwrap_or_default()).or_default().1.push(statement.clone());
    }
    for (requests, statements) in services.values() {
        let spelled_out = spelled_out(statements);
        for request in requests {
            if spelled_out.contains(&(&request.action, &request.resource, request.conditions.as_slice())) {
                continue;
            }
            if allows(statements, request).coverage != Coverage::Full {
                let resource = request.resource.to_string();
                return Err(CheckFailure::NotAllowed { action: request.action.clone(), resource });
            }
        }
        statements.iter().try_for_each(|statement| needed(statement, requests))?;
    }
    Ok(())
}

/// What statements allow word for word, which settles most requests at once. Empty when anything is denied.
fn spelled_out(statements: &[Statement]) -> BTreeSet<(&ActionPattern, &ArnPattern, &[Condition])> {
    let plain = |statement: &Statement| {
        statement.effect == Effect::Allow && !statement.actions.is_negated() && !statement.resources.is_negated()
    };
    if !statements.iter().all(plain) {
        return BTreeSet::new();
    }
    let mut all = BTreeSet::new();
    for statement in statements {
        for action in statement.actions.items() {
            all.extend(statement.resources.items().iter().map(|item| (action, item, statement.conditions.as_slice())));
        }
    }
    all
}

/// Whether each action on each resource of a statement is part of a request, under no weaker conditions.
fn needed(statement: &Statement, requests: &[&Request]) -> Result<(), CheckFailure> {
    let fits = |action: &ActionPattern, resource: &ArnPattern| {
        let exact = Request { conditions: statement.conditions.clone(), ..Request::new(action.clone(), resource.clone()) };
        // The requests are in order, and most of them are in the policy as they are.
        if requests.binary_search(&&exact).is_ok() {
            return true;
        }
        requests.iter().any(|request| {
            request.action.covers(action)
                && request.resource.covers(resource)
                && request.conditions.iter().all(|condition| condition.is_implied_by(&statement.conditions))
        })
    };
    let plain = statement.effect == Effect::Allow && !statement.actions.is_negated() && !statement.resources.is_negated();
    for action in statement.actions.items() {
        for resource in statement.resources.items() {
            if !plain || !fits(action, resource) {
                return Err(CheckFailure::NotNeeded {
                    action: action.clone(),
                    resource: resource.to_string(),
                    sid: statement.sid.as_deref().unwrap_or_default().to_owned(),
                });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(action: &str, resource: &str) -> Request {
        Request::new(ActionPattern::parse(action).expect("an action"), ArnPattern::parse(resource))
    }

    fn document(action: &str, resources: &[&str]) -> PolicyDocument {
        let resources = resources.iter().map(|text| ArnPattern::parse(text)).collect();
        PolicyDocument::new(vec![Statement::allow(vec![ActionPattern::parse(action).expect("an action")], resources)])
    }

    #[test]
    fn a_policy_must_give_what_is_needed_and_no_more() {
        let needs = BTreeSet::from([request("s3:GetObject", "arn:aws:s3:::a/*")]);
        assert_eq!(check(&needs, &[document("s3:GetObject", &["arn:aws:s3:::a/*"])]), Ok(()));
        let wrong = |action, resources: &[&str]| check(&needs, &[document(action, resources)]);
        assert!(matches!(wrong("s3:PutObject", &["arn:aws:s3:::a/*"]), Err(CheckFailure::NotAllowed { .. })));
        assert!(matches!(wrong("s3:GetObject", &["arn:aws:s3:::a/b"]), Err(CheckFailure::NotAllowed { .. })));
        assert!(matches!(wrong("s3:Get*", &["arn:aws:s3:::a/*"]), Err(CheckFailure::NotNeeded { .. })));
        assert!(matches!(wrong("s3:GetObject", &["arn:aws:s3:::*"]), Err(CheckFailure::NotNeeded { .. })));
        assert!(matches!(wrong("s3:GetObject", &["arn:aws:s3:::a/*", "*"]), Err(CheckFailure::NotNeeded { .. })));
    }

    #[test]
    fn conditions_must_not_get_lost() {
        let mut need = request("iam:PassRole", "*");
        need.conditions = vec![Condition::new("StringEquals", "iam:PassedToService", vec!["lambda.amazonaws.com".into()])];
        let failure = check(&BTreeSet::from([need]), &[document("iam:PassRole", &["*"])]);
        assert!(matches!(failure, Err(CheckFailure::NotNeeded { .. })));
    }
}
