//! Checks that index and files fit together and that every byte of footage is authentic.

use hearth_model::CameraId;
use hearth_vault::SealedReader;

use crate::{
    error::RecorderError,
    footage::{blocking, open_blocking},
    layout::Day,
    recorder::{Recorder, Shared},
    recover::{named_folders, numbered_folders, segment_files},
};

/// How far a check is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct VerifyProgress {
    /// Files checked.
    pub done: u64,
    /// Files in all.
    pub total: u64,
    /// Files with something wrong.
    pub bad: u64,
}

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct VerifyReport {
    /// Segment files that were read to the last byte.
    pub segments: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files that are damaged or altered, by id.
    pub damaged: Vec<String>,
    /// Rows without a file, by id.
    pub missing: Vec<String>,
    /// Files without a row, by id.
    pub unknown: Vec<String>,
}

impl VerifyReport {
    /// Most ids in one list of a report; more are counted by the progress.
    pub const IDS_MAX: usize = 1_000;

    /// Whether nothing is wrong.
    pub fn is_clean(&self) -> bool {
        self.damaged.is_empty() && self.missing.is_empty() && self.unknown.is_empty()
    }
}

impl Recorder {
    /// Reads everything. Recording goes on meanwhile; a file that is being written is checked up to
    /// its newest fragment.
    ///
    /// # Errors
    /// If the index or the folders can't be read.
    pub async fn verify(
        &self,
        mut progress: impl FnMut(VerifyProgress),
    ) -> Result<VerifyReport, RecorderError> {
        self.flush_index().await;
        let mut report = VerifyReport::default();
        let mut state = VerifyProgress::default();
        let days = self.days()?;
        for &(camera, day) in &days {
            state.total += segment_files(&self.shared().layout.day(camera, day))?.len() as u64;
        }
        progress(state);
        for (camera, day) in days {
            self.verify_day(camera, day, &mut report, &mut |is_bad| {
                state.done += 1;
                state.bad += u64::from(is_bad);
                state.total = state.total.max(state.done);
                progress(state);
            })
            .await?;
        }
        Ok(report)
    }

    fn days(&self) -> Result<Vec<(CameraId, Day)>, RecorderError> {
        let media = self.shared().layout.media();
        let mut days = Vec::new();
        for camera in named_folders::<CameraId>(&media)? {
            let of_camera = numbered_folders(&media.join(camera.to_string()))?;
            days.extend(of_camera.into_iter().map(|day| (camera, day)));
        }
        Ok(days)
    }

    async fn verify_day(
        &self,
        camera: CameraId,
        day: Day,
        report: &mut VerifyReport,
        checked: &mut impl FnMut(bool),
    ) -> Result<(), RecorderError> {
        // Files first: one that is made in between has its row by then.
        let files = segment_files(&self.shared().layout.day(camera, day))?;
        self.flush_index().await;
        let rows = self.shared().store.segments_of_day(camera, day).await?;
        for id in &files {
            let is_known = rows.iter().any(|row| row.id == *id);
            if !is_known {
                note(&mut report.unknown, id);
                checked(true);
            }
        }
        for row in rows {
            let shared = self.shared().clone();
            let outcome = blocking(move || check(&shared, row)).await;
            let is_bad = match outcome {
                Ok(Some(bytes)) => {
                    report.segments += 1;
                    report.bytes += bytes;
                    false
                }
                // Erased while we looked, or a row without its file.
                Ok(None) if self.shared().store.segment(row.id).await.is_err() => false,
                Ok(None) => {
                    note(&mut report.missing, &row.id);
                    true
                }
                Err(error) => {
                    tracing::warn!(%error, segment.id = %row.id, "a segment is damaged");
                    note(&mut report.damaged, &row.id);
                    true
                }
            };
            checked(is_bad);
        }
        Ok(())
    }
}

fn note(list: &mut Vec<String>, id: &impl ToString) {
    if list.len() < VerifyReport::IDS_MAX {
        list.push(id.to_string());
    }
}

/// Authenticates every record and reads the samples; `None` if the file is gone.
fn check(shared: &Shared, row: hearth_store::Segment) -> Result<Option<u64>, RecorderError> {
    let Some(opened) = open_blocking(shared, row)? else { return Ok(None) };
    let path = shared.layout.segment(row.camera, row.day(), row.id);
    let key = shared.vault.file_key(row.camera, row.day(), *row.id.as_bytes())?;
    SealedReader::open(&path, &key)?.verify()?;
    drop(opened);
    Ok(Some(row.bytes))
}
