//! Reading files out of the upstream packages, wheels (zip) and npm tarballs alike.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

/// The files of a package that its reader asked for, by their path inside it.
#[derive(Debug)]
pub(crate) struct Package {
    files: BTreeMap<String, Vec<u8>>,
    /// Its sha256, in hexadecimal.
    pub(crate) sha256: String,
    /// The file's name.
    pub(crate) name: String,
}

impl Package {
    /// Reads the files whose path `wanted` accepts.
    pub(crate) fn open(path: &Path, wanted: impl Fn(&str) -> bool) -> Result<Self> {
        let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let sha256 = hexadecimal(&Sha256::digest(&bytes));
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        let files = match extension {
            "whl" | "zip" => unzip(path, wanted)?,
            "tgz" | "gz" => untar(path, wanted)?,
            other => bail!("{}: a package ends in .whl or .tgz, not .{other}", path.display()),
        };
        Ok(Self { files, sha256, name })
    }

    /// The files' paths, in order.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The one file whose path ends so.
    pub(crate) fn find(&self, end: &str) -> Result<&str> {
        self.paths().find(|path| path.ends_with(end)).with_context(|| format!("{} has no {end}", self.name))
    }

    /// Whether there is such a file.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// The path of the newest `<below><service>/<version>/<name>` of each service, compressed or not.
    pub(crate) fn newest(&self, below: &str, name: &str) -> BTreeMap<&str, &str> {
        let mut newest = BTreeMap::new();
        for path in self.paths() {
            let mut parts = path.strip_prefix(below).unwrap_or_default().split('/');
            let (service, _version, file) = (parts.next(), parts.next(), parts.next());
            if let Some(service) = service.filter(|_| file.is_some_and(|file| file.trim_end_matches(".gz") == name)) {
                // They come in order.
                newest.insert(service, path);
            }
        }
        newest
    }

    /// A JSON file.
    pub(crate) fn json<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        serde_json::from_slice(&self.read(path)?).with_context(|| format!("cannot read {path}"))
    }

    /// One file, unpacked when it is compressed on its own.
    pub(crate) fn read(&self, path: &str) -> Result<Vec<u8>> {
        let bytes = self.files.get(path).with_context(|| format!("{} has no file {path}", self.name))?;
        let compressed = Path::new(path).extension().is_some_and(|extension| extension == "gz");
        if !compressed {
            return Ok(bytes.clone());
        }
        let mut out = Vec::new();
        flate2::read::GzDecoder::new(bytes.as_slice()).read_to_end(&mut out).with_context(|| format!("cannot unpack {path}"))?;
        Ok(out)
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn unzip(path: &Path, wanted: impl Fn(&str) -> bool) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut archive = zip::ZipArchive::new(File::open(path)?)?;
    let mut files = BTreeMap::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index)?;
        let name = file.name()?.into_owned();
        if wanted(&name) {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            files.insert(name, bytes);
        }
    }
    Ok(files)
}

fn untar(path: &Path, wanted: impl Fn(&str) -> bool) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(File::open(path)?));
    let mut files = BTreeMap::new();
    for file in archive.entries()? {
        let mut file = file?;
        let name = file.path()?.to_string_lossy().into_owned();
        if wanted(&name) {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            files.insert(name, bytes);
        }
    }
    Ok(files)
}
