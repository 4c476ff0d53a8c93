//! Both greetings (RFC 5246, 7.4.1).

use super::{
    TlsError, record,
    suite::{SUITES, Suite},
};

const EXTENDED_MASTER_SECRET: u16 = 0x0017;
const ENCRYPT_THEN_MAC: u16 = 0x0016;
const RENEGOTIATION_INFO: u16 = 0xFF01;

/// The body of the client's greeting.
pub(super) fn client_hello(random: &[u8; 32]) -> Vec<u8> {
    let mut body = record::VERSION.to_vec();
    body.extend_from_slice(random);
    // No session to be taken up.
    body.push(0);
    body.extend([0, 2 * SUITES.len() as u8]);
    SUITES.iter().for_each(|suite| body.extend(suite.id));
    // No compression.
    body.extend([1, 0]);
    let extensions: &[u8] = &[
        0x00, 0x17, 0, 0, // extended master secret (RFC 7627)
        0x00, 0x16, 0, 0, // encrypt then authenticate (RFC 7366)
        0xFF, 0x01, 0, 1, 0, // no renegotiation of anything (RFC 5746)
        // RSA with SHA-256, 384, 512 and 1: servers want it although nothing is signed.
        0x00, 0x0D, 0, 10, 0, 8, 4, 1, 5, 1, 6, 1, 2, 1,
    ];
    body.extend([0, extensions.len() as u8]);
    body.extend_from_slice(extensions);
    body
}

/// What the server chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ServerHello {
    pub(super) random: [u8; 32],
    pub(super) suite: Suite,
    pub(super) extended_master_secret: bool,
    pub(super) encrypt_then_mac: bool,
}

impl ServerHello {
    pub(super) fn read(body: &[u8]) -> Result<Self, TlsError> {
        let (version, rest) = body.split_first_chunk().ok_or(TlsError::Malformed)?;
        if *version != record::VERSION {
            return Err(TlsError::NotOffered);
        }
        let (random, rest) = rest.split_first_chunk().ok_or(TlsError::Malformed)?;
        let (session_length, rest) = rest.split_first().ok_or(TlsError::Malformed)?;
        let rest = rest.get(usize::from(*session_length)..).ok_or(TlsError::Malformed)?;
        let [a, b, compression, extensions @ ..] = rest else { return Err(TlsError::Malformed) };
        let suite = SUITES.into_iter().find(|suite| suite.id == [*a, *b]);
        let suite = suite.filter(|_| *compression == 0).ok_or(TlsError::NotOffered)?;
        let mut hello =
            Self { random: *random, suite, extended_master_secret: false, encrypt_then_mac: false };
        hello.read_extensions(extensions)?;
        Ok(hello)
    }

    fn read_extensions(&mut self, bytes: &[u8]) -> Result<(), TlsError> {
        let mut rest = match bytes {
            [] => return Ok(()),
            [a, b, rest @ ..] if usize::from(u16::from_be_bytes([*a, *b])) == rest.len() => rest,
            _ => return Err(TlsError::Malformed),
        };
        while let [a, b, c, d, after @ ..] = rest {
            let length = usize::from(u16::from_be_bytes([*c, *d]));
            let (content, after) = after.split_at_checked(length).ok_or(TlsError::Malformed)?;
            match u16::from_be_bytes([*a, *b]) {
                EXTENDED_MASTER_SECRET if content.is_empty() => self.extended_master_secret = true,
                ENCRYPT_THEN_MAC if content.is_empty() => self.encrypt_then_mac = true,
                RENEGOTIATION_INFO if content == [0] => {}
                _ => return Err(TlsError::NotOffered),
            }
            rest = after;
        }
        if rest.is_empty() { Ok(()) } else { Err(TlsError::Malformed) }
    }
}
