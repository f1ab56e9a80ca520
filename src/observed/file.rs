//! Reading one file as a stream, whichever of the known forms it has.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::action::Used;
use super::cloudtrail::Record;
use super::monitoring::{self, Call};
use super::{Count, Observed, Who};

use crate::wording::{counted, plain};

/// Problems of one file beyond this are only counted.
const PROBLEMS: usize = 3;
/// Records in records: an answer of `lookup-events` has one level, an envelope around it two.
const LEVELS: usize = 3;

/// What became of a file.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Records and permissions that were understood, whoever they are about.
    pub records: u64,
    /// Whether it had one of the known forms.
    pub is_known: bool,
    /// What could not be read, each as the rest of a sentence behind the file's name.
    pub problems: Vec<String>,
}

/// Reads a file, packed with gzip or not. Never fails: what cannot be read is a problem, all else counts.
pub fn read(shown: &str, input: impl Read, observed: &mut Observed) -> Outcome {
    let mut input = BufReader::with_capacity(1 << 16, input);
    let file = observed.files.len();
    observed.files.push(shown.to_owned());
    let mut sink = Sink { observed, file, outcome: Outcome::default(), unread: 0 };
    let packed = matches!(input.fill_buf(), Ok([0x1f, 0x8b, ..]));
    if packed {
        values(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(input)), &mut sink);
    } else {
        values(input, &mut sink);
    }
    let Sink { mut outcome, unread, .. } = sink;
    if unread > PROBLEMS {
        outcome.problems.push(format!("{} of it cannot be read", counted(unread - PROBLEMS, "more place")));
    }
    outcome
}

/// All values of a file: one document, or one on each line. Behind what is no JSON, reading goes on with the next line that
/// begins like a record.
fn values(mut input: impl BufRead, sink: &mut Sink<'_>) {
    let mut line = 1;
    loop {
        match start(&mut input, &mut line) {
            Ok(Some(b'{' | b'[')) => {}
            Ok(None) => return,
            Ok(Some(_)) => {
                sink.problem(format!("line {line} is no JSON"));
                if !next_line(&mut input, &mut line) {
                    return;
                }
                continue;
            }
            Err(error) => return sink.problem(plain(&error)),
        }
        let mut lines = Lines { input: &mut input, passed: 0, failed: None };
        let read = Document { sink }.deserialize(&mut serde_json::Deserializer::from_reader(&mut lines));
        let Lines { passed, failed, .. } = lines;
        line += passed;
        match (read, failed) {
            (Ok(()), _) => {}
            (Err(_), Some(error)) => return sink.problem(format!("it cannot be read behind line {line}: {}", plain(&error))),
            (Err(error), None) if error.is_eof() => return sink.problem(format!("it ends within a record, in line {line}")),
            (Err(_), None) => {
                sink.problem(format!("line {line} is no JSON"));
                if !next_line(&mut input, &mut line) {
                    return;
                }
            }
        }
    }
}

/// The first byte that is no white space, left where it is; commas between records count as such.
fn start(input: &mut impl BufRead, line: &mut u64) -> io::Result<Option<u8>> {
    loop {
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            return Ok(None);
        }
        let blank = |byte: &u8| byte.is_ascii_whitespace() || b",\xef\xbb\xbf".contains(byte);
        let skipped = buffer.iter().take_while(|byte| blank(byte)).count();
        *line += memchr::memchr_iter(b'\n', &buffer[..skipped]).count() as u64;
        let found = buffer.get(skipped).copied();
        input.consume(skipped);
        if found.is_some() {
            return Ok(found);
        }
    }
}

/// Goes to the beginning of the next line; false when there is none.
fn next_line(input: &mut impl BufRead, line: &mut u64) -> bool {
    loop {
        let (length, found) = match input.fill_buf() {
            Ok([]) | Err(_) => return false,
            Ok(buffer) => match memchr::memchr(b'\n', buffer) {
                Some(at) => (at + 1, true),
                None => (buffer.len(), false),
            },
        };
        input.consume(length);
        if found {
            *line += 1;
            return true;
        }
    }
}

/// Hands bytes on one at a time, as the JSON reader asks for them, so that nothing behind a value is lost with the reader.
struct Lines<'i, R> {
    input: &'i mut R,
    passed: u64,
    failed: Option<io::Error>,
}

impl<R: BufRead> Read for Lines<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let buffer = match self.input.fill_buf() {
            Ok(buffer) => buffer,
            Err(error) => {
                let kind = error.kind();
                self.failed = Some(error);
                return Err(kind.into());
            }
        };
        let (Some(byte), Some(place)) = (buffer.first().copied(), out.first_mut()) else { return Ok(0) };
        *place = byte;
        self.passed += u64::from(byte == b'\n');
        self.input.consume(1);
        Ok(1)
    }
}

/// Where records go.
struct Sink<'o> {
    observed: &'o mut Observed,
    file: usize,
    outcome: Outcome,
    unread: usize,
}

impl Sink<'_> {
    fn problem(&mut self, what: String) {
        self.unread += 1;
        if self.unread <= PROBLEMS {
            self.outcome.problems.push(what);
        }
    }

    /// One record as text.
    fn record(&mut self, text: &str) {
        let mut inner = None;
        for _ in 0..LEVELS {
            let text = inner.as_deref().unwrap_or(text);
            let event = match serde_json::from_str::<Record>(text) {
                Ok(event) => event,
                Err(error) => return self.problem(format!("a record in it is none that leash knows: {}", message(&error))),
            };
            match event.inner() {
                Some(envelope) => inner = Some(envelope.to_owned()),
                None if event.event_source.is_some() && event.event_name.is_some() => return self.event(&event),
                None => return self.call(text),
            }
        }
        self.problem("records in it are nested too deeply".to_owned());
    }

    fn event(&mut self, event: &Record) {
        self.outcome.records += 1;
        self.outcome.is_known = true;
        let (Some(who), Some(request)) = (event.who(), event.request()) else {
            self.observed.others += 1;
            return;
        };
        self.count(&who, request.used(), event.is_denied());
    }

    fn call(&mut self, text: &str) {
        let Ok(call) = serde_json::from_str::<Call>(text) else {
            return self.problem("a record in it is none that leash knows".to_owned());
        };
        if !call.is_one() {
            return self.problem("a record in it is none that leash knows".to_owned());
        }
        self.outcome.is_known = true;
        if call.is_attempt() {
            return;
        }
        self.outcome.records += 1;
        if let Some(request) = call.request() {
            self.count(&Who::Unknown, request.used(), call.is_denied());
        }
    }

    fn count(&mut self, who: &Who, used: Used, denied: bool) {
        let count = Count { requests: 1, denied: u64::from(denied), files: [self.file].into() };
        match used {
            Used::Permissions(all) => all.iter().for_each(|permission| self.observed.add(who, permission, &count)),
            Used::Unmapped(what) => *self.observed.unmapped.entry(what).or_default() += 1,
        }
    }

    /// A policy that a tool wrote from what it saw.
    fn policy(&mut self, text: &str) {
        let Ok(json) = serde_json::from_str(text) else { return self.problem("its policy nests too deeply".to_owned()) };
        let (found, problems) = monitoring::policy(&json, self.file, self.observed);
        self.outcome.records += found;
        self.outcome.is_known = true;
        problems.into_iter().for_each(|problem| self.problem(problem));
    }
}

/// The JSON reader's message without its place, which counts within the record.
fn message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text[..text.rfind(" at line ").unwrap_or(text.len())].to_owned()
}

/// A document: a list of records, an object around one, a policy, or a single record.
struct Document<'s, 'o> {
    sink: &'s mut Sink<'o>,
}

impl<'de> DeserializeSeed<'de> for Document<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Document<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let mut is_empty = true;
        while let Some(item) = items.next_element::<Box<RawValue>>()? {
            is_empty = false;
            self.sink.record(item.get());
        }
        self.sink.outcome.is_known |= is_empty;
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        // What a single record or a policy is made of; all else is passed over.
        const OWN: [&str; 19] = [
            "eventSource",
            "eventName",
            "awsRegion",
            "errorCode",
            "userIdentity",
            "requestParameters",
            "resources",
            "recipientAccountId",
            "detail",
            "CloudTrailEvent",
            "message",
            "Type",
            "Service",
            "Api",
            "Region",
            "FinalAwsException",
            "AwsException",
            "Version",
            "Statement",
        ];
        let mut own: Vec<String> = Vec::new();
        let (mut is_list, mut is_policy) = (false, false);
        while let Some(key) = entries.next_key::<String>()? {
            match key.as_str() {
                "Records" | "Events" | "events" => {
                    is_list = true;
                    self.sink.outcome.is_known = true;
                    entries.next_value_seed(Document { sink: &mut *self.sink })?;
                }
                known if OWN.contains(&known) => {
                    is_policy |= known == "Statement";
                    let value: Box<RawValue> = entries.next_value()?;
                    own.push(format!("\"{known}\":{}", value.get()));
                }
                _ => drop(entries.next_value::<IgnoredAny>()?),
            }
        }
        match (is_list, is_policy) {
            (true, _) => {}
            (_, true) => self.sink.policy(&format!("{{{}}}", own.join(","))),
            _ => self.sink.record(&format!("{{{}}}", own.join(","))),
        }
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
}
