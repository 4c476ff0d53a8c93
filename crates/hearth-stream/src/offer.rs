//! Whether a camera that is watched in the clear would send encrypted too: RTSP inside TLS.
//!
//! Asks the same host at a few ports, under the same address policy as the stream itself, without
//! credentials, and reads no more than the first word of the answer. promise: V-10, K-04.

use std::time::Duration;

use hearth_model::{SourceScheme, SourceUrl};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    task::JoinSet,
    time::timeout,
};

use crate::{SourceSpec, certificate, connection::dial};

/// What a firewall that answers nothing costs. A camera's RSA handshake takes up to 2 s.
pub const OFFER_TIMEOUT: Duration = Duration::from_secs(4);

/// Ports that are tried; more would be a scan.
pub const OFFER_PORTS_MAX: usize = 4;

/// Asks for nothing (RFC 2326, 10.1), so that no camera minds it.
const REQUEST: &[u8] = b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n";

/// What every answer begins with, refusals too (RFC 2326, 7.1).
const ANSWER: &[u8] = b"RTSP/1.";

/// The same stream by RTSPS, if the source is plain RTSP and its host speaks RTSP inside TLS at one
/// of these ports; of several the first in the list. At most [`OFFER_PORTS_MAX`] are tried, all at
/// once, for [`OFFER_TIMEOUT`]. Whether the path is the same there is not tried.
pub async fn rtsps_offer(spec: &SourceSpec, ports: &[u16]) -> Option<SourceUrl> {
    if spec.url.scheme() != SourceScheme::Rtsp {
        return None;
    }
    let mut attempts = JoinSet::new();
    for (rank, port) in ports.iter().copied().enumerate().take(OFFER_PORTS_MAX) {
        let spec = spec.clone();
        attempts.spawn(async move {
            let speaks = timeout(OFFER_TIMEOUT, speaks_rtsps(&spec, port)).await;
            (rank, port, speaks.ok().flatten().is_some())
        });
    }
    let answers = attempts.join_all().await;
    let offers = answers.into_iter().filter(|(_, _, speaks)| *speaks);
    let (_, port, _) = offers.min_by_key(|(rank, _, _)| *rank)?;
    Some(spec.url.with_rtsps(port))
}

async fn speaks_rtsps(spec: &SourceSpec, port: u16) -> Option<()> {
    let host = spec.url.host();
    let stream = dial(host, port, spec.addresses).await.ok()?;
    let (mut stream, _) = certificate::agree(stream, host, None).await.ok()?;
    stream.write_all(REQUEST).await.ok()?;
    stream.flush().await.ok()?;
    let mut begun = [0; ANSWER.len()];
    stream.read_exact(&mut begun).await.ok()?;
    (begun == ANSWER).then_some(())
}
