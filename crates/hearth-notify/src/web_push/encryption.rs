//! RFC 8291: a message encrypted for one browser, as one record of `aes128gcm` (RFC 8188).

use aws_lc_rs::{
    aead::{self, Aad, LessSafeKey, Nonce, UnboundKey},
    agreement::{self, ECDH_P256, ParsedPublicKey, PrivateKey, UnparsedPublicKey},
    hkdf::{HKDF_SHA256, KeyType, Salt},
};

use super::Subscription;
use crate::DeliveryError;

/// An uncompressed point of P-256.
pub(super) const POINT_BYTES: usize = 65;
/// The secret that browser and sender share.
pub(super) const AUTHENTICATION_BYTES: usize = 16;
const SALT_BYTES: usize = 16;
/// One record holds the whole message; every relay takes this size (RFC 8030, 7.2).
const RECORD_BYTES: u32 = 4_096;
/// Head (21 + 65), tag (16) and padding mark (1) go off.
const PLAIN_BYTES_MAX: usize = 4_096 - 86 - 16 - 1;

/// Whether bytes are a point on the curve.
pub(super) fn is_point(bytes: &[u8; POINT_BYTES]) -> bool {
    // The first byte says that both coordinates follow.
    bytes.first() == Some(&4)
        && ParsedPublicKey::try_from(UnparsedPublicKey::new(&ECDH_P256, &bytes[..])).is_ok()
}

/// The body of the request, with a key and a salt of its own.
pub(super) fn sealed(to: &Subscription, plain: &[u8]) -> Result<Vec<u8>, DeliveryError> {
    let own = PrivateKey::generate(&ECDH_P256).map_err(failed)?;
    let mut salt = [0; SALT_BYTES];
    aws_lc_rs::rand::fill(&mut salt).map_err(failed)?;
    sealed_with(to, plain, &own, salt)
}

fn failed(_: aws_lc_rs::error::Unspecified) -> DeliveryError {
    DeliveryError::never_again("The message cannot be encrypted for this browser.")
}

struct Bytes(usize);

impl KeyType for Bytes {
    fn len(&self) -> usize {
        self.0
    }
}

/// Derives `N` bytes (RFC 5869).
fn derived<const N: usize>(
    salt: &[u8],
    secret: &[u8],
    info: &[&[u8]],
) -> Result<[u8; N], DeliveryError> {
    let mut bytes = [0; N];
    let expanded = Salt::new(HKDF_SHA256, salt).extract(secret);
    let expanded = expanded.expand(info, Bytes(N)).map_err(failed)?;
    expanded.fill(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

fn sealed_with(
    to: &Subscription,
    plain: &[u8],
    own: &PrivateKey,
    salt: [u8; SALT_BYTES],
) -> Result<Vec<u8>, DeliveryError> {
    if plain.len() > PLAIN_BYTES_MAX {
        return Err(DeliveryError::never_again("The message is too long for web push."));
    }
    let own_public = own.compute_public_key().map_err(failed)?;
    let own_public = own_public.as_ref();
    // RFC 8291, 3.3 and 3.4.
    let theirs = UnparsedPublicKey::new(&ECDH_P256, &to.public_key[..]);
    let material: [u8; 32] =
        agreement::agree(own, theirs, failed(aws_lc_rs::error::Unspecified), |shared| {
            let info: [&[u8]; 3] = [b"WebPush: info\0", &to.public_key, own_public];
            derived(&to.authentication, shared, &info)
        })?;
    let key: [u8; 16] = derived(&salt, &material, &[b"Content-Encoding: aes128gcm\0"])?;
    let nonce: [u8; 12] = derived(&salt, &material, &[b"Content-Encoding: nonce\0"])?;
    let key = LessSafeKey::new(UnboundKey::new(&aead::AES_128_GCM, &key).map_err(failed)?);
    // The mark of the last record (RFC 8188, 2).
    let mut record = [plain, &[2]].concat();
    let nonce = Nonce::assume_unique_for_key(nonce);
    key.seal_in_place_append_tag(nonce, Aad::empty(), &mut record).map_err(failed)?;
    let mut body = Vec::with_capacity(SALT_BYTES + 5 + POINT_BYTES + record.len());
    body.extend_from_slice(&salt);
    body.extend_from_slice(&RECORD_BYTES.to_be_bytes());
    body.push(POINT_BYTES as u8);
    body.extend_from_slice(own_public);
    body.extend_from_slice(&record);
    Ok(body)
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    use hearth_secret::SecretString;

    use super::*;

    fn bytes(text: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(text).expect("base64url")
    }

    /// The example of RFC 8291, section 5 and appendix A.
    #[test]
    fn the_example_of_the_standard_comes_out() {
        let p256dh = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
        let endpoint =
            SecretString::from("https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV");
        let to = Subscription::new(endpoint, p256dh, "BTBZMqHH6r4Tts7J_aSIgg").expect("one");
        let own = bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw");
        let own = PrivateKey::from_private_key(&ECDH_P256, &own).expect("a key");
        let salt = bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().expect("16 bytes");
        let plain = b"When I grow up, I want to be a watermelon";
        let body = sealed_with(&to, plain, &own, salt).expect("sealed");
        let expected = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIg\
                        Dll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVB\
                        St2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
        assert_eq!(URL_SAFE_NO_PAD.encode(body), expected);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let p256dh = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
        let to = Subscription::new("https://h/".into(), p256dh, "BTBZMqHH6r4Tts7J_aSIgg");
        let to = to.expect("a subscription");
        assert_eq!(sealed(&to, &[b'a'; PLAIN_BYTES_MAX]).expect("sealed").len(), 4_096);
        assert!(sealed(&to, &[b'a'; PLAIN_BYTES_MAX + 1]).is_err());
    }
}
