//! What is due when.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::service::Answer;

/// What can be due, in the order in which it happens at the same time: two groups that tick together both decide
/// before either has sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Event {
    /// The timer of a group fires.
    Tick {
        /// The group.
        group: u64,
    },
    /// A step of a message of a flush.
    Message {
        /// The group.
        group: u64,
        /// The flush: an end of an earlier one means nothing any more.
        flush: u64,
        /// The number of the message in the flush.
        message: usize,
        /// What happens.
        step: Step,
    },
}

/// A step of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// An attempt begins.
    Attempt,
    /// The service answers.
    Answer(Answer),
    /// The time of the flush is over.
    GiveUp,
}

/// Events by time; those of the same time by kind, then in the order in which they were planned.
#[derive(Debug, Clone, Default)]
pub(super) struct Queue {
    heap: BinaryHeap<Reverse<(i64, u8, u64, Event)>>,
    planned: u64,
}

impl Queue {
    /// Plans an event at a time in milliseconds since the Unix epoch.
    pub(super) fn plan(&mut self, at: i64, event: Event) {
        let kind = u8::from(matches!(event, Event::Message { .. }));
        self.heap.push(Reverse((at, kind, self.planned, event)));
        self.planned += 1;
    }

    /// Takes the next event that is due before `end`, or at it when that is `included`.
    pub(super) fn next(&mut self, end: i64, included: bool) -> Option<(i64, Event)> {
        let Reverse((at, ..)) = self.heap.peek()?;
        if *at > end || (*at == end && !included) {
            return None;
        }
        self.heap.pop().map(|Reverse((at, _, _, event))| (at, event))
    }

    /// Drops everything.
    pub(super) fn clear(&mut self) {
        self.heap.clear();
    }
}
