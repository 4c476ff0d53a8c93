//! A scripted camera on the other side.

use super::*;

const CHALLENGE: &[u8] = b"HTTP/1.0 401 Unauthorized\r\nWWW-Authenticate: Digest \
    realm=\"TP-Link IP-Camera\",algorithm=MD5,qop=\"auth\",nonce=\"n0\",opaque=\"o\"\r\n\
    Content-Length: 4\r\n\r\nbody";
const OPENED: &[u8] =
    b"HTTP/1.1 200 OK\r\nKey-Exchange: cipher=\"AES_128_CBC\" username=\"admin\" \
    padding=\"PKCS7_16\" algorithm=\"MD5\" nonce=\"00112233445566778899aabbccddeeff\"\r\n\r\n";

fn session(request: MediaRequest) -> MediaSession {
    MediaSession::begin(request, "cloudpw".into(), None, [0; 24])
}

fn open(session: &mut MediaSession) {
    session.take_output();
    session.receive(CHALLENGE).expect("a challenge");
    session.take_output();
    session.receive(OPENED).expect("a key");
}

fn device_part(session: &MediaSession, content_type: &str, extra: &str, plain: &[u8]) -> Vec<u8> {
    let body = session.key.as_ref().expect("a key").seal(plain);
    let mut part = format!(
        "----device-stream-boundary--\r\nContent-Type: {content_type}\r\nX-If-Encrypt: 1\r\n\
         {extra}Content-Length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    part.extend(body);
    part
}

fn accept(session: &mut MediaSession) {
    let answer = json!({"type": "response", "seq": session.sequence,
        "params": {"error_code": 0, "session_id": "7"}});
    let part = device_part(session, "application/json", "", answer.to_string().as_bytes());
    session.receive(&part).expect("an answer");
    assert_eq!(session.next_event(), Some(MediaEvent::Started { is_private: true }));
}

#[test]
fn the_digest_is_that_of_the_formula() {
    // realm, nonce n0, client nonce c0: the value of the vectors.
    let challenge = DigestChallenge {
        realm: "TP-Link IP-Camera".into(),
        nonce: "n0".into(),
        opaque: None,
        algorithm: Algorithm::Md5,
        algorithm_name: None,
        qop: Qop::Auth,
        is_stale: false,
    };
    let hashed = password_hash(&"cloudpw".into(), PasswordHash::Sha256);
    let response = digest_response(
        &challenge,
        &DigestInput {
            username: "admin",
            password: &hashed,
            method: "POST",
            uri: "/stream",
            nonce_count: 1,
            client_nonce: "c0",
        },
    );
    assert_eq!(response, "56eff75be765c0c6cad229895c6014d0");
}

#[test]
fn a_live_stream_is_requested_acknowledged_and_ended() {
    let mut session = session(MediaRequest::Live(Quality::High));
    open(&mut session);
    let request = session.take_output();
    assert!(request.starts_with(b"----client-stream-boundary--\r\nContent-Type: application/json"));
    accept(&mut session);
    let extra = "X-Session-Id: 7\r\nX-Data-Sequence: 50\r\n";
    let part = device_part(&session, "video/mp2t", extra, &[0x47; 188]);
    session.receive(&part).expect("video");
    assert_eq!(session.next_event(), Some(MediaEvent::Transport(vec![0x47; 188])));
    let acknowledged = String::from_utf8_lossy(&session.take_output()).into_owned();
    assert!(acknowledged.contains("X-Data-Received: 50\r\n"), "{acknowledged}");
    let end = json!({"type": "notification",
        "params": {"event_type": "stream_status", "status": "finished"}});
    let part = device_part(&session, "application/json", "", end.to_string().as_bytes());
    session.receive(&part).expect("an end");
    assert_eq!(session.next_event(), Some(MediaEvent::Finished));
}

#[test]
fn a_second_challenge_means_a_wrong_password_and_nothing_is_sent_again() {
    let mut session = session(MediaRequest::Talk);
    session.receive(CHALLENGE).expect("a challenge");
    session.take_output();
    assert_eq!(session.receive(CHALLENGE), Err(MediaError::Credentials));
    assert!(session.take_output().is_empty());
}

#[test]
fn talking_needs_a_session_that_was_accepted_for_it() {
    let mut session = session(MediaRequest::Talk);
    assert!(session.talk(&[0x47; 188]).is_err());
    open(&mut session);
    session.take_output();
    accept(&mut session);
    session.talk(&[0x47; 188]).expect("a session");
    let sent = String::from_utf8_lossy(&session.take_output()).into_owned();
    assert!(sent.contains("Content-Type: audio/mp2t\r\nX-If-Encrypt: 0\r\nX-Session-Id: 7\r\n"));
}

#[test]
fn a_refused_request_is_an_error_with_its_code() {
    let mut session = session(MediaRequest::Talk);
    open(&mut session);
    let answer = json!({"type": "response", "seq": session.sequence,
        "params": {"error_code": -52411}});
    let part = device_part(&session, "application/json", "", answer.to_string().as_bytes());
    assert_eq!(session.receive(&part), Err(MediaError::Refused(Code(-52411))));
}

use super::super::Quality;

proptest::proptest! {
    /// promise: K-03. Arbitrary bytes at any point are an error, never a panic.
    #[test]
    fn arbitrary_bytes_never_panic(first: Vec<u8>, plain: Vec<u8>) {
        session(MediaRequest::Talk).receive(&first).ok();
        let mut session = session(MediaRequest::Live(Quality::Low));
        open(&mut session);
        for content_type in ["application/json", "video/mp2t", "image/jpeg"] {
            let part = device_part(&session, content_type, "X-Data-Sequence: 50\r\n", &plain);
            session.receive(&part).ok();
        }
        session.receive(&first).ok();
    }
}
