//! An uncompressed picture as encoders want it.
//!
//! Pure. Planar 4:2:0, BT.601, luma 16 to 235: what an H.264 stream without colour description is
//! taken for. Both sizes are even, so that every chroma sample covers exactly four luma samples.

/// One picture in I420.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Width in pixels, even.
    pub width: usize,
    /// Height in pixels, even.
    pub height: usize,
    /// Luma, `width * height` bytes.
    pub y: Vec<u8>,
    /// Blue difference, a quarter as many bytes.
    pub u: Vec<u8>,
    /// Red difference, a quarter as many bytes.
    pub v: Vec<u8>,
}

impl Picture {
    /// A black picture; odd sizes are rounded up to even ones.
    pub fn new(width: usize, height: usize) -> Self {
        let (width, height) = (width.next_multiple_of(2), height.next_multiple_of(2));
        let chroma = width / 2 * (height / 2);
        Self {
            width,
            height,
            y: vec![16; width * height],
            u: vec![128; chroma],
            v: vec![128; chroma],
        }
    }

    /// Takes over the content of a picture of the same size without allocating.
    pub(crate) fn copy_from(&mut self, other: &Self) {
        self.y.copy_from_slice(&other.y);
        self.u.copy_from_slice(&other.u);
        self.v.copy_from_slice(&other.v);
    }
}

impl Picture {
    /// The picture as a JPEG file; `quality` is 1 to 100.
    pub fn to_jpeg(&self, quality: u8) -> Vec<u8> {
        let mut samples = Vec::with_capacity(self.width * self.height * 3);
        for (row, line) in self.y.chunks_exact(self.width).enumerate() {
            for (column, &luma) in line.iter().enumerate() {
                let place = row / 2 * (self.width / 2) + column / 2;
                samples.extend([
                    stretch(luma, 16, 219),
                    stretch_around(self.u[place]),
                    stretch_around(self.v[place]),
                ]);
            }
        }
        let mut file = Vec::new();
        let mut encoder = jpeg_encoder::Encoder::new(&mut file, quality);
        encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_2_2);
        // JPEG sizes have 16 bits; a larger picture wraps around and is refused by the length check.
        let size = (self.width as u16, self.height as u16);
        let encoded = encoder.encode(&samples, size.0, size.1, jpeg_encoder::ColorType::Ycbcr);
        if encoded.is_err() {
            file.clear();
        }
        file
    }
}

/// From video range to the full range of JPEG.
fn stretch(luma: u8, low: i32, range: i32) -> u8 {
    (((i32::from(luma) - low) * 255 + range / 2) / range).clamp(0, 255) as u8
}

fn stretch_around(chroma: u8) -> u8 {
    (128 + (i32::from(chroma) - 128) * 255 / 224).clamp(0, 255) as u8
}
