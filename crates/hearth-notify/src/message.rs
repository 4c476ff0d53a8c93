//! What the house knows of a matter, and what one recipient is told of it. Pure.

use bytes::Bytes;
use hearth_model::{Severity, WallTime};

/// Longer than any line that is read on a locked phone.
const TITLE_CHARACTERS_MAX: usize = 120;
/// Telegram takes 1,024 characters below a picture; nobody reads more of a notification.
const TEXT_CHARACTERS_MAX: usize = 900;
/// Longer than any path of the dashboard with the house's name in front.
const LINK_BYTES_MAX: usize = 512;
/// Title and text for those who are told only that something happened.
const LEAST: (&str, &str) = ("Hearthwatch", "Something happened. Open the house.");

/// What a recipient may be told.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Everything.
    #[default]
    Full,
    /// Everything but the picture.
    NoPicture,
    /// Neither a picture nor words that may name somebody: what kind of matter, and where.
    NoName,
    /// That something happened, and how urgent it is.
    SomethingHappened,
}

impl Content {
    /// The less of both.
    #[must_use]
    pub fn at_most(self, other: Self) -> Self {
        // From the most to the least.
        self.max(other)
    }
}

/// A JPEG picture of bounded size.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture(Bytes);

impl Picture {
    /// A key frame of 4K in good quality; Telegram takes ten times that.
    pub const BYTES_MAX: usize = 1 << 20;

    /// `None` if it is no JPEG, or too large.
    pub fn new(jpeg: Bytes) -> Option<Self> {
        let fits = jpeg.starts_with(&[0xff, 0xd8]) && jpeg.len() <= Self::BYTES_MAX;
        fits.then_some(Self(jpeg))
    }

    /// The picture.
    pub fn jpeg(&self) -> &Bytes {
        &self.0
    }
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({} bytes)", self.0.len())
    }
}

/// All that is to be said of a matter. It cannot be written down: only a [`Message`] can.
#[derive(Clone, PartialEq, Eq)]
pub struct Report {
    /// In one line; may name somebody.
    pub title: String,
    /// More words; may name somebody.
    pub text: String,
    /// What kind of matter, without a name.
    pub plain_title: String,
    /// Where, without anybody's name.
    pub plain_text: String,
    /// How bad.
    pub severity: Severity,
    /// When it happened.
    pub at: WallTime,
    /// Where in the dashboard to look closer: a path.
    pub link: Option<String>,
    /// Where the dashboard is, e.g. `https://hub.example:8443`.
    pub origin: Option<String>,
    /// Which matter: its correlation id.
    pub matter: String,
    /// What was seen.
    pub picture: Option<Picture>,
}

/// What one recipient is told.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Message {
    /// The same for every attempt to deliver this.
    pub id: String,
    /// The same for everything about one matter: 32 hexadecimal digits.
    pub tag: String,
    /// In one line.
    pub title: String,
    /// More words.
    pub text: String,
    /// How bad.
    pub severity: Severity,
    /// When it happened.
    pub at: WallTime,
    /// Where in the dashboard to look closer: a path.
    pub link: Option<String>,
    /// Where the dashboard is.
    #[serde(default)]
    pub origin: Option<String>,
    /// Which matter; not for those who are told only that something happened.
    pub matter: Option<String>,
    /// What was seen. Kept beside the rest, not in its JSON.
    #[serde(skip)]
    pub picture: Option<Picture>,
}

impl std::fmt::Debug for Report {
    /// Without words: they may name somebody (promise D-27).
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Report").field("matter", &self.matter).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Message {
    /// Without words: they may name somebody (promise D-27).
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Report {
    /// What is left of it at a level of content, and nothing more (promise D-13).
    pub fn reduced(&self, content: Content, id: String, tag: String) -> Message {
        let (title, text) = match content {
            Content::Full | Content::NoPicture => (self.title.as_str(), self.text.as_str()),
            Content::NoName => (self.plain_title.as_str(), self.plain_text.as_str()),
            Content::SomethingHappened => LEAST,
        };
        let tells_which = content != Content::SomethingHappened;
        let bytes = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let fits = bytes(&self.link) + bytes(&self.origin) <= LINK_BYTES_MAX;
        let link = self.link.as_ref().filter(|_| tells_which && fits);
        Message {
            id,
            tag,
            title: shortened(title, TITLE_CHARACTERS_MAX),
            text: shortened(text, TEXT_CHARACTERS_MAX),
            severity: self.severity,
            at: self.at,
            link: link.cloned(),
            origin: self.origin.clone().filter(|_| link.is_some()),
            matter: tells_which.then(|| self.matter.clone()),
            picture: self.picture.clone().filter(|_| content == Content::Full),
        }
    }
}

impl Message {
    /// Where to look closer, for those who are not in the dashboard: a path alone leads nowhere there.
    pub(crate) fn address(&self) -> Option<String> {
        self.origin.as_ref().zip(self.link.as_ref()).map(|(origin, link)| format!("{origin}{link}"))
    }

    /// What is left of it for somebody who may know less than when it was made; the plain words are
    /// those of its [`Report`].
    #[must_use]
    pub fn lowered(self, content: Content, plain_title: &str, plain_text: &str) -> Self {
        // Only the least tells of no matter.
        let told = if self.matter.is_some() { Content::Full } else { Content::SomethingHappened };
        let content = content.at_most(told);
        let words = |(title, text): (&str, &str)| {
            (shortened(title, TITLE_CHARACTERS_MAX), shortened(text, TEXT_CHARACTERS_MAX))
        };
        let (title, text) = match content {
            Content::Full | Content::NoPicture => (self.title, self.text),
            Content::NoName => words((plain_title, plain_text)),
            Content::SomethingHappened => words(LEAST),
        };
        let tells_which = content != Content::SomethingHappened;
        Self {
            title,
            text,
            link: self.link.filter(|_| tells_which),
            origin: self.origin.filter(|_| tells_which),
            matter: self.matter.filter(|_| tells_which),
            picture: self.picture.filter(|_| content == Content::Full),
            ..self
        }
    }
}

/// At most so many characters, none of which moves the cursor but the end of a line.
fn shortened(text: &str, characters_max: usize) -> String {
    let shown = text.chars().filter(|c| !c.is_control() || *c == '\n');
    let mut kept: String = shown.take(characters_max + 1).collect();
    if kept.chars().count() > characters_max {
        kept.pop();
        kept.pop();
        kept.push('…');
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        Report {
            title: "Ben is at the door".to_owned(),
            text: "Ben Example, seen before".to_owned(),
            plain_title: "A visit".to_owned(),
            plain_text: "Front door".to_owned(),
            severity: Severity::Info,
            at: WallTime::from_micros(0),
            link: Some("https://house.example/visits/evt_1".to_owned()),
            origin: Some("https://house.example".to_owned()),
            matter: "evt_1".to_owned(),
            picture: Picture::new(Bytes::from_static(&[0xff, 0xd8, 1, 2])),
        }
    }

    fn reduced(content: Content) -> Message {
        report().reduced(content, "ntf_1".to_owned(), "tag".to_owned())
    }

    /// promise: D-13. Each level leaves out what it says, and nothing of that stays in the message.
    #[test]
    fn each_level_tells_less_than_the_one_before() {
        assert!(reduced(Content::Full).picture.is_some());
        let no_picture = reduced(Content::NoPicture);
        assert_eq!((no_picture.picture, no_picture.title.as_str()), (None, "Ben is at the door"));
        let no_name = reduced(Content::NoName);
        let json = serde_json::to_string(&no_name).expect("JSON");
        assert!(!json.contains("Ben") && json.contains("Front door"), "{json}");
        assert_eq!(no_name.picture, None);
        let least = serde_json::to_string(&reduced(Content::SomethingHappened)).expect("JSON");
        for told in ["Ben", "Front door", "visit", "evt_1"] {
            assert!(!least.contains(told), "{told} in {least}");
        }
    }

    /// promise: D-13. Whoever may know less by now is told less of what was made before.
    #[test]
    fn a_lowered_message_is_what_the_lower_level_would_have_been() {
        let levels =
            [Content::Full, Content::NoPicture, Content::NoName, Content::SomethingHappened];
        for (made, allowed) in levels.into_iter().flat_map(|a| levels.map(|b| (a, b))) {
            let lowered = reduced(made).lowered(allowed, "A visit", "Front door");
            assert!(lowered == reduced(made.at_most(allowed)), "{made:?} {allowed:?}");
        }
    }

    /// promise: D-27. What is logged of a message holds no words of it.
    #[test]
    fn words_are_not_in_the_debug_form() {
        let (report, message) =
            (format!("{:?}", report()), format!("{:?}", reduced(Content::Full)));
        assert!(!report.contains("Ben") && !message.contains("Ben"), "{report} {message}");
    }

    #[test]
    fn only_jpeg_of_bounded_size_is_a_picture() {
        assert_eq!(Picture::new(Bytes::from_static(b"GIF89a")), None);
        let mut large = vec![0xff, 0xd8];
        large.resize(Picture::BYTES_MAX + 1, 0);
        assert_eq!(Picture::new(large.into()), None);
    }

    proptest::proptest! {
        #[test]
        fn a_shortened_text_fits_and_moves_no_cursor(text in "\\PC{0,300}|[\\x00-\\x7f]{0,300}") {
            let kept = shortened(&text, 120);
            proptest::prop_assert!(kept.chars().count() <= 120);
            proptest::prop_assert!(kept.chars().all(|c| !c.is_control() || c == '\n'));
        }
    }
}
