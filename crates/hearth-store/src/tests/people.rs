use hearth_model::{CameraId, PersonId, SampleId, VisitId, VisitState};

use super::{House, at};
use crate::{StoreError, StoredPerson, StoredSample, StoredVisit, VisitCursor, VisitFilter};

fn person() -> StoredPerson {
    StoredPerson { id: PersonId::new(), sealed: b"sealed".to_vec(), created_at: at(1) }
}

fn sample(of: PersonId) -> StoredSample {
    let sealed = b"sealed template".to_vec();
    StoredSample { id: SampleId::new(), person: of, is_rejection: false, sealed, created_at: at(2) }
}

fn visit(second: i64) -> StoredVisit {
    StoredVisit {
        id: VisitId::new(),
        camera: CameraId::new(),
        started_at: at(second),
        ended_at: None,
        state: VisitState::New,
        kept: false,
        has_unknown: false,
        has_pictures: false,
        awaits_review: false,
        sealed: b"sealed faces".to_vec(),
    }
}

/// promise: V-18. People survive the loss of the database.
#[tokio::test]
async fn people_and_their_faces_are_kept_and_restored() {
    let house = House::new().await;
    let anna = person();
    let view = sample(anna.id);
    house.store.add_person(&anna).await.expect("added");
    house.store.add_face_sample(&view, Some(b"picture".to_vec())).await.expect("added");
    house.store.update_person(anna.id, b"renamed").await.expect("changed");
    let picture = house.store.face_sample_picture(view.id).await.expect("read");
    assert_eq!(picture.as_deref(), Some(&b"picture"[..]));
    let snapshot = house.store.snapshot().await.expect("taken");
    let other = House::new().await;
    other.store.restore(&snapshot).await.expect("restored");
    let renamed = StoredPerson { sealed: b"renamed".to_vec(), ..anna };
    assert_eq!(other.store.people().await.expect("read"), [renamed]);
    assert_eq!(other.store.face_samples().await.expect("read"), [view]);
}

/// promise: D-04. With a person go all views of their face; visits forget who it was.
#[tokio::test]
async fn everything_of_a_face_goes_with_the_person() {
    let house = House::new().await;
    let (anna, ben) = (person(), person());
    for one in [&anna, &ben] {
        house.store.add_person(one).await.expect("added");
        house.store.add_face_sample(&sample(one.id), None).await.expect("added");
    }
    let both = visit(10);
    house.store.put_visit(&both, &[anna.id, ben.id]).await.expect("written");
    house.store.remove_person(anna.id).await.expect("removed");
    let gone = house.store.remove_person(anna.id).await;
    assert!(matches!(gone, Err(StoreError::NotFound { .. })), "{gone:?}");
    let left = house.store.face_samples().await.expect("read");
    assert!(left.iter().all(|sample| sample.person == ben.id) && left.len() == 1);
    assert_eq!(house.store.visits_of(anna.id).await.expect("read"), (0, None));
    assert_eq!(house.store.visits_of(ben.id).await.expect("read"), (1, Some(at(10))));
}

#[tokio::test]
async fn visits_are_listed_by_what_is_asked_for_page_by_page() {
    let house = House::new().await;
    let anna = PersonId::new();
    let visits: Vec<StoredVisit> = (0..5).map(visit).collect();
    for (number, one) in visits.iter().enumerate() {
        let seen = if number % 2 == 0 { vec![anna] } else { Vec::new() };
        house.store.put_visit(one, &seen).await.expect("written");
    }
    let over = StoredVisit {
        state: VisitState::Seen,
        kept: true,
        has_unknown: true,
        has_pictures: true,
        awaits_review: false,
        ended_at: Some(at(9)),
        ..visits[3].clone()
    };
    house.store.put_visit(&over, &[]).await.expect("written again");
    let ask = async |filter: VisitFilter| {
        let found = house.store.visits(&VisitFilter { limit: 2, ..filter }).await.expect("read");
        found.iter().map(|visit| visit.started_at).collect::<Vec<_>>()
    };
    assert_eq!(ask(VisitFilter::default()).await, [at(4), at(3)]);
    let before = Some(VisitCursor { at: at(3), id: visits[3].id });
    assert_eq!(ask(VisitFilter { before, ..VisitFilter::default() }).await, [at(2), at(1)]);
    let person = Some(anna);
    assert_eq!(ask(VisitFilter { person, before, ..VisitFilter::default() }).await, [at(2), at(0)]);
    assert_eq!(ask(VisitFilter { unknown: true, ..VisitFilter::default() }).await, [at(3)]);
    assert_eq!(ask(VisitFilter { kept: true, ..VisitFilter::default() }).await, [at(3)]);
    let state = Some(VisitState::Seen);
    assert_eq!(ask(VisitFilter { state, ..VisitFilter::default() }).await, [at(3)]);
    let camera = Some(visits[1].camera);
    assert_eq!(ask(VisitFilter { camera, ..VisitFilter::default() }).await, [at(1)]);
    assert_eq!(house.store.visit(over.id).await.expect("read"), over);
    assert_eq!(house.store.unended_visits().await.expect("read").len(), 4);
    let mut old = Vec::new();
    for one in &visits {
        let pictures = house.store.visits_with_pictures_before(one.camera, at(9)).await;
        assert_eq!(pictures.expect("read"), []);
        old.extend(house.store.visits_before(one.camera, at(4)).await.expect("read"));
    }
    let old: Vec<_> = old.iter().map(|visit| visit.started_at).collect();
    assert_eq!(old, [at(0), at(1), at(2)], "the kept one stays");
    house.store.remove_visit(over.id).await.expect("removed");
    assert!(house.store.visit(over.id).await.is_err());
}
