//! One request and its answer over one connection (HTTP/1.1).

use std::{convert::Infallible, error::Error as _, future::pending};

use bytes::Bytes;
use http::{Request, response::Parts};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;

use crate::{Error, connection::Connection};

/// Services send some 30 headers, devices fewer than ten.
const HEADERS_MAX: usize = 64;
/// The head of an answer; cookies make it a few KiB.
const HEAD_BYTES_MAX: usize = 32 << 10;

/// Sends the request, and reads the whole answer.
pub(crate) async fn exchange(
    connection: Connection,
    request: Request<Full<Bytes>>,
    body_bytes_max: usize,
) -> Result<(Parts, Bytes), Error> {
    let (mut sender, driver) = http1::Builder::new()
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEAD_BYTES_MAX)
        // Small servers in devices compare names by letter case.
        .title_case_headers(true)
        .handshake(TokioIo::new(connection))
        .await
        .map_err(|error| hyper_error(&error))?;
    let answered = async {
        let response = sender.send_request(request).await.map_err(|error| hyper_error(&error))?;
        let (parts, body) = response.into_parts();
        let body = Limited::new(body, body_bytes_max).collect().await;
        let body = body.map_err(|error| body_error(error.as_ref()))?;
        Ok((parts, body.to_bytes()))
    };
    // What the connection has to say about its end reaches `answered` through its own channel.
    let driven = async {
        drop(driver.await);
        pending::<Infallible>().await
    };
    tokio::select! {
        answer = answered => answer,
        never = driven => match never {},
    }
}

fn hyper_error(error: &hyper::Error) -> Error {
    if error.is_parse_too_large() {
        Error::TooLarge
    } else if error.is_parse() || is_broken_body(error) {
        Error::Malformed
    } else if error.is_user() {
        Error::Request("it contradicts itself")
    } else {
        Error::Closed
    }
}

/// Chunks that are none; hyper says so in an I/O error below its own.
fn is_broken_body(error: &hyper::Error) -> bool {
    let cause = error.source().and_then(|source| source.downcast_ref::<std::io::Error>());
    cause.is_some_and(|cause| {
        matches!(cause.kind(), std::io::ErrorKind::InvalidInput | std::io::ErrorKind::InvalidData)
    })
}

fn body_error(error: &(dyn std::error::Error + Send + Sync + 'static)) -> Error {
    if error.is::<LengthLimitError>() {
        return Error::TooLarge;
    }
    error.downcast_ref::<hyper::Error>().map_or(Error::Closed, hyper_error)
}
