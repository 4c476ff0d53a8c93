//! The shell of one camera.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use bytes::Bytes;
use moq_v4l::{
    Format,
    buffer::Type,
    io::traits::CaptureStream as _,
    prelude::{Device, MmapStream},
    video::Capture as _,
};
use tokio::sync::mpsc::{Receiver, Sender, channel, error::TrySendError};

use super::PixelFormat;
use crate::{CaptureError, yuyv};

/// What V4L2 drivers need at least to never wait.
const BUFFERS: u32 = 4;
/// Pictures that nobody took yet: a quarter of a second.
const PICTURES_MAX: usize = 8;
/// A camera in the dark takes five pictures a second; after so long it is gone.
const SILENCE_MAX: Duration = Duration::from_secs(5);
/// How long the thread may notice late that nobody needs it any more.
const NOTICE_MILLIS: i32 = 250;
/// A JPEG larger than this is none.
const PICTURE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// A picture.
#[derive(Clone, Debug)]
pub struct Picture {
    /// A JPEG image.
    pub jpeg: Bytes,
    /// When it arrived.
    pub at: Instant,
}

/// A camera that takes pictures. Dropping it ends that and frees the camera.
#[derive(Debug)]
pub struct CameraStream {
    pictures: Receiver<Result<Picture, CaptureError>>,
    is_ended: Arc<AtomicBool>,
    dropped: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
}

impl CameraStream {
    /// Opens a camera at about this size, as MJPEG if it can.
    ///
    /// # Errors
    /// If it is not there, somebody else has it, or it has no format that can be used.
    pub fn open(path: &Path, width: u32, height: u32) -> Result<Self, CaptureError> {
        let device = Device::with_path(path)?;
        let (pixels, format) = choose(&device, width, height)?;
        let (sender, pictures) = channel(PICTURES_MAX);
        let (is_ended, dropped) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let camera = Camera {
            device,
            pixels,
            format,
            sender,
            is_ended: Arc::clone(&is_ended),
            dropped: Arc::clone(&dropped),
        };
        let thread = std::thread::Builder::new().name("camera".to_owned());
        let thread = thread.spawn(move || camera.run())?;
        Ok(Self { pictures, is_ended, dropped, thread: Some(thread) })
    }

    /// A camera whose pictures come from elsewhere: one of the simulated house (promise D-22).
    pub fn simulated(pictures: Receiver<Result<Picture, CaptureError>>) -> Self {
        let (is_ended, dropped) = (Arc::default(), Arc::default());
        Self { pictures, is_ended, dropped, thread: None }
    }

    /// The next picture. Cancel-safe.
    ///
    /// # Errors
    /// An error ends the camera: it was unplugged, or fell silent for 5 s.
    pub async fn next(&mut self) -> Result<Picture, CaptureError> {
        let ended = || Err(CaptureError::Failed("the camera ended".to_owned()));
        self.pictures.recv().await.unwrap_or_else(ended)
    }

    /// Pictures that came and could not be handed over in time, or were broken.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

impl Drop for CameraStream {
    fn drop(&mut self) {
        self.is_ended.store(true, Ordering::Relaxed);
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread of a camera panicked");
        }
    }
}

/// The first format that the driver really sets; it may set something else than it was asked for.
fn choose(device: &Device, width: u32, height: u32) -> Result<(PixelFormat, Format), CaptureError> {
    for (pixels, _) in PixelFormat::ALL {
        let asked = Format::new(width, height, pixels.fourcc());
        if let Ok(set) = device.set_format(&asked)
            && set.fourcc == pixels.fourcc()
        {
            return Ok((pixels, set));
        }
    }
    Err(CaptureError::Format)
}

/// What the thread owns.
struct Camera {
    device: Device,
    pixels: PixelFormat,
    format: Format,
    sender: Sender<Result<Picture, CaptureError>>,
    is_ended: Arc<AtomicBool>,
    dropped: Arc<AtomicU64>,
}

impl Camera {
    fn run(self) {
        if let Err(error) = self.take_pictures() {
            // Nobody listens, or the queue is full and its reader sees the end after it.
            self.sender.try_send(Err(error)).ok();
        }
    }

    fn take_pictures(&self) -> Result<(), CaptureError> {
        let mut stream = MmapStream::with_buffers(&self.device, Type::VideoCapture, BUFFERS)?;
        // Only for the first picture: a wait that ends without one leaves `next` in a state from which
        // it does not go on, so later pictures are waited for before it is called.
        stream.set_timeout(SILENCE_MAX);
        let handle = self.device.handle();
        let mut last: Option<Instant> = None;
        while !self.is_ended.load(Ordering::Relaxed) {
            if let Some(last) = last
                && handle.poll(libc::POLLIN, NOTICE_MILLIS)? == 0
            {
                if last.elapsed() > SILENCE_MAX {
                    return Err(CaptureError::Silent);
                }
                continue;
            }
            let (bytes, metadata) = stream.next()?;
            let used = usize::try_from(metadata.bytesused).unwrap_or(0);
            let at = Instant::now();
            last = Some(at);
            match self.jpeg(bytes.get(..used).unwrap_or_default()) {
                Ok(jpeg) => match self.sender.try_send(Ok(Picture { jpeg, at })) {
                    Ok(()) => {}
                    Err(TrySendError::Full(_)) => self.count_dropped(),
                    Err(TrySendError::Closed(_)) => return Ok(()),
                },
                // USB loses packets; the next picture is whole again.
                Err(_) => self.count_dropped(),
            }
        }
        Ok(())
    }

    fn count_dropped(&self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }

    fn jpeg(&self, bytes: &[u8]) -> Result<Bytes, CaptureError> {
        let malformed = CaptureError::Malformed("the picture");
        let jpeg = match self.pixels {
            PixelFormat::Mjpeg => Bytes::copy_from_slice(bytes),
            PixelFormat::Yuyv => {
                let size = (u16::try_from(self.format.width), u16::try_from(self.format.height));
                let (Ok(width), Ok(height)) = size else { return Err(malformed) };
                let stride = usize::try_from(self.format.stride).unwrap_or(0);
                Bytes::from(yuyv::to_jpeg(bytes, width, height, stride)?)
            }
        };
        let is_whole =
            jpeg.len() <= PICTURE_BYTES_MAX && hearth_media::jpeg::dimensions(&jpeg).is_ok();
        if is_whole { Ok(jpeg) } else { Err(malformed) }
    }
}
