//! The thread that writes one camera's segments.
//!
//! One thread a camera: a camera whose disk or key fails holds up nobody else. It never panics on a
//! failed write: the fragment is dropped with its cause, and the next key frame tries a new file.

use std::{
    sync::{
        Arc,
        atomic::Ordering,
        mpsc::{Receiver, sync_channel},
    },
    thread,
};

use hearth_model::CameraId;
use hearth_store::{SegmentKind, SegmentState};

use crate::{
    camera::{CameraRecorder, JOBS_MAX, Job, RecorderControl, RecorderCounters},
    cutter::CutFragment,
    error::RecorderError,
    journal::SegmentNote,
    recorder::Shared,
    segment::OpenSegment,
};

/// A file ends at the first key frame after this: short enough to erase in small steps, long enough
/// for few names and rows (1,440 a day).
const SEGMENT_MICROS: i64 = 60_000_000;

/// Footage that is missing for longer than this begins a new file.
const HOLE_MICROS_MIN: i64 = 2_000_000;

/// A writer's stack: the deepest call chain seals 64 KiB pieces that live on the heap.
const STACK_BYTES: usize = 256 << 10;

/// Starts a camera's writer thread and returns the stream's side of it. The thread ends when the
/// returned recorder is dropped and all it handed on is written.
pub(crate) fn spawn(
    shared: Arc<Shared>,
    camera: CameraId,
    control: Arc<RecorderControl>,
    counters: Arc<RecorderCounters>,
) -> Result<(CameraRecorder, thread::JoinHandle<()>), RecorderError> {
    let (tx, rx) = sync_channel(JOBS_MAX);
    let recorder = CameraRecorder::new(control, Arc::clone(&counters), tx);
    let writer = Writer { shared, camera, counters, open: None };
    let thread = thread::Builder::new()
        .name("recorder".to_owned())
        .stack_size(STACK_BYTES)
        .spawn(move || writer.run(&rx))?;
    Ok((recorder, thread))
}

struct Writer {
    shared: Arc<Shared>,
    camera: CameraId,
    counters: Arc<RecorderCounters>,
    open: Option<OpenSegment>,
}

impl Writer {
    fn run(mut self, jobs: &Receiver<Job>) {
        while let Ok(job) = jobs.recv() {
            match job {
                Job::Append { fragment, kind, wall_offset } => {
                    self.append(&fragment, kind, wall_offset);
                    self.counters.job_done(fragment.bytes);
                }
                Job::Close => self.finish(),
            }
        }
        self.finish();
    }

    fn append(&mut self, fragment: &CutFragment, kind: SegmentKind, wall_offset: i64) {
        if self.is_over(fragment, kind, wall_offset) {
            self.finish();
        }
        if self.open.is_none() && !fragment.starts_with_key {
            self.drop_fragment();
            return;
        }
        match self.try_append(fragment, kind, wall_offset) {
            Ok(()) => self.counters.set_fault(None),
            Err(error) => {
                tracing::warn!(camera.id = %self.camera, %error, "a fragment was not written");
                self.counters.set_fault(Some(error.write_fault()));
                self.drop_fragment();
                self.finish();
            }
        }
        self.counters.writing.store(self.open.is_some(), Ordering::Relaxed);
    }

    /// A file ends when it is long enough, when what follows does not fit it, or at a hole: holes
    /// lie between files, so that the index alone knows them.
    fn is_over(&self, fragment: &CutFragment, kind: SegmentKind, wall_offset: i64) -> bool {
        self.open.as_ref().is_some_and(|open| {
            let start = fragment.start();
            let full = start.micros_since(open.meta.start()) >= SEGMENT_MICROS;
            let hole = start.micros_since(open.end()) >= HOLE_MICROS_MIN;
            let moved = !open.fits(fragment, kind, wall_offset);
            let differs = open.index.parameters != *fragment.parameters;
            differs || (fragment.starts_with_key && (full || hole || moved))
        })
    }

    /// Makes room, writes, and on a full disk makes room once more: the reserve is a measure, the
    /// disk's own word is final.
    fn try_append(
        &mut self,
        fragment: &CutFragment,
        kind: SegmentKind,
        wall_offset: i64,
    ) -> Result<(), RecorderError> {
        self.shared.space.make_room(&self.shared, fragment.bytes as u64)?;
        match self.write(fragment, kind, wall_offset) {
            Err(error) if error.is_full() => {
                self.shared.space.make_room_after_refusal(&self.shared, fragment.bytes as u64)?;
                self.write(fragment, kind, wall_offset)
            }
            other => other,
        }
    }

    fn write(
        &mut self,
        fragment: &CutFragment,
        kind: SegmentKind,
        wall_offset: i64,
    ) -> Result<(), RecorderError> {
        let Shared { vault, layout, .. } = &*self.shared;
        let is_new = self.open.is_none();
        let mut open = match self.open.take() {
            Some(open) => open,
            None => OpenSegment::create(vault, layout, self.camera, fragment, kind, wall_offset)?,
        };
        let (bytes_before, end_before) = (open.file_bytes(), open.end());
        let appended = open.append(fragment);
        if is_new && appended.is_err() {
            // Nothing of it is in the index yet: take the empty file away again.
            self.shared.discard(&open.meta, open.day);
            return appended;
        }
        let open = self.open.insert(open);
        appended?;
        let from = if is_new { open.meta.start() } else { end_before };
        let micros = u64::try_from(open.end().micros_since(from)).unwrap_or(0);
        let bytes = open.file_bytes().saturating_sub(if is_new { 0 } else { bytes_before });
        self.counters.recorded_micros.fetch_add(micros, Ordering::Relaxed);
        self.counters.bytes_written.fetch_add(bytes, Ordering::Relaxed);
        self.counters.last_end.store(open.end().as_micros(), Ordering::Relaxed);
        self.shared.journal.note(SegmentNote(open.row(SegmentState::Open)));
        Ok(())
    }

    fn finish(&mut self) {
        let Some(open) = self.open.take() else { return };
        let id = open.meta.segment;
        match open.finish() {
            Ok(row) => self.shared.journal.note(SegmentNote(row)),
            // Start-up finishes it; until then it reads as an open one.
            Err(error) => tracing::warn!(segment.id = %id, %error, "a segment was not finished"),
        }
        self.counters.writing.store(false, Ordering::Relaxed);
    }

    fn drop_fragment(&self) {
        self.counters.fragments_dropped.fetch_add(1, Ordering::Relaxed);
    }
}
