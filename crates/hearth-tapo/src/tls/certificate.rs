//! As much X.509 as finding the key takes. Nothing else of a certificate is believed: it is pinned.

use rsa::{
    Pkcs1v15Encrypt, RsaPublicKey, pkcs8::DecodePublicKey as _, traits::PublicKeyParts as _,
};

const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xA0;
/// Shorter keys were broken in public; longer ones only cost time.
const KEY_BITS: std::ops::RangeInclusive<u32> = 1024..=4096;

/// The server's own certificate in the message that lists the chain.
pub(super) fn first(message: &[u8]) -> Option<&[u8]> {
    let (length, list) = length_24(message)?;
    let list = (list.len() == length).then_some(list)?;
    let (length, rest) = length_24(list)?;
    rest.get(..length).filter(|certificate| !certificate.is_empty())
}

fn length_24(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<3>()?;
    Some((u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize, rest))
}

/// Encrypts under the certificate's RSA key, PKCS#1 v1.5.
pub(super) fn encrypt(certificate: &[u8], plain: &[u8]) -> Option<Vec<u8>> {
    let key = RsaPublicKey::from_public_key_der(public_key(certificate)?).ok()?;
    let bits = u32::try_from(key.size()).ok()?.checked_mul(8)?;
    let mut random = rsa::rand_core::UnwrapErr(getrandom::SysRng);
    KEY_BITS.contains(&bits).then(|| key.encrypt(&mut random, Pkcs1v15Encrypt, plain).ok())?
}

/// The `SubjectPublicKeyInfo` (RFC 5280, 4.1), with its tag and length.
fn public_key(certificate: &[u8]) -> Option<&[u8]> {
    let whole = element(certificate, SEQUENCE)?;
    let mut rest = element(whole.content, SEQUENCE)?.content;
    if rest.first() == Some(&VERSION) {
        rest = element(rest, VERSION)?.after;
    }
    // Serial number, algorithm, issuer, validity, subject.
    for tag in [0x02, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE] {
        rest = element(rest, tag)?.after;
    }
    Some(element(rest, SEQUENCE)?.whole)
}

struct Element<'a> {
    whole: &'a [u8],
    content: &'a [u8],
    after: &'a [u8],
}

/// One DER element with this tag.
fn element(bytes: &[u8], tag: u8) -> Option<Element<'_>> {
    let [found, short, rest @ ..] = bytes else { return None };
    if *found != tag {
        return None;
    }
    let (length, rest) = match short {
        0..=0x7F => (usize::from(*short), rest),
        0x81..=0x83 => {
            let (digits, rest) = rest.split_at_checked(usize::from(short & 0x7F))?;
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    let (content, after) = rest.split_at_checked(length)?;
    let whole = &bytes[..bytes.len() - after.len()];
    Some(Element { whole, content, after })
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn arbitrary_certificates_never_panic(bytes: Vec<u8>) {
            first(&bytes);
            encrypt(&bytes, b"x");
        }
    }
}
