//! The machine against OpenSSL is in `tests/`; this is what needs no peer.

use super::*;

fn client() -> StaticRsaClient {
    StaticRsaClient::new([1; 32], Secret::new([2; 46]), None)
}

#[test]
fn the_greeting_offers_only_suites_with_rsa_key_exchange() {
    let sent = client().take_output();
    assert_eq!(sent[..3], [22, 3, 3]);
    let suites = &sent[5 + 4 + 2 + 32 + 1..][..14];
    assert_eq!(suites, [0, 12, 0, 0x9D, 0, 0x9C, 0, 0x3D, 0, 0x3C, 0, 0x35, 0, 0x2F]);
}

#[test]
fn nothing_can_be_written_before_the_device_proved_itself() {
    assert_eq!(client().write(b"secret"), Err(TlsError::OutOfTurn));
}

#[test]
fn messages_out_of_turn_are_refused() {
    // Finished, certificate, data and a change of ciphers before the greeting.
    for record in [
        &[22, 3, 3, 0, 4, 20, 0, 0, 0][..],
        &[22, 3, 3, 0, 4, 11, 0, 0, 0],
        &[23, 3, 3, 0, 1, 0],
        &[20, 3, 3, 0, 1, 1],
    ] {
        assert_eq!(client().receive(record), Err(TlsError::OutOfTurn), "{record:?}");
    }
}

#[test]
fn an_alert_ends_the_connection_with_its_code() {
    assert_eq!(client().receive(&[21, 3, 3, 0, 2, 2, 40]), Err(TlsError::Alert(40)));
}

#[test]
fn a_suite_that_was_not_offered_is_refused() {
    let mut hello = vec![3, 3];
    hello.extend([9; 32]);
    hello.extend([0, 0xC0, 0x2F, 0]);
    assert_eq!(hello::ServerHello::read(&hello), Err(TlsError::NotOffered));
    let mut old = vec![3, 1];
    old.extend([9; 40]);
    assert_eq!(hello::ServerHello::read(&old), Err(TlsError::NotOffered));
}

#[test]
fn records_beyond_the_limit_are_refused_before_they_are_whole() {
    assert_eq!(client().receive(&[22, 3, 3, 0xFF, 0xFF]), Err(TlsError::TooLong));
}

proptest::proptest! {
    /// promise: K-03. Arbitrary bytes from a device end the connection, and nothing else.
    #[test]
    fn arbitrary_bytes_never_panic(bytes: Vec<u8>, kind in 20_u8..24, message in 0_u8..25) {
        client().receive(&bytes).ok();
        let length = (bytes.len() as u32).to_be_bytes();
        let whole = [&[message], &length[1..], &bytes].concat();
        let record = [&[kind, 3, 3], &(whole.len() as u16).to_be_bytes()[..], &whole].concat();
        client().receive(&record).ok();
    }
}
