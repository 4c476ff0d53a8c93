//! What a client has set up: which tracks, over which transports, and what it gets.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use hearth_media::TrackKind;
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::Instant,
};

use super::{
    sender::TrackSender,
    transport::{Transport, UdpPair},
};
use crate::{
    chance::Chance,
    fault::Conditions,
    hearing::Listening,
    stream::{Delivery, Stream},
};

/// Time between sender reports: the minimum of RFC 3550, 6.2, which cameras use as it is.
const REPORT_INTERVAL: Duration = Duration::from_secs(5);

/// A track that was set up.
#[derive(Debug)]
pub(super) struct Track {
    /// Which one.
    pub(super) kind: TrackKind,
    /// Makes its packets.
    pub(super) sender: TrackSender,
    /// Carries them.
    pub(super) transport: Transport,
    reported: Option<Instant>,
}

impl Track {
    /// A track before its first packet.
    pub(super) fn new(kind: TrackKind, sender: TrackSender, transport: Transport) -> Self {
        Self { kind, sender, transport, reported: None }
    }
}

/// A client's session.
#[derive(Debug)]
pub(super) struct Session {
    /// Its name.
    pub(super) id: String,
    /// What it shows.
    pub(super) stream: Arc<Stream>,
    /// What was set up.
    pub(super) tracks: Vec<Track>,
    /// What comes for the loudspeaker, if that was set up.
    pub(super) listening: Option<Listening>,
    playing: Option<Receiver<Arc<Delivery>>>,
    waits_for_key: bool,
    last: Option<Arc<Delivery>>,
    chance: Chance,
}

impl Session {
    /// A session without tracks.
    pub(super) fn new(id: String, stream: Arc<Stream>, chance: Chance) -> Self {
        let tracks = Vec::new();
        let (listening, playing, last) = (None, None, None);
        Self { id, stream, tracks, listening, playing, waits_for_key: true, last, chance }
    }

    /// Starts, with the next key frame.
    pub(super) fn play(&mut self) {
        if self.playing.is_none() {
            self.playing = Some(self.stream.listen());
            self.waits_for_key = true;
        }
    }

    /// Whether it was started.
    pub(super) fn is_playing(&self) -> bool {
        self.playing.is_some()
    }

    /// Whether something was sent that can be sent again.
    pub(super) fn can_repeat(&self) -> bool {
        self.last.is_some()
    }

    /// The next unit for this client; never before it plays. May be dropped at any time.
    pub(super) async fn next(&mut self) -> Arc<Delivery> {
        loop {
            let Some(receiver) = &mut self.playing else { return std::future::pending().await };
            match receiver.recv().await {
                Ok(delivery) => return delivery,
                // Too slow: what is missing cannot be decoded without.
                Err(RecvError::Lagged(_)) => self.waits_for_key = true,
                Err(RecvError::Closed) => self.playing = None,
            }
        }
    }

    /// Sends a unit: what goes over the RTSP connection is added to `out`.
    pub(super) fn send(
        &mut self,
        delivery: Arc<Delivery>,
        conditions: &Conditions,
        out: &mut Vec<u8>,
    ) {
        let unit = &delivery.unit;
        if conditions.stalled {
            self.waits_for_key = true;
            return;
        }
        let starts = unit.track == TrackKind::Video && unit.is_key;
        let has_video = self.tracks.iter().any(|track| track.kind == TrackKind::Video);
        self.waits_for_key &= !starts && has_video;
        if self.waits_for_key {
            return;
        }
        self.transmit(&delivery, conditions, out);
        self.last = Some(delivery);
    }

    /// Sends the last unit once more.
    pub(super) fn repeat(&mut self, conditions: &Conditions, out: &mut Vec<u8>) {
        if let Some(last) = self.last.clone() {
            self.transmit(&last, conditions, out);
        }
    }

    fn transmit(&mut self, delivery: &Delivery, conditions: &Conditions, out: &mut Vec<u8>) {
        let Some(track) = self.tracks.iter_mut().find(|track| track.kind == delivery.unit.track)
        else {
            return;
        };
        match &mut track.transport {
            Transport::Interleaved { rtp, .. } => {
                let channel = *rtp;
                track.sender.send(delivery, conditions, |header, payload| {
                    frame(channel, &[header, payload], out);
                });
            }
            Transport::Udp(pair) => {
                let chance = &mut self.chance;
                track.sender.send(delivery, conditions, |header, payload| {
                    let hold = chance.percent(conditions.reorder_percent);
                    pair.send([header, payload].concat(), hold);
                });
            }
        }
        let now = Instant::now();
        if track.reported.is_none_or(|last| now - last >= REPORT_INTERVAL) {
            track.reported = Some(now);
            let wall = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
            let report = track.sender.report(self.stream.now_us(), wall, conditions);
            match &track.transport {
                Transport::Interleaved { rtcp, .. } => frame(*rtcp, &[&report], out),
                Transport::Udp(pair) => UdpPair::report(pair, &report),
            }
        }
    }
}

/// A packet on the RTSP connection (RFC 2326, 10.12).
fn frame(channel: u8, parts: &[&[u8]], out: &mut Vec<u8>) {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    // Payloads are cut to `PAYLOAD_MAX`, so the length fits.
    let [high, low] = (length as u16).to_be_bytes();
    out.extend_from_slice(&[b'$', channel, high, low]);
    for part in parts {
        out.extend_from_slice(part);
    }
}
