//! Frames as decoders want them.

use crate::{Frame, VideoCodec, VideoParameters, nal};

/// The frame as an Annex B byte stream, with the parameter sets before a key frame, so that a
/// decoder can be started at any key frame. An MJPEG frame is returned as it is.
pub fn annex_b_stream(parameters: &VideoParameters, frame: &Frame) -> Vec<u8> {
    if parameters.codec == VideoCodec::Mjpeg {
        return frame.data.to_vec();
    }
    let sets = if frame.is_key { parameters.parameter_sets() } else { Vec::new() };
    nal::to_annex_b(sets.iter().map(|set| &set[..]).chain(nal::length_prefixed(&frame.data)))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::{MediaTime, TrackKind, h264};

    #[test]
    fn parameter_sets_come_before_key_frames_only() {
        let parameters = VideoParameters::from_h264(h264::tests::SPS_HIGH, h264::tests::PPS_HIGH)
            .expect("a set made by x264");
        let mut frame = Frame {
            track: TrackKind::Video,
            pts: MediaTime::default(),
            duration_samples: None,
            is_key: true,
            after_loss: false,
            data: Bytes::from_static(&[0, 0, 0, 2, 0x65, 0x88]),
        };
        let stream = annex_b_stream(&parameters, &frame);
        let units: Vec<_> = nal::annex_b(&stream).collect();
        assert_eq!(units, [h264::tests::SPS_HIGH, h264::tests::PPS_HIGH, &[0x65, 0x88]]);

        frame.is_key = false;
        assert_eq!(annex_b_stream(&parameters, &frame), [0, 0, 0, 1, 0x65, 0x88]);
    }
}
