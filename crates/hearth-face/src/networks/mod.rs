//! The networks of `@vladmandic/face-api`: what each expects and what it answers.

mod landmarks;
mod recognition;
mod single_shot;

pub(crate) use landmarks::{LandmarkNetwork, SIDE as LANDMARK_SIDE};
pub(crate) use recognition::{RecognitionNetwork, SIDE as CHIP_SIDE};
pub(crate) use single_shot::{SIDE as SINGLE_SHOT_SIDE, SingleShotBox, SingleShotNetwork};

/// Mean red, green and blue of the pictures both dlib networks were trained with.
const MEAN_RGB: [f32; 3] = [122.782, 117.001, 104.298];

/// A map of RGB values from 0 to 255, minus the mean, divided by `divisor`.
fn centred(rgb: &[f32], side: usize, divisor: f32) -> crate::layers::Map {
    let scaled =
        rgb.as_chunks::<3>().0.iter().flat_map(|pixel| {
            [0, 1, 2].map(|channel| (pixel[channel] - MEAN_RGB[channel]) / divisor)
        });
    crate::layers::Map { height: side, width: side, channels: 3, values: scaled.collect() }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::{FACE_MODEL_SHA256, Pack, embedded_face_model};

    /// The embedded weights; says so if the tests were built without them.
    fn pack() -> Option<Pack> {
        let Some(file) = embedded_face_model() else {
            eprintln!("skipped: built without a face model (cargo xtask models)");
            return None;
        };
        Some(Pack::read(file, &FACE_MODEL_SHA256).expect("the file it was built with"))
    }

    /// What the networks' own implementation answers; how it was asked stands in the file.
    fn oracle() -> Value {
        serde_json::from_str(include_str!("../../testdata/face_api.json")).expect("JSON")
    }

    fn numbers(value: &Value) -> Vec<f32> {
        let numbers = value.as_array().expect("a list").iter();
        numbers.map(|number| number.as_f64().expect("a number") as f32).collect()
    }

    /// The picture the oracle was shown.
    fn drawn(side: usize) -> Vec<f32> {
        let value = |x: usize, y: usize, c: usize| (7 * x + 13 * y + 29 * c + ((x * y) >> 4)) % 256;
        (0..side * side * 3).map(|i| value(i / 3 % side, i / 3 / side, i % 3) as f32).collect()
    }

    fn furthest(got: &[f32], want: &[f32]) -> f32 {
        assert_eq!(got.len(), want.len());
        got.iter().zip(want).map(|(got, want)| (got - want).abs()).fold(0.0, f32::max)
    }

    #[test]
    fn the_recognition_network_answers_as_face_api_does() {
        let Some(pack) = pack() else { return };
        let network = RecognitionNetwork::new(&pack).expect("complete");
        let answer = network.run(&drawn(CHIP_SIDE));
        let distance = furthest(&answer, &numbers(&oracle()["recognition"]));
        assert!(distance < 1e-5, "{distance}");
    }

    #[test]
    fn the_landmark_network_answers_as_face_api_does() {
        let Some(pack) = pack() else { return };
        let network = LandmarkNetwork::new(&pack).expect("complete");
        let answer = network.run(&drawn(LANDMARK_SIDE));
        let distance = furthest(answer.as_flattened(), &numbers(&oracle()["landmarks"]));
        assert!(distance < 1e-5, "{distance}");
    }

    #[test]
    fn the_detector_answers_as_face_api_does() {
        let Some(pack) = pack() else { return };
        let network = SingleShotNetwork::new(&pack).expect("complete");
        let boxes = network.run(&drawn(SINGLE_SHOT_SIDE), 0.0);
        assert_eq!(boxes.len(), single_shot::BOXES);
        for row in oracle()["detection"].as_array().expect("a list") {
            let found = boxes[row["box"].as_u64().expect("a number") as usize];
            let score = row["score"].as_f64().expect("a number") as f32;
            let edges = [found.top, found.left, found.bottom, found.right];
            let distance = furthest(&edges, &numbers(&row["edges"]));
            assert!((found.score - score).abs() < 1e-5 && distance < 1e-5, "{found:?}, not {row}");
        }
    }

    /// promise: D-34. A model with a tensor that is missing, of another shape or without sense is
    /// refused when it is loaded; it never recognises anybody.
    #[test]
    fn networks_without_all_their_weights_are_refused() {
        let empty = Pack::default();
        assert!(RecognitionNetwork::new(&empty).is_err());
        assert!(LandmarkNetwork::new(&empty).is_err());
        assert!(SingleShotNetwork::new(&empty).is_err());
    }
}
