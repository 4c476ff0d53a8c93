//! The face model: built into the program, or installed next to it.

use std::{fs, path::Path};

use hearth_face::{FACE_MODEL_SHA256, FaceModel, embedded_face_model};

use crate::failure::Failure;

/// Where a program that was built without a model looks for it: beside itself.
const FILE_NAME: &str = "faces.pack";

/// Larger than the model is; another file is not read whole to be refused.
const BYTES_MAX: u64 = 64 << 20;

/// Loads the model. Whatever its source, it has to be the file this program was made for.
///
/// # Errors
/// If there is none, or another file.
pub(crate) fn load() -> Result<FaceModel, Failure> {
    if let Some(file) = embedded_face_model() {
        return check(file);
    }
    let beside = std::env::current_exe().map(|program| program.with_file_name(FILE_NAME));
    match beside.ok().and_then(|path| read(&path)) {
        Some(file) => check(&file),
        None => Err(Failure::Refused {
            code: "no_face_model".to_owned(),
            message:
                "No face model is installed: nobody is recognised. Build with it (cargo xtask \
                      models), or put faces.pack next to the program."
                    .to_owned(),
        }),
    }
}

fn read(path: &Path) -> Option<Vec<u8>> {
    let length = fs::metadata(path).ok()?.len();
    (length <= BYTES_MAX).then(|| fs::read(path).ok())?
}

fn check(file: &[u8]) -> Result<FaceModel, Failure> {
    FaceModel::load(file, &FACE_MODEL_SHA256).map_err(|error| Failure::Refused {
        code: "face_model_refused".to_owned(),
        message: format!("The face model can't be used: {error}."),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A model that is not the one this program was made for recognises nobody.
    #[test]
    fn another_file_is_refused() {
        let refused = check(b"HFACE\0\x01\0\0\0").err().expect("refused");
        assert_eq!(refused.code(), "face_model_refused");
    }
}
