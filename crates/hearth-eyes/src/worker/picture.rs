//! A decoded picture.

use hearth_media::MediaTime;
use hearth_vision::Luma;

/// Three planes of 8 bits, colour at half the size in both directions, rows without padding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    /// When it is shown.
    pub(crate) pts: MediaTime,
    /// Width in pixels, at least 1.
    pub(crate) width: usize,
    /// Height in pixels, at least 1.
    pub(crate) height: usize,
    /// Samples use 0 to 255 instead of 16 to 235.
    pub(crate) full_range: bool,
    /// Brightness, then the two colour differences.
    pub(crate) planes: [Vec<u8>; 3],
}

impl Picture {
    /// Checks that the planes cover the picture.
    pub(crate) fn new(
        pts: MediaTime,
        (width, height): (usize, usize),
        full_range: bool,
        planes: [Vec<u8>; 3],
    ) -> Option<Self> {
        let colour = width.div_ceil(2) * height.div_ceil(2);
        let [luma, cb, cr] = &planes;
        let covered = luma.len() == width * height && cb.len() == colour && cr.len() == colour;
        (covered && width > 0 && height > 0).then_some(Self {
            pts,
            width,
            height,
            full_range,
            planes,
        })
    }

    /// Its brightness.
    pub(crate) fn luma(&self) -> Option<Luma<'_>> {
        Luma::new(&self.planes[0], self.width, self.height, self.width)
    }

    /// Size of the colour planes.
    pub(crate) fn colour_size(&self) -> (usize, usize) {
        (self.width.div_ceil(2), self.height.div_ceil(2))
    }
}
