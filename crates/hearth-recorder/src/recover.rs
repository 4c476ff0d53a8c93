//! Brings index and files together again after a crash, and makes the index anew from the files.
//!
//! Files are the truth. What was open when the hub died is finished; files that the index does not
//! know are noted; rows whose file is gone are dropped.

use std::{collections::HashSet, fs, io, path::Path};

use hearth_model::{CameraId, SegmentId};
use hearth_store::{Segment, SegmentChange, SegmentState};
use hearth_vault::{FileKey, RecordKind, SealedReader, VaultError};

use crate::{
    error::RecorderError,
    footage::{blocking, read_index},
    layout::{Day, SEGMENT_EXTENSION, day_of},
    meta::SegmentMeta,
    recorder::{Recorder, Shared},
    segment::{self, OpenSegment},
};

/// Days that are compared at start: footage of the last commits before a power cut lies in the
/// newest folders, or, after a clock was set back, in the one before.
const DAYS_COMPARED: usize = 2;

/// Segments noted in one transaction.
const BATCH: usize = 500;

/// What start-up found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Files that were open and are finished now.
    pub finished: u64,
    /// Files that the index did not know.
    pub found: u64,
    /// Rows whose file is gone.
    pub dropped: u64,
    /// Files that can't be read.
    pub damaged: u64,
}

/// What a rebuild found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RebuildReport {
    /// Segments noted.
    pub segments: u64,
    /// Files that can't be read.
    pub damaged: u64,
}

/// What lay there at start: taken before any camera records, so that nothing new is mistaken for
/// something left behind.
#[derive(Debug, Default)]
pub struct Survey {
    open: Vec<Segment>,
    newest: Vec<(CameraId, Day, Vec<SegmentId>)>,
}

impl Recorder {
    /// Looks what the last run left behind. Quick: names only, and of the newest folders only.
    ///
    /// # Errors
    /// If the index or the folders can't be read.
    pub async fn survey(&self, cameras: &[CameraId]) -> Result<Survey, RecorderError> {
        let open = self.shared().store.open_segments().await?;
        let mut newest = Vec::new();
        for &camera in cameras {
            let mut days = numbered_folders(&self.shared().layout.camera_media(camera))?;
            days.sort_unstable();
            for &day in days.iter().rev().take(DAYS_COMPARED) {
                newest.push((camera, day, segment_files(&self.shared().layout.day(camera, day))?));
            }
        }
        Ok(Survey { open, newest })
    }

    /// Resolves what the survey saw; recording may go on meanwhile.
    ///
    /// # Errors
    /// If the index refuses.
    pub async fn recover(&self, survey: Survey) -> Result<Recovered, RecorderError> {
        let mut recovered = Recovered::default();
        let mut changes = Vec::new();
        let mut resolved = HashSet::new();
        for row in survey.open {
            resolved.insert(row.id);
            let day = day_of(row.wall_start);
            changes.push(self.resolve(row.camera, day, row.id, &mut recovered).await?);
        }
        for (camera, day, files) in survey.newest {
            let files = files.into_iter().filter(|id| !resolved.contains(id)).collect();
            changes.extend(self.compare_day(camera, day, files, &mut recovered).await?);
        }
        self.shared().store.commit_segments(&changes).await?;
        Ok(recovered)
    }

    /// Makes the rows of all segment files anew. Recording may go on meanwhile.
    ///
    /// # Errors
    /// If the folders can't be listed or the index refuses.
    pub async fn rebuild_index(&self) -> Result<RebuildReport, RecorderError> {
        let mut report = RebuildReport::default();
        let media = self.shared().layout.media();
        for camera in named_folders::<CameraId>(&media)? {
            for day in numbered_folders(&media.join(camera.to_string()))? {
                let ids = segment_files(&self.shared().layout.day(camera, day))?;
                for batch in ids.chunks(BATCH) {
                    self.note_files(camera, day, batch, &mut report).await?;
                }
            }
        }
        Ok(report)
    }

    async fn note_files(
        &self,
        camera: CameraId,
        day: Day,
        ids: &[SegmentId],
        report: &mut RebuildReport,
    ) -> Result<(), RecorderError> {
        let (shared, ids) = (self.shared().clone(), ids.to_vec());
        let rows = blocking(move || {
            Ok(ids.iter().map(|id| inspect(&shared, camera, day, *id)).collect::<Vec<_>>())
        })
        .await?;
        let mut changes = Vec::with_capacity(rows.len());
        for row in rows {
            match row {
                Ok(row) => changes.push(SegmentChange::Put(row)),
                Err(error) => {
                    tracing::warn!(%error, camera.id = %camera, day, "a segment can't be read");
                    report.damaged += 1;
                }
            }
        }
        report.segments += changes.len() as u64;
        Ok(self.shared().store.commit_segments(&changes).await?)
    }

    /// Finishes one file, or finds that it is gone.
    async fn resolve(
        &self,
        camera: CameraId,
        day: Day,
        id: SegmentId,
        recovered: &mut Recovered,
    ) -> Result<SegmentChange, RecorderError> {
        let shared = self.shared().clone();
        match blocking(move || finish(&shared, camera, day, id)).await {
            Ok(Some(row)) if row.state == SegmentState::Damaged => {
                recovered.damaged += 1;
                Ok(SegmentChange::Put(row))
            }
            Ok(Some(row)) => {
                recovered.finished += 1;
                Ok(SegmentChange::Put(row))
            }
            Ok(None) => {
                recovered.dropped += 1;
                Ok(SegmentChange::Erase(id))
            }
            Err(error) => {
                tracing::warn!(%error, segment.id = %id, "a segment could not be finished");
                recovered.damaged += 1;
                Ok(SegmentChange::Erase(id))
            }
        }
    }

    async fn compare_day(
        &self,
        camera: CameraId,
        day: Day,
        files: HashSet<SegmentId>,
        recovered: &mut Recovered,
    ) -> Result<Vec<SegmentChange>, RecorderError> {
        let known = self.shared().store.segments_of_day(camera, day).await?;
        let known: HashSet<SegmentId> = known.iter().map(|row| row.id).collect();
        let mut changes = Vec::new();
        for id in files.difference(&known) {
            let change = self.resolve(camera, day, *id, recovered).await?;
            if matches!(change, SegmentChange::Put(_)) {
                recovered.finished = recovered.finished.saturating_sub(1);
                recovered.found += 1;
                changes.push(change);
            }
        }
        for id in known.difference(&files) {
            // It may have been made since the survey.
            if !self.shared().layout.segment(camera, day, *id).try_exists()? {
                recovered.dropped += 1;
                changes.push(SegmentChange::Erase(*id));
            }
        }
        Ok(changes)
    }
}

fn key_of(
    shared: &Shared,
    camera: CameraId,
    day: Day,
    id: SegmentId,
) -> Result<Option<FileKey>, RecorderError> {
    match shared.vault.file_key(camera, day, *id.as_bytes()) {
        Ok(key) => Ok(Some(key)),
        Err(VaultError::FileKeyMissing | VaultError::ScopeMissing(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Finishes a file that a crash left open; `None` if there is nothing of it left to read.
fn finish(
    shared: &Shared,
    camera: CameraId,
    day: Day,
    id: SegmentId,
) -> Result<Option<Segment>, RecorderError> {
    let path = shared.layout.segment(camera, day, id);
    let Some(key) = key_of(shared, camera, day, id)? else { return Ok(None) };
    if !path.try_exists()? {
        return Ok(None);
    }
    let file = SealedReader::open(&path, &key)?;
    let meta = read_meta(&file, camera, id)?;
    let index = match read_index(&file) {
        Ok(index) => index,
        // The crash came before the first fragment.
        Err(RecorderError::NoFootage) => return Ok(None),
        Err(error) => return Err(error),
    };
    if file.is_finished() {
        let bytes = fs::metadata(&path)?.len();
        return Ok(Some(segment::row(&meta, &index, bytes, SegmentState::Closed)));
    }
    drop(file);
    OpenSegment::recover(&path, &key, meta, index).map(Some)
}

/// What a segment file says of itself, without changing it.
fn inspect(
    shared: &Shared,
    camera: CameraId,
    day: Day,
    id: SegmentId,
) -> Result<Segment, RecorderError> {
    let path = shared.layout.segment(camera, day, id);
    let key = key_of(shared, camera, day, id)?.ok_or(RecorderError::NotASegment)?;
    let file = SealedReader::open(&path, &key)?;
    let meta = read_meta(&file, camera, id)?;
    let index = read_index(&file)?;
    let state = if file.is_finished() { SegmentState::Closed } else { SegmentState::Open };
    Ok(segment::row(&meta, &index, fs::metadata(&path)?.len(), state))
}

fn read_meta(
    file: &SealedReader,
    camera: CameraId,
    id: SegmentId,
) -> Result<SegmentMeta, RecorderError> {
    let records = file.records(RecordKind::Meta)?;
    let first = records.first().ok_or(RecorderError::NotASegment)?;
    let meta: SegmentMeta =
        serde_json::from_slice(first).map_err(|_| RecorderError::NotASegment)?;
    let fits = meta.camera == camera && meta.segment == id;
    fits.then_some(meta).ok_or(RecorderError::NotASegment)
}

/// Names in a folder; none if there is no such folder.
fn names(folder: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut names = Vec::new();
    for entry in entries {
        names.extend(entry?.file_name().into_string().ok());
    }
    Ok(names)
}

pub(crate) fn named_folders<T: std::str::FromStr>(folder: &Path) -> io::Result<Vec<T>> {
    Ok(names(folder)?.iter().filter_map(|name| name.parse().ok()).collect())
}

pub(crate) fn numbered_folders(folder: &Path) -> io::Result<Vec<Day>> {
    named_folders(folder)
}

/// Ids of the segment files in a day's folder.
pub(crate) fn segment_files(folder: &Path) -> io::Result<Vec<SegmentId>> {
    sealed_files(folder)
}

/// Ids that sealed files in a folder are named after.
pub(crate) fn sealed_files<T: std::str::FromStr>(folder: &Path) -> io::Result<Vec<T>> {
    let ids = names(folder)?.into_iter().filter_map(|name| {
        let (id, ending) = name.rsplit_once('.')?;
        if ending == SEGMENT_EXTENSION { id.parse().ok() } else { None }
    });
    Ok(ids.collect())
}
