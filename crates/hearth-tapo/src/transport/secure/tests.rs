//! The vectors were made by running two independent clients with fixed numbers; they agree.

use super::*;

const RANDOM: [u8; 8] = [0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF];
const NONCE: &str = "FEDCBA9876543210";
const INNER: &str = r#"{"method":"multipleRequest","params":{"requests":[{"method":"getDeviceInfo","params":{"device_info":{"name":["basic_info"]}}}]}}"#;

struct Vector {
    confirm: &'static str,
    digest: &'static str,
    sealed: &'static str,
    tag: &'static str,
    next_tag: &'static str,
    response: &'static str,
}

const SHA256: Vector = Vector {
    confirm: "D4FE4FCB4B3962E7C8ED5975D987DA33319C50FBA71C9D8539E0F71A2D750B8F",
    digest: "E294FF5DE626B5E4B0BB16F9CEB9C746A6A3167C17C996528721EEC9F6D2B6DB",
    sealed: "cZqKGbQzFdVCbjdjUHIrGrt54ItZhYhTzDIUJr/puiNhUds7pY0dEth2vfn6KibqQdvwvVM74m/dXQsdYO2CindFTpFKmfFbgT4qlox+enuWZFGKmOUDnxzFrzL2qvS9a2oo1oRXBCg9V1ttHBn9WxNe4XwpqZf6perJj3gW3uQ1/RNXf/SQKn98USpvEbd2",
    tag: "A26FB06256DA22A5D727DE200DA76E422B00A525292E935C7BC52DDBC044B72E",
    next_tag: "2BEB2E966DC6BCE19493E36A52D016EFC96CD9B640ADAC30A18401A12D39E92B",
    response: "ze0Dq7xU9tGMp0vJ2YJda/X7e+/3fNFFdwkM57X19yU5mXscBf8aGmp5SDlqrsyw",
};

const MD5: Vector = Vector {
    confirm: "0564B107BD7A7E2933CD7978A12871186F04F855654D9C50249B000B155CE971",
    digest: "1152437E1CBA418BDF590FD767E82F9A83593E4ADF6D2D41E5823B2584ABAE66",
    sealed: "+0fV85gJH43RmDuSR4MthWcI+d89ugbPjoRkJ9/4jnDssRY4RMnDhmLhMADiG0GKyUQLqEePhz4Qle+MUCLr0PQc3azbzJVLncUR6iDAKiBiSwRIIMlq9xXT9djQZTDCWGlGKhWVz4gpF6jnngdcARgBgwBpQDC5Wbt1ci+ARzeTXeDjH+VShnPCON6eX1yb",
    tag: "A6EE93EFA8DBB3DF5ECB196A3890C03709DFA42CE39B773CFA7BF648EC1944F1",
    next_tag: "DDD4218F58D29D02E86356C9386A5A85D5D4CDA2C01F49F150CC13BD28DA2800",
    response: "87OjiWqRBPKx3GH5wIoFNe74oEw6Mqdq8cmsnI8rQYAXtC0C4BEtsDH36jptQTcD",
};

fn challenge(confirm: &str) -> Challenge {
    let confirm = format!("{confirm}{NONCE}0123456789ABCDEF");
    Challenge::read(&json!({"nonce": NONCE, "device_confirm": confirm})).expect("a challenge")
}

fn session(vector: &Vector) -> SecureSession {
    let login = SecureLogin::new("admin", RANDOM);
    let proof =
        login.prove(&challenge(vector.confirm), &"cloudpw".into()).expect("a camera that knows");
    let body: Value = serde_json::from_slice(&proof.second().body).expect("JSON");
    let digest = format!("{}0123456789ABCDEF{NONCE}", vector.digest);
    assert_eq!(body["params"]["digest_passwd"], digest);
    let answer = json!({"error_code": 0, "result": {
        "stok": "0123456789abcdef0123456789abcdef", "user_group": "root", "start_seq": 500,
    }});
    proof.finish(&answer).expect("a session")
}

#[test]
fn the_first_post_is_byte_for_byte_what_other_clients_send() {
    let post = SecureLogin::new("admin", RANDOM).first();
    let expected = r#"{"method":"login","params":{"cnonce":"0123456789ABCDEF","encrypt_type":"3","username":"admin"}}"#;
    assert_eq!((post.path.as_str(), post.body.as_slice()), ("/", expected.as_bytes()));
}

#[test]
fn both_password_hashes_give_the_sessions_of_the_vectors() {
    for vector in [&SHA256, &MD5] {
        let mut session = session(vector);
        let post = session.wrap(INNER);
        assert_eq!(post.path, "/stok=0123456789abcdef0123456789abcdef/ds");
        let body: Value = serde_json::from_slice(&post.body).expect("JSON");
        assert_eq!(body["params"]["request"], vector.sealed);
        assert_eq!(post.headers, [("Seq", "500".to_owned()), ("Tapo_tag", vector.tag.to_owned())]);
        let post = session.wrap(INNER);
        assert_eq!(post.headers[1].1, vector.next_tag);
        let body = json!({"error_code": 0, "result": {"response": vector.response}}).to_string();
        let reply = Reply { status: 200, body: body.into_bytes(), ..Reply::default() };
        let answer = session.unwrap(&reply).expect("an answer");
        assert_eq!(answer, json!({"error_code": 0, "result": {"responses": []}}));
    }
}

/// promise: T-04. Against a camera that does not know the password nothing derived from it is sent.
#[test]
fn a_device_that_cannot_confirm_gets_no_proof_of_the_password() {
    let login = SecureLogin::new("admin", RANDOM);
    let refused = login.prove(&challenge(SHA256.confirm), &"wrong".into());
    assert_eq!(refused.err(), Some(LoginError::Credentials));
}

#[test]
fn every_sign_of_a_lost_session_is_understood() {
    let session = session(&SHA256);
    let reply = |status, body: &str| Reply { status, body: body.into(), ..Reply::default() };
    for lost in [
        reply(200, r#"{"error_code":-40401}"#),
        reply(200, r#"{"error_code":-1,"msg":"Check tapo tag failed"}"#),
        reply(401, ""),
        reply(500, ""),
    ] {
        assert_eq!(session.unwrap(&lost), Err(SessionError::Lost));
    }
    assert_eq!(session.unwrap(&reply(404, "")), Err(SessionError::Status(404)));
    let locked = reply(200, r#"{"error_code":-40401,"data":{"code":-40404,"sec_left":999}}"#);
    assert_eq!(session.unwrap(&locked), Err(SessionError::Locked { seconds_left: Some(999) }));
    let clear = reply(200, r#"{"error_code":0,"led":{}}"#);
    assert_eq!(session.unwrap(&clear), Ok(json!({"error_code": 0, "led": {}})));
}

#[test]
fn a_token_that_would_change_the_path_is_refused() {
    for token in ["", "../x", "a/b", "a b", "a\r\nb"] {
        let login = SecureLogin::new("admin", RANDOM);
        let proof = login.prove(&challenge(SHA256.confirm), &"cloudpw".into()).expect("a proof");
        let answer = json!({"error_code": 0, "result": {"stok": token, "start_seq": 1}});
        assert!(matches!(proof.finish(&answer), Err(LoginError::Malformed(_))), "{token:?}");
    }
}

proptest::proptest! {
    /// promise: K-03. Arbitrary bytes in place of an answer are an error, never a panic.
    #[test]
    fn arbitrary_answers_never_panic(status: u16, body: Vec<u8>, text: String) {
        let session = session(&SHA256);
        session.unwrap(&Reply { status: 200, body: body.clone(), ..Reply::default() }).ok();
        session.unwrap(&Reply { status, body, ..Reply::default() }).ok();
        let body = json!({"error_code": 0, "result": {"response": text}}).to_string().into_bytes();
        session.unwrap(&Reply { status: 200, body, ..Reply::default() }).ok();
    }
}
