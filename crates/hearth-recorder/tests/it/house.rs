//! A data directory with a vault, an index and a recorder, and a camera that sends made-up frames.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread::JoinHandle,
};

use bytes::Bytes;
use hearth_media::{Frame, MediaTime, StreamItem, StreamParameters, TrackKind, VideoParameters};
use hearth_model::{CameraId, RecordMode, TimeRange, WallTime};
use hearth_recorder::{
    CameraRecorder, Fresh, Layout, Recorder, RecorderControl, RecorderCounters, RecorderLimits,
};
use hearth_store::Store;
use hearth_vault::{MasterKeySource, Vault};

/// 2023-11-14T22:13:20Z: both timelines of these tests start here.
pub(crate) const EPOCH: i64 = 1_700_000_000_000_000;

/// Planted into every frame; must never be seen on disk.
pub(crate) const PLANTED: &[u8] = b"planted picture content";

/// Made by x264: 1920x1080 Baseline.
const SPS: &[u8] = b"\x67\x42\xc0\x28\xd9\x00\x78\x02\x27\xe5\xc0\x44\x00\x00\x03\x00\x04\
    \x00\x00\x03\x00\xc8\x3c\x60\xc9\x20";
const PPS: &[u8] = b"\x68\xea\xe3\xcb\x22\xc0";

/// A disk with a reserve of its own.
pub(crate) const PLENTY: u64 = 1 << 40;

pub(crate) struct House {
    pub(crate) data: PathBuf,
    pub(crate) recorder: Recorder,
    pub(crate) store: Store,
    pub(crate) free: Arc<AtomicU64>,
    _folder: Option<tempfile::TempDir>,
}

impl House {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data");
        fs::create_dir(&data).expect("a data folder");
        let mut house = Self::open(&data, &folder.path().join("key"), Fresh::Yes).await;
        house._folder = Some(folder);
        house
    }

    async fn open(data: &Path, key: &Path, fresh: Fresh) -> Self {
        let source = MasterKeySource::KeyFile(key.to_owned());
        let vault = match fresh {
            Fresh::Yes => Vault::create(data, &source),
            Fresh::No => Vault::open(data, &source),
        };
        let vault = vault.expect("the vault opens");
        let layout = Layout::open(data, vault.id().as_bytes(), fresh).expect("laid out");
        let index_key = vault.index_key().expect("derives");
        let store = Store::open(&data.join("index.db"), &index_key).await;
        let store = store.expect("the index opens");
        let free = Arc::new(AtomicU64::new(PLENTY));
        let reported = Arc::clone(&free);
        let limits = RecorderLimits {
            bytes_free_min: 1 << 30,
            free_bytes: Box::new(move || Ok(reported.load(Ordering::Relaxed))),
            wall: Box::new(|| WallTime::from_micros(EPOCH + 86_400_000_000)),
        };
        let recorder = Recorder::new(vault, layout, store.clone(), limits);
        Self { data: data.to_owned(), recorder, store, free, _folder: None }
    }

    /// What a power cut would leave: a copy of the data directory as it is now, opened anew.
    pub(crate) async fn after_power_cut(&self) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data");
        copy_folder(&self.data, &data);
        let key = self.data.parent().expect("has a parent").join("key");
        let mut house = Self::open(&data, &key, Fresh::No).await;
        house._folder = Some(folder);
        house
    }

    pub(crate) fn camera(&self) -> Camera {
        self.camera_of(CameraId::new(), RecordMode::Continuous)
    }

    pub(crate) fn camera_of(&self, id: CameraId, mode: RecordMode) -> Camera {
        let control = Arc::new(RecorderControl::new(5, 0));
        control.set_mode(mode);
        let counters = Arc::new(RecorderCounters::default());
        let made = self.recorder.camera(id, Arc::clone(&control), Arc::clone(&counters));
        let (mut recorder, writer) = made.expect("a recorder");
        recorder.offer(parameters(b'a'));
        Camera { id, control, counters, recorder, writer }
    }

    pub(crate) async fn bytes_of(&self, camera: CameraId, from: i64, to: i64) -> Vec<u8> {
        let clip = self.recorder.footage().clip(camera, range(from, to)).await.expect("a clip");
        let mut bytes = Vec::new();
        while (bytes.len() as u64) < clip.bytes() {
            let piece = clip.read_piece(bytes.len() as u64..u64::MAX).await.expect("readable");
            assert!(!piece.is_empty(), "the clip ends early");
            bytes.extend_from_slice(&piece);
        }
        bytes
    }

    pub(crate) async fn seconds_kept(&self, camera: CameraId) -> i64 {
        self.recorder.flush_index().await;
        let spans = self.store.footage_spans(camera, range(-3600, 86_400), 2_000_000).await;
        spans.expect("spans").iter().map(|span| span.micros()).sum::<i64>() / 1_000_000
    }

    /// All files below the data directory whose path contains `part`.
    pub(crate) fn files(&self, part: &str) -> Vec<PathBuf> {
        let mut files = Vec::new();
        list(&self.data, &mut files);
        files.retain(|path| path.to_string_lossy().contains(part));
        files
    }
}

pub(crate) struct Camera {
    pub(crate) id: CameraId,
    pub(crate) control: Arc<RecorderControl>,
    pub(crate) counters: Arc<RecorderCounters>,
    pub(crate) recorder: CameraRecorder,
    writer: JoinHandle<()>,
}

impl Camera {
    /// Ten frames a second, a key frame every two seconds.
    pub(crate) fn send(&mut self, seconds: std::ops::Range<i64>) {
        for n in seconds.start * 10..seconds.end * 10 {
            self.recorder.offer(StreamItem::Frame(Frame {
                track: TrackKind::Video,
                pts: MediaTime::from_micros(EPOCH + n * 100_000),
                duration_samples: None,
                is_key: n % 20 == 0,
                after_loss: false,
                data: picture(n),
            }));
            // The writer is a thread of its own: let it keep up, as a real second would.
            if n % 10 == 0 {
                self.settle();
            }
        }
    }

    /// Waits until the writer has taken everything.
    pub(crate) fn settle(&self) {
        while self.counters.bytes_queued() > 0 {
            std::thread::yield_now();
        }
    }

    /// Ends the session and waits until all is written.
    pub(crate) fn end(mut self) -> CameraId {
        self.recorder.end_session();
        drop(self.recorder);
        self.writer.join().expect("the writer ends well");
        self.id
    }
}

pub(crate) fn parameters(variant: u8) -> StreamItem {
    let mut pps = PPS.to_vec();
    pps.push(variant);
    let video = VideoParameters::from_h264(SPS, &pps).expect("x264 is right");
    StreamItem::Parameters(Arc::new(StreamParameters { video: Some(video), audio: None }))
}

/// One length-prefixed unit that names its number.
pub(crate) fn picture(n: i64) -> Bytes {
    let mut unit = vec![if n % 20 == 0 { 0x65 } else { 0x41 }];
    unit.extend_from_slice(PLANTED);
    unit.extend_from_slice(&n.to_be_bytes());
    unit.extend(std::iter::repeat_n(0x55, 2_000));
    let mut data = u32::try_from(unit.len()).expect("small").to_be_bytes().to_vec();
    data.extend(unit);
    data.into()
}

pub(crate) fn range(from: i64, to: i64) -> TimeRange {
    TimeRange::new(at(from), at(to)).expect("a range")
}

pub(crate) fn at(seconds: i64) -> WallTime {
    WallTime::from_micros(EPOCH + seconds * 1_000_000)
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            list(&path, files);
        } else {
            files.push(path);
        }
    }
}

pub(crate) fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir(to).expect("a new folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copied");
        }
    }
}
