//! Files as cameras.

use hearth_model::{StateReason, Transport};
use hearth_stream::connect;

use crate::support::{Clock, Received, spec, test_data};

#[tokio::test]
async fn a_film_is_replayed_in_real_time() {
    let Some(data) = test_data() else { return };
    let film = data.join("media/bottle-detection.mp4").canonicalize().expect("it is there");
    let spec = spec(&format!("file://{}", film.display()), Transport::Tcp, None);
    let began = std::time::Instant::now();
    let mut source = connect(&spec, Clock::start()).await.expect("readable");
    let received = Received::from(&mut source, 31).await;
    let video = received.parameters[0].video.as_ref().expect("pictures");
    assert_eq!((video.width, video.height), (640, 360));
    assert!(received.video[0].is_key);
    // About 30 frames a second: the 31st is shown a second after the first.
    let length = received.video[30].pts.micros_since(received.video[0].pts);
    assert!((900_000..1_200_000).contains(&length), "{length} us");
    assert!(began.elapsed().as_micros() >= u128::try_from(length).expect("positive") * 9 / 10);
}

#[tokio::test]
async fn a_film_goes_on_from_its_beginning() {
    let folder = tempfile::tempdir().expect("a folder");
    let film = folder.path().join("short.mp4");
    std::fs::write(&film, short_film()).expect("written");
    let spec = spec(&format!("file://{}", film.display()), Transport::Tcp, None);
    let mut source = connect(&spec, Clock::start()).await.expect("readable");
    let received = Received::from(&mut source, 9).await;
    assert_eq!(received.parameters.len(), 1, "the same again is no change");
    let times: Vec<i64> = received.video.iter().map(|frame| frame.pts.as_micros()).collect();
    assert!(
        times.windows(2).all(|pair| (99_000..101_000).contains(&(pair[1] - pair[0]))),
        "{times:?}"
    );
}

/// Four frames of 100 ms each.
fn short_film() -> Vec<u8> {
    use hearth_media::{Frame, MediaTime, StreamParameters, TrackKind, VideoParameters};
    let sps = b"\x67\x42\xc0\x28\xd9\x00\x78\x02\x27\xe5\xc0\x44\x00\x00\x03\x00\x04\x00\x00\x03\
        \x00\xc8\x3c\x60\xc9\x20";
    let video = VideoParameters::from_h264(sps, b"\x68\xea\xe3\xcb\x22\xc0").expect("valid");
    let parameters = StreamParameters { video: Some(video), audio: None };
    let frames: Vec<Frame> = (0..4)
        .map(|index| Frame {
            track: TrackKind::Video,
            pts: MediaTime::from_micros(index * 100_000),
            duration_samples: None,
            is_key: index == 0,
            after_loss: false,
            data: bytes::Bytes::from_static(if index == 0 {
                b"\0\0\0\x04\x65\x88\x84\x00"
            } else {
                b"\0\0\0\x04\x41\x9a\x23\x6c"
            }),
        })
        .collect();
    let mut film = hearth_mp4::init_segment(&parameters).expect("parameters are valid").to_vec();
    let end = Some(MediaTime::from_micros(400_000));
    let fragment = hearth_mp4::fragment(1, &parameters, &frames, end).expect("frames are valid");
    film.extend_from_slice(&fragment.head);
    fragment.payload.iter().for_each(|part| film.extend_from_slice(part));
    film
}

#[tokio::test]
async fn a_missing_file_and_a_wrong_one_are_unreadable() {
    let folder = tempfile::tempdir().expect("a folder");
    let wrong = folder.path().join("wrong.mp4");
    std::fs::write(&wrong, b"no film at all").expect("written");
    for path in [wrong, folder.path().join("missing.mp4")] {
        let spec = spec(&format!("file://{}", path.display()), Transport::Tcp, None);
        let error = connect(&spec, Clock::start()).await.expect_err("unreadable");
        assert_eq!(error.reason, StateReason::FileUnreadable);
    }
}
