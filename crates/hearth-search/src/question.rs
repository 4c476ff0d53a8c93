//! A question as a small tree: what is wanted, and of what.

use hearth_model::EventKind;

use crate::{
    Clock, Filters, Understood, Vocabulary, Word, time_words::read_time,
    understand::understand_words, words,
};

/// Longest question; what a person says in a breath is a third of it.
pub const QUESTION_CHARACTERS_MAX: usize = 300;

/// What is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// What happened, or whether anything did.
    What,
    /// At which times.
    When,
    /// At which cameras.
    Where,
    /// How often.
    HowMany,
    /// Who came.
    Who,
    /// The first time.
    First,
    /// The last time.
    Last,
    /// What lasted longest.
    Longest,
    /// Whether more or less than in another stretch of time.
    Compare,
    /// Whether something is on now.
    State,
}

/// A question that was read.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Question {
    /// What is wanted.
    pub ask: Ask,
    /// Whether it said so itself.
    pub is_asked: bool,
    /// Whether yes or no answers it.
    pub is_yes_or_no: bool,
    /// Whether it leans on the one before.
    pub leans: bool,
    /// Of what.
    pub filters: Filters,
    /// The parts that were understood.
    pub parts: Vec<Understood>,
    /// Words that stand for nothing of the house, folded and as they were written.
    pub rest: Vec<(String, String)>,
}

/// Phrases that say what is wanted; the first that stands anywhere counts.
const ASKS: &[(Ask, &[&str])] = &[
    (Ask::Compare, &["compare", "compared", "versus", "vs", "more", "fewer", "less"]),
    (Ask::HowMany, &["how many", "how often", "how much", "number of", "count"]),
    (Ask::Longest, &["longest", "how long"]),
    (Ask::First, &["first time", "first", "earliest"]),
    (Ask::Last, &["last time", "most recent", "latest", "newest", "last"]),
    (Ask::Where, &["which cameras", "which camera", "what camera", "what cameras", "where"]),
    (Ask::Who, &["who", "whom"]),
    (Ask::When, &["when", "what time", "at which times"]),
    (Ask::What, &["what", "show", "list", "anything", "which"]),
];

/// With these a sentence asks for yes or no.
const YES_OR_NO: &[&str] =
    &["was", "were", "did", "is", "are", "has", "have", "had", "does", "do", "can"];

/// With these a question goes on from the one before.
const LEANS: &[&str] = &["and", "only", "but", "or", "what about", "how about", "also", "just"];

/// Words for what the question before was about.
const PRONOUNS: &[&str] =
    &["it", "they", "them", "that", "those", "he", "she", "there", "then", "his", "her"];

/// Reads a question with what the asking person may know of.
pub fn read_question(text: &str, vocabulary: &Vocabulary, clock: &Clock) -> Question {
    let all = words(text);
    let folded: Vec<&str> = all.iter().map(|word| word.folded.as_str()).collect();
    let leans = LEANS.iter().find(|phrase| stands_at(&folded, 0, phrase));
    let mut known: Vec<usize> = leans.map_or(Vec::new(), |lead| (0..length(lead)).collect());
    let is_yes_or_no = folded.first().is_some_and(|first| YES_OR_NO.contains(first));
    let asked = find_ask(&folded, known.len(), vocabulary, clock);
    // "When did it last ring" says two of them, and means one.
    let all_asks = || ASKS.iter().flat_map(|(_, phrases)| phrases.iter());
    let says_ask = |word: &str| all_asks().any(|phrase| phrase.split(' ').any(|one| one == word));
    known.extend(folded.iter().enumerate().filter(|(_, word)| says_ask(word)).map(|(at, _)| at));
    // The alarm is armed, and the alarm was armed: the same word says a state and a kind.
    let made = understand_words(text, &all, vocabulary, clock, &known);
    let is_now = folded.first().is_some_and(|first| ["is", "are"].contains(first))
        && made.filters.when.is_empty()
        && asks_for_state(&made.filters);
    let ask = match asked {
        _ if is_now => Ask::State,
        Some(ask) => ask,
        None => Ask::What,
    };
    let says_pronoun = folded.iter().any(|word| PRONOUNS.contains(word));
    let leans = leans.is_some()
        || (says_pronoun && !made.filters.has_subject())
        || (!made.filters.has_subject() && is_short(&all));
    Question {
        ask,
        is_asked: asked.is_some() || is_now || is_yes_or_no,
        is_yes_or_no,
        leans,
        filters: made.filters,
        parts: made.parts,
        rest: made.rest,
    }
}

fn asks_for_state(filters: &Filters) -> bool {
    let has_state = [EventKind::AlarmChanged, EventKind::HousePrivacyChanged];
    !filters.devices.is_empty() || filters.kinds.iter().any(|kind| has_state.contains(kind))
}

/// "Which camera?", "yesterday?": too short to stand by itself.
fn is_short(all: &[Word]) -> bool {
    all.len() <= 3
}

fn length(phrase: &str) -> usize {
    phrase.split(' ').count()
}

fn stands_at(folded: &[&str], at: usize, phrase: &str) -> bool {
    let here = folded.get(at..at + length(phrase));
    here.is_some_and(|here| here.iter().copied().eq(phrase.split(' ')))
}

fn find_ask(folded: &[&str], from: usize, vocabulary: &Vocabulary, clock: &Clock) -> Option<Ask> {
    let compares = folded.iter().any(|word| ["than", "versus", "vs"].contains(word))
        || folded.iter().any(|word| word.starts_with("compare"));
    // Words that belong to a time ("the last hour") or a name ("First floor") ask for nothing.
    let mut is_taken = vec![false; folded.len()];
    let mut at = from;
    while let Some(here) = folded.get(at..).filter(|here| !here.is_empty()) {
        let time = read_time(here, clock).map_or(0, |(_, length)| length);
        let name = vocabulary.longest(here);
        let name = name.filter(|found| found.senses.iter().any(|(_, sense)| sense.is_name()));
        let length = time.max(name.map_or(0, |found| found.length));
        is_taken.iter_mut().skip(at).take(length).for_each(|flag| *flag = true);
        at += length.max(1);
    }
    let stands = |phrase: &str| {
        let fits = |at: usize| {
            stands_at(folded, at, phrase) && !is_taken.get(at).copied().unwrap_or(false)
        };
        (from..folded.len()).any(fits)
    };
    let says = |(ask, phrases): &&(Ask, &[&str])| {
        (*ask != Ask::Compare || compares) && phrases.iter().any(|phrase| stands(phrase))
    };
    ASKS.iter().find(says).map(|(ask, _)| *ask)
}
