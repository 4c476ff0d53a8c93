//! A connection that holds its place, and gives up on a peer which takes no bytes.
//!
//! Whatever is being sent (an answer, a clip, live pictures, events), a viewer that stops reading
//! fills the socket's buffer; from then on every write waits. [`Connection`] ends that wait, so
//! that one stuck viewer holds a task and a few buffers for a bounded time only. Its place among
//! the connections goes with it into a WebSocket, and is free again when the stream is dropped.
//! promise: D-19, T-10.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep},
};

use crate::slots::Slot;

/// A connection whose writes have a deadline.
pub(crate) struct Connection<S> {
    stream: S,
    _slot: Slot,
    stalled_max: Duration,
    timer: Pin<Box<Sleep>>,
    waiting: bool,
}

impl<S> Connection<S> {
    pub(crate) fn new(stream: S, slot: Slot, stalled_max: Duration) -> Self {
        let timer = Box::pin(tokio::time::sleep(stalled_max));
        Self { stream, _slot: slot, stalled_max, timer, waiting: false }
    }

    /// Passes `outcome` on, unless it has been pending for longer than the deadline.
    fn bounded<T>(
        &mut self,
        outcome: Poll<io::Result<T>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.waiting = false;
            return outcome;
        }
        if !self.waiting {
            self.waiting = true;
            self.timer.as_mut().reset(Instant::now() + self.stalled_max);
        }
        match self.timer.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Connection<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Connection<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.bounded(outcome, cx)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.stream).poll_flush(cx);
        self.bounded(outcome, cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.bounded(outcome, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        self.bounded(outcome, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;

    use super::*;
    use crate::slots::Slots;

    fn slot() -> Slot {
        Slots::new(1).take(std::net::Ipv4Addr::LOCALHOST.into(), 1).expect("free")
    }

    /// promise: D-19. Nobody reads the other end, and the writer does not wait for ever.
    #[tokio::test]
    async fn a_peer_that_takes_nothing_is_given_up() {
        let (ours, _theirs) = tokio::io::duplex(8);
        let mut connection = Connection::new(ours, slot(), Duration::from_millis(20));
        let error = connection.write_all(&[0; 64]).await.expect_err("stalled");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn a_slow_peer_is_served() {
        let (ours, mut theirs) = tokio::io::duplex(8);
        let reader = tokio::spawn(async move {
            let mut read = Vec::new();
            tokio::io::AsyncReadExt::read_to_end(&mut theirs, &mut read).await.map(|_| read)
        });
        let mut connection = Connection::new(ours, slot(), Duration::from_secs(60));
        connection.write_all(&[7; 64]).await.expect("written");
        connection.shutdown().await.expect("closed");
        drop(connection);
        assert_eq!(reader.await.expect("joined").expect("read"), vec![7; 64]);
    }
}
