//! What words can mean in a house, as data.

use hearth_model::{CameraId, DeviceId, EventKind, Label, PersonId, ZoneId};

use crate::{kinds, labels, token::words};

/// What sort of thing a word stands for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// A camera.
    Camera,
    /// A zone of a camera.
    Zone,
    /// What is seen.
    Label,
    /// A person who agreed to be known.
    Person,
    /// A device.
    Device,
    /// A kind of fact.
    Kind,
    /// A time or hours.
    Time,
    /// A word of a stored text.
    Text,
}

/// What a phrase stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sense {
    /// A camera.
    Camera(CameraId),
    /// A zone.
    Zone(ZoneId),
    /// One of these labels.
    Labels(Vec<Label>),
    /// A person.
    Person(PersonId),
    /// A device.
    Device(DeviceId),
    /// One of these kinds.
    Kinds(Vec<EventKind>),
}

impl Sense {
    /// Which sort.
    pub fn meaning(&self) -> Meaning {
        match self {
            Self::Camera(_) => Meaning::Camera,
            Self::Zone(_) => Meaning::Zone,
            Self::Labels(_) => Meaning::Label,
            Self::Person(_) => Meaning::Person,
            Self::Device(_) => Meaning::Device,
            Self::Kinds(_) => Meaning::Kind,
        }
    }

    /// As programs are told.
    pub fn value(&self) -> String {
        let joined = |all: &mut dyn Iterator<Item = &str>| all.collect::<Vec<_>>().join(",");
        match self {
            Self::Camera(id) => id.to_string(),
            Self::Zone(id) => id.to_string(),
            Self::Person(id) => id.to_string(),
            Self::Device(id) => id.to_string(),
            Self::Labels(labels) => joined(&mut labels.iter().map(Label::as_str)),
            Self::Kinds(kinds) => joined(&mut kinds.iter().map(|kind| kind.name())),
        }
    }

    /// Names of the house go before words of English.
    pub(crate) fn is_name(&self) -> bool {
        !matches!(self, Self::Labels(_) | Self::Kinds(_))
    }
}

struct Entry {
    phrase: Vec<String>,
    name: String,
    sense: Sense,
}

/// What the person who asks may speak of.
pub struct Vocabulary {
    entries: Vec<Entry>,
}

/// A phrase that was found.
pub(crate) struct Found<'a> {
    pub(crate) length: usize,
    pub(crate) senses: Vec<(&'a str, &'a Sense)>,
}

impl Vocabulary {
    /// The words of English, with the labels of a detector; no name of a house.
    pub fn new(known: &[Label]) -> Self {
        let mut vocabulary = Self { entries: Vec::new() };
        for label in known {
            vocabulary.add_label(label);
        }
        for (phrases, names) in labels::SYNONYMS {
            let meant: Vec<Label> = names.iter().filter_map(|name| Label::new(name)).collect();
            for phrase in *phrases {
                vocabulary.add(phrase, phrase, Sense::Labels(meant.clone()));
            }
        }
        for (phrases, meant) in kinds::PHRASES {
            for phrase in *phrases {
                vocabulary.add(phrase, phrase, Sense::Kinds(meant.to_vec()));
            }
        }
        for (kind, name) in EventKind::ALL {
            // A bare `ring` is in the table above.
            if name.contains('_') {
                vocabulary.add(name, name, Sense::Kinds(vec![kind]));
            }
        }
        vocabulary
    }

    fn add_label(&mut self, label: &Label) {
        let name = label.as_str();
        for phrase in [name.to_owned(), labels::plural_of(name)] {
            self.add(&phrase, name, Sense::Labels(vec![label.clone()]));
        }
    }

    /// A camera and what it is called.
    pub fn camera(&mut self, id: CameraId, name: &str) {
        self.add(name, name, Sense::Camera(id));
        self.add(&id.to_string(), name, Sense::Camera(id));
    }

    /// A zone of a camera.
    pub fn zone(&mut self, id: ZoneId, name: &str) {
        self.add(name, name, Sense::Zone(id));
    }

    /// A person whom the asking one may know by name.
    pub fn person(&mut self, id: PersonId, name: &str) {
        self.add(name, name, Sense::Person(id));
        // Most people are spoken of by their first name.
        if let Some(first) = words(name).first().filter(|first| first.folded.len() > 1) {
            self.add(&first.folded, name, Sense::Person(id));
        }
    }

    /// A device.
    pub fn device(&mut self, id: DeviceId, name: &str) {
        self.add(name, name, Sense::Device(id));
    }

    fn add(&mut self, phrase: &str, name: &str, sense: Sense) {
        let phrase: Vec<String> = words(phrase).into_iter().map(|word| word.folded).collect();
        let is_new = |entry: &Entry| entry.phrase != phrase || entry.sense != sense;
        if !phrase.is_empty() && self.entries.iter().all(is_new) {
            self.entries.push(Entry { phrase, name: name.to_owned(), sense });
        }
    }

    /// The longest phrase that the words begin with. Several things of one name are all meant; a name
    /// of the house goes before a word of English.
    pub(crate) fn longest<'a>(&'a self, words: &[&str]) -> Option<Found<'a>> {
        let fits = |entry: &&Entry| {
            entry.phrase.len() <= words.len()
                && entry.phrase.iter().zip(words).all(|(one, other)| one == other)
        };
        let fitting: Vec<&Entry> = self.entries.iter().filter(fits).collect();
        let length = fitting.iter().map(|entry| entry.phrase.len()).max()?;
        let longest = || fitting.iter().filter(move |entry| entry.phrase.len() == length);
        let has_name = longest().any(|entry| entry.sense.is_name());
        let meant = longest().filter(|entry| entry.sense.is_name() || !has_name);
        let senses = meant.map(|entry| (entry.name.as_str(), &entry.sense)).collect();
        Some(Found { length, senses })
    }
}
