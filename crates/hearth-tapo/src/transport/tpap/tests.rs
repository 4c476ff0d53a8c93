//! The vectors were made by running an independent client with fixed numbers.

use super::*;

fn unhex(text: &str) -> Vec<u8> {
    let byte = |index: usize| u8::from_str_radix(&text[index..index + 2], 16).expect("digits");
    (0..text.len()).step_by(2).map(byte).collect()
}

const DEVICE_SHARE: &str = "046d1eaddb3d51018b08c06a201f64ab2800451e384226808353513eed3ed50ca3fc58a8bcae088a824e33c1bc22e245096b8fde9c2d27411e17c27031aa7fb053";
const USER_SHARE: &str = "04eb06acf95ea23285fd938a27c9a561e0f9e4711e86410fe88428a2ff43d96af7ac063035972a828e0e8a63576022eb46248569a7301646b0a5adafbdd79ab4c5";

fn login(password: &str) -> TpapLogin {
    let offer = json!({"error_code": 0, "result": {"tpap": {"pake": [2], "user_hash_type": 0}}});
    let offer = Offer::read(&offer).expect("an offer").expect("TPAP");
    let mut random = [0; 32];
    (0..).zip(&mut random).for_each(|(index, byte)| *byte = index);
    TpapLogin::new(offer, &password.into(), random, Secret::new([0x11; 32]))
}

fn half() -> Value {
    json!({"error_code": 0, "result": {
        "dev_random": "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=",
        "dev_salt": "QEFCQ0RFRkdISUpLTE1OTw==",
        "dev_share": base64(&unhex(DEVICE_SHARE)),
        "iterations": 1000,
    }})
}

fn confirmed(confirm: &str) -> Value {
    let confirm = base64(&unhex(confirm));
    json!({"error_code": 0, "result": {"dev_confirm": confirm, "stok": "ab12", "start_seq": 77}})
}

const CONFIRM: &str = "34a6ba0f38829f6c549d4c58cddb0648a010ba1152b79a6c269a75ec7ee59079";

fn session() -> TpapSession {
    let proof = login("cloudpw").exchange(&half()).expect("a half");
    proof.finish(&confirmed(CONFIRM)).expect("a session")
}

#[test]
fn the_exchange_gives_the_numbers_of_the_vector() {
    let login = login("cloudpw");
    let body: Value = serde_json::from_slice(&login.register().body).expect("JSON");
    assert_eq!(body["params"]["username"], "21232f297a57a5a743894a0e4a801fc3");
    assert_eq!(body["params"]["user_random"], "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    let proof = login.exchange(&half()).expect("a half");
    let body: Value = serde_json::from_slice(&proof.share().body).expect("JSON");
    assert_eq!(body["params"]["user_share"], base64(&unhex(USER_SHARE)));
    let confirm = "5be711623a84d4cfaaa94d1f8c33be32ee55459f4cf007e030173dbe838f0cc8";
    assert_eq!(body["params"]["user_confirm"], base64(&unhex(confirm)));
}

#[test]
fn requests_and_answers_are_those_of_the_vector() {
    let mut session = session();
    let sealed = "0000004de974c85b4f210ffd728383524fcaa4110b3f1cab1d88ab3f6005efa24fc1";
    let post = session.wrap(r#"{"method":"x"}"#);
    assert_eq!(hex_lower(&post.body), sealed);
    assert_eq!(session.wrap("{}").body[..4], [0, 0, 0, 78]);
    let reply = Reply { status: 200, body: unhex(sealed), ..Reply::default() };
    assert_eq!(session.unwrap(&reply), Ok(json!({"method": "x"})));
    let mut forged = reply;
    forged.body[9] ^= 1;
    assert!(matches!(session.unwrap(&forged), Err(SessionError::Malformed(_))));
}

/// promise: T-04. A device that cannot prove the password, or a wrong password, ends the login.
#[test]
fn a_device_that_cannot_confirm_is_not_believed() {
    let proof = login("wrong").exchange(&half()).expect("a half");
    let refused = proof.finish(&confirmed(CONFIRM)).err();
    assert_eq!(refused, Some(LoginError::Credentials));
}

#[test]
fn a_plain_answer_in_an_encrypted_session_is_no_success() {
    let plain = |body: &str| Reply { status: 200, body: body.into(), ..Reply::default() };
    let session = session();
    let forged = session.unwrap(&plain(r#"{"error_code":0,"result":{"responses":[]}}"#));
    assert!(matches!(forged, Err(SessionError::Malformed(_))));
    assert_eq!(session.unwrap(&plain(r#"{"error_code":-40421}"#)), Err(SessionError::Lost));
}

#[test]
fn shares_that_are_no_points_and_senseless_costs_are_refused() {
    let mut strange = half();
    strange["result"]["dev_share"] = json!(base64(&[4; 65]));
    assert!(matches!(login("x").exchange(&strange), Err(LoginError::Malformed(_))));
    let mut infinity = half();
    infinity["result"]["dev_share"] = json!(base64(&[0]));
    assert!(matches!(login("x").exchange(&infinity), Err(LoginError::Malformed(_))));
    let mut costly = half();
    costly["result"]["iterations"] = json!(4_000_000_000_u64);
    assert!(matches!(login("x").exchange(&costly), Err(LoginError::Malformed(_))));
}

#[test]
fn a_camera_without_tpap_is_told_by_its_answer() {
    let challenge = json!({"error_code": -40413, "result": {"data": {"encrypt_type": ["3"]}}});
    assert_eq!(Offer::read(&challenge), Ok(None));
}

proptest::proptest! {
    /// promise: K-03. Arbitrary bytes in place of an answer are an error, never a panic.
    #[test]
    fn arbitrary_answers_never_panic(body: Vec<u8>, share: Vec<u8>) {
        session().unwrap(&Reply { status: 200, body, ..Reply::default() }).ok();
        let mut strange = half();
        strange["result"]["dev_share"] = json!(base64(&share));
        // By chance it is a point of the curve, and so a share.
        let answer = login("x").exchange(&strange);
        assert!(matches!(answer, Ok(_) | Err(LoginError::Malformed(_))));
    }
}
