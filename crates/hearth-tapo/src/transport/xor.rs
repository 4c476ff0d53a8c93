//! The oldest protocol of plugs: JSON under an autokey XOR, TCP and UDP port 9999.
//!
//! It protects nothing: whoever reaches the port commands the device. It is spoken because the
//! devices speak nothing else, and shown as [`crate::Weakness::NoLogin`].

use crate::Malformed;

/// The port of both TCP and UDP.
pub const PORT: u16 = 9999;
/// The first key byte.
const KEY: u8 = 171;
/// An answer of a strip with all its sockets is below 16 KiB.
pub const FRAME_BYTES_MAX: usize = 256 * 1024;

/// Encrypts; each byte of the ciphertext is the key of the next.
///
/// ```
/// use hearth_tapo::transport::xor;
/// let sealed = xor::encrypt(br#"{"system":{"get_sysinfo":{}}}"#);
/// assert_eq!(sealed[..4], [0xd0, 0xf2, 0x81, 0xf8]);
/// assert_eq!(xor::decrypt(&sealed), br#"{"system":{"get_sysinfo":{}}}"#);
/// ```
pub fn encrypt(plain: &[u8]) -> Vec<u8> {
    let mut key = KEY;
    plain
        .iter()
        .map(|byte| {
            key ^= byte;
            key
        })
        .collect()
}

/// Decrypts.
pub fn decrypt(sealed: &[u8]) -> Vec<u8> {
    let keys = std::iter::once(&KEY).chain(sealed);
    keys.zip(sealed).map(|(key, byte)| key ^ byte).collect()
}

/// A request as TCP carries it: four bytes of length, then the ciphertext.
pub fn frame(plain: &[u8]) -> Vec<u8> {
    let length = u32::try_from(plain.len()).expect("requests are built here and are short");
    let mut frame = length.to_be_bytes().to_vec();
    frame.extend(encrypt(plain));
    frame
}

/// How long the body after these four bytes is.
pub fn frame_length(head: [u8; 4]) -> Result<usize, Malformed> {
    usize::try_from(u32::from_be_bytes(head))
        .ok()
        .filter(|length| *length <= FRAME_BYTES_MAX)
        .ok_or(Malformed::new("the answer is too long"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cipher::hex_lower;

    #[test]
    fn frames_are_those_of_the_vectors() {
        let ascii = "0000001dd0f281f88bff9af7d5ef94b6d1b4c09fec95e68fe187e8caf08bf68bf6";
        assert_eq!(hex_lower(&frame(br#"{"system":{"get_sysinfo":{}}}"#)), ascii);
        let umlaut = "0000000dd0f293b18ba96ac321b93a1865";
        assert_eq!(hex_lower(&frame("{\"a\":\"é☃\"}".as_bytes())), umlaut);
    }

    #[test]
    fn a_length_beyond_the_limit_is_refused_before_anything_is_allocated() {
        assert_eq!(frame_length([0, 0, 1, 0]), Ok(256));
        assert!(frame_length([0xFF; 4]).is_err());
    }

    proptest::proptest! {
        #[test]
        fn encryption_is_undone(bytes: Vec<u8>) {
            proptest::prop_assert_eq!(decrypt(&encrypt(&bytes)), bytes);
        }
    }
}
