//! Multipart parts in both directions.

use crate::Malformed;

/// The head of a part is below 300 bytes.
const HEAD_BYTES_MAX: usize = 4 * 1024;
/// A part of video is some tens of KiB; a thumbnail below 1 MiB.
const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;
/// The device's boundary as it stands before each part.
const DEVICE_BOUNDARY: &[u8] = b"--device-stream-boundary--";
/// The client's, with the dashes of multipart before it.
const CLIENT_BOUNDARY: &str = "----client-stream-boundary--";

/// A part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// What the body is: `application/json`, `video/mp2t`, `image/jpeg`.
    pub content_type: String,
    /// Whether the body is encrypted.
    pub is_encrypted: bool,
    /// Which session it belongs to.
    pub session_id: Option<String>,
    /// Its number within the session, for acknowledging.
    pub sequence: Option<u32>,
    /// The body.
    pub body: Vec<u8>,
}

/// Finds parts in a stream of bytes.
#[derive(Debug, Default)]
pub struct PartReader {
    buffer: Vec<u8>,
}

impl PartReader {
    /// Takes bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole part.
    pub fn next_part(&mut self) -> Result<Option<Part>, Malformed> {
        let Some(begin) = find(&self.buffer, DEVICE_BOUNDARY) else {
            let kept = self.buffer.len().min(DEVICE_BOUNDARY.len() - 1);
            let junk = self.buffer.len() - kept;
            self.buffer.drain(..junk);
            return Ok(None);
        };
        let head_begin = begin + DEVICE_BOUNDARY.len();
        let rest = self.buffer.get(head_begin..).unwrap_or_default();
        let Some(head_bytes) = find(rest, b"\r\n\r\n") else {
            let too_long = rest.len() > HEAD_BYTES_MAX;
            return if too_long {
                Err(Malformed::new("a part's head is too long"))
            } else {
                Ok(None)
            };
        };
        if head_bytes > HEAD_BYTES_MAX {
            return Err(Malformed::new("a part's head is too long"));
        }
        let head = String::from_utf8_lossy(&rest[..head_bytes]).into_owned();
        let (mut part, length) = read_head(&head)?;
        let body_begin = head_begin + head_bytes + 4;
        let Some(body) = self.buffer.get(body_begin..body_begin + length) else { return Ok(None) };
        part.body = body.to_vec();
        self.buffer.drain(..body_begin + length);
        Ok(Some(part))
    }
}

fn read_head(head: &str) -> Result<(Part, usize), Malformed> {
    let mut part = Part::default();
    let mut length = None;
    for line in head.split("\r\n") {
        let Some((name, value)) = line.split_once(':') else { continue };
        let value = value.trim();
        match name.trim().to_ascii_lowercase().as_str() {
            "content-type" => part.content_type = value.to_owned(),
            "content-length" => length = value.parse().ok(),
            "x-if-encrypt" => part.is_encrypted = value == "1",
            "x-session-id" => part.session_id = Some(value.to_owned()),
            "x-data-sequence" => part.sequence = value.parse().ok(),
            _ => {}
        }
    }
    let length = length.ok_or(Malformed::new("a part without length"))?;
    if length > BODY_BYTES_MAX {
        return Err(Malformed::new("a part is too long"));
    }
    Ok((part, length))
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

/// A part of the client's, ready to be sent.
pub(super) fn written(content_type: &str, headers: &[(&str, String)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("{CLIENT_BOUNDARY}\r\nContent-Type: {content_type}\r\n");
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    head += &format!("Content-Length: {}\r\n\r\n", body.len());
    let mut part = head.into_bytes();
    part.extend_from_slice(body);
    part.extend(b"\r\n");
    part
}

#[cfg(test)]
mod tests {
    use super::*;

    const PART: &[u8] = b"\r\n----device-stream-boundary--\r\nContent-Type: video/mp2t\r\n\
        Content-Length: 3\r\nX-If-Encrypt: 1\r\nX-Session-Id: 7\r\nX-Data-Sequence: 50\r\n\r\nabc\r\n";

    fn expected() -> Part {
        Part {
            content_type: "video/mp2t".into(),
            is_encrypted: true,
            session_id: Some("7".into()),
            sequence: Some(50),
            body: b"abc".to_vec(),
        }
    }

    #[test]
    fn parts_are_found_however_the_bytes_arrive() {
        for size in 1..PART.len() {
            let mut reader = PartReader::default();
            let mut parts = Vec::new();
            for bytes in [PART, PART].concat().chunks(size) {
                reader.push(bytes);
                parts.extend(reader.next_part().expect("parts"));
            }
            while let Some(part) = reader.next_part().expect("parts") {
                parts.push(part);
            }
            assert_eq!(parts, [expected(), expected()], "in pieces of {size}");
        }
    }

    #[test]
    fn lengths_beyond_the_limit_are_refused_before_anything_is_kept() {
        let mut reader = PartReader::default();
        reader.push(b"----device-stream-boundary--\r\nContent-Length: 99999999\r\n\r\n");
        assert!(reader.next_part().is_err());
    }

    proptest::proptest! {
        /// promise: K-03. Arbitrary bytes in place of parts are an error, never a panic.
        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>, tail: Vec<u8>) {
            let mut reader = PartReader::default();
            reader.push(&bytes);
            reader.next_part().ok();
            reader.push(b"----device-stream-boundary--\r\n");
            reader.push(&tail);
            reader.next_part().ok();
        }
    }
}
