//! Checks of what keeps the house safe when the machine is lost: keys, recovery, backups; and of
//! what a crash may have left.

use std::{
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use hearth_model::WallTime;
use hearth_vault::{KeyOrigin, is_leftover};

use super::{Check, FILES_MAX, Outcome, check, verdict};
use crate::{backup::KeptBackup, house::House};

/// Days after which a backup is old: retention's usual two weeks, twice.
const BACKUP_DAYS_MAX: i64 = 30;

/// Where the key lies. The vault refuses one inside the data directory; one on the same file system
/// goes with the disk when that is stolen.
pub(super) fn key_outside(house: &House) -> Check {
    let title = "The key lies apart from the data";
    let row = |outcome, detail: &str| check("key", title, Some("D-35"), outcome, detail);
    match house.vault.key_status().origin {
        KeyOrigin::Passphrase => row(Outcome::Ok, "in nobody's files: it is a passphrase"),
        KeyOrigin::Credential(_) => row(Outcome::Ok, "the service manager hands it out at start"),
        KeyOrigin::Recovery => row(
            Outcome::Failed,
            "the vault was opened with its recovery key; set a key for every day: hearthwatch key \
             set-key-file or key set-passphrase",
        ),
        KeyOrigin::KeyFile(path) => match is_same_file_system(&path, &house.data) {
            Some(false) => row(Outcome::Ok, "the key file is on another file system"),
            Some(true) => row(
                Outcome::Skipped,
                "the key file is on the same file system as the data: who takes the disk has both. \
                 Move it to another device (key set-key-file), use a passphrase (key \
                 set-passphrase) or a credential of the service manager",
            ),
            None => row(Outcome::Failed, "the key file is gone; the next start will need it"),
        },
    }
}

fn is_same_file_system(key: &Path, data: &Path) -> Option<bool> {
    Some(fs::metadata(key).ok()?.dev() == fs::metadata(data).ok()?.dev())
}

/// Whether hardware could hold the key. The hub cannot see how a credential is encrypted, and does
/// not claim to.
pub(super) fn hardware_key(house: &House) -> Check {
    let detail = match house.vault.key_status().origin {
        KeyOrigin::Credential(_) => {
            "the key comes from a credential; it is held by the TPM if it was encrypted with \
             systemd-creds encrypt --with-key=tpm2"
        }
        _ => {
            "not in use. With a TPM: systemd-creds encrypt --with-key=tpm2 --name=hearthwatch.key \
             KEYFILE hearthwatch.key, then LoadCredentialEncrypted=hearthwatch.key:PATH in the unit"
        }
    };
    check("hardware_key", "The key is held by hardware", Some("D-36"), Outcome::Skipped, detail)
}

pub(super) fn recovery(house: &House) -> Check {
    let status = house.vault.key_status();
    let (outcome, detail) = match (status.has_recovery, status.is_rotating) {
        (_, true) => (Outcome::Failed, "a rotation of keys is not complete; restart the hub"),
        (true, _) => (Outcome::Ok, "there is one; it is on paper only"),
        (false, _) => (
            Outcome::Skipped,
            "there is none: if the key is lost, everything is. Make one: hearthwatch key recovery",
        ),
    };
    check("recovery_key", "There is a recovery key", Some("D-36"), outcome, detail)
}

/// A run a minute is due; one that takes longer than this hangs, or there was none.
const RETENTION_MICROS_MAX: i64 = 15 * 60_000_000;

/// Whether old things go as they should, and which cameras keep theirs differently.
pub(super) fn retention(house: &House) -> Check {
    let now = house.clock.wall_now();
    let house_days = house.days_of(None);
    let cameras = house.cameras.all();
    let own = cameras.iter().filter(|camera| house.days_of(Some(camera.id())) != house_days);
    let kept = format!(
        "events stay {} days and their pictures {}; {} of {} cameras say otherwise",
        house_days.events,
        house_days.pictures,
        own.count(),
        cameras.len()
    );
    let (outcome, detail) = match house.retention.get() {
        Some(run) if !run.complete => {
            let detail =
                format!("the run of {} did not erase all that was due; see the log", run.at);
            (Outcome::Failed, detail)
        }
        Some(run) if now.micros_since(run.at) > RETENTION_MICROS_MAX => {
            (Outcome::Failed, format!("it last ran at {}; restart the hub", run.at))
        }
        Some(run) => (
            Outcome::Ok,
            format!(
                "ran at {}: {} files of footage, {} pictures and {} events went; {kept}",
                run.at, run.segments, run.pictures, run.events
            ),
        ),
        None if now.micros_since(house.started_at) > RETENTION_MICROS_MAX => {
            (Outcome::Failed, "it never ran since the hub started; restart it".to_owned())
        }
        None => (Outcome::Skipped, format!("it runs within a minute of the start; {kept}")),
    };
    check("retention", "What is old is erased", Some("V-15"), outcome, detail)
}

pub(super) async fn backup(house: &House) -> Check {
    let title = "There is a recent backup";
    let row = |outcome, detail: String| check("backup", title, Some("V-18"), outcome, detail);
    let newest: Option<KeptBackup> = match house.store.setting(KeptBackup::KEY).await {
        Ok(newest) => newest,
        Err(_) => return row(Outcome::Failed, "the index does not say".to_owned()),
    };
    let Some(newest) = newest else {
        let detail = "none was made yet: hearthwatch backup -o FILE --passphrase-env VAR";
        return row(Outcome::Skipped, detail.to_owned());
    };
    let days = house.clock.wall_now().micros_since(newest.made_at) / WallTime::MICROS_A_DAY;
    let megabytes = newest.bytes >> 20;
    let hint =
        "what was erased since opens from it: destroy old backups when something must be gone";
    let outcome = if days > BACKUP_DAYS_MAX { Outcome::Skipped } else { Outcome::Ok };
    row(outcome, format!("the newest is {days} days old, {megabytes} MB; {hint}"))
}

/// Half-written files of a process that is gone (promise T-16).
pub(super) fn leftovers(data: &Path) -> Check {
    let (mut found, mut seen) = (0_usize, 0_usize);
    let mut folders: Vec<PathBuf> = vec![data.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            seen += 1;
            if is_leftover(&entry.file_name()) {
                found += 1;
            } else if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(entry.path());
            }
        }
        if seen > FILES_MAX {
            break;
        }
    }
    let detail = match found {
        0 => "none".to_owned(),
        n => format!("{n} half-written files of a crash; restart the hub to remove them"),
    };
    check("leftovers", "No crash left anything behind", Some("T-16"), verdict(found == 0), detail)
}
