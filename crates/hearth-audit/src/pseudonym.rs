//! Names and addresses replaced by keyed pseudonyms, for logs that leave the house.
//!
//! The same name has the same pseudonym, so lines still belong together; without the vault's key
//! nobody can find the name by trying names. promise: D-27, D-33.

use std::collections::BTreeMap;

use hearth_vault::MacKey;

use crate::entry::{Actor, Entry, Origin};

/// Bytes of the tag that are shown: a household has far fewer than 2^20 names, so two of them
/// share 40 bits by a chance below one in a million.
const SHOWN_BYTES: usize = 5;

/// What names things in a house without saying who lives there.
const KEPT: [&str; 6] = ["camera", "event", "hold", "incident", "device", "command"];

/// Makes pseudonyms.
#[derive(Clone, Debug)]
pub struct Pseudonyms(MacKey);

/// An entry as it may leave the house.
#[derive(Debug, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Anonymous {
    pub(crate) who: Actor,
    pub(crate) from: String,
    pub(crate) what: BTreeMap<String, String>,
    /// Free text may name anybody, so none is left.
    pub(crate) detail: Option<String>,
}

impl Pseudonyms {
    /// With a key of the vault.
    pub fn new(key: MacKey) -> Self {
        Self(key)
    }

    /// The pseudonym of a value; `kind` keeps a user called like an address apart from it.
    pub fn of(&self, kind: &str, value: &str) -> String {
        let length = u64::try_from(kind.len()).unwrap_or(u64::MAX).to_le_bytes();
        let tag = self.0.tag(&[&length, kind.as_bytes(), value.as_bytes()]);
        let shown: String =
            tag.iter().take(SHOWN_BYTES).map(|byte| format!("{byte:02x}")).collect();
        format!("{kind}-{shown}")
    }

    /// Who, from where and with what, without saying so.
    pub(crate) fn anonymous(&self, entry: &Entry) -> Anonymous {
        let Actor { kind, id, name } = &entry.who;
        let from = match entry.from {
            Origin::Address(address) => self.of("address", &address.to_string()),
            other => other.to_string(),
        };
        let what = entry.what.iter().map(|(kind, id)| {
            let keeps = KEPT.contains(&kind.as_str());
            (kind.clone(), if keeps { id.clone() } else { self.of(kind, id) })
        });
        Anonymous {
            who: Actor {
                kind: *kind,
                id: id.as_ref().map(|id| self.of("id", id)),
                name: name.as_ref().map(|name| self.of("name", name)),
            },
            from,
            what: what.collect(),
            detail: None,
        }
    }
}
