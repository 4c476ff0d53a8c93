//! One element of a document that was read.

use crate::AnswerError;

/// An element with what is inside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) children: Vec<Self>,
    pub(super) text: String,
}

impl Element {
    pub(super) fn new(namespace: &str, name: &str) -> Self {
        Self { namespace: namespace.to_owned(), name: name.to_owned(), ..Self::default() }
    }

    /// Its namespace; empty if it has none, or one that was never declared.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// Its name without prefix.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its own text without white space around it.
    pub fn text(&self) -> &str {
        self.text.trim()
    }

    /// An attribute by its name without prefix.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|row| row.0 == name).map(|row| row.1.trim())
    }

    /// All children in their order.
    pub fn children(&self) -> &[Self] {
        &self.children
    }

    /// The children of that name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The first child of that name.
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// Descends by first children.
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |element, name| element.child(name))
    }

    /// The text of a descendant; `None` if there is no such element or no text in it.
    pub fn text_at(&self, path: &[&str]) -> Option<&str> {
        self.at(path).map(Self::text).filter(|text| !text.is_empty())
    }

    /// A descendant that must be there.
    ///
    /// # Errors
    /// [`AnswerError::Missing`].
    pub fn need(&self, path: &[&'static str]) -> Result<&Self, AnswerError> {
        let missing = AnswerError::Missing(path.last().copied().unwrap_or_default());
        self.at(path).ok_or(missing)
    }

    /// The text of a descendant that must be there, as a number or anything else that can be read.
    ///
    /// # Errors
    /// [`AnswerError::Missing`], [`AnswerError::Malformed`].
    pub fn need_parsed<T: std::str::FromStr>(
        &self,
        path: &[&'static str],
    ) -> Result<T, AnswerError> {
        let malformed = AnswerError::Malformed(path.last().copied().unwrap_or_default());
        self.need(path)?.text().parse().map_err(|_| malformed)
    }

    /// The same for one that may be missing; one that is there must be readable.
    ///
    /// # Errors
    /// [`AnswerError::Malformed`].
    pub fn parsed<T: std::str::FromStr>(
        &self,
        path: &[&'static str],
    ) -> Result<Option<T>, AnswerError> {
        let malformed = AnswerError::Malformed(path.last().copied().unwrap_or_default());
        self.text_at(path).map(|text| text.parse().map_err(|_| malformed)).transpose()
    }
}

/// `xs:boolean`: `true`, `false`, `1` or `0`; some devices write them large.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// Names and descriptions of a device are for people: shortened, without control characters.
pub(crate) fn line(text: &str) -> String {
    /// Longer than any name or description of a device.
    const CHARS_MAX: usize = 256;
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.take(CHARS_MAX).collect::<String>().trim().to_owned()
}
