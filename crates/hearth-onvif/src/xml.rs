//! XML from strangers, read within limits, and XML of ours, written without surprises.
//!
//! Pure. What is read becomes a small tree of [`Element`]s; what costs (size, depth, number of
//! elements and attributes) is checked while reading, before memory is spent. A document type is an
//! error, so there are no entities beyond the five of XML 1.0 and nothing external is ever fetched.
//!
//! Elements are found by their local names: devices get namespaces wrong more often than names, and
//! in the answers read here no two names differ by namespace alone. The namespace is kept because
//! reference parameters (WS-Addressing 1.0, 2.1) must be sent back as they came.

use quick_xml::{
    NsReader, XmlVersion,
    events::{BytesStart, Event},
    name::ResolveResult,
};

pub(crate) mod element;
mod writer;

pub use element::Element;
pub(crate) use element::line;
pub use writer::Writer;

/// The largest real answers, of recorders with 64 channels, have some 500 KB.
pub const DOCUMENT_BYTES_MAX: usize = 1024 * 1024;
/// ONVIF nests some 12 deep.
const DEPTH_MAX: usize = 32;
/// 64 profiles with all their configurations have some 10,000.
const ELEMENTS_MAX: usize = 32_768;
/// Some devices declare 60 namespaces at the root.
const ATTRIBUTES_MAX: usize = 128;
/// As above, and those of inner elements.
const NAMESPACES_MAX: usize = 256;

/// Why bytes are not a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum XmlError {
    /// Beyond one of the limits.
    #[error("the document is larger or deeper than any real one")]
    TooLarge,
    /// It has a document type.
    #[error("the document has a document type, which is not allowed")]
    DocumentType,
    /// It is not well-formed, or not UTF-8.
    #[error("the document is not well-formed XML in UTF-8")]
    Malformed,
}

impl Element {
    /// Reads a document.
    ///
    /// # Errors
    /// See [`XmlError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, XmlError> {
        if bytes.len() > DOCUMENT_BYTES_MAX {
            return Err(XmlError::TooLarge);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| XmlError::Malformed)?;
        let mut reader = NsReader::from_str(text);
        reader.resolver_mut().set_max_namespace_bindings(NAMESPACES_MAX);
        let mut tree = Tree::default();
        loop {
            // The namespace lives as long as the reader is not asked again.
            let (namespace, event) =
                reader.read_resolved_event().map_err(|_| XmlError::Malformed)?;
            let namespace = match namespace {
                ResolveResult::Bound(namespace) => namespace.0,
                ResolveResult::Unbound | ResolveResult::Unknown(_) => "",
            };
            match event {
                Event::Start(start) => tree.open(namespace, &start)?,
                Event::Empty(start) => {
                    tree.open(namespace, &start)?;
                    tree.close()?;
                }
                Event::End(_) => tree.close()?,
                Event::Text(text) => tree.text(&text.xml10_content())?,
                Event::CData(data) => tree.text(&data.xml10_content())?,
                Event::GeneralRef(reference) => {
                    let char = reference.resolve_char_ref().map_err(|_| XmlError::Malformed)?;
                    match char {
                        Some(char) => tree.text(char.encode_utf8(&mut [0; 4]))?,
                        None => tree.text(
                            quick_xml::escape::resolve_predefined_entity(&reference)
                                .ok_or(XmlError::Malformed)?,
                        )?,
                    }
                }
                Event::DocType(_) => return Err(XmlError::DocumentType),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
                Event::Eof => return tree.finish(),
            }
        }
    }
}

/// Whether a text is a name (XML 1.0, 2.3; of letters beyond ASCII all). The reader does not look, and
/// names of reference parameters are written again.
fn is_name(text: &str) -> bool {
    let is_inner = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c) || !c.is_ascii();
    let begins =
        text.starts_with(|c: char| is_inner(c) && !c.is_ascii_digit() && !"-.".contains(c));
    begins && text.chars().all(is_inner)
}

/// A document while it is read.
#[derive(Default)]
struct Tree {
    root: Option<Element>,
    open: Vec<Element>,
    elements: usize,
}

impl Tree {
    fn open(&mut self, namespace: &str, start: &BytesStart<'_>) -> Result<(), XmlError> {
        self.elements += 1;
        if self.elements > ELEMENTS_MAX || self.open.len() >= DEPTH_MAX {
            return Err(XmlError::TooLarge);
        }
        if self.open.is_empty() && self.root.is_some() {
            return Err(XmlError::Malformed);
        }
        let name = start.local_name();
        if !is_name(name.as_ref()) {
            return Err(XmlError::Malformed);
        }
        let mut element = Element::new(namespace, name.as_ref());
        // The reader's own check for doubles compares each with each; the limit comes first.
        for attribute in start.attributes().with_checks(false) {
            let attribute = attribute.map_err(|_| XmlError::Malformed)?;
            if element.attributes.len() >= ATTRIBUTES_MAX {
                return Err(XmlError::TooLarge);
            }
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            let value = value.map_err(|_| XmlError::Malformed)?.into_owned();
            element.attributes.push((attribute.key.local_name().as_ref().to_owned(), value));
        }
        self.open.push(element);
        Ok(())
    }

    fn close(&mut self) -> Result<(), XmlError> {
        let element = self.open.pop().ok_or(XmlError::Malformed)?;
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), XmlError> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            // White space around the root.
            None if text.trim().is_empty() || text == "\u{feff}" => {}
            None => return Err(XmlError::Malformed),
        }
        Ok(())
    }

    fn finish(self) -> Result<Element, XmlError> {
        if self.open.is_empty() {
            self.root.ok_or(XmlError::Malformed)
        } else {
            Err(XmlError::Malformed)
        }
    }
}

#[cfg(test)]
mod tests;
