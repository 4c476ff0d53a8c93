//! The event service: pull points with a mailbox each.

use std::{collections::VecDeque, time::Duration};

use hearth_model::WallTime;
use tokio::time::{Instant, timeout_at};

use super::{
    answer::Answer,
    ptz::seconds,
    scan::{self, escape},
    state::State,
};

/// Messages that nobody fetched; the oldest go.
const MESSAGES_MAX: usize = 256;
/// Lives so long unless something else is asked for.
const LIFETIME: Duration = Duration::from_secs(60);
/// A longer pull is cut short.
const PULL_MAX: Duration = Duration::from_secs(60);

/// Something that a device notices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OnvifEvent {
    /// Something moves, or stops moving.
    Motion(bool),
    /// A person comes, or goes.
    Person(bool),
    /// Somebody presses the doorbell, or lets it go.
    Doorbell(bool),
    /// A contact closes, or opens.
    DigitalInput(bool),
    /// The device is covered, or free again.
    Tamper(bool),
    /// Anything else.
    Other {
        /// The topic.
        topic: String,
        /// The name of its only data item.
        name: String,
        /// The value of its only data item.
        value: String,
    },
}

impl OnvifEvent {
    pub(super) fn message(&self, at: WallTime, operation: &str) -> String {
        let known = |topic: &str, name: &str, active: &bool| {
            (topic.to_owned(), name.to_owned(), active.to_string())
        };
        let (topic, name, value) = match self {
            Self::Motion(active) => {
                known("tns1:RuleEngine/CellMotionDetector/Motion", "IsMotion", active)
            }
            Self::Person(active) => {
                known("tns1:RuleEngine/MyRuleDetector/PeopleDetect", "State", active)
            }
            Self::Doorbell(active) => {
                known("tns1:RuleEngine/MyRuleDetector/Visitor", "State", active)
            }
            Self::DigitalInput(active) => {
                known("tns1:Device/Trigger/DigitalInput", "LogicalState", active)
            }
            Self::Tamper(active) => {
                known("tns1:RuleEngine/TamperDetector/Tamper", "IsTamper", active)
            }
            Self::Other { topic, name, value } => (topic.clone(), name.clone(), value.clone()),
        };
        format!(
            "<wsnt:NotificationMessage><wsnt:Topic Dialect=\"http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet\">{}</wsnt:Topic>\
             <wsnt:Message><tt:Message UtcTime=\"{at}\" PropertyOperation=\"{operation}\"><tt:Source>\
             <tt:SimpleItem Name=\"Source\" Value=\"source\"/></tt:Source><tt:Data>\
             <tt:SimpleItem Name=\"{}\" Value=\"{}\"/></tt:Data></tt:Message></wsnt:Message></wsnt:NotificationMessage>",
            escape(&topic),
            escape(&name),
            escape(&value)
        )
    }
}

/// One subscription.
#[derive(Debug)]
pub(super) struct Mailbox {
    id: u64,
    pub(super) expires_at: Instant,
    messages: VecDeque<String>,
}

impl Mailbox {
    pub(super) fn new(id: u64, expires_at: Instant) -> Self {
        Self { id, expires_at, messages: VecDeque::new() }
    }

    pub(super) fn put(&mut self, message: String) {
        self.messages.push_back(message);
        if self.messages.len() > MESSAGES_MAX {
            self.messages.pop_front();
        }
    }
}

fn times(state: &State, lifetime: Duration, prefix: &str) -> String {
    let now = state.now();
    let micros = i64::try_from(lifetime.as_micros()).unwrap_or(i64::MAX);
    format!(
        "<{prefix}:CurrentTime>{now}</{prefix}:CurrentTime><{prefix}:TerminationTime>{}</{prefix}:TerminationTime>",
        now.plus_micros(micros)
    )
}

/// Creates a pull point; its first message says that nothing moves.
pub(super) fn create(body: &str, state: &State) -> Answer {
    let lifetime = scan::text(body, "InitialTerminationTime");
    let lifetime = lifetime.and_then(|text| seconds(&text)).unwrap_or(LIFETIME);
    let Some(id) = state.inner().subscribe(lifetime) else {
        return Answer::Fault { code: "SubscribeCreationFailed", reason: "Too many subscriptions" };
    };
    let first = OnvifEvent::Motion(false).message(state.now(), "Initialized");
    if let Some(mailbox) = state.inner().mailboxes.iter_mut().find(|one| one.id == id) {
        mailbox.put(first);
    }
    let by_header = state.spec.subscribes_by_header;
    let path = if by_header { "subscription".to_owned() } else { format!("subscription/{id}") };
    let parameters = if by_header {
        format!(
            "<wsa5:ReferenceParameters><sim:Mailbox>{id}</sim:Mailbox></wsa5:ReferenceParameters>"
        )
    } else {
        String::new()
    };
    // The times are of WS-BaseNotification, although the element around them is not.
    Answer::Done(format!(
        "<tev:CreatePullPointSubscriptionResponse><tev:SubscriptionReference><wsa5:Address>{}</wsa5:Address>\
         {parameters}</tev:SubscriptionReference>{}</tev:CreatePullPointSubscriptionResponse>",
        escape(&state.url(&path)),
        times(state, lifetime, "wsnt")
    ))
}

/// Which subscription a request is about: by its path, or by the header.
fn mailbox_id(body: &str, path: &str) -> Option<u64> {
    let by_path = path.rsplit('/').next().and_then(|part| part.parse().ok());
    by_path.or_else(|| scan::text(body, "Mailbox").and_then(|text| text.parse().ok()))
}

/// Answers what there is, or waits for it.
pub(super) async fn pull(body: &str, path: &str, state: &State) -> Answer {
    let Some(id) = mailbox_id(body, path) else { return Answer::GONE };
    let wait = scan::text(body, "Timeout").and_then(|text| seconds(&text)).unwrap_or_default();
    let limit =
        scan::text(body, "MessageLimit").and_then(|text| text.parse().ok()).unwrap_or(1_usize);
    let until = Instant::now() + wait.min(PULL_MAX);
    let messages = loop {
        let news = state.news.notified();
        tokio::pin!(news);
        // Registered before the mailbox is looked at, so nothing falls in between.
        news.as_mut().enable();
        let Some(messages) = take(state, id, limit) else { return Answer::GONE };
        if !messages.is_empty() || timeout_at(until, news).await.is_err() {
            break messages;
        }
    };
    Answer::Done(format!(
        "<tev:PullMessagesResponse>{}{messages}</tev:PullMessagesResponse>",
        times(state, LIFETIME, "tev")
    ))
}

/// Takes messages out of a mailbox; `None` if there is no such mailbox.
fn take(state: &State, id: u64, limit: usize) -> Option<String> {
    let mut inner = state.inner();
    inner.forget_expired();
    let mailbox = inner.mailboxes.iter_mut().find(|one| one.id == id)?;
    let count = mailbox.messages.len().min(limit);
    Some(mailbox.messages.drain(..count).collect())
}

/// Prolongs a subscription.
pub(super) fn renew(body: &str, path: &str, state: &State) -> Answer {
    let lifetime = scan::text(body, "TerminationTime").and_then(|text| seconds(&text));
    let lifetime = lifetime.unwrap_or(LIFETIME);
    let id = mailbox_id(body, path);
    {
        let mut inner = state.inner();
        inner.forget_expired();
        let mailbox = inner.mailboxes.iter_mut().find(|one| Some(one.id) == id);
        let Some(mailbox) = mailbox else { return Answer::GONE };
        mailbox.expires_at = Instant::now() + lifetime;
    }
    let now = state.now();
    let micros = i64::try_from(lifetime.as_micros()).unwrap_or(i64::MAX);
    Answer::Done(format!(
        "<wsnt:RenewResponse><wsnt:TerminationTime>{}</wsnt:TerminationTime>\
         <wsnt:CurrentTime>{now}</wsnt:CurrentTime></wsnt:RenewResponse>",
        now.plus_micros(micros)
    ))
}

/// Ends a subscription.
pub(super) fn unsubscribe(body: &str, path: &str, state: &State) -> Answer {
    let id = mailbox_id(body, path);
    let mut inner = state.inner();
    let before = inner.mailboxes.len();
    inner.mailboxes.retain(|one| Some(one.id) != id);
    if inner.mailboxes.len() == before {
        return Answer::GONE;
    }
    Answer::Done("<wsnt:UnsubscribeResponse></wsnt:UnsubscribeResponse>".to_owned())
}
