//! Each fault does what its name says, and recovery ends it.

use std::collections::HashSet;

use hearth_rtsp::{message::Method, rtp::RtpPacket};
use hearth_sim::{Breakage, CameraDescription, Fault, House, HouseError, HouseSpec, Protocol};
use tokio::{net::UdpSocket, time::timeout};

use crate::{
    client::{Client, PATIENCE, ask_control, read_media},
    sessions::size_in_band,
    small_camera,
};

async fn house() -> (House, CameraDescription) {
    let cameras = vec![small_camera("door"), small_camera("safe").with_protocol(Protocol::Rtsps)];
    let house = House::start(HouseSpec::new("Test house", cameras)).await.expect("a house");
    let camera = house.camera("door").expect("the camera");
    (house, camera)
}

/// Tries until the port is open again.
async fn connect_again(camera: &CameraDescription) -> Client {
    let connected = async {
        loop {
            match Client::connect(camera).await {
                Ok(client) => return client,
                Err(_) => tokio::task::yield_now().await,
            }
        }
    };
    timeout(PATIENCE, connected).await.expect("an open port")
}

#[tokio::test]
async fn a_stalled_camera_answers_but_shows_nothing_until_it_recovers() {
    let (house, camera) = house().await;
    let mut client = Client::playing(&camera).await;
    client.media().await.expect("media");
    house.fault("door", Fault::Stall { seconds: None }).expect("a fault");
    assert_eq!(client.ask(Method::GetParameter, "").await.status, 200);
    assert!(client.is_silent().await);
    house.fault("door", Fault::Recover).expect("a fault");
    let next = client.media().await.expect("media");
    assert_eq!(next.payload[0] & 0x1F, 24, "it goes on with a key frame");
}

#[tokio::test]
async fn a_fault_with_a_length_ends_by_itself() {
    let (house, camera) = house().await;
    let mut client = Client::playing(&camera).await;
    house.fault("door", Fault::Stall { seconds: Some(0.3) }).expect("a fault");
    client.media().await.expect("media");
}

#[tokio::test]
async fn a_half_open_camera_does_nothing_at_all() {
    let (house, camera) = house().await;
    let mut client = Client::playing(&camera).await;
    client.media().await.expect("media");
    house.fault("door", Fault::HalfOpen { seconds: None }).expect("a fault");
    while !client.is_silent().await {}
    let request = client.request(Method::Options, "");
    client.send(&request).await;
    assert!(client.is_silent().await);
    let mut late = Client::connect(&camera).await.expect("the system accepts");
    let request = late.request(Method::Options, "");
    late.send(&request).await;
    assert!(late.is_silent().await);
    house.fault("door", Fault::Recover).expect("a fault");
    assert!(client.is_silent().await, "an old connection stays dead");
    Client::playing(&camera).await.media().await.expect("media");
}

#[tokio::test]
async fn dropped_clients_may_come_back_at_once() {
    let (house, camera) = house().await;
    let mut client = Client::playing(&camera).await;
    house.fault("door", Fault::Drop).expect("a fault");
    client.until_closed().await;
    Client::playing(&camera).await.media().await.expect("media");
}

#[tokio::test]
async fn a_refusing_camera_closes_its_port_and_opens_the_same_one_again() {
    let (house, camera) = house().await;
    let mut client = Client::playing(&camera).await;
    house.fault("door", Fault::Refuse { seconds: None }).expect("a fault");
    client.until_closed().await;
    assert!(Client::connect(&camera).await.is_err());
    house.fault("door", Fault::Recover).expect("a fault");
    connect_again(&camera).await;
    Client::playing(&camera).await.media().await.expect("media");
}

#[tokio::test]
async fn a_flapping_camera_comes_and_goes() {
    let (house, camera) = house().await;
    let fault = Fault::Flap { period_seconds: 0.2, seconds: None };
    house.fault("door", fault).expect("a fault");
    for _ in 0..3 {
        let mut client = connect_again(&camera).await;
        client.until_closed().await;
    }
    house.fault("door", Fault::Recover).expect("a fault");
    connect_again(&camera).await;
    let absurd = Fault::Flap { period_seconds: f64::NAN, seconds: None };
    assert!(matches!(house.fault("door", absurd), Err(HouseError::Unfit { .. })));
}

#[tokio::test]
async fn a_clock_step_moves_the_timestamps() {
    let (house, camera) = house().await;
    let mut client = Client::playing(&camera).await;
    for (seconds, ticks) in [(3_600.0, 324_000_000_i64), (-60.0, -5_400_000)] {
        let before = client.media().await.expect("media").timestamp;
        house.fault("door", Fault::ClockStep { seconds }).expect("a fault");
        loop {
            let after = client.media().await.expect("media").timestamp;
            let moved = i64::from(after.wrapping_sub(before).cast_signed());
            // The rest is the time that really passed.
            if (moved - ticks).abs() < 90_000 * 10 {
                break;
            }
            assert!(moved.abs() < 90_000 * 10, "moved by {moved}");
        }
    }
}

#[tokio::test]
async fn a_change_of_resolution_comes_with_new_parameter_sets() {
    let (house, camera) = house().await;
    let mut client = Client::playing(&camera).await;
    assert_eq!(size_in_band(&mut client).await, (160, 96));
    let fault = Fault::ResolutionChange { width: 96, height: 64 };
    house.fault("door", fault).expect("a fault");
    while size_in_band(&mut client).await != (96, 64) {}
    let main = house.camera("door").expect("the camera").main;
    assert_eq!((main.width, main.height), (96, 64));
}

#[tokio::test]
async fn lost_packets_leave_gaps() {
    let (house, camera) = house().await;
    let mut client = Client::playing(&camera).await;
    house.fault("door", Fault::PacketLoss { percent: 30.0, seconds: None }).expect("a fault");
    let mut last = client.media().await.expect("media").sequence;
    loop {
        let next = client.media().await.expect("media").sequence;
        if next != last.wrapping_add(1) {
            break;
        }
        last = next;
    }
}

#[tokio::test]
async fn udp_packets_overtake_each_other() {
    let (house, camera) = house().await;
    let mut client = Client::connect(&camera).await.expect("an open port");
    let rtp = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let port = rtp.local_addr().expect("bound").port();
    client.setup(0, &format!("RTP/AVP;unicast;client_port={port}-{port}")).await;
    house.fault("door", Fault::Reorder { percent: 50.0, seconds: None }).expect("a fault");
    client.ask(Method::Play, "").await;
    let mut buffer = [0; 2_000];
    let mut last: Option<u16> = None;
    loop {
        let bytes = timeout(PATIENCE, rtp.recv(&mut buffer)).await.expect("media").expect("bytes");
        // Reports come to the same port here, and are no media.
        if buffer[1] >= 200 {
            continue;
        }
        let media = read_media(&buffer[..bytes]);
        if last.is_some_and(|last| last.wrapping_sub(media.sequence) < 100) {
            break;
        }
        last = Some(media.sequence);
    }
}

#[tokio::test]
async fn a_broken_camera_sends_packets_that_are_none() {
    let (house, camera) = house().await;
    let mut client = Client::playing(&camera).await;
    let fault = Fault::Malformed { breakage: Breakage::Rtp, seconds: None };
    house.fault("door", fault).expect("a fault");
    while RtpPacket::parse(&client.raw_media().await.expect("packets")).is_ok() {}
}

#[tokio::test]
async fn a_flooding_camera_repeats_itself() {
    let (house, camera) = house().await;
    let mut client = Client::playing(&camera).await;
    client.media().await.expect("media");
    house.fault("door", Fault::Flood { seconds: None }).expect("a fault");
    let mut last = client.media().await.expect("media");
    let mut repeated = 0;
    while repeated < 200 {
        let next = client.media().await.expect("media");
        assert_eq!(next.sequence, last.sequence.wrapping_add(1));
        repeated += usize::from(next.timestamp == last.timestamp);
        last = next;
    }
}

#[tokio::test]
async fn a_wrong_codec_is_described_until_recovery() {
    let (house, camera) = house().await;
    let mut client = Client::playing(&camera).await;
    house.fault("door", Fault::WrongCodec { seconds: None }).expect("a fault");
    client.until_closed().await;
    for (codec, next) in [("VP8/90000", Fault::Recover), ("H264/90000", Fault::Drop)] {
        let mut client = Client::connect(&camera).await.expect("an open port");
        let body = client.ask(Method::Describe, "").await.body;
        assert!(String::from_utf8_lossy(&body).contains(codec));
        house.fault("door", next).expect("a fault");
    }
}

#[tokio::test]
async fn a_changed_password_is_refused() {
    let camera = small_camera("door").with_access(hearth_sim::Access::Basic);
    let house = House::start(HouseSpec::new("Test house", vec![camera])).await.expect("a house");
    let camera = house.camera("door").expect("the camera");
    let account = format!("{}:{}", camera.username, camera.password);
    let proof = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, account);
    for (fault, status) in [
        (Fault::Recover, 200),
        (Fault::WrongPassword { seconds: None }, 401),
        (Fault::Recover, 200),
    ] {
        house.fault("door", fault).expect("a fault");
        let mut client = Client::connect(&camera).await.expect("an open port");
        let mut request = client.request(Method::Describe, "");
        request.headers.push("Authorization", &format!("Basic {proof}"));
        client.send(&request).await;
        match client.next().await {
            crate::client::Received::Response(response) => assert_eq!(response.status, status),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_replaced_camera_shows_another_certificate() {
    let (house, _) = house().await;
    let mut seen = HashSet::new();
    for _ in 0..3 {
        let certificate = house.camera("safe").expect("the camera").certificate_sha256;
        assert!(seen.insert(certificate.expect("a certificate")));
        house.fault("safe", Fault::WrongCertificate).expect("a fault");
    }
    let plain = house.fault("door", Fault::WrongCertificate);
    assert!(matches!(plain, Err(HouseError::Unfit { .. })));
}

#[tokio::test]
async fn a_house_is_commanded_over_http() {
    let (house, camera) = house().await;
    let ask = async |text: String| ask_control(&house, text).await;
    let post = |camera: &str, body: &str| {
        format!(
            "POST /cameras/{camera}/fault HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let pressed = |device: &str| {
        format!("POST /devices/{device}/press HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n")
    };
    assert!(ask(pressed("Doorbell")).await.starts_with("HTTP/1.1 404 "), "there is none");
    let passers = |camera: &str, who: &str| post(camera, who).replace("/fault ", "/passers ");
    assert!(ask(passers("door", r#""nobody""#)).await.starts_with("HTTP/1.1 200 "));
    assert!(ask(passers("door", r#""usual""#)).await.starts_with("HTTP/1.1 200 "));
    assert!(ask(passers("door", r#""everybody""#)).await.starts_with("HTTP/1.1 400 "));
    assert!(ask(passers("none", r#""usual""#)).await.starts_with("HTTP/1.1 404 "));
    let described = ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n".to_owned()).await;
    let (_, body) = described.split_once("\r\n\r\n").expect("a body");
    let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
    assert_eq!(body, serde_json::to_value(house.describe()).expect("JSON"));

    let mut client = Client::playing(&camera).await;
    assert!(ask(post("door", r#"{"kind":"drop"}"#)).await.starts_with("HTTP/1.1 200"));
    client.until_closed().await;
    assert!(ask(post("none", r#"{"kind":"drop"}"#)).await.starts_with("HTTP/1.1 404"));
    assert!(ask(post("door", r#"{"kind":"dance"}"#)).await.starts_with("HTTP/1.1 400"));
    let unfit = post("door", r#"{"kind":"wrong_certificate"}"#);
    assert!(ask(unfit).await.starts_with("HTTP/1.1 409"));
    assert!(ask("rubbish\r\n\r\n".to_owned()).await.starts_with("HTTP/1.1 400"));
}
