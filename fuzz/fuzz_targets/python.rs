#![no_main]

#[path = "../shared/fuzzer.rs"]
mod fuzzer;

fuzzer::target!("python");
