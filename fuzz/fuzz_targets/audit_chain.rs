//! An audit log that somebody else wrote: without the vault's key nothing in it passes as an entry,
//! and it is told as damaged.
#![no_main]

use std::sync::{Arc, LazyLock};

use hearth_audit::{AuditConfig, AuditLog, Keep, Opening, Query};
use hearth_model::WallTime;
use hearth_vault::{MasterKeySource, Vault};
use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;

struct Place {
    folder: TempDir,
    vault: Vault,
}

static PLACE: LazyLock<Place> = LazyLock::new(|| {
    let (folder, outside) = (TempDir::new().expect("a folder"), TempDir::new().expect("a folder"));
    let source = MasterKeySource::KeyFile(outside.path().join("key"));
    let vault = Vault::create(folder.path(), &source).expect("a new vault");
    Place { folder, vault }
});

fuzz_target!(|data: &[u8]| {
    let folder = PLACE.folder.path().join("audit");
    std::fs::remove_dir_all(&folder).ok();
    std::fs::create_dir(&folder).expect("a private folder");
    let (file, anchor) = data.split_at(data.len() / 2);
    std::fs::write(folder.join("0000000001.audit"), file).expect("written");
    std::fs::write(folder.join("anchor"), anchor).expect("written");
    let config = AuditConfig {
        folder,
        log_folder: PLACE.folder.path().join("log"),
        vault: PLACE.vault.clone(),
        clock: Arc::new(WallTime::default),
        keep: Keep { days_max: 1, bytes_max: 1 << 20 },
        anonymise: false,
        known: None,
    };
    let (log, opening) = AuditLog::start(config).expect("it goes on, whatever lies there");
    assert!(matches!(opening, Opening::Broken { .. }));
    let page = log.page(&Query::default(), 10).expect("read");
    assert!(page.entries.is_empty());
    log.close();
});
