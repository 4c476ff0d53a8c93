//! Footage that goes, and footage that stays.

use hearth_auth::ask;
use hearth_hub::{AuditOrigin, CameraPatch, EventQuery, Hub, NewHold, Outcome};
use hearth_model::{EventBody, RecordMode, Retention};
use hearth_store::Store;
use hearth_vault::{KeyScope, MasterKeySource, Vault, VaultError};

use crate::{
    home::{HOUR, Home, files_below},
    restart::is_sound,
    watching::{
        PATIENCE, about_now, add, add_as, allowed, allowed_on, described, fact, facts, house,
        new_camera, poll, range, still_camera, timeline, timeline_of, until_live, until_recorded,
    },
};

/// promise: D-04. A removed camera leaves no file behind, its footage is gone for everybody, and
/// the other cameras' footage is as it was.
#[tokio::test(flavor = "multi_thread")]
async fn a_removed_camera_leaves_nothing_behind() {
    let cameras = ["door", "garden"].map(still_camera);
    let (home, house) = (Home::new(), house(cameras.into()).await);
    let hub = home.start().await;
    let (door, garden) = (add(&hub, &house, "door").await, add(&hub, &house, "garden").await);
    until_recorded(&hub, door, 2.0).await;
    until_recorded(&hub, garden, 1.0).await;
    let of_door = || {
        let mut files = files_below(&home.data());
        files.retain(|path| path.to_string_lossy().contains(&door.to_string()));
        files
    };
    assert!(!of_door().is_empty());
    let around = about_now(&hub);
    let clip = hub.clip(allowed_on(&hub, door), around).await.expect("a clip");
    let mut feed = hub.live(allowed_on(&hub, door), AuditOrigin::Hub).await.expect("a feed");

    let erased = hub.remove_camera(allowed_on(&hub, door)).await.expect("removed");
    assert!(erased.segments >= 1 && erased.bytes > 1_000, "{erased:?}");
    assert!(of_door().is_empty(), "{:?}", of_door());
    for folder in ["media", "stills"] {
        assert!(!home.data().join(folder).join(door.to_string()).exists(), "{folder}");
    }
    let gone = hub.timeline(allowed_on(&hub, door), around).await.expect_err("gone");
    assert_eq!(gone.code, "not_found");
    assert!(clip.read_piece(clip.bytes() / 2..clip.bytes()).await.is_err(), "no more bytes of it");
    let ended = async { while feed.next().await.is_some() {} };
    assert!(tokio::time::timeout(PATIENCE, ended).await.is_ok());
    let removed = |body: &EventBody| *body == EventBody::CameraRemoved { camera: door };
    fact(&hub, "it is told", removed).await;
    let of_door = EventQuery { camera: Some(door), ..EventQuery::default() };
    let listed = hub.events(allowed(&hub), of_door).await.expect("for those who manage cameras");
    assert!(listed.events.iter().any(|event| removed(&event.detail.body)), "{listed:?}");
    let names: Vec<_> = hub.cameras(&allowed(&hub)).into_iter().map(|status| status.id).collect();
    assert_eq!(names, [garden]);
    assert_eq!(timeline(&hub, garden).await.spans.len(), 1);
    // The name is free again.
    let again = add(&hub, &house, "door").await;
    assert_ne!(again, door);
    until_recorded(&hub, again, 1.0).await;
    assert!(is_sound(&hub).await);
    hub.shutdown().await;
}

/// promise: V-15. After its days have passed, footage is erased by itself, except where somebody
/// holds it; when that was done last is told.
#[tokio::test(flavor = "multi_thread")]
async fn a_hold_protects_what_retention_would_erase() {
    let cameras = ["door", "garden"].map(still_camera);
    let (home, house) = (Home::new(), house(cameras.into()).await);
    let hub = home.start().await;
    let (held, free) = (add(&hub, &house, "door").await, add(&hub, &house, "garden").await);
    until_recorded(&hub, held, 2.0).await;
    until_recorded(&hub, free, 1.0).await;
    let then = about_now(&hub);
    let before = timeline(&hub, held).await.spans;
    let new = NewHold {
        camera: held,
        range: range(before[0].from, before[0].to),
        reason: "for the insurance".to_owned(),
        until: None,
    };
    let hold = hub.add_hold(allowed(&hub), new.clone()).await.expect("held");
    let long = NewHold { reason: "x".repeat(10_000), ..new };
    assert_eq!(hub.add_hold(allowed(&hub), long).await.expect_err("too long").code, "invalid");
    hub.shutdown().await;
    house.stop().await;
    drop(hub);

    // Longer than footage is kept by default.
    home.step_clock(30 * 24 * HOUR);
    let hub = home.start().await;
    let gone = async || timeline_of(&hub, free, then).await.spans.is_empty().then_some(());
    poll("old footage is erased", gone).await;
    let kept = timeline_of(&hub, held, then).await.spans;
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!(kept[0].from, before[0].from);
    // It is told when all cameras were looked at, which is after the first was.
    let told = async || {
        let last = hub.system(allowed(&hub)).await.expect("told").storage.swept_at;
        last.filter(|at| *at > then.to())
    };
    poll("when that was is told", told).await;
    let holds = hub.holds(allowed::<ask::ManageHolds>(&hub)).await.expect("listed");
    assert_eq!(holds.iter().map(|hold| hold.id).collect::<Vec<_>>(), [hold.id]);
    hub.remove_hold(allowed(&hub), hold.id).await.expect("removed");
    let twice = hub.remove_hold(allowed(&hub), hold.id).await.expect_err("removed");
    assert_eq!(twice.code, "not_found");
    hub.shutdown().await;
}

/// promise: V-15. Facts of each camera stay as long as that camera says, those of the others and of
/// the house as long as the house says; the job tells when it ran and what went.
#[tokio::test(flavor = "multi_thread")]
async fn each_camera_keeps_its_facts_as_long_as_it_says() {
    let names = ["short", "usual", "long"];
    let (home, house) = (Home::new(), house(names.map(still_camera).into()).await);
    let hub = home.start().await;
    let [short, usual, long] = names.map(|name| described(&house, name));
    let add_for = async |camera, days| {
        let mut new = new_camera(&camera, RecordMode::Off);
        new.settings.retention.events_days_max = days;
        add_as(&hub, new).await
    };
    let short = add_for(short, Some(10)).await;
    let (usual, long) = (add_for(usual, None).await, add_for(long, Some(365)).await);
    for (pictures, events) in [(None, Some(0)), (Some(3_651), None), (None, Some(3_651))] {
        let limits = Retention {
            pictures_days_max: pictures,
            events_days_max: events,
            ..Retention::default()
        };
        let patch = CameraPatch { retention: Some(limits), ..CameraPatch::default() };
        let refused = hub.update_camera(allowed_on(&hub, usual), patch).await.expect_err("unfit");
        assert_eq!(refused.code, "invalid");
    }
    for camera in [short, usual, long] {
        until_live(&hub, camera).await;
    }
    let added = async |hub: &Hub| {
        let all = facts(hub).await;
        let added = |id| all.contains(&EventBody::CameraAdded { camera: id });
        [short, usual, long].map(added)
    };
    assert_eq!(added(&hub).await, [true; 3]);
    hub.shutdown().await;
    drop(hub);
    for (days, left) in [(30, [false, true, true]), (100, [false, false, true])] {
        home.step_clock(days * 24 * HOUR);
        let hub = home.start().await;
        let run = async || hub.system(allowed(&hub)).await.expect("told").storage.last_sweep;
        let run = poll("it ran", run).await;
        assert!(run.complete && run.events > 0, "{run:?}");
        assert_eq!(added(&hub).await, left, "{days} days later");
        let report = hub.doctor(allowed(&hub)).await;
        let check = report.checks.into_iter().find(|check| check.id == "retention");
        let check = check.expect("checked");
        assert_eq!((check.outcome, check.promise), (Outcome::Ok, Some("V-15")));
        assert!(check.detail.contains("2 of 3 cameras say otherwise"), "{check:?}");
        hub.shutdown().await;
    }
}

/// promise: D-04, T-17. The password of a removed camera does not open from an older copy of the
/// index, whatever key the house still has; and a row that an early version sealed under the
/// house's key is sealed anew at the next start.
#[tokio::test(flavor = "multi_thread")]
async fn the_password_of_a_removed_camera_is_closed_in_an_older_index() {
    const CONTEXT: &[u8] = b"camera credentials v1";
    let (home, house) = (Home::new(), house(vec![still_camera("door")]).await);
    let hub = home.start().await;
    let door = add(&hub, &house, "door").await;
    until_recorded(&hub, door, 1.0).await;
    hub.shutdown().await;
    drop(hub);

    // As an early version kept it.
    let source = MasterKeySource::KeyFile(home.beside("key"));
    let opened = async || {
        poll("the hub before lets go", async || Vault::open(&home.data(), &source).ok()).await
    };
    let index = home.data().join("index.db");
    let vault = opened().await;
    let key = vault.index_key().expect("derives");
    let store = Store::open(&index, &key).await.expect("opens");
    let sealed = store.camera(door).await.expect("there").credentials.expect("some");
    let scope = KeyScope::Camera(door);
    let plain = vault.unseal(&scope, CONTEXT, &sealed).expect("the camera's own key");
    let old = vault.seal(&KeyScope::House, CONTEXT, plain.expose()).expect("seals");
    store.set_camera_credentials(door, Some(&old)).await.expect("written");
    store.close().await.expect("closed");
    drop(vault);

    let hub = home.start().await;
    until_recorded(&hub, door, 1.0).await;
    let store = Store::open(&index, &key).await.expect("opens");
    let anew = store.camera(door).await.expect("there").credentials.expect("some");
    store.close().await.expect("closed");
    assert_ne!(anew, old);
    hub.remove_camera(allowed_on(&hub, door)).await.expect("removed");
    hub.shutdown().await;
    drop(hub);
    let vault = opened().await;
    let closed = vault.unseal(&scope, CONTEXT, &anew);
    assert!(matches!(closed, Err(VaultError::ScopeMissing(_))));
    assert!(vault.unseal(&KeyScope::House, CONTEXT, &anew).is_err());
}
