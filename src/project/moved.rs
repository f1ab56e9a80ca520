//! Code that a template names by another place than the one it has in the repository: a bucket it is uploaded to before, an asset
//! that was never committed, another machine's folder.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::LazyLock;

use smol_str::SmolStr;

use super::{node, package};
use crate::iac::{Files, clean};
use crate::sdk::packages::imports_cdk;

/// Folders whose code is not deployed.
const NOT_DEPLOYED: [&str; 6] = ["test", "tests", "__tests__", "__mocks__", "node_modules", "site-packages"];

/// Names of folders and modules that every other function has, too.
const USUAL: [&str; 16] = [
    "src",
    "lib",
    "dist",
    "build",
    "code",
    "app",
    "lambda",
    "lambdas",
    "function",
    "functions",
    "handler",
    "handlers",
    "index",
    "main",
    "lambdafunction",
    "source",
];

/// What the file is called that a function is entered by, in a folder of its own.
const ENTERED: [&str; 5] = ["handler", "index", "app", "main", "lambda"];

/// What the folder of a project as a whole has.
const PROJECT: [&str; 5] = [".git", "README.md", "README", "README.rst", "LICENSE"];

/// What a walk found: source files and Dockerfiles.
#[derive(Default)]
pub(super) struct Listing {
    pub(super) sources: Vec<PathBuf>,
    pub(super) dockerfiles: Vec<PathBuf>,
}

#[derive(Default)]
struct Index {
    /// The source files by the names of their modules.
    modules: BTreeMap<SmolStr, Vec<PathBuf>>,
    /// The same without capitals and dashes.
    plain: BTreeMap<String, Vec<PathBuf>>,
    dockerfiles: Vec<PathBuf>,
}

/// The source files of the repository by the names of their modules, and its Dockerfiles; made when first asked for.
pub(super) struct Sources {
    index: LazyLock<Index, Box<dyn FnOnce() -> Index + Send>>,
}

/// What is known about code whose place is not.
pub(super) struct Wanted<'a> {
    /// The module of the handler: `src/app`, `package.module`.
    pub(super) module: &'a str,
    /// What the module defines.
    pub(super) symbol: &'a str,
    /// Extensions that the runtime reads.
    pub(super) extensions: &'a [&'a str],
    /// Where the template says it is: a path of any system, the key of an archive.
    pub(super) place: &'a str,
    /// The template's folder.
    pub(super) folder: &'a Path,
    /// Whether other functions have a handler of this name at other places, so that the name alone says nothing.
    pub(super) is_common: bool,
    /// The files that the template itself is written in, as they are shown.
    pub(super) template: &'a [PathBuf],
}

/// How well a file fits: by the names of its folders, by how near it is, by how little stands between it and its package, by how
/// few folders the archive's name leaves out, by whether it defines what the handler is called rather than speaks of it.
type Rank = (usize, usize, Reverse<usize>, Reverse<usize>, bool);

/// Where it is instead.
pub(super) struct Found {
    pub(super) path: PathBuf,
    /// The folder that the module is relative to.
    pub(super) root: PathBuf,
}

impl Sources {
    /// Lists the files when they are needed.
    pub(super) fn new(list: impl FnOnce() -> Listing + Send + 'static) -> Self {
        let make = move || {
            let mut index = Index::default();
            let listing = list();
            for path in listing.sources {
                let stem = path.file_stem().map(|stem| SmolStr::from(stem.to_string_lossy()));
                if let Some(stem) = stem.filter(|_| !is_apart(&path)) {
                    index.plain.entry(plain(&stem)).or_default().push(path.clone());
                    index.modules.entry(stem).or_default().push(path);
                }
            }
            index.dockerfiles = listing.dockerfiles.into_iter().filter(|path| !is_apart(path)).collect();
            index
        };
        Self { index: LazyLock::new(Box::new(make)) }
    }

    /// The Dockerfiles of the repository.
    pub(super) fn dockerfiles(&self) -> Vec<&PathBuf> {
        self.index.dockerfiles.iter().filter(|path| !path.iter().any(|part| part == ".devcontainer")).collect()
    }

    /// The one file that fits best: its folders are named like the place, and it is near the template. None when two fit equally.
    pub(super) fn find(&self, files: &Files, wanted: &Wanted<'_>) -> Option<Found> {
        let module: Vec<&str> = wanted.module.split(['/', '\\', '.']).filter(|part| !part.is_empty()).collect();
        let (stem, above) = module.split_last()?;
        let place = parts(wanted.place);
        let template = clean(wanted.folder);
        let project = project(&self.index, files, &template);
        let mut ranked: Vec<(Rank, Found)> = Vec::new();
        let named = self.index.modules.get(*stem).map(Vec::as_slice).unwrap_or_default();
        for path in named.iter().filter(|path| wanted.fits(files, path)) {
            let Some(folder) = path.parent() else { continue };
            let written = without(folder, above);
            let Some(root) = written.or_else(|| without(folder, &unbuilt(above)?)).map(clean) else { continue };
            let own = parts(&root.to_string_lossy());
            // The whole name says more than its end.
            let left_out = words_leave_out(&root, wanted.place);
            let says = usize::from(ends_alike(&root, wanted.place)) + usize::from(left_out.is_some());
            let alike = 3 * alike(&own, &place) + says;
            let package = package::named_above(files, &root, &project).filter(|(_, name)| is_named_after(&place, name));
            let (alike, depth) = match package {
                Some((folder, name)) => {
                    (alike.max(3 * parts(&name).len() + 3), root.components().count() - folder.components().count())
                }
                None => (alike, 0),
            };
            let near = root.components().zip(template.components()).take_while(|(a, b)| a == b).count();
            let is_defined = wanted.is_defined_in(files, path);
            // A name of its own is that of the module, be it that of a package, or of the function.
            let has_own = || module.iter().any(|part| !is_usual(&plain(part))) || (is_defined && !is_packing(wanted.symbol));
            if alike > 0 || (written.is_some() && !wanted.is_common && wanted.is_near(files, &root, &template, &project, has_own))
            {
                let rank = (alike, near, Reverse(depth), Reverse(left_out.unwrap_or_default()), is_defined);
                ranked.push((rank, Found { path: path.clone(), root }));
            }
        }
        if ranked.is_empty() {
            return self.renamed(files, wanted, &project, stem).or_else(|| self.bundled(files, wanted, &project, stem));
        }
        let best = ranked.iter().map(|(rank, _)| *rank).max()?;
        ranked.retain(|(rank, _)| *rank == best);
        let (_, only) = ranked.pop()?;
        ranked.is_empty().then_some(only)
    }

    /// The one file whose folder is named like the function, none of those that are `taken` by others: `lambda/lead-splitter` for
    /// `LeadSplitterFunction` and for `crm-lead-splitter-dev`.
    pub(super) fn named(&self, files: &Files, wanted: &Wanted<'_>, names: &[SmolStr], taken: &[PathBuf]) -> Option<Found> {
        let module: Vec<&str> = wanted.module.split(['/', '\\', '.']).filter(|part| !part.is_empty()).collect();
        let (stem, above) = module.split_last()?;
        let project = project(&self.index, files, &clean(wanted.folder));
        let names: Vec<Vec<String>> = names.iter().map(|name| telling(name)).collect();
        let mut ranked: Vec<((bool, usize), Found)> = Vec::new();
        let all = self.index.modules.get(*stem).map(Vec::as_slice).unwrap_or_default();
        for path in all.iter().filter(|path| is_below(path, &project) && wanted.fits(files, path)) {
            let Some(root) = path.parent().and_then(|folder| without(folder, above)).map(clean) else { continue };
            let below = root.strip_prefix(&project).unwrap_or(&root);
            let folders = below.iter().rev().map(|part| part.to_string_lossy());
            let folder = folders.into_iter().find(|part| !is_usual(&plain(part))).map(|part| telling(&part)).unwrap_or_default();
            // Folders may be written in one word: `api/placeorder` for `ApiPlaceOrder`.
            let whole = folder.concat();
            let rank = |name: &Vec<String>| {
                let fits = !whole.is_empty() && ends_in_words(name, &whole);
                fits.then(|| (name.concat() == whole, whole.len()))
            };
            if let Some(best) =
                names.iter().filter_map(rank).max().filter(|_| !taken.contains(&root) && !taken.contains(&clean(path)))
            {
                ranked.push((best, Found { path: path.clone(), root }));
            }
        }
        let best = ranked.iter().map(|(rank, _)| *rank).max()?;
        ranked.retain(|(rank, _)| *rank == best);
        let (_, only) = ranked.pop()?;
        ranked.is_empty().then_some(only)
    }

    /// A file that is named like the archive, which a script packs under the name that the handler has: `ListOrders.zip` is made
    /// from `listOrders.js`, though the handler is `index.handler`.
    fn renamed(&self, files: &Files, wanted: &Wanted<'_>, project: &Path, stem: &str) -> Option<Found> {
        let place = parts(wanted.place);
        let archive = place.last().filter(|name| !name.contains('*') && is_packing(stem))?;
        let named = self.index.plain.get(archive)?.iter();
        let mut found = named.filter(|path| is_below(path, project) && wanted.fits(files, path));
        let path = found.next()?.clone();
        let root = path.parent().map(clean).unwrap_or_default();
        found.next().is_none().then_some(Found { path, root })
    }

    /// What a bundler writes to a file of its own name, that of the folder which the function stands in: `dist/cleanCrates.js` is made
    /// from `src/clean-crates/handler.ts`.
    fn bundled(&self, files: &Files, wanted: &Wanted<'_>, project: &Path, stem: &str) -> Option<Found> {
        let name = plain(stem);
        if is_usual(&name) || !wanted.extensions.contains(&"ts") {
            return None;
        }
        let is_named = |path: &PathBuf| {
            let folder = path.parent().and_then(Path::file_name);
            folder.is_some_and(|folder| plain(&folder.to_string_lossy()) == name)
        };
        let entered = ENTERED.iter().filter_map(|stem| self.index.modules.get(*stem)).flatten();
        let mut found = entered.filter(|path| is_named(path) && is_below(path, project) && wanted.fits(files, path));
        let path = found.next()?.clone();
        let root = path.parent().map(clean).unwrap_or_default();
        found.next().is_none().then_some(Found { path, root })
    }

    /// The Dockerfile of an image: the only one in a folder of the template's project that is named like it.
    pub(super) fn dockerfile(&self, files: &Files, folder: &Path, names: &[&str]) -> Option<PathBuf> {
        let names: Vec<String> = names.iter().map(|name| bare(name)).filter(|name| !name.is_empty() && !is_usual(name)).collect();
        let project = project(&self.index, files, &clean(folder));
        let fits = |path: &&PathBuf| {
            let above = path.parent().and_then(Path::file_name).map(|name| bare(&name.to_string_lossy()));
            above.is_some_and(|above| names.contains(&above)) && is_below(path, &project)
        };
        let mut found = self.index.dockerfiles.iter().filter(fits);
        let first = found.next()?;
        found.next().is_none().then(|| first.clone())
    }
}

impl Wanted<'_> {
    /// Whether a file can be the handler's, by its extension and by what it contains.
    fn fits(&self, files: &Files, path: &Path) -> bool {
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        let is_template = || self.template.iter().any(|own| own.as_os_str() == files.display(path).as_str());
        self.extensions.contains(&extension) && defines(files, path, self.symbol) && !is_template()
    }

    /// Whether a file that nothing but its name speaks for is near enough: below the template or beside its folder, where the
    /// template says as far as that is there, or in its project with a name of its own.
    fn is_near(&self, files: &Files, root: &Path, template: &Path, project: &Path, has_own: impl Fn() -> bool) -> bool {
        let within = |folder: &Path| folder == Path::new(".") || root.starts_with(folder);
        let is_part = |folder: &Path| folder != project && (project == Path::new(".") || folder.starts_with(project));
        let beside = template.parent().is_some_and(|around| !around.as_os_str().is_empty() && is_part(around) && within(around));
        within(template) || beside || self.surroundings(files, template).is_some_and(within) || (within(project) && has_own())
    }

    /// The folder that is there of the place where the code should be, unless the template is in it, too.
    fn surroundings(&self, files: &Files, template: &Path) -> Option<&Path> {
        let there =
            Path::new(self.place).ancestors().find(|folder| !folder.as_os_str().is_empty() && files.is_plain_dir(folder))?;
        (there != Path::new(".") && !template.starts_with(clean(there))).then_some(there)
    }

    /// Whether a line of a file says what the handler's name stands for.
    fn is_defined_in(&self, files: &Files, path: &Path) -> bool {
        let name = self.symbol.rsplit('.').next().unwrap_or(self.symbol);
        files.read(path).is_ok_and(|file| file.text.lines().any(|line| is_definition(line, name)))
    }
}

/// Whether a file lies in a project, which is everything where that is the current folder.
fn is_below(path: &Path, project: &Path) -> bool {
    project == Path::new(".") || clean(path).starts_with(project)
}

/// The project that a template belongs to: in a collection of many, the files of the others have nothing to do with it.
fn project(index: &Index, files: &Files, template: &Path) -> PathBuf {
    let base = clean(files.base());
    let within = template.ancestors().take_while(|folder| base == Path::new(".") || folder.starts_with(&base));
    // A folder with a description of its own may hold nothing but infrastructure.
    let has_code = |folder: &Path| index.modules.values().flatten().any(|path| clean(path).starts_with(folder));
    let is_project = |folder: &&Path| PROJECT.iter().any(|name| files.exists(&folder.join(name))) && has_code(folder);
    within.into_iter().find(is_project).map_or(base.clone(), Path::to_path_buf)
}

/// Whether a module has a name that scripts give to whatever they pack.
fn is_packing(stem: &str) -> bool {
    is_usual(&plain(stem)) || plain(stem) == "lambdahandler"
}

/// A name without what says only that it is a function.
fn bare(name: &str) -> String {
    let name = plain(name);
    let mut name = name.as_str();
    for word in ["image", "lambda", "function"] {
        name = name.strip_suffix(word).unwrap_or(name);
        name = name.strip_prefix(word).unwrap_or(name);
    }
    name.to_owned()
}

/// The words of a name without those at its ends that say only that it is a function, or are not known.
fn telling(name: &str) -> Vec<String> {
    let mut spread = String::new();
    let mut before = ' ';
    for letter in name.chars() {
        if letter.is_uppercase() && before.is_lowercase() {
            spread.push('-');
        }
        spread.push(letter);
        before = letter;
    }
    let says_nothing =
        |word: &String| word.contains('*') || matches!(word.as_str(), "" | "lambda" | "function" | "fn" | "handler");
    let mut words = words(&spread);
    while words.last().is_some_and(says_nothing) {
        words.pop();
    }
    let start = words.iter().take_while(|word| says_nothing(word)).count();
    words.split_off(start)
}

/// Whether the last of some words, written in one, are a text.
fn ends_in_words(words: &[String], text: &str) -> bool {
    let all = words.concat();
    let Some(start) = all.strip_suffix(text).map(str::len) else { return false };
    let mut at = 0;
    words.iter().any(|word| {
        let is_start = at == start;
        at += word.len();
        is_start
    })
}

/// Whether a path leads to tests or installed packages.
pub(super) fn is_apart(path: &Path) -> bool {
    path.components().any(|part| matches!(part, Component::Normal(name) if NOT_DEPLOYED.iter().any(|folder| name == *folder)))
}

/// How many folders at the end of two paths have the same names. `functions/cost/src` is where the archive `cost` is made from:
/// what every other path ends in is passed over.
fn alike(own: &[String], place: &[String]) -> usize {
    let telling = |parts: &[String]| parts.iter().rev().skip_while(|part| is_usual(part)).cloned().collect::<Vec<_>>();
    telling(own).iter().zip(&telling(place)).take_while(|(a, b)| a == b).count()
}

/// Whether the archive's name ends in the words of the folder's: `rooms_api.zip` is made from `rooms/src/api`.
fn ends_alike(root: &Path, place: &str) -> bool {
    let folder = root.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    !is_usual(&plain(&folder)) && !folder.is_empty() && words(archive(place)).ends_with(&words(&folder))
}

/// How many folders are left out where the words of the archive's name are the names of folders, in their order:
/// `consumer-read.zip` is made from `api/consumer/read`, and `api/old/consumer/read` would be `old-consumer-read.zip`.
fn words_leave_out(root: &Path, place: &str) -> Option<usize> {
    let wanted = words(archive(place));
    if wanted.len() < 2 || wanted.iter().all(|word| is_usual(word)) {
        return None;
    }
    let (mut rest, mut left_out) = (wanted.as_slice(), 0);
    for folder in root.iter().map(|name| plain(&name.to_string_lossy())) {
        // A folder may have several words: `api/price_list`.
        match (1..=rest.len()).find(|&count| rest[..count].concat() == folder) {
            Some(count) => rest = &rest[count..],
            None => left_out += 1,
        }
    }
    rest.is_empty().then_some(left_out)
}

/// The name of an archive, without its folders and its extension.
fn archive(place: &str) -> &str {
    place.strip_suffix(".zip").and_then(|place| place.rsplit(['/', '\\']).next()).unwrap_or_default()
}

fn words(name: &str) -> Vec<String> {
    name.to_lowercase().split(['-', '_']).map(str::to_owned).collect()
}

fn is_usual(part: &str) -> bool {
    USUAL.contains(&part)
}

/// The folder without the module's own folders at its end.
fn without<'a>(folder: &'a Path, above: &[&str]) -> Option<&'a Path> {
    let mut folder = folder;
    for part in above.iter().rev() {
        folder = folder.file_name().filter(|name| *name == *part).and_then(|_| folder.parent())?;
    }
    Some(folder)
}

/// The module's own folders without the one that a build writes to: what `dist/index` is built from is `index` somewhere.
fn unbuilt<'a>(above: &[&'a str]) -> Option<Vec<&'a str>> {
    let at = above.iter().position(|part| node::BUILT.contains(part))?;
    Some([&above[..at], &above[at + 1..]].concat())
}

/// Whether a line defines a name, brings it in or hands it out: `def name(`, `name = `, `from x import name`, `exports.name = `,
/// `export const name`.
fn is_definition(line: &str, name: &str) -> bool {
    let line = line.trim_start();
    let is_word = |at: usize| {
        let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '$');
        !line[..at].ends_with(is_part) && !line[at + name.len()..].starts_with(is_part)
    };
    let mut words = line.match_indices(name).map(|(at, _)| at).filter(|&at| is_word(at));
    let Some(at) = words.next() else { return false };
    let before = line[..at].trim_end();
    let says = ["def", "class", "function", "import", "from", "export", "exports", "module.exports"];
    let is_told = before.split(|letter: char| !(letter.is_alphanumeric() || letter == '.' || letter == '_')).next();
    let is_bound = || line[at + name.len()..].trim_start().starts_with(['=', ':']);
    let word = is_told.map(|word| word.trim_end_matches('.')).unwrap_or_default();
    says.contains(&word) || word == "async" || (before.is_empty() && is_bound())
}

/// Whether the name occurs in the file at all; what it stands for is seen when the file is read. What describes infrastructure
/// is no handler.
fn defines(files: &Files, path: &Path, symbol: &str) -> bool {
    let name = symbol.rsplit('.').next().unwrap_or(symbol);
    let has_name = |text: &str| memchr::memmem::find(text.as_bytes(), name.as_bytes()).is_some();
    files.read(path).is_ok_and(|file| has_name(&file.text) && !imports_cdk(&file.text))
}

/// Whether a place is named after a package: tools pack `@scope/name` as `dist/@scope/name.zip`.
fn is_named_after(place: &[String], package: &str) -> bool {
    let own = parts(package);
    own.last().is_some_and(|name| !is_usual(name)) && place.ends_with(&own)
}

/// The folders of a path of any system, such that `ip-retention.zip` and `ip_retention` are one.
fn parts(place: &str) -> Vec<String> {
    let place = place.strip_suffix(".zip").unwrap_or(place);
    let parts = place.split(['/', '\\']).filter(|part| !part.is_empty() && *part != ".");
    parts.map(plain).collect()
}

fn plain(name: &str) -> String {
    name.to_lowercase().replace(['-', '_'], "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(files: &[&str], module: &str, place: &str, is_common: bool) -> Option<String> {
        let folder = tempfile::tempdir().expect("a folder");
        let paths: Vec<PathBuf> = files.iter().map(|name| folder.path().join(name)).collect();
        for path in &paths {
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
            let name =
                path.parent().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let text = match path.extension().is_some_and(|extension| extension == "json") {
                true => format!(r#"{{"name": "@fleet/{name}-service"}}"#),
                false if name == "stacks" => "from aws_cdk import Stack\nlambda_handler = 'app.lambda_handler'".to_owned(),
                false => "def lambda_handler(event, context): pass".to_owned(),
            };
            std::fs::write(path, text).expect("a file");
        }
        let template = folder.path().join("deployment");
        let wanted =
            Wanted { module, symbol: "lambda_handler", extensions: &["py"], place, folder: &template, is_common, template: &[] };
        let base = Files::new(folder.path());
        let sources = paths
            .into_iter()
            .filter(|path| path.extension().is_some_and(|extension| extension == "py" || extension == "js"))
            .collect();
        let listing = Listing { sources, ..Listing::default() };
        Sources::new(move || listing).find(&base, &wanted).map(|found| base.display(&found.path))
    }

    #[test]
    fn the_archives_name_decides_between_modules_of_one_name() {
        let files = ["source/timer/src/main.py", "source/ip_retention/main.py"];
        assert_eq!(find(&files, "main", "s3://bucket/v1/timer.zip", true).as_deref(), Some("source/timer/src/main.py"));
        assert_eq!(find(&files, "main", "s3://bucket/v1/ip-retention.zip", true).as_deref(), Some("source/ip_retention/main.py"));
        assert_eq!(find(&files, "main", "s3://bucket/v1/other.zip", true), None, "nothing tells them apart");
    }

    #[test]
    fn a_name_that_occurs_once_is_enough_unless_several_functions_share_it() {
        let files = ["source/timer/timer.py", "tests/timer.py", "source/timer/timer.js"];
        assert_eq!(find(&files, "timer", "s3://bucket/code.zip", false).as_deref(), Some("source/timer/timer.py"));
        assert_eq!(find(&files, "timer", "s3://bucket/code.zip", true), None);
    }

    #[test]
    fn folders_of_other_systems_and_of_the_module_count() {
        let files = ["python/lambdas/web/api/app.py", "python/lambdas/error/api/app.py"];
        assert_eq!(find(&files, "api.app", r"C:\work\lambdas\error", true).as_deref(), Some("python/lambdas/error/api/app.py"));
    }

    #[test]
    fn a_script_may_rename_what_it_packs() {
        let files = ["functions/apis/listOrders.py", "functions/apis/getOrder.py"];
        let found = find(&files, "index", "s3://bucket/functions/ListOrders.zip", true);
        assert_eq!(found.as_deref(), Some("functions/apis/listOrders.py"));
        assert_eq!(
            find(&files, "orders", "s3://bucket/functions/ListOrders.zip", true),
            None,
            "the module has a name of its own"
        );
    }

    #[test]
    fn lines_that_speak_of_a_name_do_not_define_it() {
        for line in [
            "def handler(event, context):",
            "    async def handler(event, context):",
            "handler = Mangum(app)",
            "handler: Handler = make()",
            "from .app import run as handler",
            "exports.handler = async () => 1;",
            "module.exports = { handler };",
            "export const handler = async () => 1;",
        ] {
            assert!(is_definition(line, "handler"), "{line}");
        }
        for line in ["# create a console handler", "logging.handler = 1", "def handlers():", "make(handler)", "// export handler"]
        {
            assert!(!is_definition(line, "handler"), "{line}");
        }
    }

    #[test]
    fn the_last_words_of_a_name_may_be_written_in_one() {
        let name = telling("ApiJourneyOutcomeLambda");
        assert!(ends_in_words(&name, "journeyoutcome") && ends_in_words(&name, "apijourneyoutcome"));
        assert!(!ends_in_words(&name, "come") && !ends_in_words(&name, "apijourney"));
    }

    #[test]
    fn a_bundlers_file_is_named_like_the_functions_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let find = |module: &str, names: &[&str]| {
            let paths: Vec<PathBuf> = names.iter().map(|name| folder.path().join(name)).collect();
            for path in &paths {
                std::fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
                std::fs::write(path, "export const handler = 1;").expect("a file");
            }
            let place = folder.path().join("dist").to_string_lossy().into_owned();
            let (symbol, extensions) = ("handler", &["ts", "js"][..]);
            let wanted =
                Wanted { module, symbol, extensions, place: &place, folder: folder.path(), is_common: false, template: &[] };
            let (base, listing) = (Files::new(folder.path()), Listing { sources: paths, ..Listing::default() });
            Sources::new(move || listing).find(&base, &wanted).map(|found| base.display(&found.path))
        };
        let files = ["src/clean-crates/handler.ts", "src/weighCrates/index.ts", "src/clean-crates/crates.ts"];
        assert_eq!(find("cleanCrates", &files).as_deref(), Some("src/clean-crates/handler.ts"));
        assert_eq!(find("weigh-crates", &files).as_deref(), Some("src/weighCrates/index.ts"));
        assert_eq!(find("sailCrates", &files), None);
        let several = [files[0], "lib/cleanCrates/index.ts"];
        assert_eq!(find("cleanCrates", &several), None, "nothing tells them apart");
    }

    #[test]
    fn other_projects_of_a_collection_are_left_alone() {
        let files = ["deployment/other.py", "deployment/README.md", "other/notify.py"];
        assert_eq!(find(&files, "notify", "s3://bucket/code.zip", false), None);
        assert!(find(&files[1..], "notify", "s3://bucket/code.zip", false).is_some(), "there is no code but elsewhere");
    }

    #[test]
    fn the_end_of_an_archives_name_may_be_the_folder() {
        let files = ["src/rooms/src/api/main.py", "src/rooms/src/stream/main.py"];
        assert_eq!(find(&files, "main", "s3://bucket/rooms_api.zip", true).as_deref(), Some("src/rooms/src/api/main.py"));
        assert_eq!(find(&files, "main", "s3://bucket/rooms-stream.zip", true).as_deref(), Some("src/rooms/src/stream/main.py"));
        assert_eq!(find(&files, "main", "s3://bucket/roomsapi.zip", true), None, "that is another word");
    }

    #[test]
    fn the_words_of_an_archives_name_may_be_folders() {
        let files = ["api/consumer/read/things.py", "api/producer/read/things.py"];
        assert_eq!(find(&files, "things", "dist/consumer-read.zip", true).as_deref(), Some("api/consumer/read/things.py"));
        assert_eq!(find(&files, "things", "dist/read-consumer.zip", true), None, "that is another order");
        let files = ["src/users/articles/popular/handler.py", "src/articles/popular/handler.py"];
        let found = find(&files, "handler", "deploy/articles_popular.zip", true);
        assert_eq!(found.as_deref(), Some("src/articles/popular/handler.py"));
        let found = find(&files, "handler", "deploy/users_articles_popular.zip", true);
        assert_eq!(found.as_deref(), Some("src/users/articles/popular/handler.py"));
    }

    #[test]
    fn folders_of_several_words_are_words_of_an_archives_name() {
        let files = ["src/box/price_list/show/handler.py", "src/box/labels/show/handler.py", "src/price/show/handler.py"];
        let found = find(&files, "handler", "deploy/box_price_list_show.zip", true);
        assert_eq!(found.as_deref(), Some("src/box/price_list/show/handler.py"));
        assert_eq!(find(&files, "handler", "deploy/box_pricel_ist_shown.zip", true), None);
    }

    #[test]
    fn what_is_built_lies_elsewhere_than_its_source() {
        let files = ["services/cart/src/index.py", "services/pay/src/index.py"];
        for archive in ["artifacts/cart/lambda.zip", "artifacts/cart.zip"] {
            assert_eq!(find(&files, "dist/index", archive, true).as_deref(), Some("services/cart/src/index.py"));
        }
        assert_eq!(find(&files, "dist/index", "artifacts/other/lambda.zip", true), None);
        assert_eq!(find(&files[..1], "dist/index", "artifacts/lambda.zip", false), None, "nothing but its name speaks for it");
        assert_eq!(find(&files, "rare/index", "artifacts/cart.zip", true), None, "no build writes there");
    }

    #[test]
    fn archives_are_named_after_packages() {
        let files = ["q/find/package.json", "q/find/index.py", "q/find/lib/index.py", "q/list/index.py", "q/list/package.json"];
        let found = find(&files, "index", "dist/@fleet/find-service.zip", true);
        assert_eq!(found.as_deref(), Some("q/find/index.py"));
        assert_eq!(find(&files, "index", "dist/@other/find-service.zip", true), None);
    }

    #[test]
    fn what_describes_infrastructure_is_no_handler() {
        assert_eq!(find(&["stacks/app.py"], "app", "s3://bucket/stacks.zip", true), None);
    }

    #[test]
    fn a_module_of_a_package_has_a_name_of_its_own() {
        let files = ["src/agent/handler.py", "src/app.py"];
        assert_eq!(find(&files, "agent.handler", "", false).as_deref(), Some("src/agent/handler.py"));
        assert_eq!(find(&files, "app", "", false), None, "every other module is called that");
    }

    #[test]
    fn images_are_built_in_folders_of_their_names() {
        let folder = tempfile::tempdir().expect("a folder");
        let paths = ["code/audit-logs/Dockerfile", "code/submission/Dockerfile"].map(|name| folder.path().join(name));
        let listing = Listing { dockerfiles: paths.to_vec(), ..Listing::default() };
        let (sources, files) = (Sources::new(move || listing), Files::new(folder.path()));
        let find = |names: &[&str]| sources.dockerfile(&files, folder.path(), names).map(|path| files.display(&path));
        assert_eq!(find(&["audit_logs_lambda"]).as_deref(), Some("code/audit-logs/Dockerfile"));
        assert_eq!(find(&["Submission", "*"]).as_deref(), Some("code/submission/Dockerfile"));
        assert_eq!(find(&["lambda"]), None);
    }
}
