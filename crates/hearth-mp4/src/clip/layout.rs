//! The bytes of a clip: chunks of stored samples in order of time, and the movie that tells of them.

use std::sync::Arc;

use bytes::Bytes;
use hearth_media::{AudioParameters, VideoParameters};

use super::{
    pieces::Run,
    select::{Placed, Selection, TrackSelection},
    timeline::{Timeline, rescale},
};
use crate::{
    Mp4Error, SegmentIndex, VIDEO_TIMESCALE,
    write::{
        BoxWriter,
        track::{Entries, Track, write_movie_header, write_track},
    },
};

/// Bytes that sample tables take for a sample at most: `stts` 8, `ctts` 8, `stsz` 4, `stss` 4.
const TABLE_BYTES_SAMPLE: u64 = 24;
/// Bytes that sample tables take for a chunk at most: `stsc` 12, `co64` 8.
const TABLE_BYTES_CHUNK: u64 = 20;
/// Bytes of all other boxes, without codec configurations.
const HEADER_BYTES: u64 = 4_096;
/// Bytes of a sample entry without its codec configuration.
const ENTRY_BYTES: u64 = 256;

/// Samples of one track that are stored one after another.
struct Chunk {
    /// When its first sample is decoded, in ticks of 1/90,000 s of the clip's media.
    time: i64,
    source: usize,
    entry: usize,
    offset: u64,
    bytes: u64,
    samples: u32,
    /// Where it is in the clip, counted from the first byte of the data.
    at: u64,
}

/// The head of the file and the runs after it.
pub(super) fn lay_out(
    indexes: &[Arc<SegmentIndex>],
    selection: &Selection,
    timeline: &Timeline,
) -> Result<(Bytes, Vec<Run>), Mp4Error> {
    let mut video = selection.video.as_ref().map_or(Vec::new(), chunks);
    let mut audio = selection.audio.as_ref().map_or(Vec::new(), chunks);
    let mut runs = interleave(&mut video, &mut audio);
    let data_bytes = runs.last().map_or(0, |last| last.at + last.bytes);
    if runs.iter().any(|run| run.source >= indexes.len()) {
        return Err(Mp4Error::Malformed("a segment index"));
    }
    let is_large =
        data_bytes.saturating_add(head_bytes_max(selection, &video, &audio)) > u32::MAX.into();

    let samples = selection.video.as_ref().map_or(0, |track| track.samples.len())
        + selection.audio.as_ref().map_or(0, |track| track.samples.len());
    let mut w = BoxWriter::with_capacity(8_192 + samples * 12);
    w.boxed(b"ftyp", |w| {
        w.put(b"iso6");
        w.u32(0);
        w.put(b"iso6isommp42");
    });
    let mut patches = Vec::new();
    w.boxed(b"moov", |w| {
        write_movie_header(w, timeline.duration().cast_unsigned());
        if let Some(track) = &selection.video {
            let entries = Entries::Video(track.entries.iter().collect::<Vec<&VideoParameters>>());
            write(w, track, entries, timeline, &video, is_large, &mut patches);
        }
        if let Some(track) = &selection.audio {
            let entries = Entries::Audio(track.entries.iter().collect::<Vec<&AudioParameters>>());
            write(w, track, entries, timeline, &audio, is_large, &mut patches);
        }
    });
    write_data_header(&mut w, data_bytes);
    let base = w.position() as u64;
    for (position, at) in patches {
        match u32::try_from(base + at) {
            Ok(offset) if !is_large => w.patch_u32(position, offset),
            _ => w.patch_u64(position, base + at),
        }
    }
    runs.iter_mut().for_each(|run| run.at += base);
    Ok((w.into_bytes().into(), runs))
}

/// An upper bound of the bytes before the data.
fn head_bytes_max(selection: &Selection, video: &[Chunk], audio: &[Chunk]) -> u64 {
    let mut bytes = HEADER_BYTES + (video.len() + audio.len()) as u64 * TABLE_BYTES_CHUNK;
    if let Some(track) = &selection.video {
        let configs = track.entries.iter().map(|entry| entry.config.len() as u64 + ENTRY_BYTES);
        bytes += configs.sum::<u64>() + track.samples.len() as u64 * TABLE_BYTES_SAMPLE;
    }
    if let Some(track) = &selection.audio {
        let configs = track.entries.iter().map(|entry| entry.config.len() as u64 + ENTRY_BYTES);
        bytes += configs.sum::<u64>() + track.samples.len() as u64 * TABLE_BYTES_SAMPLE;
    }
    bytes
}

fn write_data_header(w: &mut BoxWriter, data_bytes: u64) {
    match u32::try_from(data_bytes + 8) {
        Ok(total) => {
            w.u32(total);
            w.put(b"mdat");
        }
        Err(_) => {
            w.u32(1);
            w.put(b"mdat");
            w.u64(data_bytes + 16);
        }
    }
}

/// Cuts a track's samples where they are not stored one after another.
fn chunks<P>(track: &TrackSelection<P>) -> Vec<Chunk> {
    let mut chunks: Vec<Chunk> = Vec::new();
    for sample in &track.samples {
        let bytes = u64::from(sample.bytes);
        let follows = |chunk: &&mut Chunk| {
            chunk.source == sample.source
                && chunk.entry == sample.entry
                && chunk.offset.checked_add(chunk.bytes) == Some(sample.offset)
        };
        if let Some(chunk) = chunks.last_mut().filter(follows) {
            chunk.bytes += bytes;
            chunk.samples += 1;
            continue;
        }
        chunks.push(Chunk {
            time: track.start + rescale(sample.dts, track.timescale, VIDEO_TIMESCALE),
            source: sample.source,
            entry: sample.entry,
            offset: sample.offset,
            bytes,
            samples: 1,
            at: 0,
        });
    }
    chunks
}

/// Puts the chunks of both tracks in order of time, pictures first, and joins what is stored
/// together.
fn interleave(video: &mut [Chunk], audio: &mut [Chunk]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::with_capacity(video.len() + audio.len());
    let mut at = 0;
    let (mut video, mut audio) = (video.iter_mut().peekable(), audio.iter_mut().peekable());
    loop {
        let is_audio_next = match (video.peek(), audio.peek()) {
            (Some(picture), Some(sound)) => sound.time < picture.time,
            (None, _) => true,
            (_, None) => false,
        };
        let Some(chunk) = (if is_audio_next { audio.next() } else { video.next() }) else {
            return runs;
        };
        chunk.at = at;
        at += chunk.bytes;
        if chunk.bytes == 0 {
            continue;
        }
        match runs.last_mut() {
            Some(run) if run.source == chunk.source && run.offset + run.bytes == chunk.offset => {
                run.bytes += chunk.bytes;
            }
            _ => runs.push(Run {
                at: chunk.at,
                source: chunk.source,
                offset: chunk.offset,
                bytes: chunk.bytes,
            }),
        }
    }
}

/// Writes a track; `patches` gets each place where a chunk's offset goes, and the chunk's place.
fn write<P>(
    w: &mut BoxWriter,
    track: &TrackSelection<P>,
    entries: Entries<'_>,
    timeline: &Timeline,
    chunks: &[Chunk],
    is_large: bool,
    patches: &mut Vec<(usize, u64)>,
) {
    let header = Track {
        entries,
        timescale: track.timescale,
        movie_duration: timeline.duration().cast_unsigned(),
        media_duration: track.end.max(0).cast_unsigned(),
    };
    let tables = |w: &mut BoxWriter| {
        write_durations(w, &track.samples, track.end);
        write_composition_offsets(w, &track.samples);
        write_chunks(w, chunks);
        write_sizes(w, &track.samples);
        write_offsets(w, chunks, is_large, patches);
        write_sync_samples(w, &track.samples);
    };
    write_track(w, &header, |w| write_edits(w, track, timeline), tables);
}

/// The edit list (8.6.6): nothing until the track begins, then what is wanted of it.
fn write_edits<P>(w: &mut BoxWriter, track: &TrackSelection<P>, timeline: &Timeline) {
    let delay = (track.start - timeline.from).max(0);
    let media_time = if delay > 0 { 0 } else { track.from.max(0) };
    let end = track.start + rescale(track.end, track.timescale, VIDEO_TIMESCALE);
    let shown = end.min(timeline.to) - timeline.from.max(track.start);
    w.boxed(b"edts", |w| {
        w.full(b"elst", 1, 0, |w| {
            w.u32(if delay > 0 { 2 } else { 1 });
            if delay > 0 {
                write_edit(w, delay, -1);
            }
            write_edit(w, shown.max(1), media_time);
        });
    });
}

fn write_edit(w: &mut BoxWriter, duration: i64, media_time: i64) {
    w.u64(duration.cast_unsigned());
    w.u64(media_time.cast_unsigned());
    w.u32(0x0001_0000); // media_rate 1.0
}

/// Writes a table of runs of equal values: the count of runs, then length and value of each.
fn write_runs(w: &mut BoxWriter, values: impl Iterator<Item = u32>) {
    let counts = w.position();
    w.u32(0);
    let mut runs = 0u32;
    let mut current: Option<(u32, u32)> = None;
    let mut end_run = |w: &mut BoxWriter, (count, value): (u32, u32)| {
        w.u32(count);
        w.u32(value);
        runs += 1;
    };
    for value in values {
        match &mut current {
            Some((count, last)) if *last == value => *count += 1,
            _ => {
                if let Some(run) = current.replace((1, value)) {
                    end_run(w, run);
                }
            }
        }
    }
    if let Some(run) = current {
        end_run(w, run);
    }
    w.patch_u32(counts, runs);
}

/// `stts` (8.6.1.2). Durations are the distances of decoding times, so that they never add up to
/// something else.
fn write_durations(w: &mut BoxWriter, samples: &[Placed], end: i64) {
    let ends = samples.iter().skip(1).map(|sample| sample.dts).chain([end]);
    let durations = samples.iter().zip(ends).map(|(sample, end)| {
        // Spans follow each other directly, so only a damaged index is out of range.
        u32::try_from((end - sample.dts).max(1)).unwrap_or(u32::MAX)
    });
    w.full(b"stts", 0, 0, |w| write_runs(w, durations));
}

/// `ctts` (8.6.1.3), signed.
fn write_composition_offsets(w: &mut BoxWriter, samples: &[Placed]) {
    if samples.iter().any(|sample| sample.cts != 0) {
        let offsets = samples.iter().map(|sample| sample.cts.cast_unsigned());
        w.full(b"ctts", 1, 0, |w| write_runs(w, offsets));
    }
}

/// `stsc` (8.7.4): each entry holds until the next one.
fn write_chunks(w: &mut BoxWriter, chunks: &[Chunk]) {
    w.full(b"stsc", 0, 0, |w| {
        let counts = w.position();
        w.u32(0);
        let mut entries = 0;
        let mut last = None;
        for (number, chunk) in (1u32..).zip(chunks) {
            let current = (chunk.samples, chunk.entry);
            if last.replace(current) != Some(current) {
                w.u32(number);
                w.u32(chunk.samples);
                w.count(chunk.entry + 1);
                entries += 1;
            }
        }
        w.patch_u32(counts, entries);
    });
}

/// `stsz` (8.7.3).
fn write_sizes(w: &mut BoxWriter, samples: &[Placed]) {
    let first = samples.first().map_or(0, |sample| sample.bytes);
    let is_uniform = first > 0 && samples.iter().all(|sample| sample.bytes == first);
    w.full(b"stsz", 0, 0, |w| {
        w.u32(if is_uniform { first } else { 0 });
        w.count(samples.len());
        if !is_uniform {
            samples.iter().for_each(|sample| w.u32(sample.bytes));
        }
    });
}

/// `stco` or `co64` (8.7.5), to be patched once it is known where the data begins.
fn write_offsets(
    w: &mut BoxWriter,
    chunks: &[Chunk],
    is_large: bool,
    patches: &mut Vec<(usize, u64)>,
) {
    w.full(if is_large { b"co64" } else { b"stco" }, 0, 0, |w| {
        w.count(chunks.len());
        for chunk in chunks {
            patches.push((w.position(), chunk.at));
            w.zeros(if is_large { 8 } else { 4 });
        }
    });
}

/// `stss` (8.6.2); without one, all are.
fn write_sync_samples(w: &mut BoxWriter, samples: &[Placed]) {
    if samples.iter().all(|sample| sample.is_key) {
        return;
    }
    w.full(b"stss", 0, 0, |w| {
        w.count(samples.iter().filter(|sample| sample.is_key).count());
        for (number, _) in (1u32..).zip(samples).filter(|(_, sample)| sample.is_key) {
            w.u32(number);
        }
    });
}
