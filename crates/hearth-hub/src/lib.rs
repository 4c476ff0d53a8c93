//! The application: camera supervisor, event bus and use cases. The only crate that joins the rest.
//!
//! Surfaces (API, command line) hold a [`Hub`] and call use cases on it. A use case takes a grant
//! that only the policy can build, and reads its object from it, so no surface can forget to ask or
//! ask about one camera and show another (promises T-05, V-01).
//!
//! The way of a frame: `camera::session` hands it to the recorder first and offers it to
//! `camera::live`, which serves viewers and the eyes; neither can make it wait. What the eyes report
//! becomes facts in `activity`. `upkeep` looks after clocks, schedules, gaps and retention.

#![forbid(unsafe_code)]

mod activity;
mod alarm;
mod assistants;
mod audit;
mod backup;
mod camera;
mod cameras;
mod climate;
mod clock;
mod config;
mod descriptions;
mod devices;
mod doctor;
mod drift;
mod energy;
mod error;
mod events;
mod exposition;
mod faces;
mod follow;
mod hold;
mod house;
mod identity;
mod incidents;
mod keys;
mod language_model;
mod last_words;
mod loudspeaker;
mod machine;
mod metrics;
mod name;
mod network;
mod notifications;
mod patch;
mod people;
mod pictures;
mod place;
mod playback;
mod privacy;
mod readiness;
mod replies;
mod restore;
mod retention;
mod review;
mod rules;
mod schedule;
mod search;
mod start;
mod system;
mod talk;
mod upkeep;
mod views;
mod visits;
mod watch_list;
mod watchers;
mod watchtower;

use std::sync::Arc;

pub use alarm::{AlarmModeView, AlarmSetup, AlarmView, PinView};
pub use assistants::{
    AllowedTool, Answer, ApprovalView, AskedCall, AssistantAccess, AssistantCall, AssistantsView,
    CallOutcome,
};
pub use audit::{AccessNote, Lasting};
pub use backup::{BackupFailed, BackupMedia, BackupStream, NewBackup};
pub use camera::given::split_source;
pub use camera::live::LiveItem;
pub use cameras::{CameraPatch, LiveFeed, NewCamera, Probed};
pub use climate::{ClimatePoint, ClimateView, RoomClimate};
pub use clock::{HouseClock, WallSource};
pub use config::{
    AuditConfig, CONFIG_FILE, CamerasConfig, ConfigError, EventsConfig, EyesConfig, HouseConfig,
    LogConfig, StorageConfig,
};
pub use descriptions::DescriptionView;
pub use devices::{
    Day, DevicePatch, DeviceRule, DeviceSettings, DeviceView, DiscoveryView, FoundView, History,
    Limit, LimitAction, NewDevice, ProbeView, ReadingsView, RoomResult, Schedule, TimeOfDay,
};
pub use doctor::{Check, DoctorReport, Outcome};
pub use drift::{DriftRow, DriftStanding};
pub use energy::{EnergyBucket, EnergyStep, EnergyView, PlugEnergy, Tariff};
pub use error::{Chain, Result, UseCaseError};
pub use exposition::{Exposition, MetricKind};
pub use faces::{FaceCamera, FaceModelView, FacePatch, FaceSettings, FacesView, Privacy};
pub use follow::{EventFeed, FeedItem};
pub use hearth_rules::{
    Mode, Rule,
    alarm::{PinFor, PresenceSettings, PresenceView, Welcome as PresenceWelcome, WhenEmpty},
};
pub use hold::NewHold;
pub use identity::{
    ADMIN_NAME, AccessTokens, IdentityError, LinkView, MachineView, MadeToken, MadeUser,
    NewAuthenticator, NewProvider, NewToken, NewUser, PASSKEY_TIMEOUT, PasskeyAssertion,
    PasskeyAttestation, PasskeyCreation, PasskeyView, Peer, ProviderQuestion, ProviderView,
    RenewedClaim, SecondFactorView, SessionInfo, SessionView, SignedIn, TokenView, UserPatch,
    UserView,
};
pub use incidents::{
    ACKNOWLEDGED_MAX, AcknowledgedView, IncidentAbout, IncidentExport, IncidentQuery, IncidentView,
    NotAcknowledged, SummaryView,
};
pub use keys::{KeysView, NewKey};
pub use language_model::{DraftingTest, DraftingView, ModelError, NewDrafting};
pub use name::{DeviceName, GroupName, PersonName, ReplyName};
pub use network::{
    AcmeConfig, ClientCertificate, NetworkConfig, Origin, OriginError, ProxyHeaders,
};
pub use notifications::{
    ChannelKind, ChannelSettings, ChannelState, ChannelView, DeliveryPage, DeliveryQuery,
    DeliveryView, Escalation, EscalationStep, Matter, MatterKind, MatterView, MuteView, NewChannel,
    NewRecipient, NewSubscription, QuietHours, RecipientView, Subscribed, SubscriptionView,
    TestView, WebPushView,
};
pub use people::{
    Consent, EnrolmentRefused, ErasedFootage, ErasedPerson, ExportedPicture, FaceChoice, GroupView,
    NewConsent, NewGroup, OfferedFace, PersonDetail, PersonExport, PersonPatch, PersonState,
    PersonView, RejectionView, SampleFrom, SampleSource, SampleView, Tell,
};
pub use playback::{ClipStream, ClipView, SpanView};
pub use privacy::{ClosedBy, PrivacyCamera, PrivacyResult, PrivacyView};
pub use readiness::Readiness;
pub use replies::{ReplyView, SpokenView};
pub use restore::{BackupReport, RestoreConfig, RestoreError, restore_backup, verify_backup};
pub use retention::RetentionRun;
pub use review::{
    DatasetFormat, ReviewArchive, ReviewArchiveFailed, ReviewBox, ReviewChange, ReviewCounts,
    ReviewItem, ReviewPage, ReviewQuery, ReviewSettings, ReviewSettingsView,
};
pub use rules::{
    CheckedRule, DraftView, DraftedBy, NamedThing, RuleRunView, RuleView, VocabularyView,
};
pub use search::{
    AnswerView, ConversationDetail, ConversationView, Direction, Figure, ForecastView, InsightView,
    InsightsView, LookedAt, NewQuestion, NewSavedSearch, SEARCH_PAGE_MAX, SavedSearchView,
    SearchItem, SearchPage, SearchQuery, SimilarItem, TurnView,
};
pub use start::{HubConfig, StartError};
pub use system::VerifyView;
pub use talk::{Talk, TalkState, Talked};
pub use views::{
    ActivityView, CameraView, ClockView, ErasedView, EventPage, EventQuery, EventView, EyesView,
    FootageView, Gap, HoldView, KeyFrameView, ModelView, Span, Still, StorageView, SystemView,
    TimelineView, Welcome,
};
pub use visits::{
    Decision, RejectedFace, StrangerView, VisitCursor, VisitFaceView, VisitFilter, VisitPage,
    VisitPatch, VisitView, WaitingMatch, WatchMarkView, WatchState, Who,
};
pub use watch_list::{
    ImportSettings, LastImport, NewWatched, PublishedClass, PublishedPerson, WatchListSettings,
    WatchListView, WatchedFaceView, WatchedFrom, WatchedSource, WatchedView,
};
pub use watchers::{Viewing, WatcherView};

pub use hearth_audit::{
    AuditPage, Category as AuditCategory, ChainReport, Class as AuditClass, IncidentKind,
    IncidentState, Origin as AuditOrigin, Outcome as AuditOutcome, PAGE_MAX as AUDIT_PAGE_MAX,
    Pseudonyms, Query as AuditQuery, Recorded,
};
pub use hearth_device::{Board, Control, ControlValue, DeviceAddress, Family, Fingerprint};
pub use hearth_media::speech::TalkEnd;
pub use hearth_notify::Content as NotificationContent;
pub use hearth_recorder::{VerifyProgress, VerifyReport};
pub use hearth_store::{ReviewCursor, ReviewFilter};

/// The running hub; cheap to clone.
#[derive(Clone)]
pub struct Hub(Arc<house::House>);

impl Hub {
    pub(crate) fn house(&self) -> &Arc<house::House> {
        &self.0
    }

    /// The gate: asks it for grants.
    pub fn policy(&self) -> &hearth_auth::Policy {
        &self.0.policy
    }

    /// What anybody may know.
    pub fn welcome(&self) -> Welcome {
        Welcome {
            claim_needed: self.claim_needed(),
            version: env!("CARGO_PKG_VERSION"),
            house_name: self.0.config.house_name.clone(),
            simulated: self.0.simulated,
            time: self.0.clock.wall_now(),
            time_zone: self.0.zone.iana_name().map(str::to_owned),
        }
    }
}
