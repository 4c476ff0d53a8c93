//! The device's side of SPAKE2+ (RFC 9383) with the vendor's transcript, and AES-128-CCM.
//!
//! The formulas are those of the verifier: it keeps `w0` and `L = w1*G`, not `w1`.

use aes::Aes128;
use ccm::{
    Ccm,
    aead::{Aead as _, KeyInit as _},
    consts::{U12, U16},
};
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use p256::{
    AffinePoint, ProjectivePoint, Scalar, Sec1Point,
    elliptic_curve::sec1::{FromSec1Point as _, ToSec1Point as _},
};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::tapo::cipher::{encode, first, random, sha256};

const ITERATIONS: u32 = 1_000;
const M: &str = "02886e2f97ace46e55ba9dd7242579f2993b64e16ef3dcab95afd497333d8fa12f";
const N: &str = "03d8bbd6c639c62937b04d997f38c3770719c629d7014d49a24b4f98baa1292b49";

/// A login whose first half is done.
#[derive(Debug)]
pub(super) struct Registered {
    user_random: Vec<u8>,
    own_random: [u8; 32],
    salt: [u8; 16],
    secret: Scalar,
    w0: Scalar,
    /// `w1*G`: the password itself cannot be had from it.
    l: ProjectivePoint,
    share: Vec<u8>,
}

/// The keys of a session.
#[derive(Clone, Debug)]
pub(super) struct Keys {
    key: [u8; 16],
    nonce: [u8; 8],
}

impl Registered {
    pub(super) fn new(credential: &str, user_random: Vec<u8>) -> Self {
        let salt: [u8; 16] = random();
        let mut seed = [0; 80];
        pbkdf2::pbkdf2_hmac::<Sha256>(credential.as_bytes(), &salt, ITERATIONS, &mut seed);
        let (w0, w1) = (scalar(&seed[..40]), scalar(&seed[40..]));
        let secret = scalar(&random::<40>());
        let share = ProjectivePoint::GENERATOR * secret + fixed(N) * w0;
        Self {
            user_random,
            own_random: random(),
            salt,
            secret,
            w0,
            l: ProjectivePoint::GENERATOR * w1,
            share: encoded(share),
        }
    }

    /// What the client gets.
    pub(super) fn half(&self) -> Value {
        json!({
            "dev_random": encode(&self.own_random), "dev_salt": encode(&self.salt),
            "dev_share": encode(&self.share), "iterations": ITERATIONS,
        })
    }

    /// Checks the client's proof; the own proof and the keys come out.
    pub(super) fn confirm(self, share: &[u8], confirm: &[u8]) -> Option<([u8; 32], Keys)> {
        let client = point(share)?;
        let z = (client - fixed(M) * self.w0) * self.secret;
        let v = self.l * self.secret;
        let context = sha256(&[b"PAKE V1", &self.user_random, &self.own_random]);
        let w0: [u8; 32] = self.w0.to_bytes().into();
        let parts: [Vec<u8>; 10] = [
            context.to_vec(),
            Vec::new(),
            Vec::new(),
            encoded(fixed(M)),
            encoded(fixed(N)),
            encoded(client),
            self.share.clone(),
            encoded(z),
            encoded(v),
            w0.to_vec(),
        ];
        let mut transcript = Vec::new();
        for part in parts {
            transcript.extend((part.len() as u64).to_le_bytes());
            transcript.extend(part);
        }
        let secret = sha256(&[&transcript]);
        let confirmation: [u8; 64] = derive(&[0; 32], &secret, b"ConfirmationKeys");
        if mac(&confirmation[..32], &self.share) != confirm {
            return None;
        }
        let own = mac(&confirmation[32..], &encoded(client));
        let shared: [u8; 32] = derive(&[0; 32], &secret, b"SharedKey");
        let key: [u8; 32] = derive(b"tp-kdf-salt-aes128-key", &shared, b"tp-kdf-info-aes128-key");
        let nonce: [u8; 32] = derive(b"tp-kdf-salt-aes128-iv", &shared, b"tp-kdf-info-aes128-iv");
        Some((own, Keys { key: first(&key), nonce: first(&nonce) }))
    }
}

impl Keys {
    fn cipher(&self) -> Ccm<Aes128, U16, U12> {
        Ccm::new(&self.key.into())
    }

    fn nonce(&self, sequence: [u8; 4]) -> [u8; 12] {
        let mut nonce = [0; 12];
        nonce[..8].copy_from_slice(&self.nonce);
        nonce[8..].copy_from_slice(&sequence);
        nonce
    }

    /// Decrypts a request that must have this number.
    pub(super) fn open(&self, sequence: u32, body: &[u8]) -> Option<Vec<u8>> {
        let (head, sealed) = body.split_first_chunk::<4>()?;
        if *head != sequence.to_be_bytes() {
            return None;
        }
        self.cipher().decrypt(&self.nonce(*head).into(), sealed).ok()
    }

    /// Encrypts an answer.
    pub(super) fn seal(&self, sequence: u32, plain: &[u8]) -> Vec<u8> {
        let head = sequence.to_be_bytes();
        let sealed = self.cipher().encrypt(&self.nonce(head).into(), plain);
        [&head, sealed.unwrap_or_default().as_slice()].concat()
    }
}

fn scalar(bytes: &[u8]) -> Scalar {
    let base = Scalar::from(256_u64);
    bytes.iter().fold(Scalar::ZERO, |number, byte| number * base + Scalar::from(u64::from(*byte)))
}

fn fixed(hex: &str) -> ProjectivePoint {
    let digits = |index: usize| u8::from_str_radix(&hex[2 * index..2 * index + 2], 16);
    let bytes: Vec<u8> = (0..33).filter_map(|index| digits(index).ok()).collect();
    point(&bytes).expect("a point of RFC 9383")
}

fn point(bytes: &[u8]) -> Option<ProjectivePoint> {
    let encoded = Sec1Point::from_bytes(bytes).ok()?;
    Option::<AffinePoint>::from(AffinePoint::from_sec1_point(&encoded)).map(Into::into)
}

fn encoded(point: ProjectivePoint) -> Vec<u8> {
    point.to_affine().to_sec1_point(false).as_bytes().to_vec()
}

fn derive<const N: usize>(salt: &[u8], secret: &[u8], info: &[u8]) -> [u8; N] {
    let mut key = [0; N];
    Hkdf::<Sha256>::new(Some(salt), secret).expand(info, &mut key).expect("a short key");
    key
}

fn mac(key: &[u8], message: &[u8]) -> [u8; 32] {
    use hmac::KeyInit as _;
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}
