//! The AWS CLI, as programs run it: what a command line requests.
//!
//! <https://docs.aws.amazon.com/cli/latest/reference/>

use smol_str::SmolStr;

use super::request::draft;
use super::{Config, RequestDraft, tables, views};
use crate::value::{Arg, ArgMap, Hole, Piece, Text};

/// What requests say about where they come from.
const VIA: &str = "AWS CLI";
/// Options without a value, of the CLI and of its commands for files in S3.
const FLAGS: [&str; 21] = [
    "--debug",
    "--delete",
    "--dryrun",
    "--exact-timestamps",
    "--follow-symlinks",
    "--force",
    "--human-readable",
    "--no-cli-pager",
    "--no-follow-symlinks",
    "--no-guess-mime-type",
    "--no-overwrite",
    "--no-paginate",
    "--no-progress",
    "--no-sign-request",
    "--no-verify-ssl",
    "--only-show-errors",
    "--quiet",
    "--recursive",
    "--size-only",
    "--summarize",
    "--version",
];

/// What is known of a command line that runs the CLI.
pub enum CommandLine {
    /// It makes these requests.
    Requests(Vec<RequestDraft>),
    /// It cannot be told what it requests; this is its beginning.
    Unknown(String),
}

/// The command lines of a shell's text that run the CLI.
pub fn of_shell(text: &Text) -> Vec<CommandLine> {
    let words = words(text);
    let is_separator = |word: &Text| word.as_literal().is_some_and(|word| ["&&", "||", ";", "|", "&"].contains(&word));
    words.split(is_separator).filter_map(of_words).collect()
}

/// What the words of a command line request, where they run the CLI.
pub fn of_words(words: &[Text]) -> Option<CommandLine> {
    let is_setting = |word: &&Text| matches!(word.pieces().first(), Some(Piece::Literal(start)) if start.contains('=') && !start.starts_with('-'));
    let words = &words[words.iter().take_while(is_setting).count()..];
    let (program, words) = words.split_first()?;
    let program = match program.pieces().last()? {
        Piece::Literal(end) => end.rsplit('/').next().unwrap_or(end),
        Piece::Hole(_) => return None,
    };
    if ["sh", "bash"].contains(&program) && words.first().and_then(Text::as_literal) == Some("-c") {
        return of_shell(words.get(1)?).into_iter().next();
    }
    if program != "aws" {
        return None;
    }
    let command = Command::new(words);
    if command.flags.contains(&"--version") {
        return Some(CommandLine::Requests(Vec::new()));
    }
    let shown = || format!("aws {}", command.names().collect::<Vec<_>>().join(" "));
    Some(command.requests().map_or_else(|| CommandLine::Unknown(shown().trim_end().to_owned()), CommandLine::Requests))
}

/// The words of a text, as a shell takes them apart.
fn words(text: &Text) -> Vec<Text> {
    let mut words = Vec::new();
    let mut word: Option<Text> = None;
    let mut quote = None;
    let mut run = String::new();
    let end_run = |run: &mut String, word: &mut Option<Text>| {
        if !run.is_empty() {
            word.get_or_insert_default().push_str(run);
            run.clear();
        }
    };
    for piece in text.pieces() {
        let Piece::Literal(literal) = piece else {
            end_run(&mut run, &mut word);
            word.get_or_insert_default().push(piece.clone());
            continue;
        };
        for letter in literal.chars() {
            match (letter, quote) {
                (letter, Some(open)) if letter == open => quote = None,
                ('"' | '\'', None) => {
                    quote = Some(letter);
                    word.get_or_insert_default();
                }
                (';', None) => {
                    end_run(&mut run, &mut word);
                    words.extend(word.take());
                    words.push(Text::literal(";"));
                }
                (letter, None) if letter.is_whitespace() => {
                    end_run(&mut run, &mut word);
                    words.extend(word.take());
                }
                (letter, _) => run.push(letter),
            }
        }
    }
    end_run(&mut run, &mut word);
    words.extend(word);
    words
}

/// The parts of a command line of the CLI.
struct Command<'w> {
    positional: Vec<&'w Text>,
    flags: Vec<&'w str>,
    options: Vec<(&'w str, Vec<&'w Text>)>,
}

impl<'w> Command<'w> {
    fn new(words: &'w [Text]) -> Self {
        let mut command = Self { positional: Vec::new(), flags: Vec::new(), options: Vec::new() };
        let mut rest = words.iter().peekable();
        while let Some(word) = rest.next() {
            let Some(name) = word.as_literal().filter(|word| word.starts_with("--")) else {
                command.positional.push(word);
                continue;
            };
            if FLAGS.contains(&name) {
                command.flags.push(name);
                continue;
            }
            let mut values = Vec::new();
            while let Some(value) = rest.next_if(|next| next.as_literal().is_none_or(|next| !next.starts_with("--"))) {
                values.push(value);
                // Before the command is named, an option has one value.
                if command.positional.len() < 2 || is_address(value) {
                    break;
                }
            }
            command.options.push((name, values));
        }
        command
    }

    /// Service and operation, as far as they are known.
    fn names(&self) -> impl Iterator<Item = &'w str> + '_ {
        self.positional.iter().take(2).map_while(|word| word.as_literal())
    }

    fn has(&self, flag: &str) -> bool {
        self.flags.contains(&flag)
    }

    fn requests(&self) -> Option<Vec<RequestDraft>> {
        let mut names = self.names();
        let (service, operation) = (names.next()?, names.next()?);
        if service == "s3" {
            return self.files(operation);
        }
        let service = if service == "s3api" { "s3" } else { super::service_by_nickname(service)? };
        let table = tables::service(service)?;
        let operation = table.by_python(&operation.replace('-', "_"))?;
        let (operation, inputs) = table.operation(operation)?;
        let mut params = ArgMap::default();
        for (name, values) in &self.options {
            let plain = name.trim_start_matches('-').replace('-', "");
            let input = inputs.inputs().find(|input| input.name.eq_ignore_ascii_case(&plain));
            match (input, values.as_slice()) {
                (Some(input), [value, ..]) => drop(params.entries.insert(input.name.into(), argument(value))),
                (None, _) if ["clijson", "cliinputjson", "cliinputyaml"].contains(&plain.as_str()) => params.open = true,
                _ => {}
            }
        }
        Some(vec![request(service, operation, params)])
    }

    /// The commands for files in S3. <https://docs.aws.amazon.com/cli/latest/reference/s3/>
    fn files(&self, command: &str) -> Option<Vec<RequestDraft>> {
        let mut places = self.positional[2..].to_vec();
        // What stands behind an option without a value that is not known here.
        places.extend(self.options.iter().flat_map(|(_, values)| values.iter().copied()).filter(|value| is_address(value)));
        let at = |at: usize| places.get(at).copied().filter(|place| is_address(place));
        let many = command == "sync" || self.has("--recursive") || self.has("--force");
        let mut made = Vec::new();
        match (command, at(0), at(1)) {
            ("cp" | "mv" | "sync", from, to) if from.is_some() || to.is_some() => {
                if let Some(from) = from {
                    made.push(of_object("GetObject", from, many));
                    if many {
                        made.push(of_bucket("ListObjectsV2", from));
                    }
                    if command == "mv" {
                        made.push(of_object("DeleteObject", from, many));
                    }
                }
                if let Some(to) = to {
                    made.push(of_object("PutObject", to, many));
                    if command == "sync" {
                        made.push(of_bucket("ListObjectsV2", to));
                    }
                    if self.has("--delete") {
                        made.push(of_object("DeleteObject", to, true));
                    }
                }
            }
            ("rm", Some(from), _) => {
                made.push(of_object("DeleteObject", from, many));
                if many {
                    made.push(of_bucket("ListObjectsV2", from));
                }
            }
            ("rb", Some(from), _) => {
                made.push(of_bucket("DeleteBucket", from));
                if many {
                    made.push(of_object("DeleteObject", from, many));
                    made.push(of_bucket("ListObjectsV2", from));
                }
            }
            ("ls", Some(from), _) => made.push(of_bucket("ListObjectsV2", from)),
            ("ls", None, _) if places.is_empty() => made.push(request("s3", "ListBuckets", ArgMap::default())),
            ("mb", Some(to), _) => made.push(of_bucket("CreateBucket", to)),
            ("presign", Some(from), _) => made.push(of_object("GetObject", from, false)),
            _ => return None,
        }
        Some(made)
    }
}

fn is_address(word: &Text) -> bool {
    matches!(word.pieces().first(), Some(Piece::Literal(start)) if start.starts_with("s3://"))
}

/// The value of an option. Structures and the content of files are not taken apart.
fn argument(value: &Text) -> Arg {
    match value.pieces().first() {
        Some(Piece::Literal(start)) if start.starts_with(['{', '[']) || start.starts_with("file") => {
            Arg::unknown("an option of the AWS CLI")
        }
        _ => Arg::Text(value.clone()),
    }
}

fn request(service: &str, operation: &str, params: ArgMap) -> RequestDraft {
    draft(service, operation, &params, &Config::default(), Some(VIA))
}

fn of_bucket(operation: &str, address: &Text) -> RequestDraft {
    let mut params = ArgMap::default();
    params.entries.extend(views::address(address, "bucket", false).map(|bucket| (SmolStr::new_static("Bucket"), bucket)));
    request("s3", operation, params)
}

/// The request for an object, or for all whose keys begin as the address says.
fn of_object(operation: &str, address: &Text, many: bool) -> RequestDraft {
    let mut made = of_bucket(operation, address);
    if let Some(Arg::Text(mut key)) = views::address(address, "key", false) {
        let is_folder = match key.pieces().last() {
            None => true,
            Some(Piece::Literal(end)) => end.ends_with('/'),
            Some(Piece::Hole(_)) => false,
        };
        if many || is_folder {
            key.push(Piece::Hole(Hole::Unknown("the name of a file".into())));
        }
        made.params.entries.insert("Key".into(), Arg::Text(key));
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(line: &str) -> Vec<String> {
        let shown = |request: &RequestDraft| {
            let params = request.params.entries.iter();
            let text = |value: &Arg| value.as_text().and_then(|text| text.as_literal().map(str::to_owned)).unwrap_or("?".into());
            let params: Vec<String> = params.map(|(name, value)| format!("{name}={}", text(value))).collect();
            format!("{}:{} {}", request.service, request.operation, params.join(" "))
        };
        of_shell(&Text::literal(line))
            .iter()
            .flat_map(|line| match line {
                CommandLine::Requests(requests) => requests.iter().map(shown).collect(),
                CommandLine::Unknown(line) => vec![format!("unknown {line}")],
            })
            .collect()
    }

    #[test]
    fn files_are_copied_listed_and_removed() {
        assert_eq!(told("aws s3 cp /tmp/a 's3://b/k e y'"), ["s3:PutObject Bucket=b Key=k e y"]);
        assert_eq!(told("cd /tmp && /opt/aws s3 rm --quiet s3://b/k"), ["s3:DeleteObject Bucket=b Key=k"]);
        let sync = ["s3:GetObject Bucket=b Key=?", "s3:ListObjectsV2 Bucket=b"];
        assert_eq!(told("aws s3 sync s3://b /tmp/b --delete"), sync);
        assert_eq!(told("aws --region eu-west-1 s3 ls"), ["s3:ListBuckets "]);
    }

    #[test]
    fn operations_are_told_with_their_options() {
        assert_eq!(told("aws lambda invoke --function-name worker /tmp/out"), ["lambda:Invoke FunctionName=worker"]);
        assert_eq!(told("X=1 aws s3api get-object --bucket b --key k /tmp/k"), ["s3:GetObject Bucket=b Key=k"]);
        assert_eq!(told("aws configure set x y"), ["unknown aws configure set"]);
        assert!(told("aws --version; ls; laws s3 ls").is_empty());
    }
}
