//! Programs that the program runs: the AWS CLI, and modules of its own that are started as workers or processes.

use super::call::Args;
use super::interp::Interp;
use super::link::{below, is_python};
use super::store::ObjKind;
use super::value::{Atom, Value, atom_text};
use crate::ids::ModuleId;
use crate::note::NoteKind;
use crate::sdk::{CommandLine, Confidence, Ecosystem};
use crate::span::Span;
use crate::value::{Hole, Piece, Text};

/// Functions that are given a line for a shell, or a program and its arguments in a list.
const RUN: [&str; 27] = [
    "asyncio.create_subprocess_shell",
    "child_process.exec",
    "child_process.execFile",
    "child_process.execFileSync",
    "child_process.execSync",
    "child_process.spawn",
    "child_process.spawnSync",
    "commands.getoutput",
    "cross-spawn",
    "cross-spawn.sync",
    "execa",
    "execa.command",
    "execa.commandSync",
    "execa.execa",
    "execa.execaCommand",
    "execa.execaSync",
    "execa.sync",
    "os.popen",
    "os.system",
    "shelljs.exec",
    "subprocess.Popen",
    "subprocess.call",
    "subprocess.check_call",
    "subprocess.check_output",
    "subprocess.getoutput",
    "subprocess.getstatusoutput",
    "subprocess.run",
];
/// The same with each word as an argument of its own.
const RUN_WORDS: [&str; 1] = ["asyncio.create_subprocess_exec"];
/// Functions that run a module of the program beside it.
const START: [&str; 2] = ["child_process.fork", "worker_threads.Worker"];

impl Interp<'_> {
    /// Records what a call that runs a program requests by that.
    pub(super) fn run_program(&mut self, ecosystem: Ecosystem, path: &str, args: &Args, span: Span) {
        if ecosystem == Ecosystem::Npm && START.contains(&path) {
            let file = args.get(0);
            self.start_module(&file, span);
            return;
        }
        let lines = if RUN_WORDS.contains(&path) {
            let words: Vec<Text> = args.positional.iter().map(word).collect();
            self.run_python(&words, span);
            crate::sdk::command_of_words(&words).into_iter().collect()
        } else if RUN.binary_search(&path).is_ok() {
            for atom in args.either(0, "args").atoms() {
                if let Some(words) = self.words_in(atom).or_else(|| words_of_line(atom)) {
                    self.run_python(&words, span);
                }
            }
            self.command_lines(args)
        } else {
            return;
        };
        for line in lines {
            match line {
                CommandLine::Requests(requests) => {
                    requests.into_iter().for_each(|request| self.request(request, span, Confidence::Certain));
                }
                CommandLine::Unknown(line) => {
                    let message = format!("the AWS CLI is run here (`{line}`); what it requests is not in the policy");
                    self.note(NoteKind::DynamicOperation, span, message);
                }
            }
        }
    }

    /// Runs a module of the program's own that Python is given: `[sys.executable, "-m", "jobs.cleanup"]`, `python report.py`.
    fn run_python(&mut self, words: &[Text], span: Span) {
        let is_python = |word: &Text| word.as_literal().is_some_and(is_python);
        let Some((_, given)) = words.split_first().filter(|(program, _)| is_python(program)) else { return };
        let mut given = given.iter().filter_map(Text::as_literal);
        let name = loop {
            match given.next() {
                Some("-m") => break given.next().map(str::to_owned),
                // The program itself is in the line.
                Some("-c") | None => break None,
                Some(option) if option.starts_with('-') => {}
                Some(file) => {
                    let inner = below(file).trim_start_matches("./").trim_end_matches(".py");
                    break Some(inner.replace('/', "."));
                }
            }
        };
        match name.as_deref().and_then(|name| self.program.dotted(name)) {
            Some(id) => self.run_as_main(id),
            None => {
                let what = name.unwrap_or_else(|| "a program".to_owned());
                let message = format!("Python runs `{what}` here; calls made in it are not covered");
                self.note(NoteKind::UnresolvedImport, span, message);
            }
        }
    }

    /// Runs a module as the program of a process of its own.
    fn run_as_main(&mut self, id: ModuleId) {
        let was_main = std::mem::replace(&mut self.as_main, true);
        self.run_module(id);
        self.as_main = was_main;
    }

    /// The command lines that the first argument can be, with the arguments of the program in a list of their own.
    fn command_lines(&self, args: &Args) -> Vec<CommandLine> {
        let further = args.positional.get(1).and_then(Value::single).and_then(|atom| self.words_in(atom));
        let mut lines = Vec::new();
        for atom in args.either(0, "args").atoms() {
            match (atom, &further) {
                (Atom::Text(program), Some(further)) => {
                    let words: Vec<Text> = std::iter::once((**program).clone()).chain(further.iter().cloned()).collect();
                    lines.extend(crate::sdk::command_of_words(&words));
                }
                (Atom::Text(line), None) => lines.extend(crate::sdk::commands_of_shell(line)),
                _ => lines.extend(self.words_in(atom).and_then(|words| crate::sdk::command_of_words(&words))),
            }
        }
        lines
    }

    /// The words in a list.
    fn words_in(&self, list: &Atom) -> Option<Vec<Text>> {
        let Atom::Object(id) = list else { return None };
        let object = self.store.get(*id);
        let unknown = (!object.rest.is_none()).then(|| word(&object.rest));
        (object.kind == ObjKind::List).then(|| object.items.iter().map(word).chain(unknown).collect())
    }

    /// Runs the modules that a path means, as a worker or process of their own does.
    fn start_module(&mut self, file: &Value, span: Span) {
        let module = self.current().module;
        for text in file.texts() {
            // What stands before a name is the folder of this file, or something that nobody knows.
            let Some(Piece::Literal(end)) = text.pieces().last() else { continue };
            let end = end.trim_start_matches('/');
            let end = end.strip_prefix("./").unwrap_or(end);
            let found = self.program.computed(module, &Text::literal(format!("./{end}")));
            for &id in found.iter().filter(|id| **id != module) {
                self.run_module(id);
            }
            if found.is_empty() {
                let message = format!("`{end}`, which is started here, was not found; calls made in it are not covered");
                self.note(NoteKind::UnresolvedImport, span, message);
            }
        }
    }
}

/// The words of a line for a shell.
fn words_of_line(line: &Atom) -> Option<Vec<Text>> {
    let Atom::Text(line) = line else { return None };
    Some(line.as_literal()?.split_whitespace().map(Text::literal).collect())
}

fn word(value: &Value) -> Text {
    if let Some(Atom::Sdk(sdk)) = value.single()
        && crate::sdk::name_of(&sdk.value).is_some_and(|name| name == "sys.executable")
    {
        return Text::literal("python");
    }
    value.single().and_then(atom_text).unwrap_or_else(|| Text::hole(Hole::Unknown("an argument of a program".into())))
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_are_in_order() {
        assert!(super::RUN.is_sorted());
    }
}
