//! Keys of KMS that a request names, or that lie behind what it is about.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, bail};
use leash::catalog::format::{Choice, ConditionEntry, EncryptionEntry, Entry, GrantEntry, NoteEntry, ResourceEntry, When};

use super::dependents::any;
use super::model::{Member, Model};
use super::names::plain;
use super::overrides::{KeyRule, ServiceOverrides};
use super::services::Build;

/// Fails where a rule speaks for nothing, so that none is left behind when a service changes.
pub(super) fn check(service: &str, model: &Model, own: &ServiceOverrides) -> Result<()> {
    for rule in &own.keys {
        for name in &rule.operations {
            let operation = model.operations.get(name);
            let operation = operation.with_context(|| format!("overrides/{service}.json: no operation {name} has keys"))?;
            let members = model.deep_members(operation);
            if !members.iter().any(|member| rule.is_about(member)) {
                bail!("overrides/{service}.json: {name} has none of the keys {:?}", rule.params);
            }
        }
    }
    Ok(())
}

impl KeyRule {
    /// Whether it speaks for a parameter.
    fn is_about(&self, member: &Member) -> bool {
        if self.params.is_empty() {
            return is_key(member);
        }
        let path = member.path.trim_end_matches("[]");
        self.params.iter().any(|param| param == path || param == member.leaf())
    }
}

impl Build<'_> {
    /// What the rules of the service say about the keys in the request. What is said by hand for the operation goes first.
    pub(super) fn add_keys(&self, entry: &mut Entry) {
        if entry.grants.is_empty() {
            return;
        }
        let spoken: BTreeSet<String> = entry.grants.iter().map(|grant| grant.action.clone()).collect();
        for (rule, keys) in self.key_rules() {
            let wanted = rule.actions.iter().filter(|action| !spoken.contains(*action));
            let grants: Vec<GrantEntry> = wanted.map(|action| rule.narrowed(on_keys(action, &keys, rule.elsewhere))).collect();
            entry.grants.extend(grants);
            if let Some(text) = &rule.note {
                entry.notes.push(NoteEntry { text: text.clone(), when: given(&keys) });
            }
        }
    }

    /// The rules that apply, each with the keys it is about. One for all operations leaves out what another one says of this one.
    fn key_rules(&self) -> Vec<(&KeyRule, Vec<String>)> {
        let members = self.model.deep_members(self.operation);
        let about = |rule: &KeyRule| -> Vec<String> {
            let named = members.iter().filter(|member| is_named(member) && rule.is_about(member));
            named.map(|member| member.path.clone()).collect()
        };
        let (own, general): (Vec<_>, Vec<_>) = self.own.keys.iter().partition(|rule| !rule.operations.is_empty());
        let mine: Vec<_> = own.into_iter().filter(|rule| rule.operations.iter().any(|name| name == self.name)).collect();
        // A rule that names the whole path goes before those that name what it ends with.
        let spelled = |rule: &KeyRule, key: &str| rule.params.iter().any(|param| param == key);
        let gives_way = |rule: &KeyRule, key: &String| {
            key.contains('.') && !spelled(rule, key) && mine.iter().any(|other| spelled(other, key))
        };
        let of_rule = |rule: &KeyRule| about(rule).into_iter().filter(|key| !gives_way(rule, key)).collect();
        let mut out: Vec<(&KeyRule, Vec<String>)> = mine.iter().map(|rule| (*rule, of_rule(rule))).collect();
        let said: BTreeSet<String> = out.iter().flat_map(|(_, keys)| keys.clone()).collect();
        let rest = |rule| about(rule).into_iter().filter(|key| !said.contains(key)).collect::<Vec<_>>();
        let rest: Vec<_> = general.into_iter().map(|rule| (rule, rest(rule))).collect();
        out.extend(rest);
        out.retain(|(_, keys)| !keys.is_empty());
        out
    }

    /// Says that nothing is known about the keys in a request, where that is so: of each key, as another one may be settled.
    pub(super) fn note_unsettled_keys(&self, entry: &mut Entry) {
        if entry.grants.is_empty() || entry.encryption.is_some() || self.is_of("kms") {
            return;
        }
        let mut open = self.key_params();
        let ruled: BTreeSet<String> = self.key_rules().into_iter().flat_map(|(_, keys)| keys).collect();
        let spoken = spoken_of(entry);
        // What reads none of the keys speaks for all of them.
        let all = spoken.iter().any(|read| !open.iter().any(|key| read.contains(key)));
        open.retain(|key| !all && !ruled.contains(key) && !spoken.iter().any(|read| read.contains(key)));
        if !open.is_empty() {
            let text = format!(
                "whether {} needs permissions on the KMS key in {} is not settled; its page on encryption may name some",
                self.name,
                open.join(" or ")
            );
            entry.notes.push(NoteEntry { text, when: given(&open) });
        }
    }

    /// Parameters that name a customer-managed key.
    pub(super) fn key_params(&self) -> Vec<String> {
        let members = self.model.deep_members(self.operation);
        members.into_iter().filter(|member| is_named(member) && is_key(member)).map(|member| member.path).collect()
    }

    /// A use of the keys that the parameters name.
    pub(super) fn key_of_params(&self, action: &str) -> GrantEntry {
        on_keys(action, &self.key_params(), false)
    }

    /// Where no parameter names the key, it is the one behind the resource.
    pub(super) fn key_behind(&self, actions: Vec<String>) -> Option<EncryptionEntry> {
        let via = self.prefixes.first()?.clone();
        let note = format!("data under a customer-managed KMS key additionally needs {} on that key", actions.join(" and "));
        Some(EncryptionEntry { actions, via, note: Some(note), when: None })
    }

    /// What the override says about the key behind the resource.
    pub(super) fn encryption(&self) -> Option<EncryptionEntry> {
        let found = self.own.encryption.iter().find(|entry| entry.operations.iter().any(|operation| operation == self.name))?;
        Some(EncryptionEntry {
            actions: found.actions.clone(),
            via: found.via.clone(),
            note: found.note.clone(),
            when: found.when.clone(),
        })
    }
}

impl KeyRule {
    /// The grant with what the rule adds to it.
    fn narrowed(&self, mut grant: GrantEntry) -> GrantEntry {
        let condition = |operator: &str, key: &str, value: String| ConditionEntry {
            operator: operator.to_owned(),
            key: key.to_owned(),
            values: vec![value],
            when: None,
            on_request: false,
        };
        if let Some(via) = &self.via {
            let region = if self.elsewhere { "*" } else { "${Region}" };
            let operator = if self.elsewhere { "StringLike" } else { "StringEquals" };
            grant.conditions.push(condition(operator, "kms:ViaService", format!("{via}.{region}.amazonaws.com")));
        }
        if let Some(when) = &self.when {
            grant.when = Some(When::All(grant.when.into_iter().chain([when.clone()]).collect()));
        }
        grant.doc = Some(self.doc.clone());
        grant
    }
}

/// The parameters that each grant and note about keys reads.
fn spoken_of(entry: &Entry) -> Vec<BTreeSet<String>> {
    let owned = |when: Option<&When>| when.iter().flat_map(|when| when.params()).map(str::to_owned).collect::<Vec<_>>();
    let grants = entry.grants.iter().filter(|grant| grant.action.starts_with("kms:")).map(|grant| {
        let resources = grant.resources.iter().chain(&grant.optional);
        let read = resources.flat_map(|resource| {
            let in_arn = leash::catalog::parameters(resource.arn()).unwrap_or_default();
            in_arn.into_iter().chain(owned(resource.when()))
        });
        read.chain(owned(grant.when.as_ref())).collect()
    });
    let notes = entry.notes.iter().filter(|note| note.text.contains("kms:"));
    grants.chain(notes.map(|note| owned(note.when.as_ref()).into_iter().collect())).collect()
}

/// An action on keys; only on those that are given.
fn on_keys(action: &str, keys: &[String], elsewhere: bool) -> GrantEntry {
    let region = if elsewhere { "${any:Region}" } else { "${Region}" };
    let arn = |key: &String| format!("arn:${{Partition}}:kms:{region}:${{Account}}:key/${{param:{key}|key}}");
    let resource = |key: &String| match keys.len() {
        1 => ResourceEntry::Plain(arn(key)),
        _ => ResourceEntry::Conditional { arn: arn(key), when: When::CustomerKey(key.clone()) },
    };
    let conditions = match keys {
        [key] if !key.contains(['[', '{']) => vec![named_by_alias(key)],
        _ => Vec::new(),
    };
    GrantEntry {
        action: action.to_owned(),
        resources: keys.iter().map(resource).collect(),
        when: given(keys),
        conditions,
        dependent: true,
        ..GrantEntry::default()
    }
}

/// Where an alias names the key, that the key has this alias: services are not known to name it so themselves.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html>
fn named_by_alias(key: &str) -> ConditionEntry {
    let choice = |value: &str| Choice { param: key.to_owned(), values: vec![value.to_owned()] };
    let alias = When::Any(vec![When::Prefix(choice("alias/")), When::Contains(choice(":alias/"))]);
    ConditionEntry {
        operator: "ForAnyValue:StringEquals".to_owned(),
        key: "kms:ResourceAliases".to_owned(),
        values: vec![format!("alias/${{param:{key}|raw|after:alias/}}")],
        when: Some(When::Certain(Box::new(alias))),
        on_request: false,
    }
}

/// That one of the keys is given, and is not AWS's own.
fn given(keys: &[String]) -> Option<When> {
    any(keys.iter().cloned().map(When::CustomerKey).collect())
}

fn is_named(member: &Member) -> bool {
    !member.is_enum && !member.is_number
}

/// Whether a parameter names a key, going by its name alone.
fn is_key(member: &Member) -> bool {
    let plain = plain(member.leaf());
    // A plain `KeyId` is one where what it stands in is about encryption.
    let place = member.path.rsplit_once('.').map_or(String::new(), |(place, _)| place.to_ascii_lowercase());
    let within = |words: &[&str]| words.iter().any(|word| place.contains(word));
    let about_more = ["context", "region", "alias", "provider", "policy", "role"].iter().any(|word| plain.contains(word));
    let named = plain.contains("kms") && plain.contains("key")
        || matches!(plain.as_str(), "kmsarn" | "customermanagedkey" | "customermanagedkeyidentifier" | "cmkarn")
        || ["encryptionkey", "encryptionkeyarn", "encryptionkeyid"].iter().any(|end| plain.ends_with(end));
    let by_place = matches!(plain.as_str(), "keyid" | "keyarn" | "keyidupdate") && within(&["encrypt", "kms"])
        || plain == "key" && within(&["kmsencrypt"]);
    !about_more && (named || by_place)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixtures::{action, iam, mapped, prefix};
    use super::super::overrides::Overrides;
    use super::*;

    /// What is noted about an operation with two keys, under an override with these grants besides.
    fn noted(add: &serde_json::Value) -> anyhow::Result<Vec<String>> {
        let model: Model = serde_json::from_value(json!({
            "metadata": { "endpointPrefix": "thing", "serviceId": "Thing" },
            "operations": { "PutThing": { "http": { "method": "POST", "requestUri": "/" }, "input": { "shape": "Input" } } },
            "shapes": {
                "Input": { "type": "structure", "members": { "InputKmsKey": { "shape": "Text" }, "OutputKmsKey": { "shape": "Text" } } },
                "Text": { "type": "string" },
            },
        }))?;
        let with = |names: [&str; 2]| prefix(names.map(|name| action(name, "Write")));
        let iam = iam([("thing", with(["PutThing", "GetThing"])), ("kms", with(["Decrypt", "GenerateDataKey"]))]);
        let own =
            json!({ "service": "thing", "doc": "https://docs.aws.amazon.com/", "operations": { "PutThing": { "add": add } } });
        let mut overrides = Overrides::default();
        overrides.services.insert("thing".to_owned(), serde_json::from_value(own)?);
        let map = mapped(&model, &iam, &overrides)?;
        Ok(map.operations["PutThing"].notes.iter().map(|note| note.text.clone()).collect())
    }

    #[test]
    fn each_key_is_settled_for_itself() -> anyhow::Result<()> {
        let on = |key: &str, action: &str| {
            json!({
                "action": action, "dependent": true, "when": { "customer_key": key },
                "resources": [format!("arn:aws:kms:r:a:key/${{param:{key}|key}}")],
            })
        };
        let one = noted(&json!([on("InputKmsKey", "kms:Decrypt"), on("InputKmsKey", "kms:GenerateDataKey")]))?;
        assert!(matches!(&one[..], [note] if note.contains("key in OutputKmsKey is not settled")), "{one:?}");
        let both = json!([on("InputKmsKey", "kms:Decrypt"), on("OutputKmsKey", "kms:GenerateDataKey")]);
        assert_eq!(noted(&both)?, [""; 0]);
        let whole = json!([{ "action": "kms:Decrypt", "dependent": true, "resources": ["arn:aws:kms:r:a:key/${any:Key}"] }]);
        assert_eq!(noted(&whole)?, [""; 0]);
        let neither = noted(&json!(["thing:GetThing"]))?;
        assert!(matches!(&neither[..], [note] if note.contains("key in InputKmsKey or OutputKmsKey is")), "{neither:?}");
        Ok(())
    }

    #[test]
    fn keys_are_known_by_their_names_and_places() {
        let member =
            |path: &str| Member { path: path.to_owned(), depth: 0, required: true, uri: None, is_enum: false, is_number: false };
        for path in
            ["KmsKeyId", "SSEKMSKeyId", "encryptionKey", "encryptionConfig[].provider.keyArn", "EncryptionConfiguration.KeyId"]
        {
            assert!(is_key(&member(path)), "{path}");
        }
        for path in ["KeyId", "SSEKMSEncryptionContext", "KmsKeyRegion", "streamsKmsKey.kmsAliasArn", "kmsPolicyDocument", "Key"]
        {
            assert!(!is_key(&member(path)), "{path}");
        }
    }
}
