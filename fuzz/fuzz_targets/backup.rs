//! A backup that somebody else wrote: nothing of it opens without its key, and what an archive
//! holds stays below the folder it is put into.
#![no_main]

use std::path::{Component, Path};

use hearth_vault::{ArchiveReader, BackupKey, BackupReader, KeyCopy};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // The cheap half of opening; a passphrase would be stretched for each input.
    if let Ok(head) = BackupReader::peek(data) {
        let recovery = "0".repeat(56).parse();
        if let (true, Ok(key)) = (head.has_recovery, recovery) {
            assert!(BackupReader::open(data, &BackupKey::Recovery(key)).is_err());
        }
    }
    if let Ok(keys) = KeyCopy::from_bytes(data) {
        assert_eq!(keys.to_bytes().expose(), data);
    }
    let Ok(mut archive) = ArchiveReader::new(data) else { return };
    let mut bytes = 0;
    while let Ok(Some(entry)) = archive.next_entry() {
        let mut parts = Path::new(&entry.name).components();
        assert!(parts.all(|part| matches!(part, Component::Normal(_))));
        let Ok(length) = archive.copy_to(std::io::sink()) else { return };
        bytes += length;
        assert!(bytes <= data.len() as u64);
    }
});
