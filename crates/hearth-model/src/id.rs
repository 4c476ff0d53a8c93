//! Typed ids: UUIDv7 with a prefix that says what they name, so ids cannot be swapped.

use std::{fmt, str::FromStr};

use uuid::Uuid;

/// Why a text is not an id of the wanted kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id of the form {prefix}_ followed by 32 hexadecimal digits")]
pub struct IdError {
    prefix: &'static str,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id, ordered by the time it was made.
            #[allow(clippy::new_without_default, reason = "two calls give two ids")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }

            /// From its 16 bytes.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// Its 16 bytes.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.as_simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let error = IdError { prefix: $prefix };
                let digits = text.strip_prefix(concat!($prefix, "_")).ok_or(error.clone())?;
                if digits.len() != 32 {
                    return Err(error);
                }
                Uuid::try_parse(digits).map(Self).map_err(|_| error)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .pattern(Some(concat!("^", $prefix, "_[0-9a-f]{32}$")))
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}
    )*};
}

ids! {
    /// A camera.
    CameraId = "cam";
    /// A file of footage.
    SegmentId = "seg";
    /// A recorded fact.
    EventId = "evt";
    /// A protection from retention.
    HoldId = "hold";
    /// An account.
    UserId = "usr";
    /// A sign-in.
    SessionId = "ses";
    /// A token for a program.
    TokenId = "tok";
    /// A question of an assistant to a person.
    ApprovalId = "apr";
    /// A row of refresh tokens, each made from the one before.
    FamilyId = "fam";
    /// A passkey.
    PasskeyId = "pk";
    /// An area of a camera's picture.
    ZoneId = "zone";
    /// A person who agreed to be known.
    PersonId = "per";
    /// Something of a person's face: a view of it, or one that is not theirs.
    SampleId = "smp";
    /// A person on the watch list.
    WatchedId = "wat";
    /// Somebody came to a door.
    VisitId = "vis";
    /// A picture that somebody looks at to correct the detector.
    ReviewId = "rev";
    /// Something that a person should look into.
    IncidentId = "inc";
    /// A device: the control side of a camera, a plug, a room with a thermostat.
    DeviceId = "dev";
    /// A way to tell people, e.g. a bot or a mail server.
    ChannelId = "chn";
    /// Somebody who is told, by one channel.
    RecipientId = "rcp";
    /// What one recipient is told of one matter.
    NotificationId = "ntf";
    /// A rule that the hub keeps for a device: a schedule or a limit.
    DeviceRuleId = "rule";
    /// A rule of the house: when what happens, then what is done.
    RuleId = "rul";
    /// People who are named together in rules.
    GroupId = "grp";
    /// Something that the house says at a door.
    ReplyId = "rpl";
    /// Questions that go on from each other.
    ConversationId = "cnv";
    /// A search that somebody keeps.
    SavedSearchId = "sea";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_its_text_form() {
        let id = CameraId::new();
        assert_eq!(id.to_string().parse::<CameraId>(), Ok(id));
    }

    #[test]
    fn another_kind_of_id_is_refused() {
        assert!(EventId::new().to_string().parse::<CameraId>().is_err());
        assert!("cam_".parse::<CameraId>().is_err());
        assert!("cam_../../../etc/passwd".parse::<CameraId>().is_err());
    }
}
