//! The audit log as a keyed chain, the security log, and what is noticed in both.
//!
//! [`AuditLog`] records who did what, with what, when, from where, and how it ended: sealed,
//! append-only, each record tied to the one before by a key of the vault, so that whoever has the
//! disk but not the key can neither read nor rewrite it (promises T-13, V-17, D-25). It never makes
//! anybody wait, and a flood becomes a count. What it writes is copied to a security log for
//! collectors (V-14, D-26, D-27).
//!
//! What is noticed in all this is pure: [`Finding`]s of the detectors (D-28), [`Incidents`] with their
//! escalation (D-29, D-30), and the [`DaySummary`].
//!
//! Not here: who may read it (`hearth-auth`), what is recorded when (`hearth-hub`, `hearth-api`).
//!
//! Limits: somebody who has the vault's key can write another history; and if the whole data
//! directory is put back to an earlier state, the log ends there without a hole. Against the latter
//! a person can write down the number and mark that a check prints.

#![forbid(unsafe_code)]

mod anchor;
mod anomaly;
mod chain;
mod entry;
mod error;
mod escalation;
mod files;
mod flood;
mod incident;
mod keys;
mod log;
mod pseudonym;
mod query;
mod record;
mod security_log;
mod summary;
mod verify;

pub use anchor::Anchor;
pub use anomaly::{
    ChangedFiles, FailedSignIns, FileStamp, Finding, IncidentKind, ResourceUse, ResourceWatch,
    UnexpectedConnections, UnusualPlaces, UnusualTimes,
};
pub use chain::{Keep, Opening};
pub use entry::{
    Actor, ActorKind, Category, Class, DETAIL_CHARS_MAX, Entry, Origin, OriginError, Outcome,
    Recorded, THINGS_MAX, WORD_CHARS_MAX,
};
pub use error::AuditError;
pub use incident::{
    EVIDENCE_MAX, Evidence, INCIDENTS_MAX, Incident, IncidentError, IncidentState, Incidents,
    NOTE_CHARS_MAX, Noticed, Step, TIMELINE_MAX, TOGETHER_MICROS, TimelineLine,
};
pub use log::{AuditConfig, AuditCounters, AuditLog, Clock};
pub use pseudonym::Pseudonyms;
pub use query::{AuditPage, PAGE_MAX, Query};
pub use security_log::{SECURITY_LOG_BYTES_MAX, SECURITY_LOG_FILE, SECURITY_LOG_FILES_MAX};
pub use summary::{DayCount, DaySummary, PartyCount, SUMMARIES_MAX};
pub use verify::{ChainReport, Problem, ProblemKind};
