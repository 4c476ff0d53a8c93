//! Facts as a plain sentence or two. What is said here was counted or stored; nothing is guessed.

use hearth_model::{EventId, EventKind, WallTime};

use crate::{
    Ask, Clock, Filters, Question, When,
    follow_up::next_questions,
    kinds, labels,
    moment::{capital, with_article},
    say_time::{hour_and_minute, say_clock_time, say_day, say_seconds, say_when},
};

/// Times named one by one in an answer.
const TIMES_MAX: usize = 5;

/// Places or people named one by one.
const NAMED_MAX: usize = 4;

/// Something that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Sighting {
    /// Which fact.
    pub event: EventId,
    /// When.
    pub at: WallTime,
    /// How long it lasted, in seconds, if that is known.
    pub seconds: Option<i64>,
    /// What happened, in a sentence.
    pub text: String,
}

/// What the store says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// How many there are, counted.
    pub count: u64,
    /// How many in the other stretch, for a comparison.
    pub other_count: u64,
    /// Earlier days were left out.
    pub is_cut: bool,
    /// Some of them, newest first.
    pub sightings: Vec<Sighting>,
    /// The one that was asked for: the first, the last or the longest.
    pub one: Option<Sighting>,
    /// How many at which camera, most first.
    pub places: Vec<(String, u64)>,
    /// How often each person came, most first.
    pub people: Vec<(String, u64)>,
    /// Visits of somebody who is not known, or whom whoever asks may not know.
    pub unknown_visits: u64,
    /// How things are now, in a sentence.
    pub state: Option<String>,
    /// What the cameras and zones of the question are called.
    pub where_names: Vec<String>,
    /// What its people and devices are called.
    pub what_names: Vec<String>,
}

/// Of what sort an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AnswerKind {
    /// An answer.
    Answer,
    /// The question was not understood; it says what can be asked.
    Clarification,
    /// It was understood, and nothing is known of it.
    NothingKnown,
}

/// What is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// In one or two sentences.
    pub text: String,
    /// Of what sort.
    pub kind: AnswerKind,
    /// What could be asked next.
    pub follow_ups: Vec<String>,
}

impl Answer {
    /// What is said to a question that was not understood, with the words that stand for nothing.
    pub fn not_understood(rest: &[String]) -> Self {
        let what = match rest {
            [] => "I did not understand what you want to know.".to_owned(),
            rest => {
                let quoted: Vec<String> = rest.iter().map(|word| format!("\"{word}\"")).collect();
                format!("I know nothing here that is called {}.", listed(&quoted, "or"))
            }
        };
        let text = format!(
            "{what} Ask for example what happened, when, at which camera, how often or who came, with \
             cameras, zones, devices, people and times of this house."
        );
        let follow_ups = [
            "What happened today?",
            "How many people were seen yesterday?",
            "When was the last visit?",
        ];
        let follow_ups = follow_ups.map(str::to_owned).to_vec();
        Self { text, kind: AnswerKind::Clarification, follow_ups }
    }
}

/// Says what the facts answer.
pub fn answer(question: &Question, facts: &Facts, clock: &Clock) -> Answer {
    let say = Sayer { question, facts, clock };
    let found = say.has_found();
    let mut text = if found { say.found() } else { say.nothing() };
    if facts.is_cut {
        text.push_str(" Only the last two months were looked at.");
    }
    let kind = if found { AnswerKind::Answer } else { AnswerKind::NothingKnown };
    Answer { text, kind, follow_ups: next_questions(question, found) }
}

struct Sayer<'a> {
    question: &'a Question,
    facts: &'a Facts,
    clock: &'a Clock,
}

impl Sayer<'_> {
    fn has_found(&self) -> bool {
        let facts = self.facts;
        match self.question.ask {
            Ask::State => facts.state.is_some(),
            Ask::First | Ask::Last | Ask::Longest => facts.one.is_some(),
            Ask::Compare => true,
            Ask::Who => !facts.people.is_empty() || facts.unknown_visits > 0 || facts.count > 0,
            _ => facts.count > 0,
        }
    }

    fn found(&self) -> String {
        match self.question.ask {
            Ask::What => self.what(),
            Ask::HowMany => self.how_many(),
            Ask::When => self.times(),
            Ask::Where => self.places(),
            Ask::Who => self.people(),
            Ask::First => self.one("The first time was"),
            Ask::Last => self.one("The last time was"),
            Ask::Longest => self.longest(),
            Ask::Compare => self.compared(),
            Ask::State => self.facts.state.clone().unwrap_or_default(),
        }
    }

    fn nothing(&self) -> String {
        let no = if self.question.is_yes_or_no { "No. " } else { "" };
        if self.question.ask == Ask::State {
            return "That is not known now.".to_owned();
        }
        format!("{no}{}", self.sentence(0))
    }

    fn what(&self) -> String {
        let yes = if self.question.is_yes_or_no { "Yes. " } else { "" };
        let last = self.facts.sightings.first();
        let last = last.filter(|_| self.facts.count > 1).map(|last| {
            format!(" The last: {} ({}).", last.text, say_clock_time(last.at, self.clock))
        });
        let only = self.facts.sightings.first().filter(|_| self.facts.count == 1);
        match only {
            Some(only) => format!("{yes}{} ({})", only.text, say_clock_time(only.at, self.clock)),
            None => format!("{yes}{}{}", self.sentence(self.facts.count), last.unwrap_or_default()),
        }
    }

    fn how_many(&self) -> String {
        let last = self.facts.sightings.first();
        let last = last.map(|last| format!(" The last: {}.", say_clock_time(last.at, self.clock)));
        format!("{}{}", self.sentence(self.facts.count), last.unwrap_or_default())
    }

    fn times(&self) -> String {
        let shown = &self.facts.sightings[..self.facts.sightings.len().min(TIMES_MAX)];
        let mut said = Vec::new();
        let mut day = String::new();
        for sighting in shown {
            let this = say_day(sighting.at, self.clock);
            said.push(match this == day {
                true => hour_and_minute(sighting.at, self.clock),
                false => say_clock_time(sighting.at, self.clock),
            });
            day = this;
        }
        let more = self.facts.count.saturating_sub(shown.len() as u64);
        let earlier = if more > 0 { format!(", and {more} more before") } else { String::new() };
        format!("{}: {}{earlier}.", self.subject(), listed(&said, "and"))
    }

    fn places(&self) -> String {
        let places = &self.facts.places;
        let more = places.len().saturating_sub(NAMED_MAX);
        let named = places.iter().take(NAMED_MAX);
        let mut named: Vec<String> =
            named.map(|(name, count)| format!("{name} ({})", often(*count))).collect();
        if more > 0 {
            named.push(format!("{more} more"));
        }
        if named.is_empty() {
            return self.sentence(self.facts.count);
        }
        format!("{} at {}{}.", self.subject(), listed(&named, "and"), self.when())
    }

    fn people(&self) -> String {
        let facts = self.facts;
        let named = facts.people.iter().take(NAMED_MAX);
        let mut named: Vec<String> =
            named.map(|(name, count)| format!("{name} ({})", often(*count))).collect();
        let more = facts.people.len().saturating_sub(NAMED_MAX);
        if more > 0 {
            named.push(format!("{more} more"));
        }
        if facts.unknown_visits > 0 {
            named.push(format!("somebody unknown ({})", often(facts.unknown_visits)));
        }
        if named.is_empty() {
            let seen = self.sentence(facts.count);
            return format!("{seen} Who it was is not known: there was no visit at a door.");
        }
        let came = capital(&listed(&named, "and"));
        format!("{came} came{}{}.", self.place("to"), self.when())
    }

    fn one(&self, lead: &str) -> String {
        let Some(one) = &self.facts.one else { return self.nothing() };
        format!("{lead} {}. {}", say_clock_time(one.at, self.clock), one.text)
    }

    fn longest(&self) -> String {
        let Some(one) = &self.facts.one else { return self.nothing() };
        let lasted = say_seconds(one.seconds.unwrap_or(0));
        let at = say_clock_time(one.at, self.clock);
        format!("The longest lasted {lasted}, {at}. {}", one.text)
    }

    fn compared(&self) -> String {
        let (count, other) = (self.facts.count, self.facts.other_count);
        let second = When { span: self.question.filters.other, ..self.question.filters.when };
        let difference = match count.cmp(&other) {
            std::cmp::Ordering::Equal => "as often".to_owned(),
            std::cmp::Ordering::Greater => format!("{} more", count - other),
            std::cmp::Ordering::Less => format!("{} fewer", other - count),
        };
        let place = self.place("at");
        let (first, second) = (self.when(), say_when(&second, self.clock));
        format!(
            "{}{place} {}{first} and {}{second}: {difference}.",
            self.subject(),
            often(count),
            often(other)
        )
    }

    /// That it happened so often, there and then.
    fn sentence(&self, count: u64) -> String {
        let filters = &self.question.filters;
        let rest = format!("{}{}", self.place("at"), self.when());
        if !self.facts.what_names.is_empty() {
            let names = listed(&self.facts.what_names, "or");
            return match count {
                0 => format!("Nothing is known of {names}{rest}."),
                _ if filters.devices.is_empty() => format!("{names} came {}{rest}.", often(count)),
                _ => format!("{names}: {}{rest}.", many(count, ("event", "events"))),
            };
        }
        if !filters.labels.is_empty() {
            return match count {
                0 => format!("No {} was seen{rest}.", self.labels()),
                _ => {
                    let what = capital(&with_article(&self.labels()));
                    format!("{what} was seen {}{rest}.", often(count))
                }
            };
        }
        let noun = kinds::noun(&filters.kinds);
        let were = if count == 1 { "was" } else { "were" };
        format!("There {were} {}{rest}.", many(count, noun))
    }

    /// Who or what is spoken of, to begin a sentence with.
    fn subject(&self) -> String {
        let filters = &self.question.filters;
        if !self.facts.what_names.is_empty() {
            return listed(&self.facts.what_names, "or");
        }
        if !filters.labels.is_empty() {
            return capital(&format!("{} was seen", with_article(&self.labels())));
        }
        if filters.kinds == [EventKind::Ring] {
            return "It rang".to_owned();
        }
        capital(kinds::noun(&filters.kinds).1)
    }

    fn labels(&self) -> String {
        let labels = &self.question.filters.labels;
        let nouns: Vec<String> = labels.iter().map(|label| labels::noun_of(label, 1)).collect();
        listed(&nouns, "or")
    }

    fn place(&self, word: &str) -> String {
        let names = &self.facts.where_names;
        let names = listed(names, "or");
        if names.is_empty() { String::new() } else { format!(" {word} {names}") }
    }

    fn when(&self) -> String {
        say_when(&self.question.filters.when, self.clock)
    }
}

impl Filters {
    /// Whether an activity of a camera is asked for, and nothing else.
    pub fn asks_for_sightings(&self) -> bool {
        !self.labels.is_empty() && self.kinds.is_empty()
    }
}

fn often(count: u64) -> String {
    match count {
        0 => "not once".to_owned(),
        1 => "once".to_owned(),
        count => format!("{count} times"),
    }
}

fn many(count: u64, (one, several): (&str, &str)) -> String {
    match count {
        0 => format!("no {several}"),
        1 => format!("one {one}"),
        count => format!("{count} {several}"),
    }
}

fn listed(all: &[String], join: &str) -> String {
    match all {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} {join} {last}", first.join(", ")),
    }
}
