//! What comes with the messages of queues and topics: a function that polls a queue finds in them what was sent to the queue.

use std::collections::BTreeSet;

use super::stack::{EventKind, EventSource, Stack};
use super::strings::named_resource;
use crate::value::Text;

/// How many queues and topics may stand between a sender and a function.
const MAX_HOPS: usize = 4;

/// Gives functions the events that reach them by way of queues and topics; `sent` are all that name where they go.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/NotificationHowTo.html>
pub(crate) fn carry(stack: &mut Stack, sent: &[(Text, EventSource)]) {
    for function in &mut stack.functions {
        let is_topic = |event: &EventSource| matches!(&event.kind, EventKind::Push(kind) if kind == "sns");
        let carries = |event: &&EventSource| event.kind == EventKind::Sqs || is_topic(event);
        let mut ways: Vec<Text> = function.events.iter().filter(carries).filter_map(|event| event.resource.clone()).collect();
        let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
        for _ in 0..MAX_HOPS {
            ways.retain(|way| seen.insert(place(way)));
            let reached = sent.iter().filter(|(target, _)| ways.iter().any(|way| place(way) == place(target)));
            let events: Vec<EventSource> = reached.map(|(_, event)| event.clone()).collect();
            ways = events.iter().filter_map(|event| event.resource.clone()).collect();
            found.extend(events);
        }
        function.events.extend(found.into_iter().filter(|event| !event.kind.is_polled()));
    }
}

/// What tells a queue or a topic from others: the resource that is referred to, whichever attribute that is, or what is written.
fn place(text: &Text) -> String {
    named_resource(text).map_or_else(|| text.pattern(), |id| format!("${{{id}}}"))
}
