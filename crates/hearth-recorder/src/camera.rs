//! The stream's side of a camera's recorder: what to keep, decided per fragment.
//!
//! Lives inside the camera's stream task and never waits: whole fragments go to the camera's writer
//! thread by a bounded channel, and what does not fit is dropped, counted and shown as a gap.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, AtomicU8, AtomicU16, AtomicU64, AtomicUsize, Ordering},
        mpsc::{SyncSender, TrySendError},
    },
};

use hearth_media::{MediaTime, StreamItem};
use hearth_model::{GapCause, RecordMode};
use hearth_store::SegmentKind;

use crate::cutter::{CutFragment, Cutter};

/// Fragments on their way to the writer: about 30 s of a disk that stands still.
pub(crate) const JOBS_MAX: usize = 32;

/// Bytes on their way to the writer, for cameras with large fragments.
const JOB_BYTES_MAX: usize = 32 << 20;

/// Most bytes of pre-roll a camera keeps in memory: 60 s at 8 Mbit/s.
const PRE_ROLL_BYTES_MAX: usize = 64 << 20;

/// What the hub tells a recorder, without a lock: read once a fragment.
#[derive(Debug)]
pub struct RecorderControl {
    mode: AtomicU8,
    keep_until: AtomicI64,
    pre_roll_seconds: AtomicU16,
    wall_offset: AtomicI64,
}

impl RecorderControl {
    /// A recorder that is off. `wall_offset` is wall time minus stream time in microseconds.
    pub fn new(pre_roll_seconds: u16, wall_offset: i64) -> Self {
        Self {
            mode: AtomicU8::new(encode_mode(RecordMode::Off)),
            keep_until: AtomicI64::new(i64::MIN),
            pre_roll_seconds: AtomicU16::new(pre_roll_seconds),
            wall_offset: AtomicI64::new(wall_offset),
        }
    }

    /// Sets the mode in force.
    pub fn set_mode(&self, mode: RecordMode) {
        self.mode.store(encode_mode(mode), Ordering::Relaxed);
    }

    /// The mode in force.
    pub fn mode(&self) -> RecordMode {
        match self.mode.load(Ordering::Relaxed) {
            0 => RecordMode::Continuous,
            1 => RecordMode::Event,
            _ => RecordMode::Off,
        }
    }

    /// Sets how much is kept from before an event.
    pub fn set_pre_roll(&self, seconds: u16) {
        self.pre_roll_seconds.store(seconds, Ordering::Relaxed);
    }

    /// In event mode: keep what comes until that time. [`MediaTime::from_micros`]`(i64::MAX)` keeps
    /// until told otherwise.
    pub fn keep_until(&self, until: MediaTime) {
        self.keep_until.store(until.as_micros(), Ordering::Relaxed);
    }

    /// Sets wall time minus stream time in microseconds. The next key frame begins a new file, so
    /// that one file has one offset.
    pub fn set_wall_offset(&self, micros: i64) {
        self.wall_offset.store(micros, Ordering::Relaxed);
    }
}

const fn encode_mode(mode: RecordMode) -> u8 {
    match mode {
        RecordMode::Continuous => 0,
        RecordMode::Event => 1,
        RecordMode::Off => 2,
    }
}

/// Why footage could not be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteFault {
    /// No space, and nothing left to erase.
    DiskFull,
    /// The disk refused.
    DiskError,
    /// The disk did not keep up.
    DiskSlow,
    /// The key is not available.
    Locked,
}

impl From<WriteFault> for GapCause {
    fn from(fault: WriteFault) -> Self {
        match fault {
            WriteFault::DiskFull => Self::DiskFull,
            WriteFault::DiskError => Self::DiskError,
            WriteFault::DiskSlow => Self::DiskSlow,
            WriteFault::Locked => Self::Locked,
        }
    }
}

/// What a recorder has done since it was made. Written by one side, read by anyone, no lock.
#[derive(Debug)]
pub struct RecorderCounters {
    pub(crate) recorded_micros: AtomicU64,
    pub(crate) bytes_written: AtomicU64,
    pub(crate) fragments_dropped: AtomicU64,
    pub(crate) last_end: AtomicI64,
    pub(crate) writing: AtomicBool,
    fault: AtomicU8,
    job_bytes: AtomicUsize,
}

impl Default for RecorderCounters {
    fn default() -> Self {
        Self {
            recorded_micros: AtomicU64::new(0),
            bytes_written: AtomicU64::new(0),
            fragments_dropped: AtomicU64::new(0),
            last_end: AtomicI64::new(i64::MIN),
            writing: AtomicBool::new(false),
            fault: AtomicU8::new(0),
            job_bytes: AtomicUsize::new(0),
        }
    }
}

impl RecorderCounters {
    /// Footage on disk, in microseconds.
    pub fn recorded_micros(&self) -> u64 {
        self.recorded_micros.load(Ordering::Relaxed)
    }

    /// Bytes of media on disk.
    pub fn bytes_written(&self) -> u64 {
        self.bytes_written.load(Ordering::Relaxed)
    }

    /// Fragments that were not written.
    pub fn fragments_dropped(&self) -> u64 {
        self.fragments_dropped.load(Ordering::Relaxed)
    }

    /// End of the newest fragment on disk, if there is one.
    pub fn last_end(&self) -> Option<MediaTime> {
        let end = self.last_end.load(Ordering::Relaxed);
        (end != i64::MIN).then(|| MediaTime::from_micros(end))
    }

    /// Whether a file is open.
    pub fn is_writing(&self) -> bool {
        self.writing.load(Ordering::Relaxed)
    }

    /// Why the last fragment was not written, if it was not.
    pub fn fault(&self) -> Option<WriteFault> {
        match self.fault.load(Ordering::Relaxed) {
            1 => Some(WriteFault::DiskFull),
            2 => Some(WriteFault::DiskError),
            3 => Some(WriteFault::DiskSlow),
            4 => Some(WriteFault::Locked),
            _ => None,
        }
    }

    /// Bytes handed to the writer and not written yet.
    pub fn bytes_queued(&self) -> usize {
        self.job_bytes.load(Ordering::Relaxed)
    }

    pub(crate) fn set_fault(&self, fault: Option<WriteFault>) {
        let code = match fault {
            None => 0,
            Some(WriteFault::DiskFull) => 1,
            Some(WriteFault::DiskError) => 2,
            Some(WriteFault::DiskSlow) => 3,
            Some(WriteFault::Locked) => 4,
        };
        self.fault.store(code, Ordering::Relaxed);
    }

    pub(crate) fn job_done(&self, bytes: usize) {
        self.job_bytes.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// What the writer thread is asked to do.
#[derive(Debug)]
pub(crate) enum Job {
    /// Append a fragment.
    Append { fragment: CutFragment, kind: SegmentKind, wall_offset: i64 },
    /// Finish the open file.
    Close,
}

/// Takes a camera's frames and hands on those that are to be kept.
#[derive(Debug)]
pub struct CameraRecorder {
    cutter: Cutter,
    control: Arc<RecorderControl>,
    counters: Arc<RecorderCounters>,
    jobs: SyncSender<Job>,
    pre_roll: VecDeque<CutFragment>,
    is_open: bool,
    /// Something was dropped, so nothing can be decoded before the next key frame.
    waits_for_key: bool,
}

impl CameraRecorder {
    pub(crate) fn new(
        control: Arc<RecorderControl>,
        counters: Arc<RecorderCounters>,
        jobs: SyncSender<Job>,
    ) -> Self {
        Self {
            cutter: Cutter::default(),
            control,
            counters,
            jobs,
            pre_roll: VecDeque::new(),
            is_open: false,
            waits_for_key: false,
        }
    }

    /// Takes the next item of the stream. Never waits.
    pub fn offer(&mut self, item: StreamItem) {
        if let Some(fragment) = self.cutter.offer(item) {
            self.keep(fragment);
        }
    }

    /// Writes out what is collected and finishes the file: the session is over.
    pub fn end_session(&mut self) {
        if let Some(fragment) = self.cutter.flush() {
            self.keep(fragment);
        }
        self.close();
        self.pre_roll.clear();
    }

    fn keep(&mut self, fragment: CutFragment) {
        match self.control.mode() {
            RecordMode::Off => {
                self.close();
                self.pre_roll.clear();
            }
            RecordMode::Continuous => {
                self.pre_roll.clear();
                self.append(fragment, SegmentKind::Continuous);
            }
            RecordMode::Event => self.keep_for_event(fragment),
        }
    }

    fn keep_for_event(&mut self, fragment: CutFragment) {
        let until = self.control.keep_until.load(Ordering::Relaxed);
        if fragment.start().as_micros() <= until {
            for earlier in std::mem::take(&mut self.pre_roll) {
                self.append(earlier, SegmentKind::Event);
            }
            self.append(fragment, SegmentKind::Event);
        } else {
            self.close();
            self.pre_roll.push_back(fragment);
            self.trim_pre_roll();
        }
    }

    /// Drops whole groups of pictures from the front while the rest is long enough.
    fn trim_pre_roll(&mut self) {
        let seconds = self.control.pre_roll_seconds.load(Ordering::Relaxed);
        let newest = self.pre_roll.back().map(CutFragment::start).unwrap_or_default();
        let wanted_from = newest.plus_micros(-i64::from(seconds) * 1_000_000);
        loop {
            let second_key = self
                .pre_roll
                .iter()
                .enumerate()
                .skip(1)
                .find(|(_, fragment)| fragment.starts_with_key)
                .map(|(index, fragment)| (index, fragment.start()));
            let Some((index, start)) = second_key else { break };
            let bytes: usize = self.pre_roll.iter().map(|fragment| fragment.bytes).sum();
            if start > wanted_from && bytes <= PRE_ROLL_BYTES_MAX {
                break;
            }
            self.pre_roll.drain(..index);
        }
    }

    fn append(&mut self, fragment: CutFragment, kind: SegmentKind) {
        if self.waits_for_key && !fragment.starts_with_key {
            self.counters.fragments_dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let bytes = fragment.bytes;
        let queued = self.counters.job_bytes.fetch_add(bytes, Ordering::Relaxed);
        let wall_offset = self.control.wall_offset.load(Ordering::Relaxed);
        let job = Job::Append { fragment, kind, wall_offset };
        let sent = queued + bytes <= JOB_BYTES_MAX && self.jobs.try_send(job).is_ok();
        self.waits_for_key = !sent;
        if sent {
            self.is_open = true;
        } else {
            self.counters.job_done(bytes);
            self.counters.fragments_dropped.fetch_add(1, Ordering::Relaxed);
            self.counters.set_fault(Some(WriteFault::DiskSlow));
        }
    }

    fn close(&mut self) {
        if !self.is_open {
            return;
        }
        // A full queue keeps the file open a little longer; the next quiet fragment asks again.
        if !matches!(self.jobs.try_send(Job::Close), Err(TrySendError::Full(_))) {
            self.is_open = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, sync_channel};

    use bytes::Bytes;
    use hearth_media::{Frame, StreamParameters, TrackKind, VideoCodec, VideoParameters};

    use super::*;

    fn recorder(jobs: usize) -> (CameraRecorder, Receiver<Job>, Arc<RecorderControl>) {
        let (tx, rx) = sync_channel(jobs);
        let control = Arc::new(RecorderControl::new(5, 0));
        let counters = Arc::new(RecorderCounters::default());
        let mut recorder = CameraRecorder::new(Arc::clone(&control), counters, tx);
        recorder.offer(StreamItem::Parameters(Arc::new(StreamParameters {
            video: Some(VideoParameters {
                codec: VideoCodec::H264,
                width: 640,
                height: 360,
                config: Bytes::new(),
                rfc6381: "avc1.42e01e".to_owned(),
                reorder_frames_max: 0,
            }),
            audio: None,
        })));
        (recorder, rx, control)
    }

    /// Ten frames a second, a key frame each second.
    fn play(recorder: &mut CameraRecorder, seconds: std::ops::Range<i64>) {
        for n in seconds.start * 10..seconds.end * 10 {
            recorder.offer(StreamItem::Frame(Frame {
                track: TrackKind::Video,
                pts: MediaTime::from_micros(n * 100_000),
                duration_samples: None,
                is_key: n % 10 == 0,
                after_loss: false,
                data: Bytes::from_static(&[0; 100]),
            }));
        }
    }

    fn starts(jobs: &Receiver<Job>) -> Vec<i64> {
        let append = |job| match job {
            Job::Append { fragment, .. } => Some(fragment.start().as_micros() / 1_000_000),
            Job::Close => None,
        };
        jobs.try_iter().filter_map(append).collect()
    }

    /// promise: T-14. A camera that is off hands nothing to the writer.
    #[test]
    fn a_live_only_camera_hands_on_nothing() {
        let (mut recorder, jobs, _) = recorder(64);
        play(&mut recorder, 0..20);
        recorder.end_session();
        assert!(jobs.try_iter().next().is_none());
    }

    #[test]
    fn continuous_mode_hands_on_everything() {
        let (mut recorder, jobs, control) = recorder(64);
        control.set_mode(RecordMode::Continuous);
        play(&mut recorder, 0..10);
        recorder.end_session();
        assert_eq!(starts(&jobs), (0..10).collect::<Vec<_>>());
    }

    #[test]
    fn an_event_keeps_what_was_before_and_after_it() {
        let (mut recorder, jobs, control) = recorder(64);
        control.set_mode(RecordMode::Event);
        play(&mut recorder, 0..20);
        assert!(starts(&jobs).is_empty());
        control.keep_until(MediaTime::from_micros(24_500_000));
        play(&mut recorder, 20..40);
        let kept = starts(&jobs);
        assert_eq!(kept.last(), Some(&24));
        // Five seconds before the newest fragment at the time of the event, in whole groups.
        assert!((13..=14).contains(&kept[0]), "{kept:?}");
        assert_eq!(kept.len() as i64, 24 - kept[0] + 1, "without a hole: {kept:?}");
    }

    #[test]
    fn a_writer_that_stands_still_costs_footage_but_never_time_or_memory() {
        let (mut recorder, jobs, control) = recorder(4);
        control.set_mode(RecordMode::Continuous);
        play(&mut recorder, 0..100);
        assert_eq!(starts(&jobs), [0, 1, 2, 3]);
        assert_eq!(recorder.counters.fault(), Some(WriteFault::DiskSlow));
        assert_eq!(recorder.counters.fragments_dropped(), 95);
    }
}
