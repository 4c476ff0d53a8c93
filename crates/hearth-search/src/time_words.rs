//! Reads how people say when: days, parts of days, clock times, stretches until now.
//!
//! A day of the week or a day without a year is the last one that has begun; what happened is asked
//! for, not what will. Days and hours are those of the house's clocks, so a day on which clocks are
//! changed is as long as it is.

use hearth_model::WallTime;
use jiff::{ToSpan as _, civil};

use crate::{Clock, Hours, Span};

const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;

/// What was said of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimePiece {
    /// Whole days, the second one not included.
    Days(civil::Date, civil::Date),
    /// From one instant to another.
    Instants(Span),
    /// Hours of every day.
    Hours(Hours),
}

/// What the words begin with, if that says a time, and how many words it takes.
pub(crate) fn read_time(words: &[&str], clock: &Clock) -> Option<(TimePiece, usize)> {
    let mut reader = Reader { words, at: 0, clock };
    let piece = reader.piece()?;
    (reader.at > 0).then_some((piece, reader.at))
}

struct Reader<'a> {
    words: &'a [&'a str],
    at: usize,
    clock: &'a Clock,
}

const WEEKDAYS: [(&str, civil::Weekday); 7] = [
    ("monday", civil::Weekday::Monday),
    ("tuesday", civil::Weekday::Tuesday),
    ("wednesday", civil::Weekday::Wednesday),
    ("thursday", civil::Weekday::Thursday),
    ("friday", civil::Weekday::Friday),
    ("saturday", civil::Weekday::Saturday),
    ("sunday", civil::Weekday::Sunday),
];

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

const NUMBERS: [&str; 13] = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve",
];

const NIGHT: Hours = Hours { from: 22 * 60, to: 6 * 60 };
/// A night that is over or goes on is spoken of from the evening on.
const LAST_NIGHT: Hours = Hours { from: 20 * 60, to: 6 * 60 };
const MORNING: Hours = Hours { from: 5 * 60, to: 12 * 60 };
const AFTERNOON: Hours = Hours { from: 12 * 60, to: 18 * 60 };
const EVENING: Hours = Hours { from: 18 * 60, to: 23 * 60 };
const DAYTIME: Hours = Hours { from: 6 * 60, to: 22 * 60 };

/// Around a time of day that somebody names.
const AROUND_MINUTES: u16 = 15;

impl Reader<'_> {
    fn piece(&mut self) -> Option<TimePiece> {
        let rules = [
            Self::night,
            Self::ago,
            Self::rolling,
            Self::calendar,
            Self::since,
            Self::between,
            Self::edge,
            Self::daily,
            Self::day_and_part,
            Self::around,
            Self::month,
        ];
        rules.into_iter().find_map(|rule| self.attempt(rule))
    }

    fn attempt<T>(&mut self, rule: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let before = self.at;
        let read = rule(self);
        if read.is_none() {
            self.at = before;
        }
        read
    }

    fn word(&self) -> Option<&str> {
        self.words.get(self.at).copied()
    }

    fn take(&mut self, phrase: &str) -> bool {
        let length = phrase.split(' ').count();
        let here = self.words.get(self.at..self.at + length);
        let is_here = here.is_some_and(|here| here.iter().copied().eq(phrase.split(' ')));
        self.at += if is_here { length } else { 0 };
        is_here
    }

    fn any(&mut self, phrases: &[&str]) -> bool {
        phrases.iter().any(|phrase| self.take(phrase))
    }

    fn instants(&self, from: WallTime, to: WallTime) -> Option<TimePiece> {
        (from < to).then_some(TimePiece::Instants(Span { from, to }))
    }

    fn on(&self, hours: Hours, day: civil::Date) -> Option<TimePiece> {
        let (from, to) = hours.on(day, self.clock);
        self.instants(from, to)
    }

    fn night(&mut self) -> Option<TimePiece> {
        let now = self.clock.local(self.clock.now());
        if self.any(&["last night", "yesterday night"]) {
            // Before six in the morning it is the night that goes on.
            return self.on(LAST_NIGHT, now.date().yesterday().ok()?);
        }
        self.any(&["tonight", "this night"]).then_some(())?;
        let day = if now.hour() < 6 { now.date().yesterday().ok()? } else { now.date() };
        self.on(LAST_NIGHT, day)
    }

    fn number(&mut self) -> Option<i64> {
        let word = self.word()?;
        let spelled = NUMBERS.iter().position(|number| *number == word).map(|number| number as i64);
        let number = match word {
            "a" | "an" => Some(1),
            _ => spelled.or_else(|| word.parse().ok()),
        }?;
        self.at += 1;
        (0..=10_000).contains(&number).then_some(number)
    }

    /// Microseconds of a unit; days and longer are told apart by the caller.
    fn unit(&mut self) -> Option<Unit> {
        let units: [(&[&str], Unit); 5] = [
            (&["minute", "minutes", "min", "mins"], Unit::Minute),
            (&["hour", "hours", "h"], Unit::Hour),
            (&["day", "days"], Unit::Day),
            (&["week", "weeks"], Unit::Week),
            (&["month", "months"], Unit::Month),
        ];
        units.into_iter().find(|(words, _)| self.any(words)).map(|(_, unit)| unit)
    }

    fn ago(&mut self) -> Option<TimePiece> {
        let number = self.number()?;
        let unit = self.unit()?;
        self.take("ago").then_some(())?;
        let now = self.clock.now();
        match unit {
            Unit::Minute => {
                let at = now.plus_micros(-number * MINUTE);
                self.instants(at.plus_micros(-5 * MINUTE), at.plus_micros(5 * MINUTE))
            }
            Unit::Hour => {
                let at = now.plus_micros(-number * HOUR);
                self.instants(at.plus_micros(-HOUR / 2), at.plus_micros(HOUR / 2))
            }
            _ => self.whole_day(unit.before(self.clock.today(), number)?),
        }
    }

    fn rolling(&mut self) -> Option<TimePiece> {
        self.any(&["in the last", "in the past", "the last", "the past", "last", "past"])
            .then_some(())?;
        let number = self.attempt(Self::number);
        let unit = self.unit()?;
        let number = match (number, unit) {
            (Some(number), _) => number,
            (None, Unit::Minute | Unit::Hour) => 1,
            // "Last week" is a week of the calendar.
            (None, Unit::Day | Unit::Week | Unit::Month) => {
                let is_past = self.words.get(..self.at)?.contains(&"past");
                is_past.then_some(1)?
            }
        };
        let now = self.clock.now();
        match unit {
            Unit::Minute => self.instants(now.plus_micros(-number * MINUTE), now),
            Unit::Hour => self.instants(now.plus_micros(-number * HOUR), now),
            _ => {
                let day = unit.before(self.clock.today(), number)?;
                let local = self.clock.local(now);
                // Of a clock time below 1,440 minutes.
                let minute = (i32::from(local.hour()) * 60 + i32::from(local.minute())) as u16;
                self.instants(self.clock.at(day, minute), now)
            }
        }
    }

    fn calendar(&mut self) -> Option<TimePiece> {
        let is_last = self.take("last");
        (is_last || self.take("this")).then_some(())?;
        let today = self.clock.today();
        if self.take("week") {
            let monday =
                today.checked_sub(i64::from(today.weekday().to_monday_zero_offset()).days());
            let monday = monday.ok()?;
            let from = if is_last { monday.checked_sub(7.days()).ok()? } else { monday };
            return Some(TimePiece::Days(from, from.checked_add(7.days()).ok()?));
        }
        if self.take("month") {
            let first = today.first_of_month();
            let from = if is_last { first.checked_sub(1.month()).ok()? } else { first };
            return Some(TimePiece::Days(from, from.checked_add(1.month()).ok()?));
        }
        if self.take("year") {
            let first = today.first_of_year();
            let from = if is_last { first.checked_sub(1.year()).ok()? } else { first };
            return Some(TimePiece::Days(from, from.checked_add(1.year()).ok()?));
        }
        if !is_last {
            let part = self.part()?;
            return self.on(part, today);
        }
        let weekday = self.weekday()?;
        self.whole_day(self.latest(weekday, today.yesterday().ok()?)?)
    }

    fn weekday(&mut self) -> Option<civil::Weekday> {
        let word = self.word()?;
        let found = WEEKDAYS.iter().find(|(name, _)| *name == word || is_plural(word, name))?;
        let weekday = found.1;
        self.at += 1;
        Some(weekday)
    }

    /// The last day of that name that is not after another.
    fn latest(&self, weekday: civil::Weekday, until: civil::Date) -> Option<civil::Date> {
        let back = until.weekday().since(weekday);
        until.checked_sub(i64::from(back).days()).ok()
    }

    fn whole_day(&self, day: civil::Date) -> Option<TimePiece> {
        Some(TimePiece::Days(day, day.tomorrow().ok()?))
    }

    fn part(&mut self) -> Option<Hours> {
        let parts: [(&[&str], Hours); 4] = [
            (&["morning", "mornings"], MORNING),
            (&["afternoon", "afternoons"], AFTERNOON),
            (&["evening", "evenings"], EVENING),
            (&["night", "nights"], LAST_NIGHT),
        ];
        parts.into_iter().find(|(words, _)| self.any(words)).map(|(_, hours)| hours)
    }

    fn day(&mut self) -> Option<civil::Date> {
        let today = self.clock.today();
        if self.take("today") {
            return Some(today);
        }
        if self.any(&["the day before yesterday", "day before yesterday"]) {
            return today.checked_sub(2.days()).ok();
        }
        if self.take("yesterday") {
            return today.yesterday().ok();
        }
        if let Some(day) = self.attempt(|this| {
            let day = this.word()?.parse::<civil::Date>().ok().filter(|day| day.year() >= 1970)?;
            this.at += 1;
            Some(day)
        }) {
            return Some(day);
        }
        if let Some(weekday) = self.attempt(Self::weekday) {
            return self.latest(weekday, today);
        }
        self.attempt(Self::day_of_month)
    }

    fn day_of_month(&mut self) -> Option<civil::Date> {
        let first = self.attempt(Self::ordinal);
        self.take("of");
        let month = self.month_name()?;
        let day = match first {
            Some(day) => day,
            None => self.ordinal()?,
        };
        let year = self.attempt(|this| {
            let year: i16 = this.word()?.parse().ok()?;
            (1970..=2199).contains(&year).then_some(())?;
            this.at += 1;
            Some(year)
        });
        let today = self.clock.today();
        if let Some(year) = year {
            return civil::Date::new(year, month, day).ok();
        }
        // The 29th of February is not in every year.
        let past = |years: i16| civil::Date::new(today.year() - years, month, day).ok();
        (0..5).filter_map(past).find(|day| *day <= today)
    }

    /// A day of a month, `3` or `3rd`.
    fn ordinal(&mut self) -> Option<i8> {
        let word = self.word()?;
        let digits = ["st", "nd", "rd", "th"].iter().find_map(|end| word.strip_suffix(end));
        let day: i8 = digits.unwrap_or(word).parse().ok()?;
        (1..=31).contains(&day).then_some(())?;
        self.at += 1;
        Some(day)
    }

    fn month_name(&mut self) -> Option<i8> {
        let word = self.word()?;
        let is_it = |name: &str| name == word || (word.len() >= 3 && name.get(..3) == Some(word));
        let at = MONTHS.iter().position(|name| is_it(name))?;
        self.at += 1;
        // Twelve months.
        Some(at as i8 + 1)
    }

    fn month(&mut self) -> Option<TimePiece> {
        self.take("in").then_some(())?;
        let month = self.month_name()?;
        let today = self.clock.today();
        let year = if month > today.month() { today.year() - 1 } else { today.year() };
        let first = civil::Date::new(year, month, 1).ok()?;
        Some(TimePiece::Days(first, first.checked_add(1.month()).ok()?))
    }

    fn day_and_part(&mut self) -> Option<TimePiece> {
        self.take("on");
        let day = self.day()?;
        match self.attempt(Self::part) {
            Some(part) => self.on(part, day),
            None => self.whole_day(day),
        }
    }

    /// A time of day as minutes after midnight; `None` in the second place if it may be in the
    /// morning or in the evening.
    fn clock_time(&mut self) -> Option<(u16, bool)> {
        if self.any(&["noon", "midday"]) {
            return Some((720, true));
        }
        if self.take("midnight") {
            return Some((0, true));
        }
        let word = self.word()?.to_owned();
        let (digits, mut half) = match (word.strip_suffix("am"), word.strip_suffix("pm")) {
            (Some(digits), _) => (digits, Some(false)),
            (_, Some(digits)) => (digits, Some(true)),
            _ => (word.as_str(), None),
        };
        let (hour, minute) = match digits.split_once(':') {
            Some((hour, minute)) => (hour.parse().ok()?, minute.parse().ok()?),
            None => (self.hour_of(digits)?, 0_u16),
        };
        self.at += 1;
        self.take("oclock");
        if half.is_none() {
            half = if self.take("am") { Some(false) } else { self.take("pm").then_some(true) };
        }
        let is_sure = half.is_some() || digits.contains(':') || hour > 12;
        let hour: u16 = match half {
            Some(_) if !(1..=12).contains(&hour) => return None,
            Some(is_later) => hour % 12 + if is_later { 12 } else { 0 },
            None => hour,
        };
        (hour <= 24 && minute < 60).then_some(())?;
        let minute = hour * 60 + minute;
        (minute <= 1_440).then_some((minute, is_sure))
    }

    fn hour_of(&self, word: &str) -> Option<u16> {
        let spelled = NUMBERS.iter().position(|number| *number == word);
        spelled.and_then(|hour| u16::try_from(hour).ok()).or_else(|| word.parse().ok())
    }

    /// A day with a time of day or without, as an instant; `None` in the second place without.
    fn instant(&mut self) -> Option<(civil::Date, Option<u16>)> {
        let day = self.day()?;
        let minute = self.attempt(|this| {
            this.take("at");
            this.clock_time()
        });
        Some((day, minute.map(|(minute, _)| minute)))
    }

    fn since(&mut self) -> Option<TimePiece> {
        self.take("since").then_some(())?;
        let now = self.clock.now();
        if let Some((minute, _)) = self.attempt(|this| {
            this.take("at");
            let time = this.clock_time();
            // "Since 3 November" is no time of day.
            time.filter(|_| this.word().is_none_or(|word| !is_month(word)))
        }) {
            let today = self.clock.today();
            let at = self.clock.at(today, minute);
            let at = if at < now { at } else { self.clock.at(today.yesterday().ok()?, minute) };
            return self.instants(at, now);
        }
        if let Some((day, minute)) = self.attempt(Self::instant) {
            if minute.is_none()
                && let Some(part) = self.attempt(Self::part)
            {
                return self.instants(part.on(day, self.clock).0, now);
            }
            return self.instants(self.clock.at(day, minute.unwrap_or(0)), now);
        }
        match self.piece()? {
            TimePiece::Days(day, _) => self.instants(self.clock.start_of(day), now),
            TimePiece::Instants(span) => self.instants(span.from, now),
            TimePiece::Hours(_) => None,
        }
    }

    fn between(&mut self) -> Option<TimePiece> {
        self.any(&["between", "from"]).then_some(())?;
        let joins = ["and", "to", "until", "till"];
        if let Some(piece) = self.attempt(|this| {
            let (from, sure) = this.clock_time()?;
            this.any(&joins).then_some(())?;
            let (to, second_sure) = this.clock_time()?;
            this.word().is_none_or(|word| !is_month(word)).then_some(())?;
            // "8 and 9 pm" are both in the evening.
            let follows = !sure && second_sure && to > 720 && from < 720 && from + 720 < to;
            let from = if follows { from + 720 } else { from };
            let to = if to == 0 { 1_440 } else { to };
            (from < 1_440 && from != to).then_some(TimePiece::Hours(Hours { from, to }))
        }) {
            return Some(piece);
        }
        let (first, minute) = self.instant()?;
        self.any(&joins).then_some(())?;
        let from = self.clock.at(first, minute.unwrap_or(0));
        if let Some((minute, _)) = self.attempt(Self::clock_time).filter(|_| minute.is_some()) {
            return self.instants(from, self.clock.at(first, minute));
        }
        let (last, minute) = self.instant()?;
        let to = match minute {
            Some(minute) => self.clock.at(last, minute),
            None => self.clock.start_of(last.tomorrow().ok()?),
        };
        self.instants(from, to)
    }

    fn edge(&mut self) -> Option<TimePiece> {
        let is_after = self.take("after");
        (is_after || self.any(&["before", "until", "till"])).then_some(())?;
        if let Some((day, minute)) = self.attempt(Self::instant) {
            let start = self.clock.at(day, minute.unwrap_or(0));
            if !is_after {
                return self.instants(WallTime::from_micros(0), start);
            }
            let from = match minute {
                Some(_) => start,
                None => self.clock.start_of(day.tomorrow().ok()?),
            };
            return self.instants(from, self.clock.now());
        }
        let (minute, _) = self.clock_time()?;
        // Midnight is where a day begins, and nothing of it is before.
        let hours = if is_after {
            Hours { from: minute, to: 1_440 }
        } else {
            Hours { from: 0, to: minute }
        };
        (hours.from < hours.to).then_some(TimePiece::Hours(hours))
    }

    fn around(&mut self) -> Option<TimePiece> {
        let is_said = self.any(&["at around", "at about", "at", "around", "about"]);
        let (minute, is_sure) = self.clock_time()?;
        (is_said || is_sure).then_some(())?;
        // A bare number is rather part of a name.
        let is_bare = self.at == 1 && !is_sure;
        (!is_bare).then_some(())?;
        let from = (minute % 1_440 + 1_440 - AROUND_MINUTES) % 1_440;
        Some(TimePiece::Hours(Hours { from, to: (minute + AROUND_MINUTES) % 1_440 }))
    }

    fn daily(&mut self) -> Option<TimePiece> {
        let all: [(&[&str], Hours); 5] = [
            (&["at night", "by night", "during the night", "in the night", "nights"], NIGHT),
            (&["in the morning", "mornings", "in the mornings"], MORNING),
            (&["in the afternoon", "afternoons", "in the afternoons"], AFTERNOON),
            (&["in the evening", "evenings", "in the evenings"], EVENING),
            (&["during the day", "by day", "daytime"], DAYTIME),
        ];
        all.into_iter().find(|(words, _)| self.any(words)).map(|(_, hours)| TimePiece::Hours(hours))
    }
}

fn is_month(word: &str) -> bool {
    MONTHS.iter().any(|name| *name == word || name.get(..3) == Some(word))
}

fn is_plural(word: &str, name: &str) -> bool {
    word.strip_suffix('s') == Some(name)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    Minute,
    Hour,
    Day,
    Week,
    Month,
}

impl Unit {
    /// The day so many of these before a day.
    fn before(self, day: civil::Date, number: i64) -> Option<civil::Date> {
        let span = match self {
            Self::Week => (number * 7).days(),
            Self::Month => number.months(),
            Self::Minute | Self::Hour | Self::Day => number.days(),
        };
        day.checked_sub(span).ok().filter(|day| day.year() >= 1900)
    }
}
