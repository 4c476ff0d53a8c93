//! The first record of a segment file: everything the index knows of it, so that the index can be
//! made again from the files alone.

use hearth_media::MediaTime;
use hearth_model::{CameraId, SegmentId, WallTime};
use hearth_store::SegmentKind;

/// What a segment is, as sealed JSON inside its file.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct SegmentMeta {
    /// Its id, also its file name.
    pub(crate) segment: SegmentId,
    /// Whose footage it is.
    pub(crate) camera: CameraId,
    /// Stream time of its first frame, microseconds.
    pub(crate) start_us: i64,
    /// Wall time of its first frame.
    pub(crate) wall_start: WallTime,
    /// Why it was kept.
    #[serde(with = "kind_name")]
    pub(crate) kind: SegmentKind,
}

mod kind_name {
    use hearth_store::SegmentKind;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    const NAMES: [(&str, SegmentKind); 2] =
        [("continuous", SegmentKind::Continuous), ("event", SegmentKind::Event)];

    pub(super) fn serialize<S: Serializer>(
        kind: &SegmentKind,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let name = NAMES.iter().find(|row| row.1 == *kind).map_or("", |row| row.0);
        serializer.serialize_str(name)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<SegmentKind, D::Error> {
        let name = String::deserialize(deserializer)?;
        let found = NAMES.iter().find(|row| row.0 == name).map(|row| row.1);
        found.ok_or_else(|| D::Error::custom("not a kind of segment"))
    }
}

impl SegmentMeta {
    /// Stream time of its first frame.
    pub(crate) fn start(&self) -> MediaTime {
        MediaTime::from_micros(self.start_us)
    }

    /// Wall time minus stream time in microseconds.
    pub(crate) fn wall_offset(&self) -> i64 {
        self.wall_start.as_micros().saturating_sub(self.start_us)
    }
}
