//! Somebody known comes to a door of the program itself: what the disk and the log keep of them.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use hearth_eyes::read_photo;
use hearth_face::{FACE_MODEL_SHA256, FaceFinder, FaceModel, Thorough, embedded_face_model};
use hearth_sim::{CameraSpec, House, HouseSpec, Portrait, SceneKind, SceneSpec, Visit, Visitor};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::program::{PASSWORD, Program, json, text};

/// Names and words nobody's program would say by itself.
const NAME: &str = "Zephyrine Quandary";
const CAMERA: &str = "Marmalade porch";
const CONSENT: &str = "I agree to be recognised at this porch.";

/// How every JPEG of a camera or of the hub begins, and how footage does.
const MARKS: [&[u8]; 5] = [b"\xff\xd8\xff\xe0", b"JFIF", b"ftypiso", b"moof", b"SQLite format 3"];

/// Whoever waits longer has failed; generous, because machines are shared.
const PATIENCE: Duration = Duration::from_secs(60);
/// On a machine that is that busy somebody may have gone before anybody looked: they come again.
const VISITS_MAX: u32 = 4;
const POLL: Duration = Duration::from_millis(500);

/// Somebody's photograph, their face in it, and its description.
struct Somebody {
    photo: PathBuf,
    portrait: Portrait,
    template: Vec<u8>,
}

impl Somebody {
    /// One of the face package; says so if it is not there.
    fn find() -> Option<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let photo = root.join("models/node_modules/@vladmandic/face-api/demo/sample1.jpg");
        let (Some(file), true) = (embedded_face_model(), photo.is_file()) else {
            println!("skipped: cargo xtask models installs the face model and its photographs");
            return None;
        };
        let model = FaceModel::load(file, &FACE_MODEL_SHA256).expect("the model");
        let picture = read_photo(&fs::read(&photo).expect("read")).expect("a photograph");
        let found = Thorough(&model.finder).find(&picture);
        let face = found.iter().max_by(|a, b| a.area().total_cmp(&b.area())).expect("a face");
        let part = picture.portrait(face, 400).expect("inside the picture");
        let reading = model.reader.read(&picture, face).expect("a face");
        let portrait = Portrait::new(part.width(), part.height(), part.rgb().to_vec());
        let template = reading.template.to_bytes().expose().to_vec();
        Some(Self { photo, portrait: portrait.expect("it fits"), template })
    }
}

/// A door to which nobody comes but whoever is told to.
fn quiet_door(portrait: Portrait) -> HouseSpec {
    let scene = SceneSpec::new(SceneKind::Garage, 1280, 720, 8);
    let scene = SceneSpec { seconds: 8, crossings: Some(Vec::new()), ..scene };
    let mut spec = HouseSpec::new("Test house", vec![CameraSpec::scene("door", scene, 0)]);
    spec.portraits = vec![Arc::new(portrait)];
    spec
}

/// Whether it is true before patience ends.
fn comes_true(mut ask: impl FnMut() -> bool) -> bool {
    let began = Instant::now();
    loop {
        if ask() {
            return true;
        }
        if began.elapsed() > PATIENCE {
            return false;
        }
        std::thread::sleep(POLL);
    }
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("listed").map(|entry| entry.expect("one").path());
    let below = |path: PathBuf| if path.is_dir() { files(&path) } else { vec![path] };
    entries.flat_map(below).collect()
}

/// promise: D-01, D-02, D-27. Somebody agrees to be known, comes, is named, recorded and shown; no
/// name, picture, footage or template of theirs is in clear in any file, also while the hub runs, nor
/// in a log that says as much as it can.
#[test]
fn whoever_comes_is_nowhere_in_clear() {
    let Some(somebody) = Somebody::find() else { return };
    let runtime = Runtime::new().expect("threads");
    let started = runtime.block_on(House::start(quiet_door(somebody.portrait)));
    let house = started.expect("a house");
    let program = Program::new();
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("log");
    let serving = program.serve_talkative(fs::File::create(&log).expect("made"));

    let camera = &house.describe().cameras[0];
    let mut add = program.command(&["camera", "add", CAMERA, "--url", &camera.url, "--json"]);
    add.args(["--username", &camera.username, "--password-env", "CAMERA_PASSWORD"]);
    add.env("CAMERA_PASSWORD", &camera.password).env("HEARTHWATCH_DATA", program.data());
    json(&add.output().expect("it runs"));
    let ran = |arguments: &[&str]| {
        let output = program.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    };
    ran(&["camera", "door", CAMERA, "--faces"]);
    let photo = somebody.photo.to_str().expect("text");
    ran(&["people", "enrol", NAME, photo, "--face", "0", "--consent", CONSENT]);
    let is_live = comes_true(|| {
        let status = json(&program.run(&["camera", "status", "--json"]));
        status["cameras"][0]["state"] == "live"
    });
    assert!(is_live, "the camera is seen");

    let visitor = Visitor { portrait: 0, x: 0.5, height: 1.2, light: 1.0 };
    let visit = Visit { people: vec![visitor], seconds: 16.0 };
    let listed = || json(&program.run(&["visit", "list", "--json"]))["visits"].clone();
    let is_named = |visit: &Value| {
        let faces = visit["faces"].as_array().into_iter().flatten();
        visit["at_the_door"] == false && faces.into_iter().any(|face| face["name"] == NAME)
    };
    let was_named = (0..VISITS_MAX).any(|_| {
        runtime.block_on(house.visit("door", &visit)).expect("nobody is there");
        comes_true(|| listed().as_array().is_some_and(|visits| visits.iter().any(is_named)))
    });
    assert!(was_named, "they came, were named, and went");

    let password = camera.password.as_bytes();
    let words = [NAME, CAMERA, CONSENT, PASSWORD].map(str::as_bytes);
    let secrets = [&words[..], &[password, &somebody.template[..32]], &MARKS].concat();
    let scan = || {
        for path in files(program.data()) {
            // What the hub removes meanwhile is in clear nowhere.
            let Ok(bytes) = fs::read(&path) else { continue };
            for secret in &secrets {
                let is_there = bytes.windows(secret.len()).any(|window| window == *secret);
                let secret = String::from_utf8_lossy(secret);
                assert!(!is_there, "{secret:?} in {}", path.display());
            }
        }
    };
    scan();
    let (ended, out, _) = serving.stop();
    assert!(ended, "{out}");
    scan();
    let log = fs::read_to_string(&log).expect("text");
    assert!(log.contains("DEBUG"), "it says as much as it can");
    for word in [NAME, CAMERA, CONSENT, PASSWORD, &camera.password] {
        assert!(!log.contains(word), "{word} is in the log");
    }
}
