//! Faces of real photographs, seen by a real worker.

use std::path::PathBuf;

use bytes::Bytes;
use hearth_eyes::{
    EyesError, EyesReport, FacesIn, Model, PhotoRefused, SeenFace, StillWish, read_photo,
};
use hearth_face::Picture;
use hearth_media::{MediaTime, StreamItem, StreamParameters, VideoParameters};
use hearth_model::{CameraId, DetectionSettings};

use crate::rig::{Rig, frame, parameters};

/// A photograph of the face package, which `cargo xtask models` installs; says 'skipped' without.
fn photo(name: &str) -> Option<Bytes> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = root.join("models/node_modules/@vladmandic/face-api/demo").join(name);
    let photo = std::fs::read(&path).ok().map(Bytes::from);
    let has_model = hearth_face::embedded_face_model().is_some();
    if photo.is_none() || !has_model {
        println!("skipped: cargo xtask models installs the face model and its photographs");
    }
    photo.filter(|_| has_model)
}

fn as_camera(photo: &Bytes) -> std::sync::Arc<StreamParameters> {
    let video = VideoParameters::from_jpeg(photo).expect("a JPEG");
    std::sync::Arc::new(StreamParameters { video: Some(video), audio: None })
}

/// promise: D-01. Faces are found and described in the sandbox, without any network.
#[tokio::test]
async fn faces_of_a_photo_and_of_a_camera_are_described_alike() {
    let Some(photo) = photo("sample1.jpg") else { return };
    let rig = Rig::start("", None).await;
    let of_file = rig.eyes.faces(FacesIn::Photo(photo.clone())).await.expect("a photograph");
    let frames = vec![frame(0, photo.clone())];
    let of_camera = rig.eyes.faces(FacesIn::Frames(as_camera(&photo), frames)).await;
    let of_camera = of_camera.expect("a frame");
    assert!(!of_file.is_empty() && of_file.len() == of_camera.len(), "{of_file:?} {of_camera:?}");
    for (a, b) in of_file.iter().zip(&of_camera) {
        assert!(a.template.distance(&b.template) < 0.3);
        let picture = a.picture.as_ref().expect("the face with a border");
        let size = VideoParameters::from_jpeg(picture).expect("a JPEG");
        assert!(usize::from(size.width.max(size.height)) <= SeenFace::PICTURE_SIDE_MAX);
    }
}

#[tokio::test]
async fn files_that_are_no_photographs_are_refused() {
    let rig = Rig::start("", None).await;
    let text = rig.eyes.faces(FacesIn::Photo(Bytes::from_static(b"<svg onload=alert(1)>"))).await;
    let expected = if hearth_face::embedded_face_model().is_some() {
        EyesError::Photo(PhotoRefused::Format)
    } else {
        EyesError::NoFaceModel
    };
    assert_eq!(text.err(), Some(expected));
    let none = rig.eyes.faces(FacesIn::Frames(parameters(), Vec::new())).await;
    assert_eq!(none.err(), Some(EyesError::NoKeyFrame));
}

/// promise: D-33. A face that was hidden cannot be found again.
#[tokio::test]
async fn a_hidden_face_is_not_found_again() {
    let Some(photo) = photo("sample1.jpg") else { return };
    let rig = Rig::start("", None).await;
    let (camera, frames) = (as_camera(&photo), vec![frame(0, photo.clone())]);
    let seen = rig.eyes.faces(FacesIn::Frames(camera.clone(), frames.clone())).await;
    let seen = seen.expect("a frame");
    let hidden = seen.iter().map(|face| face.area).collect();
    let wish = StillWish { hidden, ..StillWish::default() };
    let still = rig.eyes.still(&camera, frames, &wish).await.expect("a still");
    let left = rig.eyes.faces(FacesIn::Photo(still.bytes)).await.expect("a JPEG");
    for face in &left {
        let nearest = seen.iter().map(|known| known.template.distance(&face.template));
        let nearest = nearest.fold(f32::INFINITY, f32::min);
        assert!(nearest > 0.6, "a hidden face is recognised at {nearest}");
    }
}

/// The object model of the test data; says 'skipped' without.
fn object_model() -> Option<Model> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared");
    let folder = std::env::var_os("HEARTHWATCH_TEST_DATA").map_or(beside.into(), PathBuf::from);
    let file = std::fs::read(folder.join("models/yolox_nano.onnx")).ok();
    if file.is_none() {
        println!("skipped: no models/yolox_nano.onnx in the test data");
    }
    file.and_then(|file| Model::new("yolox_nano", file.into()))
}

/// promise: D-06, D-33. In a picture that is kept to be corrected nobody is recognised, however little
/// was known of where they are; and it is small.
#[tokio::test]
async fn nobody_is_recognised_in_a_picture_that_is_to_be_corrected() {
    let (Some(photo), Some(model)) = (photo("sample1.jpg"), object_model()) else { return };
    let rig = Rig::start("", Some(model)).await;
    let (camera, frames) = (as_camera(&photo), vec![frame(0, photo.clone())]);
    let seen = rig.eyes.faces(FacesIn::Frames(camera.clone(), frames.clone())).await;
    let seen = seen.expect("a frame");
    assert!(!seen.is_empty(), "somebody is in it");
    let still = rig.eyes.anonymous_still(&camera, frames, 640, Vec::new()).await.expect("a still");
    assert!(still.jpeg.width <= 640 && still.jpeg.width > 0, "{}", still.jpeg.width);
    let people = still.things.iter().filter(|thing| thing.label.as_str() == "person");
    assert!(people.count() > 0, "{:?}", still.things);
    let left = rig.eyes.faces(FacesIn::Photo(still.jpeg.bytes)).await.expect("a JPEG");
    for face in &left {
        let nearest = seen.iter().map(|known| known.template.distance(&face.template));
        let nearest = nearest.fold(f32::INFINITY, f32::min);
        assert!(nearest > 0.6, "somebody is recognised at {nearest}");
    }
}

/// promise: D-33. Where nobody can say who is in a picture, there is no picture.
#[tokio::test]
async fn without_a_model_there_is_no_picture_to_correct() {
    let Some(photo) = photo("sample1.jpg") else { return };
    let rig = Rig::start("", None).await;
    let (camera, frames) = (as_camera(&photo), vec![frame(0, photo.clone())]);
    let refused = rig.eyes.anonymous_still(&camera, frames, 640, Vec::new()).await;
    assert_eq!(refused.err(), Some(EyesError::NoObjectModel));
}

/// Somebody walks up: the face comes with the track, and only where faces are wanted.
#[tokio::test]
async fn somebody_who_comes_is_seen_with_their_face_where_that_is_wanted() {
    let Some(photo) = photo("sample1.jpg") else { return };
    let mut rig = Rig::start("", None).await;
    let known = rig.eyes.faces(FacesIn::Photo(photo.clone())).await.expect("a photograph");
    let known = known.into_iter().next().expect("the largest face");
    let portrait = read_photo(known.picture.as_ref().expect("the face")).expect("a JPEG");
    let walk = Walk { portrait };
    let watch = |faces| {
        let camera = CameraId::new();
        let settings = DetectionSettings { visits: true, faces, ..DetectionSettings::default() };
        let mut feed = rig.eyes.watch(camera, settings);
        feed.offer(&StreamItem::Parameters(as_camera(&walk.picture(None))));
        (camera, feed)
    };
    let ((_, without), (wanted, with)) = (watch(false), watch(true));
    let mut feeds = [without, with];
    let playing = tokio::spawn(async move {
        for number in 0.. {
            let place = Some(number % 120 - 60).filter(|place| (0..40).contains(place));
            let image = walk.picture(place.and_then(|place| usize::try_from(place * 6).ok()));
            for feed in &mut feeds {
                feed.offer(&StreamItem::Frame(frame(number, image.clone())));
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    });
    let seen = rig.wait(|report| matches!(report, EyesReport::FaceSeen { .. })).await;
    let EyesReport::FaceSeen { camera, at, face, .. } = seen else { panic!("checked above") };
    assert_eq!(camera, wanted);
    assert!(at >= MediaTime::from_micros(6_000_000) && face.picture.is_some());
    assert!(face.template.distance(&known.template) < 0.5);
    playing.abort();
}

/// A face that walks through a grey yard.
struct Walk {
    portrait: Picture,
}

impl Walk {
    const SIZE: (usize, usize) = (640, 360);

    fn picture(&self, place: Option<usize>) -> Bytes {
        let (width, height) = Self::SIZE;
        let mut rgb = vec![90; width * height * 3];
        if let Some(left) = place {
            let line = self.portrait.width() * 3;
            for (y, from) in self.portrait.rgb().chunks_exact(line).enumerate().take(height - 20) {
                let start = ((y + 20) * width + left) * 3;
                rgb[start..start + line].copy_from_slice(from);
            }
        }
        let size = |side: usize| u16::try_from(side).expect("small");
        let mut image = Vec::new();
        let encoder = jpeg_encoder::Encoder::new(&mut image, 90);
        let colour = jpeg_encoder::ColorType::Rgb;
        encoder.encode(&rgb, size(width), size(height), colour).expect("encoded");
        image.into()
    }
}
