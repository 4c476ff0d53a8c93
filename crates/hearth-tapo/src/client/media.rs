//! A connection to a camera's port 8800.

use std::time::Duration;

use hearth_secret::SecretString;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::{REQUEST_TIMEOUT, address, random};
use crate::{
    Failure, TapoError,
    media::{MediaError, MediaEvent, MediaRequest, MediaSession},
    transport::secure::PasswordHash,
};

/// A stream that is silent for longer is over.
const SILENCE_MAX: Duration = Duration::from_secs(10);
const READ_BYTES: usize = 64 * 1024;

/// Which camera.
#[derive(Clone, Debug)]
pub struct MediaSpec {
    /// Its name in errors.
    pub device: String,
    /// Its address or host name.
    pub host: String,
    /// 8800 unless it says otherwise.
    pub port: u16,
    /// The password of the vendor's account.
    pub password: SecretString,
    /// The hash that the control channel used, if that is known.
    pub hash: Option<PasswordHash>,
}

/// An open stream.
pub struct MediaClient {
    device: String,
    socket: TcpStream,
    session: MediaSession,
    buffer: Vec<u8>,
    // Not yet taken by the socket; kept here so that a dropped future leaves no half message.
    outgoing: Vec<u8>,
    is_private: bool,
}

impl From<MediaError> for Failure {
    fn from(error: MediaError) -> Self {
        match error {
            MediaError::Credentials => Self::WrongPassword,
            MediaError::Status(status) => Self::Status(status),
            MediaError::Refused(code) => Self::Refused { method: "a stream".to_owned(), code },
            MediaError::Unsupported(what) => Self::LoginUnsupported(what),
            MediaError::Malformed(malformed) => Self::Malformed(malformed),
        }
    }
}

impl MediaClient {
    /// Connects, logs in with one attempt, and waits until the camera accepted the request.
    pub async fn open(spec: MediaSpec, request: MediaRequest) -> Result<Self, TapoError> {
        let device = spec.device.clone();
        Self::try_open(spec, request).await.map_err(|failure| failure.at(device))
    }

    async fn try_open(spec: MediaSpec, request: MediaRequest) -> Result<Self, Failure> {
        let addresses = address::resolve(&spec.host, spec.port).await?;
        if !addresses.iter().all(|address| address::is_private(address.ip())) {
            // Nothing on this port is authenticated or forward secret.
            return Err(Failure::PublicAddress);
        }
        let socket = address::connect(&addresses).await?;
        let session = MediaSession::begin(request, spec.password, spec.hash, random()?);
        let (buffer, outgoing) = (vec![0; READ_BYTES], Vec::new());
        let device = spec.device;
        let mut client = Self { device, socket, session, buffer, outgoing, is_private: false };
        match timeout(REQUEST_TIMEOUT, client.advance()).await {
            Ok(Ok(Some(MediaEvent::Started { is_private }))) => {
                client.is_private = is_private;
                Ok(client)
            }
            Ok(Ok(_)) => Err(Failure::Broken("the stream ended before it began".to_owned())),
            Ok(Err(failure)) => Err(failure),
            Err(_) => Err(Failure::Timeout("opening a stream")),
        }
    }

    /// Whether the pictures are encrypted with a key that depends on the password. If not, the
    /// camera's media encryption is off, and everybody on the network can watch.
    pub fn is_private(&self) -> bool {
        self.is_private
    }

    /// The next event; `None` when the camera closed the connection. Cancel-safe.
    pub async fn next(&mut self) -> Result<Option<MediaEvent>, TapoError> {
        let next = timeout(SILENCE_MAX, self.advance()).await;
        let next = next.unwrap_or(Err(Failure::Timeout("streaming")));
        next.map_err(|failure| failure.at(&*self.device))
    }

    /// Sends sound: packets of [`crate::media::AlawMuxer`].
    pub async fn talk(&mut self, transport: &[u8]) -> Result<(), TapoError> {
        let queued = self.session.talk(transport).map_err(Failure::from);
        let sent = match queued {
            Ok(()) => self.send().await,
            Err(failure) => Err(failure),
        };
        sent.map_err(|failure| failure.at(&*self.device))
    }

    async fn advance(&mut self) -> Result<Option<MediaEvent>, Failure> {
        loop {
            if let Some(event) = self.session.next_event() {
                return Ok(Some(event));
            }
            self.send().await?;
            let read = self.socket.read(&mut self.buffer).await;
            let length = read.map_err(|error| Failure::Broken(error.kind().to_string()))?;
            if length == 0 {
                return Ok(None);
            }
            self.session.receive(&self.buffer[..length])?;
        }
    }

    async fn send(&mut self) -> Result<(), Failure> {
        self.outgoing.extend(self.session.take_output());
        while !self.outgoing.is_empty() {
            let written = timeout(REQUEST_TIMEOUT, self.socket.write(&self.outgoing))
                .await
                .map_err(|_| Failure::Timeout("sending"))?
                .map_err(|error| Failure::Broken(error.kind().to_string()))?;
            if written == 0 {
                return Err(Failure::Broken("closed by the device".to_owned()));
            }
            self.outgoing.drain(..written);
        }
        Ok(())
    }
}
