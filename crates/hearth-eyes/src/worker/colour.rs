//! From brightness and two colour differences to red, green and blue.

use hearth_vision::PixelRegion;

use super::picture::Picture;

/// How the samples of a picture are spread (ITU-R BT.601 in video, ITU-T T.871 in JPEG).
#[derive(Clone, Copy)]
pub(super) struct Spread {
    zero: f32,
    gain: f32,
    colour_gain: f32,
}

impl Spread {
    /// That of this picture.
    pub(super) fn of(picture: &Picture) -> Self {
        if picture.full_range {
            Self { zero: 0.0, gain: 1.0, colour_gain: 1.0 }
        } else {
            Self { zero: 16.0, gain: 255.0 / 219.0, colour_gain: 255.0 / 224.0 }
        }
    }

    /// Red, green and blue, each from 0 to 255.
    pub(super) fn rgb(self, [luma, cb, cr]: [u8; 3]) -> [f32; 3] {
        let light = (f32::from(luma) - self.zero) * self.gain;
        let (cb, cr) = (f32::from(cb) - 128.0, f32::from(cr) - 128.0);
        let (blue, red) = (cb * self.colour_gain, cr * self.colour_gain);
        let rgb =
            [light + 1.402 * red, light - 0.344_136 * blue - 0.714_136 * red, light + 1.772 * blue];
        rgb.map(|value| value.clamp(0.0, 255.0))
    }
}

/// A part of a picture in colour; `None` if it does not lie inside.
pub(super) fn coloured(picture: &Picture, region: PixelRegion) -> Option<hearth_face::Picture> {
    let spread = Spread::of(picture);
    let (colour_width, _) = picture.colour_size();
    let [luma, cb, cr] = &picture.planes;
    let mut rgb = Vec::with_capacity(region.width * region.height * 3);
    for y in region.top..region.top + region.height {
        for x in region.left..region.left + region.width {
            let half = (y / 2) * colour_width + x / 2;
            let sample = [*luma.get(y * picture.width + x)?, *cb.get(half)?, *cr.get(half)?];
            rgb.extend(spread.rgb(sample).map(|value| (value + 0.5) as u8));
        }
    }
    hearth_face::Picture::from_rgb(region.width, region.height, rgb).ok()
}

#[cfg(test)]
mod tests {
    use hearth_media::MediaTime;

    use super::*;

    #[test]
    fn a_part_of_a_picture_has_the_colours_of_that_part() {
        // Left half red, right half white, in BT.601 with full range.
        let luma = (0..64).map(|at| if at % 8 < 4 { 76 } else { 255 }).collect();
        let cb = (0..16).map(|at| if at % 4 < 2 { 85 } else { 128 }).collect();
        let cr = (0..16).map(|at| if at % 4 < 2 { 255 } else { 128 }).collect();
        let picture = Picture::new(MediaTime::default(), (8, 8), true, [luma, cb, cr]);
        let picture = picture.expect("planes cover it");
        let region = PixelRegion { left: 3, top: 2, width: 2, height: 2 };
        let part = coloured(&picture, region).expect("inside");
        let rgb = part.rgb();
        assert!(rgb[0] > 250 && rgb[1] < 5 && rgb[2] < 5, "{rgb:?}");
        assert_eq!(&rgb[3..6], [255, 255, 255]);
        let outside = PixelRegion { left: 7, top: 7, width: 2, height: 2 };
        assert!(coloured(&picture, outside).is_none());
    }
}
