//! What a text speaks of.

use hearth_model::{CameraId, DeviceId, EventKind, Label, PersonId, ZoneId};

use crate::{
    Clock, Meaning, Sense, Span, Vocabulary, When, Word,
    time_words::{TimePiece, read_time},
    words,
};

/// Part of a text that was understood.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct Understood {
    /// As it was written.
    pub text: String,
    /// As what.
    pub meaning: Meaning,
    /// The id, the words or the times that it stands for.
    pub value: String,
    /// What that is called.
    pub name: String,
}

/// What is asked for. Things of one sort are alternatives; sorts have to fit together.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Filters {
    /// At one of these cameras.
    pub cameras: Vec<CameraId>,
    /// In one of these zones.
    pub zones: Vec<ZoneId>,
    /// One of these labels.
    pub labels: Vec<Label>,
    /// One of these people.
    pub people: Vec<PersonId>,
    /// About one of these devices.
    pub devices: Vec<DeviceId>,
    /// Of one of these kinds.
    pub kinds: Vec<EventKind>,
    /// When.
    pub when: When,
    /// Another stretch that was named, to compare with.
    pub other: Option<Span>,
    /// Words, folded, that a stored text has to have, all of them.
    pub words: Vec<String>,
}

impl Filters {
    /// Whether anything at all was said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether something was said of what it is about, and not only when or where.
    pub fn has_subject(&self) -> bool {
        !(self.labels.is_empty()
            && self.people.is_empty()
            && self.devices.is_empty()
            && self.kinds.is_empty())
    }
}

/// What became of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Understanding {
    /// What is asked for; words of texts are not in it yet.
    pub filters: Filters,
    /// The parts that were understood, in the order they stand.
    pub parts: Vec<Understood>,
    /// The words that stand for nothing of the house, folded and as they were written.
    pub rest: Vec<(String, String)>,
}

/// Words that say how and not what.
const FILLERS: &[&str] = &[
    "a",
    "about",
    "all",
    "am",
    "an",
    "and",
    "any",
    "anything",
    "are",
    "at",
    "be",
    "been",
    "but",
    "by",
    "came",
    "can",
    "come",
    "comes",
    "coming",
    "could",
    "detected",
    "did",
    "do",
    "does",
    "during",
    "ever",
    "every",
    "everything",
    "find",
    "for",
    "from",
    "get",
    "give",
    "had",
    "happen",
    "happened",
    "happening",
    "has",
    "have",
    "he",
    "her",
    "here",
    "him",
    "his",
    "i",
    "in",
    "into",
    "is",
    "it",
    "its",
    "just",
    "leave",
    "leaves",
    "left",
    "list",
    "look",
    "me",
    "my",
    "near",
    "nobody",
    "of",
    "off",
    "on",
    "only",
    "or",
    "our",
    "out",
    "outside",
    "please",
    "recent",
    "recently",
    "saw",
    "search",
    "see",
    "seen",
    "she",
    "show",
    "so",
    "some",
    "something",
    "tell",
    "that",
    "the",
    "their",
    "them",
    "then",
    "there",
    "these",
    "they",
    "this",
    "those",
    "to",
    "up",
    "us",
    "was",
    "we",
    "were",
    "while",
    "with",
    "would",
    "you",
    "time",
    "times",
    "now",
    "home",
    "house",
    "camera",
    "cameras",
    "event",
    "events",
    "appear",
    "appeared",
    "arrive",
    "arrived",
    "moved",
    "move",
    "moving",
    "pass",
    "passed",
    "went",
    "go",
    "notice",
    "noticed",
    "zone",
    "than",
];

/// Reads a text with what its reader may know of.
pub fn understand(text: &str, vocabulary: &Vocabulary, clock: &Clock) -> Understanding {
    understand_words(text, &words(text), vocabulary, clock, &[])
}

/// Reads words; `known` are those that say what is wanted, unless they are part of a name.
pub(crate) fn understand_words(
    text: &str,
    all: &[Word],
    vocabulary: &Vocabulary,
    clock: &Clock,
    known: &[usize],
) -> Understanding {
    let folded: Vec<&str> = all.iter().map(|word| word.folded.as_str()).collect();
    let mut made = Understanding::default();
    let mut times = Vec::new();
    let mut at = 0;
    while let Some(here) = folded.get(at..).filter(|here| !here.is_empty()) {
        let written = |length: usize| {
            let (first, last) = (all.get(at), all.get(at + length - 1));
            let range = first.zip(last).map(|(first, last)| first.from..last.to);
            range.and_then(|range| text.get(range)).unwrap_or_default().to_owned()
        };
        let time = read_time(here, clock);
        let found = vocabulary.longest(here);
        let length_of_name = found.as_ref().map_or(0, |found| found.length);
        if let Some((piece, length)) = time.filter(|(_, length)| *length > length_of_name) {
            times.push((piece, written(length)));
            at += length;
        } else if let Some(found) = found {
            let text = written(found.length);
            found.senses.iter().for_each(|(name, sense)| made.take(&text, name, sense));
            at += found.length;
        } else {
            let word = folded.get(at).copied().unwrap_or_default();
            if !known.contains(&at) && !FILLERS.contains(&word) {
                made.rest.push((word.to_owned(), written(1)));
            }
            at += 1;
        }
    }
    made.take_times(times, clock);
    made
}

impl Understanding {
    fn take(&mut self, text: &str, name: &str, sense: &Sense) {
        let filters = &mut self.filters;
        match sense {
            Sense::Camera(id) => add(&mut filters.cameras, std::slice::from_ref(id)),
            Sense::Zone(id) => add(&mut filters.zones, std::slice::from_ref(id)),
            Sense::Labels(labels) => add(&mut filters.labels, labels),
            Sense::Person(id) => add(&mut filters.people, std::slice::from_ref(id)),
            Sense::Device(id) => add(&mut filters.devices, std::slice::from_ref(id)),
            Sense::Kinds(kinds) => add(&mut filters.kinds, kinds),
        }
        let (text, name) = (text.to_owned(), name.to_owned());
        let (meaning, value) = (sense.meaning(), sense.value());
        self.parts.push(Understood { text, meaning, value, name });
    }

    fn take_times(&mut self, times: Vec<(TimePiece, String)>, clock: &Clock) {
        let mut days = Vec::new();
        for (piece, text) in times {
            let value = match piece {
                TimePiece::Hours(hours) => {
                    self.filters.when.hours = Some(hours);
                    format!("{}/{}", minutes(hours.from), minutes(hours.to))
                }
                TimePiece::Instants(span) => {
                    days.push((span, None));
                    format!("{}/{}", span.from, span.to)
                }
                TimePiece::Days(from, to) => {
                    let span = Span { from: clock.start_of(from), to: clock.start_of(to) };
                    let is_one = from.tomorrow().ok() == Some(to);
                    days.push((span, is_one.then_some(from)));
                    format!("{}/{}", span.from, span.to)
                }
            };
            let (meaning, name) = (Meaning::Time, text.clone());
            self.parts.push(Understood { text, meaning, value, name });
        }
        let when = &mut self.filters.when;
        let Some(&(first, day)) = days.first() else { return };
        when.span = Some(first);
        if let Some(&(second, _)) = days.get(1) {
            let from = first.from.max(second.from);
            let to = first.to.min(second.to);
            if from < to {
                when.span = Some(Span { from, to });
            } else {
                self.filters.other = Some(second);
            }
        } else if let (Some(hours), Some(day)) = (when.hours, day) {
            // Hours of one day are one stretch, also where they reach into the next.
            let (from, to) = hours.on(day, clock);
            *when = When { span: Some(Span { from, to }), hours: None };
        }
    }
}

fn minutes(of_day: u16) -> String {
    format!("{:02}:{:02}", of_day / 60, of_day % 60)
}

fn add<T: Clone + PartialEq>(all: &mut Vec<T>, more: &[T]) {
    for one in more {
        if !all.contains(one) {
            all.push(one.clone());
        }
    }
}
