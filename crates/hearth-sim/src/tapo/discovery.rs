//! What answers questions on UDP 20002 and 20004. Checks the checksum of the question, and hides
//! what cameras hide under the key in it.

use std::net::{Ipv4Addr, SocketAddr};

use rsa::{Oaep, RsaPublicKey, pkcs8::DecodePublicKey as _};
use serde_json::{Value, json};
use sha1::Sha1;
use tokio::{net::UdpSocket, task::JoinSet};

use super::{
    TapoSimError,
    cipher::{decode, encode, first, random, seal},
};

/// A running announcer. Dropping it stops it.
#[derive(Debug)]
pub struct TapoAnnouncer {
    address: SocketAddr,
    _tasks: JoinSet<()>,
}

impl TapoAnnouncer {
    /// Answers on this address and port (0: the system chooses) with this `result`.
    ///
    /// A field `hidden` of it is sent under the key of the question, as `encrypt_info`.
    pub async fn start(address: Ipv4Addr, port: u16, result: Value) -> Result<Self, TapoSimError> {
        let socket = UdpSocket::bind((address, port)).await?;
        let address = socket.local_addr()?;
        let mut tasks = JoinSet::new();
        tasks.spawn(serve(socket, result));
        Ok(Self { address, _tasks: tasks })
    }

    /// Where it answers.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

async fn serve(socket: UdpSocket, result: Value) {
    let mut buffer = vec![0; 4_096];
    loop {
        let Ok((length, from)) = socket.recv_from(&mut buffer).await else { continue };
        let Some(answer) = answer(&buffer[..length], &result) else { continue };
        if let Err(error) = socket.send_to(&answer, from).await {
            tracing::debug!(%error, "a client went away");
        }
    }
}

fn answer(question: &[u8], result: &Value) -> Option<Vec<u8>> {
    let mut checked = question.to_vec();
    checked.get_mut(12..16)?.copy_from_slice(&0x5A6B_7C8D_u32.to_be_bytes());
    let length = usize::from(u16::from_be_bytes(first(question.get(4..6)?)));
    let right = question[..4] == [2, 0, 0, 1]
        && question.len() == 16 + length
        && crc(&checked).to_be_bytes() == question[12..16];
    if !right {
        return None;
    }
    let mut result = result.clone();
    if let Some(hidden) = result.as_object_mut()?.remove("hidden") {
        let body: Value = serde_json::from_slice(&question[16..]).ok()?;
        result["encrypt_info"] = hide(&hidden, body["params"]["rsa_key"].as_str()?)?;
    }
    let body = json!({"error_code": 0, "result": result}).to_string().into_bytes();
    let mut packet = vec![2, 0, 0, 1];
    packet.extend(u16::try_from(body.len()).ok()?.to_be_bytes());
    packet.extend([0; 6]);
    packet.extend(0x5A6B_7C8D_u32.to_be_bytes());
    packet.extend(body);
    let crc = crc(&packet).to_be_bytes();
    packet[12..16].copy_from_slice(&crc);
    Some(packet)
}

fn hide(hidden: &Value, pem: &str) -> Option<Value> {
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let client = RsaPublicKey::from_public_key_der(&decode(&body)?).ok()?;
    let (key, vector): ([u8; 16], [u8; 16]) = (random(), random());
    let mut chance = rsa::rand_core::UnwrapErr(getrandom::SysRng);
    let sealed = client.encrypt(&mut chance, Oaep::<Sha1>::new(), &[key, vector].concat()).ok()?;
    let data = encode(&seal(&key, &vector, hidden.to_string().as_bytes()));
    Some(json!({"sym_schm": "AES", "key": encode(&sealed), "data": data}))
}

/// CRC-32 as in Ethernet, bit by bit: another implementation than the client's.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_ethernet() {
        assert_eq!(crc(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn a_question_with_a_wrong_checksum_gets_no_answer() {
        let mut question = vec![2, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0x46, 0x3c, 0xb5, 0xd3];
        assert!(answer(&question, &json!({})).is_some());
        question[15] ^= 1;
        assert!(answer(&question, &json!({})).is_none());
    }
}
