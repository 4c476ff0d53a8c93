//! The one place where a use of the hub becomes a line of the audit log, and where the log is read.
//!
//! Requests come in through the API's gate, on the network and on the control socket alike; it
//! calls [`Hub::note_access`] for each that its route table says is worth a line. What has no
//! route (signing in, starting, noticing something) is recorded where it happens.
//! promise: T-13, V-17, D-25.

use hearth_audit::{
    Actor, ActorKind, AuditError, AuditPage, ChainReport, Class, Entry, Origin, Outcome, Query,
    Recorded,
};
use hearth_auth::{HouseGrant, Principal, ask};
use hearth_model::{FaultKind, Severity, WallTime};
use tokio::sync::mpsc;

use crate::{
    Hub,
    error::{Result, UseCaseError},
    house::House,
};

/// Name under which the store keeps how far the log goes, outside the log's own folder.
pub(crate) const ANCHOR_SETTING: &str = "audit_anchor";

/// Lines on their way to whoever exports; reading waits beyond that.
const EXPORT_QUEUE: usize = 256;

/// A request that reached a route, or was refused there.
#[derive(Clone, Debug)]
pub struct AccessNote {
    /// What kind of thing.
    pub class: Class,
    /// Name of the route.
    pub action: String,
    /// Who asked; `None` for nobody who is signed in.
    pub principal: Option<Principal>,
    /// From where.
    pub from: Origin,
    /// Ids that the route names, by what they name.
    pub what: Vec<(String, String)>,
    /// How it ended.
    pub result: Outcome,
    /// More about it.
    pub detail: Option<String>,
    /// How long it took.
    pub duration_ms: Option<u64>,
    /// Whether it goes on: one note says that it begins, another that it is over.
    pub lasting: Option<Lasting>,
}

/// Which end of something that goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasting {
    /// It begins.
    Begins,
    /// It is over.
    Ends,
}

/// Who a principal is, for the log.
pub(crate) fn actor(principal: &Principal) -> Actor {
    match principal {
        Principal::User { user, name, .. } => {
            Actor::named(ActorKind::User, user.to_string(), name.as_str())
        }
        Principal::Machine { token, name, .. } => {
            Actor::named(ActorKind::Machine, token.to_string(), name.as_str())
        }
        Principal::Owner => Actor::of(ActorKind::Owner),
    }
}

impl House {
    /// Records a line, and lets the watchtower see it. Waits for nothing.
    pub(crate) fn record(&self, entry: Entry) {
        self.watchtower.see(&entry, &self.zone);
        self.audit.record(entry);
    }

    /// Records something that the hub itself did or noticed.
    pub(crate) fn record_own(
        &self,
        class: Class,
        action: &str,
        severity: Severity,
        detail: impl Into<String>,
    ) {
        let entry = Entry::by_hub(self.clock.wall_now(), class, action).detail(detail);
        self.record(entry.weighs(severity));
    }

    /// Keeps a copy of how far the log goes, so that a log that is put back to an earlier state, or
    /// removed, is told by it.
    pub(crate) async fn keep_anchor(&self) {
        let anchor = self.audit.anchor_text();
        if let Err(error) = self.store.put_setting(ANCHOR_SETTING, &anchor).await {
            tracing::warn!(%error, "how far the audit log goes was not noted");
        }
    }

    /// Runs something that reads the log off the event loop.
    pub(crate) async fn reading<T: Send + 'static>(
        &self,
        read: impl FnOnce(&hearth_audit::AuditLog) -> std::result::Result<T, AuditError>
        + Send
        + 'static,
    ) -> Result<T> {
        let log = self.audit.clone();
        let read = tokio::task::spawn_blocking(move || read(&log)).await;
        let read = read.map_err(|error| UseCaseError::internal(&error))?;
        read.map_err(|error| UseCaseError::internal(&error))
    }
}

/// Lines that were just recorded are shown too, unless the disk hangs.
pub(crate) fn flush(log: &hearth_audit::AuditLog) {
    if let Err(error) = log.flush() {
        tracing::warn!(%error, "the newest audit entries are not shown yet");
    }
}

impl Hub {
    /// Records a request.
    pub fn note_access(&self, note: AccessNote) {
        let house = self.house();
        let nobody = || Actor::of(ActorKind::Nobody);
        let who = note.principal.as_ref().map_or_else(nobody, actor);
        let now = house.clock.wall_now();
        let mut entry = Entry::new(now, note.class, note.action, who, note.from, note.result);
        for (kind, id) in note.what {
            entry = entry.about(&kind, id);
        }
        entry.detail = note.detail;
        entry.duration_ms = note.duration_ms;
        match note.lasting {
            Some(Lasting::Begins) => entry = entry.began(),
            Some(Lasting::Ends) => entry = entry.ended(note.duration_ms.unwrap_or(0)),
            None => {}
        }
        house.record(entry);
    }

    /// A page of the audit log, newest first.
    ///
    /// # Errors
    /// If the disk does not answer.
    pub async fn audit_page(
        &self,
        _grant: HouseGrant<ask::ReadAudit>,
        query: Query,
        limit: usize,
    ) -> Result<AuditPage> {
        let read = move |log: &hearth_audit::AuditLog| {
            flush(log);
            log.page(&query, limit)
        };
        self.house().reading(read).await
    }

    /// Every line that is asked for, oldest first. Reading stops when the receiver is dropped.
    pub fn audit_export(
        &self,
        _grant: HouseGrant<ask::ReadAudit>,
        query: Query,
    ) -> mpsc::Receiver<Recorded> {
        let (lines, receiver) = mpsc::channel(EXPORT_QUEUE);
        let log = self.house().audit.clone();
        tokio::task::spawn_blocking(move || {
            flush(&log);
            if let Err(error) = log.all(&query, |line| lines.blocking_send(line).is_ok()) {
                tracing::error!(%error, "the audit log was not exported to its end");
            }
        });
        receiver
    }
}

/// Checks the whole chain and remembers what was found, for `doctor`.
pub(crate) async fn check_chain(house: &House) -> Result<ChainReport> {
    let report = house.reading(hearth_audit::AuditLog::verify).await?;
    house.watchtower.chain_checked(house.clock.wall_now(), report.clone());
    Ok(report)
}

/// The password was right, and a code is asked for.
const SECOND_FACTOR_NEEDED: &str = "second_factor_needed";

/// A sign-in, or another step by which somebody becomes known.
pub(crate) struct SignInNote<'a> {
    pub(crate) action: &'static str,
    pub(crate) at: WallTime,
    pub(crate) from: std::net::IpAddr,
    /// Who it is, if it worked.
    pub(crate) who: Option<Actor>,
    /// The existing account that was named, if it did not. A name that is no account is never
    /// recorded: people type passwords there.
    pub(crate) account: Option<&'a str>,
    pub(crate) failure: Option<&'static str>,
}

impl SignInNote<'_> {
    pub(crate) fn entry(self) -> Entry {
        let result = match self.failure {
            None => Outcome::Ok,
            // Half-way, not refused.
            Some(SECOND_FACTOR_NEEDED) => Outcome::Failed,
            Some(_) => Outcome::Denied,
        };
        let who = self.who.unwrap_or(Actor::of(ActorKind::Nobody));
        let from = Origin::Address(self.from);
        let mut entry = Entry::new(self.at, Class::SignIn, self.action, who, from, result);
        if let Some(account) = self.account {
            entry = entry.about("account", account);
        }
        entry.detail = self.failure.map(str::to_owned);
        if result == Outcome::Failed { entry.weighs(Severity::Info) } else { entry }
    }
}

/// What to answer when a use case of the log is refused.
pub(crate) fn incident_error(error: hearth_audit::IncidentError) -> UseCaseError {
    use hearth_audit::IncidentError;
    match error {
        IncidentError::NotFound => UseCaseError::not_found("incident"),
        IncidentError::Resolved => {
            UseCaseError::new(FaultKind::Conflict, "resolved", "This incident is resolved already.")
        }
        IncidentError::BadNote => UseCaseError::bad_input("bad_note", format!("{error}.")),
        IncidentError::TooMany => {
            UseCaseError::new(FaultKind::Limited, "too_many", "This incident has too many notes.")
        }
    }
}
