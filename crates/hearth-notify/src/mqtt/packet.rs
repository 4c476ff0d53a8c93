//! The packets that a publisher says and hears. Pure.

use hearth_secret::{SecretBytes, SecretString};

use crate::DeliveryError;

/// The two answers that a publisher hears have this length (3.2, 3.4).
pub(super) const ANSWER_BYTES: usize = 4;
/// The end of a conversation (3.14).
pub(super) const DISCONNECT: [u8; 2] = [0xe0, 0];
/// The broker forgets a client that is silent for one and a half of this; an attempt is shorter.
const KEEP_ALIVE_SECONDS: u16 = 60;
/// The largest rest of a packet (2.2.3).
const REST_MAX: usize = 268_435_455;
/// Longer than any topic of a house.
const TOPIC_BYTES_MAX: usize = 256;

/// What a broker says to a client that connects (3.2.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectAck {
    /// Come in.
    Accepted,
    /// Not now.
    Unavailable,
    /// Not with this name and password, or not for this client.
    BadAccount,
    /// Not this protocol or this client's name.
    Refused,
}

/// What a publisher hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MqttPacket {
    /// The answer to connecting.
    ConnectAck(ConnectAck),
    /// The message of that number is taken.
    PublishAck(u16),
}

impl MqttPacket {
    /// Reads a packet; `None` if it is none that a publisher hears.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        match *bytes {
            // The session is always new, so the first bit of the third byte is 0.
            [0x20, 2, 0, code] => Some(Self::ConnectAck(match code {
                0 => ConnectAck::Accepted,
                3 => ConnectAck::Unavailable,
                4 | 5 => ConnectAck::BadAccount,
                1 | 2 => ConnectAck::Refused,
                _ => return None,
            })),
            [0x40, 2, high, low] => Some(Self::PublishAck(u16::from_be_bytes([high, low]))),
            _ => None,
        }
    }
}

/// Whether a text is a topic to publish to (4.7): no wildcards, and none that belongs to the broker.
pub fn is_topic(text: &str) -> bool {
    let fits = (1..=TOPIC_BYTES_MAX).contains(&text.len());
    fits && !text.starts_with('$')
        && !text.contains(['#', '+'])
        && !text.chars().any(char::is_control)
}

/// The packet that connects (3.1), with a clean session.
pub(super) fn connect(
    client: &str,
    account: Option<(&str, &SecretString)>,
) -> Result<SecretBytes, DeliveryError> {
    let mut rest = Vec::with_capacity(1_024);
    text(&mut rest, b"MQTT")?;
    // Level 4 is 3.1.1; the flags say what follows.
    let flags = if account.is_some() { 0b1100_0010 } else { 0b0000_0010 };
    rest.extend_from_slice(&[4, flags]);
    rest.extend_from_slice(&KEEP_ALIVE_SECONDS.to_be_bytes());
    text(&mut rest, client.as_bytes())?;
    if let Some((username, password)) = account {
        text(&mut rest, username.as_bytes())?;
        text(&mut rest, password.expose().as_bytes())?;
    }
    framed(0x10, SecretBytes::new(rest).expose()).map(SecretBytes::new)
}

/// The packet that publishes with QoS 1 (3.3).
pub(super) fn publish(topic: &str, payload: &[u8], number: u16) -> Result<Vec<u8>, DeliveryError> {
    let mut rest = Vec::with_capacity(topic.len() + payload.len() + 4);
    text(&mut rest, topic.as_bytes())?;
    rest.extend_from_slice(&number.to_be_bytes());
    rest.extend_from_slice(payload);
    framed(0x32, &rest)
}

/// A text with its length in front (1.5.3).
fn text(packet: &mut Vec<u8>, text: &[u8]) -> Result<(), DeliveryError> {
    let long = |_| DeliveryError::misconfigured("The topic or the account is too long for MQTT.");
    let length = u16::try_from(text.len()).map_err(long)?;
    packet.extend_from_slice(&length.to_be_bytes());
    packet.extend_from_slice(text);
    Ok(())
}

/// A packet from its first byte and its rest (2.2.3: seven bits a byte, the lowest first).
fn framed(first: u8, rest: &[u8]) -> Result<Vec<u8>, DeliveryError> {
    if rest.len() > REST_MAX {
        return Err(DeliveryError::never_again("The message is too long for MQTT."));
    }
    let mut packet = Vec::with_capacity(rest.len() + 5);
    packet.push(first);
    let mut length = rest.len();
    loop {
        let seven = (length & 0x7f) as u8;
        length >>= 7;
        packet.push(if length == 0 { seven } else { seven | 0x80 });
        if length == 0 {
            break;
        }
    }
    packet.extend_from_slice(rest);
    Ok(packet)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Figure by figure from section 3.1 of the standard.
    #[test]
    fn the_packet_that_connects_is_as_the_standard_draws_it() {
        let password = SecretString::from("pw");
        let packet = connect("ab", Some(("u", &password))).expect("a packet");
        let expected = b"\x10\x15\x00\x04MQTT\x04\xc2\x00\x3c\x00\x02ab\x00\x01u\x00\x02pw";
        assert_eq!(packet.expose().as_slice(), expected);
    }

    #[test]
    fn lengths_are_written_as_the_table_of_the_standard_has_them() {
        let head = |bytes: usize| framed(0x32, &vec![0; bytes]).expect("a packet")[1..].to_vec();
        assert!(head(127).starts_with(&[0x7f]));
        assert!(head(128).starts_with(&[0x80, 0x01]));
        assert!(head(16_383).starts_with(&[0xff, 0x7f]));
        assert!(head(16_384).starts_with(&[0x80, 0x80, 0x01]));
    }

    #[test]
    fn a_publisher_names_no_wildcards() {
        assert!(is_topic("house/door") && is_topic("/"));
        for bad in ["", "house/#", "+/door", "$SYS/x", "a\0b", &"a".repeat(257)] {
            assert!(!is_topic(bad), "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_or_refused_without_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..8)) {
            MqttPacket::parse(&bytes);
        }

        #[test]
        fn an_acknowledgement_names_its_message(number: u16) {
            let [high, low] = number.to_be_bytes();
            let heard = MqttPacket::parse(&[0x40, 2, high, low]);
            proptest::prop_assert_eq!(heard, Some(MqttPacket::PublishAck(number)));
        }
    }
}
