//! Cost of the envelope: processor time of appending and reading footage.
//!
//! `cargo bench -p hearth-vault` prints one JSON object a line. Figures are processor time of this
//! thread (which other work on the machine changes little), not wall time. `TMPDIR` chooses the
//! disk; on a RAM disk the figures are sealing and copying alone.

use std::{
    env,
    fs::{self, File},
    hint::black_box,
    io::{self, Write as _},
    time::{Duration, Instant},
};

use hearth_vault::{
    Disk, KeyScope, MasterKeySource, RecordKind, SealedReader, SealedWriter, Vault,
};
use rustix::time::{ClockId, clock_gettime};

/// What a camera with 2 Mbit/s sends in a second.
const PIECE_BYTES: usize = 250_000;
const PIECES: usize = 800;
const ROUNDS: usize = 5;

/// A disk that takes everything and keeps nothing: what is left is gathering and sealing.
struct Discard;

impl Disk for Discard {
    fn write_at(&mut self, bytes: &[u8], _offset: u64) -> io::Result<usize> {
        Ok(black_box(bytes).len())
    }

    fn set_length(&mut self, _length: u64) -> io::Result<()> {
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Processor time of this thread so far.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).expect("a running thread has used time")
}

fn measure(what: &str, bytes: usize, calls: usize, act: impl FnOnce()) {
    let (wall, begin) = (Instant::now(), processor_time());
    act();
    let wall = wall.elapsed().as_secs_f64();
    let spent = processor_time().saturating_sub(begin);
    let seconds = spent.as_secs_f64().max(f64::MIN_POSITIVE);
    println!(
        "{}",
        serde_json::json!({
            "bench": what,
            "bytes": bytes,
            "calls": calls,
            "megabytes_per_cpu_second": (bytes as f64 / 1e6 / seconds).round(),
            "microseconds_per_call": (seconds * 1e8 / calls as f64).round() / 100.0,
            "wall_seconds": (wall * 1e3).round() / 1e3,
            "percent_of_core_per_2mbit_camera": 100.0 * seconds * PIECE_BYTES as f64 / bytes as f64,
        })
    );
}

fn main() {
    // `cargo test` also runs this program, without `--bench`: nothing to test here.
    if !env::args().any(|argument| argument == "--bench") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let source = MasterKeySource::KeyFile(folder.path().join("key"));
    let vault = Vault::create(&folder.path().join("data"), &source).expect("a vault");
    let camera = hearth_model::CameraId::new();
    vault.create_scope(&KeyScope::Camera(camera)).expect("a scope");
    let key = vault.create_file_key(camera, 20_000, [1; 16]).expect("a key");
    let path = folder.path().join("segment");
    let piece: Vec<u8> = (0..PIECE_BYTES).map(|at| (at * 31 + at / 7) as u8).collect();
    let total = PIECES * PIECE_BYTES;

    // Head, then frames, as the recorder appends them.
    let parts: Vec<&[u8]> = piece.chunks(8_000).collect();
    let mut discarding = SealedWriter::create_on(Discard, &key, [1; 16]).expect("a file");
    // Several rounds in turn: the first touch of memory that the machine had given away costs more
    // than what is measured here, and falls on whoever comes first.
    for round in 0..ROUNDS {
        measure("seal_without_disk", total, PIECES, || {
            for _ in 0..PIECES {
                discarding.append(RecordKind::Data, &parts).expect("appends");
            }
        });
        let plain_path = folder.path().join("plain");
        let mut plain = File::create(&plain_path).expect("a file");
        measure("plain_write_for_comparison", total, PIECES, || {
            for _ in 0..PIECES {
                plain.write_all(&piece).expect("writes");
            }
        });
        drop(plain);
        fs::remove_file(&plain_path).expect("removes");

        let mut writer = SealedWriter::create(&path, &key, [1; 16]).expect("a file");
        measure("append", total, PIECES, || {
            for _ in 0..PIECES {
                writer.append(RecordKind::Data, &parts).expect("appends");
            }
        });
        let length = fs::metadata(&path).expect("exists").len();
        assert!(length == writer.file_len() && length > total as u64, "all of it was written");
        if round + 1 < ROUNDS {
            fs::remove_file(&path).expect("removes");
        } else {
            writer.finish().expect("finishes");
        }
    }
    let check = SealedReader::open(&path, &key).expect("opens");
    for number in 0..PIECES as u64 {
        let from = number * PIECE_BYTES as u64;
        let read = check.read_range(from..from + PIECE_BYTES as u64).expect("reads");
        assert!(read == piece, "what is measured is also right");
    }

    measure("open_finished", PIECE_BYTES, 1_000, || {
        for _ in 0..1_000 {
            black_box(SealedReader::open(&path, &key).expect("opens"));
        }
    });
    let reader = SealedReader::open(&path, &key).expect("opens");
    let mebibyte = 1 << 20;
    let ranges = total / mebibyte;
    measure("read_range_1_mib", ranges * mebibyte, ranges, || {
        for at in (0..ranges).map(|n| (n * mebibyte) as u64) {
            black_box(reader.read_range(at..at + mebibyte as u64).expect("reads"));
        }
    });
    let mut frame = vec![0; 8_000];
    let frames = total / frame.len();
    measure("read_at_8_kb_in_sequence", total, frames, || {
        for number in 0..frames {
            reader.read_at((number * 8_000) as u64, &mut frame).expect("reads");
        }
    });
    measure("create_file_key", PIECE_BYTES, 200, || {
        for file in 0..200_u8 {
            let mut id = [file; 16];
            id[15] = 0xff;
            vault.create_file_key(camera, 20_000, id).expect("a key");
        }
    });
}
