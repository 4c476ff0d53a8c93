//! RTSP 1.0 requests and responses as values, and how they are written (RFC 2326, 4 to 7 and 12).
//!
//! Pure. Reading them from a byte stream is in `framing`.
//! Invariant: whatever is printed for debugging leaves out the credentials of `Authorization`.

use std::fmt;

use bytes::Bytes;

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// What the other side can do.
    Options,
    /// The session description.
    Describe,
    /// One track's transport.
    Setup,
    /// Start sending.
    Play,
    /// Stop sending for now.
    Pause,
    /// End the session.
    Teardown,
    /// Read a parameter; without a body, a sign of life.
    GetParameter,
    /// Set a parameter.
    SetParameter,
    /// Any other token.
    Other(String),
}

impl Method {
    const NAMED: [(&'static str, Self); 8] = [
        ("OPTIONS", Self::Options),
        ("DESCRIBE", Self::Describe),
        ("SETUP", Self::Setup),
        ("PLAY", Self::Play),
        ("PAUSE", Self::Pause),
        ("TEARDOWN", Self::Teardown),
        ("GET_PARAMETER", Self::GetParameter),
        ("SET_PARAMETER", Self::SetParameter),
    ];

    /// From its token. Case matters (RFC 2326, 6.1), but no camera means anything else by `play`.
    pub fn parse(token: &str) -> Self {
        Self::NAMED
            .into_iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(token))
            .map_or_else(|| Self::Other(token.to_owned()), |(_, method)| method)
    }

    /// Its token.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Options => "OPTIONS",
            Self::Describe => "DESCRIBE",
            Self::Setup => "SETUP",
            Self::Play => "PLAY",
            Self::Pause => "PAUSE",
            Self::Teardown => "TEARDOWN",
            Self::GetParameter => "GET_PARAMETER",
            Self::SetParameter => "SET_PARAMETER",
            Self::Other(token) => token,
        }
    }
}

/// Header fields in the order in which they came.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// No camera sends more than about 15; each costs an allocation.
    pub const COUNT_MAX: usize = 64;

    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one at the end. Line breaks become spaces, so that no value can add a header.
    pub fn push(&mut self, name: &str, value: &str) {
        self.0.push((one_line(name), one_line(value)));
    }

    /// The first one with this name, whatever its case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// All with this name, whatever its case.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.iter().filter(move |(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Appends to the value of the last one: a folded line (RFC 2326 by way of RFC 2068, 4.2).
    pub(crate) fn continue_last(&mut self, text: &str) {
        if let Some((_, value)) = self.0.last_mut() {
            value.push(' ');
            value.push_str(text);
        }
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (name, value) in self.iter() {
            let hidden = name.to_ascii_lowercase().ends_with("authorization");
            map.entry(&name, &if hidden { "[secret]" } else { value });
        }
        map.finish()
    }
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A request, from either side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What it asks for.
    pub method: Method,
    /// Of what: an absolute URL or `*`.
    pub uri: String,
    /// Its header fields.
    pub headers: Headers,
    /// Its body; `Content-Length` is written from its size.
    pub body: Bytes,
}

/// A response, from either side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The words after it; may be empty.
    pub reason: String,
    /// Its header fields.
    pub headers: Headers,
    /// Its body; `Content-Length` is written from its size.
    pub body: Bytes,
}

/// A request or a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Something is asked.
    Request(Request),
    /// Something is answered.
    Response(Response),
}

impl Request {
    /// A request without a body.
    pub fn new(method: Method, uri: &str) -> Self {
        Self { method, uri: uri.to_owned(), headers: Headers::new(), body: Bytes::new() }
    }

    /// The number that ties a response to it.
    pub fn cseq(&self) -> Option<u32> {
        cseq(&self.headers)
    }

    /// As it travels.
    pub fn encode(&self) -> Bytes {
        let method = one_line(self.method.as_str());
        let start = format!("{method} {} RTSP/1.0\r\n", one_line(&self.uri));
        encode(start, &self.headers, &self.body)
    }
}

impl Response {
    /// A response to `request`, with its `CSeq`.
    pub fn to(request: &Request, status: u16, reason: &str) -> Self {
        let mut headers = Headers::new();
        if let Some(cseq) = request.cseq() {
            headers.push("CSeq", &cseq.to_string());
        }
        Self { status, reason: reason.to_owned(), headers, body: Bytes::new() }
    }

    /// The number of the request that it answers.
    pub fn cseq(&self) -> Option<u32> {
        cseq(&self.headers)
    }

    /// As it travels.
    pub fn encode(&self) -> Bytes {
        let start = format!("RTSP/1.0 {} {}\r\n", self.status, one_line(&self.reason));
        encode(start, &self.headers, &self.body)
    }
}

fn cseq(headers: &Headers) -> Option<u32> {
    headers.get("CSeq")?.trim().parse().ok()
}

fn encode(start: String, headers: &Headers, body: &Bytes) -> Bytes {
    let mut text = start;
    for (name, value) in headers.iter() {
        if !name.eq_ignore_ascii_case("Content-Length") {
            text.push_str(name);
            text.push_str(": ");
            text.push_str(value);
            text.push_str("\r\n");
        }
    }
    if !body.is_empty() {
        text.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    text.push_str("\r\n");
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(body);
    bytes.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// promise: K-07. A message can be logged without its credentials.
    #[test]
    fn debug_leaves_out_authorization() {
        let mut request = Request::new(Method::Describe, "rtsp://camera/");
        request.headers.push("Authorization", "Basic aHVudGVyMg==");
        let shown = format!("{request:?}");
        assert!(!shown.contains("aHVudGVyMg"), "{shown}");
    }

    #[test]
    fn a_value_cannot_add_a_header() {
        let mut request = Request::new(Method::Play, "rtsp://camera/\r\nEvil: 1");
        request.headers.push("Session", "1\r\nEvil: 2");
        let text = String::from_utf8(request.encode().to_vec()).expect("text");
        assert!(!text.contains("\nEvil"), "{text}");
    }
}
