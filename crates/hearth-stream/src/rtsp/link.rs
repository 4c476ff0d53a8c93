//! The sockets of one session, as one thing to wait for.

use std::{
    future::{Future, poll_fn},
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::{Buf, Bytes};
use hearth_rtsp::{
    framing::{Framed, Framer},
    session::{ClientSession, SessionError, SessionEvent},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep},
};

use super::{datagrams::Datagrams, read_buffer::ReadBuffer};
use crate::{
    SourceError, Timeline,
    connection::{Connection, closed},
};

/// How often everything that is done by time is looked at. Four wake-ups a second cost nothing
/// that can be measured, and silence is noticed in time.
const TICK: Duration = Duration::from_millis(250);

/// What woke the source.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wake {
    /// So many bytes came through the connection.
    Read(usize),
    /// A datagram came.
    Datagram {
        /// At which socket.
        socket: usize,
        /// Its size.
        bytes: usize,
    },
    /// [`TICK`] is over.
    Tick,
}

/// Why the connection carries nothing more.
#[derive(Debug)]
pub(super) enum LinkError {
    /// The session ended.
    Session(SessionError),
    /// What is below it did.
    Below(SourceError),
}

impl From<SessionError> for LinkError {
    fn from(error: SessionError) -> Self {
        Self::Session(error)
    }
}

impl From<SourceError> for LinkError {
    fn from(error: SourceError) -> Self {
        Self::Below(error)
    }
}

impl From<LinkError> for SourceError {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Session(error) => error.into(),
            LinkError::Below(error) => error,
        }
    }
}

/// See the module.
#[derive(Debug)]
pub(super) struct Link {
    connection: Connection,
    pub(super) buffer: ReadBuffer,
    pub(super) framer: Framer,
    pub(super) session: ClientSession,
    pub(super) datagrams: Option<Datagrams>,
    sending: Bytes,
    must_flush: bool,
    tick: Pin<Box<Sleep>>,
}

impl Link {
    pub(super) fn new(
        connection: Connection,
        session: ClientSession,
        datagrams: Option<Datagrams>,
    ) -> Self {
        Self {
            connection,
            buffer: ReadBuffer::new(),
            framer: Framer::new(),
            session,
            datagrams,
            sending: Bytes::new(),
            must_flush: false,
            tick: Box::pin(tokio::time::sleep(TICK)),
        }
    }

    /// Waits until something came; writes meanwhile. Cancel-safe.
    pub(super) async fn wait(&mut self) -> Result<Wake, SourceError> {
        poll_fn(|cx| self.poll_wake(cx)).await
    }

    /// Runs the session until something happens in it. Packets that come meanwhile are dropped.
    /// Cancel-safe.
    pub(super) async fn next_event(
        &mut self,
        timeline: &dyn Timeline,
    ) -> Result<SessionEvent, LinkError> {
        loop {
            let now = timeline.now();
            let used = match self.framer.next(self.buffer.filled()) {
                Ok(Framed::NeedMore(wanted)) => {
                    self.buffer.expect(wanted);
                    if let Wake::Tick = self.wait().await? {
                        self.session.tick(timeline.now())?;
                    }
                    continue;
                }
                Ok(Framed::Skip(used)) => used,
                Ok(Framed::Packet { payload, .. }) => payload.len() + Framer::PREFIX_BYTES,
                Ok(Framed::Message(message, used)) => {
                    let event = self.session.receive(&message, now);
                    self.buffer.consume(used);
                    match event? {
                        Some(event) => return Ok(event),
                        None => continue,
                    }
                }
                Err(error) => return Err(SessionError::from(error).into()),
            };
            self.buffer.consume(used);
        }
    }

    fn poll_wake(&mut self, cx: &mut Context<'_>) -> Poll<Result<Wake, SourceError>> {
        self.poll_send(cx).map_err(|error| closed(&error))?;
        if self.tick.as_mut().poll(cx).is_ready() {
            self.tick.as_mut().reset(Instant::now() + TICK);
            return Poll::Ready(Ok(Wake::Tick));
        }
        if let Some(datagrams) = &mut self.datagrams
            && let Poll::Ready((socket, bytes)) = datagrams.poll_receive(cx)
        {
            return Poll::Ready(Ok(Wake::Datagram { socket, bytes }));
        }
        let mut room = ReadBuf::new(self.buffer.room());
        let read = ready!(Pin::new(&mut self.connection).poll_read(cx, &mut room));
        let count = room.filled().len();
        read.map_err(|error| closed(&error))?;
        if count == 0 {
            return Poll::Ready(Err(closed(&io::ErrorKind::UnexpectedEof.into())));
        }
        self.buffer.add(count);
        Poll::Ready(Ok(Wake::Read(count)))
    }

    /// Writes what waits, as far as it goes.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Result<(), io::Error> {
        loop {
            if self.sending.is_empty() {
                let Some(next) = self.session.poll_send() else { break };
                self.sending = next;
            }
            match Pin::new(&mut self.connection).poll_write(cx, &self.sending) {
                Poll::Ready(written) => self.sending.advance(written?),
                Poll::Pending => return Ok(()),
            }
            self.must_flush = true;
        }
        if self.must_flush
            && let Poll::Ready(flushed) = Pin::new(&mut self.connection).poll_flush(cx)
        {
            self.must_flush = false;
            flushed?;
        }
        Ok(())
    }
}
