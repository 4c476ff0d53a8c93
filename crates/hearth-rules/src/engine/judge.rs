//! Judges a condition: is it so, and why.

use hearth_model::{EventId, WallTime};
use jiff::tz::TimeZone;

use super::{FaultCause, memory::Memory, truth::Truth, world::World};
use crate::{
    Absent, Condition, Count, DeviceIs, Happens, ReadingIs, WhoIs, fact::Happening, known::Groups,
    matching::Maybe,
};

/// A test that was so, and by which fact.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct Because {
    /// Which test, counted from the left.
    pub test: u16,
    /// What it looks for.
    pub condition: Condition,
    /// Whether it was so; a test below a `not` may have to be false.
    pub was: bool,
    /// The recorded fact that made it so, if there is one.
    pub event: Option<EventId>,
    /// Since when it was so, as far as is known; for what happens, when it happened.
    pub since: WallTime,
}

/// Everything that is looked at.
#[derive(Clone, Copy)]
pub(super) struct Judge<'a> {
    pub(super) world: &'a World,
    pub(super) memory: &'a Memory,
    pub(super) groups: &'a Groups,
    pub(super) zone: &'a TimeZone,
    /// What happens now.
    pub(super) moment: Option<&'a Moment<'a>>,
    pub(super) now: WallTime,
}

/// Something that happens now.
pub(super) struct Moment<'a> {
    pub(super) happening: &'a Happening,
    /// Its fact.
    pub(super) event: Option<EventId>,
    /// What was known before of the activity that it is about.
    pub(super) before: Option<Happening>,
}

impl Moment<'_> {
    /// Whether it is this. Of an activity more becomes known bit by bit: what was so before, and was
    /// acted on and counted then, is not so anew, and its opposite is not so either.
    pub(super) fn is(&self, of: &Happens, groups: &Groups) -> Maybe {
        let was = || self.before.as_ref().is_some_and(|was| of.fits(was, groups) == Some(true));
        of.fits(self.happening, groups).filter(|fits| !*fits || !was())
    }
}

/// What a test found.
struct Found {
    truth: Option<Truth>,
    event: Option<EventId>,
    since: WallTime,
}

type Judged<T> = Result<T, FaultCause>;

impl Judge<'_> {
    /// Whether a condition is so; `None` if that is not known.
    pub(super) fn truth(&self, condition: &Condition) -> Judged<Option<Truth>> {
        self.tree(condition, &mut 0, &mut |_, _, _| {})
    }

    /// The tests that make a condition be what it is.
    pub(super) fn because(&self, condition: &Condition) -> Judged<Vec<Because>> {
        let mut all = Vec::new();
        self.tree(condition, &mut 0, &mut |test, number, found| {
            let Some(truth) = found.truth else { return };
            all.push(Because {
                test: number,
                condition: test.clone(),
                was: truth.is_true,
                event: found.event,
                since: found.since,
            });
        })?;
        let wanted = condition.polarities();
        all.retain(|one| wanted.get(usize::from(one.test)).is_some_and(|want| *want == one.was));
        Ok(all)
    }

    /// Every test is looked at, so that tests keep their numbers.
    fn tree(
        &self,
        condition: &Condition,
        number: &mut u16,
        see: &mut dyn FnMut(&Condition, u16, &Found),
    ) -> Judged<Option<Truth>> {
        match condition {
            Condition::All(parts) | Condition::Any(parts) => {
                let parts = parts.iter().map(|part| self.tree(part, number, see));
                let parts: Vec<_> = parts.collect::<Judged<_>>()?;
                Ok(Truth::of_group(&parts, matches!(condition, Condition::Any(_))))
            }
            Condition::Not(part) => Ok(self.tree(part, number, see)?.map(Truth::opposite)),
            test => {
                let found = self.test(test, *number)?;
                see(test, *number, &found);
                *number += 1;
                Ok(found.truth)
            }
        }
    }

    fn test(&self, test: &Condition, number: u16) -> Judged<Found> {
        if let Some(Some(WhoIs::Group(group))) = test.happens().map(|of| &of.who)
            && !self.groups.contains_key(group)
        {
            return Err(FaultCause::GroupUnknown(*group));
        }
        let found = match test {
            Condition::Happens(of) => self.moment(of, |fits| fits),
            Condition::Count(Count { of, at_least, within_seconds }) => {
                let before = self.memory.count(number, *within_seconds, self.now);
                self.moment(of, |fits| fits && before + 1 >= usize::from(*at_least))
            }
            Condition::Absent(Absent { for_seconds, .. }) => {
                let (since, event) = self.memory.absent_since(number);
                let is = self.now.micros_since(since) >= i64::from(*for_seconds) * 1_000_000;
                Found { truth: Some(Truth::standing(is)), event, since }
            }
            Condition::Stays(stays) => {
                let (is, activity) = self.world.stays(stays, self.groups, self.now);
                let (event, since) = activity.map_or((None, self.now), |(id, at)| (Some(id), at));
                Found { truth: is.map(Truth::standing), event, since }
            }
            Condition::Mode(mode) => self.standing(self.world.mode(), |is| mode.is.contains(is)),
            Condition::Device(DeviceIs { device, control, is: wanted }) => {
                self.standing(self.world.control(*device, control), |is| is == wanted)
            }
            Condition::Reading(test) => {
                let told = self.world.reading(test.device, &test.reading, self.now);
                self.standing(told, |value| test.holds(*value))
            }
            Condition::Hours(hours) => {
                let is = hours.last_at(self.zone, self.now).ok_or(FaultCause::Calendar)?;
                Found { truth: Some(Truth::standing(is)), event: None, since: self.now }
            }
            Condition::All(_) | Condition::Any(_) | Condition::Not(_) => {
                Found { truth: None, event: None, since: self.now }
            }
        };
        Ok(found)
    }

    fn moment(&self, of: &Happens, is: impl Fn(bool) -> bool) -> Found {
        let fits = self.moment.and_then(|moment| moment.is(of, self.groups));
        Found {
            truth: fits.map(|fits| Truth::moment(is(fits))),
            event: self.moment.and_then(|moment| moment.event),
            since: self.now,
        }
    }

    fn standing<T>(&self, told: Option<&super::world::Told<T>>, is: impl Fn(&T) -> bool) -> Found {
        Found {
            truth: told.map(|told| Truth::standing(is(&told.is))),
            event: told.and_then(|told| told.event),
            since: told.map_or(self.now, |told| told.at),
        }
    }
}

impl ReadingIs {
    fn holds(&self, value: f64) -> bool {
        self.above.is_none_or(|edge| value > edge) && self.below.is_none_or(|edge| value < edge)
    }
}
