//! One open segment file: a sealed fragmented MP4 with its own index.
//!
//! Records in order: the meta record; the init segment as data; then for each fragment its boxes
//! and frames as data and its samples as an index record. Finished files end with one index record
//! of all samples, so that reading needs neither the boxes nor the many small records.
//! Commit order: key slot, file with meta and first fragment, folder, and only then the index row.

use std::{path::Path, sync::Arc};

use bytes::Bytes;
use hearth_media::{MediaTime, StreamParameters};
use hearth_model::{CameraId, SegmentId, WallTime};
use hearth_mp4::{Fragment, FragmentBuilder, SegmentIndex};
use hearth_store::{SEGMENT_MICROS_MAX, Segment, SegmentKind, SegmentState};
use hearth_vault::{FileKey, RecordKind, SealedWriter, Vault};

use crate::{
    cutter::CutFragment,
    error::RecorderError,
    layout::{Day, Layout, day_of, make_private_dir},
    meta::SegmentMeta,
};

/// Marks an index record that holds one fragment.
pub(crate) const INDEX_OF_FRAGMENT: u8 = 0;
/// Marks the index record that holds the whole file.
pub(crate) const INDEX_OF_FILE: u8 = 1;

/// A segment that is being written.
pub(crate) struct OpenSegment {
    pub(crate) meta: SegmentMeta,
    pub(crate) day: Day,
    pub(crate) index: SegmentIndex,
    file: SealedWriter,
    builder: FragmentBuilder,
    wall_offset: i64,
}

impl OpenSegment {
    /// Makes the file for a camera's next footage and writes what comes before the first fragment.
    /// Nothing is durable before the first [`OpenSegment::append`].
    pub(crate) fn create(
        vault: &Vault,
        layout: &Layout,
        camera: CameraId,
        first: &CutFragment,
        kind: SegmentKind,
        wall_offset: i64,
    ) -> Result<Self, RecorderError> {
        let start = first.start();
        let wall_start = WallTime::from_micros(start.as_micros().saturating_add(wall_offset));
        let start_us = start.as_micros();
        let meta = SegmentMeta { segment: SegmentId::new(), camera, start_us, wall_start, kind };
        let day = day_of(wall_start);
        let init = hearth_mp4::init_segment(&first.parameters)?;
        // Each time, not once: a folder that a clean-up removed must not end recording for good.
        make_private_dir(&layout.day(camera, day))?;
        let id = *meta.segment.as_bytes();
        let key = vault.create_file_key(camera, day, id)?;
        let path = layout.segment(camera, day, meta.segment);
        let mut file = SealedWriter::create(&path, &key, id)?;
        let meta_json = serde_json::to_vec(&meta).map_err(|_| RecorderError::NotASegment)?;
        file.append(RecordKind::Meta, &[&meta_json])?;
        file.append(RecordKind::Data, &[&init])?;
        let index = SegmentIndex::new(StreamParameters::clone(&first.parameters));
        let builder = FragmentBuilder::new(Arc::clone(&first.parameters));
        Ok(Self { meta, day, index, file, builder, wall_offset })
    }

    /// Whether the fragment may go into this file: same parameters, same clock.
    pub(crate) fn fits(&self, fragment: &CutFragment, kind: SegmentKind, wall_offset: i64) -> bool {
        self.meta.kind == kind
            && self.wall_offset == wall_offset
            && self.index.parameters == *fragment.parameters
    }

    /// Appends a fragment and makes it durable.
    pub(crate) fn append(&mut self, cut: &CutFragment) -> Result<(), RecorderError> {
        let fragment = self.builder.fragment(&cut.frames, cut.next_video_pts)?;
        let offset = self.file.plain_len();
        self.file.append(RecordKind::Data, &slices(&fragment))?;
        let mut one = SegmentIndex::new(self.index.parameters.clone());
        one.push_fragment(offset, &fragment);
        self.file.append(RecordKind::Index, &[&[INDEX_OF_FRAGMENT], &one.encode()])?;
        self.file.sync()?;
        self.index.push_fragment(offset, &fragment);
        Ok(())
    }

    /// Ends the file. It stays readable without this, only a little slower.
    pub(crate) fn finish(mut self) -> Result<Segment, RecorderError> {
        self.file.append(RecordKind::Index, &[&[INDEX_OF_FILE], &self.index.encode()])?;
        self.file.finish()?;
        Ok(self.row(SegmentState::Closed))
    }

    /// Goes on where a crash ended: cuts off what is torn and finishes the file.
    pub(crate) fn recover(
        path: &Path,
        key: &FileKey,
        meta: SegmentMeta,
        index: SegmentIndex,
    ) -> Result<Segment, RecorderError> {
        let file = SealedWriter::reopen(path, key)?;
        let (day, wall_offset) = (day_of(meta.wall_start), meta.wall_offset());
        let builder = FragmentBuilder::new(Arc::new(index.parameters.clone()));
        Self { meta, day, index, file, builder, wall_offset }.finish()
    }

    /// What the index knows of it.
    pub(crate) fn row(&self, state: SegmentState) -> Segment {
        row(&self.meta, &self.index, self.file.file_len(), state)
    }

    /// Bytes in the file so far.
    pub(crate) fn file_bytes(&self) -> u64 {
        self.file.file_len()
    }

    /// End of the newest fragment in it.
    pub(crate) fn end(&self) -> MediaTime {
        self.index.end().max(self.meta.start())
    }
}

/// What the index knows of a segment.
pub(crate) fn row(
    meta: &SegmentMeta,
    index: &SegmentIndex,
    bytes: u64,
    state: SegmentState,
) -> Segment {
    // The last sound may end after the next file's first picture; an hour is the index's limit.
    let end = index.end().max(meta.start());
    Segment {
        id: meta.segment,
        camera: meta.camera,
        start: meta.start(),
        end: end.min(meta.start().plus_micros(SEGMENT_MICROS_MAX)),
        wall_start: meta.wall_start,
        bytes,
        state,
        kind: meta.kind,
        fragments: u32::try_from(index.fragments.len()).unwrap_or(u32::MAX),
        has_audio: index.parameters.audio.is_some(),
    }
}

fn slices(fragment: &Fragment) -> Vec<&[u8]> {
    std::iter::once(&fragment.head).chain(&fragment.payload).map(Bytes::as_ref).collect()
}
