//! MJPEG over HTTP against a server of a few lines.

use hearth_media::VideoCodec;
use hearth_model::{StateReason, Transport};
use hearth_stream::{SourceError, connect};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::support::{Clock, Received, spec};

/// The smallest thing with a JPEG's frame header: 32x16 pixels.
const IMAGE: &[u8] = b"\xff\xd8\xff\xc0\x00\x0b\x08\x00\x10\x00\x20\x01\x01\x11\x00\xff\xd9";

#[derive(Clone, Copy, Debug)]
struct Habits {
    chunked: bool,
    with_length: bool,
    auth: Option<&'static str>,
}

async fn start(habits: Habits) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, habits));
        }
    });
    format!("http://127.0.0.1:{port}/video.cgi?a=1")
}

/// `None` when the client went away.
async fn serve(mut stream: TcpStream, habits: Habits) -> Option<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut request).await.ok()? == 0 {
            return None;
        }
    }
    let request = String::from_utf8(request).expect("text");
    assert!(request.starts_with("GET /video.cgi?a=1 HTTP/1.1\r\n"), "{request}");
    if let Some(challenge) = habits.auth
        && !request.contains("Authorization: ")
    {
        let refusal = format!("HTTP/1.1 401 No\r\nWWW-Authenticate: {challenge}\r\n\r\n");
        return stream.write_all(refusal.as_bytes()).await.ok();
    }
    let encoding = if habits.chunked { "Transfer-Encoding: chunked\r\n" } else { "" };
    let head = format!(
        "HTTP/1.1 200 OK\r\n{encoding}Content-Type: multipart/x-mixed-replace;boundary=--x\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.ok()?;
    loop {
        let length = if habits.with_length {
            format!("Content-Length: {}\r\n", IMAGE.len())
        } else {
            String::new()
        };
        let mut part = format!("--x\r\nContent-Type: image/jpeg\r\n{length}\r\n").into_bytes();
        part.extend_from_slice(IMAGE);
        part.extend_from_slice(b"\r\n");
        if habits.chunked {
            let size = format!("{:x}\r\n", part.len());
            part = [size.as_bytes(), &part, b"\r\n"].concat();
        }
        stream.write_all(&part).await.ok()?;
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

async fn receive(habits: Habits, password: Option<&str>) -> Result<bool, SourceError> {
    let url = start(habits).await;
    let mut source = connect(&spec(&url, Transport::Tcp, password), Clock::start()).await?;
    let received = Received::from(&mut source, 10).await;
    let video = received.parameters[0].video.as_ref().expect("pictures");
    assert_eq!((video.codec, video.width, video.height), (VideoCodec::Mjpeg, 32, 16));
    assert!(received.video.iter().all(|frame| frame.is_key && &frame.data[..] == IMAGE));
    assert!(received.video.windows(2).all(|pair| pair[0].pts < pair[1].pts));
    Ok(source.is_password_exposed())
}

#[tokio::test]
async fn images_come_in_chunks_or_not_and_with_their_length_or_not() {
    for chunked in [false, true] {
        for with_length in [false, true] {
            let habits = Habits { chunked, with_length, auth: None };
            assert_eq!(receive(habits, None).await, Ok(false), "{habits:?}");
        }
    }
}

/// promise: T-04. A digest is preferred; Basic over a plain connection is flagged.
#[tokio::test]
async fn accounts_are_proved_as_the_camera_asks() {
    let habits = |auth| Habits { chunked: false, with_length: true, auth: Some(auth) };
    let digest = habits("Digest realm=\"a\", nonce=\"b\", qop=\"auth\"");
    assert_eq!(receive(digest, Some("s3cret")).await, Ok(false));
    assert_eq!(receive(habits("Basic realm=\"a\""), Some("s3cret")).await, Ok(true));
    let error = receive(digest, None).await.expect_err("no account");
    assert_eq!(error.reason, StateReason::WrongPassword);
}
