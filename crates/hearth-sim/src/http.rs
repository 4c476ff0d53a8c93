//! As much HTTP/1.1 as a simulated camera and its control need: one small request a connection.
//!
//! Bounded in bytes and time. Answers close the connection.

mod control;
mod mjpeg;

pub(crate) use control::serve_control;
pub(crate) use mjpeg::serve_mjpeg;

use std::{io, time::Duration};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// Request line and headers; real ones are below 1 KiB.
const HEAD_MAX: usize = 8 * 1024;
/// A fault is a line of JSON, a SOAP request some kilobytes, a picture for a bot up to a megabyte.
const BODY_MAX: usize = 2 * 1024 * 1024;
/// Time for a whole request, so that a silent client does not hold a connection.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// A request.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct HttpRequest {
    /// Its method.
    pub(crate) method: String,
    /// Its path and query.
    pub(crate) path: String,
    /// Its proof.
    pub(crate) authorization: Option<String>,
    /// All headers.
    headers: Vec<(String, String)>,
    /// Its body.
    pub(crate) body: Vec<u8>,
}

impl HttpRequest {
    /// The first header of that name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let named = |header: &&(String, String)| header.0.eq_ignore_ascii_case(name);
        self.headers.iter().find(named).map(|(_, value)| value.as_str())
    }
}

/// Reads one request; `None` if it is not one, or too large or slow.
pub(crate) async fn read_request(wire: &mut (impl AsyncRead + Unpin)) -> Option<HttpRequest> {
    tokio::time::timeout(REQUEST_TIMEOUT, read_request_slowly(wire)).await.ok().flatten()
}

async fn read_request_slowly(wire: &mut (impl AsyncRead + Unpin)) -> Option<HttpRequest> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        if bytes.len() > HEAD_MAX || wire.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let (mut request, length) = parse_head(std::str::from_utf8(bytes.get(..head_end)?).ok()?)?;
    let body_start = head_end + 4;
    while bytes.len() < body_start + length {
        if wire.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    request.body = bytes.get(body_start..body_start + length)?.to_vec();
    Some(request)
}

/// Reads a head without the blank line; also says how long the body is.
fn parse_head(head: &str) -> Option<(HttpRequest, usize)> {
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
    let mut request = HttpRequest { method, path, ..HttpRequest::default() };
    let mut length = 0;
    for line in lines {
        let (name, value) = line.split_once(':')?;
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok().filter(|length| *length <= BODY_MAX)?;
        } else if name.eq_ignore_ascii_case("authorization") {
            request.authorization = Some(value.trim().to_owned());
        }
        request.headers.push((name.to_owned(), value.trim().to_owned()));
    }
    Some((request, length))
}

/// Writes a whole answer.
pub(crate) async fn respond(
    wire: &mut (impl AsyncWrite + Unpin),
    status: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> io::Result<()> {
    let mut text = format!("HTTP/1.1 {status}\r\nConnection: close\r\n");
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    text += &format!("Content-Length: {}\r\n\r\n{body}", body.len());
    wire.write_all(text.as_bytes()).await?;
    wire.shutdown().await
}

/// Writes a whole answer with bytes in it.
pub(crate) async fn respond_bytes(
    wire: &mut (impl AsyncWrite + Unpin),
    status: &str,
    kind: &str,
    body: &[u8],
) -> io::Result<()> {
    let head = format!(
        "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    wire.write_all(head.as_bytes()).await?;
    wire.write_all(body).await?;
    wire.shutdown().await
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(text: &[u8]) -> Option<HttpRequest> {
        let mut bytes = text;
        read_request(&mut bytes).await
    }

    #[tokio::test]
    async fn a_request_is_read_with_its_body() {
        let request = read(b"POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcd").await;
        let request = request.expect("a request");
        assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/x"));
        assert_eq!(request.body, b"abc");
    }

    #[tokio::test]
    async fn what_is_cut_short_or_too_large_is_no_request() {
        assert_eq!(read(b"GET / HTTP/1.1\r\n").await, None);
        assert_eq!(read(b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc").await, None);
        assert_eq!(read(b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\nabc").await, None);
        assert_eq!(read(&[b'a'; HEAD_MAX + 9_000]).await, None);
        assert_eq!(read(b"\r\n\r\n").await, None);
    }

    proptest::proptest! {
        #[test]
        fn any_head_is_read_or_refused_without_panic(head in "(\\PC|\r\n|: ){0,80}") {
            let _ = parse_head(&head);
        }
    }
}
