//! Colours, and what the light makes of them.

use super::{Light, noise::mix};

/// Red, green and blue from 0 to 1, gamma-encoded as in sRGB.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rgb(pub(crate) f32, pub(crate) f32, pub(crate) f32);

impl Rgb {
    /// From the usual six hexadecimal digits.
    pub(crate) const fn hex(code: u32) -> Self {
        Self(
            ((code >> 16) & 0xFF) as f32 / 255.0,
            ((code >> 8) & 0xFF) as f32 / 255.0,
            (code & 0xFF) as f32 / 255.0,
        )
    }

    /// Brighter or darker.
    pub(crate) fn lit(self, factor: f32) -> Self {
        Self(self.0 * factor, self.1 * factor, self.2 * factor)
    }

    /// Between two colours.
    pub(crate) fn mix(self, other: Self, t: f32) -> Self {
        Self(mix(self.0, other.0, t), mix(self.1, other.1, t), mix(self.2, other.2, t))
    }

    /// BT.601 luma, 16 to 235.
    pub(crate) fn luma(self) -> f32 {
        let Self(r, g, b) = self.clamped();
        16.0 + 65.481 * r + 128.553 * g + 24.966 * b
    }

    /// BT.601 blue and red difference, 16 to 240.
    pub(crate) fn chroma(self) -> (f32, f32) {
        let Self(r, g, b) = self.clamped();
        (128.0 - 37.797 * r - 74.203 * g + 112.0 * b, 128.0 + 112.0 * r - 93.786 * g - 18.214 * b)
    }

    fn clamped(self) -> Self {
        Self(self.0.clamp(0.0, 1.0), self.1.clamp(0.0, 1.0), self.2.clamp(0.0, 1.0))
    }
}

impl Light {
    /// What a colour looks like in this light, at a place given in fractions of the picture.
    pub(crate) fn shine(self, color: Rgb, x: f32, y: f32) -> Rgb {
        match self {
            Self::Day => color,
            Self::Night => {
                // Infrared lamps around the lens light up the middle and what is near (below);
                // the sky stays black, and colours are gone.
                let Rgb(r, g, b) = color;
                let grey = 0.42 * r + 0.43 * g + 0.15 * b;
                let (dx, dy) = (x - 0.5, (y - 0.62) * 0.8);
                let lamp = 1.0 / (1.0 + 5.0 * (dx * dx + dy * dy));
                let reach = (0.16 + 1.5 * y).min(1.0);
                let value = 0.035 + 1.2 * grey * lamp * reach;
                Rgb(value, value, value)
            }
        }
    }
}
