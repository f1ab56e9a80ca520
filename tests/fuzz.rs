//! The targets of `fuzz/` on stable Rust: random inputs from a seed, for as long as asked.
//!
//! ```text
//! LEASH_FUZZ_SECONDS=180 cargo test --test fuzz             # all targets together; a few seconds by default
//! LEASH_FUZZ_SEED=7 LEASH_FUZZ_CORPUS=/some/sources …       # other inputs
//! LEASH_FUZZ_INPUT=target/tmp/python-1f.input cargo test --test fuzz python     # one input again
//! ```
//!
//! An input that fails is kept below `target/tmp`, and the message says where.

#![expect(clippy::print_stderr, reason = "a run says how much it tried")]

#[path = "../fuzz/shared/mod.rs"]
mod shared;

use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use shared::generate::{Choices, text};
use shared::mutate::{MAX_INPUT, Numbers, mutate};
use shared::targets::{TARGETS, Target};

/// Stack of the thread that runs a target, as much as the pipeline gives its own.
const STACK: usize = 256 << 20;
/// The longest an input may take of a processor's time. Code that is not optimized is that much slower.
const LIMIT: Duration = Duration::from_secs(if cfg!(debug_assertions) { 60 } else { 10 });
/// All targets together, unless told otherwise.
const SECONDS: f64 = 9.0;
/// Most memory of the whole process, in megabytes.
const MEMORY: u64 = 3_000;
/// Larger sources are no seeds: a run is about many inputs.
const MAX_SEED: u64 = 60_000;

fn number(variable: &str) -> Option<f64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// What the thread that runs a target says.
enum Event {
    /// The system tells about the thread here.
    Thread(PathBuf),
    /// It starts with this input.
    Start(Vec<u8>),
    /// It is done with it; what the panic said, if it panicked.
    Done(Option<String>),
}

fn fuzz(name: &str) {
    let target = TARGETS.into_iter().find(|target| target.name == name).expect("a target");
    if let Some(input) = std::env::var_os("LEASH_FUZZ_INPUT") {
        (target.run)(&fs::read(input).expect("the input can be read"));
        return;
    }
    let deadline =
        Instant::now() + Duration::from_secs_f64(number("LEASH_FUZZ_SECONDS").unwrap_or(SECONDS) / TARGETS.len() as f64);
    let seeds = seeds(&target);
    assert!(target.extensions.is_empty() || !seeds.is_empty(), "no seeds for {name}");
    let (sender, receiver) = channel();
    let worker = std::thread::Builder::new().stack_size(STACK);
    worker.spawn(move || work(&target, &seeds, deadline, &sender)).expect("a thread");
    let mut current: Vec<u8> = Vec::new();
    let mut clock = Clock { thread: PathBuf::new(), started: None };
    let (mut runs, mut slowest) = (0_u64, (Duration::ZERO, 0));
    loop {
        match receiver.recv_timeout(Duration::from_millis(100)) {
            Ok(Event::Thread(statistics)) => clock.thread = statistics,
            Ok(Event::Start(input)) => {
                current = input;
                clock.start();
            }
            Ok(Event::Done(None)) => {
                runs += 1;
                if clock.elapsed() > slowest.0 {
                    slowest = (clock.elapsed(), current.len());
                    keep(name, "slowest", &current);
                }
            }
            Ok(Event::Done(Some(message))) => panic!("{message}\n{}", keep(name, "panic", &current)),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                assert!(clock.elapsed() < LIMIT, "takes longer than {LIMIT:?}\n{}", keep(name, "hang", &current));
                assert!(memory() < MEMORY, "takes more than {MEMORY} MB\n{}", keep(name, "memory", &current));
            }
        }
    }
    assert!(runs > 0, "{name} was never run");
    eprintln!("{name}: {runs} inputs, the slowest with {} bytes in {:?}", slowest.1, slowest.0);
}

/// How long an input has been running: the time that the thread was on a processor, where the system tells, because other
/// threads need it, too. A thread that sleeps does not run forever either: then its own time counts, divided.
struct Clock {
    thread: PathBuf,
    started: Option<(Instant, Option<Duration>)>,
}

impl Clock {
    fn start(&mut self) {
        self.started = Some((Instant::now(), busy(&self.thread)));
    }

    fn elapsed(&self) -> Duration {
        let Some((started, before)) = self.started else { return Duration::ZERO };
        let running = before.zip(busy(&self.thread)).map(|(before, now)| now.saturating_sub(before));
        running.map_or_else(|| started.elapsed(), |running| running.max(started.elapsed() / 10))
    }
}

/// Linux counts a thread's time in hundredths of a second, in the 14th and 15th field of `stat`.
fn busy(thread: &Path) -> Option<Duration> {
    let text = fs::read_to_string(thread).ok()?;
    let fields = text.rsplit_once(") ")?.1.split(' ').skip(11).take(2);
    let ticks: u64 = fields.map(|field| field.parse::<u64>().unwrap_or(0)).sum();
    Some(Duration::from_millis(ticks * 10))
}

/// Where the system tells about the thread that asks.
fn own_statistics() -> PathBuf {
    fs::read_link("/proc/thread-self").map(|path| Path::new("/proc").join(path).join("stat")).unwrap_or_default()
}

fn work(target: &Target, seeds: &[Vec<u8>], deadline: Instant, events: &Sender<Event>) {
    let mut numbers = Numbers::new(number("LEASH_FUZZ_SEED").unwrap_or(1.0).to_bits());
    let last = scratch(target.name, "last");
    let _ = events.send(Event::Thread(own_statistics()));
    for round in 0_usize.. {
        // The seeds as they are come first.
        let input = match seeds.get(round) {
            Some(seed) if round < 20 => seed.clone(),
            _ => input(target, seeds, &mut numbers),
        };
        // The first is tried however long it took to get here.
        if round > 0 && Instant::now() >= deadline {
            break;
        }
        // A stack overflow ends the process at once; the file says with which input.
        let _ = fs::write(&last, &input);
        let _ = events.send(Event::Start(input.clone()));
        let result = catch_unwind(AssertUnwindSafe(|| (target.run)(&input)));
        let message = result.err().map(|panic| match panic.downcast_ref::<String>() {
            Some(message) => message.clone(),
            None => panic.downcast_ref::<&str>().map_or_else(|| "a panic".to_owned(), |message| (*message).to_owned()),
        });
        let failed = message.is_some();
        let _ = events.send(Event::Done(message));
        if failed {
            break;
        }
    }
}

fn input(target: &Target, seeds: &[Vec<u8>], numbers: &mut Numbers) -> Vec<u8> {
    let decisions = |numbers: &mut Numbers| -> Vec<u8> {
        let count = 1 << numbers.below(12);
        (0..count).map(|_| numbers.next().to_le_bytes()[0]).collect()
    };
    let Some(grammar) = target.grammar else { return decisions(numbers) };
    let made = || Vec::new();
    let empty = Vec::new();
    if numbers.below(3) == 0 {
        let text = text(grammar, "start", &mut Choices::new(&decisions(numbers))).into_bytes();
        return if numbers.below(3) == 0 { mutate(&text, numbers.pick(seeds).unwrap_or(&empty), numbers) } else { text };
    }
    let text = numbers.pick(seeds).cloned().unwrap_or_else(made);
    let other = numbers.pick(seeds).cloned().unwrap_or_else(made);
    mutate(&text, &other, numbers)
}

/// The target's corpus, and the repository's own files of its kind.
fn seeds(target: &Target) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found: BTreeMap<PathBuf, Vec<u8>> = BTreeMap::new();
    collect(&root.join("fuzz/corpus").join(target.name), &[], &mut found);
    for folder in ["examples", "tests"].iter().filter(|_| !target.extensions.is_empty()) {
        collect(&root.join(folder), target.extensions, &mut found);
    }
    let others = std::env::var("LEASH_FUZZ_CORPUS").unwrap_or_default();
    for folder in others.split(':').filter(|folder| !folder.is_empty() && !target.extensions.is_empty()) {
        collect(Path::new(folder), target.extensions, &mut found);
    }
    found.into_values().collect()
}

/// Files below a folder with one of the extensions, or all of them when there are none.
fn collect(folder: &Path, extensions: &[&str], found: &mut BTreeMap<PathBuf, Vec<u8>>) {
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let (path, Ok(kind)) = (entry.path(), entry.file_type()) else { continue };
            let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
            if kind.is_dir() && !path.ends_with("node_modules") && !path.ends_with(".git") {
                folders.push(path);
            } else if kind.is_file()
                && (extensions.is_empty() || extensions.contains(&extension))
                && entry.metadata().is_ok_and(|meta| meta.len() <= MAX_SEED)
                && let Ok(text) = fs::read(&path)
            {
                found.insert(path, text);
            }
        }
    }
}

fn scratch(name: &str, what: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{what}.input"))
}

/// Keeps an input and says how to run it again.
fn keep(name: &str, what: &str, input: &[u8]) -> String {
    let path = scratch(name, what);
    let _ = fs::write(&path, input);
    let (path, size) = (path.display(), input.len());
    format!("the input, {size} of at most {MAX_INPUT} bytes, is kept: LEASH_FUZZ_INPUT={path} cargo test --test fuzz {name}")
}

/// Megabytes that the process takes, where the system tells.
fn memory() -> u64 {
    let pages = fs::read_to_string("/proc/self/statm").ok();
    let pages = pages.and_then(|text| text.split(' ').nth(1)?.parse::<u64>().ok());
    pages.unwrap_or(0) * 4096 / 1_000_000
}

macro_rules! targets {
    ($($name:ident)*) => { $(#[test] fn $name() { fuzz(stringify!($name)); })* };
}

targets!(python javascript typescript interpret document template serverless terraform policy);

#[test]
fn every_target_is_run_and_has_a_corpus() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = fs::read_to_string(root.join("fuzz/Cargo.toml")).expect("the workspace of cargo fuzz");
    let here = fs::read_to_string(root.join("tests/fuzz.rs")).expect("this file");
    let listed = here.split("targets!(").nth(1).and_then(|rest| rest.split(')').next()).unwrap_or_default();
    for target in &TARGETS {
        assert!(listed.split(' ').any(|name| name == target.name), "{} is not tested", target.name);
        assert!(manifest.contains(&format!("name = \"{}\"", target.name)), "{} is not in fuzz/Cargo.toml", target.name);
        let corpus = fs::read_dir(root.join("fuzz/corpus").join(target.name)).map_or(0, Iterator::count);
        assert!(corpus > 0, "{} has no corpus", target.name);
    }
}
