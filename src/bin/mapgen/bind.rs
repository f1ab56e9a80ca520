//! Which parameter gives which variable of an ARN.
//!
//! General rules only: a variable is bound where names leave no doubt, else it is declared unbindable (`${any:…}`),
//! which costs a wildcard but never a permission that the request needs. What names do not give away is an override's
//! business.

use std::collections::BTreeMap;

use super::model::Member;
use super::names::{Kind, Name, noun, plain, verb};

/// What the variables of one operation's ARNs are bound from.
pub(crate) struct Binder<'a> {
    pub(crate) operation: &'a str,
    pub(crate) members: &'a [Member],
    /// Templates by variable, or by `type/variable`, innermost scope first.
    pub(crate) overrides: Vec<&'a BTreeMap<String, String>>,
    /// Whether the resources are another service's than the operation: what is called alike need not be the same there.
    pub(crate) foreign: bool,
}

/// An ARN format with its variables bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bound {
    /// The template.
    pub(crate) template: String,
    /// Whether a parameter gives any of its variables.
    pub(crate) follows: bool,
    /// The parameter that can hold the whole ARN and is not about this type in particular.
    pub(crate) generic: Option<String>,
    /// The template again, for each other structure that names the same: what is given as `LoRaWAN.ProfileId` or as
    /// `Sidewalk.ProfileId`.
    pub(crate) rivals: Vec<String>,
}

impl Binder<'_> {
    /// Binds the format of one resource type.
    pub(crate) fn bind(&self, kind: &str, format: &str) -> Bound {
        let variables = variables(format);
        let last = variables.last().copied();
        let mut found: Vec<(i32, &str, String)> = Vec::new();
        let mut rivals: Vec<(&str, &str)> = Vec::new();
        for variable in &variables {
            if let Some(template) = self.overridden(kind, variable) {
                // `${any:…}` says that no name gives it; an ARN still can.
                if !template.starts_with("${any:") {
                    found.push((i32::MAX, variable, template));
                }
                continue;
            }
            let Some((score, member)) = self.best(kind, variable, variables.len() == 1, last == Some(*variable)) else {
                continue;
            };
            if last != Some(*variable) && names_arn_of(member, kind) {
                // `TargetGroupArn` is the whole ARN, whichever variable it was found for.
                return Bound { template: whole(format, &member.path), follows: true, generic: None, rivals: Vec::new() };
            }
            rivals.extend(self.rivals(kind, variable, variables.len() == 1, last == Some(*variable), score, member));
            found.push((score, variable, format!("${{param:{}}}", member.path)));
        }
        // A parameter gives one variable: the one that it fits best.
        found.sort_by_key(|(score, ..)| std::cmp::Reverse(*score));
        let mut picked: BTreeMap<&str, String> = BTreeMap::new();
        for (_, variable, template) in found {
            if !picked.values().any(|known| *known == template) {
                picked.insert(variable, template);
            }
        }
        if let Some(last) = last.filter(|last| !picked.contains_key(last))
            && let Some((member, generic)) = self.whole_arn(kind, last)
            && (picked.is_empty() || generic || member.required || member.depth > 0)
            // What names another variable by its own name is no ARN of the whole.
            && (member.name().kind == Kind::Arn || !picked.values().any(|template| *template == format!("${{param:{}}}", member.path)))
        {
            // The value is a whole ARN: it gives all variables at once.
            let generic = generic.then(|| member.path.clone());
            return Bound { template: whole(format, &member.path), follows: true, generic, rivals: Vec::new() };
        }
        let mut bound = fill(format, &variables, &picked);
        for (own, other) in rivals {
            let template = bound.template.replace(&format!("${{param:{own}."), &format!("${{param:{other}."));
            if template != bound.template && !bound.rivals.contains(&template) && self.takes(&template) {
                bound.rivals.push(template);
            }
        }
        bound
    }

    /// Whether all that a template reads is among the parameters.
    fn takes(&self, template: &str) -> bool {
        let read = leash::catalog::parameters(template).unwrap_or_default();
        read.iter().all(|path| self.members.iter().any(|member| member.path == *path))
    }

    /// The structures around a parameter and around each that fits a variable as well and is called the same.
    fn rivals<'a>(
        &'a self,
        kind: &str,
        variable: &str,
        lone: bool,
        last: bool,
        top: i32,
        best: &'a Member,
    ) -> Vec<(&'a str, &'a str)> {
        let Some((own, leaf)) = best.path.rsplit_once('.') else { return Vec::new() };
        let fits = |member: &Member| self.weigh(kind, variable, lone, last, member) == Some(top);
        let others = self.members.iter().filter(|member| member.path != best.path && fits(member));
        others
            .filter_map(|member| {
                let (other, name) = member.path.rsplit_once('.')?;
                (name == leaf).then_some((own, other))
            })
            .collect()
    }

    fn overridden(&self, kind: &str, variable: &str) -> Option<String> {
        let exact = format!("{kind}/{variable}");
        self.overrides.iter().find_map(|scope| scope.get(&exact).or_else(|| scope.get(variable))).cloned()
    }

    fn best(&self, kind: &str, variable: &str, lone: bool, last: bool) -> Option<(i32, &Member)> {
        let mut best: Option<(i32, &Member)> = None;
        for member in self.members {
            let Some(score) = self.weigh(kind, variable, lone, last, member) else { continue };
            if score >= 50 && best.is_none_or(|(top, _)| score > top) {
                best = Some((score, member));
            }
        }
        best
    }

    /// How well a parameter fits, counting where it stands: what every request has, before what hides in structures.
    fn weigh(&self, kind: &str, variable: &str, lone: bool, last: bool, member: &Member) -> Option<i32> {
        let score = self.score(kind, variable, lone, last, member)?;
        let depth = i32::try_from(member.depth).unwrap_or(9);
        let needed = i32::from(member.required) * if depth == 0 { 8 } else { 3 };
        Some(score - 12 * depth + needed + i32::from(member.uri.is_some()) * 3)
    }

    /// How well a parameter fits a variable, from 50 upwards.
    fn score(&self, of: &str, variable: &str, lone: bool, last: bool, member: &Member) -> Option<i32> {
        let of_type = plain(of);
        let mut wanted = Name::of(variable);
        let nameless = wanted.base.is_empty() || wanted.base == "resource";
        if nameless {
            wanted.base.clone_from(&of_type);
        }
        let several = member.path.ends_with("[]");
        let given = member.name();
        let creates = matches!(verb(self.operation), "Copy" | "Import" | "Start") || self.creates(&of_type);
        if member.is_enum && given.kind == Kind::Either || member.is_number && plain(variable) != plain(member.leaf()) {
            return None;
        }
        let fits = wanted.kind.fits(given.kind) || given.kind == Kind::Arn;
        let updates = matches!(verb(self.operation), "Update" | "Modify");
        if updates && !fits && given.base.is_empty() && !member.required {
            // An optional `Name` of an update is the new name, and no id.
            return None;
        }
        if creates
            && (!fits
                || verb(self.operation) != "Start"
                    && given.kind == Kind::Arn
                    && last
                    && given.base == wanted.base
                    && wanted.base == of_type
                    && self.is_about(&of_type, &wanted.base))
        {
            return None;
        }
        let generic_within = member.depth > 0 && is_generic(member.leaf());
        if creates && member.depth > 0 && given.kind != Kind::Name && self.makes(&of_type) {
            // Ids within what something is made from are of what exists already.
            return None;
        }
        if plain(variable) == plain(member.leaf()) && !generic_within {
            let exact = exact(nameless, member.depth);
            if creates && is_generic(member.leaf()) {
                // The `Name` of what is made names something else only where nothing else does.
                let own = if self.is_about(&of_type, &wanted.base) { exact } else { 60 };
                return lone.then_some(own);
            }
            return Some(exact);
        }
        let base = if given.base == wanted.base {
            90
        } else if !given.base.is_empty() && given.base == of_type && (lone || last) {
            80
        } else if given.base.is_empty()
            && member.depth == 0
            && (lone || last || wanted.base == of_type)
            && self.is_about(&of_type, &wanted.base)
        {
            70
        } else if ends_alike(&given.base, &wanted.base) && member.uri.is_some() {
            65
        } else if (lone || last)
            && fits
            && member.required
            && member.depth == 0
            // A `Policy` is a document, and names none.
            && plain(member.leaf()) != "policy"
            && is_short_for(&given.base, &[&of_type, &wanted.base])
        {
            62
        } else if (lone || last)
            && fits
            && !creates
            && !self.foreign
            && member.depth == 0
            && (member.required || !matches!(verb(self.operation), "List" | "Describe" | "Search"))
            && is_long_for(&given.base, &[&of_type, &wanted.base])
        {
            61
        } else {
            return None;
        };
        let penalty = i32::from(given.kind == Kind::Arn) * 2 + i32::from(!fits) * 20 + i32::from(several) * 3;
        Some(base - penalty)
    }

    /// Whether the operation may make a resource of a type: an address or a token to get at one is none.
    fn creates(&self, kind: &str) -> bool {
        let noun = noun(self.operation);
        matches!(verb(self.operation), "Create" | "Register" | "Allocate" | "Request")
            && !["url", "token"].iter().any(|word| noun.ends_with(word) && !kind.ends_with(word))
    }

    /// Whether the operation is named after a resource type.
    fn makes(&self, kind: &str) -> bool {
        noun(self.operation).trim_end_matches('s') == kind.trim_end_matches('s')
    }

    /// Whether the operation's name speaks of a resource type.
    fn is_about(&self, kind: &str, base: &str) -> bool {
        let noun = noun(self.operation);
        let single = noun.trim_end_matches('s');
        single.ends_with(kind.trim_end_matches('s')) || single.ends_with(base.trim_end_matches('s'))
    }

    /// A parameter that holds a whole ARN, of this type or of any.
    fn whole_arn(&self, kind: &str, last: &str) -> Option<(&Member, bool)> {
        let of_type = plain(kind);
        let base = Name::of(last).base;
        // What an operation makes has no ARN yet; what it is made in has one.
        let creates = self.creates(&of_type);
        if creates && self.is_about(&of_type, &base) {
            return None;
        }
        let own = self.members.iter().filter(|member| member.depth <= 1).find(|member| {
            let name = member.name();
            name.kind == Kind::Arn && !name.base.is_empty() && (name.base == of_type || name.base == base)
        });
        if let Some(member) = own {
            return Some((member, false));
        }
        if creates && noun(self.operation) != "tags" {
            return None;
        }
        // A list of `Resources` that a request can do without holds what the resources are for, and not what they are.
        let aside = |member: &&Member| plain(member.leaf()) == "resources" && member.path.ends_with("[]") && !member.required;
        let generic = self.members.iter().filter(|member| member.depth == 0 && !aside(member)).find(|member| {
            let leaf = plain(member.leaf().trim_end_matches("List").trim_end_matches('s'));
            matches!(
                leaf.as_str(),
                "resourcearn" | "arn" | "resource" | "resourcename" | "resourceidentifier" | "taggableresourcearn"
            )
        });
        generic.map(|member| (member, true))
    }
}

/// How well a parameter fits a variable of the same name. A list of just such ids at the top goes before one id within a
/// structure; and the `ResourceId` of an organization is the `OrganizationId`, where there is one.
const fn exact(nameless: bool, depth: usize) -> i32 {
    match (nameless, depth) {
        (true, _) => 86,
        (false, 0) => 100,
        (false, _) => 95,
    }
}

/// `Arn`, `Name` and the like, which say nothing about what they name.
pub(crate) fn is_generic(leaf: &str) -> bool {
    Name::of(leaf).base.is_empty()
}

/// Whether a parameter takes the ARN of a resource type.
pub(crate) fn names_arn_of(member: &Member, kind: &str) -> bool {
    let name = member.name();
    name.kind == Kind::Arn && !name.base.is_empty() && name.base == plain(kind)
}

/// Whether one base is the other with something before it: `restapi` and `api`.
fn ends_alike(left: &str, right: &str) -> bool {
    let (short, long) = if left.len() < right.len() { (left, right) } else { (right, left) };
    short.len() >= 3 && long.ends_with(short)
}

/// Whether a parameter's base is what people say for a longer name, or that name with a product's initials before it: `window`
/// for `maintenancewindow`, `dbsnapshot` for `snapshot`. Words such as `source` and `target` before it mean another resource.
fn is_short_for(given: &str, names: &[&str]) -> bool {
    let given = given.trim_end_matches('s');
    given.len() >= 3
        && names.iter().map(|name| name.trim_end_matches('s')).filter(|name| name.len() >= 3).any(|name| {
            name.ends_with(given)
                || given.strip_suffix(name).is_some_and(|initials| initials.len() <= 2)
                || given.starts_with(name) && name == "app"
        })
}

/// Words before a resource's name that mean another one of the kind, or one of several.
const OTHERS: [&str; 14] = [
    "source",
    "target",
    "destination",
    "peer",
    "origin",
    "original",
    "parent",
    "child",
    "primary",
    "secondary",
    "from",
    "to",
    "new",
    "old",
];

/// Whether a parameter's base is a name of several letters with the product's or the owner's before it: `licensemanagerreportgenerator`
/// for `reportgenerator`.
fn is_long_for(given: &str, names: &[&str]) -> bool {
    let given = given.trim_end_matches('s');
    names.iter().map(|name| name.trim_end_matches('s')).filter(|name| name.len() >= 5).any(|name| {
        given.strip_suffix(name).is_some_and(|before| !before.is_empty() && !OTHERS.iter().any(|word| before.starts_with(word)))
    })
}

/// The variables of an ARN format besides partition, region and account.
pub(crate) fn variables(format: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = format;
    while let Some((_, after)) = rest.split_once("${") {
        let Some((variable, behind)) = after.split_once('}') else { break };
        if !matches!(variable, "Partition" | "Region" | "Account") && !out.contains(&variable) {
            out.push(variable);
        }
        rest = behind;
    }
    out
}

/// The format for a parameter that holds the whole ARN.
pub(crate) fn whole(format: &str, path: &str) -> String {
    let variables = variables(format);
    let picked = variables.last().map(|last| (*last, format!("${{param:{path}}}"))).into_iter().collect();
    fill(format, &variables, &picked).template
}

fn fill(format: &str, variables: &[&str], picked: &BTreeMap<&str, String>) -> Bound {
    let mut template = format.to_owned();
    for variable in variables {
        let value = picked.get(variable).cloned().unwrap_or_else(|| format!("${{any:{variable}}}"));
        template = template.replace(&format!("${{{variable}}}"), &value);
    }
    Bound { template, follows: !picked.is_empty(), generic: None, rivals: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(path: &str) -> Member {
        Member {
            path: path.to_owned(),
            depth: path.matches('.').count(),
            required: true,
            uri: None,
            is_enum: false,
            is_number: false,
        }
    }

    fn bind(operation: &str, members: &[&str], kind: &str, format: &str) -> String {
        let members: Vec<Member> = members.iter().map(|path| member(path)).collect();
        Binder { operation, members: &members, overrides: Vec::new(), foreign: false }.bind(kind, format).template
    }

    #[test]
    fn short_names_meet_long_ones_but_not_those_of_other_resources() {
        assert_eq!(bind("DeleteMaintenanceWindow", &["WindowId"], "maintenancewindow", "m/${ResourceId}"), "m/${param:WindowId}");
        assert_eq!(
            bind("DeleteDBSnapshot", &["DBSnapshotIdentifier"], "snapshot", "s:${SnapshotName}"),
            "s:${param:DBSnapshotIdentifier}"
        );
        let copied = ["SourceDBSnapshotIdentifier", "TargetDBSnapshotIdentifier"];
        assert_eq!(bind("CopyDBSnapshot", &copied, "snapshot", "s:${SnapshotName}"), "s:${any:SnapshotName}");
    }

    #[test]
    fn longer_names_mean_the_same_unless_their_first_word_means_another_one() {
        assert_eq!(bind("DeleteFileShare", &["FileShareARN"], "share", "share/${ShareId}"), "share/${param:FileShareARN}");
        assert_eq!(bind("DeleteCopies", &["TargetShareARN"], "share", "share/${ShareId}"), "share/${any:ShareId}");
        assert_eq!(bind("CreateCopies", &["FileShareARN"], "share", "share/${ShareId}"), "share/${any:ShareId}");
        assert_eq!(bind("DescribeIt", &["ShareARNList[]"], "share", "share/${ShareId}"), "share/${param:ShareARNList[]}");
        let members = [member("WorkspaceInstanceId")];
        let foreign = Binder { operation: "DetachVolume", members: &members, overrides: Vec::new(), foreign: true };
        assert_eq!(foreign.bind("instance", "instance/${InstanceId}").template, "instance/${any:InstanceId}");
    }

    #[test]
    fn names_of_what_is_made_name_nothing_else_and_addresses_are_no_resources() {
        let members = ["catalogArn", "name"];
        assert_eq!(bind("CreateCampaign", &members, "catalog", "catalog/${Name}"), "catalog/${param:catalogArn}");
        assert_eq!(bind("CreateAppMonitor", &["Name"], "AppMonitorResource", "m/${Name}"), "m/${param:Name}");
        assert_eq!(bind("CreateAppPresignedUrl", &["Arn"], "app", "app/${AppId}"), "app/${param:Arn}");
    }

    #[test]
    fn what_a_resource_is_made_in_has_an_arn_and_what_is_made_has_none() {
        let members = ["TableBucketArn", "Name"];
        assert_eq!(bind("CreateNamespace", &members, "TableBucket", "b/${TableBucketName}"), "b/${param:TableBucketArn}");
        assert_eq!(bind("CreateGrant", &["LicenseArn"], "license", "license:${LicenseId}"), "license:${param:LicenseArn}");
        assert_eq!(bind("CreateLicense", &["LicenseArn"], "license", "license:${LicenseId}"), "license:${any:LicenseId}");
    }

    #[test]
    fn a_parameter_gives_the_variable_that_it_fits_best() {
        let format = "l:${LaunchConfigurationId}:name/${LaunchConfigurationName}";
        let bound = bind("DeleteLaunchConfiguration", &["LaunchConfigurationName"], "launchConfiguration", format);
        assert_eq!(bound, "l:${any:LaunchConfigurationId}:name/${param:LaunchConfigurationName}");
        let bound = bind("CreateConfiguration", &["Name"], "configuration", "configuration/${ConfigurationName}/${Uuid}");
        assert_eq!(bound, "configuration/${param:Name}/${any:Uuid}");
    }

    #[test]
    fn a_name_within_a_structure_is_the_name_of_what_the_structure_is_called() {
        assert_eq!(bind("UpdatePipeline", &["pipeline.name"], "pipeline", "${PipelineName}"), "${param:pipeline.name}");
        assert_eq!(bind("PutLogging", &["Field.Header.Name"], "webacl", "webacl/${Name}"), "webacl/${any:Name}");
    }

    #[test]
    fn a_number_gives_only_what_is_called_the_same_and_any_leaves_a_variable_to_arns() {
        let number = |path: &str| Member { is_number: true, ..member(path) };
        let members = [member("ImageName"), number("Version"), number("Size")];
        let binder = Binder { operation: "DeleteImageVersion", members: &members, overrides: Vec::new(), foreign: false };
        assert_eq!(binder.bind("image-version", "i/${ImageName}/${Version}").template, "i/${param:ImageName}/${param:Version}");
        assert_eq!(binder.bind("size", "s/${SizeId}").template, "s/${any:SizeId}");
        let opaque = BTreeMap::from([("RuleId".to_owned(), "${any:RuleId}".to_owned())]);
        let members = [member("RuleName")];
        let binder = Binder { operation: "DeleteRule", members: &members, overrides: vec![&opaque], foreign: false };
        assert_eq!(binder.bind("rule", "rule/${RuleId}").template, "rule/${any:RuleId}");
        let members = [member("ResourceArn")];
        let binder = Binder { operation: "TagResource", members: &members, overrides: vec![&opaque], foreign: false };
        assert_eq!(binder.bind("rule", "rule/${RuleId}").template, "rule/${param:ResourceArn}");
    }

    #[test]
    fn names_with_and_without_suffixes_meet() {
        assert_eq!(bind("DeleteTable", &["TableName"], "table", "t/${TableName}"), "t/${param:TableName}");
        assert_eq!(bind("DescribeCluster", &["cluster"], "cluster", "c/${ClusterName}"), "c/${param:cluster}");
        let new_name = Member { required: false, ..member("Name") };
        let members = [new_name, member("JobId")];
        let update = Binder { operation: "UpdateJob", members: &members, overrides: Vec::new(), foreign: false };
        assert_eq!(update.bind("job", "job/${ResourceId}").template, "job/${param:JobId}");
        assert_eq!(bind("GetJob", &["Name"], "job", "job/${JobName}"), "job/${param:Name}");
        assert_eq!(bind("StopInstances", &["InstanceIds[]"], "instance", "i/${InstanceId}"), "i/${param:InstanceIds[]}");
    }

    #[test]
    fn whole_arns_are_found_and_generated_ids_are_not_guessed() {
        let format = "m:${MachineName}:${Label}";
        assert_eq!(bind("Stop", &["machineArn"], "machine", format), "m:${any:MachineName}:${param:machineArn}");
        let group = "targetgroup/${TargetGroupName}/${TargetGroupId}";
        let bound = bind("RegisterTargets", &["TargetGroupArn"], "targetgroup", group);
        assert_eq!(bound, "targetgroup/${any:TargetGroupName}/${param:TargetGroupArn}");
        assert_eq!(bind("CopyImage", &["Name", "SourceImageId"], "image", "image/${ImageId}"), "image/${any:ImageId}");
        assert_eq!(bind("CreateApi", &["Name", "RoleArn"], "api", "api/${ApiId}"), "api/${any:ApiId}");
        assert_eq!(bind("DeleteTable", &["Comment"], "table", "t/${TableName}"), "t/${any:TableName}");
    }

    #[test]
    fn structures_that_name_the_same_are_rivals_and_ids_within_are_not_of_what_is_made() {
        let optional = |path: &str| Member { required: false, ..member(path) };
        let members = [optional("LoRaWAN.ProfileId"), optional("Sidewalk.ProfileId")];
        let update = Binder { operation: "UpdateDevice", members: &members, overrides: Vec::new(), foreign: false };
        let bound = update.bind("profile", "profile/${ProfileId}");
        assert_eq!(bound.template, "profile/${param:LoRaWAN.ProfileId}");
        assert_eq!(bound.rivals, ["profile/${param:Sidewalk.ProfileId}"]);
        assert_eq!(bind("CreateDomain", &["Settings.Studio.DomainId"], "domain", "domain/${DomainId}"), "domain/${any:DomainId}");
        assert_eq!(bind("CreateTable", &["Input.TableName"], "table", "t/${TableName}"), "t/${param:Input.TableName}");
    }

    #[test]
    fn what_every_request_has_goes_before_what_hides_in_structures() {
        let nested = Member { required: false, ..member("Input.Target.DatabaseName") };
        let members = [member("Name"), nested];
        let update = Binder { operation: "UpdateDatabase", members: &members, overrides: Vec::new(), foreign: false };
        assert_eq!(update.bind("database", "database/${DatabaseName}").template, "database/${param:Name}");
    }

    #[test]
    fn a_name_gives_what_it_can_where_an_arn_may_be_missing() {
        let optional = |path: &str| Member { required: false, ..member(path) };
        let members = [optional("StreamARN"), optional("StreamName")];
        let describe = Binder { operation: "DescribeStream", members: &members, overrides: Vec::new(), foreign: false };
        let bound = describe.bind("stream", "stream/${StreamName}/${CreationTime}");
        assert_eq!(bound.template, "stream/${param:StreamName}/${any:CreationTime}");
    }

    #[test]
    fn a_parameter_that_names_one_variable_is_no_arn_of_the_whole() {
        let members = ["EngagementIdentifier", "ResourceIdentifier"];
        let format = "engagement/${EngagementIdentifier}/resource/${ResourceIdentifier}/snapshot/${Revision}";
        let bound = bind("GetSnapshot", &members, "snapshot", format);
        assert_eq!(
            bound,
            "engagement/${param:EngagementIdentifier}/resource/${param:ResourceIdentifier}/snapshot/${any:Revision}"
        );
        let members = [member("WorkloadToken"), Member { required: false, ..member("resources[]") }];
        let get = Binder { operation: "GetToken", members: &members, overrides: Vec::new(), foreign: false };
        assert_eq!(get.bind("vault", "vault/${VaultId}").template, "vault/${any:VaultId}");
    }

    #[test]
    fn tags_are_created_on_what_an_arn_names() {
        assert_eq!(bind("CreateTags", &["ResourceArn"], "channel", "channel:${ChannelId}"), "channel:${param:ResourceArn}");
    }
}
