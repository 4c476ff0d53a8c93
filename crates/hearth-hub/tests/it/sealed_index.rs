//! The index as a thief of the disk sees it, and houses of releases that did not seal it.

use std::{
    fs::{self, File},
    io::Cursor,
    path::Path,
};

use hearth_hub::{BackupMedia, Hub, HubConfig, NewBackup, RestoreConfig, restore_backup};
use hearth_model::WallTime;
use hearth_sealed_sqlite::{Content, FileKind, Sealed, Xts, content_of};
use hearth_secret::Key512;
use hearth_vault::{
    ArchiveReader, ArchiveWriter, BackupKey, BackupReader, EntryKind, MasterKeySource, Vault,
    VaultError,
};

use crate::{
    home::{Home, files_below},
    identity::{PASSWORD, peer},
    watching::{add, allowed, house, poll, still_camera, until_recorded},
};

const CAMERA: &str = "ringstrasse";
const USER: &str = "annabella";
const PASSPHRASE: &str = "nine red tulips on the window sill";
const INDEX: &str = "index.db";

/// A house with a camera that recorded and an account.
async fn lived_in(home: &Home) -> Hub {
    let house = house(vec![still_camera(CAMERA)]).await;
    let hub = home.start().await;
    let code = hub.claim_code().expect("nobody has an account");
    hub.claim(code.expose(), USER, PASSWORD.into(), &peer()).await.expect("claimed");
    let camera = add(&hub, &house, CAMERA).await;
    until_recorded(&hub, camera, 2.0).await;
    house.stop().await;
    hub
}

async fn vault(home: &Home) -> Vault {
    let source = MasterKeySource::KeyFile(home.beside("key"));
    let opened = poll("the hub lets go", async || match Vault::open(&home.data(), &source) {
        Err(VaultError::InUse) => None,
        opened => Some(opened),
    });
    opened.await.expect("its own key")
}

/// The index as an earlier release had it.
fn in_clear(path: &Path, key: &Key512) -> Vec<u8> {
    let file = File::open(path).expect("opened");
    let length = file.metadata().expect("there").len();
    let mut plain = vec![0; usize::try_from(length).expect("it fits")];
    let cipher = Xts::new(key);
    let mut sealed = Sealed::new(&file, FileKind::Database, &cipher);
    assert_eq!(sealed.read(0, &mut plain).expect("read"), plain.len());
    assert!(plain.starts_with(b"SQLite format 3\0") && shows(&plain, CAMERA));
    plain
}

fn shows(bytes: &[u8], needle: &str) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle.as_bytes())
}

/// The security log is in clear by its purpose: collectors read it.
fn assert_nothing_shows(folder: &Path, when: &str) {
    let files = files_below(folder).into_iter();
    for path in files.filter(|path| !path.ends_with("log/security.log")) {
        // A house at work puts files in the place of others.
        let Ok(bytes) = fs::read(&path) else { continue };
        for needle in [CAMERA, USER, "SQLite format", "CREATE TABLE"] {
            assert!(!shows(&bytes, needle), "{needle} in {} {when}", path.display());
        }
    }
}

/// Signs in and looks at the camera.
async fn assert_it_is_all_there(hub: &Hub) {
    hub.sign_in(USER, PASSWORD.into(), &peer()).await.expect("the account is there");
    let cameras = hub.cameras(&allowed(hub));
    assert!(cameras.iter().any(|camera| camera.name.as_str() == CAMERA), "{cameras:?}");
}

/// promise: V-07, D-35. In the whole data directory of a house at work, and after its end, no name
/// and no table is readable, nor in a backup's own files while it is made.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_the_index_is_readable_in_the_data_directory() {
    let home = Home::new();
    let hub = lived_in(&home).await;
    assert_nothing_shows(&home.power_cut_image(), "while it runs");
    let new = NewBackup { media: BackupMedia::None, passphrase: Some(PASSPHRASE.into()) };
    let mut backup = hub.backup(allowed(&hub), new).await.expect("begun");
    backup.next().await.expect("a piece").expect("made");
    assert_nothing_shows(&home.data(), "while a backup is made");
    while backup.next().await.is_some() {}
    hub.shutdown().await;
    drop(hub);
    assert_nothing_shows(&home.data(), "after its end");
    let key = vault(&home).await.index_key().expect("derives");
    assert_eq!(content_of(&home.data().join(INDEX), &key).expect("read"), Content::Sealed);
    in_clear(&home.data().join(INDEX), &key);
}

/// promise: V-07, D-35. The index that an earlier release left in clear is sealed by the first
/// start, and nothing of it is lost.
#[tokio::test(flavor = "multi_thread")]
async fn the_index_of_an_earlier_release_is_sealed_by_the_first_start() {
    let home = Home::new();
    lived_in(&home).await.shutdown().await;
    let index = home.data().join(INDEX);
    let key = vault(&home).await.index_key().expect("derives");
    let plain = in_clear(&index, &key);
    fs::write(&index, plain).expect("as it was");
    let hub = home.start().await;
    assert_it_is_all_there(&hub).await;
    hub.shutdown().await;
    assert_nothing_shows(&home.data(), "after the start");
}

/// promise: D-35, V-18. The index of another house opens nothing here: it is kept aside, untouched,
/// and this house's own is made anew.
#[tokio::test(flavor = "multi_thread")]
async fn the_index_of_another_house_is_kept_aside() {
    let (home, other) = (Home::new(), Home::new());
    lived_in(&home).await.shutdown().await;
    other.start().await.shutdown().await;
    let foreign = fs::read(other.data().join(INDEX)).expect("read");
    fs::write(home.data().join(INDEX), &foreign).expect("exchanged");
    let hub = home.start().await;
    assert_it_is_all_there(&hub).await;
    hub.shutdown().await;
    assert_eq!(fs::read(home.data().join("index.db.damaged")).expect("kept"), foreign);
}

/// promise: V-07, V-18. A backup of an earlier release, with its index in clear, is restored, and
/// nothing of it is readable in the new data directory.
#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_an_earlier_release_is_restored_sealed() {
    let home = Home::new();
    let hub = lived_in(&home).await;
    let new = NewBackup { media: BackupMedia::None, passphrase: Some(PASSPHRASE.into()) };
    let mut stream = hub.backup(allowed(&hub), new).await.expect("begun");
    let mut bytes = Vec::new();
    while let Some(piece) = stream.next().await {
        bytes.extend_from_slice(&piece.expect("goes on"));
    }
    hub.shutdown().await;
    drop(hub);
    let old = with_plain_index(&home, &vault(&home).await, &bytes);

    let data = home.beside("restored");
    let key = MasterKeySource::KeyFile(home.beside("restored.key"));
    let config = RestoreConfig { data: data.clone(), key: Some(key.clone()) };
    restore_backup(Cursor::new(old), BackupKey::Passphrase(PASSPHRASE.into()), config)
        .await
        .expect("restored");
    assert_nothing_shows(&data, "after it was restored");
    let config = HubConfig { key: Some(key), ..home.config_of(&data) };
    let hub = Hub::start(config).await.expect("a restored house starts");
    assert_it_is_all_there(&hub).await;
    hub.shutdown().await;
}

/// The same backup, as an earlier release would have made it.
fn with_plain_index(home: &Home, vault: &Vault, backup: &[u8]) -> Vec<u8> {
    let with = BackupKey::Passphrase(PASSPHRASE.into());
    let mut archive = ArchiveReader::new(BackupReader::open(backup, &with).expect("opens"));
    let archive = archive.as_mut().expect("an archive");
    let passphrase = PASSPHRASE.into();
    let sealed = vault.begin_backup(Vec::new(), WallTime::from_micros(1), Some(&passphrase));
    let mut old = ArchiveWriter::new(sealed.expect("begun")).expect("begun");
    while let Some(entry) = archive.next_entry().expect("sound") {
        let mut content = Vec::new();
        archive.copy_to(&mut content).expect("read");
        if entry.kind == EntryKind::File && entry.name == INDEX {
            let path = home.beside("copied.db");
            fs::write(&path, &content).expect("written");
            content = in_clear(&path, &vault.index_key().expect("derives"));
        }
        old.add(entry.kind, &entry.name, &content[..]).expect("added");
    }
    let (sealed, _) = old.finish().expect("ended");
    sealed.finish().expect("ended")
}
