//! The vectors were made by running an independent client with fixed seeds.

use super::*;
use crate::cipher::hex_lower;

const LOCAL: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
const INNER: &str = r#"{"method":"get_device_info"}"#;

fn account() -> Account {
    Account::new("user@example.com", "Passw0rd!")
}

fn unhex(text: &str) -> Vec<u8> {
    let byte = |index: usize| u8::from_str_radix(&text[index..index + 2], 16).expect("digits");
    (0..text.len()).step_by(2).map(byte).collect()
}

fn first_reply(device_proof: &str) -> Reply {
    let mut body: Vec<u8> = (16..32).collect();
    body.extend(unhex(device_proof));
    Reply { status: 200, cookies: vec!["TP_SESSIONID=AB;TIMEOUT=86400".into()], body }
}

const PROOF_V1: &str = "7feb518ffa557c6642946743c1138d387dae182ccd59b4bfbd8e1c82deffb281";
const PROOF_V2: &str = "406fd4746f32cfcfc3d894a4d66266aadea4851a55f63e82c391b433be155398";

fn session(device_proof: &str, own_proof: &str) -> KlapSession {
    let reply = first_reply(device_proof);
    let proof = KlapHandshake::new(LOCAL).prove(&reply, &account()).expect("a device that knows");
    let second = proof.second();
    assert_eq!(hex_lower(&second.body), own_proof);
    assert_eq!(second.headers, [("Cookie", "TP_SESSIONID=AB".to_owned())]);
    proof.finish(&Reply { status: 200, ..Reply::default() }).expect("a session")
}

fn session_v2() -> KlapSession {
    session(PROOF_V2, "a26e2e765dd4c87d50f00f516ac14b6291bf975b12d42f19bd5c7d0ffb066dfd")
}

#[test]
fn version_1_gives_the_requests_of_the_vectors() {
    let own = "dba55a79ec444447bde6ef451828fbe04394cc415e6c08139a80878337b388bc";
    let mut session = session(PROOF_V1, own);
    let post = session.wrap(INNER);
    assert_eq!(post.path, "/app/request?seq=1018681521");
    assert_eq!(
        hex_lower(&post.body),
        "88c3ec853db6166dc3d5f6bbda027f8e310758a9001cc8f295e921ed0c8e2192529b6c8970f6db6f958ca802233e114163c1fa67a77e5f05da26c22989beda79"
    );
    assert_eq!(
        hex_lower(&session.wrap(INNER).body),
        "c2ccb2f11545aa723050bb26bd06311aa0ca4133f79e68ab4c3ca9f6582cb24ff401ddc753941c7805a378736af13c7ca53b8b6a03c6ab2835b447374c253f6d"
    );
}

#[test]
fn version_2_gives_the_requests_of_the_vectors_with_negative_numbers() {
    let mut session = session_v2();
    let post = session.wrap(INNER);
    assert_eq!(post.path, "/app/request?seq=-18832480");
    assert_eq!(
        hex_lower(&post.body),
        "de85c0492e50fb3c99d647b664bc44831c80a842b14205b3cc4c5fafa5a03d16bdf37d683954a1a6f0c695e5c93bb024ed0e2d1215fc5141e0d9ba968b614a97"
    );
    assert_eq!(
        hex_lower(&session.wrap(INNER).body),
        "3633a664e5a3165819ed760725694e69636c5189cc607fc21329d7b65667632df3e1ff0a2e768a70edea6eed4e4e208a25a89997204e902e7a626c634d6359c5"
    );
    session.sequence = -3;
    assert_eq!(
        hex_lower(&session.wrap(INNER).body),
        "146fe23d250083d8298e50eca43b24d45bb835808b76de087019e70f3f7eaad1d2de29adb4d6318ac8486801c8a03d6877e273e8685b289e32bc43c3431a3a28"
    );
}

/// promise: T-04. The device proves first; if it cannot, nothing of the password is sent.
#[test]
fn a_device_that_cannot_prove_the_account_gets_no_proof() {
    let handshake = KlapHandshake::new(LOCAL);
    let wrong = Account::new("user@example.com", "wrong");
    let refused = handshake.prove(&first_reply(PROOF_V2), &wrong);
    assert_eq!(refused.err(), Some(LoginError::Credentials));
    let short = Reply { body: vec![0; 47], ..first_reply(PROOF_V2) };
    assert!(matches!(handshake.prove(&short, &account()).err(), Some(LoginError::Malformed(_))));
}

fn answer(session: &mut KlapSession, plain: &str) -> Reply {
    let sealed = cbc_encrypt(session.key.expose(), &session.full_vector(), plain.as_bytes());
    let mut body = session.signature(&sealed).to_vec();
    body.extend(sealed);
    Reply { status: 200, body, ..Reply::default() }
}

#[test]
fn once_answers_are_signed_an_unsigned_one_is_refused() {
    let mut session = session_v2();
    session.wrap(INNER);
    let mut reply = answer(&mut session, r#"{"error_code":0}"#);
    assert!(session.unwrap(&reply).is_ok());
    assert_eq!(session.signs_answers(), Some(true));
    reply.body[0] ^= 1;
    assert!(matches!(session.unwrap(&reply), Err(SessionError::Malformed(_))));
}

#[test]
fn a_device_that_never_signs_is_understood_and_remembered_as_such() {
    let mut session = session_v2();
    session.wrap(INNER);
    let mut reply = answer(&mut session, r#"{"error_code":0}"#);
    reply.body[..32].fill(0);
    assert!(session.unwrap(&reply).is_ok());
    assert_eq!(session.signs_answers(), Some(false));
}

#[test]
fn a_session_that_the_device_forgot_is_lost() {
    let mut session = session_v2();
    let reply = Reply { status: 403, ..Reply::default() };
    assert_eq!(session.unwrap(&reply), Err(SessionError::Lost));
}

proptest::proptest! {
    /// promise: K-03. Arbitrary bytes in place of an answer are an error, never a panic.
    #[test]
    fn arbitrary_answers_never_panic(body: Vec<u8>) {
        let reply = Reply { status: 200, body, cookies: vec!["TP_SESSIONID=A".into()] };
        session_v2().unwrap(&reply).ok();
        KlapHandshake::new(LOCAL).prove(&reply, &account()).ok();
    }
}
