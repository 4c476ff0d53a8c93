//! Calls of assistants that wait for a person's yes, and what was allowed for a while. Pure.
//!
//! A yes is for one call: the same tool with the same arguments by the same token, once, or for an
//! hour for every call of that tool by that token. There is no yes for ever.

use hearth_model::{ApprovalId, TokenId, WallTime};

use super::{Answer, AskedCall};

/// A call waits this long for a person, and a yes this long for the call: assistants call again
/// rather than hold a line for a minute.
pub(super) const WAIT_MICROS: i64 = 60_000_000;

/// What *for an hour* means.
const HOUR_MICROS: i64 = 3_600_000_000;

/// Calls of one token that wait at once; a person answers one after the other.
const WAITING_PER_TOKEN_MAX: usize = 4;

/// Calls that wait at once.
const WAITING_MAX: usize = 32;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Waiting,
    Allowed,
    Denied,
}

/// A call that a person is asked about.
#[derive(Clone, Debug)]
pub(super) struct Approval {
    pub(super) id: ApprovalId,
    pub(super) call: AskedCall,
    pub(super) asked_at: WallTime,
    pub(super) expires_at: WallTime,
    standing: Standing,
}

/// A tool that a token may use without asking, for a while.
#[derive(Clone, Debug)]
pub(super) struct Allowed {
    pub(super) token: TokenId,
    pub(super) tool: &'static str,
    pub(super) until: WallTime,
}

/// What a call may do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Be done; the yes is used up.
    Go,
    /// Wait.
    Wait,
    /// Nothing: a person said no.
    Denied,
    /// Nothing: nobody answered in time.
    Expired,
    /// Nothing: too many wait already.
    Full,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Approvals {
    all: Vec<Approval>,
    allowed: Vec<Allowed>,
}

impl Approvals {
    /// What a call may do; a person is asked about one that is new.
    pub(super) fn look(&mut self, now: WallTime, call: &AskedCall, is_new: bool) -> Verdict {
        self.forget_old(now);
        let may = |one: &Allowed| (one.token, one.tool) == (call.token, call.tool);
        if self.allowed.iter().any(may) {
            return Verdict::Go;
        }
        let known = self.all.iter().position(|one| one.call.is_same(call));
        let Some(known) = known else {
            return if is_new { self.ask(now, call) } else { Verdict::Expired };
        };
        match self.all[known].standing {
            Standing::Waiting => Verdict::Wait,
            Standing::Allowed => {
                self.all.remove(known);
                Verdict::Go
            }
            // It stays until it is old, so that asking again at once does not ask the person again.
            Standing::Denied => Verdict::Denied,
        }
    }

    fn ask(&mut self, now: WallTime, call: &AskedCall) -> Verdict {
        let own = self.all.iter().filter(|one| one.call.token == call.token).count();
        if own >= WAITING_PER_TOKEN_MAX || self.all.len() >= WAITING_MAX {
            return Verdict::Full;
        }
        self.all.push(Approval {
            id: ApprovalId::new(),
            call: call.clone(),
            asked_at: now,
            expires_at: now.plus_micros(WAIT_MICROS),
            standing: Standing::Waiting,
        });
        Verdict::Wait
    }

    /// A person answers. Gives the call; `None` if it does not wait (any more), or not for them.
    pub(super) fn answer(
        &mut self,
        now: WallTime,
        id: ApprovalId,
        answer: Answer,
        is_theirs: impl Fn(&AskedCall) -> bool,
    ) -> Option<AskedCall> {
        self.forget_old(now);
        let waits = |one: &&mut Approval| one.id == id && one.standing == Standing::Waiting;
        let found = self.all.iter_mut().find(waits).filter(|one| is_theirs(&one.call))?;
        found.standing = if answer == Answer::Deny { Standing::Denied } else { Standing::Allowed };
        found.expires_at = now.plus_micros(WAIT_MICROS);
        let call = found.call.clone();
        if answer == Answer::Hour {
            let (token, tool) = (call.token, call.tool);
            let until = now.plus_micros(HOUR_MICROS);
            self.allowed.push(Allowed { token, tool, until });
        }
        Some(call)
    }

    /// What waits for an answer, oldest first.
    pub(super) fn waiting(&mut self, now: WallTime) -> impl Iterator<Item = &Approval> {
        self.forget_old(now);
        self.all.iter().filter(|one| one.standing == Standing::Waiting)
    }

    /// What is allowed for a while.
    pub(super) fn allowed(&self) -> &[Allowed] {
        &self.allowed
    }

    /// Nothing waits and nothing is allowed any more.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    fn forget_old(&mut self, now: WallTime) {
        self.all.retain(|one| now < one.expires_at);
        self.allowed.retain(|one| now < one.until);
    }
}

#[cfg(test)]
mod tests {
    use hearth_model::UserId;

    use super::*;

    const START: WallTime = WallTime::from_micros(1_800_000_000_000_000);

    fn call(token: TokenId, tool: &'static str, digest: u8) -> AskedCall {
        AskedCall {
            token,
            name: "desk".to_owned(),
            owner: UserId::new(),
            tool,
            title: "Set a control",
            arguments: serde_json::Map::new(),
            digest: [digest; 32],
        }
    }

    fn seconds(count: i64) -> WallTime {
        START.plus_micros(count * 1_000_000)
    }

    /// promise: T-13. A yes is for this call, once; the same with other arguments asks again.
    #[test]
    fn a_yes_is_for_one_call() {
        let (mut all, desk) = (Approvals::default(), TokenId::new());
        let (wanted, other) = (call(desk, "device_set", 1), call(desk, "device_set", 2));
        assert_eq!(all.look(START, &wanted, true), Verdict::Wait);
        let id = all.waiting(START).next().expect("waits").id;
        assert!(all.answer(START, id, Answer::Once, |_| false).is_none(), "somebody else's");
        assert!(all.answer(START, id, Answer::Once, |_| true).is_some());
        assert!(all.answer(START, id, Answer::Deny, |_| true).is_none(), "answered already");
        assert_eq!(all.look(START, &other, true), Verdict::Wait);
        assert_eq!(all.look(START, &call(TokenId::new(), "device_set", 1), true), Verdict::Wait);
        assert_eq!(all.look(START, &wanted, true), Verdict::Go);
        assert_eq!(all.look(START, &wanted, true), Verdict::Wait, "it is used up");
    }

    #[test]
    fn nobody_answers_means_no() {
        let (mut all, wanted) = (Approvals::default(), call(TokenId::new(), "device_set", 1));
        assert_eq!(all.look(START, &wanted, true), Verdict::Wait);
        let id = all.waiting(START).next().expect("waits").id;
        assert_eq!(all.look(seconds(60), &wanted, false), Verdict::Expired);
        assert!(all.answer(seconds(60), id, Answer::Once, |_| true).is_none());
    }

    #[test]
    fn a_no_is_not_asked_again_at_once() {
        let (mut all, wanted) = (Approvals::default(), call(TokenId::new(), "device_set", 1));
        assert_eq!(all.look(START, &wanted, true), Verdict::Wait);
        let id = all.waiting(START).next().expect("waits").id;
        assert!(all.answer(seconds(5), id, Answer::Deny, |_| true).is_some());
        assert_eq!(all.look(seconds(6), &wanted, true), Verdict::Denied);
        assert_eq!(all.waiting(seconds(6)).count(), 0);
        assert_eq!(all.look(seconds(65), &wanted, true), Verdict::Wait);
    }

    #[test]
    fn an_hour_is_for_one_tool_of_one_token() {
        let (mut all, desk) = (Approvals::default(), TokenId::new());
        assert_eq!(all.look(START, &call(desk, "device_set", 1), true), Verdict::Wait);
        let id = all.waiting(START).next().expect("waits").id;
        assert!(all.answer(START, id, Answer::Hour, |_| true).is_some());
        assert_eq!(all.look(seconds(9), &call(desk, "device_set", 7), true), Verdict::Go);
        assert_eq!(all.look(seconds(9), &call(desk, "camera_remove", 7), true), Verdict::Wait);
        let other = call(TokenId::new(), "device_set", 7);
        assert_eq!(all.look(seconds(9), &other, true), Verdict::Wait);
        assert_eq!(all.look(seconds(3_600), &call(desk, "device_set", 8), true), Verdict::Wait);
        all.clear();
        assert!(all.allowed().is_empty());
    }

    #[test]
    fn few_wait_at_once() {
        let (mut all, desk) = (Approvals::default(), TokenId::new());
        for digest in 0..4 {
            assert_eq!(all.look(START, &call(desk, "device_set", digest), true), Verdict::Wait);
        }
        assert_eq!(all.look(START, &call(desk, "device_set", 9), true), Verdict::Full);
    }
}
