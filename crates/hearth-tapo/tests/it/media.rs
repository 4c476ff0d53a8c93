//! The camera's own stream.

use hearth_sim::tapo::{TapoMedia, TapoMediaSpec};
use hearth_tapo::{
    Failure, UnixSeconds,
    camera::recording::SearchId,
    client::{MediaClient, MediaSpec},
    media::{AlawMuxer, MediaEvent, MediaRequest, Quality},
};

use super::PASSWORD;

async fn server(sha256: bool, encrypts: bool) -> TapoMedia {
    let parts = (0..120_u8).map(|number| [vec![0x47], vec![number; 187]].concat()).collect();
    let spec = TapoMediaSpec { password: PASSWORD.into(), sha256, encrypts, parts };
    TapoMedia::start(spec).await.expect("a stream")
}

fn spec(server: &TapoMedia, password: &str) -> MediaSpec {
    MediaSpec {
        device: "yard".to_owned(),
        host: "127.0.0.1".to_owned(),
        port: server.port(),
        password: password.into(),
        hash: None,
    }
}

#[tokio::test]
async fn live_pictures_come_whole_and_in_order_with_every_key() {
    for (sha256, encrypts) in [(true, true), (false, true), (true, false)] {
        let server = server(sha256, encrypts).await;
        let request = MediaRequest::Live(Quality::High);
        let opened = MediaClient::open(spec(&server, PASSWORD), request).await;
        let mut client = opened.expect("a stream");
        assert_eq!(client.is_private(), encrypts);
        let mut numbers = Vec::new();
        while let Some(event) = client.next().await.expect("an event") {
            match event {
                MediaEvent::Transport(packet) => numbers.push(packet[1]),
                MediaEvent::Finished => break,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(numbers, (0..120).collect::<Vec<u8>>());
        assert_eq!(server.requests()[0]["params"]["preview"]["resolutions"][0], "HD");
    }
}

#[tokio::test]
async fn a_recording_is_downloaded() {
    let server = server(true, true).await;
    let request = MediaRequest::playback(SearchId(5), UnixSeconds(10), UnixSeconds(20));
    let request = request.expect("a range");
    let opened = MediaClient::open(spec(&server, PASSWORD), request).await;
    let mut client = opened.expect("a stream");
    let mut bytes = 0;
    while let Some(MediaEvent::Transport(packet)) = client.next().await.expect("an event") {
        bytes += packet.len();
    }
    assert_eq!(bytes, 120 * 188);
    let asked = &server.requests()[0]["params"]["playback"];
    assert_eq!((&asked["start_time"], &asked["client_id"]), (&"10".into(), &5.into()));
    assert!(MediaRequest::playback(SearchId(5), UnixSeconds(2), UnixSeconds(2)).is_err());
}

#[tokio::test]
async fn what_is_said_comes_out_of_the_speaker() {
    let server = server(true, true).await;
    let opened = MediaClient::open(spec(&server, PASSWORD), MediaRequest::Talk).await;
    let mut client = opened.expect("a stream");
    let packets = AlawMuxer::new().packets(&[0x55; 800]);
    client.talk(&packets).await.expect("sent");
    while server.talk().len() < packets.len() {
        tokio::task::yield_now().await;
    }
    assert_eq!(server.talk(), packets);
}

#[tokio::test]
async fn a_wrong_password_makes_one_attempt() {
    let server = server(true, true).await;
    let opened = MediaClient::open(spec(&server, "wrong"), MediaRequest::Talk).await;
    assert_eq!(opened.err().map(|error| error.failure), Some(Failure::WrongPassword));
    assert_eq!(server.logins(), 1);
}
