//! The database: schema, migrations and queries by noun.
//!
//! One code path through `sqlx`'s `Any` driver: SQLite in one file today; the SQL keeps to what
//! PostgreSQL takes as well (`$n` placeholders, flags as integers, one folder of migrations for each
//! engine). Each noun has one file with its row and its queries, as methods of [`Store`].
//!
//! Invariants: one connection writes, in transactions that are either committed or closed with
//! their connection; readers cannot write; nothing here scans a table that grows with footage.
//! The index is a copy of what the files say: it can be lost and rebuilt, so it is synced less
//! often than they are (see `engine.rs`). Its files lie sealed on the disk (see `sealing.rs`).
//! Not here: footage and its keys (`hearth-recorder`, `hearth-vault`); credentials and pictures
//! arrive sealed and are opaque.

#![forbid(unsafe_code)]

mod backup;
mod camera;
mod conversation;
mod device;
mod device_rule;
mod engine;
mod error;
mod event;
mod event_filter;
mod event_query;
mod event_search;
mod event_words;
mod gap;
mod group;
mod hold;
mod migration;
mod notification;
mod passkey;
mod person;
mod provider_link;
mod reply;
mod retention;
mod review;
mod row;
mod rule;
mod saved_search;
mod sealing;
mod second_factor;
mod segment;
mod session;
mod setting;
mod snapshot;
mod store;
mod token;
mod usage;
mod user;
mod visit;
mod watched;

pub use camera::{CAMERAS_MAX, Camera};
pub use conversation::{CONVERSATIONS_PER_OWNER_MAX, StoredConversation};
pub use device::{DEVICES_MAX, READINGS_MAX, StoredDevice, StoredReading};
pub use device_rule::{DEVICE_RULES_MAX, StoredDeviceRule};
pub use error::{Cause, StoreError};
pub use event::{
    ACTIVITIES_MAX, ACTIVITY_MICROS_MAX, Activity, EventRow, OldPicture, PicturePlace,
};
pub use event_filter::{EVENTS_PER_PAGE_MAX, EventCursor, EventCursorError, EventFilter};
pub use event_search::{
    ALTERNATIVES_MAX, ActivityCount, EventSearch, QUARTER_MICROS, WORD_GROUPS_MAX,
};
pub use gap::{Gap, GapId};
pub use group::{GROUPS_MAX, StoredGroup};
pub use hold::{HOLDS_MAX, Hold};
pub use notification::{
    MATTERS_MAX, NOTIFICATIONS_PER_PAGE_MAX, NewNotification, NotificationFilter,
    NotificationState, OUTBOX_BYTES_MAX, Queued, RecentMatter, StoredMatter, StoredNotification,
    WAITING_PER_RECIPIENT_MAX, WaitingWords,
};
pub use passkey::{PASSKEYS_PER_USER_MAX, Passkey};
pub use person::{PEOPLE_MAX, SAMPLES_PER_PERSON_MAX, StoredPerson, StoredSample};
pub use provider_link::ProviderLink;
pub use reply::{REPLIES_MAX, StoredReply, StoredReplyName};
pub use retention::Erasable;
pub use review::{
    REVIEWS_MAX, REVIEWS_PER_PAGE_MAX, ReviewCursor, ReviewCursorError, ReviewFilter, StoredReview,
};
pub use rule::{RULE_RUNS_MAX, RULE_RUNS_PER_PAGE_MAX, RULES_MAX, StoredRule, StoredRun};
pub use saved_search::{SAVED_SEARCHES_PER_OWNER_MAX, StoredSearch};
pub use second_factor::SecondFactor;
pub use segment::{SEGMENT_MICROS_MAX, Segment, SegmentChange, SegmentKind, SegmentState};
pub use session::{SESSIONS_PER_USER_MAX, SignedIn};
pub use setting::SETTING_BYTES_MAX;
pub use snapshot::HouseSnapshot;
pub use store::Store;
pub use token::{FAMILIES_PER_TOKEN_MAX, Refreshed, StoredToken, TOKENS_PER_USER_MAX, TokenOf};
pub use usage::CameraUsage;
pub use user::{USERS_MAX, UserChange};
pub use visit::{StoredVisit, VISITS_PER_PAGE_MAX, VisitCursor, VisitCursorError, VisitFilter};
pub use watched::{StoredWatched, WATCHED_MAX, WATCHED_PICTURES_MAX};

#[cfg(test)]
mod tests;
