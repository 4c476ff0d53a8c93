//! Footage for tests: shared clips where they are there, and clips made by ffmpeg.

use std::{
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use hearth_media::{Frame, StreamParameters, TrackKind};

/// A file of the shared test data; says so and gives `None` if it is not there.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared");
    let folder = std::env::var_os("HEARTHWATCH_TEST_DATA").map_or(beside.into(), PathBuf::from);
    let file = folder.join(path);
    if file.is_file() {
        return Some(file);
    }
    eprintln!("skipped: no {path} in the test data");
    None
}

/// All video frames of a file in decoding order.
pub(crate) fn frames(path: &Path) -> (Arc<StreamParameters>, Vec<Frame>) {
    let file = BufReader::new(File::open(path).expect("the clip is there"));
    let mut reader = hearth_mp4::Reader::open(file).expect("the clip is an MP4 file");
    let parameters = Arc::clone(reader.parameters());
    let mut frames = Vec::new();
    while let Some(frame) = reader.next_frame().expect("the clip is whole") {
        if frame.track == TrackKind::Video {
            frames.push(frame);
        }
    }
    (parameters, frames)
}

/// Runs ffmpeg; says so and gives `None` if there is none or it lacks what is asked for.
pub(crate) fn ffmpeg(arguments: &[&str]) -> Option<Vec<u8>> {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-nostdin", "-threads", "1"]).args(arguments);
    match command.output() {
        Ok(output) if output.status.success() => Some(output.stdout),
        Ok(output) => {
            eprintln!("skipped: ffmpeg says {}", String::from_utf8_lossy(&output.stderr));
            None
        }
        Err(_) => {
            eprintln!("skipped: no ffmpeg");
            None
        }
    }
}

/// The pictures of a file as ffmpeg decodes them: planes one after the other.
pub(crate) fn reference(path: &Path) -> Option<Vec<u8>> {
    let path = path.to_str()?;
    ffmpeg(&["-i", path, "-f", "rawvideo", "-fps_mode", "passthrough", "-an", "-"])
}
