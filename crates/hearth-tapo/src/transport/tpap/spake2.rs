//! The client's side of SPAKE2+ (RFC 9383) on P-256, with the vendor's transcript.

use std::num::NonZeroU32;

use aws_lc_rs::{hkdf, hmac, pbkdf2};
use hearth_secret::{Secret, SecretString};
use p256::{
    AffinePoint, ProjectivePoint, Scalar, Sec1Point,
    elliptic_curve::sec1::{FromSec1Point as _, ToSec1Point as _},
};
use zeroize::Zeroizing;

use crate::cipher::sha256;

/// The points M and N of RFC 9383, section 4, for P-256, compressed.
const M: [u8; 33] = [
    0x02, 0x88, 0x6e, 0x2f, 0x97, 0xac, 0xe4, 0x6e, 0x55, 0xba, 0x9d, 0xd7, 0x24, 0x25, 0x79, 0xf2,
    0x99, 0x3b, 0x64, 0xe1, 0x6e, 0xf3, 0xdc, 0xab, 0x95, 0xaf, 0xd4, 0x97, 0x33, 0x3d, 0x8f, 0xa1,
    0x2f,
];
const N: [u8; 33] = [
    0x03, 0xd8, 0xbb, 0xd6, 0xc6, 0x39, 0xc6, 0x29, 0x37, 0xb0, 0x4d, 0x99, 0x7f, 0x38, 0xc3, 0x77,
    0x07, 0x19, 0xc6, 0x29, 0xd7, 0x01, 0x4d, 0x49, 0xa2, 0x4b, 0x4f, 0x98, 0xba, 0xa1, 0x29, 0x2b,
    0x49,
];
/// Bytes of key material a scalar is made of: 64 bits more than the group order has, so that the
/// remainder is even (RFC 9383, 3.2).
const SCALAR_SEED_BYTES: usize = 40;

/// What both sides put in.
pub(super) struct Exchange<'a> {
    pub(super) credential: &'a SecretString,
    pub(super) user_random: &'a [u8],
    pub(super) device_random: &'a [u8],
    pub(super) device_salt: &'a [u8],
    pub(super) device_share: &'a [u8],
    pub(super) iterations: u32,
    pub(super) scalar: &'a Secret<[u8; 32]>,
}

/// What comes out.
pub(super) struct Shared {
    pub(super) user_share: Vec<u8>,
    pub(super) user_confirm: [u8; 32],
    pub(super) device_confirm: [u8; 32],
    pub(super) key: Secret<[u8; 32]>,
}

impl Exchange<'_> {
    /// `None` if the device's share is no point of the curve, or a degenerate one.
    pub(super) fn compute(&self) -> Option<Shared> {
        let mut seed = Zeroizing::new([0; 2 * SCALAR_SEED_BYTES]);
        pbkdf2::derive(
            pbkdf2::PBKDF2_HMAC_SHA256,
            NonZeroU32::new(self.iterations)?,
            self.device_salt,
            self.credential.expose().as_bytes(),
            seed.as_mut(),
        );
        let w0 = Zeroizing::new(reduced(&seed[..SCALAR_SEED_BYTES]));
        let w1 = Zeroizing::new(reduced(&seed[SCALAR_SEED_BYTES..]));
        // Never zero: one is added to a remainder modulo the order less one, as far as chance cares.
        let x = Zeroizing::new(reduced(self.scalar.expose()) + Scalar::ONE);
        let (m, n) = (point(&M)?, point(&N)?);
        let device = point(self.device_share)?;
        let own = ProjectivePoint::GENERATOR * *x + m * *w0;
        let base = device - n * *w0;
        if bool::from(base.to_affine().is_identity()) {
            return None;
        }
        let (z, v) = (base * *x, base * *w1);
        let context = sha256(&[b"PAKE V1", self.user_random, self.device_random]);
        let w0_bytes = Zeroizing::new(<[u8; 32]>::from(w0.to_bytes()));
        let (own, device) = (encoded(own), encoded(device));
        let parts: [&[u8]; 10] = [
            &context,
            b"",
            b"",
            &encoded(m),
            &encoded(n),
            &own,
            &device,
            &encoded(z),
            &encoded(v),
            w0_bytes.as_ref(),
        ];
        let shared = transcript_hash(&parts);
        let none = || hkdf::Salt::new(hkdf::HKDF_SHA256, &[0; 32]);
        let confirmation: Zeroizing<[u8; 64]> =
            Zeroizing::new(hkdf(none(), &shared, b"ConfirmationKeys"));
        Some(Shared {
            user_confirm: mac(&confirmation[..32], &device),
            device_confirm: mac(&confirmation[32..], &own),
            user_share: own,
            key: Secret::new(hkdf(none(), &shared, b"SharedKey")),
        })
    }
}

/// Each part after its length, which is little-endian (unlike TLS and unlike everything else here).
fn transcript_hash(parts: &[&[u8]]) -> [u8; 32] {
    let mut transcript = Zeroizing::new(Vec::new());
    for part in parts {
        transcript.extend_from_slice(&(part.len() as u64).to_le_bytes());
        transcript.extend_from_slice(part);
    }
    sha256(&[&transcript])
}

/// The remainder of a big-endian number modulo the group order.
fn reduced(bytes: &[u8]) -> Scalar {
    let base = Scalar::from(256_u64);
    bytes.iter().fold(Scalar::ZERO, |number, byte| number * base + Scalar::from(u64::from(*byte)))
}

fn point(bytes: &[u8]) -> Option<ProjectivePoint> {
    let encoded = Sec1Point::from_bytes(bytes).ok()?;
    let affine = Option::<AffinePoint>::from(AffinePoint::from_sec1_point(&encoded))?;
    // The point at infinity would make the key independent of the password.
    (!bool::from(affine.is_identity())).then(|| affine.into())
}

fn encoded(point: ProjectivePoint) -> Vec<u8> {
    point.to_affine().to_sec1_point(false).as_bytes().to_vec()
}

fn mac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message);
    crate::cipher::first(tag.as_ref())
}

/// HKDF-SHA256 to an array.
pub(super) fn hkdf<const LENGTH: usize>(
    salt: hkdf::Salt,
    secret: &[u8],
    info: &[u8],
) -> [u8; LENGTH] {
    struct Length(usize);
    impl hkdf::KeyType for Length {
        fn len(&self) -> usize {
            self.0
        }
    }
    let mut key = [0; LENGTH];
    salt.extract(secret)
        .expand(&[info], Length(LENGTH))
        .and_then(|expanded| expanded.fill(&mut key))
        .expect("at most 255 hashes long");
    key
}
