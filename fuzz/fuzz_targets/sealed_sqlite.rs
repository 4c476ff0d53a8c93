//! Files of SQLite as somebody else left them on the disk: whatever lies there, reading and writing
//! through the cipher behaves like a file, and what was written last is what is read.
#![no_main]

use std::convert::Infallible;

use hearth_sealed_sqlite::{Disk, FileKind, Sealed, Xts};
use hearth_secret::Key512;
use libfuzzer_sys::fuzz_target;

/// Bytes from the beginning of a file that are looked at: some frames of a log.
const REACH: u64 = 40_000;

struct Memory<'a>(&'a mut Vec<u8>);

impl Disk for Memory<'_> {
    type Error = Infallible;

    fn length(&mut self) -> Result<u64, Infallible> {
        Ok(self.0.len() as u64)
    }

    fn read(&mut self, offset: u64, bytes: &mut [u8]) -> Result<usize, Infallible> {
        let there = self.0.get(offset as usize..).unwrap_or(&[]);
        let got = there.len().min(bytes.len());
        bytes[..got].copy_from_slice(&there[..got]);
        Ok(got)
    }

    fn write(&mut self, offset: u64, bytes: &[u8]) -> Result<(), Infallible> {
        let end = offset as usize + bytes.len();
        self.0.resize(self.0.len().max(end), 0);
        self.0[offset as usize..end].copy_from_slice(bytes);
        Ok(())
    }

    fn truncate(&mut self, length: u64) -> Result<(), Infallible> {
        self.0.truncate(length as usize);
        Ok(())
    }

    fn too_far(&self) -> Infallible {
        unreachable!("offsets are within reach")
    }
}

// Input: a kind, then steps of six bytes (what, offset, length, value), then what lies on the disk.
fuzz_target!(|data: &[u8]| {
    let [kind, steps, rest @ ..] = data else { return };
    let kind = match kind % 3 {
        0 => FileKind::Database,
        1 => FileKind::Log,
        _ => FileKind::Journal,
    };
    let (steps, left) = rest.split_at((usize::from(*steps) * 6).min(rest.len()));
    let (cipher, mut disk) = (Xts::new(&Key512::new([7; 64])), left.to_vec());
    for step in steps.chunks_exact(6) {
        let [what, a, b, c, d, value] = *step else { return };
        let offset = u64::from(u16::from_be_bytes([a, b])) % REACH;
        let length = usize::from(u16::from_be_bytes([c, d])) % 9_000 + 1;
        let mut file = Sealed::new(Memory(&mut disk), kind, &cipher);
        let mut bytes = vec![value; length];
        match what % 3 {
            0 => {
                let Ok(got) = file.read(offset, &mut bytes);
                assert!(bytes[got..].iter().all(|byte| *byte == 0));
            }
            1 => {
                let Ok(()) = file.write(offset, &bytes);
                let mut again = vec![!value; length];
                assert_eq!(file.read(offset, &mut again), Ok(length));
                assert_eq!(again, bytes);
            }
            _ => {
                let Ok(()) = file.truncate(offset);
                // Up to a whole block behind it: 16 bytes, or a frame's header of 24.
                assert!((offset..offset + 24).contains(&(disk.len() as u64)));
            }
        }
    }
});
