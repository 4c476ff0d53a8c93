//! One HTTP/1.1 connection to a device: posts go out, bounded answers come in.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::{task::JoinHandle, time::timeout};

use super::{REQUEST_TIMEOUT, secure_stream::Io};
use crate::{
    Failure, Malformed,
    transport::{Post, REPLY_BYTES_MAX, Reply},
};

/// Devices close idle connections after a few seconds; a request must not meet that.
const IDLE_MAX: Duration = Duration::from_secs(3);
/// A head of a device is below 1 KiB.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// Cookies of a device.
const COOKIES_MAX: usize = 8;

/// Headers that every request of a client carries.
#[derive(Clone, Debug)]
pub(super) struct CommonHeaders(pub(super) Vec<(&'static str, String)>);

/// An open connection.
pub(super) struct Wire {
    sender: SendRequest<Full<Bytes>>,
    driver: JoinHandle<()>,
    used: Instant,
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Wire {
    /// Prepares a connection for HTTP.
    pub(super) async fn over(io: Box<dyn Io>) -> Result<Self, Failure> {
        let (sender, connection) = http1::Builder::new()
            .title_case_headers(true)
            .max_buf_size(HEAD_BYTES_MAX)
            .handshake(TokioIo::new(io))
            .await
            .map_err(|error| broken(&error))?;
        let driver = tokio::spawn(async move {
            // What went wrong is reported to the request that was under way.
            connection.await.ok();
        });
        Ok(Self { sender, driver, used: Instant::now() })
    }

    /// Whether another request may be sent over it.
    pub(super) fn is_usable(&self) -> bool {
        !self.sender.is_closed() && self.used.elapsed() < IDLE_MAX
    }

    /// Sends a post and waits for the whole answer.
    pub(super) async fn post(
        &mut self,
        common: &CommonHeaders,
        post: Post,
        doing: &'static str,
    ) -> Result<Reply, Failure> {
        let reply = timeout(REQUEST_TIMEOUT, self.exchange(common, post)).await;
        self.used = Instant::now();
        reply.map_err(|_| Failure::Timeout(doing))?
    }

    async fn exchange(&mut self, common: &CommonHeaders, post: Post) -> Result<Reply, Failure> {
        let mut request = http::Request::post(&post.path);
        for (name, value) in &common.0 {
            if !post.headers.iter().any(|(own, _)| own.eq_ignore_ascii_case(name)) {
                request = request.header(*name, value);
            }
        }
        for (name, value) in post.headers {
            request = request.header(name, value);
        }
        let request = request
            .body(Full::new(Bytes::from(post.body)))
            .map_err(|_| Failure::Malformed(Malformed::new("a token that fits no header")))?;
        // The connection's own task may still be busy with the end of the answer before, on another
        // thread; it refuses what is sent too early.
        self.sender.ready().await.map_err(|error| broken(&error))?;
        let response = self.sender.send_request(request).await.map_err(|error| broken(&error))?;
        let status = response.status().as_u16();
        let cookies = response.headers().get_all(http::header::SET_COOKIE).iter().take(COOKIES_MAX);
        let cookies = cookies.filter_map(|value| value.to_str().ok().map(str::to_owned)).collect();
        let body = Limited::new(response.into_body(), REPLY_BYTES_MAX).collect().await;
        let body =
            body.map_err(|_| Failure::Broken("the body is cut off or too long".to_owned()))?;
        Ok(Reply { status, cookies, body: body.to_bytes().to_vec() })
    }
}

fn broken(error: &hyper::Error) -> Failure {
    let what = if error.is_parse() {
        "not HTTP"
    } else if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
        "closed by the device"
    } else {
        "the connection failed"
    };
    Failure::Broken(what.to_owned())
}
