//! Keeps documents within IAM's quotas: several documents, never a broader one.

use super::{DraftStatement, deployed};
use crate::note::{Note, NoteKind};
use crate::policy::{Clause, INLINE_POLICY_QUOTA, MANAGED_POLICIES_PER_ROLE, PolicyDocument, Statement};
use crate::value::Hole;

/// What a name is likely to need once deployed, where nothing better is known.
const NAME: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// Stands in for a symbolic part when sizes are counted.
pub(super) fn placeholder(hole: &Hole) -> Option<String> {
    let text = match hole {
        Hole::Partition => "aws-us-gov",
        Hole::Region => "ap-southeast-1",
        Hole::Account => "123456789012",
        Hole::Resource { .. } | Hole::Parameter(_) | Hole::Env { .. } => NAME,
        Hole::Event(_) | Hole::Context(_) | Hole::Response { .. } | Hole::Content(_) | Hole::Unknown(_) => return None,
    };
    Some(text.to_owned())
}

/// The statements as documents of at most `quota` characters.
pub(super) fn documents(statements: &[DraftStatement], quota: usize) -> (Vec<PolicyDocument>, Vec<Note>) {
    let empty = PolicyDocument::new(Vec::new()).size(&deployed());
    let room = quota.saturating_sub(empty);
    let mut documents: Vec<PolicyDocument> = Vec::new();
    let (mut free, mut total) = (0, empty);
    for statement in statements.iter().flat_map(|draft| fitting(&draft.statement, room)) {
        // One more for the comma that separates it from the one before.
        let size = statement.size(&deployed()) + 1;
        total += size;
        match documents.last_mut() {
            Some(last) if size <= free => {
                last.statements.push(statement);
                free -= size;
            }
            _ => {
                free = room.saturating_sub(size);
                documents.push(PolicyDocument::new(vec![statement]));
            }
        }
    }
    let notes = notes(&documents, total, quota);
    (documents, notes)
}

fn notes(documents: &[PolicyDocument], total: usize, quota: usize) -> Vec<Note> {
    let mut notes = Vec::new();
    let count = documents.len();
    if count > 1 {
        let inline = if total > INLINE_POLICY_QUOTA {
            format!("; it does not fit into a role's inline policies either ({INLINE_POLICY_QUOTA} characters together)")
        } else {
            String::new()
        };
        notes.push(Note::general(
            NoteKind::Quota,
            format!("the policy needs about {total} characters and is split into {count} documents of at most {quota}{inline}"),
        ));
    }
    if count > MANAGED_POLICIES_PER_ROLE {
        notes.push(Note::general(
            NoteKind::Quota,
            format!(
                "{count} documents are more than the {MANAGED_POLICIES_PER_ROLE} managed policies that a role can hold by \
                 default; ask AWS for a higher quota or divide the function"
            ),
        ));
    }
    if let Some(large) = documents.iter().find(|document| document.size(&deployed()) > quota) {
        let sid = large.statements.first().and_then(|statement| statement.sid.as_deref()).unwrap_or("one");
        notes.push(Note::general(
            NoteKind::Quota,
            format!("the statement {sid} alone is larger than the {quota} characters a document may have"),
        ));
    }
    notes
}

/// The statement in parts that fit, halving its longer clause as often as it takes. Parts get numbered names.
fn fitting(statement: &Statement, room: usize) -> Vec<Statement> {
    if statement.size(&deployed()) < room {
        return vec![statement.clone()];
    }
    let mut parts = Vec::new();
    // Last in, first out; the first half is put on top, so that the order stays.
    let mut waiting = vec![statement.clone()];
    while let Some(part) = waiting.pop() {
        // Names grow by the number of the part, at most this much.
        if part.size(&deployed()) + 8 < room {
            parts.push(part);
            continue;
        }
        match halves(&part) {
            Some((first, second)) => waiting.extend([second, first]),
            None => parts.push(part),
        }
    }
    for (index, part) in parts.iter_mut().enumerate() {
        part.sid = part.sid.as_ref().map(|sid| format!("{sid}Part{}", index + 1).into());
    }
    parts
}

fn halves(statement: &Statement) -> Option<(Statement, Statement)> {
    let (actions, resources) = (statement.actions.items(), statement.resources.items());
    let mut pair = (statement.clone(), statement.clone());
    if resources.len() >= actions.len() && resources.len() > 1 {
        let (first, second) = resources.split_at(resources.len() / 2);
        pair.0.resources = Clause::Only(first.to_vec());
        pair.1.resources = Clause::Only(second.to_vec());
    } else if actions.len() > 1 {
        let (first, second) = actions.split_at(actions.len() / 2);
        pair.0.actions = Clause::Only(first.to_vec());
        pair.1.actions = Clause::Only(second.to_vec());
    } else {
        return None;
    }
    Some(pair)
}
