//! Packets of all tracks become items on the timeline.

use std::sync::Arc;

use hearth_media::{Frame, MediaTime, StreamItem, StreamParameters, TrackKind};
use hearth_model::StateReason;
use hearth_rtsp::{
    depacketize::{Depacketized, Output},
    rtcp::{self, RtcpItem},
    session::{SessionError, Track, TrackRoute},
};

use super::Items;
use crate::{SourceError, SourceStats, timeline_map::StreamClock, watch::SilenceWatch};

/// RFC 3550, 6.2: the fixed minimum of the interval between reports.
const REPORT_MICROS: i64 = 5_000_000;

/// See the module.
#[derive(Debug)]
pub(super) struct Reception {
    tracks: Vec<Track>,
    source_changes: Vec<u32>,
    clock: StreamClock,
    output: Output,
    items: Items,
    parameters: StreamParameters,
    is_announced: bool,
    silence: SilenceWatch,
    own_ssrc: u32,
    reported_at: MediaTime,
    stats: SourceStats,
}

impl Reception {
    pub(super) fn new(tracks: Vec<Track>, now: MediaTime, random: [u8; 16]) -> Self {
        let mut clock = StreamClock::default();
        tracks.iter().for_each(|track| clock.add(track.kind, track.clock_rate));
        let audio =
            tracks.iter().find_map(|track| track.receiver.depacketizer().audio_parameters());
        let [a, b, c, d, ..] = random;
        Self {
            source_changes: vec![0; tracks.len()],
            tracks,
            clock,
            output: Output::new(),
            items: Items::new(),
            parameters: StreamParameters { video: None, audio },
            is_announced: false,
            silence: SilenceWatch::new(now),
            own_ssrc: u32::from_be_bytes([a, b, c, d]),
            reported_at: now,
            stats: SourceStats::default(),
        }
    }

    /// Whether any of the tracks comes in datagrams.
    pub(super) fn uses_datagrams(tracks: &[Track]) -> bool {
        tracks.iter().any(|track| matches!(track.route, TrackRoute::Udp { .. }))
    }

    /// The next item.
    pub(super) fn pop(&mut self) -> Option<StreamItem> {
        self.items.pop_front()
    }

    /// How many items wait.
    pub(super) fn waiting(&self) -> usize {
        self.items.len()
    }

    /// Takes a packet from the connection; those of unknown channels are dropped.
    pub(super) fn receive_interleaved(
        &mut self,
        channel: u8,
        packet: &[u8],
        now: MediaTime,
    ) -> Result<(), SourceError> {
        let place = self.tracks.iter().enumerate().find_map(|(index, track)| match track.route {
            TrackRoute::Interleaved { rtp, .. } if rtp == channel => Some((index, false)),
            TrackRoute::Interleaved { rtcp, .. } if rtcp == channel => Some((index, true)),
            _ => None,
        });
        self.receive(place, packet, now)
    }

    /// Takes a datagram.
    pub(super) fn receive_datagram(
        &mut self,
        socket: usize,
        packet: &[u8],
        now: MediaTime,
    ) -> Result<(), SourceError> {
        let pair = socket / 2;
        let place = self.tracks.iter().position(
            |track| matches!(track.route, TrackRoute::Udp { socket, .. } if socket == pair),
        );
        self.receive(place.map(|index| (index, socket % 2 == 1)), packet, now)
    }

    fn receive(
        &mut self,
        place: Option<(usize, bool)>,
        packet: &[u8],
        now: MediaTime,
    ) -> Result<(), SourceError> {
        let Some((index, is_rtcp)) = place else { return Ok(()) };
        self.stats.bytes += u64::try_from(packet.len()).unwrap_or(0);
        if is_rtcp {
            return self.receive_rtcp(index, packet, now);
        }
        if let Some(track) = self.tracks.get_mut(index) {
            let read = track.receiver.receive(packet, now, &mut self.output);
            read.map_err(SessionError::from)?;
        }
        self.emit(index, now);
        Ok(())
    }

    fn receive_rtcp(
        &mut self,
        index: usize,
        packet: &[u8],
        now: MediaTime,
    ) -> Result<(), SourceError> {
        let Some(track) = self.tracks.get_mut(index) else { return Ok(()) };
        for item in rtcp::parse(packet) {
            match item {
                RtcpItem::SenderReport(report) => {
                    track.receiver.note_sender_report(&report, now);
                    self.clock.note_report(track.kind, &report, now);
                }
                RtcpItem::Bye { ssrc } => {
                    if track.kind == TrackKind::Video && track.receiver.ssrc() == Some(ssrc) {
                        return Err(SourceError::new(StateReason::Closed, "RTCP goodbye"));
                    }
                }
            }
        }
        Ok(())
    }

    /// Turns what the depacketizer put out into items.
    fn emit(&mut self, index: usize, now: MediaTime) {
        let Some(track) = self.tracks.get(index) else { return };
        let kind = track.kind;
        let changes = track.receiver.source_changes();
        if let Some(known) = self.source_changes.get_mut(index)
            && *known != changes
        {
            *known = changes;
            self.clock.restart(kind);
        }
        while let Some(item) = self.output.pop_front() {
            match item {
                Depacketized::VideoParameters(video) => {
                    self.clock.set_reordered(video.reorder_frames_max > 0);
                    self.parameters.video = Some(video);
                    self.announce();
                }
                Depacketized::Unit(unit) => {
                    let pts = self.clock.map(kind, unit.timestamp, unit.is_key, now);
                    if kind == TrackKind::Video {
                        self.silence.note(now, pts);
                        self.stats.video_frames += 1;
                    } else if !self.has_sound_its_turn(now, pts) {
                        continue;
                    }
                    self.stats.losses += u64::from(unit.after_loss);
                    self.items.push_back(StreamItem::Frame(Frame {
                        track: kind,
                        pts,
                        duration_samples: unit.duration_samples,
                        is_key: unit.is_key,
                        after_loss: unit.after_loss,
                        data: unit.data,
                    }));
                }
            }
        }
    }

    /// Sound before the first picture is dropped; a stream without pictures begins with sound.
    fn has_sound_its_turn(&mut self, now: MediaTime, pts: MediaTime) -> bool {
        let has_video = self.tracks.iter().any(|track| track.kind == TrackKind::Video);
        if !has_video {
            self.silence.note(now, pts);
            if !self.is_announced {
                self.announce();
            }
        }
        self.stats.audio_frames += u64::from(self.is_announced);
        self.is_announced
    }

    fn announce(&mut self) {
        self.is_announced = true;
        self.items.push_back(StreamItem::Parameters(Arc::new(self.parameters.clone())));
    }

    /// Looks at the time.
    pub(super) fn tick(&mut self, now: MediaTime) -> Result<(), SourceError> {
        for index in 0..self.tracks.len() {
            if let Some(track) = self.tracks.get_mut(index) {
                let released = track.receiver.release_overdue(now, &mut self.output);
                released.map_err(SessionError::from)?;
            }
            self.emit(index, now);
        }
        self.silence.check(now)
    }

    /// Hands out receiver reports of tracks that come in datagrams, when they are due.
    pub(super) fn reports(
        &mut self,
        now: MediaTime,
        mut send: impl FnMut(usize, (u16, u16), &[u8]),
    ) {
        if now.micros_since(self.reported_at) < REPORT_MICROS {
            return;
        }
        self.reported_at = now;
        for track in &mut self.tracks {
            let TrackRoute::Udp { socket, server_ports: Some(ports) } = track.route else {
                continue;
            };
            if let Some(report) = track.receiver.reception_report(now) {
                send(socket, ports, &rtcp::receiver_report(self.own_ssrc, &report));
            }
        }
    }

    /// What was counted.
    pub(super) fn stats(&self) -> SourceStats {
        let lost: u64 = self.tracks.iter().map(|track| track.receiver.packets_lost()).sum();
        let clock_jumps = self.clock.jumps();
        SourceStats { packets_lost: lost, clock_jumps, ..self.stats }
    }
}
