//! A page of a published list of wanted people, in the form of the FBI's
//! (<https://www.fbi.gov/wanted/api>). Pure; whatever is odd about an entry leaves only that entry out.

use serde_json::Value;

use super::settings::PublishedClass;
use crate::{name::PersonName, place::is_url};

/// Longest name of an entry on its list.
pub(super) const UID_BYTES_MAX: usize = 64;

/// Longest date.
const DATE_BYTES_MAX: usize = 40;

/// Longest name of a person.
const NAME_CHARACTERS_MAX: usize = 64;

/// So much of what they are wanted for is kept.
const REASON_CHARACTERS_MAX: usize = 300;

/// Somebody on the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) uid: String,
    pub(super) class: PublishedClass,
    pub(super) name: PersonName,
    pub(super) reason: String,
    /// Where people read it; empty if it tells none.
    pub(super) url: String,
    pub(super) published: Option<String>,
    pub(super) modified: String,
    /// Where the picture is.
    pub(super) picture: String,
}

/// A page of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Page {
    /// Entries on all pages.
    pub(super) total: usize,
    /// Entries on this one, fit or not.
    pub(super) entries: usize,
    /// Those who are wanted, and have a picture.
    pub(super) people: Vec<Listed>,
}

/// The address of a page; the first has number 1.
pub(super) fn page_url(list: &str, class: PublishedClass, entries: usize, page: usize) -> String {
    let class = class.word();
    format!("{list}?pageSize={entries}&page={page}&poster_classification={class}")
}

/// Reads a page; `None` if it is no list.
pub(super) fn read_page(json: &[u8], class: PublishedClass) -> Option<Page> {
    let page: Value = serde_json::from_slice(json).ok()?;
    let items = page["items"].as_array()?;
    let total = usize::try_from(page["total"].as_u64()?).ok()?;
    let people = items.iter().filter_map(|item| listed(item, class)).collect();
    Some(Page { total, entries: items.len(), people })
}

fn listed(item: &Value, class: PublishedClass) -> Option<Listed> {
    // Those who were caught or found, and those of whom somebody else is the wanted one.
    let is = |field: &str, word: &str| {
        item[field].as_str().is_none_or(|said| said.eq_ignore_ascii_case(word))
    };
    if !(is("status", "na")
        && is("person_classification", "main")
        && is("poster_classification", class.word()))
    {
        return None;
    }
    let uid = item["uid"].as_str().filter(|uid| is_word(uid, UID_BYTES_MAX))?;
    let pictures = item["images"].as_array()?.iter();
    let mut pictures = pictures.filter_map(|image| {
        image["large"].as_str().or_else(|| image["original"].as_str()).filter(|url| is_url(url))
    });
    Some(Listed {
        uid: uid.to_owned(),
        class,
        name: PersonName::new(&line(item["title"].as_str()?, NAME_CHARACTERS_MAX))?,
        reason: reason(item),
        url: item["url"].as_str().filter(|url| is_url(url)).unwrap_or_default().to_owned(),
        published: date(&item["publication"]),
        modified: date(&item["modified"])?,
        picture: pictures.next()?.to_owned(),
    })
}

fn is_word(text: &str, bytes_max: usize) -> bool {
    (1..=bytes_max).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn date(value: &Value) -> Option<String> {
    value.as_str().filter(|text| is_word(text, DATE_BYTES_MAX)).map(str::to_owned)
}

fn reason(item: &Value) -> String {
    let subjects = item["subjects"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let subjects = subjects.collect::<Vec<_>>().join("; ");
    let told = item["description"].as_str().filter(|text| !text.trim().is_empty());
    let told = line(told.unwrap_or(&subjects), REASON_CHARACTERS_MAX);
    if told.is_empty() { "Named on a published list.".to_owned() } else { told }
}

/// One line of a text from outside.
fn line(text: &str, characters_max: usize) -> String {
    let is_gap = |character: char| character.is_whitespace() || character.is_control();
    let words: Vec<&str> = text.split(is_gap).filter(|word| !word.is_empty()).collect();
    let line: String = words.join(" ").chars().take(characters_max).collect();
    line.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn item() -> Value {
        json!({
            "uid": "8d12c3",
            "title": "JANE  ROE",
            "description": "Fraud\r\nConspiracy",
            "subjects": ["White-Collar Crime"],
            "url": "https://www.example.org/wanted/jane-roe",
            "publication": "2024-03-01T10:00:00",
            "modified": "2026-01-02T03:04:05+00:00",
            "poster_classification": "default",
            "person_classification": "Main",
            "status": "na",
            "images": [{ "large": "https://www.example.org/jane/large", "caption": null }],
        })
    }

    fn read(items: &[Value]) -> Option<Page> {
        let page = json!({ "total": items.len(), "page": 1, "items": items });
        read_page(page.to_string().as_bytes(), PublishedClass::Default)
    }

    #[test]
    fn a_page_tells_who_is_wanted_and_where_they_are_shown() {
        let page = read(&[item()]).expect("a list");
        assert_eq!((page.total, page.entries), (1, 1));
        let jane = &page.people[0];
        assert_eq!((jane.name.as_str(), jane.reason.as_str()), ("JANE ROE", "Fraud Conspiracy"));
        assert_eq!(jane.picture, "https://www.example.org/jane/large");
        assert_eq!(
            page_url("https://example.org/list", PublishedClass::Ten, 50, 2),
            "https://example.org/list?pageSize=50&page=2&poster_classification=ten"
        );
        assert!(read_page(b"<html>", PublishedClass::Ten).is_none());
        assert!(read_page(b"{\"items\":{}}", PublishedClass::Ten).is_none());
    }

    /// promise: D-34. Whoever is missed, searched as a witness, found or caught alarms nobody.
    #[test]
    fn only_those_who_are_wanted_are_taken() {
        for (field, value) in [
            ("poster_classification", json!("missing")),
            ("poster_classification", json!("information")),
            ("person_classification", json!("Victim")),
            ("status", json!("captured")),
            ("title", json!("\u{0}\u{7}")),
            ("uid", json!("a b")),
            ("images", json!([])),
            ("images", json!([{ "large": "http://www.example.org/jane" }])),
            ("modified", Value::Null),
        ] {
            let mut odd = item();
            odd[field] = value;
            let page = read(&[odd, item()]).expect("a list");
            assert_eq!((page.entries, page.people.len()), (2, 1), "{field}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>, title: String, uid: String) {
            read_page(&bytes, PublishedClass::Ten);
            let mut odd = item();
            (odd["title"], odd["uid"], odd["description"]) = (json!(title), json!(uid), json!(title));
            if let Some(one) = read(&[odd]).expect("a list").people.first() {
                prop_assert!(one.name.as_str().chars().count() <= NAME_CHARACTERS_MAX);
                prop_assert!(!one.reason.is_empty() && !one.reason.chars().any(char::is_control));
            }
        }
    }
}
