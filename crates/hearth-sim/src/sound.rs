//! The sound of a scene: wind, birds or crickets, footsteps and passing cars, as G.711.
//!
//! Pure and deterministic. It comes from the same script as the pictures, so that steps are heard
//! when somebody walks.

use bytes::Bytes;

use crate::{Light, Scene, Sound, Subject, scene::noise::chance};

/// Samples a second, the rate of G.711 (RFC 3551, 4.5.14).
pub(crate) const RATE: u32 = 8_000;
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
            Sound::Pcmu => mu_law(sample),
            Sound::Pcma => a_law(sample),
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

/// ITU-T G.711 mu-law: sign, three bits of exponent, four of mantissa, all inverted.
fn mu_law(sample: i16) -> u8 {
    const BIAS: i32 = 132;
    let sign = if sample < 0 { 0x80 } else { 0 };
    let level = i32::from(sample).abs().min(32_635) + BIAS;
    let exponent = 24 - level.leading_zeros() as i32;
    let mantissa = (level >> (exponent + 3)) & 0x0F;
    !((sign | (exponent << 4) | mantissa) as u8)
}

/// ITU-T G.711 A-law: like mu-law with another curve, and every other bit inverted.
fn a_law(sample: i16) -> u8 {
    let sign = if sample < 0 { 0 } else { 0x80 };
    let level = (i32::from(sample).abs() >> 3).min(4_095);
    let code = if level < 32 {
        level >> 1
    } else {
        let exponent = 27 - level.leading_zeros() as i32;
        (exponent << 4) | ((level >> exponent) & 0x0F)
    };
    (sign | code) as u8 ^ 0x55
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SceneKind, SceneSpec};

    /// Reference values of ITU-T G.711, tables 1 and 2.
    #[test]
    fn silence_and_extremes_have_the_codes_of_the_standard() {
        assert_eq!([0, 32_767, -32_768].map(mu_law), [0xFF, 0x80, 0x00]);
        assert_eq!([0, 32_767, -32_768].map(a_law), [0xD5, 0xAA, 0x2A]);
    }

    #[test]
    fn codes_grow_with_the_sample() {
        let order = |codes: Vec<u8>| codes.windows(2).all(|pair| pair[0] <= pair[1]);
        let samples = (0..32_700).step_by(100);
        assert!(order(samples.clone().map(|sample| !mu_law(sample) & 0x7F).collect()));
        assert!(order(samples.map(|sample| (a_law(sample) ^ 0x55) & 0x7F).collect()));
    }

    #[test]
    fn the_sound_lasts_as_long_as_the_loop_and_is_not_silent() {
        let scene = Scene::new(SceneSpec::new(SceneKind::Street, 64, 36, 5));
        let sound = track(&scene, Sound::Pcmu);
        assert_eq!(sound.len(), 40 * 8_000);
        assert_eq!(sound, track(&scene, Sound::Pcmu));
        assert!(sound.iter().any(|&code| code & 0x70 != 0x70));
    }
}
