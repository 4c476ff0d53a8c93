//! Cameras on this machine: V4L2, which is how Linux shows USB cameras.
//!
//! One thread a camera waits for pictures and hands them over as JPEG: those of MJPEG cameras as they
//! come, those of others encoded. Pictures that nobody takes in time are dropped and counted.

use std::path::{Path, PathBuf};

use moq_v4l::{FourCC, capability, framesize::FrameSizeEnum, prelude::Device, video::Capture as _};
use serde::Serialize;

use crate::CaptureError;

mod stream;

pub use stream::{CameraStream, Picture};

/// Video nodes of a machine; a USB camera has up to four.
const NODES_MAX: usize = 64;
/// Cameras list some 30 sizes.
const SIZES_MAX: usize = 128;

/// How a camera hands over pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PixelFormat {
    /// JPEG images.
    Mjpeg,
    /// Not compressed, 16 bits a pixel.
    Yuyv,
}

impl PixelFormat {
    /// The better first: encoding costs time.
    const ALL: [(Self, &'static [u8; 4]); 2] = [(Self::Mjpeg, b"MJPG"), (Self::Yuyv, b"YUYV")];

    fn fourcc(self) -> FourCC {
        FourCC::new(if self == Self::Mjpeg { b"MJPG" } else { b"YUYV" })
    }
}

/// A format with its sizes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Format {
    /// How pictures come.
    pub pixels: PixelFormat,
    /// Widths and heights, the largest first.
    pub sizes: Vec<(u32, u32)>,
}

/// A camera of this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LocalCamera {
    /// Its device, e.g. `/dev/video0`.
    pub path: PathBuf,
    /// What it calls itself.
    pub name: String,
    /// What it can.
    pub formats: Vec<Format>,
}

/// The names of the kernel's video devices in their order; `root` is `/sys`.
pub fn nodes(root: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(root.join("class/video4linux"));
    let names = entries.into_iter().flatten().flatten();
    let names = names.filter_map(|entry| entry.file_name().into_string().ok());
    let mut names: Vec<String> =
        names.filter(|name| name.starts_with("video")).take(NODES_MAX).collect();
    names.sort_by_key(|name| (name.len(), name.clone()));
    names
}

/// The cameras that can be used; nodes that are no cameras or may not be opened are left out.
pub fn cameras(root: &Path) -> Vec<LocalCamera> {
    let paths = nodes(root).into_iter().map(|name| Path::new("/dev").join(name));
    paths.filter_map(|path| describe(&path).ok().flatten()).collect()
}

fn describe(path: &Path) -> Result<Option<LocalCamera>, CaptureError> {
    let device = Device::with_path(path)?;
    let capabilities = device.query_caps()?;
    if !capabilities.capabilities.contains(capability::Flags::VIDEO_CAPTURE) {
        return Ok(None);
    }
    let offered = device.enum_formats()?;
    let mut formats = Vec::new();
    for (pixels, code) in PixelFormat::ALL {
        if offered.iter().any(|one| one.fourcc == FourCC::new(code)) {
            formats.push(Format { pixels, sizes: sizes(&device, pixels)? });
        }
    }
    let name = capabilities.card.chars().filter(|c| !c.is_control()).collect();
    Ok((!formats.is_empty()).then(|| LocalCamera { path: path.to_owned(), name, formats }))
}

/// Of sizes in steps, the largest: listing each would be thousands.
fn sizes(device: &Device, pixels: PixelFormat) -> Result<Vec<(u32, u32)>, CaptureError> {
    let sizes = device.enum_framesizes(pixels.fourcc())?.into_iter().take(SIZES_MAX);
    let mut sizes: Vec<(u32, u32)> = sizes
        .map(|one| match one.size {
            FrameSizeEnum::Discrete(size) => (size.width, size.height),
            FrameSizeEnum::Stepwise(size) => (size.max_width, size.max_height),
        })
        .collect();
    sizes.sort_by_key(|(width, height)| std::cmp::Reverse(u64::from(*width) * u64::from(*height)));
    sizes.dedup();
    Ok(sizes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_are_listed_in_the_order_of_their_numbers() {
        let root = tempfile::tempdir().expect("a folder");
        assert_eq!(nodes(root.path()), Vec::<String>::new());
        for name in ["video10", "video2", "v4l-subdev0"] {
            std::fs::create_dir_all(root.path().join("class/video4linux").join(name))
                .expect("made");
        }
        assert_eq!(nodes(root.path()), ["video2", "video10"]);
    }

    /// promise: D-22. Without any hardware there are no cameras, and no failure.
    #[test]
    fn what_is_not_there_is_said() {
        let root = tempfile::tempdir().expect("a folder");
        assert_eq!(cameras(root.path()), []);
        let missing = CameraStream::open(&root.path().join("video0"), 640, 480);
        assert!(matches!(missing, Err(CaptureError::Missing(_))));
    }
}
