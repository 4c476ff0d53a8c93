//! The bytes of a device that knows RSA key exchange only, record by record.
#![no_main]

use hearth_secret::Secret;
use hearth_tapo::tls::StaticRsaClient;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut client = StaticRsaClient::new([1; 32], Secret::new([2; 46]), None);
    for piece in data.chunks(11) {
        if client.receive(piece).is_err() {
            return;
        }
        client.take_output();
        assert!(!client.is_open(), "nobody can finish a handshake without the secret");
    }
});
