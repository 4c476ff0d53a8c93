//! What can be asked for on this port.

use serde_json::{Value, json};

use crate::{OutOfRange, UnixSeconds, camera::recording::SearchId};

/// Which of the two encodings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quality {
    /// The large picture.
    High,
    /// The small picture.
    Low,
}

/// Which picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thumbnail {
    /// The picture of a recording.
    OfRecording,
    /// The picture now.
    Now,
}

/// A request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaRequest {
    /// What the camera sees now.
    Live(Quality),
    /// A recording, from the storage card; also how one is downloaded.
    Playback {
        /// The identity from [`crate::camera::recording::search_id`].
        id: SearchId,
        /// Where to begin.
        start: UnixSeconds,
        /// Where to end.
        end: UnixSeconds,
    },
    /// A JPEG.
    Thumbnail {
        /// The identity.
        id: SearchId,
        /// Which one.
        which: Thumbnail,
        /// Of which recording.
        start: UnixSeconds,
    },
    /// Talking through the camera's speaker.
    Talk,
}

impl MediaRequest {
    /// A recording from the earlier to the later time.
    pub fn playback(
        id: SearchId,
        start: UnixSeconds,
        end: UnixSeconds,
    ) -> Result<Self, OutOfRange> {
        if start >= end {
            return Err(OutOfRange::new("a range of time", "from the earlier to the later"));
        }
        Ok(Self::Playback { id, start, end })
    }

    /// Parts after which the camera wants to hear that they came.
    pub(super) fn window(self) -> u32 {
        match self {
            Self::Live(_) => 50,
            Self::Playback { .. } => 200,
            Self::Thumbnail { .. } | Self::Talk => 500,
        }
    }

    pub(super) fn to_json(self, sequence: u16) -> Value {
        let params = match self {
            Self::Live(quality) => {
                let resolution = if quality == Quality::High { "HD" } else { "VGA" };
                json!({"preview": {
                    "audio": ["default"], "channels": [0], "resolutions": [resolution],
                }, "method": "get"})
            }
            Self::Playback { id, start, end } => json!({"playback": {
                "client_id": id.0, "channels": [0, 1], "scale": "1/1", "event_type": [1, 2],
                "start_time": start.0.to_string(), "end_time": end.0.to_string(),
            }, "method": "get"}),
            Self::Thumbnail { id, which, start } => {
                let media_type = if which == Thumbnail::Now { 3 } else { 2 };
                json!({"download": {
                    "client_id": id.0, "channels": [0], "media_type": media_type,
                    "start_time": start.0.to_string(), "player_id": "hearthwatch",
                }, "method": "get"})
            }
            Self::Talk => json!({"talk": {"mode": "aec"}, "method": "get"}),
        };
        json!({"type": "request", "seq": sequence, "params": params})
    }
}
