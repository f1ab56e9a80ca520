//! What references to resources stand for: `api-maps/resources/` knows, per type, what `Ref` and each attribute mean and how
//! the ARN is written.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;
use smol_str::SmolStr;

use super::stack::{LambdaFunction, Resource, Stack};
use crate::value::{Arg, ArgMap, Hole, Piece, Text};

/// One file per format; a type belongs to exactly one of them.
const TABLES: [&str; 2] =
    [include_str!("../../api-maps/resources/cloudformation.json"), include_str!("../../api-maps/resources/terraform.json")];

/// How many resources may be called by one another.
const MAX_NAMES: usize = 8;

/// What is known about a resource type.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourceType {
    /// The IAM prefix of its service.
    pub prefix: String,
    /// How its ARN is written, with `${Name}` or `${Id}` where its own name or generated id goes; other variables are attributes.
    arn: String,
    /// The property that holds its name, if it can have one; dots lead into nested properties.
    name: Option<String>,
    /// What `Ref` gives: one of the words of [`Meaning`], or a string with variables. Formats without `Ref` have none.
    r#ref: Option<String>,
    /// What each attribute gives, likewise.
    attributes: BTreeMap<String, String>,
    /// The property that holds the customer key it is encrypted with.
    kms: Option<String>,
    /// How `CloudFormation` writes the logical id in the name it gives to a resource without one.
    generated: Option<Spelling>,
    /// The documentation page these facts are from.
    pub doc: String,
}

/// How a logical id is written in a generated name.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Spelling {
    /// As it is.
    Kept,
    /// In small letters.
    Lower,
    /// As it is, without the stack's name before it.
    Alone,
}

/// What an attribute of a resource is, as far as permissions are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Meaning {
    /// The name it has in its ARN.
    Name,
    /// The ARN, or that of a part of it.
    Arn,
    /// The id that AWS generates.
    Id,
    /// An address.
    Url,
    /// Something leash has no fact about.
    Other,
}

/// A reference to a resource, resolved as far as the template allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolvedResource {
    /// The logical id.
    pub id: SmolStr,
    /// The resource's type.
    pub kind: SmolStr,
    /// The IAM prefix of its service; absent for types leash has no facts about.
    pub prefix: Option<SmolStr>,
    /// What the attribute that was asked for is.
    pub meaning: Meaning,
    /// Its value: literal where the template names the resource. What the deployment decides stays a hole; the resource's own
    /// name is then the hole that was asked for, which must not be resolved again.
    pub value: Text,
    /// The ARN of the resource (of its stream, say, when that attribute was asked for). Literal where the template names the
    /// resource, else with holes, which [`Text::pattern`] turns into `*`.
    pub arn: Text,
    /// The reference that gives the ARN within the template: `Fn::GetAtt` of some attribute, or `Ref`.
    pub arn_reference: Option<Hole>,
    /// Its name, when the template gives one.
    pub name: Option<Text>,
    /// The customer key it is encrypted with, as ARN, id, alias or reference.
    pub kms_key: Option<Text>,
}

/// The facts about a type.
pub fn resource_type(kind: &str) -> Option<&'static ResourceType> {
    static TYPES: OnceLock<BTreeMap<String, ResourceType>> = OnceLock::new();
    let types = TYPES.get_or_init(|| {
        let tables = TABLES.iter().filter_map(|table| serde_json::from_str::<BTreeMap<String, ResourceType>>(table).ok());
        tables.flatten().collect()
    });
    types.get(kind)
}

impl Stack {
    /// What a hole stands for, when it is a resource of this stack.
    pub fn resolve(&self, hole: &Hole) -> Option<ResolvedResource> {
        match hole {
            Hole::Resource { id, attribute } => self.resolve_attribute(id, attribute),
            _ => None,
        }
    }

    /// What an attribute of a resource of this stack is; `Ref` counts as one.
    pub fn resolve_attribute(&self, id: &str, attribute: &str) -> Option<ResolvedResource> {
        let generated = if self.resources.contains_key(id) { None } else { self.generated(id) };
        let resource = self.resources.get(id).or(generated.as_ref());
        let own = Text::hole(Hole::Resource { id: id.into(), attribute: attribute.into() });
        let known = resource.and_then(|resource| Some((resource, resource_type(&resource.kind)?)));
        let Some((resource, facts)) = known else {
            // Attributes are called after what they are, in all types alike, and so in those that a plugin adds on its own.
            let is_arn = names_arn(attribute);
            if resource.is_none() && !is_arn {
                return None;
            }
            return Some(ResolvedResource {
                id: id.into(),
                kind: resource.map(|resource| resource.kind.clone()).unwrap_or_default(),
                prefix: None,
                meaning: if is_arn { Meaning::Arn } else { Meaning::Other },
                value: own.clone(),
                arn_reference: is_arn.then(|| Hole::Resource { id: id.into(), attribute: attribute.into() }),
                arn: if is_arn { own } else { Text::hole(Hole::Unknown("the ARN of a resource of unknown type".into())) },
                name: None,
                kms_key: None,
            });
        };
        let mut resolved = facts.resolve(resource, self.name_of(resource, facts, MAX_NAMES), attribute, &own);
        if let Some(arn) = self.qualified_arn(resource) {
            if resolved.meaning == Meaning::Arn {
                resolved.value = arn.clone();
            }
            resolved.arn = arn;
        }
        Some(resolved)
    }

    /// The name that a resource is given, in which names of others may stand: a data source looks up what another resource makes.
    fn name_of(&self, resource: &Resource, facts: &ResourceType, depth: usize) -> Option<Text> {
        let name = at_path(&resource.properties, facts.name_path()?).and_then(one_text)?;
        Some(name.fill(|hole| {
            let Hole::Resource { id, attribute } = hole else { return None };
            let other = self.resources.get(id).filter(|other| depth > 0 && other.id != resource.id)?;
            let facts = resource_type(&other.kind)?;
            facts.spelled(id, attribute, self.name_of(other, facts, depth - 1)?)
        }))
    }

    /// How the value of an attribute is written, where that is more than one name: `arn:…:table/orders`. What stands for any text in
    /// ARNs is a hole; so is what the deployment makes up.
    pub fn form_of(&self, hole: &Hole) -> Option<Text> {
        let resource = self.resolve(hole)?;
        let literals = || resource.value.pieces().iter().filter(|piece| matches!(piece, Piece::Literal(_)));
        let has = |mark: char| literals().any(|piece| matches!(piece, Piece::Literal(text) if text.contains(mark)));
        if literals().next().is_none() || has('?') {
            return None;
        }
        let made_up =
            || Piece::Hole(Hole::Unknown(smol_str::format_smolstr!("what the deployment adds to the name of {}", resource.id)));
        let mut form = Text::default();
        for (index, part) in resource.value.split_by(|literal| literal.split('*')).iter().enumerate() {
            if index > 0 {
                form.push(made_up());
            }
            form.push_text(part);
        }
        Some(form)
    }

    /// The ARN of an alias or a version: that of its function with a qualifier behind it.
    fn qualified_arn(&self, resource: &Resource) -> Option<Text> {
        if !matches!(resource.kind.as_str(), "AWS::Lambda::Alias" | "AWS::Lambda::Version") {
            return None;
        }
        let at = self.function_of(&resource.property("FunctionName")?.as_text()?)?;
        let mut arn = self.resolve_attribute(&self.functions.get(at)?.id, "Arn")?.arn;
        arn.push_str(":");
        match resource.property("Name").and_then(Arg::as_text) {
            Some(name) => arn.push_text(&name),
            None => arn.push_text(&Text::hole(Hole::Unknown("a qualifier".into()))),
        }
        Some(arn)
    }

    /// A resource that SAM makes beside a declared one, by the names it is documented to have.
    /// <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources.html>
    fn generated(&self, id: &str) -> Option<Resource> {
        let of_function = |function: &&LambdaFunction| generated_kind(id, &function.id).is_some();
        let mut properties = ArgMap::default();
        let (kind, origin) = match id {
            "ServerlessRestApi" => ("AWS::Serverless::Api", &self.functions.first()?.origin),
            "ServerlessHttpApi" => ("AWS::Serverless::HttpApi", &self.functions.first()?.origin),
            _ => {
                let function = self.functions.iter().find(of_function)?;
                let own = Hole::Resource { id: function.id.clone(), attribute: SmolStr::new_static("Ref") };
                properties.entries.insert("FunctionName".into(), Arg::Text(Text::hole(own)));
                let alias = self.resources.get(&function.id).and_then(|function| function.property("AutoPublishAlias"));
                properties.entries.extend(alias.map(|name| ("Name".into(), name.clone())));
                (generated_kind(id, &function.id)?, &function.origin)
            }
        };
        Some(Resource { id: id.into(), kind: kind.into(), properties: Arg::Map(properties), origin: origin.clone() })
    }
}

/// Whether an attribute is called an ARN.
fn names_arn(attribute: &str) -> bool {
    attribute == "arn" || ["Arn", "ARN", "_arn"].iter().any(|end| attribute.ends_with(end))
}

/// The type of what SAM makes for a function under a name.
pub(super) fn generated_kind(id: &str, function: &str) -> Option<&'static str> {
    match id.strip_prefix(function)? {
        "Role" => Some("AWS::IAM::Role"),
        ".Version" => Some("AWS::Lambda::Version"),
        ".Alias" => Some("AWS::Lambda::Alias"),
        rest if rest.starts_with("Alias") => Some("AWS::Lambda::Alias"),
        rest if rest.starts_with("Version") => Some("AWS::Lambda::Version"),
        _ => None,
    }
}

impl ResourceType {
    /// Whether there are facts about an attribute.
    pub(crate) fn knows(&self, attribute: &str) -> bool {
        self.attributes.contains_key(attribute)
    }

    /// How a logical id is written in the name that is generated for a resource without one; nothing when that is not known, or
    /// when the attribute is not the name.
    pub(crate) fn generated(&self, attribute: &str) -> Option<Spelling> {
        self.generated.filter(|_| self.name_attribute() == Some(attribute))
    }

    /// The way to the property that holds the customer key, with dots between its parts.
    pub(crate) fn key_path(&self) -> Option<&str> {
        self.kms.as_deref()
    }

    /// The names of the properties that facts are about.
    pub(crate) fn property_names(&self) -> impl Iterator<Item = &str> {
        [&self.name, &self.kms].into_iter().flatten().flat_map(|path| path.split('.'))
    }

    /// What an attribute gives.
    fn written(&self, attribute: &str) -> Option<&String> {
        if attribute == "Ref" { self.r#ref.as_ref() } else { self.attributes.get(attribute) }
    }

    /// The way to the property that holds its name.
    pub(crate) fn name_path(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// How an attribute is written for a resource with this name; nothing where the deployment makes up more than the name.
    pub(crate) fn spelled(&self, id: &SmolStr, attribute: &str, name: Text) -> Option<Text> {
        let variables = Variables { name: Some(name.clone()), id: id.clone(), reference: None };
        let arn = variables.fill(&self.arn, None);
        let text = match self.written(attribute)?.as_str() {
            "name" => name,
            "arn" => arn,
            "id" | "url" => return None,
            written => variables.fill(written, Some(&arn)),
        };
        let is_known = |piece: &Piece| !matches!(piece, Piece::Literal(text) if text.contains(['*', '?']));
        text.pieces().iter().all(is_known).then_some(text)
    }

    fn resolve(&self, resource: &Resource, name: Option<Text>, attribute: &str, own: &Text) -> ResolvedResource {
        let written = self.written(attribute);
        let variables = Variables { name: name.clone(), id: resource.id.clone(), reference: self.name_attribute() };
        let mut arn = variables.fill(&self.arn, None);
        let (meaning, value) = match written.map(String::as_str) {
            Some("arn") => (Meaning::Arn, arn.clone()),
            Some("name") => (Meaning::Name, name.clone().unwrap_or_else(|| own.clone())),
            Some("id") => (Meaning::Id, own.clone()),
            Some("url") => (Meaning::Url, own.clone()),
            Some(text) => {
                let value = variables.fill(text, Some(&arn));
                if text.starts_with("${Arn}") {
                    arn = value.clone();
                    (Meaning::Arn, value)
                } else {
                    (Meaning::Url, value)
                }
            }
            // CDK constructs have it where templates have no attribute for it.
            None if attribute == "Arn" => (Meaning::Arn, arn.clone()),
            // The ARN of something else: of the secret that a database makes for its password.
            None if names_arn(attribute) => {
                arn = own.clone();
                (Meaning::Arn, own.clone())
            }
            None => (Meaning::Other, own.clone()),
        };
        ResolvedResource {
            id: resource.id.clone(),
            kind: resource.kind.clone(),
            prefix: Some(self.prefix.as_str().into()),
            meaning,
            value,
            arn,
            arn_reference: self
                .arn_attribute(attribute)
                .map(|attribute| Hole::Resource { id: resource.id.clone(), attribute: attribute.into() }),
            name,
            kms_key: self.kms.as_deref().and_then(|path| at_path(&resource.properties, path)).and_then(one_text),
        }
    }

    /// The attribute that gives the name of an unnamed resource.
    fn name_attribute(&self) -> Option<&str> {
        let by_reference = matches!(self.r#ref.as_deref(), Some("name" | "id")).then_some("Ref");
        let by_name = || self.attributes.get_key_value("name").filter(|(_, what)| *what == "name").map(|(name, _)| name.as_str());
        by_reference.or_else(by_name).or_else(|| self.attribute_with("name")).or_else(|| self.attribute_with("id"))
    }

    /// The attribute that gives the ARN: the one asked for, if it is a part's.
    fn arn_attribute<'a>(&'a self, asked: &'a str) -> Option<&'a str> {
        let is_other = |written: Option<&String>| match written {
            Some(written) => written.starts_with("${Arn}"),
            None => asked != "Arn" && names_arn(asked),
        };
        if is_other(self.attributes.get(asked)) {
            return Some(asked);
        }
        self.attribute_with("arn").or_else(|| (self.r#ref.as_deref() == Some("arn")).then_some("Ref"))
    }

    fn attribute_with(&self, meaning: &str) -> Option<&str> {
        self.attributes.iter().find(|(_, what)| *what == meaning).map(|(name, _)| name.as_str())
    }
}

/// What the variables of an ARN or address are for one resource.
struct Variables<'a> {
    name: Option<Text>,
    id: SmolStr,
    reference: Option<&'a str>,
}

impl Variables<'_> {
    fn fill(&self, written: &str, arn: Option<&Text>) -> Text {
        Text::of_template(written, |variable| self.value(variable, arn))
    }

    fn value(&self, variable: &str, arn: Option<&Text>) -> Text {
        let attribute = |name: &str| Text::hole(Hole::Resource { id: self.id.clone(), attribute: name.into() });
        let generated = || self.reference.map_or_else(|| Text::hole(Hole::Unknown("a generated name".into())), attribute);
        match variable {
            "Partition" => Text::hole(Hole::Partition),
            "Region" => Text::hole(Hole::Region),
            "Account" => Text::hole(Hole::Account),
            "Arn" => arn.cloned().unwrap_or_else(generated),
            "Name" => self.name.clone().unwrap_or_else(generated),
            // Names of parameters may start with a slash, which their ARNs do not repeat.
            "NamePath" => self.name.as_ref().map_or_else(generated, without_leading_slash),
            "Id" => generated(),
            other => attribute(other),
        }
    }
}

fn without_leading_slash(text: &Text) -> Text {
    let mut first = true;
    Text::from_pieces(text.pieces().iter().map(|piece| match piece {
        Piece::Literal(literal) if std::mem::take(&mut first) => {
            Piece::Literal(literal.strip_prefix('/').unwrap_or(literal).into())
        }
        other => {
            first = false;
            other.clone()
        }
    }))
}

/// The value under dotted keys; numbers lead into lists, and what is no list counts as its own first item.
fn at_path<'a>(value: &'a Arg, path: &str) -> Option<&'a Arg> {
    path.split('.').try_fold(value, |value, key| match value {
        Arg::Map(map) => map.get(key),
        Arg::List { items, .. } => key.parse::<usize>().ok().and_then(|index| items.get(index)),
        _ => None,
    })
}

fn one_text(value: &Arg) -> Option<Text> {
    super::strings::one(value.texts())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iac::{Files, read_template_text};
    use crate::span::SourceFile;

    fn stack(text: &str) -> Stack {
        let file = SourceFile::new("template.yaml", text);
        let files = Files::new(".");
        read_template_text(&files, std::path::Path::new("template.yaml"), &file).expect("readable").expect("a template")
    }

    #[test]
    fn every_table_reads_and_every_variable_is_known() {
        for table in TABLES {
            let types: BTreeMap<String, ResourceType> = serde_json::from_str(table).expect("well-formed");
            for (kind, facts) in types {
                let texts = facts.attributes.values().chain([&facts.arn]).chain(&facts.r#ref);
                for text in texts {
                    for variable in text.split("${").skip(1).filter_map(|rest| rest.split('}').next()) {
                        let known = ["Partition", "Region", "Account", "Arn", "Name", "NamePath", "Id"];
                        assert!(known.contains(&variable) || facts.attributes.contains_key(variable), "{kind}: {variable}");
                        assert!(!variable.starts_with("Name") || facts.name.is_some(), "{kind} has no name");
                    }
                }
                assert!(facts.arn.starts_with("arn:${Partition}:"), "{kind}");
                let pages = ["https://docs.aws.amazon.com/", "https://registry.terraform.io/"];
                assert!(pages.iter().any(|page| facts.doc.starts_with(page)), "{kind}");
            }
        }
    }

    #[test]
    fn what_sam_makes_has_a_type() {
        let stack = stack(
            "Resources:\n  Fn: {Type: AWS::Serverless::Function, Properties: {CodeUri: ., Handler: a.b, AutoPublishAlias: live}}\n",
        );
        let role = stack.resolve_attribute("FnRole", "Arn").expect("made for the function");
        assert_eq!((role.kind.as_str(), role.arn.pattern().as_str()), ("AWS::IAM::Role", "arn:*:iam::*:role/*"));
        let alias = stack.resolve_attribute("Fn.Alias", "Ref").expect("made too");
        assert_eq!(
            (alias.kind.as_str(), alias.arn.pattern().as_str()),
            ("AWS::Lambda::Alias", "arn:*:lambda:*:*:function:*:live")
        );
        assert_eq!(stack.resolve_attribute("Other", "Ref"), None);
        let elsewhere = stack.resolve_attribute("Other", "Arn").expect("an ARN, whatever it is of");
        assert_eq!((elsewhere.meaning, elsewhere.arn.pattern().as_str()), (Meaning::Arn, "*"));
    }

    #[test]
    fn named_resources_are_literal_and_others_keep_their_reference() {
        let stack = stack(
            "Resources:\n  Orders: {Type: AWS::DynamoDB::Table, Properties: {TableName: orders}}\n  Jobs: {Type: AWS::SQS::Queue}\n  P: {Type: AWS::SSM::Parameter, Properties: {Name: /a/b}}\n",
        );
        let orders = stack.resolve_attribute("Orders", "StreamArn").expect("declared");
        assert_eq!(orders.arn.pattern(), "arn:*:dynamodb:*:*:table/orders/stream/*");
        assert_eq!(orders.arn_reference, Some(Hole::Resource { id: "Orders".into(), attribute: "StreamArn".into() }));
        let table = stack.resolve_attribute("Orders", "Ref").expect("declared");
        assert_eq!((table.value.as_literal(), table.meaning), (Some("orders"), Meaning::Name));
        let jobs = stack.resolve_attribute("Jobs", "Ref").expect("declared");
        assert_eq!(jobs.arn.pattern(), "arn:*:sqs:*:*:*");
        assert_eq!(jobs.meaning, Meaning::Url);
        let hole = Hole::Resource { id: "Jobs".into(), attribute: "QueueName".into() };
        assert!(jobs.arn.holes().any(|other| *other == hole));
        assert_eq!(stack.resolve_attribute("P", "Ref").expect("declared").arn.pattern(), "arn:*:ssm:*:*:parameter/a/b");
    }
}
