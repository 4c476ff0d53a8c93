//! What was said to a camera's loudspeaker, kept so that tests and programs can ask what it heard.

use std::sync::{Mutex, PoisonError};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hearth_rtsp::rtp::RtpPacket;
use serde::{Serialize, Serializer};

use crate::Sound;

/// Sayings that are kept; the oldest go first.
const SAYINGS_MAX: usize = 16;
/// Longest saying: half a minute.
const SAMPLES_MAX: usize = 30 * crate::sound::RATE as usize;

/// One thing that was said to a camera.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Heard {
    /// How its samples are written.
    pub codec: Sound,
    /// Its samples, one byte each; in JSON as Base64.
    #[serde(serialize_with = "as_base64")]
    pub samples: Vec<u8>,
    /// Packets that it came in.
    pub packets: u32,
    /// Packets whose number or time did not follow from the one before, of another type or sender.
    pub odd_packets: u32,
}

fn as_base64<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&STANDARD.encode(bytes))
}

/// What a camera heard.
#[derive(Debug, Default)]
pub(crate) struct Hearing(Mutex<Vec<Heard>>);

impl Hearing {
    /// All that is kept, the oldest first.
    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Adds a packet to what is being said; the first one begins another saying.
    fn add(&self, codec: Sound, begins: bool, is_odd: bool, samples: &[u8]) {
        let mut sayings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if begins {
            if sayings.len() == SAYINGS_MAX {
                sayings.remove(0);
            }
            sayings.push(Heard { codec, samples: Vec::new(), packets: 0, odd_packets: 0 });
        }
        let Some(saying) = sayings.last_mut() else { return };
        saying.packets += 1;
        saying.odd_packets += u32::from(is_odd);
        let room = SAMPLES_MAX.saturating_sub(saying.samples.len());
        saying.samples.extend(samples.iter().take(room));
    }
}

/// One session with the loudspeaker.
#[derive(Debug)]
pub(crate) struct Listening {
    channel: u8,
    payload_type: u8,
    codec: Sound,
    /// Sender, number and time of the packet that should come next.
    next: Option<(u32, u16, u32)>,
}

impl Listening {
    /// Before the first packet.
    pub(crate) fn new(channel: u8, payload_type: u8, codec: Sound) -> Self {
        Self { channel, payload_type, codec, next: None }
    }

    /// Takes what came on a channel; others than its own are somebody else's.
    pub(crate) fn take(&mut self, channel: u8, packet: &[u8], hearing: &Hearing) {
        let Ok(RtpPacket { header, payload }) = RtpPacket::parse(packet) else { return };
        if channel != self.channel {
            return;
        }
        let begins = self.next.is_none();
        let place = (header.ssrc, header.sequence, header.timestamp);
        let follows = self.next.is_none_or(|next| next == place);
        // Only what begins after silence is marked (RFC 3551, 4.1).
        let is_fine = header.payload_type == self.payload_type && header.marker == begins;
        hearing.add(self.codec, begins, !(follows && is_fine), payload);
        // Packets are far below 4 GiB.
        let time = header.timestamp.wrapping_add(payload.len() as u32);
        self.next = Some((header.ssrc, header.sequence.wrapping_add(1), time));
    }
}
