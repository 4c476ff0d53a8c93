//! Independent players, where they are installed, agree with what is sent.

use std::{path::Path, time::Duration};

use hearth_sim::{
    Access, CameraDescription, CameraSpec, Content, House, HouseSpec, Protocol, Sound,
};
use tokio::{process::Command, task::JoinSet};

use crate::small_camera;

/// Far longer than a few seconds of video take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs a program; `None` if it is not installed.
async fn run(program: &str, arguments: &[&str]) -> Option<(bool, String, String)> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(std::process::Stdio::null()).kill_on_drop(true);
    let output = match tokio::time::timeout(PATIENCE, command.output()).await {
        Ok(Ok(output)) => output,
        Ok(Err(_)) => {
            eprintln!("skipped: {program} is not installed");
            return None;
        }
        Err(_) => panic!("{program} {arguments:?} does not end"),
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Some((output.status.success(), text(&output.stdout), text(&output.stderr)))
}

fn url(camera: &CameraDescription) -> String {
    let CameraDescription { username, password, .. } = camera;
    camera.url.replace("://", &format!("://{username}:{password}@"))
}

/// Lets ffmpeg decode some frames; it must neither warn nor fail.
async fn plays(camera: CameraDescription, transport: &'static [&'static str], frames: usize) {
    let (url, count) = (url(&camera), frames.to_string());
    let mut arguments = vec!["-v", "warning", "-xerror"];
    arguments.extend(transport);
    arguments.extend(["-i", &url, "-frames:v", &count, "-f", "framecrc", "-"]);
    let Some((is_fine, frames_seen, complaints)) = run("ffmpeg", &arguments).await else { return };
    assert!(is_fine && complaints.is_empty(), "{}: {complaints}", camera.name);
    let seen = frames_seen.lines().filter(|line| line.starts_with("0,")).count();
    assert_eq!(seen, frames, "{}", camera.name);
}

#[tokio::test(flavor = "multi_thread")]
async fn ffmpeg_plays_every_kind_of_camera_without_a_warning() {
    let mut door = small_camera("door").with_access(Access::Digest).with_sound(Sound::Pcmu);
    door.sub = Some(door.main.clone());
    let cameras = vec![
        door,
        small_camera("drive").with_access(Access::Basic).with_sound(Sound::Pcma),
        small_camera("garden").with_access(Access::DigestSha256),
        small_camera("safe").with_protocol(Protocol::Rtsps),
        small_camera("old").with_protocol(Protocol::Mjpeg).with_access(Access::Digest),
    ];
    let house = House::start(HouseSpec::new("Test house", cameras)).await.expect("a house");
    let mut players = JoinSet::new();
    for camera in house.describe().cameras {
        match camera.protocol {
            Protocol::Rtsp => {
                players.spawn(plays(camera.clone(), &["-rtsp_transport", "tcp"], 15));
                players.spawn(plays(camera, &["-rtsp_transport", "udp"], 15));
            }
            Protocol::Rtsps => {
                players.spawn(plays(camera, &["-rtsp_transport", "tcp"], 15));
            }
            Protocol::Mjpeg => {
                players.spawn(plays(camera, &[], 10));
            }
        }
    }
    players.join_all().await;
}

/// A file with B-frames and AAC, made by ffmpeg.
async fn make_file(folder: &Path, codec: &str) -> Option<String> {
    let path = folder.join(format!("{codec}.mp4")).to_string_lossy().into_owned();
    let made = run(
        "ffmpeg",
        &[
            "-v",
            "error",
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=160x96:rate=15",
            "-f",
            "lavfi",
            "-i",
            "sine=frequency=440:sample_rate=48000",
            "-t",
            "1",
            "-c:v",
            codec,
            "-g",
            "15",
            "-bf",
            "2",
            "-c:a",
            "aac",
            "-pix_fmt",
            "yuv420p",
            &path,
        ],
    )
    .await;
    match made {
        Some((true, ..)) => Some(path),
        Some(_) => {
            eprintln!("skipped: this ffmpeg has no {codec}");
            None
        }
        None => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_with_reordered_frames_and_aac_are_replayed_in_a_loop() {
    let folder = tempfile::tempdir().expect("a folder");
    for (codec, name) in [("libx264", "h264"), ("libx265", "hevc")] {
        let Some(path) = make_file(folder.path(), codec).await else { continue };
        let camera = CameraSpec::new("file", Content::File(path.into()));
        let spec = HouseSpec::new("Test house", vec![camera]);
        let house = House::start(spec).await.expect("a house");
        let camera = house.camera("file").expect("the camera");
        assert_eq!(camera.main.codecs.len(), 2);
        // More than two rounds of a second.
        plays(camera.clone(), &["-rtsp_transport", "tcp"], 40).await;
        let probe = [
            "-v",
            "error",
            "-rtsp_transport",
            "tcp",
            "-show_entries",
            "stream=codec_name",
            "-of",
            "csv=p=0",
            &url(&camera),
        ];
        if let Some((_, codecs, _)) = run("ffprobe", &probe).await {
            assert_eq!(codecs.lines().collect::<Vec<_>>(), [name, "aac"]);
        }
    }
}
