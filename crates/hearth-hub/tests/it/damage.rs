//! Damaged, foreign and missing parts of a data directory.

use std::fs;

use hearth_hub::{Hub, HubConfig, StartError};
use hearth_model::EventBody;
use hearth_vault::{MasterKeySource, VaultError};

use crate::{
    home::{HOUR, Home, SECOND},
    identity::{PASSWORD, peer},
    restart::is_sound,
    watching::{
        about_now, add, clip, fact, frames, house, poll, still_camera, timeline_of, until_live,
        until_recorded,
    },
};

/// promise: V-18. An index full of garbage is made anew: cameras and accounts come from the sealed
/// copy, footage from itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_index_is_made_anew() {
    let (home, house) = (Home::new(), house(vec![still_camera("door")]).await);
    let hub = home.start().await;
    let code = hub.claim_code().expect("nobody has an account");
    hub.claim(code.expose(), "anna", PASSWORD.into(), &peer()).await.expect("claimed");
    let camera = add(&hub, &house, "door").await;
    until_recorded(&hub, camera, 3.0).await;
    let first_run = about_now(&hub);
    hub.shutdown().await;
    drop(hub);
    let index = home.data().join("index.db");
    let length = fs::metadata(&index).expect("an index").len();
    let garbage: Vec<u8> = (0..length).map(|n| ((n * 2_654_435_761) >> 7) as u8).collect();
    fs::write(&index, garbage).expect("overwritten");

    home.step_clock(2 * HOUR);
    let hub = home.start().await;
    fact(
        &hub,
        "the index is rebuilt",
        |body| matches!(body, EventBody::IndexRebuilt { segments } if *segments >= 1),
    )
    .await;
    assert!(!hub.welcome().claim_needed, "the account is back");
    hub.sign_in("anna", PASSWORD.into(), &peer()).await.expect("with its password");
    until_live(&hub, camera).await;
    let found = timeline_of(&hub, camera, first_run).await;
    assert_eq!(found.spans.len(), 1, "{found:?}");
    assert!(found.spans[0].to.micros_since(found.spans[0].from) >= 3 * SECOND, "{found:?}");
    let (_, bytes) = clip(&hub, camera, first_run).await;
    assert!(frames(bytes).len() >= 30);
    assert!(is_sound(&hub).await);
    hub.shutdown().await;
}

/// promise: D-32. A folder that holds something else is refused, in words, and left as it was.
#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_folder_is_refused_and_left_alone() {
    let home = Home::new();
    fs::create_dir(home.data()).expect("a folder");
    fs::write(home.data().join("letters.txt"), "dear anna").expect("written");
    let refused = Hub::start(home.config()).await.err().expect("refused");
    assert!(matches!(refused, StartError::WrongDirectory(_)), "{refused}");
    assert!(refused.to_string().contains("name an empty folder"), "{refused}");
    let left: Vec<_> = fs::read_dir(home.data()).expect("listed").collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

/// promise: D-35, D-02. Without its own key, a data directory opens nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_or_missing_key_or_a_media_folder_without_its_mark_is_refused() {
    let (home, other) = (Home::new(), Home::new());
    home.start().await.shutdown().await;
    other.start().await.shutdown().await;
    let start = async |change: &dyn Fn(&mut HubConfig)| {
        poll("the hub before lets go", async || {
            let mut config = home.config();
            change(&mut config);
            match Hub::start(config).await {
                Err(StartError::Vault(VaultError::InUse)) => None,
                Err(error) => Some(error),
                Ok(_) => panic!("it starts"),
            }
        })
        .await
    };
    let others = MasterKeySource::KeyFile(other.beside("key"));
    let wrong = start(&|config| config.key = Some(others.clone())).await;
    assert!(matches!(wrong, StartError::Vault(VaultError::OtherVault { .. })), "{wrong}");

    let nowhere = MasterKeySource::KeyFile(home.beside("nowhere"));
    let missing = start(&|config| config.key = Some(nowhere.clone())).await;
    assert!(matches!(missing, StartError::Vault(VaultError::KeyMissing { .. })), "{missing}");
    assert!(missing.to_string().contains("put the vault's key file back"), "{missing}");

    fs::remove_file(home.data().join("media/volume.json")).expect("removed");
    let unmounted = start(&|_| {}).await;
    assert!(unmounted.to_string().contains("is its disk mounted?"), "{unmounted}");
    fs::copy(other.data().join("media/volume.json"), home.data().join("media/volume.json"))
        .expect("copied");
    let foreign = start(&|_| {}).await;
    assert!(foreign.to_string().contains("belongs to another house"), "{foreign}");
}
