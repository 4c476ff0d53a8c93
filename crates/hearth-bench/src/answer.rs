//! Answers on a connection over which many requests are sent at once.

use anyhow::Context;
use bytes::{Buf, BytesMut};

/// No answer that is measured comes near this.
const ANSWER_BYTES_MAX: usize = 64 << 10;

/// The status of the first answer, which is taken out; `None` if it is not there as a whole.
pub(crate) fn take_answer(buffer: &mut BytesMut) -> anyhow::Result<Option<u16>> {
    let Some(end) = buffer.windows(4).position(|part| part == b"\r\n\r\n") else {
        anyhow::ensure!(buffer.len() < ANSWER_BYTES_MAX, "an answer without end");
        return Ok(None);
    };
    let head = std::str::from_utf8(&buffer[..end])?;
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).context("no status")?;
    let status = status.parse()?;
    let length: usize = lines
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .context("an answer without a length")?
        .1
        .parse()?;
    anyhow::ensure!(length < ANSWER_BYTES_MAX, "an answer of {length} bytes");
    if buffer.len() < end + 4 + length {
        return Ok(None);
    }
    buffer.advance(end + 4 + length);
    Ok(Some(status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_taken_one_by_one() {
        let text = "HTTP/1.1 429 Too Many Requests\r\ncontent-length: 2\r\n\r\n{}HTTP/1.1 401 U\r\n\
            Content-Length: 3\r\n\r\n{";
        let mut buffer = BytesMut::from(text);
        assert_eq!(take_answer(&mut buffer).expect("well formed"), Some(429));
        assert_eq!(take_answer(&mut buffer).expect("well formed"), None);
        buffer.extend_from_slice(b" }");
        assert_eq!(take_answer(&mut buffer).expect("well formed"), Some(401));
        assert!(buffer.is_empty());
    }
}
