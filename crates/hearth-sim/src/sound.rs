//! The sound of a scene: wind, birds or crickets, footsteps and passing cars, as G.711.
//!
//! Pure and deterministic. It comes from the same script as the pictures, so that steps are heard
//! when somebody walks.

use bytes::Bytes;
use hearth_media::g711::Law;
pub(crate) use hearth_media::g711::RATE;

use crate::{Light, Scene, Sound, Subject, scene::noise::chance};

/// Samples in a packet: 40 ms, which divides a second.
pub(crate) const PACKET_SAMPLES: usize = 320;

/// The whole loop, one byte a sample.
pub(crate) fn track(scene: &Scene, codec: Sound) -> Bytes {
    let seed = scene.spec().seed;
    let count = scene.spec().seconds as usize * RATE as usize;
    let mut low = 0.0_f32;
    let mut rumble = 0.0_f32;
    let samples = (0..count).map(|place| {
        let seconds = place as f32 / RATE as f32;
        let white = chance(seed, place as i32, 9) - 0.5;
        // Two low passes: one for the wind, a deeper one for engines.
        low += 0.06 * (white - low);
        rumble += 0.02 * (white - rumble);
        let gust = 0.6 + 0.4 * (seconds * 0.9).sin();
        let mut level = low * gust * 0.9 + animals(seed, scene.spec().light, seconds);
        for crossing in scene.script() {
            let lasts = (crossing.to_seconds - crossing.from_seconds).max(0.1);
            let progress = (seconds - crossing.from_seconds) / lasts;
            if !(0.0..1.0).contains(&progress) {
                continue;
            }
            let near = (progress * std::f32::consts::PI).sin();
            level += match crossing.subject {
                Subject::Car => rumble * near * 7.0,
                Subject::Person if crossing.start != crossing.end => step(seconds) * white * 0.7,
                Subject::Person => 0.0,
            };
        }
        let sample = (level.clamp(-1.0, 1.0) * 30_000.0) as i16;
        match codec {
            Sound::Pcmu => Law::Mu.encode(sample),
            Sound::Pcma => Law::A.encode(sample),
        }
    });
    samples.collect::<Vec<u8>>().into()
}

/// Loudness of footsteps: a tap about twice a second.
fn step(seconds: f32) -> f32 {
    let since = (seconds * 1.84).fract();
    (-since * 26.0).exp()
}

/// Birds by day, crickets by night.
fn animals(seed: u64, light: Light, seconds: f32) -> f32 {
    match light {
        Light::Day => {
            let call = (seconds / 1.6).floor();
            let within = seconds - call * 1.6;
            if chance(seed, call as i32, 3) < 0.45 || within > 0.35 {
                return 0.0;
            }
            let pitch = 2_300.0 + 500.0 * (within * 38.0).sin();
            0.05 * (within * 9.0).sin() * (within * pitch * std::f32::consts::TAU).sin()
        }
        Light::Night => {
            let chirp = ((seconds * 14.0).sin() * (seconds * 1.3).sin()).max(0.0);
            0.02 * chirp * (seconds * 3_400.0 * std::f32::consts::TAU).sin()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SceneKind, SceneSpec};

    #[test]
    fn the_sound_lasts_as_long_as_the_loop_and_is_not_silent() {
        let scene = Scene::new(SceneSpec::new(SceneKind::Street, 64, 36, 5));
        let sound = track(&scene, Sound::Pcmu);
        assert_eq!(sound.len(), 40 * 8_000);
        assert_eq!(sound, track(&scene, Sound::Pcmu));
        assert!(sound.iter().any(|&code| code & 0x70 != 0x70));
    }
}
