//! The vectors were made by running an independent client with a throw-away key.

use super::*;

const KEY: &str = "MIICeAIBADANBgkqhkiG9w0BAQEFAASCAmIwggJeAgEAAoGBALaO9x3JdqEqwGGEKi4Tcw/fRQ7FhlhcjQxYoZzgvjaNKGVlkcB4HZDr5nXcMGeE5f1sZV75mKDoSM6whvRanIq9jrjztUfyx+cjkngNxsZgp1AgthhzWWfdn9BcKF5bs7Ezn2zWgLUL6mpCzBRbUOerAd8Ze9oB2JzNxXBNbCIJAgMBAAECgYEApOXcJua8JfXU0gCsjPP6gcK9wQsAP75RlW5VhLuodOPqMjSdg8m7gxTiFWGvw0HS8KdBpZk0mVtXsILZU8ypCky8h7A0MaQ0dY5p49YMpu8E2vlIGK3ccH8/D0FR+SvrK+ywLQNuNCLx1pF8rK+RcRAwUZuSr9PDEJvDxplCstECQQDt20fcX19IyWTJKZpdjOnCdGLUj4rLgP7iuQB65bTnmgguKL1LCTbQ0j8U4GATAoL+zfr9J/nq5jHq6zWyMWYtAkEAxHvbSA5wEooh50Z/bBhVa9K/xteH+BP9+ZWke0K/DP40UvsKJ4IiInzkyqz8EIKqZQGO/tZZc6GK6hlGXnSQzQJAd4oyJm4ELEeTEIqJGyUbwm/Nz7hIcBhngTirJhjV/2PpYpF0+QYrd22C6JIPlt43Sanpz1tM/iIsyjzl4qVzDQJBALKFvrV3uMh/jVJvsXLroSF4uRrX1gjHUWmmV25PNPt/NNd4lL9U8+LWC6NDDTuLHXrssZpF87ymOGt/T3qe+rkCQQC/YghTv2iw3LdgZ4JPFCxR3ajrJLl3PH8dFeVgWikXF+24+ZwBOpknNwiBFVDtuOYuu97LO/Ipd4vJh5BsSXYb";
const DEVICE_KEY: &str = "rmpCKIFJInC1c+qSu30v8mMRL0NhRIG3L8iUHru4F2+nnN3NVKr19f6hQa72+uBH5tWwuyXW5n/FK25QF/iE6QareSZbyCR89tcI5d0A93bNaZv5FLLC1TiTMVbVW0rklbAAtFZUDb1p1oZzbptwrlVOkgRUbwP/c2j5F1Hj2Q8=";
const SEALED: &str = "e4OnFwqPLgONrzioK8Ukbr0nFTP3Ja6HrTrrjQRaDNs=";

fn key() -> PassThroughKey {
    PassThroughKey::from_pkcs8(&from_base64(KEY).expect("base64")).expect("a key")
}

fn handshake_reply(key: &str) -> Reply {
    let body = json!({"error_code": 0, "result": {"key": key}}).to_string().into_bytes();
    Reply { status: 200, cookies: vec!["TP_SESSIONID=A;TIMEOUT=1440".into()], body }
}

#[test]
fn the_handshake_has_the_314_bytes_that_devices_insist_on() {
    for key in [key(), PassThroughKey::generate().expect("randomness")] {
        let post = key.handshake();
        assert_eq!((post.path.as_str(), post.body.len()), ("/app", 314));
    }
    let body: Value = serde_json::from_slice(&key().handshake().body).expect("JSON");
    let pem = body["params"]["key"].as_str().expect("text");
    assert!(pem.contains("MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC2jvcdyXahKsBhhCouE3MP30UO"));
}

#[test]
fn the_key_of_the_vector_opens_the_session_of_the_vector() {
    let session = key().finish(&handshake_reply(DEVICE_KEY)).expect("a session");
    let post = session.wrap(r#"{"method":"get_device_info"}"#);
    assert_eq!(post.path, "/app");
    let body: Value = serde_json::from_slice(&post.body).expect("JSON");
    assert_eq!(body["params"]["request"], SEALED);
    assert_eq!(session.life(), Duration::from_secs(240));
}

#[test]
fn both_forms_of_the_login_are_those_of_the_vectors() {
    let account = Account::new("user@example.com", "Passw0rd!");
    let username = "NjNhNzEwNTY5MjYxYTI0YjM3NjYyNzViNzAwMGNlOGQ3YjMyZTJmNw==";
    let plain = login(&account, PasswordForm::Plain, 7);
    let params = json!({"password": "UGFzc3cwcmQh", "username": username});
    assert_eq!(plain["params"], params);
    let hashed = login(&account, PasswordForm::Sha1, 7);
    let digest = "ZjRhNjk5NzNlN2IwYmY5ZDE2MGY5ZjYwZTNjM2FjZDI0OTRiZWIwZA==";
    assert_eq!(hashed["params"], json!({"password2": digest, "username": username}));
}

#[test]
fn the_token_of_a_login_becomes_part_of_the_path() {
    let mut session = key().finish(&handshake_reply(DEVICE_KEY)).expect("a session");
    session.logged_in(&json!({"error_code": 0, "result": {"token": "AB12"}})).expect("a token");
    assert_eq!(session.wrap("{}").path, "/app?token=AB12");
    let refused = session.logged_in(&json!({"error_code": -1501}));
    assert_eq!(refused, Err(LoginError::Credentials));
    let strange = session.logged_in(&json!({"error_code": 0, "result": {"token": "a&b"}}));
    assert!(matches!(strange, Err(LoginError::Malformed(_))));
}

#[test]
fn a_session_timeout_is_a_lost_session() {
    let session = key().finish(&handshake_reply(DEVICE_KEY)).expect("a session");
    let reply = Reply { status: 200, body: b"{\"error_code\":9999}".to_vec(), ..Reply::default() };
    assert_eq!(session.unwrap(&reply), Err(SessionError::Lost));
}

proptest::proptest! {
    /// promise: K-03. Arbitrary bytes in place of an answer are an error, never a panic.
    #[test]
    fn arbitrary_answers_never_panic(body: Vec<u8>, text: String) {
        let session = key().finish(&handshake_reply(DEVICE_KEY)).expect("a session");
        key().finish(&handshake_reply(&text)).err().expect("no key");
        session.unwrap(&Reply { status: 200, body, ..Reply::default() }).ok();
        let body = json!({"error_code": 0, "result": {"response": text}}).to_string().into_bytes();
        session.unwrap(&Reply { status: 200, body, ..Reply::default() }).ok();
    }
}
