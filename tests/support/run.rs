//! Runs of the real binary.
#![allow(dead_code, reason = "no test needs all of it")]

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// How a run ended.
pub(crate) struct Run {
    pub(crate) status: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs leash in a folder. Of the environment it sees only where other programs are.
pub(crate) fn leash(folder: &Path, args: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_leash"));
    command.current_dir(folder).env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path))).args(args);
    let output = command.output().expect("the binary starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
    Run { status: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

impl Run {
    /// The answer of a run that went well.
    pub(crate) fn answer(self) -> String {
        assert_eq!(self.status, Some(0), "{}", self.err);
        self.out
    }

    /// The answer of a run that went well, and all that was said beside it, on one line.
    pub(crate) fn everything(self) -> String {
        let said = format!("{}\n{}", self.out, self.err);
        assert_eq!(self.status, Some(0), "{said}");
        said.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The JSON that it printed, whatever it thinks of it.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}\n{}", self.out, self.err))
    }

    /// The same of a run that went well.
    pub(crate) fn answer_json(self) -> Value {
        serde_json::from_str(&self.answer()).expect("the answer is JSON")
    }

    /// The message of a run without an answer: one line, and nothing on stdout.
    pub(crate) fn error(&self) -> String {
        assert_eq!((self.status, self.out.as_str()), (Some(2), ""), "{}", self.err);
        let lines: Vec<&str> = self.err.lines().filter(|line| line.starts_with("error")).collect();
        assert_eq!(lines.len(), 1, "{}", self.err);
        lines[0].to_owned()
    }
}

/// Runs git in a folder, as somebody whose settings are not this machine's.
pub(crate) fn git(folder: &Path, args: &[&str]) {
    let identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"];
    let output = Command::new("git").current_dir(folder).args(identity).args(args).output().expect("git starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
