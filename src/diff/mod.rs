//! What a function may do against what its code does: findings, with evidence from both sides.
//!
//! Every declared permission gets one of three verdicts ([`Verdict`]): used, unused, or cannot tell. Only *unused* says that
//! it can be removed, and it is given only where everything reachable from the handler was resolved.
//!
//! A [`Subject`](subject::Subject) is a role with all functions that run with it; what one of them needs, another's unused
//! permission is not.

mod allow;
mod broad;
pub mod changed;
mod free;
mod granted;
mod guard;
mod index;
mod merge;
mod missing;
pub mod names;
mod observed;
mod place;
pub mod plan;
mod remedy;
mod risk;
mod rule;
mod same;
mod served;
mod shared;
mod subject;
mod wanted;
mod witness;

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

pub use merge::{Merge, is_added, merge};
pub use rule::{Rule, Severity, Threshold};

use subject::Subject;

use crate::catalog::AccessLevel;
use crate::declared::Policy;
use crate::draft::DraftOptions;
use crate::note::{Note, NoteKind};
use crate::observed::{Count, Observed};
use crate::pipeline::{Allowance, FunctionReport, Report};
use crate::span::Location;

/// What is known about a declared permission.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The code, or a setting of the function, uses it.
    Used(Vec<Place>),
    /// Nothing uses it, and everything reachable was resolved.
    Unused,
    /// Nothing that was found uses it, and this stands in the way of being sure.
    CannotTell(Vec<String>),
}

impl Verdict {
    /// The word in output.
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Used(_) => "used",
            Self::Unused => "unused",
            Self::CannotTell(_) => "cannot-tell",
        }
    }
}

/// A place and what is there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Where; absent for settings without a place.
    pub at: Option<Location>,
    /// What is there: `dynamodb:GetItem`, "declared here".
    pub what: String,
}

/// A declared permission: one action pattern of one statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// The action as declared.
    pub action: String,
    /// The resources as declared.
    pub resources: Vec<String>,
    /// The policy that holds it.
    pub policy: String,
    /// Where it is declared.
    pub at: Location,
    /// What is known about it.
    pub verdict: Verdict,
    /// Its policy and statement, by their positions in the role.
    pub(crate) unit: (usize, usize),
}

/// Which parts of a role a finding is about, for whoever changes them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct About {
    /// The role, by its position among all.
    subject: usize,
    /// The statements that are too much or too broad: policy and statement, by their positions in the role.
    units: Vec<(usize, usize)>,
    /// The needs that are missing, by their positions in the role.
    needs: Vec<usize>,
}

impl About {
    fn join(&mut self, other: &Self) {
        self.units.extend(&other.units);
        self.units.sort_unstable();
        self.units.dedup();
        self.needs.extend(&other.needs);
        self.needs.sort_unstable();
        self.needs.dedup();
    }
}

/// Something to act on, or to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What kind.
    pub rule: Rule,
    /// How much it matters.
    pub severity: Severity,
    /// The functions it is about.
    pub functions: Vec<SmolStr>,
    /// What is the matter, in one sentence.
    pub message: String,
    /// What would repair it, in one sentence.
    pub remedy: String,
    /// The statements that would do, as JSON.
    pub statements: Option<serde_json::Value>,
    /// What the finding is about: actions, each with its resources.
    pub permissions: Vec<(String, Vec<String>)>,
    /// Places in the code.
    pub code: Vec<Place>,
    /// Places in the template.
    pub declared: Vec<Place>,
    /// What would have to be resolved for the finding to be certain.
    pub doubts: Vec<String>,
    /// Stays the same while code and template around it change.
    pub fingerprint: String,
    /// Why the finding does not count, when somebody said so.
    pub allowed: Option<String>,
    /// What it is about within the role.
    pub(crate) about: About,
}

/// Everything that was found out about the declared permissions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diff {
    /// Findings: the most severe first, then by function.
    pub findings: Vec<Finding>,
    /// What is known about each function or shared role, by name.
    pub subjects: Vec<SubjectDiff>,
    /// Functions without declared permissions to compare with, and why.
    pub skipped: Vec<(SmolStr, String)>,
    /// Where what was observed comes from; nothing where nobody looked.
    pub evidence: Option<Evidence>,
}

/// What became of the records of requests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// The files.
    pub files: Vec<String>,
    /// Roles that run none of the functions, and how many of their requests were passed over.
    pub strangers: Vec<(SmolStr, u64)>,
}

/// One line of the three columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The action.
    pub action: String,
    /// The resource, as the template names it or as it was observed.
    pub resource: String,
    /// Whether the role allows it.
    pub declared: Column,
    /// Whether it follows from the code.
    pub inferred: Inferred,
    /// Whether it was observed, and how often.
    pub observed: Option<Count>,
}

/// What the column of the declared permissions says of one: whether the role allows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// It does.
    Yes,
    /// Some of it, or under conditions.
    Part,
    /// It does not.
    No,
    /// Some of its policies could not be read.
    Unknown,
}

/// Whether something follows from the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inferred {
    /// It does, from these places.
    Yes(Vec<Place>),
    /// A call may be it.
    Possible(Vec<Place>),
    /// Lambda itself uses it.
    Runtime,
    /// Somebody said that it is needed.
    Allowed(Vec<Place>),
    /// It does not.
    No,
    /// Something stands in the way of saying so.
    Unknown,
}

/// What is known about one role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectDiff {
    /// The function, or the role that several share.
    pub name: String,
    /// The functions.
    pub functions: Vec<SmolStr>,
    /// The declared permissions with their verdicts, in the order of the template. What the format adds by itself is not listed.
    pub permissions: Vec<Permission>,
    /// How many permissions the code needs.
    pub needed: usize,
    /// Declared, inferred and observed side by side; empty where nobody looked.
    pub rows: Vec<Row>,
    /// How many actions they are, on whatever resources.
    pub needed_actions: usize,
    /// How many of the actions that IAM knows the role allows on anything. Denials are not taken off.
    pub allowed_actions: usize,
}

/// What a comparison is told.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// A policy that stands for whatever the template declares.
    pub role: Option<Policy>,
    /// The same for single functions, by name.
    pub declared: BTreeMap<SmolStr, Policy>,
    /// What functions were seen to request.
    pub observed: Option<Observed>,
    /// Only findings about these functions; all when empty.
    pub functions: Vec<String>,
    /// What is known about the deployment.
    pub draft: DraftOptions,
    /// What people say is needed, besides what the code's comments say.
    pub allowances: Vec<Allowance>,
    /// Fingerprints of findings that are known already.
    pub baseline: BTreeSet<String>,
}

impl Options {
    /// The policy that somebody gave for a function.
    pub(crate) fn given(&self, function: &str) -> Option<&Policy> {
        self.declared.get(function).or(self.role.as_ref())
    }
}

/// Compares what was found in the code with what is declared. The report must come from a run with symbolic references.
pub fn diff(report: &Report, options: &Options) -> Diff {
    compared(report, options).0
}

/// The same, with the roles that were compared.
fn compared<'a>(report: &'a Report, options: &Options) -> (Diff, Vec<Subject<'a>>) {
    let mut out = Diff::default();
    for function in &report.functions {
        if options.given(&function.name).is_none() && function.function.stack.is_none() {
            out.skipped
                .push((function.name.clone(), "no template declares it; name its policy with --role or --declared".to_owned()));
        }
    }
    let allowances = allow::Allowances::collect(&options.allowances, &report.functions);
    let mut subjects = subject::subjects(&report.functions, options);
    if let Some(observed) = &options.observed {
        out.evidence = Some(witnessed(&mut subjects, observed, report));
        observed::find_unowned(&subjects, &allowances, observed, &mut out.findings);
    }
    for (position, subject) in subjects.iter().enumerate() {
        let mut findings = Vec::new();
        missing::find(subject, options, &mut findings);
        let permissions = granted::find(subject, options, &allowances, &mut findings);
        broad::find(subject, options, &mut findings);
        shared::find(subject, &mut findings);
        risk::find(subject, &mut findings);
        guard::find(subject, &mut findings);
        let mut rows = Vec::new();
        if let Some(observed) = &options.observed {
            observed::find(subject, &allowances, observed, &mut findings);
            rows = observed::rows(subject, &permissions, &allowances);
        }
        findings.iter_mut().for_each(|finding| finding.about.subject = position);
        out.findings.extend(findings);
        out.subjects.push(SubjectDiff {
            name: subject.name(),
            functions: subject.functions.iter().map(|function| function.name.clone()).collect(),
            permissions,
            needed: subject.wanted.iter().filter(|wanted| wanted.is_sure()).count(),
            rows,
            needed_actions: subject.needed_actions(),
            allowed_actions: subject.allowed_actions(),
        });
    }
    out.spare_shared();
    out.findings.extend(credentials(&report.functions));
    allowances.apply(&mut out.findings);
    out.findings.extend(allowances.findings(&report.functions));
    out.keep(&options.functions);
    out.finish();
    for finding in out.findings.iter_mut().filter(|finding| options.baseline.contains(&finding.fingerprint)) {
        finding.allowed.get_or_insert_with(|| "in the baseline".to_owned());
    }
    (out, subjects)
}

/// Gives every role what was observed of its functions.
fn witnessed(subjects: &mut [subject::Subject<'_>], observed: &Observed, report: &Report) -> Evidence {
    let witness = witness::Witness::new(observed, &report.functions);
    let is_only = subjects.len() == 1;
    for subject in subjects {
        subject.seen = witness.of(subject, is_only);
    }
    Evidence { files: observed.files.clone(), strangers: witness.strangers.into_iter().collect() }
}

/// Credentials in the source, whoever's role it is: one finding for a place, with all functions that have it.
fn credentials(functions: &[FunctionReport]) -> Vec<Finding> {
    let mut places: BTreeMap<&Note, Vec<SmolStr>> = BTreeMap::new();
    for function in functions {
        for note in function.notes.iter().filter(|note| note.kind == NoteKind::HardcodedCredentials) {
            let names = places.entry(note).or_default();
            if names.last() != Some(&function.name) {
                names.push(function.name.clone());
            }
        }
    }
    places.into_iter().map(|(note, functions)| hardcoded(functions, note)).collect()
}

fn hardcoded(functions: Vec<SmolStr>, note: &Note) -> Finding {
    // What it is does not depend on who runs it.
    let mut finding = Finding::new(Rule::HardcodedCredentials, Severity::Critical, Vec::new());
    finding.message.clone_from(&note.message);
    "revoke the credentials, remove them from the history, and let the client use the function's role"
        .clone_into(&mut finding.remedy);
    finding.code = vec![Place { at: note.at.clone(), what: "credentials written here".to_owned() }];
    finding.identify(&[note.at.as_ref().map_or("", |at| at.file.path.as_str())]);
    finding.functions = functions;
    finding
}

impl Diff {
    fn keep(&mut self, functions: &[String]) {
        if functions.is_empty() {
            return;
        }
        let named = |names: &[SmolStr]| names.iter().any(|name| functions.iter().any(|wanted| wanted == name));
        self.findings.retain(|finding| named(&finding.functions));
        self.subjects.retain(|subject| named(&subject.functions));
        self.skipped.retain(|(name, _)| functions.iter().any(|wanted| wanted == name));
    }

    /// Says of what one role does not use that others do, which have it from the same statement: a file that several services include.
    fn spare_shared(&mut self) {
        let mut used: BTreeMap<(&Location, &str), Vec<usize>> = BTreeMap::new();
        for (position, subject) in self.subjects.iter().enumerate() {
            for permission in subject.permissions.iter().filter(|permission| permission.verdict != Verdict::Unused) {
                used.entry((&permission.at, &permission.action)).or_default().push(position);
            }
        }
        for finding in self.findings.iter_mut().filter(|finding| matches!(finding.rule, Rule::UnusedAction | Rule::UnusedService))
        {
            let own = finding.about.subject;
            let Some(at) = finding.declared.first().and_then(|place| place.at.as_ref()) else { continue };
            let users = finding.permissions.iter().filter_map(|(action, _)| used.get(&(at, action.as_str()))).flatten();
            let others: BTreeSet<usize> = users.copied().filter(|user| *user != own).collect();
            if !others.is_empty() {
                let others: Vec<String> = others.into_iter().map(|other| self.subjects[other].name.clone()).collect();
                let own = &self.subjects[own].name;
                finding.remedy = format!("give {own} statements of its own: this one serves {}, too", listed(&others));
            }
        }
    }

    /// One order, and fingerprints that differ.
    fn finish(&mut self) {
        self.findings.sort_by(|left, right| left.order().cmp(&right.order()));
        // The same sentence about the same places is one finding, whatever it was found through.
        self.findings.dedup_by(|next, kept| {
            let is_same = next.is_like(kept);
            if is_same {
                kept.about.join(&next.about);
            }
            is_same
        });
        let mut taken: BTreeMap<String, usize> = BTreeMap::new();
        for finding in &mut self.findings {
            let count = taken.entry(finding.fingerprint.clone()).or_default();
            *count += 1;
            if *count > 1 {
                finding.fingerprint = format!("{}-{count}", finding.fingerprint);
            }
        }
    }

    /// Whether a finding remains that fails the run.
    pub fn fails(&self, threshold: &Threshold) -> bool {
        self.findings.iter().any(|finding| finding.counts(threshold))
    }

    /// How many permissions have each verdict: used, unused, cannot tell.
    pub fn verdicts(&self) -> [usize; 3] {
        let mut counts = [0; 3];
        for permission in self.subjects.iter().flat_map(|subject| &subject.permissions) {
            counts[match permission.verdict {
                Verdict::Used(_) => 0,
                Verdict::Unused => 1,
                Verdict::CannotTell(_) => 2,
            }] += 1;
        }
        counts
    }
}

impl Finding {
    pub(crate) fn new(rule: Rule, severity: Severity, functions: Vec<SmolStr>) -> Self {
        Self {
            rule,
            severity,
            functions,
            message: String::new(),
            remedy: String::new(),
            statements: None,
            permissions: Vec::new(),
            code: Vec::new(),
            declared: Vec::new(),
            doubts: Vec::new(),
            fingerprint: String::new(),
            allowed: None,
            about: About::default(),
        }
    }

    /// Whether it fails a run with this threshold.
    pub fn counts(&self, threshold: &Threshold) -> bool {
        self.allowed.is_none() && threshold.is_met(self.rule, self.severity)
    }

    /// Where the finding is shown first: in the template for what is declared, in the code for what is missing.
    pub fn primary(&self) -> Option<&Location> {
        self.primary_where(|_| true)
    }

    /// The same among the places that can be shown.
    pub fn primary_where(&self, can_show: impl Fn(&Location) -> bool) -> Option<&Location> {
        let first = |places: &'_ [Place]| places.iter().position(|place| place.at.as_ref().is_some_and(&can_show));
        let code = first(&self.code).and_then(|at| self.code[at].at.as_ref());
        let declared = first(&self.declared).and_then(|at| self.declared[at].at.as_ref());
        match self.rule {
            Rule::MissingPermission
            | Rule::HardcodedCredentials
            | Rule::AddedPermission
            | Rule::WidenedPermission
            | Rule::RemovedPermission => code.or(declared),
            _ => declared.or(code),
        }
    }

    /// Whether a reader sees the same in both.
    fn is_like(&self, other: &Self) -> bool {
        self.about.subject == other.about.subject && self.order() == other.order() && self.declared == other.declared
    }

    fn order(&self) -> impl Ord + '_ {
        (std::cmp::Reverse(self.severity), &self.functions, self.rule, self.primary(), &self.permissions, &self.message)
    }

    /// Sets the fingerprint: the rule, the functions, what it is about, and what the caller adds. No lines.
    fn identify(&mut self, more: &[&str]) {
        let mut hash = Fnv::default();
        hash.text(self.rule.id());
        for function in &self.functions {
            hash.text(function);
        }
        for (action, resources) in &self.permissions {
            hash.text(action);
            for resource in resources {
                hash.text(resource);
            }
        }
        for text in more {
            hash.text(text);
        }
        self.fingerprint = format!("{:016x}", hash.0);
    }

    /// Less severe, because something stands in the way of certainty.
    fn doubtful(&mut self, doubts: Vec<String>) {
        if !doubts.is_empty() {
            self.severity = self.severity.min(Severity::Low);
            self.doubts = doubts;
        }
    }
}

/// FNV-1a: a hash that is the same everywhere and forever.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn text(&mut self, text: &str) {
        for byte in text.bytes().chain([0]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}

/// The highest of some access levels.
fn highest(levels: impl IntoIterator<Item = AccessLevel>) -> AccessLevel {
    levels.into_iter().max().unwrap_or(AccessLevel::List)
}

/// `a, b and c`, shortened behind the eighth.
fn listed(items: &[String]) -> String {
    const SHOWN: usize = 8;
    match items {
        [] => String::new(),
        [one] => one.clone(),
        items if items.len() > SHOWN + 1 => format!("{} and {} more", items[..SHOWN].join(", "), items.len() - SHOWN),
        [start @ .., last] => format!("{} and {last}", start.join(", ")),
    }
}
