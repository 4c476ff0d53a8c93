//! One line of the audit log: who did what, with what, when, from where, and how it ended.
//!
//! Plain data with bounds. An entry never holds a secret or anything biometric: it names cameras,
//! people and accounts by id, and its free text is cut and cleaned by [`Entry::bounded`], which
//! everything passes on its way into the log.

use std::{collections::BTreeMap, fmt, net::IpAddr, str::FromStr};

use hearth_model::{Severity, WallTime};

/// Characters of a detail: a sentence, not a document.
pub const DETAIL_CHARS_MAX: usize = 300;

/// Characters of a name, an id or an action.
pub const WORD_CHARS_MAX: usize = 96;

/// Things one entry is about.
pub const THINGS_MAX: usize = 4;

/// Details of the two lines about something that goes on.
const BEGAN: &str = "began";
const ENDED: &str = "ended";

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize,
            serde::Deserialize, utoipa::ToSchema,
        )]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its name, as it stands in JSON and in filters.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// The one of that name.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.name() == name)
            }
        }
    };
}

words! {
    /// The five categories of the security log (promise D-25).
    Category {
        /// Signing in and out, and failing to.
        Authentication = "authentication",
        /// Somebody was refused what they asked for.
        Authorization = "authorization",
        /// Somebody looked at, or took out, what the house keeps.
        DataAccess = "data_access",
        /// Something was set up, switched or checked.
        System = "system",
        /// Keys, incidents, and the log itself.
        Security = "security",
    }
}

words! {
    /// What kind of thing was done.
    Class {
        /// Looked at.
        View = "view",
        /// Taken out of the house as a file.
        Export = "export",
        /// A device was moved or switched.
        Control = "control",
        /// A setting was changed.
        Configure = "configure",
        /// Keys, tokens, backups.
        Key = "key",
        /// Something about a person: faces, consent, erasure.
        Person = "person",
        /// Signing in and out.
        SignIn = "sign_in",
        /// The hub itself: start, stop, clean-up.
        System = "system",
        /// Something that a person should look into.
        Security = "security",
    }
}

words! {
    /// How it ended.
    Outcome {
        /// It was done.
        Ok = "ok",
        /// It was refused.
        Denied = "denied",
        /// It was tried and did not work.
        Failed = "failed",
    }
}

words! {
    /// What kind of party did something.
    ActorKind {
        /// An account.
        User = "user",
        /// A program with a token or certificate.
        Machine = "machine",
        /// The operating system's user who runs the hub, on its control socket.
        Owner = "owner",
        /// The hub by itself.
        Hub = "hub",
        /// Nobody who is signed in.
        Nobody = "nobody",
    }
}

impl Class {
    /// Under which category it stands. Whatever is refused is about permission; a sign-in that is
    /// refused is about who somebody is.
    pub const fn category(self, outcome: Outcome) -> Category {
        match (self, outcome) {
            (Self::SignIn, _) => Category::Authentication,
            (_, Outcome::Denied) => Category::Authorization,
            (Self::View | Self::Export | Self::Person, _) => Category::DataAccess,
            (Self::Control | Self::Configure | Self::System, _) => Category::System,
            (Self::Key | Self::Security, _) => Category::Security,
        }
    }
}

/// Who did something.
#[derive(
    Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
pub struct Actor {
    /// What kind of party.
    pub kind: ActorKind,
    /// Id of the account or program.
    pub id: Option<String>,
    /// Its name at that moment.
    pub name: Option<String>,
}

impl Actor {
    /// A party without id and name.
    pub const fn of(kind: ActorKind) -> Self {
        Self { kind, id: None, name: None }
    }

    /// A party with both.
    pub fn named(kind: ActorKind, id: impl Into<String>, name: impl Into<String>) -> Self {
        Self { kind, id: Some(id.into()), name: Some(name.into()) }
    }
}

/// From where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// Over the network.
    Address(IpAddr),
    /// Through the owner's control socket.
    ControlSocket,
    /// From inside the hub.
    Hub,
    /// From more addresses than are told apart.
    Many,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::ControlSocket => f.write_str("control_socket"),
            Self::Hub => f.write_str("hub"),
            Self::Many => f.write_str("many"),
        }
    }
}

/// The text names no origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an address, `control_socket`, `hub` or `many`")]
pub struct OriginError;

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        match text {
            "control_socket" => Ok(Self::ControlSocket),
            "hub" => Ok(Self::Hub),
            "many" => Ok(Self::Many),
            address => address.parse().map(Self::Address).map_err(|_| OriginError),
        }
    }
}

impl serde::Serialize for Origin {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Origin {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl utoipa::PartialSchema for Origin {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{ObjectBuilder, Type};
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("An address, `control_socket`, `hub` or `many`."))
            .into()
    }
}

impl utoipa::ToSchema for Origin {}

/// One line before it has its number.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct Entry {
    /// When.
    pub at: WallTime,
    /// Which of the five.
    pub category: Category,
    /// What kind of thing was done.
    pub class: Class,
    /// What was done, e.g. `get_cameras_camera_live` or `sign_in`.
    pub action: String,
    /// Who.
    pub who: Actor,
    /// From where.
    #[schema(value_type = String)]
    pub from: Origin,
    /// With what: ids by what they name, e.g. `camera`.
    pub what: BTreeMap<String, String>,
    /// How it ended.
    pub result: Outcome,
    /// How much attention it wants.
    pub severity: Severity,
    /// In words, if there is more to say.
    pub detail: Option<String>,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<u64>,
    /// How many more like this it stands for, where many came at once.
    pub more: u64,
}

impl Entry {
    /// A line about something done now.
    pub fn new(
        at: WallTime,
        class: Class,
        action: impl Into<String>,
        who: Actor,
        from: Origin,
        result: Outcome,
    ) -> Self {
        let severity = match (class, result) {
            (_, Outcome::Denied) | (Class::SignIn | Class::Key, Outcome::Failed) => {
                Severity::Warning
            }
            _ => Severity::Info,
        };
        Self {
            at,
            category: class.category(result),
            class,
            action: action.into(),
            who,
            from,
            what: BTreeMap::new(),
            result,
            severity,
            detail: None,
            duration_ms: None,
            more: 0,
        }
    }

    /// A line about something the hub did or noticed by itself.
    pub fn by_hub(at: WallTime, class: Class, action: impl Into<String>) -> Self {
        Self::new(at, class, action, Actor::of(ActorKind::Hub), Origin::Hub, Outcome::Ok)
    }

    /// It is about this.
    pub fn about(mut self, kind: &str, id: impl fmt::Display) -> Self {
        self.what.insert(kind.to_owned(), id.to_string());
        self
    }

    /// There is more to say.
    pub fn detail(mut self, text: impl Into<String>) -> Self {
        self.detail = Some(text.into());
        self
    }

    /// It began and goes on; [`Entry::ended`] will follow.
    pub fn began(self) -> Self {
        self.detail(BEGAN)
    }

    /// What began is over, after so many milliseconds.
    pub fn ended(self, milliseconds: u64) -> Self {
        self.detail(ENDED).lasted(milliseconds)
    }

    /// Whether it is the begin or the end of something that goes on.
    pub(crate) fn is_lasting(&self) -> bool {
        matches!(self.detail.as_deref(), Some(BEGAN | ENDED))
    }

    /// It took so many milliseconds.
    pub fn lasted(mut self, milliseconds: u64) -> Self {
        self.duration_ms = Some(milliseconds);
        self
    }

    /// It wants this much attention.
    pub fn weighs(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// The same with every text within its limit and free of control characters.
    pub fn bounded(mut self) -> Self {
        self.action = clean(&self.action, WORD_CHARS_MAX);
        self.who.id = self.who.id.map(|id| clean(&id, WORD_CHARS_MAX));
        self.who.name = self.who.name.map(|name| clean(&name, WORD_CHARS_MAX));
        self.detail = self.detail.map(|detail| clean(&detail, DETAIL_CHARS_MAX));
        let things = self.what.into_iter().take(THINGS_MAX);
        let clean = |(kind, id): (String, String)| {
            (clean(&kind, WORD_CHARS_MAX), clean(&id, WORD_CHARS_MAX))
        };
        self.what = things.map(clean).collect();
        self
    }
}

fn clean(text: &str, chars_max: usize) -> String {
    text.chars().filter(|c| !c.is_control()).take(chars_max).collect()
}

/// One line with its number.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct Recorded {
    /// Its number: grows by one with each line, is never used twice.
    pub seq: u64,
    /// The line.
    #[serde(flatten)]
    pub entry: Entry,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry() -> Entry {
        let who = Actor::named(ActorKind::User, "usr_1", "anna");
        let from = Origin::Address([192, 0, 2, 7].into());
        Entry::new(WallTime::from_micros(0), Class::View, "look", who, from, Outcome::Ok)
    }

    /// promise: D-25. What is done falls into the five categories, and a refusal is always told as
    /// one.
    #[test]
    fn every_class_has_its_category() {
        assert_eq!(Category::ALL.len(), 5);
        for class in Class::ALL {
            let denied = class.category(Outcome::Denied);
            let by_identity = matches!(class, Class::SignIn);
            let expected =
                if by_identity { Category::Authentication } else { Category::Authorization };
            assert_eq!(denied, expected, "{class:?}");
        }
        assert_eq!(Class::Export.category(Outcome::Ok), Category::DataAccess);
        assert_eq!(Class::Configure.category(Outcome::Failed), Category::System);
        assert_eq!(Class::Key.category(Outcome::Ok), Category::Security);
    }

    #[test]
    fn an_entry_survives_json_with_all_it_says() {
        let entry = entry().about("camera", "cam_1").detail("why").lasted(5);
        let json = serde_json::to_value(&entry).expect("json");
        assert_eq!((&json["from"], &json["class"]), (&"192.0.2.7".into(), &"view".into()));
        assert_eq!(serde_json::from_value::<Entry>(json).expect("back"), entry);
    }

    proptest! {
        /// Whatever is put in, a line stays a line of bounded length.
        #[test]
        fn every_text_is_bounded(action: String, kind: String, id: String, detail: String) {
            let mut long = entry().about(&kind.repeat(9), id.repeat(9)).detail(detail.repeat(99));
            long.action = action.repeat(50);
            let json = serde_json::to_vec(&long.bounded()).expect("json");
            // Four bytes a character, or six where JSON escapes one.
            prop_assert!(json.len() < 6 * (DETAIL_CHARS_MAX + 3 * WORD_CHARS_MAX) + 600);
            prop_assert!(!json.contains(&b'\n'));
        }

        #[test]
        fn an_origin_survives_its_text(text: String, bytes: [u8; 16]) {
            if let Ok(origin) = text.parse::<Origin>() {
                prop_assert_eq!(origin.to_string().parse(), Ok(origin));
            }
            let origin = Origin::Address(IpAddr::from(bytes));
            prop_assert_eq!(origin.to_string().parse(), Ok(origin));
        }
    }

    #[test]
    fn words_are_found_by_their_names() {
        for category in Category::ALL {
            assert_eq!(Category::from_name(category.name()), Some(*category));
            let json = serde_json::to_value(category).expect("json");
            assert_eq!(json, category.name());
        }
        for class in Class::ALL {
            assert_eq!(serde_json::to_value(class).expect("json"), class.name());
        }
        for outcome in Outcome::ALL {
            assert_eq!(serde_json::to_value(outcome).expect("json"), outcome.name());
        }
        for kind in ActorKind::ALL {
            assert_eq!(serde_json::to_value(kind).expect("json"), kind.name());
        }
    }
}
