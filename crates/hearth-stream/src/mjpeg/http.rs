//! One request and the head of its answer (RFC 9112), as small as a camera needs it.
//!
//! Pure.

use hearth_model::{SourceUrl, StateReason};
use hearth_rtsp::message::Headers;

use crate::SourceError;

/// Real heads are below 1 KiB.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// RFC 2046, 5.1.1, allows 70.
const BOUNDARY_BYTES_MAX: usize = 200;

/// Status and headers of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ResponseHead {
    pub(super) status: u16,
    pub(super) headers: Headers,
}

/// The request for a stream, whose path holds the account if the camera wants it there.
pub(super) fn request(url: &SourceUrl, path: &str, proof: Option<&str>) -> String {
    let host = url.host();
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    let proof = proof.map_or_else(String::new, |proof| format!("Authorization: {proof}\r\n"));
    format!(
        "GET {path} HTTP/1.1\r\nHost: {host}:{}\r\nUser-Agent: hearthwatch/{}\r\n\
         Accept: multipart/x-mixed-replace\r\n{proof}Connection: close\r\n\r\n",
        url.port(),
        env!("CARGO_PKG_VERSION"),
    )
}

fn malformed(detail: &str) -> SourceError {
    SourceError::new(StateReason::Malformed, detail)
}

/// Reads a head and how many bytes it took; `None` if it is not all there.
pub(super) fn parse_head(bytes: &[u8]) -> Result<Option<(ResponseHead, usize)>, SourceError> {
    if !bytes.starts_with(b"HTTP/") && !b"HTTP/".starts_with(bytes.get(..5).unwrap_or(bytes)) {
        return Err(malformed("the answer is not HTTP"));
    }
    let Some(used) = end_of_head(bytes) else {
        return if bytes.len() > HEAD_BYTES_MAX {
            Err(malformed("the head of the answer is too long"))
        } else {
            Ok(None)
        };
    };
    let text = String::from_utf8_lossy(bytes.get(..used).unwrap_or_default());
    let mut lines = text.lines();
    let status = lines.next().and_then(|line| line.split_ascii_whitespace().nth(1));
    let status = status
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| malformed("the answer has no status"))?;
    let mut headers = Headers::new();
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        if headers.len() == Headers::COUNT_MAX {
            return Err(malformed("the answer has too many headers"));
        }
        headers.push(name.trim(), value.trim());
    }
    Ok(Some((ResponseHead { status, headers }, used)))
}

fn end_of_head(bytes: &[u8]) -> Option<usize> {
    let end = |mark: &[u8]| {
        let found = bytes.windows(mark.len()).take(HEAD_BYTES_MAX).position(|part| part == mark);
        found.map(|at| at + mark.len())
    };
    match (end(b"\r\n\r\n"), end(b"\n\n")) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

impl ResponseHead {
    /// Whether the body comes in chunks.
    pub(super) fn is_chunked(&self) -> bool {
        let encoding = self.headers.get("Transfer-Encoding").unwrap_or_default();
        encoding.to_ascii_lowercase().contains("chunked")
    }

    /// What separates the images, or why there are none.
    pub(super) fn boundary(&self) -> Result<String, SourceError> {
        let reason = match self.status {
            200..=299 => None,
            403 => Some(StateReason::WrongPassword),
            404 | 410 => Some(StateReason::NoSuchStream),
            _ => Some(StateReason::Refused),
        };
        if let Some(reason) = reason {
            let detail = format!("the camera answered GET with status {}", self.status);
            return Err(SourceError::new(reason, detail));
        }
        let kind = self.headers.get("Content-Type").unwrap_or_default();
        if !kind.trim_start().to_ascii_lowercase().starts_with("multipart/") {
            let detail = "the camera sends no multipart stream of images";
            return Err(SourceError::new(StateReason::UnsupportedCodec, detail));
        }
        let parameter = kind.split(';').find_map(|part| {
            let (name, value) = part.split_once('=')?;
            name.trim().eq_ignore_ascii_case("boundary").then_some(value)
        });
        // Some cameras write the dashes of the separator into the parameter.
        let boundary = parameter.unwrap_or_default().trim().trim_matches('"').trim_matches('-');
        if boundary.is_empty() || boundary.len() > BOUNDARY_BYTES_MAX {
            return Err(malformed("the multipart stream has no usable boundary"));
        }
        Ok(boundary.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn head(text: &str) -> ResponseHead {
        parse_head(text.as_bytes()).expect("valid").expect("whole").0
    }

    #[test]
    fn a_head_is_read_with_either_line_end() {
        let bytes =
            b"HTTP/1.0 200 OK\nContent-Type: multipart/x-mixed-replace; boundary=\"--ab\"\n\nx";
        let (head, used) = parse_head(bytes).expect("valid").expect("whole");
        assert_eq!((head.status, used), (200, bytes.len() - 1));
        assert_eq!(head.boundary().as_deref(), Ok("ab"));
    }

    #[test]
    fn each_failure_has_its_own_reason() {
        let reason = |text: &str| head(text).boundary().expect_err("no stream").reason;
        assert_eq!(reason("HTTP/1.1 404 No\r\n\r\n"), StateReason::NoSuchStream);
        assert_eq!(reason("HTTP/1.1 403 No\r\n\r\n"), StateReason::WrongPassword);
        assert_eq!(reason("HTTP/1.1 503 No\r\n\r\n"), StateReason::Refused);
        let image = "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n\r\n";
        assert_eq!(reason(image), StateReason::UnsupportedCodec);
        assert_eq!(parse_head(b"RTSP").expect_err("no HTTP").reason, StateReason::Malformed);
    }

    proptest! {
        #[test]
        fn arbitrary_heads_never_panic(text in "(HTTP/)?[ -~\r\n]{0,200}") {
            if let Ok(Some((head, used))) = parse_head(text.as_bytes()) {
                prop_assert!(used <= text.len());
                head.boundary().ok();
            }
        }
    }
}
