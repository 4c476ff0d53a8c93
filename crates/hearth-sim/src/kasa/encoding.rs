//! How a camera reads requests and writes answers: a form, base64, autokey XOR, JSON.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::Value;

/// The body of a request, `content=` and percent-encoded base64.
pub(super) fn read_form(body: &[u8]) -> Option<Value> {
    let encoded = body.strip_prefix(b"content=")?;
    let mut base64 = Vec::new();
    let mut rest = encoded.iter();
    while let Some(byte) = rest.next() {
        base64.push(match byte {
            b'%' => {
                let digits = [*rest.next()?, *rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            // In a form, a bare plus is a space, and base64 has none.
            b'+' | b'/' | b'=' => return None,
            plain => *plain,
        });
    }
    let mut bytes = BASE64_STANDARD.decode(base64).ok()?;
    // Backwards, each byte still finds the wrapped one before it.
    for at in (0..bytes.len()).rev() {
        bytes[at] ^= if at == 0 { 0xAB } else { bytes[at - 1] };
    }
    serde_json::from_slice(&bytes).ok().filter(Value::is_object)
}

/// The body of an answer.
pub(super) fn wrap(answer: &Value) -> String {
    let mut bytes = answer.to_string().into_bytes();
    let mut previous = 0xAB;
    for byte in &mut bytes {
        *byte ^= previous;
        previous = *byte;
    }
    base64(&bytes)
}

/// Standard base64.
pub(super) fn base64(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

/// The header of RFC 7617.
pub(super) fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", base64(format!("{user}:{password}").as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A request that locam made, and an answer that another client reads.
    #[test]
    fn forms_of_other_clients_are_read() {
        let form = b"content=0PKB7I3%2Fi%2BeO6I2jwKHM4ov7mPmU8YPizKjJvdiM5Yjtz%2FWOrMuu2oX2guOX4pGzifKP8o8%3D";
        let read = read_form(form).expect("a form");
        assert_eq!(
            read,
            serde_json::json!({"smartlife.cam.ipcamera.dateTime": {"get_status": {}}})
        );
        assert_eq!(read_form(b"content=0PKB7I3/"), None);
        assert_eq!(read_form(b"content=%2"), None);
        assert_eq!(read_form(b"{}"), None);
    }

    proptest::proptest! {
        #[test]
        fn any_form_is_read_or_refused_without_panic(body: Vec<u8>, text in "[a-zA-Z0-9%]{0,40}") {
            read_form(&body);
            read_form(format!("content={text}").as_bytes());
        }
    }
}
