//! Against GStreamer's RTSP server, which owes nothing to our code.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use hearth_media::{AudioCodec, VideoCodec, g711::Law, nal::length_prefixed, speech::Speech};
use hearth_model::{StateReason, Transport};
use hearth_stream::{SpeakError, connect, speak};

use crate::support::{Clock, Received, spec};

/// The server; it ends when its standard input is closed.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    /// `None`, with a word on standard error, where GStreamer is not installed.
    fn start(arguments: &[&str]) -> Option<Self> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/gst/server.py");
        // A Python of a version manager does not see the system's bindings.
        for python in ["python3", "/usr/bin/python3"] {
            let child = Command::new(python)
                .arg(script)
                .args(arguments)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn();
            let Ok(mut child) = child else { continue };
            let mut line = String::new();
            let output = child.stdout.take().expect("piped");
            BufReader::new(output).read_line(&mut line).expect("readable");
            let digits: String = line.chars().filter(char::is_ascii_digit).collect();
            if let Ok(port) = digits.parse() {
                return Some(Self { child, port });
            }
            child.wait().expect("it has ended");
        }
        eprintln!("skipped: GStreamer's RTSP server is not installed");
        None
    }

    fn url(&self, path: &str) -> String {
        format!("rtsp://127.0.0.1:{}/{path}", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }
}

async fn receive(server: &Server, transport: Transport, password: Option<&str>) -> Received {
    let spec = spec(&server.url("stream"), transport, password);
    let mut source = connect(&spec, Clock::start()).await.expect("connected");
    let received = Received::from(&mut source, 45).await;
    let stats = source.stats();
    assert_eq!((stats.packets_lost, stats.losses), (0, 0), "{stats:?}");
    source.close().await;
    received
}

/// What holds for every stream of 15 frames a second with a key frame a second.
fn check_video(received: &Received, codec: VideoCodec) {
    let parameters = received.parameters[0].video.as_ref().expect("pictures");
    assert_eq!((parameters.codec, parameters.width, parameters.height), (codec, 640, 360));
    assert_eq!(received.parameters.len(), 1);
    assert!(received.video[0].is_key);
    let first = received.video[0].pts;
    let mut times: Vec<i64> =
        received.video.iter().map(|frame| frame.pts.micros_since(first)).collect();
    if parameters.reorder_frames_max == 0 {
        assert!(times.is_sorted(), "{times:?}");
    }
    times.sort_unstable();
    let spacings = times.windows(2).map(|pair| pair[1] - pair[0]);
    let is_usual = |spacing: &i64| (66_000..68_000).contains(spacing);
    // A live source that gets no processor for a moment catches up with the clock in one step.
    let odd: Vec<i64> = spacings.filter(|spacing| !is_usual(spacing)).collect();
    let is_near = |spacing: &i64| (33_000..134_000).contains(spacing);
    assert!(odd.len() <= 3 && odd.iter().all(is_near), "{odd:?} us between frames");
    for frame in &received.video {
        let is_whole = match codec {
            VideoCodec::Mjpeg => frame.data.starts_with(&[0xff, 0xd8]),
            VideoCodec::H264 | VideoCodec::H265 => {
                let units = length_prefixed(&frame.data).map(|unit| unit.len() + 4);
                units.sum::<usize>() == frame.data.len()
            }
        };
        assert!(is_whole && !frame.after_loss);
    }
}

#[tokio::test]
async fn h264_with_aac_comes_through_the_connection() {
    let Some(server) = Server::start(&["--video", "h264", "--audio", "aac"]) else { return };
    let received = receive(&server, Transport::Tcp, None).await;
    check_video(&received, VideoCodec::H264);
    let keys = received.video.iter().filter(|frame| frame.is_key).count();
    assert_eq!(keys, 3);
    let audio = received.parameters[0].audio.as_ref().expect("sound");
    assert_eq!(audio.codec, AudioCodec::Aac);
    let samples: u32 = received.audio.iter().filter_map(|frame| frame.duration_samples).sum();
    let seconds = f64::from(samples) / f64::from(audio.sample_rate);
    assert!((2.0..4.0).contains(&seconds), "{seconds} s of sound beside 3 s of pictures");
}

#[tokio::test]
async fn h264_with_opus_comes_in_datagrams() {
    let Some(server) = Server::start(&["--video", "h264-slices", "--audio", "opus"]) else {
        return;
    };
    let received = receive(&server, Transport::Udp, None).await;
    check_video(&received, VideoCodec::H264);
    let slices = length_prefixed(&received.video[1].data).filter(|unit| unit[0] & 0x1f == 1);
    assert!(slices.count() > 1);
    assert_eq!(received.parameters[0].audio.as_ref().map(|a| a.codec), Some(AudioCodec::Opus));
    assert!(!received.audio.is_empty());
}

#[tokio::test]
async fn pictures_in_another_order_keep_their_times() {
    let Some(server) = Server::start(&["--video", "h264-b", "--config-interval", "0"]) else {
        return;
    };
    let received = receive(&server, Transport::Tcp, None).await;
    let reorder = received.parameters[0].video.as_ref().map(|video| video.reorder_frames_max);
    assert!(reorder > Some(0));
    let is_reordered = !received.video.is_sorted_by_key(|frame| frame.pts);
    assert!(is_reordered);
    // The last group may lack pictures that come later than they are shown.
    let mut whole = received;
    let last_key = whole.video.iter().rposition(|frame| frame.is_key).expect("a key frame");
    whole.video.truncate(last_key);
    check_video(&whole, VideoCodec::H264);
}

#[tokio::test]
async fn h265_comes_in_both_ways() {
    let Some(server) = Server::start(&["--video", "h265"]) else { return };
    for transport in [Transport::Tcp, Transport::Udp] {
        check_video(&receive(&server, transport, None).await, VideoCodec::H265);
    }
}

#[tokio::test]
async fn jpeg_with_g711_comes_in_both_ways() {
    let Some(server) = Server::start(&["--video", "jpeg", "--audio", "pcmu"]) else { return };
    for transport in [Transport::Tcp, Transport::Udp] {
        let received = receive(&server, transport, None).await;
        check_video(&received, VideoCodec::Mjpeg);
        assert_eq!(received.parameters[0].audio.as_ref().map(|a| a.codec), Some(AudioCodec::Pcmu));
    }
}

/// promise: T-04. Digest is agreed on with a server that is not ours, and a wrong password, a
/// missing one and a wrong path are told apart.
#[tokio::test]
async fn a_digest_is_accepted_and_failures_are_told_apart() {
    let Some(server) = Server::start(&["--auth", "digest"]) else { return };
    check_video(&receive(&server, Transport::Tcp, Some("s3cret")).await, VideoCodec::H264);
    let fail = async |path: &str, password: Option<&str>| {
        let spec = spec(&server.url(path), Transport::Tcp, password);
        let error = connect(&spec, Clock::start()).await.expect_err("refused");
        assert!(!error.to_string().contains("s3cret") && !error.detail.contains("wr0ng"));
        error.reason
    };
    assert_eq!(fail("stream", Some("wr0ng")).await, StateReason::WrongPassword);
    assert_eq!(fail("stream", None).await, StateReason::WrongPassword);
    assert_eq!(fail("nothing", Some("s3cret")).await, StateReason::NoSuchStream);
}

/// promise: T-04. A password that travels readably is flagged.
#[tokio::test]
async fn basic_over_a_plain_connection_is_flagged() {
    let Some(server) = Server::start(&["--auth", "basic"]) else { return };
    let spec = spec(&server.url("stream"), Transport::Tcp, Some("s3cret"));
    let source = connect(&spec, Clock::start()).await.expect("connected");
    assert!(source.is_password_exposed());
}

/// A loudspeaker that another program decodes hears each sample that was said, then silence, and nothing
/// else; with a password too.
#[tokio::test]
async fn what_is_said_is_what_another_program_hears() {
    let folder = tempfile::tempdir().expect("a folder");
    let codes: Vec<u8> = (0..8_037_u32).map(|at| (at * at / 7 % 251) as u8).collect();
    let speech = Speech::from_codes(codes).expect("a second");
    for (name, law) in [("pcmu", Law::Mu), ("pcma", Law::A)] {
        let heard = folder.path().join(name);
        let path = heard.to_str().expect("text");
        let arguments = ["--speaker", name, "--heard", path, "--auth", "digest"];
        let Some(server) = Server::start(&arguments) else { return };
        let spec = spec(&server.url("stream"), Transport::Udp, Some("s3cret"));
        speak(&spec, &mut speech.voice(), Clock::start(), || {}).await.expect("said");
        // It answered the goodbye after it had taken all; its own pipeline ends with the session.
        let samples = samples(&std::fs::read(&heard).expect("it was written"));
        let said = law.of_mu(speech.codes());
        let expected: Vec<i16> = said.iter().map(|code| law.decode(*code)).collect();
        assert!(samples.len() >= expected.len(), "{} of {}", samples.len(), expected.len());
        assert!(samples.starts_with(&expected), "{name}");
        let silence = law.decode(law.silence());
        assert!(samples[expected.len()..].iter().all(|sample| *sample == silence), "{name}");
    }
}

/// Another program's server says in both ways that nobody can speak there.
#[tokio::test]
async fn another_program_without_a_loudspeaker_is_recognised() {
    let speech = Speech::from_codes(vec![0; 160]).expect("short");
    for arguments in [&[][..], &["--speaker", "opus"]] {
        let Some(server) = Server::start(arguments) else { return };
        let spec = spec(&server.url("stream"), Transport::Tcp, None);
        let refused = speak(&spec, &mut speech.voice(), Clock::start(), || {}).await;
        assert_eq!(refused, Err(SpeakError::NoSpeaker), "{arguments:?}");
    }
}

fn samples(bytes: &[u8]) -> Vec<i16> {
    bytes.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect()
}
