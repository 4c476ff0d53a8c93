use proptest::prelude::*;

use super::*;
use crate::framing::{Framed, Framer};
use hearth_media::g711::Law;

const SDP: &str = "v=0\r\na=control:*\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n\
    a=control:trackID=1\r\nm=audio 0 RTP/AVP 0\r\na=control:trackID=2\r\n";

fn at(seconds: i64) -> MediaTime {
    MediaTime::from_micros(seconds * 1_000_000)
}

/// A session and the camera that answers it, as the test says.
struct Play {
    session: ClientSession,
    now: MediaTime,
}

impl Play {
    fn new(transport: Transport, password: Option<&str>) -> Self {
        Self::with_purpose(Purpose::Watch, transport, password)
    }

    fn with_purpose(purpose: Purpose, transport: Transport, password: Option<&str>) -> Self {
        let (url, _) = SourceUrl::parse("rtsp://10.0.0.5/cam?x=1").expect("valid");
        let account = password.map(|password| ("anna".to_owned(), password.into()));
        let config = SessionConfig {
            url,
            purpose,
            account,
            transport,
            udp_ports: [5000, 5002],
            random: [1; 16],
            is_basic_allowed: true,
        };
        Self { session: ClientSession::new(config, at(0)), now: at(0) }
    }

    /// The request that waits to be written.
    fn request(&mut self) -> Request {
        let bytes = self.session.poll_send().expect("a request");
        match Framer::new().next(&bytes) {
            Ok(Framed::Message(message, _)) => match *message {
                Message::Request(request) => request,
                Message::Response(response) => panic!("a response: {response:?}"),
            },
            other => panic!("no message: {other:?}"),
        }
    }

    fn respond(
        &mut self,
        request: &Request,
        status: u16,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<Option<SessionEvent>, SessionError> {
        let mut response = Response::to(request, status, "");
        headers.iter().for_each(|(name, value)| response.headers.push(name, value));
        response.body = Bytes::copy_from_slice(body.as_bytes());
        self.session.receive(&Message::Response(response), self.now)
    }

    /// Answers one request and returns it.
    fn step(&mut self, status: u16, headers: &[(&str, &str)], body: &str) -> Request {
        let request = self.request();
        let event = self.respond(&request, status, headers, body).expect("goes on");
        assert!(event.is_none(), "{event:?}");
        request
    }

    fn fail(&mut self, status: u16, headers: &[(&str, &str)], body: &str) -> SessionError {
        let request = self.request();
        self.respond(&request, status, headers, body).expect_err("refused")
    }

    /// From `SETUP` to playing over TCP.
    fn finish(&mut self) -> Vec<Track> {
        let session = ("Session", " 7 ; timeout = 20 ");
        self.step(200, &[session, ("Transport", "RTP/AVP/TCP;interleaved=0-1")], "");
        self.step(200, &[session, ("Transport", "RTP/AVP/TCP;interleaved=4-5")], "");
        self.play()
    }

    fn play(&mut self) -> Vec<Track> {
        let request = self.request();
        assert_eq!(request.method, Method::Play);
        match self.respond(&request, 200, &[], "") {
            Ok(Some(SessionEvent::Playing(tracks))) => tracks,
            other => panic!("not playing: {other:?}"),
        }
    }
}

#[test]
fn a_session_runs_from_options_to_teardown() {
    let mut play = Play::new(Transport::Tcp, None);
    let options = play.step(200, &[("Public", "OPTIONS, PLAY, GET_PARAMETER")], "");
    assert_eq!(options.uri, "rtsp://10.0.0.5:554/cam?x=1");
    let describe = play.step(200, &[("Content-Base", "10.0.0.5:554/cam/")], SDP);
    assert_eq!(describe.headers.get("Accept"), Some("application/sdp"));
    let tracks = play.finish();
    let routes: Vec<_> = tracks.iter().map(|track| track.route).collect();
    assert_eq!(routes[1], TrackRoute::Interleaved { rtp: 4, rtcp: 5 });

    play.session.tick(at(9)).expect("nothing is due");
    assert!(play.session.poll_send().is_none());
    play.session.tick(at(10)).expect("a sign of life");
    let alive = play.request();
    assert_eq!(
        (alive.method.clone(), alive.uri.as_str()),
        (Method::GetParameter, "rtsp://10.0.0.5:554/cam/")
    );
    assert_eq!(alive.headers.get("Session"), Some("7"));
    play.session.tick(at(30)).expect("its answer is not missed");

    play.session.end(at(31));
    // The next sign of life was already written.
    let teardown =
        std::iter::from_fn(|| Some(play.request())).find(|r| r.method == Method::Teardown);
    let ended = play.respond(&teardown.expect("a request"), 200, &[], "");
    assert!(matches!(ended, Ok(Some(SessionEvent::Ended))));
}

#[test]
fn tracks_have_their_own_urls() {
    let mut play = Play::new(Transport::Tcp, None);
    play.step(200, &[], "");
    play.step(200, &[], SDP);
    let setup = play.step(200, &[("Session", "1")], "");
    assert_eq!(setup.uri, "rtsp://10.0.0.5:554/cam?x=1/trackID=1");
    assert_eq!(setup.headers.get("Transport"), Some("RTP/AVP/TCP;unicast;interleaved=0-1"));
}

/// promise: T-04. The challenge is answered with a digest, and a later one (stale) again.
#[test]
fn challenges_are_answered_whenever_they_come() {
    let digest = |nonce: &str| format!("Digest realm=\"r\", nonce=\"{nonce}\"");
    let mut play = Play::new(Transport::Tcp, Some("s3cret"));
    play.step(404, &[], "");
    let first = play.step(
        401,
        &[("WWW-Authenticate", &digest("1")), ("WWW-Authenticate", "Basic realm=\"r\"")],
        "",
    );
    assert_eq!(first.headers.get("Authorization"), None);
    let second = play.step(200, &[], SDP);
    let proof = second.headers.get("Authorization").expect("a proof");
    assert!(proof.starts_with("Digest ") && !proof.contains("s3cret"), "{proof}");
    play.finish();
    assert_eq!(play.session.auth_scheme(), Some(AuthScheme::DigestMd5));
    play.session.tick(at(10)).expect("a sign of life");
    play.step(401, &[("WWW-Authenticate", &digest("2"))], "");
    let again = play.step(200, &[], "");
    assert!(again.headers.get("Authorization").expect("a proof").contains("nonce=\"2\""));
}

/// promise: V-24. Nothing that can be logged about a session shows its password.
#[test]
fn each_failure_has_its_own_reason_and_hides_the_password() {
    let basic = ("WWW-Authenticate", "Basic realm=\"r\"");
    let reason = |status, headers: &[(&str, &str)], body| {
        let mut play = Play::new(Transport::Tcp, Some("s3cret"));
        play.step(200, &[], "");
        let error = play.fail(status, headers, body);
        let shown = format!("{error} {error:?} {:?}", play.session);
        assert!(!shown.contains("s3cret"), "{shown}");
        error.reason()
    };
    assert_eq!(reason(404, &[], ""), hearth_model::StateReason::NoSuchStream);
    assert_eq!(reason(200, &[], "nonsense"), hearth_model::StateReason::Malformed);
    let vp8 = "m=video 0 RTP/AVP 96\na=rtpmap:96 VP8/90000\nm=audio 0 RTP/AVP 0\n";
    assert_eq!(reason(200, &[], vp8), hearth_model::StateReason::UnsupportedCodec);
    assert_eq!(reason(503, &[], ""), hearth_model::StateReason::Refused);

    let mut wrong = Play::new(Transport::Tcp, Some("s3cret"));
    wrong.step(200, &[], "");
    wrong.step(401, &[basic], "");
    let error = wrong.fail(401, &[basic], "");
    assert_eq!(error.reason(), hearth_model::StateReason::WrongPassword);
    assert_eq!(error.blame(), Blame::Settings);
    let mut nobody = Play::new(Transport::Tcp, None);
    nobody.step(200, &[], "");
    assert_eq!(nobody.fail(401, &[basic], "").reason(), hearth_model::StateReason::WrongPassword);
}

#[test]
fn udp_falls_back_to_tcp_when_it_is_refused() {
    let mut play = Play::new(Transport::Udp, None);
    play.step(200, &[], "");
    play.step(200, &[], SDP);
    let udp = play.step(461, &[], "");
    assert_eq!(udp.headers.get("Transport"), Some("RTP/AVP;unicast;client_port=5000-5001"));
    let tracks = play.finish();
    assert_eq!(tracks[0].route, TrackRoute::Interleaved { rtp: 0, rtcp: 1 });
}

#[test]
fn sound_that_cannot_be_set_up_is_left_out() {
    let mut play = Play::new(Transport::Udp, None);
    play.step(200, &[], "");
    play.step(200, &[], SDP);
    play.step(200, &[("Session", "1"), ("Transport", "RTP/AVP;server_port=6000-6001")], "");
    play.step(500, &[], "");
    let tracks = play.play();
    let expected = TrackRoute::Udp { socket: 0, server_ports: Some((6000, 6001)) };
    assert_eq!((tracks.len(), tracks[0].route), (1, expected));
}

/// promise: V-24. A camera to which the password is only proved is not sent it because it asks for that in
/// what it tells.
#[test]
fn a_camera_cannot_ask_for_the_password() {
    let asks = SDP.replace("control:", "control:{username}{password}/");
    for (headers, body) in [
        (vec![("Content-Base", "rtsp://10.0.0.5/{password}/")], SDP),
        (vec![("Content-Location", "/{username}?pwd={password}")], SDP),
        (vec![], asks.as_str()),
    ] {
        let mut play = Play::new(Transport::Tcp, Some("pl4nted"));
        play.step(200, &[], "");
        play.step(200, &headers, body);
        let session = ("Session", "7");
        let setup = play.step(200, &[session, ("Transport", "RTP/AVP/TCP;interleaved=0-1")], "");
        let sent = format!("{} {}", setup.uri, play.request().uri);
        assert!(!sent.contains("pl4nted") && !sent.contains("anna"), "{sent}");
    }
    let mut play = Play::new(Transport::Tcp, Some("pl4nted"));
    play.step(200, &[], "");
    let request = play.request();
    let redirect = [("Location", "rtsp://10.0.0.5/{password}")];
    let told = play.respond(&request, 302, &redirect, "");
    assert!(matches!(told, Ok(Some(SessionEvent::Redirected(url))) if !url.wants_password()));
}

#[test]
fn a_redirect_is_followed_on_the_same_host_only() {
    let redirect = |location: &str| {
        let mut play = Play::new(Transport::Tcp, None);
        play.step(200, &[], "");
        let request = play.request();
        play.respond(&request, 302, &[("Location", location)], "")
    };
    let same = redirect("rtsp://10.0.0.5:8554/other");
    assert!(matches!(same, Ok(Some(SessionEvent::Redirected(url))) if url.port() == 8554));
    assert!(matches!(redirect("rtsp://10.0.0.6/cam"), Err(SessionError::BadRedirect)));
    assert!(matches!(redirect("somewhere"), Err(SessionError::BadRedirect)));
}

#[test]
fn requests_of_the_camera_are_answered() {
    let mut play = Play::new(Transport::Tcp, None);
    play.request();
    let mut request = Request::new(Method::Options, "*");
    request.headers.push("CSeq", "77");
    play.session.receive(&Message::Request(request), at(0)).expect("answered");
    let answer = play.session.poll_send().expect("an answer");
    assert_eq!(&answer[..], b"RTSP/1.0 200 OK\r\nCSeq: 77\r\n\r\n");
}

#[test]
fn an_answer_that_never_comes_is_given_up() {
    let mut play = Play::new(Transport::Tcp, None);
    play.session.tick(at(4)).expect("still waiting");
    let error = play.session.tick(at(5)).expect_err("overdue");
    assert_eq!(error, SessionError::NoAnswer { method: Method::Options });
}

#[test]
fn an_answer_without_a_number_belongs_to_the_last_request_and_a_wrong_one_to_none() {
    let mut play = Play::new(Transport::Tcp, None);
    play.request();
    let other = Response::to(&Request::new(Method::Play, "*"), 200, "");
    let mut wrong = other.clone();
    wrong.headers.push("CSeq", "99");
    play.session.receive(&Message::Response(wrong), at(0)).expect("ignored");
    assert!(play.session.poll_send().is_none());
    play.session.receive(&Message::Response(other), at(0)).expect("taken");
    assert_eq!(play.request().method, Method::Describe);
}

/// A camera with pictures, a microphone, and two loudspeakers of which one takes G.711.
const DOOR: &str = "v=0\r\na=control:*\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n\
    a=control:v\r\nm=audio 0 RTP/AVP 0\r\na=recvonly\r\na=control:a\r\n\
    m=audio 0 RTP/AVP 97\r\na=rtpmap:97 MPEG4-GENERIC/16000\r\na=sendonly\r\na=control:b1\r\n\
    m=audio 0 RTP/AVP 98 8\r\na=rtpmap:98 PCMU/16000\r\na=sendonly\r\na=control:b2\r\n";
const REQUIRE: Option<&str> = Some("www.onvif.org/ver20/backchannel");

fn speaking() -> Play {
    let mut play = Play::with_purpose(Purpose::Speak, Transport::Tcp, None);
    let options = play.step(200, &[], "");
    assert_eq!(options.headers.get("Require"), None);
    play
}

#[test]
fn only_the_loudspeaker_is_set_up_and_every_request_about_it_says_so() {
    let mut play = speaking();
    let describe = play.step(200, &[], DOOR);
    assert_eq!(describe.headers.get("Require"), REQUIRE);
    let transport = ("Transport", "RTP/AVP/TCP;unicast;interleaved=6-7");
    let setup = play.step(200, &[("Session", "7"), transport], "");
    assert_eq!(setup.uri, "rtsp://10.0.0.5:554/cam?x=1/b2");
    assert_eq!(setup.headers.get("Require"), REQUIRE);
    let request = play.request();
    assert_eq!((&request.method, request.headers.get("Require")), (&Method::Play, REQUIRE));
    let listens = play.respond(&request, 200, &[], "");
    let Ok(Some(SessionEvent::Listening(speaker))) = listens else { panic!("{listens:?}") };
    assert_eq!(speaker, Speaker { law: Law::A, payload_type: 8, channel: 6 });
    play.session.send_packet(Bytes::from_static(b"$")).expect("it waits");
    play.session.end(at(1));
    assert_eq!(play.session.poll_send().as_deref(), Some(&b"$"[..]), "before the goodbye");
    let goodbye = play.request();
    assert_eq!(goodbye.method, Method::Teardown);
    assert!(matches!(play.respond(&goodbye, 200, &[], ""), Ok(Some(SessionEvent::Ended))));
}

#[test]
fn a_camera_that_cannot_be_spoken_to_is_told_apart() {
    let mut refuses = speaking();
    assert_eq!(refuses.fail(551, &[], ""), SessionError::NoSpeaker);
    let mut later = speaking();
    later.step(200, &[], DOOR);
    assert_eq!(later.fail(551, &[], ""), SessionError::NoSpeaker);
    for description in [SDP, &DOOR.replace("98 8", "98")] {
        assert_eq!(speaking().fail(200, &[], description), SessionError::NoSpeaker);
    }
    // Whoever only looks asks for nothing that a camera could lack.
    let mut watches = Play::new(Transport::Tcp, None);
    watches.step(200, &[], "");
    assert_eq!(watches.fail(551, &[], "").reason(), hearth_model::StateReason::Refused);
}

#[test]
fn what_a_camera_does_not_take_does_not_pile_up() {
    let mut play = speaking();
    let full = (0..1_000).find_map(|_| play.session.send_packet(Bytes::from_static(b"$")).err());
    assert_eq!(full, Some(SessionError::Stuck));
}

proptest! {
    #[test]
    fn any_sequence_of_answers_to_whoever_speaks_ends_or_goes_on(
        answers in prop::collection::vec((prop::sample::select(vec![200u16, 301, 401, 404, 551]), any::<bool>()), 0..30),
    ) {
        let mut play = Play::with_purpose(Purpose::Speak, Transport::Tcp, Some("x"));
        for (status, with_sdp) in answers {
            let mut response = Response::to(&Request::new(Method::Play, "*"), status, "");
            response.headers.push("Session", "1");
            response.headers.push("WWW-Authenticate", "Digest realm=\"r\", nonce=\"1\"");
            if with_sdp {
                response.body = Bytes::from_static(DOOR.as_bytes());
            }
            if play.session.receive(&Message::Response(response), at(0)).is_err() {
                break;
            }
            while play.session.poll_send().is_some() {}
        }
    }

    #[test]
    fn any_sequence_of_answers_ends_or_goes_on(
        answers in prop::collection::vec((prop::sample::select(vec![200u16, 301, 401, 404, 454, 461, 500]), any::<bool>()), 0..30),
    ) {
        let mut play = Play::new(Transport::Udp, Some("x"));
        for (status, with_sdp) in answers {
            let mut response = Response::to(&Request::new(Method::Play, "*"), status, "");
            response.headers.push("Session", "1;timeout=x");
            response.headers.push("WWW-Authenticate", "Digest realm=\"r\", nonce=\"1\"");
            if with_sdp {
                response.body = Bytes::from_static(SDP.as_bytes());
            }
            if play.session.receive(&Message::Response(response), at(0)).is_err() {
                break;
            }
            while play.session.poll_send().is_some() {}
        }
    }
}
