//! The autokey XOR that TP-Link wraps its JSON in.
//!
//! Pure. It hides nothing from anybody: the first key byte is the same everywhere and each byte of
//! the text is the key of the next. See [`crate::Weakness::ReversibleObfuscation`].

/// The key of the first byte.
const FIRST_KEY: u8 = 171;

/// Wraps: the key of each byte is the wrapped byte before it.
pub(crate) fn wrap(plain: &[u8]) -> Vec<u8> {
    let mut key = FIRST_KEY;
    let next = |byte: &u8| {
        key ^= byte;
        key
    };
    plain.iter().map(next).collect()
}

/// Unwraps.
pub(crate) fn unwrap(wrapped: &[u8]) -> Vec<u8> {
    let keys = std::iter::once(&FIRST_KEY).chain(wrapped);
    wrapped.iter().zip(keys).map(|(byte, key)| byte ^ key).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// promise: K-08. The value of an independent client (`xor.udp_payload` of the vectors).
    #[test]
    fn a_known_text_is_wrapped_as_others_do() {
        let wrapped = wrap(br#"{"system":{"get_sysinfo":{}}}"#);
        let hex: String = wrapped.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "d0f281f88bff9af7d5ef94b6d1b4c09fec95e68fe187e8caf08bf68bf6");
    }

    proptest::proptest! {
        #[test]
        fn what_was_wrapped_is_unwrapped(plain: Vec<u8>) {
            proptest::prop_assert_eq!(unwrap(&wrap(&plain)), plain.clone());
            proptest::prop_assert_eq!(wrap(&unwrap(&plain)), plain);
        }
    }
}
