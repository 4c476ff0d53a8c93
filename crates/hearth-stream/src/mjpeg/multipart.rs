//! Splits a multipart body into its parts (RFC 2046, 5.1), with and without their lengths.
//!
//! Pure. Invariant: what waits is bounded by [`PART_BYTES_MAX`] and one read.

use bytes::Bytes;
use hearth_model::StateReason;

use crate::SourceError;

/// As for pictures that come by RTP.
const PART_BYTES_MAX: usize = hearth_rtsp::depacketize::ACCESS_UNIT_BYTES_MAX;
/// The head of a part, and what may be between two parts.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// See the module.
#[derive(Debug)]
pub(super) struct Multipart {
    /// With the two dashes before it.
    separator: Vec<u8>,
    waiting: Vec<u8>,
    state: State,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// Before a separator.
    Between,
    /// Behind one.
    Head,
    /// In a part of known length.
    Sized(usize),
    /// In a part that ends where the next begins; how far that was looked for.
    Unsized(usize),
}

impl Multipart {
    pub(super) fn new(boundary: &str) -> Self {
        let separator = format!("--{boundary}").into_bytes();
        Self { separator, waiting: Vec::new(), state: State::Between }
    }

    /// Adds bytes of the body.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.waiting.extend_from_slice(bytes);
    }

    /// The next part that is all there.
    pub(super) fn next_part(&mut self) -> Result<Option<Bytes>, SourceError> {
        loop {
            match self.state {
                State::Between => {
                    if !self.find_separator()? {
                        return Ok(None);
                    }
                }
                State::Head => {
                    if !self.read_head()? {
                        return Ok(None);
                    }
                }
                State::Sized(length) => {
                    if self.waiting.len() < length {
                        return Ok(None);
                    }
                    return Ok(Some(self.take(length)));
                }
                State::Unsized(searched) => {
                    let Some(end) = find(&self.waiting, &self.separator, searched) else {
                        if self.waiting.len() > PART_BYTES_MAX {
                            return Err(malformed("an image is too large"));
                        }
                        let searched = self.waiting.len().saturating_sub(self.separator.len());
                        self.state = State::Unsized(searched);
                        return Ok(None);
                    };
                    let part = self.take(end);
                    let trailing =
                        part.iter().rev().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
                    return Ok(Some(part.slice(..part.len() - trailing.min(2))));
                }
            }
        }
    }

    fn take(&mut self, length: usize) -> Bytes {
        let part = Bytes::copy_from_slice(self.waiting.get(..length).unwrap_or_default());
        self.waiting.drain(..part.len());
        self.state = State::Between;
        part
    }

    fn find_separator(&mut self) -> Result<bool, SourceError> {
        let Some(at) = find(&self.waiting, &self.separator, 0) else {
            if self.waiting.len() > HEAD_BYTES_MAX {
                return Err(malformed("no separator between images"));
            }
            return Ok(false);
        };
        self.waiting.drain(..at + self.separator.len());
        self.state = State::Head;
        Ok(true)
    }

    /// The rest of the separator's line, then headers up to an empty line.
    fn read_head(&mut self) -> Result<bool, SourceError> {
        let mut length = None;
        let mut line_start = 0;
        let mut is_first = true;
        for (at, _) in self.waiting.iter().enumerate().filter(|(_, byte)| **byte == b'\n') {
            let line = self.waiting.get(line_start..at).unwrap_or_default().trim_ascii();
            line_start = at + 1;
            if std::mem::take(&mut is_first) {
                if line == b"--" {
                    let detail = "the camera ended the stream";
                    return Err(SourceError::new(StateReason::Closed, detail));
                }
                continue;
            }
            if line.is_empty() {
                self.waiting.drain(..line_start);
                self.state = match length {
                    Some(length) if length > PART_BYTES_MAX => {
                        return Err(malformed("an image is too large"));
                    }
                    Some(length) => State::Sized(length),
                    None => State::Unsized(0),
                };
                return Ok(true);
            }
            length = length.or_else(|| content_length(line));
        }
        if self.waiting.len() > HEAD_BYTES_MAX {
            return Err(malformed("the head of an image is too long"));
        }
        Ok(false)
    }
}

fn malformed(detail: &str) -> SourceError {
    SourceError::new(StateReason::Malformed, detail)
}

fn content_length(line: &[u8]) -> Option<usize> {
    let (name, value) = std::str::from_utf8(line).ok()?.split_once(':')?;
    let is_length = name.trim().eq_ignore_ascii_case("Content-Length");
    if is_length { value.trim().parse().ok().filter(|length| *length > 0) } else { None }
}

fn find(bytes: &[u8], wanted: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    rest.windows(wanted.len()).position(|window| window == wanted).map(|at| at + from)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn body(parts: &[Vec<u8>], with_length: bool) -> Vec<u8> {
        let mut body = b"preamble\r\n".to_vec();
        for part in parts {
            body.extend_from_slice(b"--myboundary\r\nContent-Type: image/jpeg\r\n");
            if with_length {
                body.extend_from_slice(format!("Content-Length: {}\r\n", part.len()).as_bytes());
            }
            body.extend_from_slice(b"\r\n");
            body.extend_from_slice(part);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--myboundary");
        body
    }

    proptest! {
        #[test]
        fn parts_come_out_whatever_the_reads_were(
            // No part ends with a line break: without a length that would belong to the separator.
            parts in prop::collection::vec(prop::collection::vec(11u8.., 1..60), 1..6),
            with_length: bool,
            read in 1usize..30,
        ) {
            let parts: Vec<Vec<u8>> = parts.into_iter().map(|mut part| {
                part.push(0xd9);
                part
            }).collect();
            let mut multipart = Multipart::new("myboundary");
            let mut got = Vec::new();
            for bytes in body(&parts, with_length).chunks(read) {
                multipart.add(bytes);
                while let Some(part) = multipart.next_part().expect("valid") {
                    got.push(part.to_vec());
                }
            }
            prop_assert_eq!(got, parts);
        }

        #[test]
        fn arbitrary_bodies_never_panic(text in "(--b\r\n|Content-Length: 3|\r\n|[ -~]){0,60}") {
            let mut multipart = Multipart::new("b");
            multipart.add(text.as_bytes());
            for _ in 0..100 {
                if !matches!(multipart.next_part(), Ok(Some(_))) {
                    break;
                }
            }
        }
    }

    #[test]
    fn limits_and_the_end_are_noticed() {
        let reason = |text: &[u8]| {
            let mut multipart = Multipart::new("b");
            multipart.add(text);
            multipart.next_part().expect_err("refused").reason
        };
        assert_eq!(reason(b"--b--\r\n"), StateReason::Closed);
        assert_eq!(reason(b"--b\r\nContent-Length: 9000000\r\n\r\n"), StateReason::Malformed);
        assert_eq!(reason(&[b'x'; HEAD_BYTES_MAX + 1]), StateReason::Malformed);
    }
}
