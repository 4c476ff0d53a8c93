//! Reading CBOR (RFC 8949) as authenticators write it: CTAP2's canonical form, which has definite
//! lengths and no tags. Pure, bounded in depth by [`DEPTH_MAX`] and in size by the slice at hand;
//! what is outside of that form is refused, not guessed at.

use super::PasskeyError;

// CTAP2, 8: nothing an authenticator sends is nested deeper than four levels.
const DEPTH_MAX: u8 = 4;

/// One value's head and, for texts and bytes, its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Item<'a> {
    /// 0 and above, and below 0 as the standard's `-1 - n`.
    Integer(i128),
    Bytes(&'a [u8]),
    Text(&'a str),
    /// So many values follow.
    Array(u64),
    /// So many pairs follow.
    Map(u64),
    /// `true`, `false`, `null` and the like.
    Simple(u8),
}

/// Reads values from the front of a slice.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// What has not been read.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.0
    }

    /// The next value's head; those inside an array or map come next.
    pub(super) fn item(&mut self) -> Result<Item<'a>, PasskeyError> {
        let [first] = self.take()?;
        let argument = match first & 31 {
            short @ 0..=23 => u64::from(short),
            24 => u64::from(u8::from_be_bytes(self.take()?)),
            25 => u64::from(u16::from_be_bytes(self.take()?)),
            26 => u64::from(u32::from_be_bytes(self.take()?)),
            27 => u64::from_be_bytes(self.take()?),
            // Indefinite lengths, and what no standard has given a meaning.
            _ => return Err(PasskeyError::Malformed),
        };
        Ok(match first >> 5 {
            0 => Item::Integer(i128::from(argument)),
            1 => Item::Integer(-1 - i128::from(argument)),
            2 => Item::Bytes(self.bytes(argument)?),
            3 => {
                let text = std::str::from_utf8(self.bytes(argument)?);
                Item::Text(text.map_err(|_| PasskeyError::Malformed)?)
            }
            4 => Item::Array(argument),
            5 => Item::Map(argument),
            7 if first & 31 < 24 => Item::Simple(first & 31),
            _ => return Err(PasskeyError::Malformed),
        })
    }

    /// Passes over one whole value.
    pub(super) fn skip(&mut self) -> Result<(), PasskeyError> {
        self.skip_within(DEPTH_MAX)
    }

    fn skip_within(&mut self, depth: u8) -> Result<(), PasskeyError> {
        let values = match self.item()? {
            Item::Array(values) => values,
            Item::Map(pairs) => pairs.checked_mul(2).ok_or(PasskeyError::Malformed)?,
            _ => return Ok(()),
        };
        let depth = depth.checked_sub(1).ok_or(PasskeyError::Malformed)?;
        // Each value is a byte at least, so a count larger than the rest ends with an error soon.
        for _ in 0..values {
            self.skip_within(depth)?;
        }
        Ok(())
    }

    fn bytes(&mut self, length: u64) -> Result<&'a [u8], PasskeyError> {
        let length = usize::try_from(length).map_err(|_| PasskeyError::Malformed)?;
        let (bytes, rest) = self.0.split_at_checked(length).ok_or(PasskeyError::Malformed)?;
        self.0 = rest;
        Ok(bytes)
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], PasskeyError> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or(PasskeyError::Malformed)?;
        self.0 = rest;
        Ok(*bytes)
    }
}

/// The authenticator data inside an attestation object (WebAuthn, 6.5.4) of format `none`.
pub(super) fn authenticator_data(attestation: &[u8]) -> Result<&[u8], PasskeyError> {
    let mut reader = Reader::new(attestation);
    let Item::Map(pairs) = reader.item()? else { return Err(PasskeyError::Malformed) };
    let (mut format, mut statement, mut data) = (None, None, None);
    for _ in 0..pairs {
        let Item::Text(name) = reader.item()? else { return Err(PasskeyError::Malformed) };
        let value = reader;
        reader.skip()?;
        let place = match name {
            "fmt" => &mut format,
            "attStmt" => &mut statement,
            "authData" => &mut data,
            _ => continue,
        };
        if place.replace(value).is_some() {
            return Err(PasskeyError::Malformed);
        }
    }
    let is_none = (read(format)?, read(statement)?) == (Item::Text("none"), Item::Map(0));
    match read(data)? {
        Item::Bytes(data) if is_none && reader.rest().is_empty() => Ok(data),
        _ => Err(PasskeyError::Malformed),
    }
}

fn read(value: Option<Reader<'_>>) -> Result<Item<'_>, PasskeyError> {
    value.ok_or(PasskeyError::Malformed)?.item()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn first(bytes: &[u8]) -> Result<Item<'_>, PasskeyError> {
        Reader::new(bytes).item()
    }

    /// RFC 8949, appendix A.
    #[test]
    fn values_are_read_as_the_standard_writes_them() {
        assert_eq!(first(&[0x17]), Ok(Item::Integer(23)));
        assert_eq!(first(&[0x18, 0x64]), Ok(Item::Integer(100)));
        assert_eq!(first(&[0x1a, 0, 0x0f, 0x42, 0x40]), Ok(Item::Integer(1_000_000)));
        assert_eq!(first(&[0x39, 0x03, 0xe7]), Ok(Item::Integer(-1000)));
        assert_eq!(first(&[0x3b, 255, 255, 255, 255, 255, 255, 255, 255]), {
            Ok(Item::Integer(-1 - i128::from(u64::MAX)))
        });
        assert_eq!(first(&[0x44, 1, 2, 3, 4]), Ok(Item::Bytes(&[1, 2, 3, 4])));
        assert_eq!(first(&[0x64, 0x49, 0x45, 0x54, 0x46]), Ok(Item::Text("IETF")));
        assert_eq!(first(&[0x83, 1, 2, 3]), Ok(Item::Array(3)));
        assert_eq!(first(&[0xf6]), Ok(Item::Simple(22)));
    }

    #[test]
    fn other_forms_are_refused() {
        for bytes in [
            &[][..],
            &[0x18],
            &[0x5f, 0x41, 0, 0xff],
            &[0x9f, 0xff],
            &[0xc1, 0x1a],
            &[0xfb, 0, 0, 0, 0, 0, 0, 0, 0],
            &[0x1c],
            &[0x42, 0],
            &[0x61, 0xff],
            &[0x5b, 255, 255, 255, 255, 255, 255, 255, 255],
        ] {
            assert_eq!(first(bytes), Err(PasskeyError::Malformed), "{bytes:?}");
        }
        assert!(Reader::new(&[0x81, 0x81, 0x81, 0x81, 0]).skip().is_ok());
        assert!(Reader::new(&[0x81, 0x81, 0x81, 0x81, 0x81, 0]).skip().is_err(), "too deep");
        assert!(Reader::new(&[0xbb, 255, 255, 255, 255, 255, 255, 255, 255]).skip().is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused_without_panic(
            bytes in proptest::collection::vec(any::<u8>(), 0..64),
        ) {
            let mut reader = Reader::new(&bytes);
            while reader.skip().is_ok() {}
            prop_assert!(reader.rest().len() <= bytes.len());
            let _outcome = authenticator_data(&bytes);
        }
    }
}
