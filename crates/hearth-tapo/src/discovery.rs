//! Finding devices: UDP broadcasts to 9999 (XOR) and to 20002 and 20004 (TDP).
//!
//! Pure: datagrams out, datagrams in. What answers is a claim of somebody on the network, not
//! a proof: it says which protocol to try, and the login proves who it is.

mod announcement;
mod tdp;

pub use announcement::{Announcement, Encryption, Family};
pub use tdp::{ProbeKey, legacy_probe, probe, read_reply};

use crate::{Malformed, call, transport::xor};

/// The ports of TDP; the second one is that of newer hubs and cameras.
pub const TDP_PORTS: [u16; 2] = [20002, 20004];
/// Largest datagram that is looked at.
pub const DATAGRAM_BYTES_MAX: usize = 8 * 1024;

/// The question on port 9999.
pub fn xor_probe() -> Vec<u8> {
    xor::encrypt(br#"{"system":{"get_sysinfo":{}}}"#)
}

/// Reads an answer from port 9999.
pub fn read_xor_reply(datagram: &[u8]) -> Result<Announcement, Malformed> {
    if datagram.len() > DATAGRAM_BYTES_MAX {
        return Err(Malformed::new("the datagram is too long"));
    }
    let answer: serde_json::Value = serde_json::from_slice(&xor::decrypt(datagram))
        .map_err(|_| Malformed::new("no JSON in the datagram"))?;
    announcement::from_sysinfo(call::at(&answer, &["system", "get_sysinfo"])?)
}

#[cfg(test)]
mod tests;
