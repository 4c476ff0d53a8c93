//! The head of an answer, read leniently: some firmware sends junk before it.

use hearth_rtsp::auth::parse_parameters;

/// A head of a camera is below 1 KiB.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// What an answer says before its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The HTTP status.
    pub status: u16,
    /// The parameters of `WWW-Authenticate: Digest`.
    pub digest: Vec<(String, String)>,
    /// The parameters of `Key-Exchange`.
    pub key_exchange: Vec<(String, String)>,
    /// The bytes of the body that follows, where it says.
    pub body_bytes: usize,
}

/// Why a head is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoHead;

impl Head {
    /// Reads a head; also says how many bytes it took. `None` if more bytes are needed.
    pub fn read(bytes: &[u8]) -> Result<Option<(Self, usize)>, NoHead> {
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            return if bytes.len() > HEAD_BYTES_MAX { Err(NoHead) } else { Ok(None) };
        };
        if end > HEAD_BYTES_MAX {
            return Err(NoHead);
        }
        let text = String::from_utf8_lossy(&bytes[..end]);
        // "HTTP ERROR 401HTTP/1.0 401 Unauthorized" was seen.
        let begin = text.find("HTTP/").ok_or(NoHead)?;
        let mut lines = text.get(begin..).unwrap_or_default().split("\r\n");
        let first = lines.next().unwrap_or_default();
        let status =
            first.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or(NoHead)?;
        let mut head = Self { status, digest: Vec::new(), key_exchange: Vec::new(), body_bytes: 0 };
        for line in lines {
            let Some((name, value)) = line.split_once(':') else { continue };
            let value = value.trim();
            match name.trim().to_ascii_lowercase().as_str() {
                "www-authenticate" => {
                    if let Some(parameters) = value.strip_prefix("Digest ") {
                        head.digest = parse_parameters(parameters);
                    }
                }
                // Separated by spaces, unlike everything else.
                "key-exchange" => head.key_exchange = parse_parameters(&spaced(value)),
                "content-length" => head.body_bytes = value.parse().unwrap_or(0),
                _ => {}
            }
        }
        Ok(Some((head, end + 4)))
    }
}

/// Puts commas where parameters are separated by spaces outside of quotes.
fn spaced(value: &str) -> String {
    let mut in_quotes = false;
    value
        .chars()
        .map(|c| {
            in_quotes ^= c == '"';
            if c == ' ' && !in_quotes { ',' } else { c }
        })
        .collect()
}

/// A parameter by its name.
pub(super) fn parameter<'a>(parameters: &'a [(String, String)], name: &str) -> Option<&'a str> {
    parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn junk_before_the_head_and_equal_signs_in_values_are_understood() {
        let bytes = b"HTTP ERROR 401HTTP/1.0 401 Unauthorized\r\n\
            WWW-Authenticate: Digest realm=\"TP-Link IP-Camera\",nonce=\"YQ==\", encrypt_type=\"3\"\r\n\
            Content-Length: 0\r\n\r\nrest";
        let (head, used) = Head::read(bytes).expect("a head").expect("a whole one");
        assert_eq!((head.status, &bytes[used..]), (401, &b"rest"[..]));
        assert_eq!(parameter(&head.digest, "nonce"), Some("YQ=="));
        assert_eq!(parameter(&head.digest, "encrypt_type"), Some("3"));
    }

    #[test]
    fn a_key_exchange_is_separated_by_spaces() {
        let bytes = b"HTTP/1.1 200 OK\r\nKey-Exchange: cipher=\"AES_128_CBC\" username=\"a b\" nonce=\"0\"\r\n\r\n";
        let (head, _) = Head::read(bytes).expect("a head").expect("a whole one");
        assert_eq!(parameter(&head.key_exchange, "username"), Some("a b"));
        assert_eq!(parameter(&head.key_exchange, "nonce"), Some("0"));
    }

    proptest::proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>) {
            Head::read(&bytes).ok();
            Head::read(&[b"HTTP/1.1 200\r\n", bytes.as_slice(), b"\r\n\r\n"].concat()).ok();
        }
    }
}
