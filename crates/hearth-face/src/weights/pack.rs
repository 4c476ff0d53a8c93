//! The form in which weights are embedded and installed: one file for all networks.
//!
//! `HFACE\0\x01\0`, the number of tensors (u16), then for each: length of its name (u16), name,
//! number of sides (u8), sides (u32), kind (u8: 0 plain, 1 quantised), for quantised ones scale and
//! min (f64), then the numbers. All little endian. Names begin with the network's: `landmarks/fc`.

use sha2::{Digest, Sha256};
use thiserror::Error;

use super::{NAME_BYTES_MAX, Numbers, StoredTensor, TENSORS_MAX, numbers_of};

const MAGIC: [u8; 8] = *b"HFACE\0\x01\0";

/// Largest file that is read; ours has 12 MB.
const BYTES_MAX: usize = 64 << 20;

/// Why a pack is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PackError {
    /// It is not the file it has to be.
    #[error("the face model does not have the expected SHA-256")]
    Hash,
    /// It is not a pack, or a broken one.
    #[error("the file is not a face model")]
    Format,
    /// It is larger than any face model.
    #[error("the file is larger than a face model can be")]
    TooLarge,
    /// A network's tensor is missing or has another shape.
    #[error("the face model lacks the tensor {0}")]
    Tensor(&'static str),
}

/// The SHA-256 of a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Sha256Sum(pub [u8; 32]);

impl Sha256Sum {
    /// The sum of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// A sum as 64 hexadecimal digits.
    pub const fn from_hex(text: &str) -> Option<Self> {
        const fn digit(byte: u8) -> Option<u8> {
            match byte {
                b'0'..=b'9' => Some(byte - b'0'),
                b'a'..=b'f' => Some(byte - b'a' + 10),
                b'A'..=b'F' => Some(byte - b'A' + 10),
                _ => None,
            }
        }
        let text = text.as_bytes();
        if text.len() != 64 {
            return None;
        }
        let mut sum = [0; 32];
        let mut at = 0;
        while at < 32 {
            let (Some(high), Some(low)) = (digit(text[2 * at]), digit(text[2 * at + 1])) else {
                return None;
            };
            sum[at] = high << 4 | low;
            at += 1;
        }
        Some(Self(sum))
    }
}

impl std::fmt::Display for Sha256Sum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::fmt::Debug for Sha256Sum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

/// All tensors of the face networks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pack {
    tensors: Vec<StoredTensor>,
}

impl Pack {
    /// Adds the tensors of a network, their names behind its own.
    pub fn add(&mut self, network: &str, tensors: Vec<StoredTensor>) {
        self.tensors.extend(tensors.into_iter().map(|mut tensor| {
            tensor.name = format!("{network}/{}", tensor.name);
            tensor
        }));
    }

    /// The file.
    ///
    /// # Errors
    /// [`PackError::TooLarge`] if there is more in it than [`Self::read`] would accept.
    pub fn write(&self) -> Result<Vec<u8>, PackError> {
        let mut file = MAGIC.to_vec();
        let count = u16::try_from(self.tensors.len()).map_err(|_| PackError::TooLarge)?;
        file.extend(count.to_le_bytes());
        for tensor in &self.tensors {
            let name = u16::try_from(tensor.name.len()).map_err(|_| PackError::TooLarge)?;
            file.extend(name.to_le_bytes());
            file.extend(tensor.name.as_bytes());
            file.push(u8::try_from(tensor.shape.len()).map_err(|_| PackError::TooLarge)?);
            for side in &tensor.shape {
                let side = u32::try_from(*side).map_err(|_| PackError::TooLarge)?;
                file.extend(side.to_le_bytes());
            }
            match &tensor.numbers {
                Numbers::Plain(bytes) => {
                    file.push(0);
                    file.extend(bytes);
                }
                Numbers::Quantised { scale, min, bytes } => {
                    file.push(1);
                    file.extend(scale.to_le_bytes());
                    file.extend(min.to_le_bytes());
                    file.extend(bytes);
                }
            }
        }
        let names_fit = self.tensors.iter().all(|tensor| tensor.name.len() <= NAME_BYTES_MAX);
        let fits = names_fit && self.tensors.len() <= TENSORS_MAX && file.len() <= BYTES_MAX;
        if fits { Ok(file) } else { Err(PackError::TooLarge) }
    }

    /// Reads a file whose sum is `expected`; nothing of another file is looked at.
    ///
    /// # Errors
    /// [`PackError`].
    pub fn read(file: &[u8], expected: &Sha256Sum) -> Result<Self, PackError> {
        if file.len() > BYTES_MAX {
            return Err(PackError::TooLarge);
        }
        if Sha256Sum::of(file) != *expected {
            return Err(PackError::Hash);
        }
        Self::parse(file)
    }

    fn parse(file: &[u8]) -> Result<Self, PackError> {
        let mut reader = Reader(file);
        if reader.array()? != MAGIC {
            return Err(PackError::Format);
        }
        let count = usize::from(u16::from_le_bytes(reader.array()?));
        if count > TENSORS_MAX {
            return Err(PackError::TooLarge);
        }
        let tensors = (0..count).map(|_| reader.tensor()).collect::<Result<_, _>>()?;
        if reader.0.is_empty() { Ok(Self { tensors }) } else { Err(PackError::Format) }
    }

    /// The tensors.
    pub(crate) fn tensors(&self) -> &[StoredTensor] {
        &self.tensors
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], PackError> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(PackError::Format)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], PackError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(PackError::Format)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn tensor(&mut self) -> Result<StoredTensor, PackError> {
        let length = usize::from(u16::from_le_bytes(self.array()?));
        if length > NAME_BYTES_MAX {
            return Err(PackError::TooLarge);
        }
        let name = str::from_utf8(self.take(length)?).map_err(|_| PackError::Format)?.to_owned();
        let [rank] = self.array()?;
        let shape = (0..rank).map(|_| self.array().map(|side| u32::from_le_bytes(side) as usize));
        let shape = shape.collect::<Result<Vec<_>, _>>()?;
        let count = numbers_of(&shape).ok_or(PackError::TooLarge)?;
        let numbers = match self.array()? {
            [0] => Numbers::Plain(self.take(count * 4)?.to_vec()),
            [1] => {
                let scale = f64::from_le_bytes(self.array()?);
                let min = f64::from_le_bytes(self.array()?);
                if !(scale.is_finite() && min.is_finite()) {
                    return Err(PackError::Format);
                }
                Numbers::Quantised { scale, min, bytes: self.take(count)?.to_vec() }
            }
            _ => return Err(PackError::Format),
        };
        Ok(StoredTensor { name, shape, numbers })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pack() -> Pack {
        let quantised = Numbers::Quantised { scale: 0.25, min: -2.0, bytes: vec![0, 4, 255] };
        let plain = Numbers::Plain(1.5f32.to_le_bytes().to_vec());
        let mut pack = Pack::default();
        let tensor = |name: &str, shape: &[usize], numbers| StoredTensor {
            name: name.to_owned(),
            shape: shape.to_vec(),
            numbers,
        };
        pack.add("net", vec![tensor("a/b", &[3, 1], quantised), tensor("c", &[], plain)]);
        pack
    }

    #[test]
    fn a_pack_comes_back_as_it_was_written() {
        let file = pack().write().expect("small");
        assert_eq!(Pack::read(&file, &Sha256Sum::of(&file)), Ok(pack()));
    }

    /// A face model that is not the expected file is refused before it is read.
    #[test]
    fn a_single_changed_bit_is_refused() {
        let file = pack().write().expect("small");
        let expected = Sha256Sum::of(&file);
        for at in 0..file.len() {
            let mut bent = file.clone();
            bent[at] ^= 1;
            assert_eq!(Pack::read(&bent, &expected), Err(PackError::Hash), "byte {at}");
        }
    }

    #[test]
    fn a_pack_that_ends_early_or_late_is_refused() {
        let file = pack().write().expect("small");
        for length in 0..file.len() {
            assert_eq!(Pack::parse(&file[..length]), Err(PackError::Format), "{length}");
        }
        assert_eq!(Pack::parse(&[&file[..], &[0]].concat()), Err(PackError::Format));
    }

    #[test]
    fn sums_are_read_and_written_in_hexadecimal() {
        let sum = Sha256Sum::of(b"");
        let text = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(sum.to_string(), text);
        assert_eq!(Sha256Sum::from_hex(text), Some(sum));
        assert_eq!(Sha256Sum::from_hex(&text[1..]), None);
        assert_eq!(Sha256Sum::from_hex(&text.replace('e', "g")), None);
    }

    proptest! {
        /// promise: T-01. Arbitrary files and arbitrarily bent packs never panic.
        #[test]
        fn arbitrary_packs_never_panic(
            tail in prop::collection::vec(any::<u8>(), 0..300),
            bends in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        ) {
            Pack::parse(&[&MAGIC[..], &tail].concat()).ok();
            let mut file = pack().write().expect("small");
            for (at, byte) in bends {
                let at = at.index(file.len());
                file[at] = byte;
            }
            if let Ok(pack) = Pack::parse(&file) {
                prop_assert_eq!(pack.write(), Ok(file));
            }
        }
    }
}
