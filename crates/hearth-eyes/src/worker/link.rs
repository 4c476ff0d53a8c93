//! The worker's end of the pipe.

use std::{
    io,
    os::unix::net::UnixStream,
    time::{Duration, Instant},
};

use crate::wire::{FromWorker, PacketReader, Slot, ToWorker};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    net::{RecvFlags, SendFlags, recv, send},
};

/// The hub hears something at least this often; it waits four seconds before it kills.
const ALIVE_INTERVAL: Duration = Duration::from_millis(500);

/// The socket to the hub.
pub(crate) struct Link {
    socket: UnixStream,
    reader: PacketReader,
    busy: Option<Slot>,
    last_sent: Instant,
}

impl Link {
    pub(crate) fn new(socket: UnixStream) -> Self {
        Self {
            socket,
            reader: PacketReader::new(ToWorker::limit),
            busy: None,
            last_sent: Instant::now(),
        }
    }

    /// Waits up to `timeout` for bytes, once all messages were taken; `false` at the end of the stream.
    pub(crate) fn fill(&mut self, timeout: Duration) -> io::Result<bool> {
        let timeout = Timespec::try_from(timeout).map_err(io::Error::other)?;
        let mut fds = [PollFd::new(&self.socket, PollFlags::IN)];
        match poll(&mut fds, Some(&timeout)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => return Ok(true),
            Ok(_) => {}
            Err(error) => return Err(error.into()),
        }
        match recv(&self.socket, self.reader.space(), RecvFlags::DONTWAIT) {
            Ok((0, _)) => Ok(false),
            Ok((count, _)) => {
                self.reader.filled(count);
                Ok(true)
            }
            Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => Ok(true),
            Err(error) => Err(error.into()),
        }
    }

    /// The next whole message.
    pub(crate) fn next(&mut self) -> io::Result<Option<ToWorker>> {
        let packet = self.reader.next().map_err(io::Error::other)?;
        packet
            .map(|(kind, payload)| ToWorker::decode(kind, payload).map_err(io::Error::other))
            .transpose()
    }

    /// Sends a message; waits for room, because the hub always reads.
    pub(crate) fn send(&mut self, message: &FromWorker) -> io::Result<()> {
        let bytes = message.encode();
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            match send(&self.socket, rest, SendFlags::NOSIGNAL) {
                Ok(sent) => rest = rest.get(sent..).unwrap_or(&[]),
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.last_sent = Instant::now();
        Ok(())
    }

    /// Says whose bytes are worked on, if that changed.
    pub(crate) fn busy(&mut self, slot: Option<Slot>) -> io::Result<()> {
        if self.busy == slot {
            return Ok(());
        }
        self.busy = slot;
        self.send(&FromWorker::Busy(slot))
    }

    /// Says that the worker is there, if it said nothing for a while.
    pub(crate) fn alive(&mut self) -> io::Result<()> {
        if self.last_sent.elapsed() < ALIVE_INTERVAL {
            return Ok(());
        }
        self.send(&FromWorker::Alive)
    }
}
