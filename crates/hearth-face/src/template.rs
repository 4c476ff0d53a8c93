//! The description of a face: biometric data, which is never shown, compared and wiped only.

use hearth_secret::{Secret, SecretBytes};
use thiserror::Error;
use zeroize::Zeroizing;

/// Numbers of a template.
pub const TEMPLATE_NUMBERS: usize = 128;

/// Bytes of a template as it is kept: little-endian single precision.
pub const TEMPLATE_BYTES: usize = TEMPLATE_NUMBERS * 4;

/// Templates are short: dlib trains them to lie within half of this of each other.
const NUMBER_MAX: f32 = 10.0;

/// Why bytes are no template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the bytes are not a face template")]
pub struct NotATemplate;

/// 128 numbers that describe a face; faces of one person lie close together.
///
/// Cannot be printed or serialised, and is wiped when dropped. promise: D-27.
#[derive(Clone)]
pub struct Template(Box<Secret<[f32; TEMPLATE_NUMBERS]>>);

impl Template {
    pub(crate) fn new(numbers: [f32; TEMPLATE_NUMBERS]) -> Result<Self, NotATemplate> {
        // Asked this way round, what is not a number does not pass.
        let is_sane = numbers.iter().all(|number| number.abs() <= NUMBER_MAX);
        let numbers = Box::new(Secret::new(numbers));
        if is_sane { Ok(Self(numbers)) } else { Err(NotATemplate) }
    }

    /// The template that [`Self::to_bytes`] made bytes of.
    ///
    /// # Errors
    /// [`NotATemplate`] for another length, and for numbers no network makes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NotATemplate> {
        let (fours, []) = bytes.as_chunks::<4>() else { return Err(NotATemplate) };
        let fours: &[[u8; 4]; TEMPLATE_NUMBERS] = fours.try_into().map_err(|_| NotATemplate)?;
        let numbers = Zeroizing::new(fours.map(f32::from_le_bytes));
        Self::new(*numbers)
    }

    /// The template as it is sealed and kept.
    pub fn to_bytes(&self) -> SecretBytes {
        let mut bytes = Vec::with_capacity(TEMPLATE_BYTES);
        self.numbers().iter().for_each(|number| bytes.extend(number.to_le_bytes()));
        SecretBytes::new(bytes)
    }

    /// How different two faces are: the Euclidean distance. 0 for the same picture.
    pub fn distance(&self, other: &Self) -> f32 {
        squared_distance(self.numbers(), other.numbers()).sqrt()
    }

    pub(crate) fn numbers(&self) -> &[f32; TEMPLATE_NUMBERS] {
        self.0.expose()
    }
}

impl std::fmt::Debug for Template {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[template]")
    }
}

/// Sums that are added up side by side, so that the processor can do them at once.
const LANES: usize = 16;

pub(crate) fn squared_distance(a: &[f32; TEMPLATE_NUMBERS], b: &[f32; TEMPLATE_NUMBERS]) -> f32 {
    let mut sums = [0.0; LANES];
    for (a, b) in a.as_chunks::<LANES>().0.iter().zip(b.as_chunks::<LANES>().0) {
        for lane in 0..LANES {
            let difference = a[lane] - b[lane];
            sums[lane] += difference * difference;
        }
    }
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// promise: D-27. A template inside a debug print of anything stays hidden.
    #[test]
    fn debug_shows_a_mark_instead_of_the_face() {
        let template = Template::new([0.125; TEMPLATE_NUMBERS]).expect("sane");
        assert_eq!(format!("{template:?}"), "[template]");
    }

    #[test]
    fn distances_are_euclidean() {
        let zero = Template::new([0.0; TEMPLATE_NUMBERS]).expect("sane");
        let mut numbers = [0.0; TEMPLATE_NUMBERS];
        (numbers[3], numbers[127]) = (3.0, -4.0);
        let other = Template::new(numbers).expect("sane");
        assert_eq!((zero.distance(&other), other.distance(&other)), (5.0, 0.0));
    }

    #[test]
    fn bytes_of_another_length_or_without_sense_are_refused() {
        assert!(Template::from_bytes(&[0; TEMPLATE_BYTES]).is_ok());
        assert!(Template::from_bytes(&[0; TEMPLATE_BYTES - 1]).is_err());
        assert!(Template::from_bytes(&[0; TEMPLATE_BYTES + 4]).is_err());
        assert!(Template::from_bytes(&[0xff; TEMPLATE_BYTES]).is_err());
    }

    proptest! {
        /// promise: T-01. Arbitrary bytes never panic, and a template comes back as it was.
        #[test]
        fn a_template_survives_its_bytes(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
            if let Ok(template) = Template::from_bytes(&bytes) {
                let written = template.to_bytes();
                prop_assert_eq!(written.expose(), &bytes);
            }
            let numbers = std::array::from_fn(|at| bytes.get(at).map_or(0.0, |byte| f32::from(*byte) / 100.0));
            let template = Template::new(numbers).expect("sane");
            let again = Template::from_bytes(template.to_bytes().expose()).expect("as written");
            prop_assert_eq!(template.distance(&again), 0.0);
        }
    }
}
