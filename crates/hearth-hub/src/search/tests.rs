//! A house of four weeks, searched and asked.

use std::collections::{BTreeMap, BTreeSet};

use hearth_auth::{Action, CameraAccess, HouseGrant, Principal, UserName, ask};
use hearth_model::{
    CameraId, CameraName, CameraSettings, Event, EventBody, EventId, IncidentId, Label, PersonId,
    RecordMode, RecordSchedule, Rect, Role, SessionId, Severity, SourceUrl, UserId, VisitId,
    VisitState, VisitTrigger, WallTime,
};
use hearth_search::{AnswerKind, InsightKind};
use hearth_store::StoredVisit;
use tempfile::TempDir;

use super::{AnswerView, Direction, ForecastView, NewQuestion, SearchPage, SearchQuery};
use crate::{
    Hub, HubConfig, NewCamera, NewSavedSearch, PersonName, PersonPatch,
    visits::{Decision, VisitDocument, VisitFace},
};

const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3_600 * SECOND;
const DAY: i64 = 24 * HOUR;

/// Sunday 22 November 2026, 15:00 in Berlin.
fn now() -> WallTime {
    "2026-11-22T14:00:00Z".parse().expect("a time")
}

fn ago(micros: i64) -> WallTime {
    now().plus_micros(-micros)
}

struct House {
    hub: Hub,
    door: CameraId,
    garden: CameraId,
    _folder: TempDir,
}

impl House {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut config = HubConfig::of_test(folder.path());
        config.settings.time_zone = Some("Europe/Berlin".to_owned());
        config.wall = Some(Box::new(now));
        let hub = Hub::start(config).await.expect("the hub starts");
        let (door, garden) = (camera(&hub, "Front door").await, camera(&hub, "Garden").await);
        Self { hub, door, garden, _folder: folder }
    }

    fn owner(&self) -> HouseGrant<ask::ReadEvents> {
        self.hub.policy().house(&Principal::Owner).expect("the owner may")
    }

    /// Somebody who may do only this, and only at one camera.
    fn only_at(&self, camera: CameraId, actions: &[Action]) -> HouseGrant<ask::ReadEvents> {
        let (user, session) = (UserId::new(), SessionId::new());
        let cameras: BTreeMap<CameraId, BTreeSet<Action>> =
            [(camera, actions.iter().copied().collect())].into();
        self.hub.policy().set_camera_access(user, CameraAccess { only_listed: true, cameras });
        let name = UserName::new("ben").expect("a name");
        let principal = Principal::User { user, name, role: Role::Viewer, session };
        self.hub.policy().house(&principal).expect("viewers may")
    }

    async fn store(&self, events: &[Event]) {
        self.hub.house().store.append_events(events).await.expect("appended");
    }

    /// An activity that lasted half a minute.
    async fn seen(&self, camera: CameraId, at: WallTime, what: &str) -> EventId {
        let (begun, ended) = activity(camera, at, what);
        let id = begun.id;
        self.store(&[begun, ended]).await;
        id
    }

    async fn search(&self, grant: &HouseGrant<ask::ReadEvents>, q: &str) -> SearchPage {
        let query = SearchQuery { q: q.to_owned(), ..SearchQuery::default() };
        self.hub.search(grant, query).await.expect("searched")
    }

    async fn ask(&self, grant: &HouseGrant<ask::ReadEvents>, text: &str) -> AnswerView {
        let text = text.to_owned();
        self.hub.ask(grant, NewQuestion { text, conversation: None }).await.expect("answered")
    }

    async fn person(&self, name: &str) -> PersonId {
        let grant = self.hub.policy().house(&Principal::Owner).expect("the owner may");
        let name = PersonName::new(name).expect("a name");
        self.hub.add_person(&grant, name, None).await.expect("added").id
    }

    /// Somebody rings and is recognised, or is not.
    async fn visit(&self, person: impl Into<Option<PersonId>>, at: WallTime) -> VisitId {
        let (person, trigger) = (person.into(), VisitTrigger::Ring);
        let decision = if person.is_some() { Decision::Known } else { Decision::Unknown };
        let face =
            VisitFace { decision, person, quality: 0.9, picture: None, visitor: None, watch: None };
        let document =
            VisitDocument { trigger, note: None, checked: true, picture: None, faces: vec![face] };
        let sealed = document.seal(self.hub.house(), self.door).expect("sealed");
        let visit = StoredVisit {
            id: VisitId::new(),
            camera: self.door,
            started_at: at,
            ended_at: Some(at.plus_micros(SECOND)),
            state: VisitState::New,
            kept: false,
            has_unknown: person.is_none(),
            has_pictures: false,
            awaits_review: false,
            sealed,
        };
        self.hub.house().store.put_visit(&visit, person.as_slice()).await.expect("written");
        let (visit, camera) = (visit.id, self.door);
        self.store(&[Event::new(at, EventBody::VisitBegan { visit, camera, trigger })]).await;
        visit
    }
}

async fn camera(hub: &Hub, name: &str) -> CameraId {
    let name = CameraName::new(name).expect("a name");
    let (url, _) = SourceUrl::parse("rtsp://127.0.0.1:9/door").expect("a URL");
    let mut settings = CameraSettings::new(name, url);
    settings.record = RecordSchedule::always(RecordMode::Off);
    let grant = hub.policy().house(&Principal::Owner).expect("the owner may");
    hub.add_camera(grant, NewCamera { settings, credentials: None }).await.expect("added").id
}

fn activity(camera: CameraId, at: WallTime, what: &str) -> (Event, Event) {
    let label = Label::new(what).expect("a label");
    let area = Rect { x: 0.2, y: 0.2, w: 0.2, h: 0.4 };
    let (score, zones) = (0.9, Vec::new());
    let body = EventBody::ActivityNoticed { camera, label: label.clone(), score, area, zones };
    let begun = Event::new(at, body);
    let (activity, thumbnail) = (begun.id, false);
    let body = EventBody::ActivityEnded { camera, activity, label, score, thumbnail };
    (begun, Event::new(at.plus_micros(30 * SECOND), body))
}

/// Checklist 42: what was planted is among the first three.
#[tokio::test(flavor = "multi_thread")]
async fn a_planted_event_is_among_the_first_three() {
    let house = House::new().await;
    for hour in 1..40 {
        house.seen(house.door, ago(hour * HOUR), "person").await;
        house.seen(house.garden, ago(hour * HOUR), "car").await;
    }
    let planted = house.seen(house.garden, ago(20 * HOUR), "dog").await;
    house.seen(house.garden, ago(90 * HOUR), "dog").await;
    let owner = house.owner();
    let page = house.search(&owner, "a DOG in the garden yesterday").await;
    assert_eq!(page.items.iter().map(|item| item.event.id).collect::<Vec<_>>(), [planted]);
    assert_eq!(page.items[0].text, "A dog was seen at Garden for 30 s.");
    assert!(page.not_understood.is_empty() && !page.is_cut);
    let page = house.search(&owner, "animals").await;
    assert!(page.items.iter().take(3).any(|item| item.event.id == planted));
    let (incident, about) = (IncidentId::new(), "matters".to_owned());
    let title = "The Zündschlüssel was left outside".to_owned();
    let severity = Severity::Warning;
    let body = EventBody::IncidentOpened { incident, about, severity, title };
    house.store(&[Event::new(ago(HOUR), body)]).await;
    let page = house.search(&owner, "zundschlussel").await;
    assert_eq!(page.items.len(), 1);
    let page = house.search(&owner, "blue dog").await;
    assert_eq!((page.items.len(), page.not_understood), (0, vec!["blue".to_owned()]));
    house.hub.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_go_on_where_the_one_before_ended() {
    let house = House::new().await;
    for minute in 0..25 {
        house.seen(house.door, ago(minute * 60 * SECOND + HOUR), "person").await;
    }
    let (owner, mut seen, mut before) = (house.owner(), Vec::new(), None);
    for _ in 0..3 {
        let query =
            SearchQuery { q: "people".to_owned(), before, limit: 10, ..SearchQuery::default() };
        let page = house.hub.search(&owner, query).await.expect("searched");
        seen.extend(page.items.iter().map(|item| item.event.at));
        before = page.next;
    }
    assert!(seen.windows(2).all(|pair| pair[0] > pair[1]) && before.is_none());
    assert_eq!(seen.len(), 25);
    house.hub.shutdown().await;
}

/// promise: T-05. Words, questions, likeness and insights show nothing of a camera that may not be
/// seen, nor that it is there.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_found_of_what_may_not_be_seen() {
    let house = House::new().await;
    let hidden = house.seen(house.garden, ago(HOUR), "dog").await;
    let shown = house.seen(house.door, ago(2 * HOUR), "dog").await;
    let ben = house.only_at(house.door, &[Action::Playback]);
    let page = house.search(&ben, "dog").await;
    assert_eq!(page.items.iter().map(|item| item.event.id).collect::<Vec<_>>(), [shown]);
    let page = house.search(&ben, "garden").await;
    let nowhere = house.search(&ben, "nowhere").await;
    assert_eq!((page.items.len(), page.understood.len()), (0, nowhere.understood.len()));
    assert_eq!(page.not_understood, ["garden"]);
    let cameras = vec![house.garden];
    let query = SearchQuery { cameras, ..SearchQuery::default() };
    assert_eq!(house.hub.search(&ben, query).await.expect_err("hidden").code, "not_found");
    let answer = house.ask(&ben, "How many dogs were seen today?").await;
    assert_eq!(answer.figures[0].value, 1);
    assert_eq!(answer.evidence[0].event.id, shown);
    let places = house.ask(&ben, "Which camera saw a dog today?").await;
    assert!(!places.answer.contains("Garden"), "{}", places.answer);
    let similar = house.hub.similar_events(&ben, hidden, 10, Direction::Both).await;
    assert_eq!(similar.expect_err("hidden").code, "not_found");
    let similar = house.hub.similar_events(&ben, shown, 10, Direction::Both).await;
    assert!(similar.expect("compared").is_empty());
    house.hub.shutdown().await;
}

/// promise: T-05, V-16. Whoever may not know names learns from nothing whether there is one; a
/// person who is renamed is found by the new name, and one who is erased by none.
#[tokio::test(flavor = "multi_thread")]
async fn people_are_found_by_those_who_may_know_them_and_not_after_they_are_erased() {
    let house = House::new().await;
    let anna = house.person("Anna").await;
    let visit = house.visit(anna, ago(20 * HOUR)).await;
    let (owner, ben) = (house.owner(), house.only_at(house.door, &[Action::Playback]));
    let page = house.search(&owner, "Anna's visits yesterday").await;
    assert_eq!(page.items.iter().map(|item| item.visit).collect::<Vec<_>>(), [Some(visit)]);
    let asked = house.ask(&owner, "When was Anna here last?").await;
    assert_eq!((asked.kind, asked.evidence[0].visit), (AnswerKind::Answer, Some(visit)));
    for name in ["Anna", "Zork"] {
        let page = house.search(&ben, name).await;
        assert_eq!((page.items.len(), page.understood.len()), (0, 0));
        assert_eq!(page.not_understood, [name]);
        let answer = house.ask(&ben, &format!("Was {name} here yesterday?")).await;
        assert_eq!(
            (answer.kind, answer.not_understood),
            (AnswerKind::Clarification, vec![name.to_owned()])
        );
    }
    // The id of a person finds nothing either.
    let query = SearchQuery { person: Some(anna), ..SearchQuery::default() };
    assert!(house.hub.search(&ben, query).await.expect("searched").items.is_empty());
    let manage = house.hub.policy().house(&Principal::Owner).expect("the owner may");
    let patch = PersonPatch { name: PersonName::new("Hanna"), ..PersonPatch::default() };
    house.hub.update_person(&manage, anna, patch).await.expect("renamed");
    assert_eq!(house.search(&owner, "hanna").await.items.len(), 1);
    assert_eq!(house.search(&owner, "anna").await.not_understood, ["anna"]);
    let asked = house.ask(&owner, "Was Hanna here yesterday?").await;
    assert!(asked.answer.starts_with("Yes."), "{}", asked.answer);
    house.hub.erase_person(&manage, anna, false).await.expect("erased");
    assert_eq!(house.search(&owner, "hanna").await.not_understood, ["hanna"]);
    let kept = house.hub.conversations(&owner).await.expect("read");
    assert!(kept.iter().all(|one| one.id != asked.conversation), "it named her");
    house.hub.shutdown().await;
}

/// Checklist 43 and 44: an answer is counted, its evidence exists, and the same can be searched;
/// there is no language model to configure.
#[tokio::test(flavor = "multi_thread")]
async fn questions_are_answered_from_what_is_stored() {
    let house = House::new().await;
    for hour in 16..20 {
        house.seen(house.door, ago(hour * HOUR), "person").await;
    }
    house.seen(house.garden, ago(17 * HOUR), "person").await;
    let owner = house.owner();
    let answer = house.ask(&owner, "How many people were at the front door yesterday?").await;
    assert_eq!(answer.kind, AnswerKind::Answer);
    assert_eq!(
        answer.answer,
        "A person was seen 4 times at Front door yesterday. The last: yesterday at 23:00."
    );
    assert_eq!((answer.figures[0].name, answer.figures[0].value), ("count", 4));
    assert_eq!(answer.evidence.len(), 4);
    for item in &answer.evidence {
        house.hub.event(house.owner(), item.event.id).await.expect("it exists");
    }
    let again = house.search(&owner, &answer.search).await;
    let ids =
        |items: &[super::SearchItem]| items.iter().map(|one| one.event.id).collect::<Vec<_>>();
    assert_eq!(ids(&again.items), ids(&answer.evidence), "{}", answer.search);
    let answer = house.ask(&owner, "Which camera saw a person yesterday?").await;
    assert_eq!(
        answer.answer,
        "A person was seen at Front door (4 times) and Garden (once) yesterday."
    );
    let answer = house.ask(&owner, "When did it ring yesterday?").await;
    assert_eq!((answer.kind, answer.figures.len()), (AnswerKind::NothingKnown, 0));
    let answer = house.ask(&owner, "What is the meaning of flurbs?").await;
    assert_eq!(answer.kind, AnswerKind::Clarification);
    let text = "x".repeat(301);
    let refused = house.hub.ask(&owner, NewQuestion { text, conversation: None }).await;
    assert_eq!(refused.expect_err("long").code, "question_too_long");
    house.hub.shutdown().await;
}

/// promise: V-16. Checklist 43: who came and how often, told to those who may know names.
#[tokio::test(flavor = "multi_thread")]
async fn who_came_is_told_to_those_who_may_know() {
    let house = House::new().await;
    let (anna, ben) = (house.person("Anna").await, house.person("Ben").await);
    for hour in [17, 20] {
        house.visit(anna, ago(hour * HOUR)).await;
    }
    house.visit(ben, ago(18 * HOUR)).await;
    house.visit(None, ago(19 * HOUR)).await;
    house.visit(ben, ago(50 * HOUR)).await;
    let asked = "Who came to the front door yesterday?";
    let answer = house.ask(&house.owner(), asked).await;
    assert_eq!(
        answer.answer,
        "Anna (2 times), Ben (once) and somebody unknown (once) came to Front door yesterday."
    );
    assert_eq!((answer.figures[0].value, answer.evidence.len()), (4, 4));
    let guest = house.only_at(house.door, &[Action::Playback]);
    let answer = house.ask(&guest, asked).await;
    assert!(!answer.answer.contains("Anna") && !answer.answer.contains("Ben"), "{}", answer.answer);
    assert_eq!(answer.figures[0].value, 4);
    house.hub.shutdown().await;
}

/// Checklist 43: what was first, what took longest, and one day beside another.
#[tokio::test(flavor = "multi_thread")]
async fn first_longest_and_more_are_told_from_what_is_stored() {
    let house = House::new().await;
    let first = house.seen(house.garden, ago(5 * HOUR), "dog").await;
    let (begun, mut ended) = activity(house.door, ago(3 * HOUR), "dog");
    ended.at = begun.at.plus_micros(95 * SECOND);
    let longest = begun.id;
    house.store(&[begun, ended]).await;
    house.seen(house.door, ago(2 * HOUR), "dog").await;
    house.seen(house.door, ago(20 * HOUR), "dog").await;
    let owner = house.owner();
    let ids =
        |answer: &AnswerView| answer.evidence.iter().map(|item| item.event.id).collect::<Vec<_>>();
    let answer = house.ask(&owner, "When was the first dog seen today?").await;
    assert!(answer.answer.starts_with("The first time was today at 10:00."), "{}", answer.answer);
    assert_eq!(ids(&answer), [first]);
    let answer = house.ask(&owner, "Which dog was seen longest today?").await;
    assert!(
        answer.answer.starts_with("The longest lasted 95 s, today at 12:00."),
        "{}",
        answer.answer
    );
    assert_eq!(ids(&answer), [longest]);
    let seconds = answer.figures.iter().find(|figure| figure.name == "seconds");
    assert_eq!(seconds.map(|figure| figure.value), Some(95));
    let answer = house.ask(&owner, "Were there more dogs today than yesterday?").await;
    assert!(answer.answer.ends_with("2 more."), "{}", answer.answer);
    let figures: Vec<_> = answer.figures.iter().map(|figure| (figure.name, figure.value)).collect();
    assert_eq!(figures, [("count", 3), ("other_count", 1)]);
    house.hub.shutdown().await;
}

/// promise: T-05. Checklist 45: conversations go on, are their owner's alone, and can be removed.
#[tokio::test(flavor = "multi_thread")]
async fn conversations_go_on_and_are_nobody_elses() {
    let house = House::new().await;
    house.seen(house.door, ago(2 * HOUR), "person").await;
    house.seen(house.door, ago(20 * HOUR), "person").await;
    house.seen(house.door, ago(22 * HOUR), "person").await;
    let (owner, ben) = (house.owner(), house.only_at(house.door, &[Action::Playback]));
    let first = house.ask(&owner, "How many people were at the front door today?").await;
    assert_eq!(first.figures[0].value, 1);
    let goes_on =
        |text: &str| NewQuestion { text: text.to_owned(), conversation: Some(first.conversation) };
    let second = house.hub.ask(&owner, goes_on("And yesterday?")).await.expect("answered");
    assert_eq!((second.conversation, second.figures[0].value), (first.conversation, 2));
    let id = first.conversation;
    let detail = house.hub.conversation(&owner, id).await.expect("one's own");
    assert_eq!(detail.turns.len(), 2);
    assert_eq!(detail.title, "How many people were at the front door today?");
    assert_eq!(detail.expires_at, now().plus_micros(7 * DAY));
    for refused in [
        house.hub.conversation(&ben, id).await.map(drop),
        house.hub.remove_conversation(&ben, id).await,
        house.hub.ask(&ben, goes_on("And yesterday?")).await.map(drop),
    ] {
        assert_eq!(refused.expect_err("somebody else's").code, "not_found");
    }
    for _ in 0..25 {
        house.hub.ask(&owner, goes_on("And yesterday?")).await.expect("answered");
    }
    assert_eq!(house.hub.conversation(&owner, id).await.expect("kept").turns.len(), 20);
    house.hub.remove_conversation(&owner, id).await.expect("removed");
    assert!(house.hub.conversations(&owner).await.expect("read").is_empty());
    let new = NewSavedSearch { name: "Dogs".to_owned(), q: "dog yesterday".to_owned() };
    let kept = house.hub.save_search(&owner, new).await.expect("kept");
    assert!(house.hub.saved_searches(&ben).await.expect("read").is_empty());
    let refused = house.hub.remove_saved_search(&ben, kept.id).await;
    assert_eq!(refused.expect_err("somebody else's").code, "not_found");
    assert_eq!(house.hub.saved_searches(&owner).await.expect("read")[0].q, "dog yesterday");
    house.hub.shutdown().await;
}

/// Checklist 46: the most alike, in order of time, each with a number.
#[tokio::test(flavor = "multi_thread")]
async fn the_most_similar_are_told_in_order_of_time() {
    let house = House::new().await;
    let wanted = house.seen(house.door, ago(3 * DAY), "person").await;
    let habit = [
        house.seen(house.door, ago(4 * DAY), "person").await,
        house.seen(house.door, ago(2 * DAY), "person").await,
    ];
    for hour in [6, 8, 10] {
        house.seen(house.garden, ago(3 * DAY + hour * HOUR), "person").await;
    }
    house.seen(house.door, ago(2 * DAY), "car").await;
    let owner = house.owner();
    let both = house.hub.similar_events(&owner, wanted, 2, Direction::Both).await.expect("found");
    assert_eq!(both.iter().map(|one| one.item.event.id).collect::<Vec<_>>(), habit);
    assert!(both.iter().all(|one| (0.8..=1.0).contains(&one.similarity)));
    assert!(both[0].because.contains(&"same camera"));
    let later = house.hub.similar_events(&owner, wanted, 9, Direction::Later).await.expect("found");
    assert_eq!(later.iter().map(|one| one.item.event.id).collect::<Vec<_>>(), habit[1..]);
    let earlier = house.hub.similar_events(&owner, wanted, 9, Direction::Earlier).await;
    let earlier = earlier.expect("found");
    assert_eq!(earlier.len(), 4);
    assert!(earlier.windows(2).all(|pair| pair[0].item.event.at <= pair[1].item.event.at));
    house.hub.shutdown().await;
}

/// Two an hour by day for three weeks.
async fn usual_weeks(house: &House, camera: CameraId, until: i64) {
    let mut facts = Vec::new();
    for hour in until..21 * 24 {
        let at = ago(hour * HOUR);
        if (7..21).contains(&((14 - hour).rem_euclid(24))) {
            for minute in [10, 40] {
                let (begun, ended) =
                    activity(camera, at.plus_micros(minute * 60 * SECOND), "person");
                facts.extend([begun, ended]);
            }
        }
    }
    house.store(&facts).await;
}

/// Checklist 47: a spike and a silenced camera are found, and a flat series yields none.
#[tokio::test(flavor = "multi_thread")]
async fn a_spike_and_a_silent_camera_are_found_and_a_flat_series_yields_none() {
    let house = House::new().await;
    usual_weeks(&house, house.door, 1).await;
    let owner = house.owner();
    let flat = house.hub.insights(&owner).await.expect("judged");
    assert!(flat.insights.is_empty(), "{flat:?}");
    assert!(flat.looked_at.days >= 14, "{flat:?}");
    for minute in 0..30 {
        house.seen(house.door, ago(3 * HOUR - minute * 60 * SECOND), "person").await;
    }
    usual_weeks(&house, house.garden, 24).await;
    let found = house.hub.insights(&owner).await.expect("judged").insights;
    let kinds: Vec<_> = found.iter().map(|one| (one.kind, one.camera)).collect();
    assert!(kinds.contains(&(InsightKind::Spike, house.door)), "{found:?}");
    assert!(kinds.contains(&(InsightKind::SilentCamera, house.garden)), "{found:?}");
    let spike = found.iter().find(|one| one.kind == InsightKind::Spike).expect("found above");
    assert_eq!((spike.value, spike.evidence.len()), (32, 10));
    assert!(spike.text.starts_with("32 sightings (person) at Front door"), "{}", spike.text);
    let ben = house.only_at(house.door, &[Action::Playback]);
    let seen = house.hub.insights(&ben).await.expect("judged").insights;
    assert!(seen.iter().all(|one| one.camera == house.door));
    house.hub.shutdown().await;
}

/// Checklist 63: no forecast from a few days, and one within what was from three weeks.
#[tokio::test(flavor = "multi_thread")]
async fn a_forecast_says_what_it_needs_and_stays_within_what_was() {
    let house = House::new().await;
    let owner = house.owner();
    for day in 1..4 {
        house.seen(house.door, ago(day * DAY), "person").await;
    }
    let none = house.hub.forecast(&owner, None, None).await.expect("answered");
    assert!(matches!(none, ForecastView::InsufficientData { days: 2..=3, needed: 14 }), "{none:?}");
    usual_weeks(&house, house.garden, 1).await;
    let made = house.hub.forecast(&owner, Some(house.garden), None).await.expect("answered");
    let ForecastView::Forecast { for_day, expected, low, high, days } = made else {
        unreachable!("three weeks are enough")
    };
    assert_eq!(for_day, "2026-11-23");
    assert!(days >= 14 && (expected - 28.0).abs() < 3.0 && low <= expected && expected <= high);
    house.hub.shutdown().await;
}
