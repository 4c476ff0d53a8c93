//! Where footage lies in the data directory.
//!
//! `media/<camera>/<day>/<segment>.hws` and `stills/<camera>/<day>/<event>.hws`, all folders 0700.
//! Names hold only ids and day numbers: which camera looks where is known to the index alone.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use hearth_model::{CameraId, EventId, SegmentId, WallTime};

/// Days since 1970 by the wall clock, UTC.
pub(crate) type Day = u32;

/// Names the vault that this volume belongs to, so that an empty mount point or another house's
/// disk is never taken for ours.
const MARK_FILE: &str = "volume.json";

/// Why a folder can't be used for footage.
#[derive(Debug, thiserror::Error)]
pub enum LayoutError {
    /// The folder belongs to another house.
    #[error("the media folder belongs to another house: it was made with another vault")]
    WrongVolume,
    /// It was there at the last start, and is not now: most likely a disk that is not mounted.
    #[error(
        "the media folder lost its mark: is its disk mounted? Nothing is written until it is back"
    )]
    MarkMissing,
    /// The disk refused.
    #[error("the media folder can't be used")]
    Io(#[from] io::Error),
}

/// The folders of one data directory.
#[derive(Clone, Debug)]
pub struct Layout {
    root: PathBuf,
}

/// Whether this start may lay out a fresh volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fresh {
    /// The data directory was just created.
    Yes,
    /// There has been footage before.
    No,
}

impl Layout {
    /// Opens the folders below `root`, or makes them on the first start.
    ///
    /// # Errors
    /// [`LayoutError::WrongVolume`] or [`LayoutError::MarkMissing`] if what is there is not what
    /// was there before.
    pub fn open(root: &Path, vault: &[u8; 16], fresh: Fresh) -> Result<Self, LayoutError> {
        let layout = Self { root: root.to_owned() };
        let mark = serde_json::json!({ "vault": hex(vault), "format": 1 }).to_string();
        let path = layout.media().join(MARK_FILE);
        match fs::read_to_string(&path) {
            Ok(found) if found == mark => {}
            Ok(_) => return Err(LayoutError::WrongVolume),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if fresh == Fresh::No {
                    return Err(LayoutError::MarkMissing);
                }
                make_private_dir(&layout.media())?;
                make_private_dir(&layout.stills())?;
                write_private(&path, mark.as_bytes())?;
                sync_dir(&layout.media())?;
            }
            Err(error) => return Err(error.into()),
        }
        Ok(layout)
    }

    pub(crate) fn media(&self) -> PathBuf {
        self.root.join("media")
    }

    pub(crate) fn stills(&self) -> PathBuf {
        self.root.join("stills")
    }

    pub(crate) fn camera_media(&self, camera: CameraId) -> PathBuf {
        self.media().join(camera.to_string())
    }

    pub(crate) fn camera_stills(&self, camera: CameraId) -> PathBuf {
        self.stills().join(camera.to_string())
    }

    pub(crate) fn day(&self, camera: CameraId, day: Day) -> PathBuf {
        self.camera_media(camera).join(day.to_string())
    }

    pub(crate) fn segment(&self, camera: CameraId, day: Day, segment: SegmentId) -> PathBuf {
        self.day(camera, day).join(format!("{segment}.{SEGMENT_EXTENSION}"))
    }

    pub(crate) fn picture(&self, camera: CameraId, event: EventId) -> PathBuf {
        let day = day_of_event(event).to_string();
        self.camera_stills(camera).join(day).join(format!("{event}.{SEGMENT_EXTENSION}"))
    }
}

/// Ending of sealed files.
pub(crate) const SEGMENT_EXTENSION: &str = "hws";

/// The day that a wall time lies in. Times before 1970 count as day 0: a camera house without a
/// battery clock boots there, and its footage must still find a place.
pub(crate) fn day_of(at: WallTime) -> Day {
    Day::try_from(at.as_micros().div_euclid(WallTime::MICROS_A_DAY)).unwrap_or(0)
}

/// The day an event was noted: its id begins with the milliseconds since 1970 (RFC 9562, 5.7).
pub(crate) fn day_of_event(event: EventId) -> Day {
    let [a, b, c, d, e, f, ..] = *event.as_bytes();
    let millis = u64::from_be_bytes([0, 0, a, b, c, d, e, f]);
    Day::try_from(millis / 86_400_000).unwrap_or(0)
}

/// Makes a folder and its missing parents, each 0700 (promise D-05), names durable.
pub(crate) fn make_private_dir(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        make_private_dir(parent)?;
    }
    match fs::DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    path.parent().map_or(Ok(()), sync_dir)
}

fn sync_dir(path: &Path) -> io::Result<()> {
    fs::File::open(path)?.sync_all()
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::io::Write;
    let mut file =
        fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// Another house's disk, or an empty mount point, is refused instead of written to.
    #[test]
    fn a_wrong_or_missing_volume_is_refused() {
        let dir = tempfile::tempdir().expect("a folder");
        Layout::open(dir.path(), &[1; 16], Fresh::Yes).expect("laid out");
        Layout::open(dir.path(), &[1; 16], Fresh::No).expect("opened again");
        let other = Layout::open(dir.path(), &[2; 16], Fresh::No);
        assert!(matches!(other, Err(LayoutError::WrongVolume)));
        fs::remove_file(dir.path().join("media").join(MARK_FILE)).expect("removed");
        let unmounted = Layout::open(dir.path(), &[1; 16], Fresh::No);
        assert!(matches!(unmounted, Err(LayoutError::MarkMissing)));
    }

    /// promise: D-05. Folders of footage and pictures are owner-only.
    #[test]
    fn folders_are_owner_only() {
        let dir = tempfile::tempdir().expect("a folder");
        let layout = Layout::open(dir.path(), &[1; 16], Fresh::Yes).expect("laid out");
        let day = layout.day(CameraId::new(), 20_000);
        make_private_dir(&day).expect("made");
        for path in [layout.media(), layout.stills(), day] {
            let mode = fs::metadata(&path).expect("there").permissions().mode();
            assert_eq!(mode & 0o777, 0o700, "{path:?}");
        }
    }

    #[test]
    fn times_before_1970_have_a_day() {
        assert_eq!(day_of(WallTime::from_micros(-1)), 0);
        assert_eq!(day_of(WallTime::from_micros(WallTime::MICROS_A_DAY)), 1);
    }
}
