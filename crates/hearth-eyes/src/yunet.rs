//! Runs YuNet, a face detector that can be installed as a file.
//!
//! What it is shown and what it answers is in `hearth-face`.

use hearth_face::{FaceFinder, FoundFace, Picture, Sha256Sum, YUNET_OUTPUTS, YunetInput};
use rten::{Model, NodeId, Value};
use rten_tensor::{AsView, NdTensor};
use thiserror::Error;

/// Why a face detector is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FaceDetectorRefused {
    /// It is not the file it has to be.
    #[error("the face detector does not have the expected SHA-256")]
    Hash,
    /// It is no YuNet model.
    #[error("the file is not a YuNet face detector")]
    Format,
}

/// A loaded YuNet model.
pub struct Yunet {
    model: Model,
    outputs: Vec<NodeId>,
}

impl Yunet {
    /// Largest file that is read; ours has 0.3 MB.
    pub const BYTES_MAX: usize = 16 << 20;

    /// Loads a model whose sum is `expected`, and tries it on an empty picture. There is no way
    /// around the sum.
    ///
    /// # Errors
    /// [`FaceDetectorRefused`].
    pub fn load(file: Vec<u8>, expected: &Sha256Sum) -> Result<Self, FaceDetectorRefused> {
        if file.len() > Self::BYTES_MAX || Sha256Sum::of(&file) != *expected {
            return Err(FaceDetectorRefused::Hash);
        }
        // On the pool's thread: elsewhere rayon would want threads of its own.
        let model = rten::thread_pool().run(|| Model::load(file));
        let model = model.map_err(|_| FaceDetectorRefused::Format)?;
        let outputs = YUNET_OUTPUTS.iter().map(|(name, _)| model.node_id(name));
        let outputs = outputs.collect::<Result<_, _>>().map_err(|_| FaceDetectorRefused::Format)?;
        let detector = Self { model, outputs };
        let empty = Picture::from_rgb(64, 64, vec![0; 64 * 64 * 3]);
        let empty = empty.map_err(|_| FaceDetectorRefused::Format)?;
        detector.look(&empty).map(|_| detector).ok_or(FaceDetectorRefused::Format)
    }

    fn look(&self, picture: &Picture) -> Option<Vec<FoundFace>> {
        let input = YunetInput::of(picture);
        let (shape, planes) = input.planes();
        let planes = NdTensor::try_from_data(shape, planes.to_vec()).ok()?;
        let name = *self.model.input_ids().first()?;
        let run = || self.model.run(vec![(name, planes.into())], &self.outputs, None);
        let answers = rten::thread_pool().run(run).ok()?;
        let answers: Vec<NdTensor<f32, 3>> = answers
            .into_iter()
            .map(|answer: Value| answer.try_into().ok())
            .collect::<Option<_>>()?;
        let numbers: Vec<&[f32]> = answers.iter().map(AsView::data).collect::<Option<_>>()?;
        input.faces(numbers.first_chunk()?)
    }
}

impl FaceFinder for Yunet {
    /// Nobody if the model fails.
    fn find(&self, picture: &Picture) -> Vec<FoundFace> {
        self.look(picture).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file that is not the expected one is refused before it is read, one that is no model after.
    #[test]
    fn other_files_are_refused() {
        let file = b"not a model".to_vec();
        let refused = |expected| Yunet::load(file.clone(), &expected).err();
        assert_eq!(refused(hearth_face::YUNET_SHA256), Some(FaceDetectorRefused::Hash));
        assert_eq!(refused(Sha256Sum::of(&file)), Some(FaceDetectorRefused::Format));
    }

    #[test]
    fn the_model_finds_a_face_and_its_points() {
        let shared = crate::test_media::shared;
        let Some(model) = shared("models/yunet_n_dynamic.onnx") else { return };
        let Some(photo) = shared("faces/people/obama/obama.jpg") else { return };
        let model = std::fs::read(model).expect("a file");
        let yunet = Yunet::load(model, &hearth_face::YUNET_SHA256).expect("as measured");
        let picture = crate::read_photo(&std::fs::read(photo).expect("a file"));
        let found = yunet.find(&picture.expect("a JPEG"));
        let [face] = found[..] else { panic!("one face: {found:?}") };
        // The built-in detector sees it at 373, 109 with 227 x 309 pixels.
        let middle = (face.left + face.width / 2.0, face.top + face.height / 2.0);
        assert!((middle.0 - 486.0).abs() < 40.0 && (middle.1 - 263.0).abs() < 50.0, "{face:?}");
        let eyes = face.points.expect("YuNet finds points").eye_distance();
        assert!((90.0..120.0).contains(&eyes), "{eyes}");
    }
}
