//! Cuts a byte stream into RTSP messages and interleaved packets (RFC 2326, 10.12).
//!
//! Pure, and without copies for packets: they are slices of the caller's buffer. Tolerates what
//! cameras do: lines ended by LF alone, blank lines between messages, a missing reason phrase, and
//! junk between packets, which is skipped up to a limit.
//! Invariant: after [`Framer::next`] asked for more, the buffer never has to hold more than
//! [`Framer::BUFFER_MAX`] bytes.

use bytes::Bytes;

use crate::message::{Headers, Message, Method, Request, Response};

/// Why a byte stream is not RTSP.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FramingError {
    /// Start line and headers do not end within [`Framer::HEAD_MAX`] bytes.
    #[error("a message head is longer than {} bytes", Framer::HEAD_MAX)]
    HeadTooLong,
    /// More than [`Headers::COUNT_MAX`] header lines.
    #[error("a message has more than {} headers", Headers::COUNT_MAX)]
    TooManyHeaders,
    /// `Content-Length` is above [`Framer::BODY_MAX`] or not a number.
    #[error("a message body is longer than {} bytes, or its length is no number", Framer::BODY_MAX)]
    Body,
    /// The first line is neither a request nor a status line.
    #[error("a message starts with neither a request nor a status line")]
    StartLine,
    /// No message or packet began within [`Framer::JUNK_MAX`] bytes.
    #[error("no RTSP in {} bytes", Framer::JUNK_MAX)]
    Junk,
}

/// What is at the start of a buffer.
#[derive(Debug, PartialEq, Eq)]
pub enum Framed<'a> {
    /// Too little to tell: call again when the buffer holds at least this many bytes.
    NeedMore(usize),
    /// Bytes without meaning: drop this many.
    Skip(usize),
    /// A message, and how many bytes it took.
    Message(Box<Message>, usize),
    /// A packet. It took its length and [`Framer::PREFIX_BYTES`].
    Packet {
        /// Which of the channels agreed on in `SETUP`.
        channel: u8,
        /// An RTP or RTCP packet.
        payload: &'a [u8],
    },
}

/// Finds where messages and packets begin.
#[derive(Clone, Debug, Default)]
pub struct Framer {
    junk_bytes: usize,
}

impl Framer {
    /// Start line and headers; real ones are below 2 KiB.
    pub const HEAD_MAX: usize = 8 * 1024;
    /// Bodies are session descriptions; real ones are below 4 KiB.
    pub const BODY_MAX: usize = 256 * 1024;
    /// The most that can be between two packets: one that was cut short, and the like.
    pub const JUNK_MAX: usize = 256 * 1024;
    /// Head and body together.
    pub const BUFFER_MAX: usize = Self::HEAD_MAX + Self::BODY_MAX;
    /// `$`, channel and length.
    pub const PREFIX_BYTES: usize = 4;

    /// At the start of a stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks at the start of `buffer`.
    pub fn next<'a>(&mut self, buffer: &'a [u8]) -> Result<Framed<'a>, FramingError> {
        let Some(&first) = buffer.first() else { return Ok(Framed::NeedMore(1)) };
        match first {
            b'$' => Ok(self.packet(buffer)),
            b'\r' | b'\n' | b' ' | b'\t' => {
                let blank = buffer.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
                self.skip(blank)
            }
            _ => match start_of_message(buffer) {
                Start::Yes => self.message(buffer),
                Start::Unclear => Ok(Framed::NeedMore(buffer.len() + 1)),
                Start::No => self.resync(buffer),
            },
        }
    }

    fn packet<'a>(&mut self, buffer: &'a [u8]) -> Framed<'a> {
        let &[_, channel, high, low, ref rest @ ..] = buffer else {
            return Framed::NeedMore(Self::PREFIX_BYTES);
        };
        let length = usize::from(u16::from_be_bytes([high, low]));
        match rest.get(..length) {
            Some(payload) => {
                self.junk_bytes = 0;
                Framed::Packet { channel, payload }
            }
            None => Framed::NeedMore(Self::PREFIX_BYTES + length),
        }
    }

    fn message<'a>(&mut self, buffer: &'a [u8]) -> Result<Framed<'a>, FramingError> {
        let head_bytes = match end_of_head(buffer) {
            Some(end) if end <= Self::HEAD_MAX => end,
            None if buffer.len() < Self::HEAD_MAX => return Ok(Framed::NeedMore(buffer.len() + 1)),
            _ => return Err(FramingError::HeadTooLong),
        };
        let head = String::from_utf8_lossy(buffer.get(..head_bytes).unwrap_or_default());
        let mut lines = head.lines();
        let start = lines.next().unwrap_or_default();
        let headers = parse_headers(lines)?;
        let body_bytes = match headers.get("Content-Length") {
            Some(text) => text.trim().parse().map_err(|_| FramingError::Body)?,
            None => 0,
        };
        if body_bytes > Self::BODY_MAX {
            return Err(FramingError::Body);
        }
        let used = head_bytes + body_bytes;
        let Some(body) = buffer.get(head_bytes..used) else { return Ok(Framed::NeedMore(used)) };
        let message = parse_start(start, headers, Bytes::copy_from_slice(body))?;
        self.junk_bytes = 0;
        Ok(Framed::Message(Box::new(message), used))
    }

    /// Skips to the next place that looks like a packet or a message.
    fn resync<'a>(&mut self, buffer: &'a [u8]) -> Result<Framed<'a>, FramingError> {
        let next = (1..buffer.len()).find(|&at| {
            let rest = buffer.get(at..).unwrap_or_default();
            match rest.first() {
                Some(b'$') => may_be_packet(rest),
                Some(b'A'..=b'Z') => !matches!(start_of_message(rest), Start::No),
                _ => false,
            }
        });
        self.skip(next.unwrap_or(buffer.len()))
    }

    fn skip<'a>(&mut self, bytes: usize) -> Result<Framed<'a>, FramingError> {
        self.junk_bytes = self.junk_bytes.saturating_add(bytes);
        if self.junk_bytes > Self::JUNK_MAX {
            return Err(FramingError::Junk);
        }
        Ok(Framed::Skip(bytes))
    }
}

/// After junk, a `$` counts only if what follows can be a short channel number and RTP version 2:
/// compressed video holds a `$` every 256 bytes.
fn may_be_packet(rest: &[u8]) -> bool {
    const CHANNEL_MAX: u8 = 15;
    let channel_fits = rest.get(1).is_none_or(|&channel| channel <= CHANNEL_MAX);
    let version_fits = rest.get(Framer::PREFIX_BYTES).is_none_or(|&byte| byte >> 6 == 2);
    channel_fits && version_fits
}

enum Start {
    Yes,
    No,
    Unclear,
}

fn start_of_message(buffer: &[u8]) -> Start {
    const TOKENS: [&[u8]; 12] = [
        b"RTSP/",
        b"OPTIONS ",
        b"DESCRIBE ",
        b"SETUP ",
        b"PLAY ",
        b"PAUSE ",
        b"TEARDOWN ",
        b"GET_PARAMETER ",
        b"SET_PARAMETER ",
        b"ANNOUNCE ",
        b"RECORD ",
        b"REDIRECT ",
    ];
    let mut unclear = false;
    for token in TOKENS {
        let length = token.len().min(buffer.len());
        let same = buffer.iter().zip(token).all(|(a, b)| a.eq_ignore_ascii_case(b));
        if same && length == token.len() {
            return Start::Yes;
        }
        unclear |= same;
    }
    if unclear { Start::Unclear } else { Start::No }
}

/// The position after the first empty line.
fn end_of_head(buffer: &[u8]) -> Option<usize> {
    let mut line_start = 0;
    for (at, &byte) in buffer.iter().take(Framer::HEAD_MAX + 1).enumerate() {
        if byte == b'\n' {
            let line = buffer.get(line_start..at).unwrap_or_default();
            if line.is_empty() || line == b"\r" {
                return Some(at + 1);
            }
            line_start = at + 1;
        }
    }
    None
}

fn parse_headers<'a>(lines: impl Iterator<Item = &'a str>) -> Result<Headers, FramingError> {
    let mut headers = Headers::new();
    for line in lines {
        if line.starts_with([' ', '\t']) {
            headers.continue_last(line.trim());
        } else if let Some((name, value)) = line.split_once(':') {
            if headers.len() == Headers::COUNT_MAX {
                return Err(FramingError::TooManyHeaders);
            }
            headers.push(name.trim(), value.trim());
        }
    }
    Ok(headers)
}

fn parse_start(start: &str, headers: Headers, body: Bytes) -> Result<Message, FramingError> {
    let mut words = start.split_ascii_whitespace();
    let first = words.next().ok_or(FramingError::StartLine)?;
    let second = words.next().ok_or(FramingError::StartLine)?;
    if first.get(..5).is_some_and(|name| name.eq_ignore_ascii_case("RTSP/")) {
        let status = second.parse().map_err(|_| FramingError::StartLine)?;
        let reason = words.collect::<Vec<_>>().join(" ");
        return Ok(Message::Response(Response { status, reason, headers, body }));
    }
    let (method, uri) = (Method::parse(first), second.to_owned());
    Ok(Message::Request(Request { method, uri, headers, body }))
}

#[cfg(test)]
mod tests;
