//! The loudspeaker of a camera: who is told of it, and what it heard.

use hearth_rtsp::{
    message::{Method, Response},
    rtp::RtpHeader,
    sdp::SessionDescription,
};
use hearth_sim::{CameraSpec, House, HouseSpec, Sound};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{client::Client, small_camera};

const BACK_CHANNEL: &str = "www.onvif.org/ver20/backchannel";

async fn house(camera: CameraSpec) -> (House, Client) {
    let house = House::start(HouseSpec::new("Test house", vec![camera])).await.expect("a house");
    let client = Client::connect(&house.camera("door").expect("the camera")).await;
    (house, client.expect("an open port"))
}

/// A request of somebody who wants to speak.
async fn ask(client: &mut Client, method: Method, path: &str, transport: &str) -> Response {
    let mut request = client.request(method, path);
    request.headers.push("Require", BACK_CHANNEL);
    request.headers.push("Transport", transport);
    client.send(&request).await;
    client.response().await
}

fn speakers(response: &Response) -> usize {
    let text = std::str::from_utf8(&response.body).expect("text");
    let description = SessionDescription::parse(text).expect("a description");
    description.media.iter().filter(|media| media.is_backchannel).count()
}

#[tokio::test]
async fn a_loudspeaker_is_told_to_those_who_ask_for_it() {
    let (_house, mut client) = house(small_camera("door").with_speaker(Sound::Pcma)).await;
    let plain = client.ask(Method::Describe, "").await;
    assert_eq!((plain.status, speakers(&plain)), (200, 0));
    let asked = ask(&mut client, Method::Describe, "", "").await;
    assert_eq!((asked.status, speakers(&asked)), (200, 1));
    let udp = "RTP/AVP;unicast;client_port=5000-5001";
    assert_eq!(ask(&mut client, Method::Setup, "/trackID=1", udp).await.status, 461);
    let (_house, mut client) = house(small_camera("door")).await;
    let refused = ask(&mut client, Method::Describe, "", "").await;
    assert_eq!((refused.status, refused.headers.get("Unsupported")), (551, Some(BACK_CHANNEL)));
}

#[tokio::test]
async fn what_was_said_is_told_over_http() {
    let (house, mut client) = house(small_camera("door").with_speaker(Sound::Pcmu)).await;
    let transport = "RTP/AVP/TCP;unicast;interleaved=4-5";
    let setup = ask(&mut client, Method::Setup, "/trackID=1", transport).await;
    assert_eq!((setup.status, setup.headers.get("Transport")), (200, Some(transport)));
    let mut header =
        RtpHeader { marker: true, payload_type: 0, sequence: 0xffff, timestamp: 9, ssrc: 1 };
    client.send_packet(4, &[&header.encode()[..], b"one"].concat()).await;
    // What comes on another channel is nothing that was said.
    client.send_packet(6, &[&header.encode()[..], b"no"].concat()).await;
    header = RtpHeader { marker: false, sequence: 0, timestamp: 12, ..header };
    client.send_packet(4, &[&header.encode()[..], b"two"].concat()).await;
    header.timestamp += 100;
    client.send_packet(4, &[&header.encode()[..], b"late"].concat()).await;
    assert_eq!(client.ask(Method::GetParameter, "").await.status, 200);
    let [heard] = &house.heard("door").expect("the camera")[..] else { panic!("one saying") };
    assert_eq!((&heard.samples[..], heard.packets, heard.odd_packets), (&b"onetwolate"[..], 3, 1));

    let control = house.describe().control;
    let mut wire =
        TcpStream::connect(control.trim_start_matches("http://")).await.expect("an open port");
    wire.write_all(b"GET /cameras/door/heard HTTP/1.1\r\nHost: h\r\n\r\n").await.expect("sent");
    let mut answer = String::new();
    wire.read_to_string(&mut answer).await.expect("an answer");
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body).expect("a body");
    let expected = serde_json::json!({ "camera": "door", "heard": [heard] });
    assert_eq!(serde_json::from_str::<serde_json::Value>(body).expect("JSON"), expected);
}
