//! Reads weights as TensorFlow.js ships them: a manifest in JSON and a file of numbers.
//!
//! The numbers stand one tensor behind the other in the manifest's order. A tensor with a
//! `quantization` has one byte a number (tfjs-core, `io_utils.decodeWeights`).

use serde::Deserialize;
use thiserror::Error;

use super::{NAME_BYTES_MAX, Numbers, StoredTensor, TENSORS_MAX, numbers_of};

/// Bytes of a manifest; the longest here has 28 kB.
const MANIFEST_BYTES_MAX: usize = 1 << 20;

/// Why weights cannot be read.
#[derive(Debug, Error)]
pub enum ManifestError {
    /// The manifest is no JSON of the expected form.
    #[error("the manifest is not one")]
    Json(#[source] serde_json::Error),
    /// The manifest is too long, or names several files or too many tensors.
    #[error("the manifest is larger than the networks here are")]
    TooLarge,
    /// A tensor is of a type or shape that is not used here.
    #[error("the tensor {0:?} is of a kind that is not known")]
    Kind(String),
    /// The numbers end early, or there are more than the manifest names.
    #[error("the file of numbers is not as long as the manifest says")]
    Length,
}

#[derive(Deserialize)]
struct Group {
    weights: Vec<Entry>,
    paths: Vec<String>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    shape: Vec<usize>,
    dtype: String,
    quantization: Option<Quantization>,
}

#[derive(Deserialize)]
struct Quantization {
    dtype: String,
    scale: f64,
    min: f64,
}

/// The floating-point tensors of a manifest and its file of numbers. Integers, which only the
/// program that exported the network needed, are passed over.
///
/// # Errors
/// [`ManifestError`].
pub fn read_manifest(
    manifest: &[u8],
    mut numbers: &[u8],
) -> Result<Vec<StoredTensor>, ManifestError> {
    if manifest.len() > MANIFEST_BYTES_MAX {
        return Err(ManifestError::TooLarge);
    }
    let groups: Vec<Group> = serde_json::from_slice(manifest).map_err(ManifestError::Json)?;
    let [group] = groups.as_slice() else { return Err(ManifestError::TooLarge) };
    if group.paths.len() != 1 || group.weights.len() > TENSORS_MAX {
        return Err(ManifestError::TooLarge);
    }
    let mut tensors = Vec::new();
    for entry in &group.weights {
        let (tensor, rest) = read_entry(entry, numbers)?;
        numbers = rest;
        tensors.extend(tensor);
    }
    if numbers.is_empty() { Ok(tensors) } else { Err(ManifestError::Length) }
}

/// One tensor, if it is of floating point, and what stands behind it.
fn read_entry<'a>(
    entry: &Entry,
    numbers: &'a [u8],
) -> Result<(Option<StoredTensor>, &'a [u8]), ManifestError> {
    let unknown = || ManifestError::Kind(entry.name.chars().take(NAME_BYTES_MAX).collect());
    let count = numbers_of(&entry.shape).ok_or_else(unknown)?;
    if entry.name.len() > NAME_BYTES_MAX {
        return Err(unknown());
    }
    let width = match &entry.quantization {
        None => 4,
        Some(rule) if rule.dtype == "uint8" => {
            if !(rule.scale.is_finite() && rule.min.is_finite()) {
                return Err(unknown());
            }
            1
        }
        Some(_) => return Err(unknown()),
    };
    let (bytes, rest) = numbers.split_at_checked(count * width).ok_or(ManifestError::Length)?;
    let numbers = match &entry.quantization {
        None => Numbers::Plain(bytes.to_vec()),
        Some(rule) => {
            Numbers::Quantised { scale: rule.scale, min: rule.min, bytes: bytes.to_vec() }
        }
    };
    let tensor = match entry.dtype.as_str() {
        "float32" => {
            Some(StoredTensor { name: entry.name.clone(), shape: entry.shape.clone(), numbers })
        }
        "int32" => None,
        _ => return Err(unknown()),
    };
    Ok((tensor, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MANIFEST: &[u8] = br#"[{"weights":[
        {"name":"a","shape":[2,2],"dtype":"float32",
         "quantization":{"dtype":"uint8","scale":0.5,"min":-1.0}},
        {"name":"i","shape":[1],"dtype":"int32",
         "quantization":{"dtype":"uint8","scale":1,"min":7}},
        {"name":"b","shape":[],"dtype":"float32"}
    ],"paths":["x.bin"]}]"#;

    #[test]
    fn numbers_are_scaled_and_integers_passed_over() {
        let numbers = [0, 1, 2, 255, 9, 0, 0, 128, 63];
        let tensors = read_manifest(MANIFEST, &numbers).expect("as shipped");
        let names: Vec<&str> = tensors.iter().map(StoredTensor::name).collect();
        assert_eq!(names, ["a", "b"]);
        assert_eq!(tensors[0].values(), [-1.0, -0.5, 0.0, 126.5]);
        assert_eq!((tensors[1].shape().len(), tensors[1].values()), (0, vec![1.0]));
    }

    #[test]
    fn a_file_of_another_length_is_refused() {
        for length in [0, 8, 10] {
            let numbers = vec![0; length];
            let answer = read_manifest(MANIFEST, &numbers);
            assert!(matches!(answer, Err(ManifestError::Length)), "{length}: {answer:?}");
        }
    }

    #[test]
    fn shapes_that_overflow_are_refused() {
        let huge = br#"[{"weights":[{"name":"a","shape":[4294967296,4294967296,4294967296],
            "dtype":"float32"}],"paths":["x"]}]"#;
        assert!(matches!(read_manifest(huge, &[]), Err(ManifestError::Kind(_))));
    }

    proptest! {
        /// promise: T-01. Whatever a package holds, reading it does not panic.
        #[test]
        fn arbitrary_manifests_never_panic(
            manifest in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..200),
                (0..MANIFEST.len(), any::<u8>()).prop_map(|(at, byte)| {
                    let mut bent = MANIFEST.to_vec();
                    bent[at] = byte;
                    bent
                }),
            ],
            numbers in prop::collection::vec(any::<u8>(), 0..20),
        ) {
            for tensor in read_manifest(&manifest, &numbers).into_iter().flatten() {
                prop_assert_eq!(numbers_of(tensor.shape()), Some(tensor.values().len()));
            }
        }
    }
}
