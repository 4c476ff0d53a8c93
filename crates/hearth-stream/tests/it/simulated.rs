//! Against the simulated house, which misbehaves on command.

use hearth_media::{StreamItem, TrackKind};
use hearth_model::{StateReason, Transport};
use hearth_sim::{
    Access, CameraSpec, Fault, House, HouseSpec, Protocol, SceneKind, SceneSpec, Sound,
};
use hearth_stream::{Source, SourceError, SourceSpec, connect, rtsps_offer};

use crate::support::{Clock, PATIENCE, Received, spec};

/// A house with one camera called `door`.
struct Door {
    house: House,
    spec: SourceSpec,
}

impl Door {
    async fn open(
        protocol: Protocol,
        access: Access,
        sound: Option<Sound>,
        transport: Transport,
    ) -> Self {
        let mut scene = SceneSpec::new(SceneKind::FrontDoor, 160, 96, 15);
        scene.seconds = 4;
        let mut camera =
            CameraSpec::scene("door", scene, 200_000).with_protocol(protocol).with_access(access);
        if let Some(sound) = sound {
            camera = camera.with_sound(sound);
        }
        let house = House::start(HouseSpec::new("test", vec![camera])).await.expect("a house");
        let door = house.camera("door").expect("its camera");
        let account = match access {
            Access::Query => "?usr={username}&pwd={password}",
            _ => "",
        };
        let url = format!("{}{account}", door.url);
        let mut spec = spec(&url, transport, Some(&door.password));
        if let Some(credentials) = &mut spec.credentials {
            credentials.username = door.username;
        }
        Self { house, spec }
    }

    async fn plain(transport: Transport) -> Self {
        Self::open(Protocol::Rtsp, Access::Open, None, transport).await
    }

    async fn connect(&self) -> Result<Source, SourceError> {
        connect(&self.spec, Clock::start()).await
    }

    fn fault(&self, fault: Fault) {
        self.house.fault("door", fault).expect("a known camera");
    }

    /// Why the running stream ends after a fault.
    async fn end_after(&self, source: &mut Source, fault: Fault) -> StateReason {
        Received::from(source, 5).await;
        self.fault(fault);
        let read = async {
            loop {
                if let Err(error) = source.next().await {
                    return error.reason;
                }
            }
        };
        tokio::time::timeout(PATIENCE, read).await.expect("an end")
    }
}

#[tokio::test]
async fn every_protocol_transport_and_lock_works() {
    let cases = [
        (Protocol::Rtsp, Access::DigestSha256, Some(Sound::Pcmu), Transport::Tcp),
        (Protocol::Rtsp, Access::Digest, Some(Sound::Pcma), Transport::Udp),
        (Protocol::Rtsps, Access::Basic, None, Transport::Udp),
        (Protocol::Mjpeg, Access::Digest, None, Transport::Tcp),
        (Protocol::Rtsp, Access::Query, None, Transport::Tcp),
        (Protocol::Mjpeg, Access::Query, None, Transport::Tcp),
    ];
    for (protocol, access, sound, transport) in cases {
        let door = Door::open(protocol, access, sound, transport).await;
        let mut source = door.connect().await.expect("connected");
        let received = Received::from(&mut source, 20).await;
        let video = received.parameters[0].video.as_ref().expect("pictures");
        assert_eq!((video.width, video.height), (160, 96), "{protocol:?}");
        assert_eq!(!received.audio.is_empty(), sound.is_some(), "{protocol:?}");
        assert_eq!(source.certificate().is_some(), protocol == Protocol::Rtsps);
        assert_eq!(source.stats().losses, 0, "{protocol:?}");
        assert_eq!(source.is_password_exposed(), access == Access::Query, "{protocol:?}");
        source.close().await;
    }
}

#[tokio::test]
async fn a_step_of_the_camera_s_clock_leaves_no_gap() {
    for seconds in [3_600.0, -3_600.0] {
        let door =
            Door::open(Protocol::Rtsp, Access::Open, Some(Sound::Pcmu), Transport::Tcp).await;
        let mut source = door.connect().await.expect("connected");
        let before = Received::from(&mut source, 15).await;
        door.fault(Fault::ClockStep { seconds });
        let after = Received::more_from(&mut source, 30).await;
        for kind in [TrackKind::Video, TrackKind::Audio] {
            let of = |received: &Received| match kind {
                TrackKind::Video => received.video.clone(),
                TrackKind::Audio => received.audio.clone(),
            };
            let frames = [of(&before), of(&after)].concat();
            for pair in frames.windows(2) {
                let gap = pair[1].pts.micros_since(pair[0].pts);
                assert!((1..600_000).contains(&gap), "{kind:?}: {gap} us after {seconds} s");
            }
        }
        assert!(source.stats().clock_jumps > 0);
    }
}

#[tokio::test]
async fn lost_datagrams_are_told_and_the_stream_goes_on() {
    let door = Door::plain(Transport::Udp).await;
    let mut source = door.connect().await.expect("connected");
    Received::from(&mut source, 5).await;
    door.fault(Fault::PacketLoss { percent: 20.0, seconds: None });
    let received = Received::more_from(&mut source, 40).await;
    let stats = source.stats();
    assert!(stats.packets_lost > 0 && stats.losses > 0, "{stats:?}");
    assert!(received.video.iter().any(|frame| frame.after_loss));
}

#[tokio::test]
async fn datagrams_that_overtake_each_other_are_put_in_order() {
    let door = Door::plain(Transport::Udp).await;
    let mut source = door.connect().await.expect("connected");
    door.fault(Fault::Reorder { percent: 20.0, seconds: None });
    let received = Received::more_from(&mut source, 40).await;
    assert!(received.video.is_sorted_by_key(|frame| frame.pts));
    assert_eq!(source.stats().packets_lost, 0, "{:?}", source.stats());
}

#[tokio::test]
async fn a_new_size_is_told_before_its_key_frame() {
    let door = Door::plain(Transport::Tcp).await;
    let mut source = door.connect().await.expect("connected");
    Received::from(&mut source, 5).await;
    door.fault(Fault::ResolutionChange { width: 320, height: 192 });
    let mut is_changed = false;
    let read = async {
        loop {
            match source.next().await.expect("the stream goes on") {
                StreamItem::Parameters(parameters) => {
                    let video = parameters.video.as_ref().expect("pictures");
                    assert_eq!((video.width, video.height), (320, 192));
                    is_changed = true;
                }
                StreamItem::Frame(frame) if is_changed => return frame.is_key,
                StreamItem::Frame(_) => {}
            }
        }
    };
    assert!(tokio::time::timeout(PATIENCE, read).await.expect("a change"));
}

#[tokio::test]
async fn broken_packets_cost_frames_and_not_the_stream() {
    let door = Door::plain(Transport::Tcp).await;
    let mut source = door.connect().await.expect("connected");
    Received::from(&mut source, 5).await;
    for breakage in [hearth_sim::Breakage::Nal, hearth_sim::Breakage::Rtp] {
        door.fault(Fault::Malformed { breakage, seconds: None });
        Received::more_from(&mut source, 20).await;
    }
}

#[tokio::test]
async fn each_end_has_its_reason() {
    let cases = [
        (Fault::Stall { seconds: None }, StateReason::Silent),
        (Fault::HalfOpen { seconds: None }, StateReason::Silent),
        (Fault::Drop, StateReason::Closed),
    ];
    for (fault, expected) in cases {
        let door = Door::plain(Transport::Tcp).await;
        let mut source = door.connect().await.expect("connected");
        assert_eq!(door.end_after(&mut source, fault).await, expected, "{fault:?}");
    }
}

/// promise: K-01. A replaced certificate is not accepted where another one is pinned.
#[tokio::test]
async fn each_refusal_has_its_reason() {
    let wrong = Fault::WrongPassword { seconds: None };
    for protocol in [Protocol::Rtsp, Protocol::Mjpeg] {
        let door = Door::open(protocol, Access::Query, None, Transport::Tcp).await;
        door.fault(wrong);
        let error = door.connect().await.expect_err("refused");
        assert_eq!(error.reason, StateReason::WrongPassword, "{protocol:?} without a challenge");
    }
    let cases = [
        (Protocol::Rtsp, Fault::WrongCodec { seconds: None }, StateReason::UnsupportedCodec),
        (Protocol::Rtsp, wrong, StateReason::WrongPassword),
        (Protocol::Rtsp, Fault::Refuse { seconds: None }, StateReason::Refused),
        (Protocol::Rtsps, Fault::WrongCertificate, StateReason::CertificateChanged),
    ];
    for (protocol, fault, expected) in cases {
        let mut door = Door::open(protocol, Access::Digest, None, Transport::Tcp).await;
        let source = door.connect().await.expect("connected");
        door.spec.certificate_pin = source.certificate();
        drop(source);
        door.fault(fault);
        let refused = async {
            // The fault takes effect in its own time.
            loop {
                match door.connect().await {
                    Err(error) if error.reason != StateReason::Closed => return error.reason,
                    _ => tokio::task::yield_now().await,
                }
            }
        };
        let reason = tokio::time::timeout(PATIENCE, refused).await.expect("a refusal");
        assert_eq!(reason, expected, "{fault:?}");
    }
}

/// promise: V-10. A camera that speaks RTSP inside TLS too is found, whatever it asks for; one that
/// speaks it in the clear only, a port that is closed and another service with TLS are not.
#[tokio::test]
async fn encrypted_streams_on_offer_are_found() {
    let encrypted = Door::open(Protocol::Rtsps, Access::Digest, None, Transport::Tcp).await;
    let plain = Door::plain(Transport::Tcp).await;
    let [port, clear] = [&encrypted, &plain].map(|door| door.spec.url.port());
    let ask = async |ports: &[u16]| rtsps_offer(&plain.spec, ports).await;
    let offered = ask(&[9, clear, port]).await.expect("it is offered");
    let wanted = plain.spec.url.to_string().replace("rtsp://", "rtsps://");
    assert_eq!(offered.to_string(), wanted.replace(&format!(":{clear}/"), &format!(":{port}/")));
    assert_eq!(ask(&[9, clear]).await, None);
    assert_eq!(ask(&[]).await, None);
    assert_eq!(ask(&[9, 9, 9, 9, port]).await, None, "no more than four are tried");
    assert_eq!(rtsps_offer(&encrypted.spec, &[port]).await, None, "it is encrypted already");
    let lamp = hearth_sim::tapo::TapoCameraSpec::new(
        hearth_sim::tapo::TapoGeneration::SecureSha256,
        "password",
    );
    let lamp = hearth_sim::tapo::TapoCamera::start(lamp).await.expect("a web server with TLS");
    assert_eq!(ask(&[lamp.port()]).await, None);
}

/// promise: V-10, K-04. A host that says nothing costs a few seconds, and an address to which no
/// stream may lead is not asked for an encrypted one either.
#[tokio::test]
async fn asking_for_encryption_is_bounded_and_goes_nowhere_else() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = silent.local_addr().expect("bound").port();
    let mut spec = spec("rtsp://127.0.0.1:554/main", Transport::Tcp, None);
    assert_eq!(rtsps_offer(&spec, &[port]).await, None);
    silent.accept().await.expect("it was asked");
    spec.addresses = hearth_model::AddressPolicy::DEVICES;
    assert_eq!(rtsps_offer(&spec, &[port]).await, None);
    let again = tokio::time::timeout(std::time::Duration::ZERO, silent.accept());
    assert!(again.await.is_err(), "nobody called");
}
