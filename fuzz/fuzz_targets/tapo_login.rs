//! Answers of a camera at every step of a login: one byte of length before each.
#![no_main]

use hearth_secret::Secret;
use hearth_tapo::{
    Login,
    camera::{CameraLogin, LoginRandom, Step},
    transport::{Account, Reply},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((flags, mut rest)) = data.split_first() else { return };
    let known = (flags & 1 == 1).then_some(Login::Tpap);
    let random = LoginRandom { nonce: [1; 8], tpap: [2; 32], scalar: Secret::new([3; 32]) };
    let (mut login, _) = CameraLogin::begin(Account::new("a@b.c", "cloudpw"), known, random);
    while let [a, b, after @ ..] = rest {
        let (body, after) = after.split_at(usize::from(u16::from_be_bytes([*a, *b])).min(after.len()));
        rest = after;
        let reply = Reply { status: 200, cookies: Vec::new(), body: body.to_vec() };
        match login.answer(&reply) {
            Ok(Step::Send(next, _)) => login = *next,
            Ok(Step::Done(..)) | Err(_) => return,
        }
    }
});
