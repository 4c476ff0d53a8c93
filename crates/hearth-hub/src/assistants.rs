//! What people decide about assistants: what one that wants to change something may do, how often it
//! may call, and whether any may at all; and what they did lately.
//!
//! A token says whether its program asks a person first ([`Asks`]). Who answers is whoever the token
//! belongs to, or who manages accounts; a program never does. What was called is also in the audit
//! log; here are the arguments, without what is secret, in memory only.

mod approvals;

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use hearth_audit::Class;
use hearth_auth::{Action, Asks, HouseGrant, Principal, ask};
use hearth_model::{ApprovalId, CameraId, FaultKind, Severity, TokenId, UserId, WallTime};
use hearth_store::Store;
use jiff::civil::Date;
use serde_json::{Map, Value};
use tokio::{sync::watch, time::timeout};

use self::approvals::{Approvals, Verdict};
use crate::{
    Hub,
    devices::name_of,
    error::{Result, UseCaseError},
    house::House,
    identity::store_error,
    watchtower::local,
};

/// A call is held this long for a person's answer. Then it is told to call again: the yes, once
/// given, waits for it.
const PATIENCE: Duration = Duration::from_secs(12);

/// Calls that are remembered.
const CALLS_MAX: usize = 200;

/// Whether assistants are paused, as it is kept.
const PAUSED: &str = "assistants_paused";

/// A call that a person has to agree to.
#[derive(Clone, Debug)]
pub struct AskedCall {
    /// By which token.
    pub token: TokenId,
    /// What that is called.
    pub name: String,
    /// Whose it is.
    pub owner: UserId,
    /// Which tool.
    pub tool: &'static str,
    /// What that does, in a few words.
    pub title: &'static str,
    /// With what, without what is secret.
    pub arguments: Map<String, Value>,
    /// Of all arguments: a yes is for exactly these.
    pub digest: [u8; 32],
}

impl AskedCall {
    fn is_same(&self, other: &Self) -> bool {
        (self.token, self.tool, self.digest) == (other.token, other.tool, other.digest)
    }
}

/// What a person says to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Yes, this once.
    Once,
    /// Yes, and to all calls of this tool by this token for an hour.
    Hour,
    /// No.
    Deny,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallOutcome {
    /// It was done.
    Done,
    /// The caller may not.
    Refused,
    /// It did not work.
    Failed,
    /// It waits for a person.
    Waits,
    /// A person said no.
    Denied,
    /// Nobody answered.
    Expired,
}

/// A call of an assistant.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct AssistantCall {
    /// When.
    pub at: WallTime,
    /// What the token is called, or whose account it was.
    pub name: String,
    /// Which tool.
    pub tool: &'static str,
    /// With what, without what is secret.
    #[schema(value_type = Object)]
    pub arguments: Map<String, Value>,
    /// How it ended.
    pub outcome: CallOutcome,
    /// Why, as a code, if it was not done.
    pub detail: Option<&'static str>,
    /// Whose it was; nobody's on the control socket.
    #[serde(skip)]
    pub owner: Option<UserId>,
}

/// A call that waits for an answer.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct ApprovalView {
    /// Its id.
    pub id: ApprovalId,
    /// By which token.
    pub token: TokenId,
    /// What that is called.
    pub name: String,
    /// Which tool.
    pub tool: &'static str,
    /// What that does.
    pub text: &'static str,
    /// With what, without what is secret.
    #[schema(value_type = Object)]
    pub arguments: Map<String, Value>,
    /// When it was asked for.
    pub asked_at: WallTime,
    /// When it is too late.
    pub expires_at: WallTime,
}

/// A tool that a token may use without asking, for a while.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct AllowedTool {
    /// Which.
    pub tool: &'static str,
    /// Until when.
    pub until: WallTime,
}

/// A token, as far as it is an assistant's.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct AssistantAccess {
    /// Which.
    pub token: TokenId,
    /// What it is called.
    pub name: String,
    /// Whose it is.
    pub owner: Option<String>,
    /// With which cameras; absent means those of its account.
    pub cameras: Option<Vec<CameraId>>,
    /// What it may do.
    pub actions: Vec<Action>,
    /// Whether a person is asked.
    pub asks: Asks,
    /// How often it may call in a day.
    pub calls_per_day: Option<u32>,
    /// How often it called today, since the hub started.
    pub calls_today: u32,
    /// When it called last, since the hub started.
    pub last_call_at: Option<WallTime>,
    /// When it ends.
    pub expires_at: WallTime,
    /// What it need not ask for.
    pub allowed_until: Vec<AllowedTool>,
}

/// Assistants, as a person sees them.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct AssistantsView {
    /// Whether all calls are refused.
    pub is_paused: bool,
    /// Who has access: one's own tokens, all for whoever manages accounts.
    pub access: Vec<AssistantAccess>,
    /// What waits for an answer, oldest first.
    pub approvals: Vec<ApprovalView>,
    /// What was called, newest first.
    pub calls: Vec<AssistantCall>,
}

/// Calls of one token in a day.
#[derive(Clone, Copy)]
struct DayCount {
    day: Date,
    calls: u32,
    last_at: WallTime,
}

#[derive(Default)]
struct Inner {
    is_paused: bool,
    approvals: Approvals,
    calls: VecDeque<AssistantCall>,
    counts: HashMap<TokenId, DayCount>,
}

/// All of it, while the hub runs.
pub(crate) struct Assistants {
    inner: Mutex<Inner>,
    /// Grows whenever somebody answers, so that calls look again.
    answered: watch::Sender<u64>,
}

impl Assistants {
    pub(crate) async fn open(store: &Store) -> std::result::Result<Self, hearth_store::StoreError> {
        let is_paused = store.setting(PAUSED).await?.unwrap_or(false);
        let inner = Mutex::new(Inner { is_paused, ..Inner::default() });
        Ok(Self { inner, answered: watch::Sender::new(0) })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Whoever panicked left plain data.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look_again(&self) {
        self.answered.send_modify(|version| *version = version.wrapping_add(1));
    }
}

impl Hub {
    /// Counts what an assistant asks for, a tool or a resource, unless nothing may be.
    ///
    /// # Errors
    /// `assistants_paused`; `calls_used_up` for a token that made its calls of the day.
    pub fn begin_assistant_call(&self, principal: &Principal) -> Result<()> {
        let house = self.house();
        let mut inner = house.assistants.lock();
        if inner.is_paused {
            let text = "A person has paused all assistants.";
            return Err(UseCaseError::new(FaultKind::Conflict, "assistants_paused", text));
        }
        let Principal::Machine { token, scope, .. } = principal else { return Ok(()) };
        let now = house.clock.wall_now();
        let day = local(now, &house.zone).date();
        // Tokens that are gone are forgotten with the day.
        inner.counts.retain(|_, count| count.day == day);
        let count = inner.counts.entry(*token).or_insert(DayCount { day, calls: 0, last_at: now });
        if scope.calls_per_day.is_some_and(|most| count.calls >= most) {
            let text = "This token has made all its calls of today.";
            return Err(UseCaseError::new(FaultKind::Limited, "calls_used_up", text));
        }
        count.calls = count.calls.saturating_add(1);
        count.last_at = now;
        Ok(())
    }

    /// Waits for a person's yes to a call. A yes is used up by it.
    ///
    /// # Errors
    /// `approval_waits` if nobody has answered yet: the same call may be made again within the
    /// minute. `approval_denied`, `approval_expired`, `too_many_wait`.
    pub async fn agreed_by_a_person(&self, call: &AskedCall) -> Result<()> {
        let house = self.house();
        let mut answered = house.assistants.answered.subscribe();
        let first = house.look_at_call(call, true);
        if first != Verdict::Wait {
            return verdict(first);
        }
        // Pages look whether somebody is asked something.
        house.status_changed();
        let heard = timeout(PATIENCE, async {
            loop {
                // The sender lives in the house.
                answered.changed().await.ok();
                let now = house.look_at_call(call, false);
                if now != Verdict::Wait {
                    return now;
                }
            }
        });
        verdict(heard.await.unwrap_or(Verdict::Wait))
    }

    /// Remembers a call that has ended.
    pub fn note_assistant_call(&self, call: AssistantCall) {
        let mut inner = self.house().assistants.lock();
        if inner.calls.len() >= CALLS_MAX {
            inner.calls.pop_back();
        }
        inner.calls.push_front(call);
    }

    /// Who has access, what waits and what was called: of one's own tokens, or of all for whoever
    /// manages accounts.
    ///
    /// # Errors
    /// If the store refuses.
    pub async fn assistants(
        &self,
        grant: &HouseGrant<ask::ManageTokens>,
    ) -> Result<AssistantsView> {
        let house = self.house();
        let own = self.sees_assistants_of(grant.principal());
        let is_theirs = |owner: Option<UserId>| own.is_none_or(|own| owner == Some(own));
        let users = house.store.users().await.map_err(store_error)?;
        let tokens = house.store.tokens(own).await.map_err(store_error)?;
        let now = house.clock.wall_now();
        let mut inner = house.assistants.lock();
        let approvals = inner.approvals.waiting(now);
        let approvals = approvals.filter(|one| is_theirs(Some(one.call.owner))).map(|one| {
            let call = one.call.clone();
            ApprovalView {
                id: one.id,
                token: call.token,
                name: call.name,
                tool: call.tool,
                text: call.title,
                arguments: call.arguments,
                asked_at: one.asked_at,
                expires_at: one.expires_at,
            }
        });
        let approvals = approvals.collect();
        let calls = inner.calls.iter().filter(|call| is_theirs(call.owner)).cloned().collect();
        let access = tokens.into_iter().filter(|token| now < token.expires_at).map(|token| {
            let count = inner.counts.get(&token.id);
            let allowed = inner.approvals.allowed().iter();
            let owner = users.iter().find(|user| user.id == token.user);
            AssistantAccess {
                token: token.id,
                name: token.name.as_str().to_owned(),
                owner: owner.map(|user| user.name.to_string()),
                cameras: token.scope.cameras.map(|cameras| cameras.into_iter().collect()),
                actions: token.scope.actions.into_iter().collect(),
                asks: token.scope.asks,
                calls_per_day: token.scope.calls_per_day,
                calls_today: count.map_or(0, |count| count.calls),
                last_call_at: count.map(|count| count.last_at),
                expires_at: token.expires_at,
                allowed_until: allowed
                    .filter(|one| one.token == token.id)
                    .map(|one| AllowedTool { tool: one.tool, until: one.until })
                    .collect(),
            }
        });
        let access = access.collect();
        Ok(AssistantsView { is_paused: inner.is_paused, access, approvals, calls })
    }

    /// Answers a call that waits.
    ///
    /// # Errors
    /// `not_found` if it does not wait (any more), or is not theirs to answer.
    pub fn answer_assistant(
        &self,
        grant: &HouseGrant<ask::ManageTokens>,
        id: ApprovalId,
        answer: Answer,
    ) -> Result<()> {
        let house = self.house();
        let own = self.sees_assistants_of(grant.principal());
        let now = house.clock.wall_now();
        let answered = house
            .assistants
            .lock()
            .approvals
            .answer(now, id, answer, |call| own.is_none_or(|own| call.owner == own));
        let call = answered.ok_or_else(|| UseCaseError::not_found("question"))?;
        house.assistants.look_again();
        let (action, how) = match answer {
            Answer::Once => ("assistant_allowed", "once"),
            Answer::Hour => ("assistant_allowed", "for an hour"),
            Answer::Deny => ("assistant_denied", "this time"),
        };
        let by = name_of(grant.principal());
        let detail = format!("{}: {} {how}, by {by}", call.name, call.tool);
        house.record_own(Class::Control, action, Severity::Info, detail);
        Ok(())
    }

    /// Refuses all calls of assistants from now on, or lets them go on. What waits, and what was
    /// allowed for a while, is over.
    ///
    /// # Errors
    /// If the store refuses; then nothing changes.
    pub async fn pause_assistants(
        &self,
        _grant: &HouseGrant<ask::ManageUsers>,
        is_paused: bool,
    ) -> Result<()> {
        let house = self.house();
        house.store.put_setting(PAUSED, &is_paused).await.map_err(store_error)?;
        {
            let mut inner = house.assistants.lock();
            inner.is_paused = is_paused;
            inner.approvals.clear();
        }
        house.assistants.look_again();
        house.keep_snapshot().await;
        house.status_changed();
        Ok(())
    }

    /// Whose assistants somebody sees; `None` means everybody's.
    fn sees_assistants_of(&self, principal: &Principal) -> Option<UserId> {
        let sees_all = self.policy().house::<ask::ManageUsers>(principal).is_ok();
        match principal {
            Principal::User { user, .. } if !sees_all => Some(*user),
            _ => None,
        }
    }
}

impl House {
    fn look_at_call(&self, call: &AskedCall, is_new: bool) -> Verdict {
        self.assistants.lock().approvals.look(self.clock.wall_now(), call, is_new)
    }
}

fn verdict(verdict: Verdict) -> Result<()> {
    let (code, text) = match verdict {
        Verdict::Go => return Ok(()),
        Verdict::Wait => (
            "approval_waits",
            "Nothing was done yet: a person is asked in the dashboard. Make exactly the same call \
             again within a minute; it is done once they said yes.",
        ),
        Verdict::Denied => ("approval_denied", "Nothing was done: a person said no."),
        Verdict::Expired => ("approval_expired", "Nothing was done: nobody answered in time."),
        Verdict::Full => (
            "too_many_wait",
            "Nothing was done: other calls wait for a person already. Wait for their answers.",
        ),
    };
    Err(UseCaseError::unavailable(code, text))
}
