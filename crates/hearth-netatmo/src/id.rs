//! Ids of homes and rooms, checked before they are sent. promise: N-08.

use serde::{Deserialize, Deserializer, Serialize};

use crate::Error;

/// Homes have 24 hexadecimal digits, rooms up to 20 decimal ones, modules a hardware address.
const CHARS_MAX: usize = 64;

fn is_plain(id: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_:".contains(c);
    !id.is_empty() && id.len() <= CHARS_MAX && id.chars().all(plain)
}

/// Text, or a whole number, as some answers have it.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::String(text) => Ok(text),
        serde_json::Value::Number(number) if number.is_u64() => Ok(number.to_string()),
        _ => Err(serde::de::Error::custom("an id is text")),
    }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $bad:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        pub struct $name(String);

        impl $name {
            /// # Errors
            /// Unless it is 1 to 64 letters, digits, `-`, `_` or `:`.
            pub fn new(id: &str) -> Result<Self, Error> {
                is_plain(id).then(|| Self(id.to_owned())).ok_or(Error::Input($bad))
            }

            /// The id.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::new(&text(deserializer)?).map_err(serde::de::Error::custom)
            }
        }
    };
}

id! {
    /// Which home.
    HomeId, "a home id is 1 to 64 letters, digits, - or _"
}
id! {
    /// Which room of a home.
    RoomId, "a room id is 1 to 64 letters, digits, - or _"
}

#[cfg(test)]
mod tests {
    use super::*;

    /// promise: N-08. What cannot be an id is never sent.
    #[test]
    fn an_id_is_a_plain_word() {
        assert!(RoomId::new("2255031728").is_ok());
        for id in ["", " ", "a b", "1&home_id=2", "../x", "é", &"1".repeat(65)] {
            assert!(RoomId::new(id).is_err() && HomeId::new(id).is_err(), "{id}");
        }
    }

    #[test]
    fn an_id_is_read_from_text_and_from_a_number() {
        for json in ["\"17\"", "17"] {
            assert_eq!(serde_json::from_str::<RoomId>(json).expect("an id").as_str(), "17");
        }
        for json in ["null", "1.5", "\"a b\"", "[]"] {
            assert!(serde_json::from_str::<RoomId>(json).is_err(), "{json}");
        }
    }
}
