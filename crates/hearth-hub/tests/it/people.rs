//! People who agreed to be known, and who came to the door.

use std::{fs, path::PathBuf, sync::Arc};

use bytes::Bytes;
use hearth_eyes::{Eyes, EyesConfig, FacesIn, SeenFace, read_photo};
use hearth_hub::{
    Decision, EnrolmentRefused, EventQuery, FacePatch, Hub, NewConsent, NewGroup, NewSavedSearch,
    PersonName, PersonState, Privacy, SampleFrom, VisitFilter, VisitPatch, VisitView, Who,
};
use hearth_model::{
    CameraId, EventBody, PersonId, Point, RecordMode, VisitState, VisitTrigger, WallTime,
};
use hearth_sim::{CameraSpec, Content, Crossing, Portrait, SceneKind, SceneSpec, Subject};
use hearth_vault::{KeyScope, MasterKeySource, Vault, VaultError};

use crate::{
    home::{Home, SECOND, eyes_worker},
    watching::{
        add_as, allowed, allowed_on, described, fact, house, new_camera, poll, still_camera,
    },
};

/// A photograph of the face package, which `cargo xtask models` installs; says 'skipped' without.
pub(crate) fn photo(name: &str) -> Option<Bytes> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = root.join("models/node_modules/@vladmandic/face-api/demo").join(name);
    let has_model = hearth_face::embedded_face_model().is_some();
    let photo = fs::read(&path).ok().filter(|_| has_model).map(Bytes::from);
    if photo.is_none() {
        println!("skipped: cargo xtask models installs the face model and its photographs");
    }
    photo
}

pub(crate) fn consent() -> Option<NewConsent> {
    let text = "I agree to be recognised at the front door.".to_owned();
    Some(NewConsent { given_by: "Anna".to_owned(), text, expires_at: None })
}

pub(crate) fn name(text: &str) -> PersonName {
    PersonName::new(text).expect("a name")
}

pub(crate) async fn add_photo(
    hub: &Hub,
    person: PersonId,
    photo: &Bytes,
    face: Option<usize>,
) -> Result<(), &'static str> {
    let from = SampleFrom::Photo(photo.clone());
    match hub.add_sample(&allowed(hub), person, from, face).await {
        Ok(_) => Ok(()),
        Err(EnrolmentRefused::UseCase(error)) => Err(error.code),
        Err(EnrolmentRefused::Picture { code, .. }) => Err(code),
    }
}

pub(crate) async fn eyes_run(hub: &Hub) {
    poll("the eyes run", async || hub.faces(&allowed(hub)).available.then_some(())).await;
}

/// promise: V-16, D-33. Nothing of a face is kept before the person agreed, and what is kept can be
/// shown to them.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_enrolled_without_consent() {
    let Some(photo) = photo("sample1.jpg") else { return };
    let home = Home::with_eyes();
    let hub = home.start().await;
    eyes_run(&hub).await;
    let anna = hub.add_person(&allowed(&hub), name("Anna"), None).await.expect("added");
    assert_eq!(anna.state, PersonState::NoConsent);
    assert_eq!(add_photo(&hub, anna.id, &photo, Some(0)).await, Err("no_consent"));
    let agreed = consent().expect("a consent");
    let agreed = hub.set_consent(&allowed(&hub), anna.id, agreed).await.expect("recorded");
    assert_eq!(agreed.state, PersonState::NoSamples);
    assert_eq!(add_photo(&hub, anna.id, &photo, Some(0)).await, Ok(()));
    assert_eq!(add_photo(&hub, anna.id, &photo, Some(0)).await, Err("same_sample"));
    assert_eq!(add_photo(&hub, anna.id, &photo, Some(31)).await, Err("no_face"));
    let script = Bytes::from_static(b"<script>");
    assert_eq!(add_photo(&hub, anna.id, &script, None).await, Err("bad_picture"));
    let ben = hub.add_person(&allowed(&hub), name("Ben"), consent()).await.expect("added");
    assert_eq!(add_photo(&hub, ben.id, &photo, Some(0)).await, Err("someone_else"));
    let same = hub.add_person(&allowed(&hub), name("Ben"), None).await;
    assert_eq!(same.expect_err("taken").code, "name_taken");
    let export = hub.export_person(&allowed(&hub), anna.id).await.expect("exported");
    assert_eq!((export.person.sample_list.len(), export.pictures.len()), (1, 1));
    let withdrawn = hub.withdraw_consent(&allowed(&hub), anna.id).await.expect("recorded");
    assert_eq!(withdrawn.state, PersonState::Withdrawn);
    assert_eq!(add_photo(&hub, anna.id, &photo, Some(0)).await, Err("no_consent"));
    hub.shutdown().await;
}

/// promise: D-33. Looking at a photograph takes its time, and whoever withdraws meanwhile has
/// withdrawn: with the sample or without it, nobody compares this face from then on.
#[tokio::test(flavor = "multi_thread")]
async fn who_withdraws_while_a_sample_is_added_has_withdrawn() {
    let (Some(photo), Some(other)) = (photo("sample1.jpg"), photo("sample2.jpg")) else { return };
    let home = Home::with_eyes();
    let hub = home.start().await;
    eyes_run(&hub).await;
    let anna = hub.add_person(&allowed(&hub), name("Anna"), consent()).await.expect("added");
    let withdrawing = async {
        tokio::task::yield_now().await;
        let grant = allowed(&hub);
        hub.withdraw_consent(&grant, anna.id).await.expect("recorded")
    };
    let (added, withdrawn) = tokio::join!(add_photo(&hub, anna.id, &photo, Some(0)), withdrawing);
    assert_eq!((added, withdrawn.state), (Err("no_consent"), PersonState::Withdrawn));
    let detail = hub.person(&allowed(&hub), anna.id).await.expect("known");
    assert_eq!((detail.person.state, detail.sample_list.len()), (PersonState::Withdrawn, 0));
    // Two at once are two samples: neither undoes the other.
    let agreed = consent().expect("a consent");
    hub.set_consent(&allowed(&hub), anna.id, agreed).await.expect("recorded");
    let (one, two) = tokio::join!(
        add_photo(&hub, anna.id, &photo, Some(0)),
        add_photo(&hub, anna.id, &other, Some(0)),
    );
    assert_eq!((one, two), (Ok(()), Ok(())));
    let detail = hub.person(&allowed(&hub), anna.id).await.expect("known");
    assert_eq!(detail.sample_list.len(), 2);
    hub.shutdown().await;
}

/// All bytes under a folder.
pub(crate) fn contents(folder: &std::path::Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("listed") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(contents(&path));
        } else {
            let bytes = fs::read(&path).unwrap_or_default();
            files.push((path, bytes));
        }
    }
    files
}

/// promise: D-02, D-04, D-36, V-07, V-16. Names, faces and pictures are nowhere in clear; a person
/// who was erased cannot be read from an earlier copy of the index either.
#[tokio::test(flavor = "multi_thread")]
async fn an_erased_person_cannot_be_read_from_a_copy() {
    let Some(photo) = photo("sample1.jpg") else { return };
    let home = Home::with_eyes();
    let hub = home.start().await;
    eyes_run(&hub).await;
    let unusual = "Zephyrine Quandary";
    let person = hub.add_person(&allowed(&hub), name(unusual), consent()).await.expect("added");
    assert_eq!(add_photo(&hub, person.id, &photo, Some(0)).await, Ok(()));
    let sample = hub.person(&allowed(&hub), person.id).await.expect("known").sample_list[0].id;
    let picture = hub.sample_picture(&allowed(&hub), person.id, sample).await.expect("kept");
    let template = face_of(&photo).await.template;
    let template = template.to_bytes();
    let search = NewSavedSearch { name: "Visits".to_owned(), q: format!("{unusual} today") };
    hub.save_search(&allowed(&hub), search).await.expect("kept");
    hub.shutdown().await;
    drop(hub);
    for (path, bytes) in contents(&home.data()) {
        let holds = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
        assert!(!holds(unusual.as_bytes()), "a name in clear in {}", path.display());
        assert!(!holds(&picture[..64]), "a picture in clear in {}", path.display());
        assert!(!holds(&template.expose()[..32]), "a face in clear in {}", path.display());
        assert!(!holds(b"front door"), "a consent in clear in {}", path.display());
    }

    let copy = home.beside("copy.db");
    fs::copy(home.data().join("index.db"), &copy).expect("copied");
    let hub = home.start().await;
    assert_eq!(hub.people(&allowed(&hub)).await.expect("read").len(), 1);
    let erased = hub.erase_person(&allowed(&hub), person.id, false).await.expect("erased");
    assert_eq!((erased.samples, erased.rejections), (1, 0));
    assert!(hub.people(&allowed(&hub)).await.expect("read").is_empty());
    assert!(hub.saved_searches(&allowed(&hub)).await.expect("read").is_empty());
    hub.shutdown().await;
    drop(hub);
    for name in ["index.db-wal", "index.db-shm"] {
        fs::remove_file(home.data().join(name)).ok();
    }
    fs::copy(&copy, home.data().join("index.db")).expect("put back");
    let hub = home.start().await;
    assert!(hub.people(&allowed(&hub)).await.expect("read").is_empty(), "the key is gone");
    hub.shutdown().await;
}

/// promise: V-16, V-18, D-02. Groups lie sealed, survive the loss of the index, and whoever is erased
/// leaves them, also in what is restored from an earlier copy.
#[tokio::test(flavor = "multi_thread")]
async fn groups_are_sealed_and_forget_whoever_is_erased() {
    let home = Home::new();
    let hub = home.start().await;
    let mut ids = Vec::new();
    for each in ["Anna", "Ben"] {
        ids.push(hub.add_person(&allowed(&hub), name(each), None).await.expect("added").id);
    }
    let group = |name: &str, members: &[PersonId]| NewGroup {
        name: name.to_owned(),
        members: members.to_vec(),
    };
    let add = async |new: NewGroup| {
        hub.add_person_group(&allowed(&hub), new).await.map_err(|error| error.code)
    };
    let made = add(group(" Zanzibar lanterns ", &ids)).await.expect("made");
    assert_eq!((made.name.as_str(), made.members.len()), ("Zanzibar lanterns", 2));
    for (wrong, code) in [
        (group("zanzibar LANTERNS", &ids), "name_taken"),
        (group(" ", &ids), "bad_name"),
        (group(&"x".repeat(61), &ids), "bad_name"),
        (group("Nobody", &[PersonId::new()]), "not_found"),
        (group("Many", &(0..257).map(|_| PersonId::new()).collect::<Vec<_>>()), "too_many"),
    ] {
        assert_eq!(add(wrong).await.expect_err(code), code);
    }
    for number in 1..32 {
        add(group(&format!("Group {number}"), &[])).await.expect("32 fit");
    }
    assert_eq!(add(group("One more", &[])).await.expect_err("33"), "too_many");
    let export = hub.export_person(&allowed(&hub), ids[0]).await.expect("exported");
    assert_eq!(export.groups, std::slice::from_ref(&made.name));
    hub.shutdown().await;
    drop(hub);
    for (path, bytes) in contents(&home.data()) {
        let holds = bytes.windows(17).any(|window| window == b"Zanzibar lanterns");
        assert!(!holds, "a group in clear in {}", path.display());
    }

    let (index, copy) = (home.data().join("index.db"), home.beside("copy.db"));
    fs::copy(&index, &copy).expect("copied");
    fs::remove_file(&index).expect("lost");
    let hub = home.start().await;
    let groups = hub.person_groups(&allowed(&hub));
    assert_eq!((groups.len(), &groups[0]), (32, &made), "from the sealed copy of the house");
    hub.erase_person(&allowed(&hub), ids[0], false).await.expect("erased");
    assert_eq!(hub.person_groups(&allowed(&hub))[0].members, ids[1..]);
    hub.shutdown().await;
    drop(hub);
    for name in ["index.db-wal", "index.db-shm"] {
        fs::remove_file(home.data().join(name)).ok();
    }
    fs::copy(&copy, &index).expect("put back");
    let hub = home.start().await;
    assert_eq!(hub.person_groups(&allowed(&hub))[0].members, ids[1..], "the key is gone");
    hub.shutdown().await;
}

pub(crate) async fn door(hub: &Hub, spec: &hearth_sim::House, name: &str, faces: bool) -> CameraId {
    let mut new = new_camera(&described(spec, name), RecordMode::Event);
    (new.settings.detection.visits, new.settings.detection.faces) = (true, faces);
    new.settings.detection.always_decode = true;
    add_as(hub, new).await
}

pub(crate) async fn visits(hub: &Hub) -> Vec<VisitView> {
    hub.visits(&allowed(hub), VisitFilter { limit: 50, ..VisitFilter::default() })
        .await
        .expect("read")
        .visits
}

/// promise: D-06. Somebody rings at a camera that compares no faces: it is a visit all the same, it is missed unless
/// somebody looks, and it says that nobody looked for faces.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_rings_is_a_visit() {
    let (home, spec) = (Home::with_eyes(), house(vec![still_camera("door")]).await);
    let hub = home.start().await;
    let camera = door(&hub, &spec, "door", false).await;
    let inside = add_as(&hub, {
        let mut new = new_camera(&described(&spec, "door"), RecordMode::Continuous);
        new.settings.name = hearth_model::CameraName::new("inside").expect("a name");
        new
    })
    .await;
    // Pictures are kept, but nobody can say where the faces are that are to be hidden in them.
    let keep = FacePatch { keep_pictures: Some(true), ..FacePatch::default() };
    let faces = hub.set_faces(&allowed(&hub), keep).await.expect("set");
    assert_eq!(faces.settings.privacy, Privacy::Moderate);
    let refused = hub.ring(allowed_on(&hub, inside), VisitTrigger::Button).await;
    assert_eq!(refused.expect_err("no door").code, "not_a_door");

    let rung = hub.ring(allowed_on(&hub, camera), VisitTrigger::Button).await.expect("rung");
    assert!(rung.at_the_door && rung.who == Who::NotChecked && rung.state == VisitState::New);
    fact(
        &hub,
        "the visit begins",
        |body| matches!(body, EventBody::VisitBegan { visit, .. } if *visit == rung.id),
    )
    .await;
    let again = hub.ring(allowed_on(&hub, camera), VisitTrigger::Button).await.expect("rung");
    assert_eq!(again.id, rung.id, "ringing twice is one visit");
    let busy = hub.remove_visit(&allowed(&hub), rung.id).await.expect_err("goes on");
    assert_eq!(busy.code, "visit_goes_on");
    fact(
        &hub,
        "the visit ends",
        |body| matches!(body, EventBody::VisitEnded { visit, .. } if *visit == rung.id),
    )
    .await;
    let page = hub
        .visits(&allowed(&hub), VisitFilter { limit: 50, ..VisitFilter::default() })
        .await
        .expect("read");
    assert_eq!((page.visits.len(), page.unseen), (1, 1));
    let missed = &page.visits[0];
    assert_eq!((missed.state, missed.who), (VisitState::Missed, Who::NotChecked));
    assert!(missed.clip.as_deref().is_some_and(|clip| clip.contains("/clip.mp4?")));
    assert!(!missed.picture, "a stranger's face would be in it");
    let note = Some(Some("The courier.".to_owned()));
    let patch = VisitPatch { state: Some(VisitState::Seen), kept: None, note };
    let seen = hub.update_visit(&allowed(&hub), rung.id, patch).await.expect("changed");
    assert_eq!((seen.state, seen.note.as_deref()), (VisitState::Seen, Some("The courier.")));
    hub.remove_visit(&allowed(&hub), rung.id).await.expect("removed");
    assert!(visits(&hub).await.is_empty());
    hub.shutdown().await;
}

/// promise: D-04. A camera that is removed while somebody is at its door takes its visits along, and
/// the key they are sealed under does not come back with what is still on its way.
#[tokio::test(flavor = "multi_thread")]
async fn a_removed_camera_takes_its_visits_along() {
    let (home, spec) = (Home::with_eyes(), house(vec![still_camera("door")]).await);
    let hub = home.start().await;
    let camera = door(&hub, &spec, "door", false).await;
    let rung = hub.ring(allowed_on(&hub, camera), VisitTrigger::Button).await.expect("rung");
    hub.remove_camera(allowed_on(&hub, camera)).await.expect("removed");
    assert!(visits(&hub).await.is_empty());
    let gone = hub.visit(&allowed(&hub), rung.id).await.expect_err("gone");
    assert_eq!(gone.code, "not_found");
    hub.shutdown().await;
    drop(hub);
    let source = MasterKeySource::KeyFile(home.beside("key"));
    let vault = poll("the hub lets go", async || Vault::open(&home.data(), &source).ok()).await;
    let closed = vault.unseal(&KeyScope::Camera(camera), b"any", &[0; 64]);
    assert!(matches!(closed, Err(VaultError::ScopeMissing(_))), "{closed:?}");
}

/// A camera at a door, to which somebody with this face walks up for twelve seconds of every twenty.
pub(crate) fn door_camera(name: &str, portrait: Portrait) -> CameraSpec {
    let crossing = Crossing {
        subject: Subject::Person,
        from_seconds: 4.0,
        to_seconds: 16.0,
        start: Point { x: 0.4, y: 1.05 },
        end: Point { x: 0.5, y: 1.5 },
        start_height: 0.8,
        end_height: 1.4,
        look: 3,
        portrait: Some(0),
    };
    let scene = SceneSpec::new(SceneKind::Garage, 1280, 720, 8);
    let crossings = Some(vec![crossing]);
    let portraits = vec![Arc::new(portrait)];
    let mut camera =
        CameraSpec::scene(name, SceneSpec { seconds: 20, crossings, portraits, ..scene }, 0);
    if let Content::Scene(reel) = &mut camera.main {
        reel.key_interval_frames = reel.scene.fps;
    }
    camera
}

/// The largest face of a photograph, looked for outside any hub.
pub(crate) async fn face_of(photo: &Bytes) -> SeenFace {
    let (reports, _taken) = tokio::sync::mpsc::channel(64);
    let program = eyes_worker();
    let eyes = Eyes::start(EyesConfig { program, args: Vec::new(), model: None }, reports);
    let faces = eyes.faces(FacesIn::Photo(photo.clone())).await.expect("a photograph");
    eyes.shutdown().await;
    faces.into_iter().next().expect("a face")
}

pub(crate) async fn portrait_of(photo: &Bytes) -> Portrait {
    let face = face_of(photo).await;
    let picture = read_photo(&face.picture.expect("the face")).expect("a JPEG");
    Portrait::new(picture.width(), picture.height(), picture.rgb().to_vec()).expect("fits")
}

/// promise: D-01, D-34, D-06, V-16. Somebody known walks up and is named; a stranger is not, and is
/// told apart when they come again; 'not this person' holds; and nothing of it leaves the house.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_walks_up_is_named_only_if_they_are_known() {
    let (Some(anna), Some(other)) = (photo("sample1.jpg"), photo("sample2.jpg")) else { return };
    let cameras = vec![
        door_camera("front", portrait_of(&anna).await),
        door_camera("back", portrait_of(&other).await),
    ];
    let (home, spec) = (Home::with_eyes(), house(cameras).await);
    let hub = home.start().await;
    eyes_run(&hub).await;
    let person = hub.add_person(&allowed(&hub), name("Anna"), consent()).await.expect("added");
    assert_eq!(add_photo(&hub, person.id, &anna, Some(0)).await, Ok(()));
    let keep = FacePatch {
        keep_pictures: Some(true),
        privacy: Some(Privacy::Moderate),
        ..FacePatch::default()
    };
    hub.set_faces(&allowed(&hub), keep).await.expect("set");
    let front = door(&hub, &spec, "front", true).await;
    let back = door(&hub, &spec, "back", true).await;

    let known = poll("Anna is named", async || {
        let mut all = visits(&hub).await.into_iter();
        all.find(|visit| visit.camera == front && visit.who == Who::Known)
    })
    .await;
    assert_eq!(known.faces[0].name.as_ref().map(PersonName::as_str), Some("Anna"));
    assert_eq!(known.faces[0].decision, Decision::Known);
    let stranger = poll("a stranger came", async || {
        let mut all = visits(&hub).await.into_iter();
        all.find(|visit| visit.camera == back && visit.who == Who::Unknown && !visit.at_the_door)
    })
    .await;
    assert!(stranger.faces.iter().all(|face| face.person.is_none()));
    assert!(stranger.faces.iter().all(|face| !face.picture), "strangers are not shown");
    let of_anna = poll("the visit is over", async || {
        let visit = hub.visit(&allowed(&hub), known.id).await.expect("kept");
        (!visit.at_the_door).then_some(visit)
    })
    .await;
    assert!(of_anna.faces[0].picture, "whoever agreed is shown");
    hub.visit_picture(&allowed(&hub), known.id, Some(0)).await.expect("a picture");

    let rejected = hub.reject_face(&allowed(&hub), known.id, 0).await.expect("corrected");
    assert!(rejected.rejection.is_some() && rejected.person == person.id);
    let corrected = hub.visit(&allowed(&hub), known.id).await.expect("kept");
    assert_eq!((corrected.who, corrected.faces[0].person), (Who::Unknown, None));
    let detail = hub.person(&allowed(&hub), person.id).await.expect("known");
    assert_eq!(detail.rejection_list.len(), 1);
    let rejection = rejected.rejection.expect("remembered");
    hub.remove_sample(&allowed(&hub), person.id, rejection).await.expect("taken back");
    let again = hub.visit(&allowed(&hub), known.id).await.expect("kept");
    assert_eq!((again.who, again.faces[0].person), (Who::Known, Some(person.id)));
    // Who is erased is gone from the visits too, and their face becomes nobody else's.
    let erased = hub.erase_person(&allowed(&hub), person.id, false).await.expect("erased");
    assert_eq!(erased.samples, 1);
    let faceless = hub.visit(&allowed(&hub), known.id).await.expect("kept");
    let face = &faceless.faces[0];
    assert!(face.erased && !face.picture && face.name.is_none(), "{face:?}");
    assert!(hub.visit_picture(&allowed(&hub), known.id, Some(0)).await.is_err());
    let ben = hub.add_person(&allowed(&hub), name("Ben"), consent()).await.expect("added");
    let from = SampleFrom::Visit(known.id, 0);
    let Err(EnrolmentRefused::UseCase(error)) =
        hub.add_sample(&allowed(&hub), ben.id, from, None).await
    else {
        panic!("a face that was erased became somebody's")
    };
    assert_eq!(error.code, "no_picture");
    let all = visits(&hub).await;
    let wrong = |visit: &&VisitView| {
        visit.camera == back && visit.faces.iter().any(|face| face.person.is_some())
    };
    assert_eq!(all.iter().filter(wrong).count(), 0, "nobody else is ever called Anna");
    hub.shutdown().await;
}

/// promise: V-16. Whoever is erased can have the recordings of their visits erased with them: no footage of
/// that time is left, and no picture of what was noticed.
#[tokio::test(flavor = "multi_thread")]
async fn the_recordings_of_whoever_is_erased_go_if_that_is_wanted() {
    let Some(anna) = photo("sample1.jpg") else { return };
    let (home, spec) =
        (Home::with_eyes(), house(vec![door_camera("front", portrait_of(&anna).await)]).await);
    let hub = home.start().await;
    eyes_run(&hub).await;
    let person = hub.add_person(&allowed(&hub), name("Anna"), consent()).await.expect("added").id;
    assert_eq!(add_photo(&hub, person, &anna, Some(0)).await, Ok(()));
    let front = door(&hub, &spec, "front", true).await;
    let visit = poll("Anna came and went", async || {
        let mut all = visits(&hub).await.into_iter();
        all.find(|visit| visit.who == Who::Known && !visit.at_the_door)
    })
    .await;
    // What is being written is complete then.
    hub.shutdown().await;
    drop(hub);
    let hub = home.start().await;
    let end = visit.ended_at.expect("over");
    let first = visit.started_at.plus_micros(SECOND);
    let is_there = async || hub.key_frame(allowed_on(&hub, front), first).await.is_ok();
    let pictures = async || {
        let query = EventQuery { camera: Some(front), limit: 200, ..EventQuery::default() };
        let page = hub.events(allowed(&hub), query).await.expect("facts");
        // They are of what moved first, a moment before there was a face.
        let begun = visit.started_at.plus_micros(-4 * SECOND);
        let at_that_time = |at: WallTime| at >= begun && at <= end;
        let shown = page.events.iter().filter(|one| one.thumbnail && at_that_time(one.at));
        shown.count()
    };
    assert_eq!((is_there().await, pictures().await > 0), (true, true));
    let erased = hub.erase_person(&allowed(&hub), person, true).await.expect("erased");
    let footage = erased.footage.expect("it was wanted");
    assert!(footage.segments > 0 && footage.bytes > 0 && footage.pictures > 0, "{footage:?}");
    assert_eq!(footage.left, 0);
    assert_eq!((is_there().await, pictures().await), (false, 0));
    assert!(hub.visit(&allowed(&hub), visit.id).await.expect("kept").faces[0].erased);
    hub.shutdown().await;
}
