//! Recognition on the labelled pictures of the test data: real faces, which are never committed.

use std::{
    path::{Path, PathBuf},
    sync::OnceLock,
};

use hearth_face::{
    Comparison, DetCurve, FACE_MODEL_SHA256, FaceFinder, FaceModel, FacePoints, Flaw, FoundFace,
    Gallery, Identity, OperatingPoint, Picture, Quality, Template, Thorough, embedded_face_model,
    search_rates,
};
use proptest::prelude::*;
use zune_jpeg::zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions};

/// The folder of people and the embedded model; says what is missing.
fn rig() -> Option<(PathBuf, FaceModel)> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared");
    let folder = std::env::var_os("HEARTHWATCH_TEST_DATA").map_or(beside.into(), PathBuf::from);
    let people = folder.join("faces/people");
    if !people.is_dir() {
        eprintln!("skipped: no faces/people in the test data");
        return None;
    }
    let Some(file) = embedded_face_model() else {
        eprintln!("skipped: built without a face model (cargo xtask models)");
        return None;
    };
    let model = FaceModel::load(file, &FACE_MODEL_SHA256).expect("the file it was built with");
    Some((people, model))
}

/// The JPEG files of each person.
fn photos(people: &Path) -> Vec<(usize, PathBuf)> {
    let sorted = |folder: &Path| {
        let entries = std::fs::read_dir(folder).expect("a folder");
        let mut paths: Vec<PathBuf> =
            entries.map(|entry| entry.expect("an entry").path()).collect();
        paths.sort();
        paths
    };
    let of_person = |(person, folder): (usize, PathBuf)| {
        let is_jpeg = |path: &PathBuf| path.extension().is_some_and(|ending| ending != "png");
        sorted(&folder).into_iter().filter(is_jpeg).map(move |path| (person, path))
    };
    sorted(people).into_iter().enumerate().flat_map(of_person).collect()
}

fn pixels(photo: &Path) -> (usize, usize, Vec<u8>) {
    let file = std::fs::read(photo).expect("a file");
    let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(&file), options);
    let rgb = decoder.decode().expect("a JPEG");
    let info = decoder.info().expect("decoded");
    (usize::from(info.width), usize::from(info.height), rgb)
}

fn picture((width, height, rgb): (usize, usize, Vec<u8>)) -> Picture {
    Picture::from_rgb(width, height, rgb).expect("three bytes a pixel")
}

fn read(model: &FaceModel, picture: &Picture) -> (Template, Quality) {
    let found = Thorough(&model.finder).find(picture);
    let face = found.first().expect("a face");
    let reading = model.reader.read(picture, face).expect("described");
    (reading.template, reading.quality)
}

/// promise: D-34, D-01. Every labelled pair is decided rightly at dlib's distance, and no stranger is
/// named in a search: on this machine, by the embedded model.
#[test]
fn faces_of_the_test_data_are_told_apart() {
    let Some((people, model)) = rig() else { return };
    let faces: Vec<(usize, Template)> = photos(&people)
        .into_iter()
        .map(|(person, photo)| {
            let (template, quality) = read(&model, &picture(pixels(&photo)));
            assert!(quality.is_good(), "{}: {quality:?}", photo.display());
            (person, template)
        })
        .collect();
    assert!(faces.len() >= 10, "{} photographs", faces.len());
    let pairs = faces.iter().enumerate().flat_map(|(at, (person, face))| {
        faces[..at].iter().map(move |(other, known)| Comparison {
            is_same: person == other,
            distance: face.distance(known),
        })
    });
    let curve = DetCurve::of(&pairs.collect::<Vec<_>>());
    assert_eq!(curve.accuracy(OperatingPoint::PAIR_THRESHOLD), Some(1.0));
    let rates = search_rates(&faces, &OperatingPoint::DEFAULT);
    assert_eq!((rates.fpir, rates.misnamed), (Some(0.0), Some(0.0)), "{rates:?}");
}

/// A picture in a picture is the same face: where it lies and how large it is does not matter.
#[test]
fn a_face_moved_to_another_place_is_described_the_same() {
    let Some((people, model)) = rig() else { return };
    let (_, photo) = photos(&people).pop().expect("photographs");
    let (width, height, rgb) = pixels(&photo);
    let mut framed = vec![90; (width + 64) * (height + 40) * 3];
    for (y, line) in rgb.chunks_exact(width * 3).enumerate() {
        let start = ((y + 40) * (width + 64) + 64) * 3;
        framed[start..start + line.len()].copy_from_slice(line);
    }
    let (face, _) = read(&model, &picture((width, height, rgb)));
    let (again, _) = read(&model, &picture((width + 64, height + 40, framed)));
    let distance = face.distance(&again);
    assert!(distance < 0.2, "{distance}");
}

/// promise: D-34. Blurred, dark and tiny views of a known face name nobody.
#[test]
fn views_that_are_not_good_enough_name_nobody() {
    let Some((people, model)) = rig() else { return };
    let (person, photo) = photos(&people).pop().expect("photographs");
    let (width, height, rgb) = pixels(&photo);
    let mut gallery = Gallery::default();
    let (face, _) = read(&model, &picture((width, height, rgb.clone())));
    gallery.insert(person, &face).expect("the first one");

    let dark = rgb.iter().map(|value| value / 8).collect();
    let blurred = (0..6).fold(rgb.clone(), |rgb, _| blur(&rgb, width, 9));
    let small = shrink(&rgb, width, height, 12);
    for (view, flaw) in [
        (picture((width, height, dark)), Flaw::TooDark),
        (picture((width, height, blurred)), Flaw::Blurred),
        (picture(small), Flaw::TooSmall),
    ] {
        // Where no face is found any more, nobody is named either.
        let found = Thorough(&model.finder).find(&view);
        let Some(face) = found.first() else { continue };
        let reading = model.reader.read(&view, face).expect("described");
        assert!(reading.quality.flaws.contains(&flaw), "{flaw:?}: {:?}", reading.quality);
        let identity =
            gallery.identify(&reading.template, &reading.quality, &OperatingPoint::DEFAULT);
        assert!(matches!(identity, Identity::Unknown(_)), "{flaw:?}: {identity:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// promise: T-01. Whatever a detector says of a picture, describing it neither panics nor ends
    /// in a template without sense.
    #[test]
    fn arbitrary_boxes_and_points_never_panic(
        numbers in prop::array::uniform4(any_number()),
        points in prop::option::of(prop::array::uniform5(prop::array::uniform2(any_number()))),
        size in (1usize..60, 1usize..60),
    ) {
        let Some(file) = embedded_face_model() else { return Ok(()) };
        static MODEL: OnceLock<FaceModel> = OnceLock::new();
        let load = || FaceModel::load(file, &FACE_MODEL_SHA256).expect("the embedded file");
        let reader = &MODEL.get_or_init(load).reader;
        let [left, top, width, height] = numbers;
        let points = points.map(FacePoints);
        let face = FoundFace { left, top, width, height, score: 1.0, points };
        let picture = picture((size.0, size.1, vec![99; size.0 * size.1 * 3]));
        if let Ok(reading) = reader.read(&picture, &face) {
            prop_assert_eq!(reading.template.distance(&reading.template), 0.0);
            prop_assert!((0.0..=1.0).contains(&reading.quality.score));
        }
    }
}

fn any_number() -> impl Strategy<Value = f32> {
    prop_oneof![-100f32..100.0, any::<f32>(), Just(f32::NAN), Just(f32::INFINITY), Just(0.0)]
}

/// The mean of `2 * reach + 1` pixels, along lines and then along columns.
fn blur(rgb: &[u8], width: usize, reach: usize) -> Vec<u8> {
    let height = rgb.len() / width / 3;
    let along = |rgb: &[u8], is_line: bool| {
        let mut out = vec![0; rgb.len()];
        for (at, value) in out.iter_mut().enumerate() {
            let (x, y, channel) = (at / 3 % width, at / 3 / width, at % 3);
            let (place, end) = if is_line { (x, width) } else { (y, height) };
            let range = place.saturating_sub(reach)..(place + reach + 1).min(end);
            let count = range.len();
            let sum: usize = range
                .map(|place| {
                    let (x, y) = if is_line { (place, y) } else { (x, place) };
                    usize::from(rgb[(y * width + x) * 3 + channel])
                })
                .sum();
            *value = (sum / count) as u8;
        }
        out
    };
    along(&along(rgb, true), false)
}

/// Every `step`-th pixel of every `step`-th line.
fn shrink(rgb: &[u8], width: usize, height: usize, step: usize) -> (usize, usize, Vec<u8>) {
    let pixel = |x: usize, y: usize| {
        let start = (y * width + x) * 3;
        [rgb[start], rgb[start + 1], rgb[start + 2]]
    };
    let (columns, lines) = (width / step, height / step);
    let places = (0..lines).flat_map(|y| (0..columns).map(move |x| (x * step, y * step)));
    (columns, lines, places.flat_map(|(x, y)| pixel(x, y)).collect())
}
