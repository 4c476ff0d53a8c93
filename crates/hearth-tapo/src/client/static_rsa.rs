//! The machine of [`crate::tls`] around a socket.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use hearth_secret::Secret;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf},
    net::TcpStream,
};

use super::{random, secure_stream::Opened};
use crate::{
    Failure, Fingerprint, TlsKind,
    tls::{StaticRsaClient, TlsError},
};

/// Read from the socket at once.
const READ_BYTES: usize = 16 * 1024;

/// Agrees on keys with a device that knows RSA key exchange only.
pub(super) async fn agree(
    mut socket: TcpStream,
    pin: Option<Fingerprint>,
) -> Result<Opened, Failure> {
    let premaster = Secret::new(random()?);
    let mut machine = StaticRsaClient::new(random()?, premaster, pin);
    let broken = |error: io::Error| Failure::Tls(error.kind().to_string());
    let mut buffer = vec![0; READ_BYTES];
    while !machine.is_open() {
        socket.write_all(&machine.take_output()).await.map_err(broken)?;
        let length = socket.read(&mut buffer).await.map_err(broken)?;
        if length == 0 {
            return Err(Failure::Tls("the device hung up".to_owned()));
        }
        match (machine.receive(&buffer[..length]), pin, machine.certificate()) {
            (Ok(()), _, _) => {}
            (Err(TlsError::OtherCertificate), Some(pinned), Some(shown)) => {
                return Err(Failure::CertificateChanged { pinned, shown });
            }
            (Err(error), _, _) => return Err(Failure::Tls(error.to_string())),
        }
    }
    let certificate = machine.certificate().ok_or(Failure::Tls("no certificate".to_owned()))?;
    let io = Box::new(StaticRsaStream { socket, machine, waiting: Vec::new() });
    Ok(Opened { io, certificate, tls: TlsKind::StaticRsa })
}

/// A socket that encrypts.
struct StaticRsaStream {
    socket: TcpStream,
    machine: StaticRsaClient,
    // Encrypted and not yet taken by the socket.
    waiting: Vec<u8>,
}

impl StaticRsaStream {
    fn flush_waiting(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.waiting.extend(self.machine.take_output());
        while !self.waiting.is_empty() {
            let written = ready!(Pin::new(&mut self.socket).poll_write(cx, &self.waiting))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.waiting.drain(..written);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for StaticRsaStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            let length = this.machine.read(buffer.initialize_unfilled());
            buffer.advance(length);
            if length > 0 || this.machine.is_closed() || buffer.remaining() == 0 {
                return Poll::Ready(Ok(()));
            }
            let mut bytes = [0; READ_BYTES];
            let mut encrypted = ReadBuf::new(&mut bytes);
            ready!(Pin::new(&mut this.socket).poll_read(cx, &mut encrypted))?;
            if encrypted.filled().is_empty() {
                // Without a closing notification somebody else may have cut the connection.
                return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
            }
            this.machine
                .receive(encrypted.filled())
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        }
    }
}

impl AsyncWrite for StaticRsaStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        // One piece at a time waits: a slow device slows the writer down.
        ready!(this.flush_waiting(cx))?;
        let piece = &bytes[..bytes.len().min(READ_BYTES)];
        this.machine
            .write(piece)
            .map_err(|error| io::Error::new(io::ErrorKind::BrokenPipe, error))?;
        this.waiting.extend(this.machine.take_output());
        Poll::Ready(Ok(piece.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.flush_waiting(cx))?;
        Pin::new(&mut this.socket).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.machine.close();
        ready!(this.flush_waiting(cx))?;
        Pin::new(&mut this.socket).poll_shutdown(cx)
    }
}
