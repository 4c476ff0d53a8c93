//! The form of a mail (RFC 5322, 2045 to 2047). Pure.
//!
//! Words are in base64, so that no character of theirs can end a header, a part or the mail.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hearth_model::{Severity, WallTime};
use jiff::{Timestamp, fmt::rfc2822};

use super::MailAddress;
use crate::Message;

/// RFC 2045, 6.8: at most 76 characters a line.
const LINE_CHARACTERS: usize = 76;
/// Bytes of an encoded word (RFC 2047, 2: at most 75 characters with its frame).
const WORD_BYTES: usize = 42;
/// Cannot be in base64, which has no underscore.
const BOUNDARY: &str = "_hearthwatch_";

/// The whole mail; its lines end with CR LF.
pub(super) fn mail(
    from: &MailAddress,
    to: &MailAddress,
    message: &Message,
    now: WallTime,
) -> String {
    let domain = from.domain();
    let (id, tag) = (token(&message.id), token(&message.tag));
    let mut mail = String::new();
    let mut header = |name: &str, value: &str| {
        // Writing to a text cannot fail.
        write!(mail, "{name}: {value}\r\n").unwrap_or_default();
    };
    header("From", &format!("Hearthwatch <{from}>"));
    header("To", &format!("<{to}>"));
    header("Date", &date(now));
    header("Subject", &encoded_words(&message.title));
    header("Message-ID", &format!("<{id}@{domain}>"));
    // All about one matter is one conversation.
    header("References", &format!("<{tag}@{domain}>"));
    header("Auto-Submitted", "auto-generated");
    if message.severity == Severity::Critical {
        header("Importance", "high");
    }
    header("MIME-Version", "1.0");
    match &message.picture {
        None => mail.push_str(&text_part(message)),
        Some(picture) => {
            let text = text_part(message);
            let jpeg = base64_lines(picture.jpeg());
            write!(
                mail,
                "Content-Type: multipart/mixed; boundary=\"{BOUNDARY}\"\r\n\r\n\
                 --{BOUNDARY}\r\n{text}\
                 --{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Transfer-Encoding: base64\r\n\
                 Content-Disposition: attachment; filename=\"picture.jpg\"\r\n\r\n{jpeg}\
                 --{BOUNDARY}--\r\n"
            )
            .unwrap_or_default();
        }
    }
    mail
}

fn text_part(message: &Message) -> String {
    let link = message.address().map(|link| format!("\r\n\r\n{link}")).unwrap_or_default();
    let body = base64_lines(format!("{}{link}\r\n", message.text).as_bytes());
    format!(
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{body}"
    )
}

/// What may stand in a message id.
fn token(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(64).collect()
}

fn date(now: WallTime) -> String {
    let at = Timestamp::from_microsecond(now.as_micros()).unwrap_or(Timestamp::UNIX_EPOCH);
    rfc2822::DateTimePrinter::new().timestamp_to_string(&at).unwrap_or_default()
}

/// A header's text in words of bounded length, each whole characters (RFC 2047, 5).
fn encoded_words(text: &str) -> String {
    let mut words = Vec::new();
    let mut word = String::new();
    for c in text.chars() {
        if word.len() + c.len_utf8() > WORD_BYTES {
            words.push(std::mem::take(&mut word));
        }
        word.push(c);
    }
    words.push(word);
    let encode = |word: &String| format!("=?UTF-8?B?{}?=", STANDARD.encode(word));
    words.iter().map(encode).collect::<Vec<_>>().join("\r\n ")
}

fn base64_lines(bytes: &[u8]) -> String {
    let encoded = STANDARD.encode(bytes);
    let mut lines = String::with_capacity(encoded.len() + encoded.len() / 30 + 2);
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, more) = rest.split_at(rest.len().min(LINE_CHARACTERS));
        lines.push_str(line);
        lines.push_str("\r\n");
        rest = more;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Picture;

    fn message(title: &str, text: &str) -> Message {
        Message {
            id: "ntf_1".to_owned(),
            tag: "ab12".to_owned(),
            title: title.to_owned(),
            text: text.to_owned(),
            severity: Severity::Critical,
            at: WallTime::from_micros(0),
            link: None,
            origin: None,
            matter: None,
            picture: None,
        }
    }

    fn made(message: &Message) -> String {
        let address = |text: &str| text.parse::<MailAddress>().expect("an address");
        let (from, to) = (address("hub@house.example"), address("ben@house.example"));
        mail(&from, &to, message, WallTime::from_micros(0))
    }

    #[test]
    fn a_mail_says_when_what_and_which() {
        let text = made(&message("Door", "Somebody rang"));
        assert!(text.contains("Date: Thu, 1 Jan 1970 00:00:00 "), "{text}");
        assert!(text.contains("Message-ID: <ntf_1@house.example>\r\n"));
        assert!(text.contains("Subject: =?UTF-8?B?RG9vcg==?=\r\n"));
        assert!(text.contains("Importance: high\r\n"));
        assert!(text.ends_with("U29tZWJvZHkgcmFuZw0K\r\n"), "{text}");
    }

    #[test]
    fn a_picture_is_a_part_of_its_own() {
        let mut with_picture = message("a", "b");
        with_picture.picture = Picture::new(vec![0xff; 2].into());
        assert!(with_picture.picture.is_none());
        with_picture.picture = Picture::new(vec![0xff, 0xd8, 7].into());
        let text = made(&with_picture);
        assert_eq!(text.matches("--_hearthwatch_").count(), 3);
        assert!(text.contains("filename=\"picture.jpg\"\r\n\r\n/9gH\r\n--_hearthwatch_--\r\n"));
    }

    proptest::proptest! {
        /// Whatever the words are, they add no header, and no line is longer than allowed.
        #[test]
        fn no_word_adds_a_line_or_a_header(title in "\\PC{0,120}|[\\x00-\\x7f]{0,99}", body in "\\PC{0,200}") {
            let text = made(&message(&title, &body));
            proptest::prop_assert!(text.is_ascii());
            for line in text.split("\r\n") {
                proptest::prop_assert!(line.len() <= 78 && !line.contains(['\r', '\n']), "{line}");
            }
            let (head, _) = text.split_once("\r\n\r\n").expect("a head");
            let headers = head.split("\r\n").filter(|line| !line.starts_with(' ')).count();
            proptest::prop_assert_eq!(headers, 11);
        }
    }
}
