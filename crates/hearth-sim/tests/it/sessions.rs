//! What well-behaved clients get, and what the others do not.

use hearth_media::{h264, nal};
use hearth_rtsp::{message::Method, sdp::SessionDescription};
use hearth_sim::{Access, CameraSpec, Content, House, HouseSpec, Offered, Protocol, Sound};
use tokio::{net::UdpSocket, time::timeout};

use crate::{
    client::{Client, PATIENCE, Received, read_media},
    small_camera,
};

async fn house(camera: CameraSpec) -> House {
    House::start(HouseSpec::new("Test house", vec![camera])).await.expect("a house")
}

#[tokio::test]
async fn a_description_names_video_and_sound_with_their_parameters() {
    let mut camera = small_camera("door");
    if let Content::Scene(reel) = &mut camera.main {
        reel.sound = Some(Sound::Pcmu);
    }
    let house = house(camera).await;
    let camera = house.camera("door").expect("the camera");
    let mut client = Client::connect(&camera).await.expect("an open port");
    let response = client.ask(Method::Describe, "").await;
    assert_eq!(response.status, 200);
    let text = std::str::from_utf8(&response.body).expect("text");
    assert!(text.contains("s=Simulated camera door"), "{text}");
    let description = SessionDescription::parse(text).expect("a description");
    let encodings: Vec<&str> =
        description.media.iter().map(|media| media.formats[0].encoding.as_str()).collect();
    assert_eq!(encodings, ["H264", "PCMU"]);
    assert!(description.media[0].formats[0].parameter("sprop-parameter-sets").is_some());
    assert_eq!((camera.main.width, camera.main.height), (160, 96));
    assert_eq!(camera.main.codecs.len(), 2);
}

#[tokio::test]
async fn playing_starts_with_parameter_sets_and_loses_nothing() {
    let house = house(small_camera("door")).await;
    let mut client = Client::playing(&house.camera("door").expect("the camera")).await;
    let first = client.media().await.expect("media");
    assert_eq!(first.payload[0] & 0x1F, 24, "parameter sets come first, as STAP-A");
    let mut sequence = first.sequence;
    for _ in 0..60 {
        let next = client.media().await.expect("media");
        assert_eq!(next.sequence, sequence.wrapping_add(1));
        sequence = next.sequence;
    }
}

#[tokio::test]
async fn times_go_on_when_the_loop_starts_again() {
    let mut camera = small_camera("door");
    if let Content::Scene(reel) = &mut camera.main {
        reel.scene.seconds = 1;
    }
    let house = house(camera).await;
    let mut client = Client::playing(&house.camera("door").expect("the camera")).await;
    let first = client.media().await.expect("media").timestamp;
    let mut last = first;
    // Three rounds of one second at 90 kHz.
    while last.wrapping_sub(first) < 270_000 {
        let timestamp = client.media().await.expect("media").timestamp;
        assert!(timestamp.wrapping_sub(last) <= 9_000 * 10, "a jump in the timestamps");
        last = timestamp;
    }
}

#[tokio::test]
async fn media_comes_over_udp_with_reports() {
    let house = house(small_camera("door")).await;
    let mut client =
        Client::connect(&house.camera("door").expect("the camera")).await.expect("an open port");
    let rtp = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let rtcp = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let port = |socket: &UdpSocket| socket.local_addr().expect("bound").port();
    let transport = format!("RTP/AVP;unicast;client_port={}-{}", port(&rtp), port(&rtcp));
    let response = client.setup(0, &transport).await;
    let agreed = response.headers.get("Transport").expect("a transport").to_owned();
    assert!(agreed.contains("server_port="), "{agreed}");
    assert_eq!(client.ask(Method::Play, "").await.status, 200);
    let mut buffer = [0; 2_000];
    let mut sequence = None;
    for _ in 0..20 {
        let bytes = timeout(PATIENCE, rtp.recv(&mut buffer)).await.expect("media").expect("bytes");
        let media = read_media(&buffer[..bytes]);
        assert!(sequence.is_none_or(|last: u16| media.sequence == last.wrapping_add(1)));
        sequence = Some(media.sequence);
    }
    let bytes = timeout(PATIENCE, rtcp.recv(&mut buffer)).await.expect("a report").expect("bytes");
    assert_eq!(hearth_rtsp::rtcp::parse(&buffer[..bytes]).count(), 1);
}

#[tokio::test]
async fn a_camera_without_udp_refuses_it_and_one_without_tcp_refuses_that() {
    for (offered, transport) in [
        (Offered::TcpOnly, "RTP/AVP;unicast;client_port=5000-5001"),
        (Offered::UdpOnly, "RTP/AVP/TCP;unicast;interleaved=0-1"),
    ] {
        let mut camera = small_camera("door");
        camera.offered = offered;
        let house = house(camera).await;
        let camera = house.camera("door").expect("the camera");
        let mut client = Client::connect(&camera).await.expect("an open port");
        assert_eq!(client.setup(0, transport).await.status, 461);
    }
}

#[tokio::test]
async fn without_a_password_nothing_is_described() {
    for access in [Access::Basic, Access::Digest, Access::DigestSha256] {
        let house = house(small_camera("door").with_access(access)).await;
        let camera = house.camera("door").expect("the camera");
        let mut client = Client::connect(&camera).await.expect("an open port");
        let response = client.ask(Method::Describe, "").await;
        assert_eq!(response.status, 401);
        let challenges: Vec<_> = response.headers.all("WWW-Authenticate").collect();
        let count = if access == Access::DigestSha256 { 2 } else { 1 };
        assert_eq!(challenges.len(), count, "{challenges:?}");
        assert_eq!(client.ask(Method::Options, "").await.status, 200);
    }
}

#[tokio::test]
async fn many_clients_see_the_same_pictures() {
    let house = house(small_camera("door")).await;
    let camera = house.camera("door").expect("the camera");
    let mut one = Client::playing(&camera).await;
    let mut other = Client::playing(&camera).await;
    let mut seen = Vec::new();
    for _ in 0..40 {
        seen.push(one.media().await.expect("media").payload);
    }
    let first = other.media().await.expect("media").payload;
    let second = other.media().await.expect("media").payload;
    assert!(seen.windows(2).any(|pair| pair == [first.clone(), second.clone()]));
}

#[tokio::test]
async fn a_silent_client_is_let_go() {
    let mut camera = small_camera("door");
    camera.session_timeout = std::time::Duration::from_secs(1);
    let house = house(camera).await;
    let mut client = Client::playing(&house.camera("door").expect("the camera")).await;
    client.until_closed().await;
}

#[tokio::test]
async fn teardown_and_rubbish_end_the_connection() {
    let house = house(small_camera("door")).await;
    let camera = house.camera("door").expect("the camera");
    let mut client = Client::playing(&camera).await;
    assert_eq!(client.ask(Method::Teardown, "").await.status, 200);
    client.until_closed().await;
    let mut client = Client::connect(&camera).await.expect("an open port");
    let mut request = client.request(Method::Options, "");
    for _ in 0..2_000 {
        request.headers.push("X", "rubbish");
    }
    client.send(&request).await;
    assert!(matches!(client.next().await, Received::Closed));
}

#[tokio::test]
async fn unknown_streams_and_tracks_are_not_found() {
    let house = house(small_camera("door")).await;
    let mut camera = house.camera("door").expect("the camera");
    let mut client = Client::connect(&camera).await.expect("an open port");
    assert_eq!(client.setup(9, "RTP/AVP/TCP").await.status, 404);
    assert_eq!(client.ask(Method::Play, "").await.status, 454);
    camera.url = camera.url.replace("/main", "/sub");
    let mut client = Client::connect(&camera).await.expect("an open port");
    assert_eq!(client.ask(Method::Describe, "").await.status, 404);
}

#[tokio::test]
async fn a_house_that_is_dropped_closes_its_ports() {
    let house = house(small_camera("door")).await;
    let camera = house.camera("door").expect("the camera");
    let mut client = Client::playing(&camera).await;
    house.stop().await;
    client.until_closed().await;
    assert!(Client::connect(&camera).await.is_err());
}

#[tokio::test]
async fn names_must_be_fit_for_urls_and_different() {
    for names in [["a", "a"], ["A", "b"], ["", "b"], ["a/b", "c"]] {
        let cameras = names.map(small_camera).to_vec();
        assert!(House::start(HouseSpec::new("Test house", cameras)).await.is_err(), "{names:?}");
    }
}

#[tokio::test]
async fn all_is_labelled_simulated() {
    let cameras = vec![
        small_camera("one"),
        small_camera("two").with_protocol(Protocol::Rtsps),
        small_camera("three").with_protocol(Protocol::Mjpeg),
    ];
    let house = House::start(HouseSpec::new("Test house", cameras)).await.expect("a house");
    let description = serde_json::to_value(house.describe()).expect("JSON");
    assert_eq!(description["simulated"], true);
    let cameras = description["cameras"].as_array().expect("cameras");
    assert_eq!(cameras.len(), 3);
    for camera in cameras {
        assert_eq!(camera["simulated"], true);
        assert!(camera["url"].as_str().is_some_and(|url| url.contains("127.0.0.1")));
    }
    assert_eq!(cameras[1]["certificate_sha256"].as_str().map(str::len), Some(64));
    assert_eq!(cameras[2]["main"]["codecs"][0], "mp4v.6c");
}

/// Picture size as the parameter sets in the stream say it, once they come.
pub(crate) async fn size_in_band(client: &mut Client) -> (u32, u32) {
    loop {
        let media = client.media().await.expect("media");
        if media.payload[0] & 0x1F != 24 {
            continue;
        }
        let length = usize::from(u16::from_be_bytes([media.payload[1], media.payload[2]]));
        let sps = &media.payload[3..3 + length];
        let joined = nal::to_annex_b([sps]);
        let sps = nal::annex_b(&joined).next().expect("a unit");
        let sps = h264::Sps::parse(sps).expect("a parameter set");
        return (sps.width.into(), sps.height.into());
    }
}
