//! What is said to cameras that listen, and to those that do not.

use std::time::Duration;

use hearth_media::{
    g711::Law,
    speech::{Speech, TalkEnd, microphone},
};
use hearth_model::{StateReason, Transport};
use hearth_rtsp::{
    framing::{Framed, Framer},
    message::{Message, Method, Request, Response},
};
use hearth_sim::{
    Access, CameraSpec, Fault, House, HouseSpec, Protocol, SceneKind, SceneSpec, Sound,
};
use hearth_stream::{SourceError, SourceSpec, SpeakError, speak};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{mpsc, oneshot},
    time::{sleep, timeout},
};

use crate::support::{Clock, PATIENCE, spec};

/// A good tenth of a second, with an end inside of a packet.
fn speech() -> Speech {
    Speech::from_codes((0..1_000_u32).map(|at| (at % 256) as u8).collect()).expect("short")
}

/// Says it.
async fn said(spec: &SourceSpec) -> Result<(), SpeakError> {
    speak(spec, &mut speech().voice(), Clock::start(), || {}).await
}

/// A house whose only camera is at a door.
async fn house(change: impl FnOnce(CameraSpec) -> CameraSpec) -> (House, SourceSpec) {
    let scene = SceneSpec { seconds: 1, ..SceneSpec::new(SceneKind::FrontDoor, 160, 96, 5) };
    let camera = change(CameraSpec::scene("door", scene, 0));
    let house = House::start(HouseSpec::new("Test house", vec![camera])).await.expect("a house");
    let described = house.camera("door").expect("the camera");
    let mut spec = spec(&described.url, Transport::Udp, Some(&described.password));
    if let Some(credentials) = &mut spec.credentials {
        credentials.username = described.username;
    }
    (house, spec)
}

#[tokio::test]
async fn a_camera_hears_what_is_said_and_then_silence() {
    for (takes, law) in [(Sound::Pcmu, Law::Mu), (Sound::Pcma, Law::A)] {
        let (house, spec) = house(|camera| camera.with_speaker(takes).with_sound(takes)).await;
        said(&spec).await.expect("said");
        said(&spec).await.expect("said again");
        let heard = house.heard("door").expect("the camera");
        assert_eq!(heard.len(), 2);
        for saying in heard {
            let (said, silence) = saying.samples.split_at(1_000);
            assert_eq!((saying.codec, said), (takes, &law.of_mu(speech().codes())[..]));
            assert!(silence.iter().all(|code| *code == law.silence()));
            // 7 packets of speech, half a second of silence.
            assert_eq!((saying.packets, saying.odd_packets), (7 + 25, 0));
        }
    }
}

/// Somebody speaks, says nothing for a moment, speaks again, and is done.
#[tokio::test]
async fn a_camera_hears_what_somebody_speaks_and_their_pauses() {
    let (house, spec) = house(|camera| camera.with_speaker(Sound::Pcma)).await;
    let (words, code) = ([Law::Mu.encode(9_000); 1_600], Law::A.of_mu(&[Law::Mu.encode(9_000)])[0]);
    let (microphone, mut talking) = microphone();
    let (listens, listening) = oneshot::channel();
    let spoken = tokio::spawn(async move {
        let listens = || listens.send(()).expect("somebody waits");
        let spoken = speak(&spec, &mut talking, Clock::start(), listens).await;
        spoken.map(|()| talking.end())
    });
    let pauses = || {
        let samples = house
            .heard("door")
            .expect("the camera")
            .pop()
            .map_or(Vec::new(), |heard| heard.samples);
        let last = samples.iter().rposition(|heard| *heard == code);
        last.is_some_and(|last| samples.len() - last > 1_000)
    };
    listening.await.expect("it listens");
    microphone.hear(&words);
    let paused = timeout(PATIENCE, async {
        while !pauses() {
            sleep(Duration::from_millis(20)).await;
        }
    });
    paused.await.expect("silence is sent");
    microphone.hear(&words);
    drop(microphone);
    assert_eq!(spoken.await.expect("no panic").expect("said"), TalkEnd::Done);
    let heard = house.heard("door").expect("the camera").remove(0);
    let loud = heard.samples.iter().filter(|heard| **heard == code).count();
    assert_eq!((loud, heard.odd_packets), (3_200, 0), "all of it, in packets without a gap");
}

/// promise: T-04. Nobody speaks who cannot prove the account, and the password is never told.
#[tokio::test]
async fn an_account_is_proved_in_every_way_and_inside_of_tls() {
    for access in [Access::Open, Access::Basic, Access::Digest, Access::DigestSha256] {
        let (house, mut spec) =
            house(|camera| camera.with_speaker(Sound::Pcmu).with_access(access)).await;
        said(&spec).await.expect("said");
        assert_eq!(house.heard("door").expect("the camera").len(), 1);
        if let Some(credentials) = &mut spec.credentials {
            credentials.password = "wr0ng".into();
        }
        let refused = said(&spec).await.err();
        let reason = refused.as_ref().and_then(reason);
        let expected = (access != Access::Open).then_some(StateReason::WrongPassword);
        assert_eq!(reason, expected, "{access:?}");
        assert!(!format!("{refused:?}").contains("wr0ng"));
    }
    let (_house, mut spec) =
        house(|camera| camera.with_speaker(Sound::Pcma).with_protocol(Protocol::Rtsps)).await;
    said(&spec).await.expect("said");
    spec.certificate_pin = Some([7; 32]);
    let refused = said(&spec).await.expect_err("another certificate");
    assert_eq!(reason(&refused), Some(StateReason::CertificateChanged));
}

fn reason(error: &SpeakError) -> Option<StateReason> {
    match error {
        SpeakError::Failed(SourceError { reason, .. }) => Some(*reason),
        SpeakError::NoSpeaker => None,
    }
}

#[tokio::test]
async fn cameras_that_cannot_be_spoken_to_are_told_apart() {
    let (_house, without) = house(|camera| camera).await;
    assert_eq!(said(&without).await, Err(SpeakError::NoSpeaker));
    let (_house, pictures) =
        house(|camera| camera.with_speaker(Sound::Pcmu).with_protocol(Protocol::Mjpeg)).await;
    assert_eq!(said(&pictures).await, Err(SpeakError::NoSpeaker));
    let (house, gone) = house(|camera| camera.with_speaker(Sound::Pcmu)).await;
    house.stop().await;
    let refused = said(&gone).await.expect_err("nobody there");
    assert_eq!(reason(&refused), Some(StateReason::Refused));
}

#[tokio::test]
async fn a_camera_that_goes_in_the_middle_is_noticed() {
    let (house, spec) = house(|camera| camera.with_speaker(Sound::Pcmu)).await;
    let long = Speech::from_codes(vec![0; Speech::SAMPLES_MAX]).expect("the longest");
    let said =
        tokio::spawn(async move { speak(&spec, &mut long.voice(), Clock::start(), || {}).await });
    timeout(PATIENCE, async {
        while house.heard("door").expect("the camera").is_empty() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("it begins");
    house.fault("door", Fault::Drop).expect("a fault");
    let broken = said.await.expect("it ends").expect_err("broken");
    assert_eq!(reason(&broken), Some(StateReason::Closed));
}

/// What a camera of a few lines does once somebody speaks to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    AnswersNothing,
    AnswersUpToPlay,
    ClosesAtGoodbye,
    ForgetsGoodbye,
    SaysGoodbyeItself,
    SendsGarbage,
    SendsReports,
    SendsElsewhere,
}

const SDP: &str = "v=0\r\nm=audio 0 RTP/AVP 0\r\na=sendonly\r\na=control:back\r\n";

/// Starts it, and tells what comes to it.
async fn camera(then: Then) -> (SourceSpec, mpsc::UnboundedReceiver<Method>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    let (tell, told) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, then, port, tell.clone()));
        }
    });
    (spec(&format!("rtsp://127.0.0.1:{port}/cam"), Transport::Tcp, None), told)
}

async fn serve(
    mut stream: TcpStream,
    then: Then,
    port: u16,
    tell: mpsc::UnboundedSender<Method>,
) -> Option<()> {
    let mut buffer = Vec::new();
    loop {
        let request = match Framer::new().next(&buffer) {
            Ok(Framed::Message(message, used)) => {
                buffer.drain(..used);
                let Message::Request(request) = *message else { continue };
                request
            }
            Ok(Framed::Packet { payload, .. }) => {
                let used = payload.len() + Framer::PREFIX_BYTES;
                buffer.drain(..used);
                if then == Then::SendsGarbage {
                    stream.write_all(&[0; 4_096]).await.ok()?;
                }
                continue;
            }
            _ => {
                if stream.read_buf(&mut buffer).await.ok()? == 0 {
                    return None;
                }
                continue;
            }
        };
        // Whoever asked may be gone.
        tell.send(request.method.clone()).ok();
        match (&request.method, then) {
            (_, Then::AnswersNothing)
            | (Method::Play, Then::AnswersUpToPlay)
            | (Method::Teardown, Then::ForgetsGoodbye) => continue,
            (Method::Teardown, Then::ClosesAtGoodbye) => return None,
            _ => stream.write_all(&answer(&request, then, port)).await.ok()?,
        }
        if request.method == Method::Play {
            let after: &[u8] = match then {
                Then::SaysGoodbyeItself => b"TEARDOWN rtsp://h/ RTSP/1.0\r\nCSeq: 1\r\n\r\n",
                // An empty receiver report, twice, and a packet of a channel that nobody set up.
                Then::SendsReports => {
                    b"$\x01\0\x08\x80\xc9\0\x01\0\0\0\x05\
                      $\x01\0\x08\x80\xc9\0\x01\0\0\0\x05$\x09\0\0"
                }
                _ => b"",
            };
            stream.write_all(after).await.ok()?;
        }
    }
}

fn answer(request: &Request, then: Then, port: u16) -> bytes::Bytes {
    let mut response = Response::to(request, 200, "OK");
    match request.method {
        Method::Describe if then == Then::SendsElsewhere => {
            response.status = 302;
            response.headers.push("Location", &format!("rtsp://127.0.0.1:{port}/elsewhere"));
        }
        Method::Describe => response.body = SDP.into(),
        Method::Setup => {
            let asked = request.headers.get("Transport").unwrap_or_default();
            response.headers.push("Transport", asked);
            response.headers.push("Session", "5");
        }
        _ => {}
    }
    response.encode()
}

async fn say_to(then: Then) -> (Result<(), SpeakError>, Vec<Method>) {
    let (spec, mut told) = camera(then).await;
    let said = timeout(2 * PATIENCE, said(&spec)).await;
    let methods = std::iter::from_fn(|| told.try_recv().ok()).collect();
    (said.expect("an end"), methods)
}

async fn fails(then: Then) -> StateReason {
    let (said, _) = say_to(then).await;
    reason(&said.expect_err("not said")).expect("a reason")
}

/// promise: T-10. A camera that says nothing costs one deadline, whenever it falls silent.
#[tokio::test]
async fn a_camera_that_never_answers_is_given_up() {
    assert_eq!(fails(Then::AnswersNothing).await, StateReason::Unreachable);
    assert_eq!(fails(Then::AnswersUpToPlay).await, StateReason::Unreachable);
}

/// Nothing was said that the camera did not say it took.
#[tokio::test]
async fn a_goodbye_that_is_forgotten_is_no_success() {
    assert_eq!(fails(Then::ForgetsGoodbye).await, StateReason::Unreachable);
    let (said, methods) = say_to(Then::ClosesAtGoodbye).await;
    assert_eq!(said, Ok(()));
    let expected =
        [Method::Options, Method::Describe, Method::Setup, Method::Play, Method::Teardown];
    assert_eq!(methods, expected);
}

#[tokio::test]
async fn a_camera_that_breaks_the_rules_is_noticed() {
    assert_eq!(fails(Then::SaysGoodbyeItself).await, StateReason::Closed);
    assert_eq!(fails(Then::SendsElsewhere).await, StateReason::Malformed);
}

#[tokio::test]
async fn what_a_camera_sends_meanwhile_is_read_and_dropped() {
    assert_eq!(say_to(Then::SendsReports).await.0, Ok(()));
    // 32 packets, and 4 KiB of nothing for each: less than what is taken for another protocol.
    assert_eq!(say_to(Then::SendsGarbage).await.0, Ok(()));
}
