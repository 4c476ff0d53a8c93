//! The face model: the networks that come with the product, or others that were installed.

use crate::{
    finder::BuiltInFinder,
    reader::FaceReader,
    weights::{Pack, PackError, Sha256Sum},
};

/// What `cargo xtask models` makes of `@vladmandic/face-api` 1.7.15. Whoever changes the package or
/// the form of the file changes this too; a file with another sum is refused.
pub const FACE_MODEL_SHA256: Sha256Sum =
    match Sha256Sum::from_hex("02d7fd11aa2e6c57d6cf2f6ed57b21934456087f9241a736f1ede64ed7277ebf") {
        Some(sum) => sum,
        None => panic!("not a SHA-256"),
    };

/// The model's file, if the product was built with it. Unchecked: [`FaceModel::load`] checks it.
pub fn embedded_face_model() -> Option<&'static [u8]> {
    let file: Option<&'static [u8]> = include!(concat!(env!("OUT_DIR"), "/face_model.rs"));
    file
}

/// A loaded face model.
pub struct FaceModel {
    /// Finds faces.
    pub finder: BuiltInFinder,
    /// Describes them.
    pub reader: FaceReader,
    /// The file's sum.
    pub sha256: Sha256Sum,
}

impl FaceModel {
    /// The networks of a file whose sum is `expected`. There is no way around the sum.
    ///
    /// # Errors
    /// [`PackError`].
    pub fn load(file: &[u8], expected: &Sha256Sum) -> Result<Self, PackError> {
        let pack = Pack::read(file, expected)?;
        let (finder, reader) = (BuiltInFinder::new(&pack)?, FaceReader::new(&pack)?);
        Ok(Self { finder, reader, sha256: *expected })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_with_another_sum_is_refused_whatever_is_in_it() {
        let mut pack = Pack::default();
        pack.add("recognition", Vec::new());
        let file = pack.write().expect("small");
        let refused = FaceModel::load(&file, &FACE_MODEL_SHA256).err();
        assert_eq!(refused, Some(PackError::Hash));
    }

    #[test]
    fn a_file_without_the_networks_is_refused_although_its_sum_is_right() {
        let file = Pack::default().write().expect("small");
        let refused = FaceModel::load(&file, &Sha256Sum::of(&file)).err();
        assert_eq!(refused, Some(PackError::Tensor("detection")));
    }
}
