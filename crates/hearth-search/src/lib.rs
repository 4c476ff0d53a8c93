//! Finding and asking: words are resolved to the things of a house, questions to a small tree, facts
//! to sentences, counts to what is usual. By fixed rules, never by a language model.
//!
//! Pure: what there is in a house, the time and the time zone are arguments. Whoever asks passes only
//! what the asking person may know of; a name that is not passed is a word like any other, so nobody
//! learns from the answer whether somebody of that name exists.

#![forbid(unsafe_code)]

mod answer;
mod baseline;
mod clock;
mod fold;
mod follow_up;
mod forecast;
mod kinds;
mod labels;
mod moment;
mod question;
mod say_time;
mod similarity;
mod time_words;
mod token;
mod understand;
mod vocabulary;
mod when;

pub use answer::{Answer, AnswerKind, Facts, Sighting, answer};
pub use baseline::{
    Baseline, HourlyCounts, Insight, InsightKind, InsightSeverity, Source, insights,
};
pub use clock::Clock;
pub use fold::fold;
pub use forecast::{DAYS_NEEDED, Forecast, forecast};
pub use kinds::NOISE;
pub use labels::{noun_of, plural_of};
pub use moment::sentence_of;
pub use question::{Ask, QUESTION_CHARACTERS_MAX, Question, read_question};
pub use say_time::{say_clock_time, say_range};
pub use similarity::{Descriptor, Likeness, likeness};
pub use token::{Word, words};
pub use understand::{Filters, Understanding, Understood, understand};
pub use vocabulary::{Meaning, Sense, Vocabulary};
pub use when::{Hours, RANGES_MAX, Span, When};

#[cfg(test)]
mod tests;
