//! Finds things in the XML of requests: as much as a simulated device needs, and not a parser.
//!
//! Pure. Names are compared without their prefixes.

/// What stands between an element's tags; empty if it has no content.
pub(super) fn inside<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (qualified, attributes, rest) = find(text, name)?;
    if attributes.ends_with('/') {
        return Some("");
    }
    let end = rest.find(&format!("</{qualified}"))?;
    rest.get(..end)
}

/// An element's text without its entities.
pub(super) fn text(text: &str, name: &str) -> Option<String> {
    inside(text, name).map(|inside| plain(inside.trim()))
}

/// An element's attribute.
pub(super) fn attribute(text: &str, name: &str, attribute: &str) -> Option<String> {
    let (_, attributes, _) = find(text, name)?;
    let start = attributes.find(&format!("{attribute}="))? + attribute.len() + 1;
    let quoted = attributes.get(start..)?;
    let quote = quoted.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    quoted.get(1..)?.split(quote).next().map(plain)
}

/// The local name of the first element inside the body.
pub(super) fn operation(text: &str) -> Option<&str> {
    let inside = inside(text, "Body")?;
    let start = inside.find('<')? + 1;
    let rest = inside.get(start..)?;
    let qualified = rest.split(is_name_end).next()?;
    qualified.rsplit(':').next()
}

/// An element's qualified name, its attributes, and what comes behind its tag.
fn find<'a>(text: &'a str, name: &str) -> Option<(&'a str, &'a str, &'a str)> {
    text.match_indices('<').find_map(|(at, _)| {
        let rest = text.get(at + 1..)?;
        let qualified = rest.split(is_name_end).next()?;
        if qualified.rsplit(':').next() != Some(name) {
            return None;
        }
        let end = rest.find('>')?;
        Some((qualified, rest.get(qualified.len()..end)?, rest.get(end + 1..)?))
    })
}

fn is_name_end(c: char) -> bool {
    c.is_whitespace() || matches!(c, '/' | '>')
}

fn plain(text: &str) -> String {
    let pairs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// Text as it may stand in XML.
pub(super) fn escape(text: &str) -> String {
    let pairs = [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;")];
    pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "<a:Envelope><a:Body x='1'><b:Go y=\"2\"><Token> t&amp;1 </Token><Empty z='3'/></b:Go></a:Body></a:Envelope>";

    #[test]
    fn names_texts_and_attributes_are_found_without_prefixes() {
        assert_eq!(operation(TEXT), Some("Go"));
        assert_eq!(text(TEXT, "Token").as_deref(), Some("t&1"));
        assert_eq!(attribute(TEXT, "Empty", "z").as_deref(), Some("3"));
        assert_eq!(inside(TEXT, "Empty"), Some(""));
        assert_eq!(text(TEXT, "Missing"), None);
    }

    proptest::proptest! {
        #[test]
        fn arbitrary_text_never_panics(written in "(<|>|/|a:|Body|'|\"|x=|\\PC){0,40}") {
            let _ = operation(&written);
            drop(text(&written, "Body"));
            drop(attribute(&written, "Body", "x"));
        }
    }
}
