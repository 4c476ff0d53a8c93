use proptest::prelude::*;

use super::*;

fn only_message(text: &str) -> Message {
    match Framer::new().next(text.as_bytes()) {
        Ok(Framed::Message(message, used)) => {
            assert_eq!(used, text.len());
            *message
        }
        other => panic!("no message but {other:?}"),
    }
}

fn response(text: &str) -> Response {
    match only_message(text) {
        Message::Response(response) => response,
        Message::Request(request) => panic!("a request: {request:?}"),
    }
}

#[test]
fn a_response_is_read_with_its_body() {
    let read = response("RTSP/1.0 200 OK\r\nCSeq: 3\r\nContent-Length: 4\r\n\r\nv=0\n");
    assert_eq!((read.status, read.reason.as_str(), read.cseq()), (200, "OK", Some(3)));
    assert_eq!(&read.body[..], b"v=0\n");
}

#[test]
fn habits_of_cameras_are_tolerated() {
    let lf_only = response("RTSP/1.0 401 Unauthorized\nCSEQ : 2 \nwww-authenticate: Basic\n\n");
    assert_eq!((lf_only.cseq(), lf_only.headers.get("WWW-Authenticate")), (Some(2), Some("Basic")));
    assert_eq!(response("RTSP/1.0 200\r\n\r\n").reason, "");
    let folded = response("RTSP/1.0 200 OK\r\nPublic: PLAY,\r\n SETUP\r\nnonsense\r\n\r\n");
    assert_eq!(folded.headers.get("public"), Some("PLAY, SETUP"));
}

#[test]
fn a_request_from_the_camera_is_read() {
    let Message::Request(request) = only_message("OPTIONS * RTSP/1.0\r\nCSeq: 9\r\n\r\n") else {
        panic!("a response");
    };
    assert_eq!((request.method.clone(), request.cseq()), (Method::Options, Some(9)));
}

#[test]
fn packets_are_slices_and_wait_until_they_are_whole() {
    let mut framer = Framer::new();
    assert_eq!(framer.next(b"$\x00\x00\x03ab"), Ok(Framed::NeedMore(7)));
    let packet = framer.next(b"$\x02\x00\x03abcRTSP");
    assert_eq!(packet, Ok(Framed::Packet { channel: 2, payload: b"abc" }));
}

#[test]
fn junk_between_packets_is_skipped() {
    let stream = b"\x07\x08$\xff\xffjunk$\x00\x00\x01\x80RTSP/1.0 200 OK\r\n\r\n";
    let mut framer = Framer::new();
    assert_eq!(framer.next(stream), Ok(Framed::Skip(9)));
    let packet = framer.next(&stream[9..]);
    assert_eq!(packet, Ok(Framed::Packet { channel: 0, payload: b"\x80" }));
    assert!(matches!(framer.next(&stream[14..]), Ok(Framed::Message(..))));
}

#[test]
fn each_limit_has_its_own_error() {
    let error = |text: &str| Framer::new().next(text.as_bytes()).expect_err("refused");
    let many = format!("RTSP/1.0 200 OK\r\n{}\r\n", "A: b\r\n".repeat(65));
    assert_eq!(error(&many), FramingError::TooManyHeaders);
    let long = format!("RTSP/1.0 200 OK\r\nA: {}", "x".repeat(Framer::HEAD_MAX));
    assert_eq!(error(&long), FramingError::HeadTooLong);
    assert_eq!(error("RTSP/1.0 200 OK\r\nContent-Length: 300000\r\n\r\n"), FramingError::Body);
    assert_eq!(error("RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n"), FramingError::Body);
    assert_eq!(error("RTSP/1.0 abc OK\r\n\r\n"), FramingError::StartLine);
    let junk = vec![0; Framer::JUNK_MAX + 1];
    assert_eq!(Framer::new().next(&junk), Err(FramingError::Junk));
}

proptest! {
    /// promise: K-03, D-23. Whatever a camera sends is taken in bounded steps or refused.
    #[test]
    fn arbitrary_bytes_are_consumed_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let mut framer = Framer::new();
        let mut rest = bytes.as_slice();
        loop {
            let used = match framer.next(rest) {
                Err(_) => break,
                Ok(Framed::NeedMore(wanted)) => {
                    prop_assert!(wanted > rest.len());
                    prop_assert!(wanted <= Framer::BUFFER_MAX);
                    break;
                }
                Ok(Framed::Skip(used) | Framed::Message(_, used)) => used,
                Ok(Framed::Packet { payload, .. }) => payload.len() + Framer::PREFIX_BYTES,
            };
            prop_assert!(used > 0 && used <= rest.len());
            rest = &rest[used..];
        }
    }

    #[test]
    fn what_is_written_is_read_again(
        status in 100u16..600,
        names in prop::collection::vec("X-[a-z]{1,8}", 0..8),
        value in "[ -~]{0,40}",
        body in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let mut headers = Headers::new();
        for name in &names {
            headers.push(name, value.trim());
        }
        let sent = Response { status, reason: "Fine".into(), headers, body: body.into() };
        let bytes = sent.encode();
        let Ok(Framed::Message(message, used)) = Framer::new().next(&bytes) else {
            return Err(TestCaseError::fail("no message"));
        };
        prop_assert_eq!(used, bytes.len());
        let Message::Response(read) = *message else {
            return Err(TestCaseError::fail("no response"));
        };
        prop_assert_eq!(read.status, sent.status);
        prop_assert_eq!(&read.body, &sent.body);
        let without_length =
            read.headers.iter().filter(|(name, _)| *name != "Content-Length");
        prop_assert!(without_length.eq(sent.headers.iter()));
    }

    #[test]
    fn truncated_messages_ask_for_more(cut in 0usize..60) {
        let whole = b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 20\r\n\r\n0123456789abcdefghij";
        let cut = cut.min(whole.len() - 1);
        prop_assert!(matches!(Framer::new().next(&whole[..cut]), Ok(Framed::NeedMore(_))));
    }
}
