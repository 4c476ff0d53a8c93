use proptest::prelude::*;

use super::*;

fn read(text: &str) -> Result<Element, XmlError> {
    Element::parse(text.as_bytes())
}

#[test]
fn elements_are_found_by_local_name_with_their_text_and_attributes() {
    let root = read(
        "<?xml version=\"1.0\"?><a:r xmlns:a='urn:x'><!-- no --><b:c x:k=' v&amp;1 '> a &lt;<![CDATA[<b>]]>&#33; </b:c><e/></a:r>",
    )
    .expect("well-formed");
    assert_eq!((root.namespace(), root.name()), ("urn:x", "r"));
    let child = root.child("c").expect("there");
    assert_eq!((child.text(), child.attribute("k")), ("a <<b>!", Some("v&1")));
    assert_eq!(root.text_at(&["e"]), None);
    assert_eq!(root.need(&["e", "f"]), Err(crate::AnswerError::Missing("f")));
}

/// promise: K-03. No document type, so no entity that grows and none that is fetched.
#[test]
fn a_document_type_and_unknown_entities_are_refused() {
    let bomb = "<!DOCTYPE a [<!ENTITY b \"bbbb\">]><a>&b;</a>";
    assert_eq!(read(bomb), Err(XmlError::DocumentType));
    assert_eq!(read("<a>&b;</a>"), Err(XmlError::Malformed));
    assert_eq!(read("<a x='&b;'/>"), Err(XmlError::Malformed));
}

/// promise: K-03. What costs is counted while reading.
#[test]
fn size_depth_elements_and_attributes_have_limits() {
    let deep = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    assert!(read(&deep(DEPTH_MAX)).is_ok());
    assert_eq!(read(&deep(DEPTH_MAX + 1)), Err(XmlError::TooLarge));
    let wide = |width: usize| format!("<a>{}</a>", "<b/>".repeat(width));
    assert!(read(&wide(ELEMENTS_MAX - 1)).is_ok());
    assert_eq!(read(&wide(ELEMENTS_MAX)), Err(XmlError::TooLarge));
    let rich = |count: usize| {
        let attributes: String = (0..count).map(|n| format!(" a{n}=''")).collect();
        format!("<a{attributes}/>")
    };
    assert!(read(&rich(ATTRIBUTES_MAX)).is_ok());
    assert_eq!(read(&rich(ATTRIBUTES_MAX + 1)), Err(XmlError::TooLarge));
    let named: String = (0..=NAMESPACES_MAX).map(|n| format!(" xmlns:a{n}='u'")).collect();
    assert!(read(&format!("<a{named}/>")).is_err());
    let long = format!("<a>{}</a>", " ".repeat(DOCUMENT_BYTES_MAX));
    assert_eq!(read(&long), Err(XmlError::TooLarge));
}

#[test]
fn what_is_not_one_whole_document_is_refused() {
    // Found by fuzzing: elements without a name, or with one that cannot be written again.
    for text in ["< />", "<:/>", "<a:/>", "<a:b:c/>", "<1/>", "<a\"b/>", "<a&lt;/>"] {
        assert_eq!(read(text), Err(XmlError::Malformed), "{text}");
    }
    for text in ["", "x", "<a>", "</a>", "<a></b>", "<a/><b/>", "<a/>x", "<a x=></a>", "<a>&</a>"] {
        assert_eq!(read(text), Err(XmlError::Malformed), "{text}");
    }
    assert_eq!(Element::parse(b"<a>\xff</a>"), Err(XmlError::Malformed));
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes: Vec<u8>) {
        drop(Element::parse(&bytes));
    }

    #[test]
    fn almost_xml_never_panics(text in "(<|</|/>|>|a|b:|xmlns='|'|=|&|;|#|x|1|\\[|!|-|\\?| |CDATA|DOCTYPE){0,60}") {
        drop(read(&text));
    }

    /// Whatever text goes in comes out again, but for what XML cannot hold.
    #[test]
    fn what_is_written_reads_the_same(value in "\\PC{0,40}", tail in "[<>&'\"\t\n\r]{0,6}") {
        let value = format!("x{value}{tail}x").replace(['\u{fffe}', '\u{ffff}'], "");
        let mut writer = Writer::new();
        writer.element_with("a", &[("k", &value)], |inside| inside.leaf("b", &value));
        let root = read(&writer.finish()).expect("well-formed");
        prop_assert_eq!(root.attribute("k"), Some(value.as_str()));
        prop_assert_eq!(root.text_at(&["b"]), Some(value.as_str()));
    }
}
