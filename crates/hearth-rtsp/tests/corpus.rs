//! Recorded sessions, as they are and damaged: nothing panics, nothing grows without limit, and
//! what comes out is whole.

use hearth_media::{MediaTime, nal::length_prefixed};
use hearth_rtsp::{
    depacketize::{ACCESS_UNIT_BYTES_MAX, Depacketized, Depacketizer, Output},
    framing::{Framed, Framer},
    message::Message,
    receive::{Ordering, TrackReceiver},
    rtcp,
    sdp::SessionDescription,
};

const CAPTURES: [(&str, &[u8]); 3] = [
    ("h264 and aac", include_bytes!("../testdata/gst_h264_aac.rtsp")),
    ("h265 and opus", include_bytes!("../testdata/gst_h265_opus.rtsp")),
    ("jpeg and pcmu", include_bytes!("../testdata/gst_jpeg_pcmu.rtsp")),
];
/// Damaged versions of each capture.
const MUTATIONS: u64 = 60;

/// What came out of a capture.
#[derive(Debug, Default, PartialEq, Eq)]
struct Summary {
    parameters: usize,
    video: usize,
    audio: usize,
    after_loss: usize,
}

fn run(capture: &[u8], ordering: Ordering) -> Summary {
    let mut framer = Framer::new();
    let mut receivers: Vec<TrackReceiver> = Vec::new();
    let mut summary = Summary::default();
    let mut rest = capture;
    let mut now = 0;
    loop {
        let used = match framer.next(rest) {
            Err(_) | Ok(Framed::NeedMore(_)) => return summary,
            Ok(Framed::Skip(used)) => used,
            Ok(Framed::Message(message, used)) => {
                if receivers.is_empty() {
                    receivers = set_up(&message, ordering);
                }
                used
            }
            Ok(Framed::Packet { channel, payload }) => {
                now += 5_000;
                let at = MediaTime::from_micros(now);
                if channel % 2 == 1 {
                    rtcp::parse(payload).count();
                } else if let Some(receiver) = receivers.get_mut(usize::from(channel / 2)) {
                    let mut output = Output::new();
                    if receiver.receive(payload, at, &mut output).is_err() {
                        return summary;
                    }
                    summary.note(output);
                    let _ = receiver.reception_report(at);
                }
                payload.len() + Framer::PREFIX_BYTES
            }
        };
        rest = &rest[used..];
    }
}

fn set_up(message: &Message, ordering: Ordering) -> Vec<TrackReceiver> {
    let Message::Response(response) = message else { return Vec::new() };
    let Ok(sdp) = SessionDescription::parse(&String::from_utf8_lossy(&response.body)) else {
        return Vec::new();
    };
    sdp.media
        .iter()
        .filter_map(Depacketizer::choose)
        .map(|(format, made)| {
            TrackReceiver::new(format.payload_type, format.clock_rate, made, ordering)
        })
        .collect()
}

impl Summary {
    fn note(&mut self, output: Output) {
        for item in output {
            match item {
                Depacketized::VideoParameters(_) => self.parameters += 1,
                Depacketized::Unit(unit) => {
                    assert!(unit.data.len() <= ACCESS_UNIT_BYTES_MAX + 1_024);
                    self.after_loss += usize::from(unit.after_loss);
                    if unit.duration_samples.is_some() {
                        self.audio += 1;
                        continue;
                    }
                    self.video += 1;
                    let nals = length_prefixed(&unit.data).map(|nal| nal.len() + 4);
                    let is_whole = nals.sum::<usize>() == unit.data.len();
                    assert!(is_whole || unit.data.starts_with(&[0xff, 0xd8]));
                }
            }
        }
    }
}

/// Numbers that are the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        let high = usize::try_from(self.0 >> 33).expect("31 bits");
        high % limit.max(1)
    }
}

/// Bytes changed, cut out and put in, all over.
fn damaged(capture: &[u8], seed: u64) -> Vec<u8> {
    let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut bytes = capture.to_vec();
    for _ in 0..=chance.below(40) {
        let at = chance.below(bytes.len());
        let length = chance.below(200).min(bytes.len() - at);
        match chance.below(4) {
            0 => bytes[at] = u8::try_from(chance.below(256)).expect("a byte"),
            1 => bytes[at] ^= 1 << chance.below(8),
            2 => drop(bytes.drain(at..at + length)),
            _ => {
                let copy = bytes[at..at + length].to_vec();
                bytes.splice(at..at, copy);
            }
        }
    }
    bytes
}

#[test]
fn captures_come_out_whole() {
    for (name, capture) in CAPTURES {
        for ordering in [Ordering::Reliable, Ordering::Datagrams] {
            let summary = run(capture, ordering);
            assert_eq!((summary.parameters, summary.after_loss), (1, 0), "{name}: {summary:?}");
            assert!(summary.video >= 3 && summary.audio >= 3, "{name}: {summary:?}");
        }
    }
}

#[test]
fn damaged_captures_never_panic() {
    for (_, capture) in CAPTURES {
        for seed in 0..MUTATIONS {
            let capture = damaged(capture, seed);
            run(&capture, Ordering::Reliable);
            run(&capture, Ordering::Datagrams);
        }
    }
}

/// Packets go missing, but the bytes that arrive are right: what comes out is whole, and what is
/// missing is told.
#[test]
fn lost_packets_are_told() {
    let (_, capture) = CAPTURES[0];
    let mut rest = capture;
    let mut thinned = Vec::new();
    let mut chance = Chance(7);
    while let Ok(step) = Framer::new().next(rest) {
        let (used, keep) = match step {
            Framed::Message(_, used) => (used, true),
            Framed::Packet { payload, .. } => (payload.len() + 4, chance.below(10) > 0),
            Framed::Skip(_) | Framed::NeedMore(_) => break,
        };
        if keep {
            thinned.extend_from_slice(&rest[..used]);
        }
        rest = &rest[used..];
    }
    let (all, some) = (run(capture, Ordering::Reliable), run(&thinned, Ordering::Reliable));
    assert!(some.video < all.video && some.after_loss > 0, "{some:?} of {all:?}");
}
