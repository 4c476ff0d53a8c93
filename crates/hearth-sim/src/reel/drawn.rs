//! A reel that is drawn and encoded frame by frame, once.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use bytes::Bytes;
use hearth_media::{AudioParameters, StreamParameters, TrackKind, VideoParameters};

use super::{Coding, ReelError, ReelSpec, Sound, Unit};
use crate::{Picture, Scene, coder::Coder, sound};

/// An encoded frame that is kept.
#[derive(Clone, Debug)]
struct Kept {
    is_key: bool,
    data: Bytes,
}

/// What is needed to make more frames; gone once the loop is complete.
#[derive(Debug)]
struct Workshop {
    scene: Scene,
    coder: Coder,
    picture: Picture,
}

/// A place in the loop.
#[derive(Clone, Copy, Debug)]
struct Slot {
    track: TrackKind,
    number: usize,
    send_us: i64,
}

/// See [`Reel::from_scene`](super::Reel::from_scene).
#[derive(Debug)]
pub(super) struct DrawnReel {
    spec: ReelSpec,
    parameters: Arc<StreamParameters>,
    slots: Vec<Slot>,
    frames: RwLock<Vec<Kept>>,
    frame_count: usize,
    workshop: Mutex<Option<Workshop>>,
    sound: Bytes,
}

impl DrawnReel {
    pub(super) fn new(mut spec: ReelSpec) -> Result<Self, ReelError> {
        let scene = Scene::new(spec.scene.clone());
        spec.scene = scene.spec().clone();
        spec.key_interval_frames = spec.key_interval_frames.max(1);
        let coder = Coder::new(&spec)?;
        let picture = scene.picture();
        let samples = spec.sound.map(|codec| sound::track(&scene, codec));
        let frame_count = usize::try_from(scene.frames()).unwrap_or(usize::MAX);
        let mut workshop = Workshop { scene, coder, picture };
        let first = workshop.make(0);
        let video = match spec.coding {
            Coding::H264 => workshop.coder.parameters(),
            Coding::Jpeg => VideoParameters::from_jpeg(&first.data).ok(),
        };
        let video = video.ok_or_else(|| ReelError::Encode("no parameter sets".to_owned()))?;
        let audio = spec.sound.map(|codec| match codec {
            Sound::Pcmu => AudioParameters::pcmu(sound::RATE, 1),
            Sound::Pcma => AudioParameters::pcma(sound::RATE, 1),
        });
        Ok(Self {
            parameters: Arc::new(StreamParameters { video: Some(video), audio }),
            slots: slots(&spec, frame_count),
            frames: RwLock::new(vec![first]),
            frame_count,
            workshop: Mutex::new(Some(workshop)),
            sound: samples.unwrap_or_default(),
            spec,
        })
    }

    pub(super) fn spec(&self) -> &ReelSpec {
        &self.spec
    }

    pub(super) fn parameters(&self) -> &Arc<StreamParameters> {
        &self.parameters
    }

    pub(super) fn duration_us(&self) -> i64 {
        i64::from(self.spec.scene.seconds) * 1_000_000
    }

    pub(super) fn count(&self) -> usize {
        self.slots.len()
    }

    pub(super) fn complete(&self) {
        self.frame(self.frame_count.saturating_sub(1));
    }

    pub(super) fn ready(&self, place: usize) -> Option<Unit> {
        let slot = self.slots.get(place)?;
        match slot.track {
            TrackKind::Video => self.kept(slot.number).map(|kept| slot.unit(kept)),
            TrackKind::Audio => Some(self.sound_unit(slot)),
        }
    }

    pub(super) fn unit(&self, place: usize) -> Option<Unit> {
        let slot = self.slots.get(place)?;
        match slot.track {
            TrackKind::Video => self.frame(slot.number).map(|kept| slot.unit(kept)),
            TrackKind::Audio => Some(self.sound_unit(slot)),
        }
    }

    fn sound_unit(&self, slot: &Slot) -> Unit {
        let start = (slot.number * sound::PACKET_SAMPLES).min(self.sound.len());
        let end = (start + sound::PACKET_SAMPLES).min(self.sound.len());
        slot.unit(Kept { is_key: true, data: self.sound.slice(start..end) })
    }

    fn kept(&self, number: usize) -> Option<Kept> {
        // A poisoned list only means that an encoder panicked elsewhere; what is in it is whole.
        self.frames.read().unwrap_or_else(PoisonError::into_inner).get(number).cloned()
    }

    /// A frame; makes it and all before it if need be.
    fn frame(&self, number: usize) -> Option<Kept> {
        if let Some(kept) = self.kept(number) {
            return Some(kept);
        }
        let mut workshop = self.workshop.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let made = self.frames.read().unwrap_or_else(PoisonError::into_inner).len();
            if made > number {
                break;
            }
            let kept = workshop.as_mut()?.make(made);
            self.frames.write().unwrap_or_else(PoisonError::into_inner).push(kept);
            if made + 1 >= self.frame_count {
                *workshop = None;
            }
        }
        drop(workshop);
        self.kept(number)
    }
}

impl Workshop {
    fn make(&mut self, number: usize) -> Kept {
        self.scene.draw(number as u64, &mut self.picture);
        let (is_key, data) = self.coder.encode(&self.picture);
        Kept { is_key, data }
    }
}

impl Slot {
    fn unit(&self, kept: Kept) -> Unit {
        Unit {
            track: self.track,
            send_us: self.send_us,
            pts_us: self.send_us,
            is_key: kept.is_key,
            data: kept.data,
        }
    }
}

/// All places of a loop in the order in which they are sent; a frame goes before the sound that
/// starts with it.
fn slots(spec: &ReelSpec, frame_count: usize) -> Vec<Slot> {
    let fps = i64::from(spec.scene.fps);
    let video = (0..frame_count).map(|number| Slot {
        track: TrackKind::Video,
        number,
        send_us: (number as i64 * 1_000_000 + fps / 2) / fps,
    });
    let packets = if spec.sound.is_some() {
        spec.scene.seconds as usize * sound::RATE as usize / sound::PACKET_SAMPLES
    } else {
        0
    };
    let packet_us = sound::PACKET_SAMPLES as i64 * 1_000_000 / i64::from(sound::RATE);
    let audio = (0..packets).map(|number| Slot {
        track: TrackKind::Audio,
        number,
        send_us: number as i64 * packet_us,
    });
    let mut slots: Vec<Slot> = video.chain(audio).collect();
    slots.sort_by_key(|slot| (slot.send_us, slot.track == TrackKind::Audio));
    slots
}
