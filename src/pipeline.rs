//! The whole pipeline as one readable piece: find functions, load their code, interpret it, look up what the calls need,
//! draft the policies. The only place that knows every stage.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use smol_str::SmolStr;

use crate::bind::{self, Style};
use crate::catalog::{Authorization, Catalog, Grant, GrantCondition, Reason, Scope};
use crate::draft::{DraftOptions, EvidenceId, Need, PolicyDraft, draft};
use crate::flow::{Analysis, Entry, FlowOptions, LinkOptions, Program, SdkCall, SourceTree, analyze, unreached_notes};
use crate::iac::{Files, Stack};
use crate::note::{Note, NoteKind};
use crate::project::{self, DiskTree, Function, Handler, Project};
use crate::sdk::{Confidence, Credentials};
use crate::span::Location;
use crate::value::{Hole, Piece, Text};

/// What a run is told.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Files, folders and templates to analyze.
    pub paths: Vec<PathBuf>,
    /// How functions are looked for.
    pub discovery: project::Options,
    /// Only functions of these names.
    pub functions: Vec<String>,
    /// A handler given by hand: file and symbol.
    pub handler: Option<(PathBuf, String)>,
    /// Environment variables given by hand.
    pub environment: BTreeMap<SmolStr, Text>,
    /// What is known about the deployment.
    pub draft: DraftOptions,
    /// Whether the log group's permissions are part of the policies: always, never, or when the function's name is known.
    pub logs: Option<bool>,
    /// The deployed name of the function, for a single one.
    pub function_name: Option<String>,
    /// Whether code that no handler reaches counts too.
    pub whole_program: bool,
    /// Whether installed packages are analyzed with the program.
    pub follow_packages: bool,
    /// Whether ARNs keep references to the template's resources.
    pub symbolic: bool,
    /// What is known about single functions, by their names.
    pub overrides: BTreeMap<SmolStr, FunctionSettings>,
    /// Permissions that no analysis can see, as the repository records them.
    pub allowances: Vec<Allowance>,
    /// The repository's own library descriptions.
    pub libraries: Vec<PathBuf>,
    /// How many threads work; one per processor unless told.
    pub jobs: Option<usize>,
}

/// What a run is told about one function.
#[derive(Debug, Clone, Default)]
pub struct FunctionSettings {
    /// Environment variables of this function only.
    pub environment: BTreeMap<SmolStr, Text>,
    /// Its handler: file and symbol.
    pub handler: Option<(PathBuf, String)>,
    /// Its deployed name.
    pub function_name: Option<String>,
}

/// A permission that no analysis can see, and why it is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowance {
    /// The action, possibly with wildcards.
    pub action: SmolStr,
    /// The resource; any when absent.
    pub resource: Option<SmolStr>,
    /// The function; all when absent.
    pub function: Option<SmolStr>,
    /// Why it is needed.
    pub reason: String,
}

/// What a run found.
#[derive(Debug)]
pub struct Report {
    /// The functions, by name.
    pub functions: Vec<FunctionReport>,
    /// What concerns no single function.
    pub notes: Vec<Note>,
    /// The stacks they belong to.
    pub stacks: Vec<Arc<Stack>>,
}

/// What was found about one function.
#[derive(Debug)]
pub struct FunctionReport {
    /// Unique within the report.
    pub name: SmolStr,
    /// The function as discovery knows it.
    pub function: Function,
    /// The handler's file as displayed, if it was found.
    pub file: Option<String>,
    /// The handler's symbol; absent when a file is analyzed as a whole.
    pub symbol: Option<SmolStr>,
    /// The requests the code can make, by place.
    pub calls: Vec<SdkCall>,
    /// Requests that nothing reaches from the handler.
    pub unreached: Vec<SdkCall>,
    /// What the policy rests on; [`EvidenceId`] counts these.
    pub evidence: Vec<Evidence>,
    /// The permissions that are needed, before they were put together.
    pub needs: Vec<Need>,
    /// The policy.
    pub draft: PolicyDraft,
    /// What could not be decided, by place.
    pub notes: Vec<Note>,
    /// `leash:` comments in the code that was loaded, with the text behind `leash:`, by place.
    pub directives: Vec<(Location, SmolStr)>,
}

/// What a permission rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// A call, by its position in [`FunctionReport::calls`].
    Call(usize),
    /// A setting of the function: what it is, and where it is set.
    Setting {
        /// The setting, as the subject of a sentence: "the function's log group".
        what: String,
        /// Where it is set, when a template sets it.
        at: Option<Location>,
    },
}

impl FunctionReport {
    /// Whether everything the handler reaches was resolved.
    pub fn is_complete(&self) -> bool {
        !self.notes.iter().any(|note| note.kind.blocks_removal())
    }
}

/// Stack of the threads that interpret programs; only what is used is ever committed.
const THREAD_STACK: usize = 256 << 20;

/// Runs everything. `progress` is told the number of functions first, then each one that is done.
pub fn run(settings: &Settings, progress: &(dyn Fn(Progress) + Sync)) -> Report {
    let pool = rayon::ThreadPoolBuilder::new().stack_size(THREAD_STACK).num_threads(settings.jobs.unwrap_or(0)).build();
    match pool {
        Ok(pool) => pool.install(|| run_here(settings, progress)),
        Err(_) => run_here(settings, progress),
    }
}

/// How far a run is.
#[derive(Debug, Clone, Copy)]
pub enum Progress {
    /// This many functions were found.
    Found(usize),
    /// One of them is done.
    Done,
}

fn run_here(settings: &Settings, progress: &(dyn Fn(Progress) + Sync)) -> Report {
    let mut report = Report { functions: Vec::new(), notes: Vec::new(), stacks: Vec::new() };
    let mut jobs = Vec::new();
    for path in &settings.paths {
        let project = match &settings.handler {
            Some((file, symbol)) => given_handler(path, file, symbol),
            None => project::discover(path, &settings.discovery),
        };
        report.notes.extend(project.notes.iter().cloned());
        report.stacks.extend(project.stacks.iter().cloned());
        let (tree, expanded) = expand(&project, settings, &mut report.notes);
        let tree = Arc::new(tree);
        jobs.extend(expanded.into_iter().map(|job| (Arc::clone(&tree), project.base.clone(), job)));
    }
    jobs.retain(|(_, _, job)| settings.functions.is_empty() || settings.functions.iter().any(|name| job.function.name == *name));
    progress(Progress::Found(jobs.len()));
    report.functions = jobs
        .par_iter()
        .map(|(tree, base, job)| {
            let result = one(tree.as_ref(), base, job, settings);
            progress(Progress::Done);
            result
        })
        .collect();
    for (tree, _, _) in &jobs {
        report.notes.extend(tree.take_notes());
    }
    report
        .functions
        .sort_by(|left, right| (&left.name, &left.file, &left.symbol).cmp(&(&right.name, &right.file, &right.symbol)));
    report.notes.sort();
    report.notes.dedup();
    report
}

/// A project of one function whose handler the user names.
fn given_handler(path: &Path, file: &Path, symbol: &str) -> Project {
    let file = if path.is_dir() && !file.exists() { path.join(file) } else { file.to_path_buf() };
    let folder = if path.is_dir() { path.to_path_buf() } else { folder_of(&file) };
    let mut project = Project { base: folder.clone(), functions: Vec::new(), stacks: Vec::new(), notes: Vec::new() };
    let name = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    project.functions.push(bare_function(name.into(), Handler::File { path: file, symbol: symbol.into() }, folder));
    project
}

fn folder_of(file: &Path) -> PathBuf {
    file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_path_buf()
}

fn bare_function(name: SmolStr, handler: Handler, root: PathBuf) -> Function {
    Function {
        name,
        id: None,
        origin: None,
        runtime: None,
        handler,
        code_root: Some(root.clone()),
        import_roots: vec![root],
        environment: BTreeMap::new(),
        events: Vec::new(),
        settings: Vec::new(),
        role: crate::iac::RoleRef::Implicit,
        declared: Vec::new(),
        notes: Vec::new(),
        stack: None,
    }
}

/// One analysis to make.
struct Job {
    function: Function,
    target: Target,
}

/// What is analyzed.
enum Target {
    /// Handlers, usually one.
    Handlers(Vec<(PathBuf, SmolStr)>),
    /// A file without a handler, as a whole.
    Whole(PathBuf),
    /// Nothing: there is no code.
    None,
}

/// The analyses that a project needs: functions of templates as they are, bare files by the handlers in them.
fn expand(project: &Project, settings: &Settings, notes: &mut Vec<Note>) -> (DiskTree, Vec<Job>) {
    let mut tree = DiskTree::new(Files::new(&project.base));
    let mut jobs = Vec::new();
    let mut candidates = Vec::new();
    for function in &project.functions {
        if let Some((path, symbol)) = settings.overrides.get(&function.name).and_then(|given| given.handler.clone()) {
            let mut function = function.clone();
            // What was not found no longer matters.
            function.notes.retain(|note| note.kind != NoteKind::UnresolvedHandler);
            jobs.push(Job { function, target: Target::Handlers(vec![(path, symbol.into())]) });
            continue;
        }
        let target = match &function.handler {
            Handler::File { path, symbol } => Target::Handlers(vec![(path.clone(), symbol.clone())]),
            Handler::Entries(entries) => {
                Target::Handlers(entries.iter().map(|entry| (entry.path.clone(), entry.symbol.clone())).collect())
            }
            Handler::Inline { file, symbol } => {
                let path = inline_path(function, &file.text);
                tree.add_virtual(path.clone(), Arc::clone(file));
                Target::Handlers(vec![(path, symbol.clone())])
            }
            Handler::Candidates(files) => {
                candidates.push((function.clone(), files.clone()));
                continue;
            }
            Handler::Unsupported | Handler::Missing => Target::None,
        };
        jobs.push(Job { function: function.clone(), target });
    }
    for (function, files) in candidates {
        jobs.extend(bare_jobs(&tree, &function, &files, notes));
    }
    (tree, jobs)
}

/// Where code that stands in a template would be if it were a file.
fn inline_path(function: &Function, text: &str) -> PathBuf {
    let python = function.runtime.as_ref().map_or_else(|| text.contains("def "), |runtime| runtime.starts_with("python"));
    let extension = if python { "py" } else { "js" };
    let root = function.code_root.clone().unwrap_or_default();
    root.join(format!("{}.inline/index.{extension}", function.name))
}

/// Files without a template: those with handlers are functions; the others count when nothing imports them.
fn bare_jobs(tree: &DiskTree, function: &Function, files: &[PathBuf], notes: &mut Vec<Note>) -> Vec<Job> {
    let modules: Vec<(PathBuf, Option<Arc<crate::ir::Module>>)> =
        files.par_iter().map(|path| (path.clone(), tree.module(path))).collect();
    let single = files.len() == 1;
    let mut jobs = Vec::new();
    let mut rest = Vec::new();
    for (path, module) in modules {
        let Some(module) = module else { continue };
        if module.handlers.is_empty() {
            rest.push((path, module));
            continue;
        }
        for symbol in &module.handlers {
            let name = job_name(&module.file.path, (module.handlers.len() > 1).then_some(symbol));
            jobs.push(job(function, name, Target::Handlers(vec![(path.clone(), symbol.clone())])));
        }
    }
    let alone = jobs.is_empty();
    for (path, module) in rest {
        let name = job_name(&module.file.path, None);
        if alone && (single || uses_aws(&module.file.text)) {
            jobs.push(job(function, name, Target::Whole(path)));
        } else if !alone && uses_aws(&module.file.text) && !is_imported(tree, &path, &jobs, function) {
            let message = format!(
                "{} has no handler and no handler imports it; to analyze it on its own, name it: leash infer {0}",
                module.file.path
            );
            notes.push(Note::general(NoteKind::Unreachable, message));
        }
    }
    jobs
}

fn job(function: &Function, name: SmolStr, target: Target) -> Job {
    Job { function: Function { name, handler: function.handler.clone(), ..function.clone() }, target }
}

/// `src/orders.py` → `src/orders`, with the symbol when the file has several handlers.
fn job_name(path: &str, symbol: Option<&SmolStr>) -> SmolStr {
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    symbol.map_or_else(|| stem.into(), |symbol| smol_str::format_smolstr!("{stem}.{symbol}"))
}

fn uses_aws(text: &str) -> bool {
    ["boto3", "botocore", "aioboto3", "aws-sdk", "aws_lambda_powertools", "aws-lambda-powertools"]
        .iter()
        .any(|name| text.contains(name))
}

fn is_imported(tree: &DiskTree, path: &Path, jobs: &[Job], function: &Function) -> bool {
    let entries: Vec<PathBuf> = jobs
        .iter()
        .filter_map(|job| match &job.target {
            Target::Handlers(handlers) => handlers.first().map(|(path, _)| path.clone()),
            _ => None,
        })
        .collect();
    let options = link_options(function, tree_boundary(function), false, None);
    Program::load_all(tree, &entries, &options).is_some_and(|program| program.at_path(path).is_some())
}

fn tree_boundary(function: &Function) -> PathBuf {
    function.code_root.clone().unwrap_or_default()
}

fn link_options(function: &Function, boundary: PathBuf, follow_packages: bool, entry: Option<&Path>) -> LinkOptions {
    let mut roots = function.import_roots.clone();
    if roots.is_empty()
        && let Some(entry) = entry
    {
        roots.push(folder_of(entry));
    }
    LinkOptions { roots, follow_packages, boundary }
}

/// Analyzes one function.
fn one(tree: &DiskTree, base: &Path, job: &Job, settings: &Settings) -> FunctionReport {
    let function = &job.function;
    let mut report = FunctionReport {
        name: function.name.clone(),
        function: function.clone(),
        file: None,
        symbol: None,
        calls: Vec::new(),
        unreached: Vec::new(),
        evidence: Vec::new(),
        needs: Vec::new(),
        draft: PolicyDraft::default(),
        notes: function.notes.clone(),
        directives: Vec::new(),
    };
    let analysis = analysis(tree, base, job, settings, &mut report);
    report.notes.extend(unreached_notes(&analysis));
    report.unreached = analysis.unreached;
    report.notes.extend(analysis.notes);
    report.calls = analysis.calls;
    needs(&mut report, settings);
    match draft(&report.needs, &settings.draft) {
        Ok(policy) => {
            report.notes.extend(policy.notes.iter().cloned());
            report.draft = policy;
        }
        Err(failure) => {
            let message = format!("the policy did not pass leash's own check and is not printed; please report this: {failure}");
            report.notes.push(Note::general(NoteKind::Budget, message));
        }
    }
    report.notes.sort();
    report.notes.dedup();
    report
}

fn analysis(tree: &DiskTree, base: &Path, job: &Job, settings: &Settings, report: &mut FunctionReport) -> Analysis {
    let (paths, symbols): (Vec<PathBuf>, Vec<SmolStr>) = match &job.target {
        Target::Handlers(handlers) => handlers.iter().cloned().unzip(),
        Target::Whole(path) => (vec![path.clone()], Vec::new()),
        Target::None => return Analysis::default(),
    };
    let options = link_options(&job.function, base.to_path_buf(), settings.follow_packages, paths.first().map(PathBuf::as_path));
    let Some(program) = Program::load_all(tree, &paths, &options) else { return Analysis::default() };
    let first = crate::ids::Id::from_index(0);
    report.file = program.modules.get(first).map(|linked| linked.module.file.path.clone());
    report.symbol = symbols.first().cloned();
    report.notes.extend(syntax_notes(&program));
    report.directives = directives(&program);
    let flow = flow_options(&job.function, settings);
    let entry = if settings.whole_program && !symbols.is_empty() {
        Entry::Whole(program.modules.iter_enumerated().map(|(id, _)| id).collect())
    } else if symbols.is_empty() {
        Entry::Whole(vec![first])
    } else {
        let module = |path: &PathBuf| program.at_path(path).unwrap_or(first);
        Entry::Handlers(paths.iter().map(module).zip(symbols.iter().cloned()).collect())
    };
    let analysis = analyze(&program, &entry, &flow);
    if !symbols.is_empty() && !analysis.entered {
        let file = report.file.clone().unwrap_or_default();
        let symbol = symbols.join("`, `");
        let message = format!("{file} has no function `{symbol}`; nothing of it is covered: check the handler's name");
        report.notes.push(Note::general(NoteKind::UnresolvedHandler, message));
    }
    analysis
}

/// Environment variables: those given by hand, then the template's.
fn flow_options(function: &Function, settings: &Settings) -> FlowOptions {
    let mut environment: BTreeMap<SmolStr, Vec<Text>> =
        function.environment.iter().map(|(name, variable)| (name.clone(), variable.values.clone())).collect();
    let own = settings.overrides.get(&function.name).map(|given| &given.environment);
    for (name, value) in settings.environment.iter().chain(own.into_iter().flatten()) {
        environment.insert(name.clone(), vec![value.clone()]);
    }
    FlowOptions { environment, environment_complete: function.stack.is_some() }
}

/// What comments tell leash, by place.
fn directives(program: &Program) -> Vec<(Location, SmolStr)> {
    let of = |linked: &crate::flow::link::Linked| {
        let module = &linked.module;
        let place = |(span, text): &(crate::span::Span, SmolStr)| (Location::new(&module.file, *span), text.clone());
        module.directives.iter().map(place).collect::<Vec<_>>()
    };
    let mut all: Vec<(Location, SmolStr)> = program.modules.iter().flat_map(of).collect();
    all.sort();
    all
}

fn syntax_notes(program: &Program) -> Vec<Note> {
    let mut notes = Vec::new();
    for linked in program.modules.iter() {
        let errors = &linked.module.syntax_errors;
        if let Some(first) = errors.first() {
            let at = Location::new(&linked.module.file, *first);
            let more = if errors.len() > 1 { format!(" and in {} more places", errors.len() - 1) } else { String::new() };
            notes.push(Note::at(
                NoteKind::Syntax,
                at,
                format!("does not parse here{more}; calls in the broken part may be missing"),
            ));
        }
    }
    notes
}

/// Looks up what each call needs.
fn needs(report: &mut FunctionReport, settings: &Settings) {
    let style = if settings.symbolic { Style::Symbolic } else { Style::Literal };
    let stack = report.function.stack.clone();
    let mut seen_notes = BTreeSet::new();
    for index in 0..report.calls.len() {
        let call = report.calls[index].clone();
        if let Some(note) = other_credentials(&call) {
            report.notes.push(note);
            continue;
        }
        let evidence = EvidenceId(report.evidence.len() as u32);
        report.evidence.push(Evidence::Call(index));
        let answer = Catalog::embedded().answer(&call.service, &call.operation, &call.params, call.region.as_ref());
        for message in answer.notes {
            if seen_notes.insert((call.at.clone(), message.clone())) {
                report.notes.push(Note::at(NoteKind::Info, call.at.clone(), message));
            }
        }
        match answer.authorization {
            Authorization::Grants(grants) => {
                for grant in grants {
                    if let (Some(stack), Some(encryption)) = (&stack, &answer.encryption) {
                        key_needs(report, &grant, stack, encryption, evidence, call.confidence, style);
                    }
                    let grant = bind::bind(&grant, stack.as_deref(), style);
                    report.notes.extend(name_notes(&grant, &call));
                    let grant = if settings.symbolic { grant } else { bind::without_variables(grant) };
                    report.needs.push(Need { grant, evidence, confidence: call.confidence });
                }
            }
            Authorization::Permissionless => {}
            Authorization::Unknown(reason) => {
                let message = format!("{}:{}: {reason}; add the permission it needs by hand", call.service, call.operation);
                report.notes.push(Note::at(NoteKind::UnmappedOperation, call.at.clone(), message));
            }
        }
        if call.confidence == Confidence::Possible {
            let message = format!(
                "this may be {}:{}, but the client could not be resolved; --include possible adds it to the policy",
                call.service, call.operation
            );
            report.notes.push(Note::at(NoteKind::PossibleCall, call.at.clone(), message));
        }
    }
    logs(report, settings);
}

/// Requests that are not signed with the function's role need nothing from it.
fn other_credentials(call: &SdkCall) -> Option<Note> {
    let whose = match &call.credentials {
        Credentials::Own => return None,
        Credentials::Role(role) => match role.as_text().as_ref().and_then(Text::as_literal) {
            Some(arn) => format!("with the credentials of {arn}; that role needs the permission"),
            None => "with the credentials of an assumed role; that role needs the permission".to_owned(),
        },
        Credentials::Explicit => "with credentials of its own, not with the function's role".to_owned(),
        Credentials::Literal => "with credentials written into the source, not with the function's role".to_owned(),
    };
    let message = format!("{}:{} is called {whose}", call.service, call.operation);
    Some(Note::at(NoteKind::OtherCredentials, call.at.clone(), message))
}

/// What the customer keys behind the resources need.
fn key_needs(
    report: &mut FunctionReport,
    grant: &Grant,
    stack: &Stack,
    encryption: &crate::catalog::Encryption,
    evidence: EvidenceId,
    confidence: Confidence,
    style: Style,
) {
    if grant.reason != Reason::Direct {
        return;
    }
    for resource in bind::references(grant, stack).collect::<Vec<_>>() {
        let Some(key) = resource.kms_key else { continue };
        let via = Text::from_pieces([
            Piece::Literal(smol_str::format_smolstr!("{}.", encryption.via_service)),
            Piece::Hole(Hole::Region),
            Piece::Literal(".amazonaws.com".into()),
        ]);
        for action in &encryption.actions {
            let grant = Grant {
                action: action.clone(),
                resources: vec![key_arn(&key)],
                scope: Scope::Resource,
                conditions: vec![GrantCondition {
                    operator: "StringLike".into(),
                    key: "kms:ViaService".into(),
                    values: vec![via.clone()],
                }],
                access_level: crate::catalog::AccessLevel::Write,
                reason: Reason::Forward(smol_str::format_smolstr!("{} is encrypted with a customer key", resource.id)),
                citation: None,
            };
            report.needs.push(Need { grant: bind::bind(&grant, Some(stack), style), evidence, confidence });
        }
    }
}

/// A key's ARN from what a template writes: an ARN, a bare key id, or a reference.
fn key_arn(key: &Text) -> Text {
    if key.as_literal().is_some_and(|key| key.starts_with("arn:")) {
        return key.clone();
    }
    let mut arn = Text::from_pieces([
        Piece::Literal("arn:".into()),
        Piece::Hole(Hole::Partition),
        Piece::Literal(":kms:".into()),
        Piece::Hole(Hole::Region),
        Piece::Literal(":".into()),
        Piece::Hole(Hole::Account),
        Piece::Literal(":key/".into()),
    ]);
    arn.push_text(key);
    arn
}

/// Names in ARNs that the code does not tell.
fn name_notes(grant: &Grant, call: &SdkCall) -> Vec<Note> {
    let mut notes = Vec::new();
    for hole in grant.resources.iter().flat_map(Text::holes) {
        let note = match hole {
            Hole::Event(path) => {
                let part = if path.is_empty() { "the event".to_owned() } else { format!("the event (`{path}`)") };
                (
                    NoteKind::NameFromEvent,
                    format!("part of the resource of {} comes from {part}, so the policy has `*` there", grant.action),
                )
            }
            Hole::Env { name, default } => {
                let advice = match default {
                    Some(default) => format!("the code falls back on `{default}`: bind it with --env {name}={default}"),
                    None => format!("bind it with --env {name}=VALUE"),
                };
                (
                    NoteKind::NameFromEnvironment,
                    format!(
                        "part of the resource of {} is the environment variable {name}, whose value is not known: {advice}",
                        grant.action
                    ),
                )
            }
            Hole::Unknown(why) if grant.scope == Scope::Resource => (
                NoteKind::UnknownName,
                format!("part of the resource of {} is not known ({why}), so the policy has `*` there", grant.action),
            ),
            _ => continue,
        };
        notes.push(Note::at(note.0, call.at.clone(), note.1));
    }
    notes
}

/// The function's log group.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html>
fn logs(report: &mut FunctionReport, settings: &Settings) {
    let own = settings.overrides.get(&report.name).and_then(|given| given.function_name.as_ref());
    let name = settings.function_name.as_ref().or(own).map(Text::literal);
    if !settings.logs.unwrap_or(name.is_some()) {
        return;
    }
    let name = name.unwrap_or_else(|| Text::hole(Hole::Unknown("the function's deployed name".into())));
    let evidence = EvidenceId(report.evidence.len() as u32);
    report.evidence.push(Evidence::Setting { what: "the function's log group".to_owned(), at: None });
    for (action, suffix) in [("CreateLogGroup", ""), ("CreateLogStream", ":*"), ("PutLogEvents", ":log-stream:*")] {
        let mut arn = Text::from_pieces([
            Piece::Literal("arn:".into()),
            Piece::Hole(Hole::Partition),
            Piece::Literal(":logs:".into()),
            Piece::Hole(Hole::Region),
            Piece::Literal(":".into()),
            Piece::Hole(Hole::Account),
            Piece::Literal(":log-group:/aws/lambda/".into()),
        ]);
        arn.push_text(&name);
        arn.push_str(suffix);
        let grant = Grant {
            action: smol_str::format_smolstr!("logs:{action}"),
            resources: vec![arn],
            scope: Scope::Resource,
            conditions: Vec::new(),
            access_level: crate::catalog::AccessLevel::Write,
            reason: Reason::Direct,
            citation: Some("https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html".into()),
        };
        report.needs.push(Need { grant, evidence, confidence: Confidence::Certain });
    }
}
