//! Messages to the worker survive the pipe, and arbitrary bytes never hurt.

use proptest::prelude::*;

use super::*;
use crate::wire::{PacketReader, put};

fn through_the_pipe(message: &ToWorker, piece: usize) -> ToWorker {
    let mut reader = PacketReader::new(ToWorker::limit);
    let mut found = None;
    for part in message.encode().chunks(piece) {
        put(&mut reader, part);
        if let Some((kind, payload)) = reader.next().expect("well formed") {
            found = Some(ToWorker::decode(kind, payload).expect("well formed"));
        }
    }
    found.expect("one message")
}

proptest! {
    #[test]
    fn frames_survive_the_pipe_in_any_pieces(
        slot: u32, pts: i64, is_key: bool, after_loss: bool, data: Vec<u8>, piece in 1usize..99,
    ) {
        let frame = Frame {
            track: TrackKind::Video,
            pts: MediaTime::from_micros(pts),
            duration_samples: None,
            is_key,
            after_loss,
            data: data.into(),
        };
        let back = through_the_pipe(&ToWorker::Frame(Slot(slot), frame.clone()), piece);
        let ToWorker::Frame(back_slot, back) = back else { panic!("a frame: {back:?}") };
        prop_assert_eq!(back_slot, Slot(slot));
        prop_assert_eq!((back.pts, back.is_key, back.after_loss, back.data),
            (frame.pts, is_key, after_loss, frame.data));
    }

    #[test]
    fn stills_survive_the_pipe(
        id: u32, width: u16, config: Vec<u8>, width_max in prop::option::of(1u16..),
        frames in prop::collection::vec((any::<i64>(), any::<Vec<u8>>()), 0..8),
    ) {
        let video = VideoParameters {
            codec: VideoCodec::H265,
            width,
            height: 7,
            config: config.into(),
            rfc6381: String::new(),
            reorder_frames_max: 2,
        };
        let frames = frames
            .into_iter()
            .map(|(pts, data)| (MediaTime::from_micros(pts), data.into()))
            .collect();
        let group = Group { video, frames };
        let hidden = vec![Rect { x: 0.25, y: 0.5, w: 0.5, h: 0.25 }];
        let request = StillRequest { id, group: group.clone(), width_max, hidden };
        let back = through_the_pipe(&ToWorker::Still(Box::new(request.clone())), 4_096);
        let ToWorker::Still(back) = back else { panic!("a still: {back:?}") };
        prop_assert_eq!(*back, request);
        let people = vec![Rect { x: 0.25, y: 0.5, w: 0.5, h: 0.25 }; 2];
        let request = AnonymousRequest { id, group: group.clone(), width_max: 640, people };
        let back = through_the_pipe(&ToWorker::Anonymous(Box::new(request.clone())), 4_096);
        let ToWorker::Anonymous(back) = back else { panic!("an anonymous still: {back:?}") };
        prop_assert_eq!(*back, request);
        for source in [FaceSource::Group(group), FaceSource::Photo(Bytes::from_static(b"photo"))] {
            let request = FacesRequest { id, source };
            let back = through_the_pipe(&ToWorker::Faces(Box::new(request.clone())), 4_096);
            let ToWorker::Faces(back) = back else { panic!("a look for faces: {back:?}") };
            prop_assert_eq!(*back, request);
        }
    }

    /// promise: T-01. Whatever arrives on the pipe is refused or understood, never a panic.
    #[test]
    fn arbitrary_bytes_never_panic(data: Vec<u8>, kind in 0u8..10) {
        let _ = ToWorker::decode(kind, data.clone().into());
        let mut reader = PacketReader::new(ToWorker::limit);
        put(&mut reader, &data);
        for _ in 0..data.len() + 1 {
            match reader.next() {
                Ok(Some((kind, payload))) => drop(ToWorker::decode(kind, payload)),
                Ok(None) | Err(_) => break,
            }
        }
    }
}

#[test]
fn settings_survive_the_pipe() {
    let settings = DetectionSettings { area_min: 0.03, ..DetectionSettings::default() };
    let message = ToWorker::Watch(Slot(3), Box::new(settings.clone()));
    let ToWorker::Watch(Slot(3), back) = through_the_pipe(&message, 7) else {
        panic!("settings of feed 3");
    };
    assert_eq!(*back, settings);
}

#[test]
fn a_length_over_the_limit_is_refused_before_its_bytes_arrive() {
    let mut reader = PacketReader::new(ToWorker::limit);
    put(&mut reader, &[UNWATCH, 0xFF, 0xFF, 0xFF, 0x7F]);
    assert_eq!(reader.next(), Err(WireError::TooLarge(UNWATCH)));
}
