//! Who is known, in memory: names, consents, and the gallery that faces are compared with.
//!
//! Only people whose consent holds are in the gallery. They leave it whenever that changes, also by the
//! clock alone, so that nobody is recognised for a moment longer than they agreed to (promise D-33).
//! Whoever changes a person holds [`Roster::changing`] from reading to putting: otherwise a slow
//! change would undo a fast one, and a withdrawn consent would come back.

use std::{
    collections::BTreeMap,
    sync::{PoisonError, RwLock, RwLockWriteGuard},
};

use hearth_face::{Gallery, Identity, OperatingPoint, Quality, Template};
use hearth_model::{PersonId, SampleId, WallTime};
use hearth_store::{Store, StoreError, StoredPerson, StoredSample};
use hearth_vault::Vault;
use tokio::sync::{Mutex, MutexGuard};

use super::document::{PersonDocument, SampleDocument};

/// Everybody who is known.
#[derive(Default)]
pub(crate) struct Roster {
    inner: RwLock<Inner>,
    changing: Mutex<()>,
}

#[derive(Default)]
struct Inner {
    people: BTreeMap<PersonId, KnownPerson>,
    gallery: Gallery<PersonId>,
    /// When the next consent ends.
    next_end: Option<WallTime>,
}

/// A person.
#[derive(Clone)]
pub(crate) struct KnownPerson {
    pub(crate) id: PersonId,
    pub(crate) created_at: WallTime,
    pub(crate) document: PersonDocument,
    pub(crate) samples: Vec<KnownSample>,
}

/// A view of a person's face, or one that is not theirs.
#[derive(Clone)]
pub(crate) struct KnownSample {
    pub(crate) id: SampleId,
    pub(crate) is_rejection: bool,
    pub(crate) added_at: WallTime,
    pub(crate) document: SampleDocument,
    pub(crate) template: Template,
}

impl KnownPerson {
    /// Whether faces may be compared with theirs at a time.
    pub(crate) fn consents_at(&self, now: WallTime) -> bool {
        self.document.consent.as_ref().is_some_and(|consent| consent.holds_at(now))
    }

    /// Views of their face.
    pub(crate) fn views(&self) -> impl Iterator<Item = &KnownSample> {
        self.samples.iter().filter(|sample| !sample.is_rejection)
    }
}

impl Roster {
    /// Reads everybody. Those whose key is gone are nobody any more, and left out.
    pub(crate) async fn open(
        store: &Store,
        vault: &Vault,
        now: WallTime,
    ) -> Result<Self, StoreError> {
        let mut inner = Inner::default();
        for StoredPerson { id, sealed, created_at } in store.people().await? {
            let Some(document) = PersonDocument::open(vault, id, &sealed) else {
                tracing::warn!(person.id = %id, "a person does not open");
                continue;
            };
            let person = KnownPerson { id, created_at, document, samples: Vec::new() };
            inner.people.insert(id, person);
        }
        for sample in store.face_samples().await? {
            inner.take_sample(vault, &sample);
        }
        let everybody: Vec<PersonId> = inner.people.keys().copied().collect();
        inner.show(&everybody, now);
        Ok(Self { inner: RwLock::new(inner), changing: Mutex::default() })
    }

    /// To be held from reading a person to putting what changed.
    pub(crate) async fn changing(&self) -> MutexGuard<'_, ()> {
        self.changing.lock().await
    }

    fn write(&self) -> RwLockWriteGuard<'_, Inner> {
        self.inner.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<T>(&self, read: impl FnOnce(&Inner) -> T) -> T {
        read(&self.inner.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Everybody, in the order they were added.
    pub(crate) fn all(&self) -> Vec<KnownPerson> {
        self.read(|inner| inner.people.values().cloned().collect())
    }

    /// One of them.
    pub(crate) fn get(&self, id: PersonId) -> Option<KnownPerson> {
        self.read(|inner| inner.people.get(&id).cloned())
    }

    /// Whether somebody else has this name.
    pub(crate) fn has_name(&self, name: &str, but: Option<PersonId>) -> bool {
        let is_it =
            |person: &KnownPerson| Some(person.id) != but && person.document.name.as_str() == name;
        self.read(|inner| inner.people.values().any(is_it))
    }

    /// Adds a person, or puts what changed of one.
    pub(crate) fn put(&self, person: KnownPerson, now: WallTime) {
        let id = person.id;
        let mut inner = self.write();
        inner.people.insert(id, person);
        inner.show(&[id], now);
    }

    /// Forgets a person.
    pub(crate) fn remove(&self, id: PersonId, now: WallTime) {
        let mut inner = self.write();
        inner.people.remove(&id);
        inner.show(&[id], now);
    }

    /// Whose face it is.
    pub(crate) fn identify(
        &self,
        face: &Template,
        quality: &Quality,
        now: WallTime,
    ) -> Identity<PersonId> {
        self.keep_consents(now);
        self.read(|inner| inner.gallery.identify(face, quality, &OperatingPoint::DEFAULT))
    }

    /// Takes those out of the gallery whose consent ended meanwhile.
    fn keep_consents(&self, now: WallTime) {
        if self.read(|inner| inner.next_end.is_some_and(|end| end <= now)) {
            let mut inner = self.write();
            let has_ended = |person: &&KnownPerson| !person.consents_at(now);
            let ended: Vec<PersonId> =
                inner.people.values().filter(has_ended).map(|person| person.id).collect();
            inner.show(&ended, now);
        }
    }
}

impl Inner {
    fn take_sample(&mut self, vault: &Vault, sample: &StoredSample) {
        let Some(person) = self.people.get_mut(&sample.person) else { return };
        let Some((document, template)) = SampleDocument::open(vault, sample.person, &sample.sealed)
        else {
            return tracing::warn!(sample.id = %sample.id, "a face does not open");
        };
        person.samples.push(KnownSample {
            id: sample.id,
            is_rejection: sample.is_rejection,
            added_at: sample.created_at,
            document,
            template,
        });
    }

    /// Puts these people into the gallery as they are now, or takes them out.
    fn show(&mut self, changed: &[PersonId], now: WallTime) {
        for id in changed {
            self.gallery.remove(*id);
            let Some(person) = self.people.get(id).filter(|one| one.consents_at(now)) else {
                continue;
            };
            for sample in &person.samples {
                if sample.is_rejection {
                    self.gallery.reject(*id, &sample.template);
                } else if let Err(full) = self.gallery.insert(*id, &sample.template) {
                    tracing::warn!(%full, "a face is not compared with");
                }
            }
        }
        let consents = self.people.values().filter(|person| person.consents_at(now));
        self.next_end =
            consents.filter_map(|person| person.document.consent.as_ref()?.expires_at).min();
    }
}

#[cfg(test)]
mod tests {
    use hearth_face::TEMPLATE_BYTES;

    use crate::name::PersonName;

    use super::{
        super::document::{Consent, SampleSource, Tell},
        *,
    };

    fn template(place: f32) -> Template {
        let mut bytes = [0; TEMPLATE_BYTES];
        bytes[..4].copy_from_slice(&place.to_le_bytes());
        Template::from_bytes(&bytes).expect("small numbers")
    }

    fn good() -> Quality {
        Quality {
            eye_distance: 60.0,
            sharpness: 0.3,
            yaw: 0.1,
            pitch: 0.55,
            brightness: 120.0,
            contrast: 40.0,
            score: 0.8,
            flaws: Vec::new(),
        }
    }

    fn at(second: i64) -> WallTime {
        WallTime::from_micros(second * 1_000_000)
    }

    fn anna(expires_at: Option<WallTime>) -> KnownPerson {
        let consent = Consent {
            given_by: "Anna".to_owned(),
            recorded_by: "Ben".to_owned(),
            text: "I agree.".to_owned(),
            at: at(0),
            expires_at,
            withdrawn_at: None,
        };
        let document = SampleDocument {
            source: SampleSource::Photo,
            quality: 0.8,
            picture: false,
            visit: None,
        };
        let sample = KnownSample {
            id: SampleId::new(),
            is_rejection: false,
            added_at: at(0),
            document,
            template: template(1.0),
        };
        KnownPerson {
            id: PersonId::new(),
            created_at: at(0),
            document: PersonDocument {
                name: PersonName::new("Anna").expect("a name"),
                consent: Some(consent),
                tell: Tell::Always,
            },
            samples: vec![sample],
        }
    }

    fn is_known(roster: &Roster, now: WallTime) -> bool {
        matches!(roster.identify(&template(1.0), &good(), now), Identity::Known(_))
    }

    /// promise: D-33. Consent ends recognition at its instant, by the clock or by a word.
    #[test]
    fn nobody_is_recognised_after_their_consent() {
        let roster = Roster::default();
        let mut anna = anna(Some(at(100)));
        roster.put(anna.clone(), at(1));
        assert!(is_known(&roster, at(99)));
        assert!(!is_known(&roster, at(100)));
        if let Some(consent) = &mut anna.document.consent {
            (consent.expires_at, consent.withdrawn_at) = (None, Some(at(101)));
        }
        roster.put(anna.clone(), at(102));
        assert!(!is_known(&roster, at(103)));
        anna.document.consent = None;
        roster.put(anna.clone(), at(104));
        assert!(!is_known(&roster, at(105)));
    }

    /// promise: V-16.
    #[test]
    fn whoever_is_forgotten_is_not_recognised() {
        let roster = Roster::default();
        let anna = anna(None);
        roster.put(anna.clone(), at(1));
        assert!(is_known(&roster, at(2)) && roster.has_name("Anna", None));
        assert!(!roster.has_name("Anna", Some(anna.id)));
        roster.remove(anna.id, at(3));
        assert!(!is_known(&roster, at(4)) && roster.all().is_empty());
    }
}
