//! Runs a target under libFuzzer: on a stack as large as the pipeline's, with the mutations of the seeded test.

#[path = "mod.rs"]
pub mod shared;

use std::sync::OnceLock;

use shared::mutate::{Numbers, mutate};
use shared::targets::{TARGETS, Target};

/// Stack of the thread that runs the target.
const STACK: usize = 256 << 20;

/// The target of a name.
pub fn find(name: &str) -> &'static Target {
    static FOUND: OnceLock<Target> = OnceLock::new();
    FOUND.get_or_init(|| TARGETS.into_iter().find(|target| target.name == name).expect("a target of this name"))
}

/// Runs the target on an input; a panic in it ends the process.
pub fn run(name: &str, data: &[u8]) {
    let target = find(name);
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || (target.run)(data));
        if thread.expect("a thread").join().is_err() {
            std::process::abort();
        }
    });
}

/// Changes an input in place; the result is its new length.
pub fn change(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let text = data[..size].to_vec();
    let mut changed = mutate(&text, &text, &mut Numbers::new(u64::from(seed)));
    changed.truncate(max_size);
    data[..changed.len()].copy_from_slice(&changed);
    changed.len()
}

/// The two entry points of libFuzzer.
macro_rules! target {
    ($name:literal) => {
        libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzzer::run($name, data));

        libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
            // Texts change by their structure every other time, and by what libFuzzer learned otherwise.
            if fuzzer::find($name).grammar.is_some() && seed % 2 == 0 {
                fuzzer::change(data, size, max_size, seed)
            } else {
                libfuzzer_sys::fuzzer_mutate(data, size, max_size)
            }
        });
    };
}
pub(crate) use target;
