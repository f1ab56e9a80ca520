//! Which resources an action of an operation touches.

use std::collections::BTreeMap;

use leash::catalog::format::{ResourceEntry, When};

use super::bind::{Binder, Bound, is_generic, names_arn_of, variables, whole};
use super::iam::{Action, Prefix, TypeUse};
use super::model::Member;
use super::names::{Kind, noun, plain};
use super::open::{common, one_of, unbound};
use super::overrides::{FullGrant, OperationOverride};
use super::services::{Build, makes};

impl Build<'_> {
    /// API Gateway's resources are the request's paths.
    ///
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-iam-policy-examples.html>
    fn http_arn(&self) -> String {
        let path = self.operation.http.request_uri.split('?').next().unwrap_or_default();
        let mut out = format!("arn:${{Partition}}:{}:${{Region}}::", self.prefixes.first().map_or("", String::as_str));
        for part in path.strip_prefix("/v2").unwrap_or(path).split_inclusive('/') {
            let (variable, slash) = part.strip_suffix('/').map_or((part, ""), |variable| (variable, "/"));
            match variable.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(name) => {
                    let name = name.trim_end_matches('+');
                    // An ARN stands in the path in another spelling, with its colons and slashes encoded.
                    let given = |member: &&Member| member.uri.as_deref() == Some(name) && member.name().kind != Kind::Arn;
                    let member = self.members.iter().find(given);
                    out.push_str(&member.map_or(format!("${{any:{name}}}"), |member| format!("${{param:{}|raw}}", member.path)));
                }
                None => out.push_str(variable),
            }
            out.push_str(slash);
        }
        out
    }

    /// The templates that each request touches, and those it touches when their parameters are given.
    pub(super) fn resources(
        &self,
        prefix: &Prefix,
        action: &Action,
        grant: &FullGrant,
    ) -> (Vec<ResourceEntry>, Vec<ResourceEntry>) {
        let spelled_prefix = grant.action.split(':').next().unwrap_or_default();
        if self.own.http_verbs && self.is_of(spelled_prefix) && is_http_verb(&action.name) {
            return (vec![ResourceEntry::Plain(self.http_arn())], Vec::new());
        }
        let none = OperationOverride::default();
        let over = self.over.unwrap_or(&none);
        // The service's own bindings are for the operations that have their parameters.
        let fits =
            |template: &str| leash::catalog::parameters(template).is_ok_and(|all| all.iter().all(|param| self.has_path(param)));
        let general = self.own.bind.iter().filter(|(_, template)| fits(template));
        let general = general.map(|(variable, template)| (variable.clone(), template.clone())).collect();
        let overrides = vec![&grant.bind, &over.bind, &general];
        // What `CreateImage` triggers it reads, whatever the operation itself creates.
        let operation = if grant.dependent { &action.name } else { self.name };
        let foreign = grant.dependent && !self.is_of(spelled_prefix);
        let binder = Binder { operation, members: self.members, overrides: overrides.clone(), foreign };
        // What else it touches, its `Name` does not name.
        let telling: Vec<Member> = self.members.iter().filter(|member| !is_generic(member.leaf())).cloned().collect();
        let other = Binder { operation, members: &telling, overrides, foreign };
        let stranger = Binder { operation, members: &[], overrides: vec![&grant.bind, &over.bind], foreign };
        let about = noun(self.name);
        let about = about.trim_end_matches('s');
        let mut required = Vec::new();
        let mut optional = Vec::new();
        let mut generic: BTreeMap<(String, bool), Vec<String>> = BTreeMap::new();
        let mut dropped = Vec::new();
        let wanted =
            action.resource_types.iter().filter(|kind| grant.types.as_ref().is_none_or(|types| types.contains(&kind.name)));
        for kind in wanted {
            let list = if kind.required { &mut required } else { &mut optional };
            let resource = prefix.resource(&kind.name);
            let namesake = foreign && resource.is_some_and(|resource| self.is_namesake(&kind.name, &resource.arn));
            let arns = over.arns.get(&kind.name).or_else(|| self.own.arns.get(&kind.name));
            if let Some(arns) = arns.filter(|_| !namesake) {
                let fits: Vec<_> = arns.iter().filter_map(|arn| self.fitted(arn)).collect();
                if arns.is_empty() || !fits.is_empty() {
                    list.extend(fits);
                    continue;
                }
            }
            let Some(resource) = resource else { continue };
            let elsewhere = grant.dependent && !about.ends_with(plain(&kind.name).trim_end_matches('s'));
            let binder = if namesake || foreign && makes(&action.name, &kind.name) && resource.arn.ends_with("Id}") {
                &stranger
            } else if elsewhere {
                &other
            } else {
                &binder
            };
            let mut bound = binder.bind(&kind.name, &resource.arn);
            if !bound.follows
                && !grant.dependent
                && let Some(template) = self.named_from_now_on(&kind.name, &resource.arn)
            {
                (bound.template, bound.follows) = (template, true);
            }
            match bound.generic {
                Some(param) => generic.entry((param, kind.required)).or_default().push(bound.template),
                None if kind.required || bound.follows || variables(&resource.arn).is_empty() => {
                    list.extend(self.named(kind, &resource.arn, bound));
                }
                None if !grant.dependent && makes(self.name, &kind.name) => required.push(ResourceEntry::Plain(bound.template)),
                None => dropped.push((kind, bound.template)),
            }
        }
        for ((param, needed), templates) in generic {
            let list = if needed { &mut required } else { &mut optional };
            list.push(ResourceEntry::Plain(common(&param, &templates)));
        }
        unbound(&dropped, action, &mut required, &optional);
        dedup(&mut required);
        dedup(&mut optional);
        (required, optional)
    }

    /// The templates of what is bound: one for each structure that may name it.
    fn named(&self, kind: &TypeUse, format: &str, bound: Bound) -> Vec<ResourceEntry> {
        if bound.rivals.is_empty() {
            return self.or_arn(&kind.name, format, bound.template);
        }
        one_of(bound.template, bound.rivals, kind.required)
    }

    /// Whether a type of another service is called like one of this service's own: what a request to `SageMaker` calls a
    /// cluster is no cluster of EKS.
    fn is_namesake(&self, kind: &str, format: &str) -> bool {
        let service = |arn: &str| arn.split(':').nth(2).unwrap_or_default().to_owned();
        let own = self.prefixes.iter().filter_map(|prefix| self.sources.iam.prefixes.get(prefix)?.resource(kind));
        let mut own = own.map(|resource| service(&resource.arn)).peekable();
        own.peek().is_some() && own.all(|own| own != service(format))
    }

    /// The template; where only optional parameters give it and another one takes the whole ARN (`FirewallName` or
    /// `FirewallArn`), the one or the other.
    fn or_arn(&self, kind: &str, format: &str, template: String) -> Vec<ResourceEntry> {
        let read = leash::catalog::parameters(&template).unwrap_or_default();
        let needed = |member: &Member| member.required && read.contains(&member.path);
        let beside = |member: &Member| read.iter().any(|path| parent(path) == parent(&member.path));
        let other =
            |member: &&Member| !member.required && names_arn_of(member, kind) && !read.contains(&member.path) && beside(member);
        let arn = self.members.iter().find(other).filter(|_| !read.is_empty() && !self.members.iter().any(needed));
        let Some(arn) = arn else { return vec![ResourceEntry::Plain(template)] };
        vec![
            ResourceEntry::Conditional { arn: template, when: When::Absent(arn.path.clone()) },
            ResourceEntry::Conditional { arn: whole(format, &arn.path), when: When::Present(arn.path.clone()) },
        ]
    }
}

/// Whether an action is one of those that stand for whatever is requested that way.
fn is_http_verb(action: &str) -> bool {
    matches!(action, "DELETE" | "GET" | "PATCH" | "POST" | "PUT")
}

/// The structure that a parameter is in.
fn parent(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(parent, _)| parent)
}

fn dedup(entries: &mut Vec<ResourceEntry>) {
    let mut seen = Vec::new();
    entries.retain(|entry| {
        let new = !seen.contains(entry);
        seen.push(entry.clone());
        new
    });
}
