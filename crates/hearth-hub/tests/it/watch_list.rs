//! The watch list: nobody on it is named before a person has looked, and a published one comes and goes
//! whole.

use std::{
    collections::BTreeMap,
    fs,
    sync::{Arc, Mutex},
    time::{SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use hearth_hub::{
    Decision, FacePatch, Hub, ImportSettings, NewWatched, Privacy, PublishedClass, WaitingMatch,
    WatchListSettings, WatchListView, WatchState, WatchedFrom, WatchedView,
};
use hearth_model::{VisitId, WallTime};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use crate::{
    home::Home,
    people::{contents, door, door_camera, eyes_run, face_of, name, photo, portrait_of, visits},
    watching::{allowed, house, poll},
};

const UNUSUAL: &str = "Zephyrine Quandary";

fn in_days(days: i64) -> WallTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    let now = WallTime::from_micros(i64::try_from(since.as_micros()).expect("fits"));
    now.plus_micros(days * WallTime::MICROS_A_DAY)
}

fn somebody() -> NewWatched {
    let reason = "Took parcels in March.".to_owned();
    NewWatched { name: name(UNUSUAL), reason, ends_at: in_days(30) }
}

async fn list(hub: &Hub) -> WatchListView {
    hub.watch_list(&allowed(hub)).await.expect("read")
}

async fn switch_on(hub: &Hub) {
    let on = WatchListSettings { is_on: true, ..WatchListSettings::default() };
    hub.set_watch_list(&allowed(hub), on).await.expect("set");
}

async fn add(hub: &Hub, photo: &Bytes) -> WatchedView {
    let added = hub.add_watched(&allowed(hub), somebody()).await.expect("added");
    let from = WatchedFrom::Photo(photo.clone());
    hub.add_watched_face(&allowed(hub), added.id, from, Some(0)).await.expect("a face")
}

async fn incidents(hub: &Hub) -> Vec<String> {
    let all = hub.incidents(&allowed(hub), &hearth_hub::IncidentQuery::default());
    all.into_iter().map(|one| one.title).collect()
}

async fn waits_at_other_visit(hub: &Hub, but: &[VisitId]) -> WaitingMatch {
    poll("a face waits for a look", async || {
        list(hub).await.waiting.into_iter().find(|one| !but.contains(&one.visit))
    })
    .await
}

/// promise: D-34, D-02, D-04. A machine thinks that somebody on the watch list came: they are a stranger
/// until a person has looked, and what a person says counts. Whoever is taken off the list is gone.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_on_the_watch_list_is_named_before_a_person_looked() {
    let Some(photo) = photo("sample2.jpg") else { return };
    let cameras = vec![door_camera("back", portrait_of(&photo).await)];
    let (home, spec) = (Home::with_eyes(), house(cameras).await);
    let hub = home.start().await;
    eyes_run(&hub).await;
    let watched = add(&hub, &photo).await;
    assert_eq!((watched.faces.len(), watched.faces[0].picture), (1, true));
    let picture = hub.watched_picture(&allowed(&hub), watched.id, watched.faces[0].id).await;
    let picture = picture.expect("kept");
    door(&hub, &spec, "back", true).await;

    // The list is off: nobody is compared with it.
    let first = poll("somebody came", async || {
        let over = |one: &hearth_hub::VisitView| !one.at_the_door && !one.faces.is_empty();
        visits(&hub).await.into_iter().find(over)
    })
    .await;
    assert!(first.faces.iter().all(|face| face.watch.is_none()));
    switch_on(&hub).await;

    let waits = waits_at_other_visit(&hub, &[first.id]).await;
    assert_eq!((waits.watched, waits.name.as_str()), (watched.id, UNUSUAL));
    assert!(incidents(&hub).await.is_empty(), "nobody has looked");
    let visit = hub.visit(&allowed(&hub), waits.visit).await.expect("kept");
    let face = &visit.faces[waits.face];
    assert_eq!((face.decision, face.name.as_ref()), (Decision::Unknown, None));
    let mark = face.watch.as_ref().expect("it waits");
    assert_eq!((mark.state, mark.name.as_ref(), mark.watched), (WatchState::Waiting, None, None));
    let shown = hub.waiting_face(&allowed(&hub), waits.visit, waits.face).await.expect("a face");
    assert!(shown.starts_with(&[0xFF, 0xD8]));
    let strict = FacePatch { privacy: Some(Privacy::Strict), ..FacePatch::default() };
    hub.set_faces(&allowed(&hub), strict).await.expect("set");
    let hidden = hub.waiting_face(&allowed(&hub), waits.visit, waits.face).await;
    assert_eq!(hidden.expect_err("strict").code, "not_found");

    let said = hub.review_watch_match(&allowed(&hub), waits.visit, waits.face, true).await;
    let mark = said.expect("said").faces[waits.face].watch.clone().expect("a person said so");
    assert_eq!(mark.state, WatchState::Confirmed);
    assert_eq!(mark.name.as_ref().map(hearth_hub::PersonName::as_str), Some(UNUSUAL));
    poll("it is an incident", async || {
        let told = incidents(&hub).await;
        (told == ["Somebody on the watch list came"]).then_some(())
    })
    .await;
    let nobody = hub.review_watch_match(&allowed(&hub), first.id, 0, true).await;
    assert_eq!(nobody.expect_err("like nobody").code, "not_like_anybody");

    // Whoever was wrong says so, and the face is remembered as somebody else's.
    let refused = hub.review_watch_match(&allowed(&hub), waits.visit, waits.face, false).await;
    assert!(refused.expect("said").faces[waits.face].watch.is_none());
    let now = list(&hub).await;
    assert!(now.waiting.iter().all(|one| one.visit != waits.visit));
    assert_eq!(now.people[0].rejections, 1);

    let copy = home.beside("copy.db");
    hub.shutdown().await;
    drop(hub);
    for (path, bytes) in contents(&home.data()) {
        let holds = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
        assert!(!holds(UNUSUAL.as_bytes()), "a name in clear in {}", path.display());
        assert!(!holds(b"parcels in March"), "a reason in clear in {}", path.display());
        assert!(!holds(&picture[..64]), "a picture in clear in {}", path.display());
    }
    fs::copy(home.data().join("index.db"), &copy).expect("copied");
    let hub = home.start().await;
    assert_eq!(list(&hub).await.people.len(), 1);
    hub.remove_watched(&allowed(&hub), watched.id).await.expect("removed");
    hub.shutdown().await;
    drop(hub);
    for name in ["index.db-wal", "index.db-shm"] {
        fs::remove_file(home.data().join(name)).ok();
    }
    fs::copy(&copy, home.data().join("index.db")).expect("put back");
    let hub = home.start().await;
    assert!(list(&hub).await.people.is_empty(), "the key is gone");
    hub.shutdown().await;
}

/// promise: D-04, D-33. Nobody is watched for without a reason and an end, and at that end they are gone.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_watched_for_without_a_reason_and_an_end() {
    let home = Home::new();
    let hub = home.start().await;
    assert!(!list(&hub).await.settings.is_on && !list(&hub).await.settings.import.is_on);
    for (wrong, code) in [
        (NewWatched { reason: " \n".to_owned(), ..somebody() }, "bad_reason"),
        (NewWatched { reason: "x".repeat(501), ..somebody() }, "bad_reason"),
        (NewWatched { ends_at: in_days(0), ..somebody() }, "bad_end"),
        (NewWatched { ends_at: in_days(367), ..somebody() }, "bad_end"),
    ] {
        let refused = hub.add_watched(&allowed(&hub), wrong).await.expect_err(code);
        assert_eq!(refused.code, code);
    }
    let added = hub.add_watched(&allowed(&hub), somebody()).await.expect("added");
    let longer = NewWatched { ends_at: in_days(60), ..somebody() };
    let changed = hub.change_watched(&allowed(&hub), added.id, longer.clone()).await;
    assert_eq!(changed.expect("changed").ends_at, longer.ends_at);
    hub.shutdown().await;
}

/// A published list on this machine, with its pictures.
#[derive(Clone, Default)]
struct Published {
    files: Arc<Mutex<BTreeMap<String, Bytes>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Published {
    async fn start() -> (Self, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (served, list) = (Self::default(), Self::default());
        let served = Self { files: Arc::clone(&list.files), ..served };
        let served = Self { asked: Arc::clone(&list.asked), ..served };
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = [0; 4096];
                let read = stream.read(&mut request).await.unwrap_or(0);
                let request = String::from_utf8_lossy(&request[..read]).into_owned();
                let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
                let file = served.files.lock().expect("whole").get(&path).cloned();
                served.asked.lock().expect("whole").push(path);
                let status = if file.is_some() { "200 OK" } else { "404 Not Found" };
                let body = file.unwrap_or_default();
                let length = body.len();
                let head = format!(
                    "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
                );
                stream.write_all(head.as_bytes()).await.ok();
                stream.write_all(&body).await.ok();
            }
        });
        (list, url)
    }

    fn serve(&self, path: &str, body: impl Into<Bytes>) {
        self.files.lock().expect("whole").insert(path.to_owned(), body.into());
    }

    fn page(&self, page: usize, total: usize, items: &[Value]) {
        let path = format!("/list?pageSize=50&page={page}&poster_classification=ten");
        self.serve(&path, json!({ "total": total, "items": items }).to_string());
    }
}

fn wanted(uid: &str, modified: &str, url: &str, picture: &str) -> Value {
    json!({
        "uid": uid,
        "title": format!("{UNUSUAL} {uid}"),
        "description": "Fraud",
        "publication": "2026-01-01T00:00:00",
        "modified": modified,
        "poster_classification": "ten",
        "person_classification": "Main",
        "status": "na",
        "images": [{ "original": format!("{url}/{picture}") }],
    })
}

async fn imported(hub: &Hub) -> WatchListView {
    // The hub may be at it by itself.
    poll("it is read", async || hub.import_watch_list(&allowed(hub)).await.ok()).await;
    let done = async || Some(list(hub).await).filter(|list| !list.importing);
    poll("the list is read", done).await
}

/// promise: D-34, D-01. A published list is off unless somebody switches it on; it is read page by page,
/// names only those in whose picture one face is seen, never makes anybody known, and goes as it came.
#[tokio::test(flavor = "multi_thread")]
async fn a_published_list_comes_and_goes_whole() {
    let (Some(one), Some(group)) = (photo("sample1.jpg"), photo("sample3.jpg")) else { return };
    let face = face_of(&one).await.picture.expect("a face");
    let other = face_of(&group).await.picture.expect("a face");
    let (published, url) = Published::start().await;
    published.serve("/a.jpg", face);
    published.serve("/b.jpg", other);
    published.serve("/nobody.jpg", Bytes::from_static(b"no picture"));
    let item = |uid: &str, modified: &str, file: &str| wanted(uid, modified, &url, file);

    let home = Home::with_eyes();
    let hub = home.start().await;
    eyes_run(&hub).await;
    let off = hub.import_watch_list(&allowed(&hub)).await.expect_err("off");
    assert_eq!(off.code, "import_off");
    let import = ImportSettings {
        is_on: true,
        url: format!("{url}/list"),
        classes: vec![PublishedClass::Ten],
        ..ImportSettings::default()
    };
    let set = async |import: ImportSettings| {
        let settings = WatchListSettings { is_on: true, import };
        hub.set_watch_list(&allowed(&hub), settings).await.map_err(|error| error.code)
    };
    for (wrong, code) in [
        (ImportSettings { url: "http://example.org/list".to_owned(), ..import.clone() }, "bad_url"),
        (ImportSettings { classes: Vec::new(), ..import.clone() }, "invalid"),
        (ImportSettings { most: 201, ..import.clone() }, "invalid"),
    ] {
        assert_eq!(set(wrong).await.expect_err(code), code);
    }
    assert!(published.asked.lock().expect("whole").is_empty(), "nobody asked for anything");
    set(import.clone()).await.expect("set");
    let missing = imported(&hub).await;
    assert!(missing.last_import.error.is_some() && missing.people.is_empty());
    published.page(1, 3, &[item("a", "1", "a.jpg"), item("odd", "1", "nobody.jpg")]);
    published.page(2, 3, &[item("b", "1", "b.jpg")]);
    let first = imported(&hub).await;
    let last = &first.last_import;
    assert_eq!((last.error.as_deref(), last.listed, last.kept), (None, 3, 2), "{last:?}");
    assert_eq!((last.added, last.removed, last.unusable), (2, 0, 1));
    assert_eq!(first.people.len(), 2);
    assert!(first.people.iter().all(|person| person.faces.len() == 1));
    assert!(hub.people(&allowed(&hub)).await.expect("read").is_empty(), "nobody is known by it");
    let a = first.people.iter().find(|person| person.name.as_str().ends_with(" a")).expect("a");
    let changed = hub.change_watched(&allowed(&hub), a.id, somebody()).await;
    assert_eq!(changed.expect_err("only the list says so").code, "published");

    // One goes from the list, nothing changed of the other: its picture is not asked for again.
    published.page(1, 1, &[item("b", "1", "b.jpg")]);
    published.asked.lock().expect("whole").clear();
    let second = imported(&hub).await;
    assert_eq!(
        (second.last_import.removed, second.last_import.kept, second.people.len()),
        (1, 1, 1)
    );
    assert!(!published.asked.lock().expect("whole").iter().any(|path| path == "/b.jpg"));

    // What is no list, or cannot be read to its end, takes nobody off.
    published.serve("/list?pageSize=50&page=1&poster_classification=ten", "<html>");
    let broken = imported(&hub).await;
    assert!(broken.last_import.error.is_some() && broken.people.len() == 1);

    // Whoever is taken off by hand stays away.
    published.page(1, 1, &[item("b", "2", "b.jpg")]);
    hub.remove_watched(&allowed(&hub), second.people[0].id).await.expect("removed");
    assert_eq!(imported(&hub).await.people.len(), 0);

    set(import).await.expect("set");
    assert_eq!(imported(&hub).await.people.len(), 1);
    hub.add_watched(&allowed(&hub), somebody()).await.expect("added");
    let left = hub.forget_published(&allowed(&hub)).await.expect("taken back");
    assert_eq!((left.people.len(), left.settings.import.is_on), (1, false));
    assert_eq!(left.people[0].name.as_str(), UNUSUAL, "whom the house put there stays");
    hub.shutdown().await;
}
