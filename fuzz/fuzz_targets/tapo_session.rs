//! Answers within encrypted sessions: KLAP, the AES pass-through, and the cookies before them.
#![no_main]

use std::sync::OnceLock;

use hearth_tapo::transport::{
    Account, Reply,
    klap::KlapHandshake,
    pass_through::PassThroughKey,
    xor,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    static KEY: OnceLock<PassThroughKey> = OnceLock::new();
    let text = String::from_utf8_lossy(data).into_owned();
    let cookies = vec![text, "TP_SESSIONID=A".to_owned()];
    let reply = Reply { status: 200, cookies, body: data.to_vec() };
    KlapHandshake::new([1; 16]).prove(&reply, &Account::new("a", "b")).err();
    let key = KEY.get_or_init(|| PassThroughKey::generate().expect("randomness"));
    if let Ok(session) = key.finish(&reply) {
        session.unwrap(&reply).ok();
    }
    assert_eq!(xor::encrypt(&xor::decrypt(data)), data);
});
