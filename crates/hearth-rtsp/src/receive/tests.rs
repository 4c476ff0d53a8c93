use proptest::prelude::*;

use super::*;
use crate::{
    depacketize::Depacketized,
    rtp::RtpHeader,
    sdp::{MediaDescription, SessionDescription},
};

fn media(sdp: &str) -> MediaDescription {
    SessionDescription::parse(sdp).expect("valid").media.remove(0)
}

fn receiver(ordering: Ordering) -> TrackReceiver {
    let media = media("m=audio 0 RTP/AVP 0");
    let (format, depacketizer) = Depacketizer::choose(&media).expect("PCMU");
    TrackReceiver::new(format.payload_type, format.clock_rate, depacketizer, ordering)
}

/// A packet whose only sample is the low byte of its number.
fn packet(ssrc: u32, sequence: u16) -> Vec<u8> {
    let timestamp = u32::from(sequence);
    let header = RtpHeader { marker: false, payload_type: 0, sequence, timestamp, ssrc };
    let mut bytes = header.encode().to_vec();
    bytes.push(sequence.to_be_bytes()[1]);
    bytes
}

struct Received(Vec<(u8, bool)>);

impl Received {
    fn of(output: &Output) -> Self {
        let unit = |item: &Depacketized| match item {
            Depacketized::Unit(unit) => Some((unit.data[0], unit.after_loss)),
            Depacketized::VideoParameters(_) => None,
        };
        Self(output.iter().filter_map(unit).collect())
    }
}

fn run(receiver: &mut TrackReceiver, packets: &[(u32, u16)]) -> Vec<(u8, bool)> {
    let mut output = Output::new();
    for (ssrc, sequence) in packets {
        let at = MediaTime::from_micros(0);
        receiver.receive(&packet(*ssrc, *sequence), at, &mut output).expect("no parameters");
    }
    Received::of(&output).0
}

#[test]
fn datagrams_are_put_in_order_across_the_wrap() {
    let mut udp = receiver(Ordering::Datagrams);
    let order = [65_534, 0, 65_535, 1, 3, 2].map(|sequence| (1, sequence));
    let expected = [254, 255, 0, 1, 2, 3].map(|sample| (sample, false));
    assert_eq!(run(&mut udp, &order), expected);
    assert_eq!(udp.packets_lost(), 0);
}

#[test]
fn a_missing_datagram_is_waited_for_and_then_counted() {
    let mut udp = receiver(Ordering::Datagrams);
    assert_eq!(run(&mut udp, &[(1, 1), (1, 3), (1, 4)]), [(1, false)]);
    let mut output = Output::new();
    udp.release_overdue(MediaTime::from_micros(200_000), &mut output).expect("fine");
    assert_eq!(Received::of(&output).0, [(3, true), (4, false)]);
    assert_eq!(udp.packets_lost(), 1);
    assert_eq!(run(&mut udp, &[(1, 2), (1, 5)]), [(5, false)], "the late one is dropped");
}

#[test]
fn a_gap_inside_a_connection_is_a_loss_at_once() {
    let mut tcp = receiver(Ordering::Reliable);
    assert_eq!(run(&mut tcp, &[(1, 1), (1, 5), (1, 6)]), [(1, false), (5, true), (6, false)]);
    assert_eq!(tcp.packets_lost(), 3);
}

#[test]
fn repeated_packets_are_dropped_and_a_new_numbering_is_followed() {
    let mut tcp = receiver(Ordering::Reliable);
    assert_eq!(run(&mut tcp, &[(1, 9_000); 40]), [(40, false)]);
    let restarted: Vec<(u32, u16)> = (0..20).map(|number| (1, number)).collect();
    let expected = [(16, true), (17, false), (18, false), (19, false)];
    assert_eq!(run(&mut tcp, &restarted), expected);
    assert_eq!(tcp.source_changes(), 1);
}

#[test]
fn a_stray_sender_is_ignored_and_a_new_one_is_followed() {
    let mut udp = receiver(Ordering::Datagrams);
    let packets = [(1, 1), (2, 70), (1, 2), (3, 80), (3, 81), (3, 82), (3, 83), (3, 84)];
    let expected = [(1, false), (2, false), (83, true), (84, false)];
    assert_eq!(run(&mut udp, &packets), expected);
    assert_eq!((udp.ssrc(), udp.source_changes()), (Some(3), 1));
}

#[test]
fn a_report_tells_losses_and_wraps() {
    let mut tcp = receiver(Ordering::Reliable);
    run(&mut tcp, &[(9, 65_534), (9, 65_535), (9, 1), (9, 2)]);
    let report = tcp.reception_report(MediaTime::from_micros(0)).expect("a sender is known");
    assert_eq!((report.ssrc, report.lost, report.sequence_max), (9, 1, 65_538));
    assert_eq!(report.fraction_lost, 51);
}

proptest! {
    #[test]
    fn any_order_yields_each_packet_once_and_in_order(
        mut numbers in Just((0u16..40).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        // The first packet tells where the numbering starts.
        numbers.retain(|number| *number != 0);
        numbers.insert(0, 0);
        let packets: Vec<(u32, u16)> = numbers.iter().map(|number| (1, *number)).collect();
        let got = run(&mut receiver(Ordering::Datagrams), &packets);
        let expected: Vec<(u8, bool)> = (0..40).map(|number| (number, false)).collect();
        prop_assert_eq!(got, expected);
    }

    #[test]
    fn arbitrary_packets_never_panic(
        packets in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..40),
        numbers in prop::collection::vec(any::<u16>(), 0..200),
    ) {
        for ordering in [Ordering::Reliable, Ordering::Datagrams] {
            let mut receiver = receiver(ordering);
            let mut output = Output::new();
            for (index, bytes) in packets.iter().enumerate() {
                let at = MediaTime::from_micros(i64::try_from(index).expect("small") * 40_000);
                receiver.receive(bytes, at, &mut output).expect("no parameters");
            }
            let numbered: Vec<(u32, u16)> = numbers.iter().map(|number| (1, *number)).collect();
            prop_assert!(run(&mut receiver, &numbered).len() <= numbers.len());
            let _ = receiver.reception_report(MediaTime::from_micros(i64::MAX));
        }
    }
}
