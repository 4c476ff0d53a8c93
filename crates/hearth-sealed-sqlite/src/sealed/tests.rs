use std::convert::Infallible;

use hearth_secret::Key512;
use proptest::prelude::*;

use super::*;

/// A disk in memory.
#[derive(Clone, Debug, Default)]
struct Memory(Vec<u8>);

impl Disk for &mut Memory {
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
        if self.0.len() < end {
            self.0.resize(end, 0);
        }
        self.0[offset as usize..end].copy_from_slice(bytes);
        Ok(())
    }

    fn truncate(&mut self, length: u64) -> Result<(), Infallible> {
        self.0.resize(length as usize, 0);
        Ok(())
    }

    fn too_far(&self) -> Infallible {
        panic!("no test goes that far")
    }
}

fn cipher() -> Xts {
    Xts::new(&Key512::new(std::array::from_fn(|n| n as u8)))
}

#[derive(Clone, Debug)]
enum Step {
    Read { offset: u64, length: usize },
    Write { offset: u64, bytes: Vec<u8> },
    Truncate { length: u64 },
}

fn any_step() -> impl Strategy<Value = Step> {
    // Where SQLite looks, and anywhere.
    let offset = || prop_oneof![0u64..20_000, Just(24), Just(32), Just(56), Just(4096), Just(8192)];
    let bytes = prop_oneof![1usize..300, Just(4096), Just(4120), Just(24), 4000usize..10_000];
    prop_oneof![
        (offset(), 1usize..9_000).prop_map(|(offset, length)| Step::Read { offset, length }),
        (offset(), bytes, any::<u8>()).prop_map(|(offset, length, seed)| {
            let bytes = (0..length).map(|n| (n as u8).wrapping_mul(31) ^ seed).collect();
            Step::Write { offset, bytes }
        }),
        offset().prop_map(|length| Step::Truncate { length }),
    ]
}

fn any_kind() -> impl Strategy<Value = FileKind> {
    prop_oneof![Just(FileKind::Database), Just(FileKind::Log), Just(FileKind::Journal)]
}

/// The end of the block that holds the last of `length` bytes.
fn rounded(kind: FileKind, length: usize) -> usize {
    let Some(last) = length.checked_sub(1) else { return 0 };
    let stretch = kind.stretch(last as u64, 1);
    stretch.start as usize + stretch.bytes
}

proptest! {
    /// promise: V-07. Whatever is read, written and cut, the file behaves like a plain one.
    #[test]
    fn a_sealed_file_behaves_like_a_plain_one(
        kind in any_kind(), steps in prop::collection::vec(any_step(), 1..30),
    ) {
        let (cipher, mut disk, mut plain) = (cipher(), Memory::default(), Vec::<u8>::new());
        for step in steps {
            let mut sealed = Sealed::new(&mut disk, kind, &cipher);
            match step {
                Step::Read { offset, length } => {
                    let mut bytes = vec![0xaa; length];
                    let Ok(got) = sealed.read(offset, &mut bytes);
                    let there = plain.get(offset as usize..).unwrap_or(&[]);
                    let expected = &there[..there.len().min(length)];
                    prop_assert_eq!(got, expected.len());
                    prop_assert_eq!(&bytes[..got], expected);
                    prop_assert!(bytes[got..].iter().all(|byte| *byte == 0));
                }
                Step::Write { offset, bytes } => {
                    let Ok(()) = sealed.write(offset, &bytes);
                    let end = offset as usize + bytes.len();
                    let length = plain.len().max(rounded(kind, end));
                    plain.resize(length, 0);
                    plain[offset as usize..end].copy_from_slice(&bytes);
                }
                Step::Truncate { length } => {
                    let Ok(()) = sealed.truncate(length);
                    let cut = plain.len().min(length as usize);
                    plain.truncate(cut);
                    plain.resize(rounded(kind, length as usize), 0);
                }
            }
            prop_assert_eq!(disk.0.len(), plain.len());
        }
        let mut all = vec![0; plain.len()];
        let Ok(got) = Sealed::new(&mut disk, kind, &cipher).read(0, &mut all);
        prop_assert_eq!((got, all), (plain.len(), plain));
    }

    /// promise: V-07. Each write of a whole frame leaves every byte of the other frames on the disk
    /// as it is: a reader may be looking at them.
    #[test]
    fn a_frame_of_the_log_is_written_without_touching_its_neighbours(
        frame in 0usize..6, seed: u8,
    ) {
        let (cipher, mut disk) = (cipher(), Memory::default());
        let mut log = Sealed::new(&mut disk, FileKind::Log, &cipher);
        let Ok(()) = log.write(0, &vec![7; 32 + 6 * 4120]);
        let before = disk.0.clone();
        let start = 32 + frame * 4120;
        let mut log = Sealed::new(&mut disk, FileKind::Log, &cipher);
        let Ok(()) = log.write(start as u64, &[seed; 24]);
        let Ok(()) = log.write(start as u64 + 24, &vec![seed; 4096]);
        prop_assert_eq!(&disk.0[..start], &before[..start]);
        prop_assert_eq!(&disk.0[start + 4120..], &before[start + 4120..]);
    }

    /// promise: V-07. Nothing of what is written lies on the disk.
    #[test]
    fn nothing_written_shows(kind in any_kind(), offset in 0u64..9_000, length in 32usize..9_000) {
        let (cipher, mut disk) = (cipher(), Memory::default());
        let canary = b"Anna came home  ";
        let bytes: Vec<u8> = canary.iter().copied().cycle().take(length).collect();
        let Ok(()) = Sealed::new(&mut disk, kind, &cipher).write(offset, &bytes);
        prop_assert!(!disk.0.windows(8).any(|window| window == &canary[..8]));
    }
}

/// A file of which a part is missing gives what there is, and no more.
#[test]
fn a_torn_end_gives_whole_blocks_only() {
    let (cipher, mut disk) = (cipher(), Memory::default());
    let Ok(()) = Sealed::new(&mut disk, FileKind::Database, &cipher).write(0, &[5; 4096]);
    disk.0.truncate(100);
    let mut bytes = [1; 4096];
    let Ok(got) = Sealed::new(&mut disk, FileKind::Database, &cipher).read(0, &mut bytes);
    assert_eq!(got, 96);
    assert!(bytes[..96].iter().all(|byte| *byte == 5) && bytes[96..].iter().all(|byte| *byte == 0));
}
