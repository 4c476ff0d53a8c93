//! TLS 1.2 with RSA key exchange, as a pure machine: bytes in, bytes out.
//!
//! Some firmware offers nothing else, and rustls leaves it out for good reasons: without forward
//! secrecy whoever gets the camera's key reads everything recorded before. It is therefore only
//! tried after rustls found no common suite, never with a camera that once offered more, never
//! outside private networks, and shown as [`crate::Weakness::NoForwardSecrecy`].
//!
//! No renegotiation, no resumption, no compression, no client certificates. The server proves that
//! it holds the pinned certificate's key by its `Finished` message.

mod certificate;
mod hello;
mod record;
mod secrets;
mod suite;

use hearth_secret::Secret;

use self::{
    record::{ContentType, Records},
    secrets::Secrets,
};
use crate::{Fingerprint, cipher::same};

/// The largest handshake message that is taken; certificates of cameras have below 2 KiB.
const HANDSHAKE_BYTES_MAX: usize = 64 * 1024;
/// Plaintext that waits to be read, at most; the peer is not read any further.
pub const PLAIN_BYTES_MAX: usize = 256 * 1024;

/// Why a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlsError {
    /// The other side says so, with this code of RFC 5246, 7.2.
    #[error("the device ended it with alert {0}")]
    Alert(u8),
    /// Nothing in common.
    #[error("the device chose something that was not offered")]
    NotOffered,
    /// Not the pinned certificate.
    #[error("the device shows another certificate")]
    OtherCertificate,
    /// A certificate that cannot be used.
    #[error("the certificate cannot be read or has no RSA key")]
    Certificate,
    /// Not authentic.
    #[error("a record or the handshake is not authentic")]
    NotAuthentic,
    /// Not TLS.
    #[error("a malformed message")]
    Malformed,
    /// A message at the wrong time.
    #[error("a message out of turn")]
    OutOfTurn,
    /// More than is reasonable.
    #[error("a message or queue beyond its limit")]
    TooLong,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    ServerHello,
    Certificate,
    HelloDone,
    ChangeCipher,
    Finished,
    Open,
    Closed,
}

/// One connection, the client's side.
pub struct StaticRsaClient {
    stage: Stage,
    client_random: [u8; 32],
    premaster: Secret<[u8; 48]>,
    pin: Option<Fingerprint>,
    seen: Option<Fingerprint>,
    certificate: Vec<u8>,
    chosen: Option<hello::ServerHello>,
    wants_client_certificate: bool,
    secrets: Option<Secrets>,
    records: Records,
    transcript: Vec<u8>,
    handshake: Vec<u8>,
    plain: Vec<u8>,
}

impl StaticRsaClient {
    /// Begins; the first message is ready. Both random values must be unpredictable.
    pub fn new(
        client_random: [u8; 32],
        premaster_random: Secret<[u8; 46]>,
        pin: Option<Fingerprint>,
    ) -> Self {
        let mut premaster = [0; 48];
        premaster[..2].copy_from_slice(&record::VERSION);
        premaster[2..].copy_from_slice(premaster_random.expose());
        let mut client = Self {
            stage: Stage::ServerHello,
            client_random,
            premaster: Secret::new(premaster),
            pin,
            seen: None,
            certificate: Vec::new(),
            chosen: None,
            wants_client_certificate: false,
            secrets: None,
            records: Records::default(),
            transcript: Vec::new(),
            handshake: Vec::new(),
            plain: Vec::new(),
        };
        let hello = hello::client_hello(&client_random);
        client.send_handshake(1, &hello);
        client
    }

    /// The certificate that the device showed.
    pub fn certificate(&self) -> Option<Fingerprint> {
        self.seen
    }

    /// Whether both sides have proved themselves and data may flow.
    pub fn is_open(&self) -> bool {
        self.stage == Stage::Open
    }

    /// Whether the device said that nothing more will come.
    pub fn is_closed(&self) -> bool {
        self.stage == Stage::Closed
    }

    /// Takes what has to be sent.
    pub fn take_output(&mut self) -> Vec<u8> {
        self.records.take_output()
    }

    /// Takes plaintext that came, up to the length of the buffer.
    pub fn read(&mut self, buffer: &mut [u8]) -> usize {
        let length = buffer.len().min(self.plain.len());
        buffer[..length].copy_from_slice(&self.plain[..length]);
        self.plain.drain(..length);
        length
    }

    /// Encrypts data. Only when [`StaticRsaClient::is_open`].
    pub fn write(&mut self, plain: &[u8]) -> Result<(), TlsError> {
        if !self.is_open() {
            return Err(TlsError::OutOfTurn);
        }
        self.records.send(ContentType::Data, plain)
    }

    /// Says that nothing more will be sent.
    pub fn close(&mut self) {
        if self.is_open() {
            // Close notification, at level warning. If it cannot be encrypted, it is left out.
            self.records.send(ContentType::Alert, &[1, 0]).ok();
        }
    }

    /// Takes bytes from the device.
    pub fn receive(&mut self, bytes: &[u8]) -> Result<(), TlsError> {
        self.records.push(bytes);
        while let Some((kind, content)) = self.records.next()? {
            match kind {
                ContentType::Alert => self.alert(&content)?,
                ContentType::Handshake => self.handshake(&content)?,
                ContentType::ChangeCipher => self.change_cipher(&content)?,
                ContentType::Data if self.is_open() => {
                    if self.plain.len() + content.len() > PLAIN_BYTES_MAX {
                        return Err(TlsError::TooLong);
                    }
                    self.plain.extend(content);
                }
                ContentType::Data => return Err(TlsError::OutOfTurn),
            }
        }
        Ok(())
    }

    fn alert(&mut self, content: &[u8]) -> Result<(), TlsError> {
        match content {
            [_, 0] => self.stage = Stage::Closed,
            // Warnings end nothing, but a device that sends many is not worth waiting for: each
            // one costs it a record.
            [1, _] => {}
            [_, code] => return Err(TlsError::Alert(*code)),
            _ => return Err(TlsError::Malformed),
        }
        Ok(())
    }

    fn handshake(&mut self, content: &[u8]) -> Result<(), TlsError> {
        self.handshake.extend_from_slice(content);
        if self.handshake.len() > HANDSHAKE_BYTES_MAX {
            return Err(TlsError::TooLong);
        }
        while let [kind, a, b, c, rest @ ..] = self.handshake.as_slice() {
            let length = u32::from_be_bytes([0, *a, *b, *c]) as usize;
            if length > HANDSHAKE_BYTES_MAX {
                return Err(TlsError::TooLong);
            }
            let Some(body) = rest.get(..length) else { return Ok(()) };
            let (kind, body) = (*kind, body.to_vec());
            let whole: Vec<u8> = self.handshake.drain(..4 + length).collect();
            // Hello requests are not part of the transcript, and are answered by ignoring them.
            if kind != 0 {
                self.message(kind, &body, &whole)?;
            }
        }
        Ok(())
    }

    fn message(&mut self, kind: u8, body: &[u8], whole: &[u8]) -> Result<(), TlsError> {
        match (kind, self.stage) {
            (2, Stage::ServerHello) => {
                self.chosen = Some(hello::ServerHello::read(body)?);
                self.stage = Stage::Certificate;
            }
            (11, Stage::Certificate) => {
                let certificate = certificate::first(body).ok_or(TlsError::Malformed)?;
                let seen = Fingerprint(crate::cipher::sha256(&[certificate]));
                self.seen = Some(seen);
                if self.pin.is_some_and(|pin| pin != seen) {
                    return Err(TlsError::OtherCertificate);
                }
                self.certificate = certificate.to_vec();
                self.stage = Stage::HelloDone;
            }
            (13, Stage::HelloDone) => self.wants_client_certificate = true,
            (14, Stage::HelloDone) => {
                self.transcript.extend_from_slice(whole);
                return self.exchange_keys();
            }
            (20, Stage::Finished) => {
                let secrets = self.secrets.as_ref().ok_or(TlsError::OutOfTurn)?;
                let expected = secrets.finished(b"server finished", &self.transcript);
                if !same(body, &expected) {
                    return Err(TlsError::NotAuthentic);
                }
                self.stage = Stage::Open;
                self.transcript = Vec::new();
                return Ok(());
            }
            _ => return Err(TlsError::OutOfTurn),
        }
        self.transcript.extend_from_slice(whole);
        Ok(())
    }

    /// Sends the secret under the certificate's key, and everything that follows from it.
    fn exchange_keys(&mut self) -> Result<(), TlsError> {
        let chosen = self.chosen.as_ref().ok_or(TlsError::OutOfTurn)?;
        let sealed = certificate::encrypt(&self.certificate, self.premaster.expose())
            .ok_or(TlsError::Certificate)?;
        let (suite, extended) = (chosen.suite, chosen.extended_master_secret);
        let (random, encrypt_then_mac) = (chosen.random, chosen.encrypt_then_mac);
        if self.wants_client_certificate {
            // An empty list: there is none.
            self.send_handshake(11, &[0, 0, 0]);
        }
        let length = u16::try_from(sealed.len()).map_err(|_| TlsError::TooLong)?;
        self.send_handshake(16, &[&length.to_be_bytes(), sealed.as_slice()].concat());
        let secrets = Secrets::derive(
            suite,
            &self.premaster,
            &secrets::Inputs {
                client_random: &self.client_random,
                server_random: &random,
                transcript: extended.then_some(self.transcript.as_slice()),
            },
        );
        let (own, other) = secrets.protectors(encrypt_then_mac);
        self.records.send(ContentType::ChangeCipher, &[1])?;
        self.records.protect(own, other);
        let finished = secrets.finished(b"client finished", &self.transcript);
        self.send_handshake(20, &finished);
        self.secrets = Some(secrets);
        self.stage = Stage::ChangeCipher;
        Ok(())
    }

    fn change_cipher(&mut self, content: &[u8]) -> Result<(), TlsError> {
        let at_border = self.handshake.is_empty();
        if self.stage != Stage::ChangeCipher || content != [1] || !at_border {
            return Err(TlsError::OutOfTurn);
        }
        self.records.expect_protection();
        self.stage = Stage::Finished;
        Ok(())
    }

    fn send_handshake(&mut self, kind: u8, body: &[u8]) {
        let length = u32::try_from(body.len()).expect("messages are built here and are short");
        let mut message = length.to_be_bytes().to_vec();
        message[0] = kind;
        message.extend_from_slice(body);
        self.transcript.extend_from_slice(&message);
        self.records
            .send(ContentType::Handshake, &message)
            .expect("messages are built here and are short");
    }
}

#[cfg(test)]
mod tests;
