//! Weights of networks: where they come from, the form they are kept in, and what networks take.
//!
//! `manifest` reads the form in which the npm package ships them, `pack` is ours: one file with all
//! tensors, still quantised, checked against a SHA-256 before anything else of it is read.

mod manifest;
mod pack;
mod tensors;

pub use manifest::{ManifestError, read_manifest};
pub use pack::{Pack, PackError, Sha256Sum};
pub(crate) use tensors::Tensors;

/// Tensors one file may have; the largest network here has 151.
const TENSORS_MAX: usize = 512;

/// Numbers of one tensor; the largest here is 3 x 3 x 256 x 512.
const NUMBERS_MAX: usize = 8 << 20;

/// Sides of a tensor.
const RANK_MAX: usize = 4;

/// Bytes of a tensor's name.
const NAME_BYTES_MAX: usize = 160;

/// One tensor as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredTensor {
    name: String,
    shape: Vec<usize>,
    numbers: Numbers,
}

impl StoredTensor {
    /// Its name within its network.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its sides, outermost first.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }
}

/// How the numbers of a tensor are kept.
#[derive(Clone, Debug, PartialEq)]
enum Numbers {
    /// IEEE 754 single precision, little endian.
    Plain(Vec<u8>),
    /// One byte each: `byte * scale + min`.
    Quantised { scale: f64, min: f64, bytes: Vec<u8> },
}

impl StoredTensor {
    /// The numbers as TensorFlow.js makes them: in double precision, rounded once.
    fn values(&self) -> Vec<f32> {
        match &self.numbers {
            Numbers::Plain(bytes) => {
                let number = |four: &[u8; 4]| f32::from_le_bytes(*four);
                bytes.as_chunks().0.iter().map(number).collect()
            }
            Numbers::Quantised { scale, min, bytes } => {
                let value = |byte: u8| (f64::from(byte) * scale + min) as f32;
                let table: Vec<f32> = (0..=u8::MAX).map(value).collect();
                bytes.iter().map(|byte| table[usize::from(*byte)]).collect()
            }
        }
    }
}

/// How many numbers a shape has, if it is one that we accept.
fn numbers_of(shape: &[usize]) -> Option<usize> {
    if shape.len() > RANK_MAX {
        return None;
    }
    let count = shape.iter().try_fold(1usize, |count, side| count.checked_mul(*side))?;
    (count <= NUMBERS_MAX).then_some(count)
}
