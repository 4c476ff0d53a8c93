//! Rules about groups of people, against visits as the house keeps them.

use std::time::Duration;

use hearth_auth::{HouseAction, HouseGrant, Principal, ask};
use hearth_model::{
    CameraId, CameraName, CameraSettings, DeviceId, Event, EventBody, EventId, PersonId,
    RecordMode, RecordSchedule, RuleId, SourceUrl, VisitId, VisitState, VisitTrigger, WallTime,
};
use hearth_sim::tapo::{PlugLogin, TapoPlug, TapoPlugSpec};
use hearth_store::StoredVisit;
use tempfile::TempDir;

use crate::{
    AuditQuery, ControlValue, DeviceName, Family, Hub, HubConfig, NewCamera, NewDevice, NewGroup,
    PersonName, Rule,
    visits::{Decision, VisitDocument, VisitFace},
};

/// Whoever waits longer has failed; generous, because machines are shared.
const PATIENCE: Duration = Duration::from_secs(90);
const LOOK_EVERY: Duration = Duration::from_millis(20);

const PASSWORD: &str = "Pl4nted-device-secret";

/// A door with a lamp beside it.
struct Door {
    hub: Hub,
    camera: CameraId,
    plug: TapoPlug,
    lamp: DeviceId,
    _folder: TempDir,
}

async fn poll(what: &str, is_so: impl AsyncFn() -> bool) {
    let waited = tokio::time::timeout(PATIENCE, async {
        while !is_so().await {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    });
    assert!(waited.await.is_ok(), "in time: {what}");
}

impl Door {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let config = HubConfig::of_test(folder.path());
        let hub = Hub::start(config).await.expect("the hub starts");
        let spec = TapoPlugSpec::new(PlugLogin::KlapV2, "me@example.com", PASSWORD);
        let plug = TapoPlug::start(spec).await.expect("it starts");
        let lamp = NewDevice {
            name: DeviceName::new("Lamp").expect("a name"),
            room: None,
            family: Family::TapoPlug,
            address: format!("127.0.0.1:{}", plug.port()).parse().expect("an address"),
            account: Some(("me@example.com".to_owned(), PASSWORD.into())),
            camera: None,
            fingerprint: None,
        };
        let lamp = hub.add_device(allowed(&hub), lamp).await.expect("added").id;
        let (url, _) = SourceUrl::parse("rtsp://127.0.0.1:9/door").expect("a URL");
        let mut settings = CameraSettings::new(CameraName::new("Front door").expect("a name"), url);
        settings.record = RecordSchedule::always(RecordMode::Off);
        let new = NewCamera { settings, credentials: None };
        let camera = hub.add_camera(allowed(&hub), new).await.expect("added").id;
        Self { hub, camera, plug, lamp, _folder: folder }
    }

    async fn person(&self, name: &str) -> PersonId {
        let name = PersonName::new(name).expect("a name");
        self.hub.add_person(&allowed(&self.hub), name, None).await.expect("added").id
    }

    /// A rule out of a sentence, in force and without a rest between two runs.
    async fn rule(&self, sentence: &str) -> RuleId {
        let draft = self.hub.draft_rule(&allowed(&self.hub), sentence).draft;
        assert!(draft.not_understood.is_empty(), "{:?}", draft.not_understood);
        let rule = draft.rule.expect("a rule");
        let rule = Rule { is_on: true, cooldown_seconds: 0, ..rule };
        self.hub.add_rule(&allowed(&self.hub), rule).await.expect("a good rule").id
    }

    fn last_run(&self, rule: RuleId) -> Option<WallTime> {
        self.hub.rule(&allowed(&self.hub), rule).expect("kept").last_run
    }

    async fn lamp_is(&self, is_on: bool) {
        let value = ControlValue::Switch(is_on);
        self.hub.set_control(allowed(&self.hub), self.lamp, "power", value).await.expect("set");
    }

    /// A visit changes: so many microseconds after it was over, or while it goes on.
    async fn visit(&self, person: PersonId, trigger: VisitTrigger, over: Option<i64>) -> EventId {
        let house = self.hub.house();
        let face = VisitFace {
            decision: Decision::Known,
            person: Some(person),
            quality: 0.9,
            picture: None,
            visitor: None,
            watch: None,
        };
        let document =
            VisitDocument { trigger, note: None, checked: true, picture: None, faces: vec![face] };
        let (id, camera, started_at) = (VisitId::new(), self.camera, house.clock.wall_now());
        let stored = StoredVisit {
            id,
            camera,
            started_at,
            ended_at: over.map(|ago| started_at.plus_micros(-ago)),
            state: VisitState::New,
            kept: false,
            has_unknown: false,
            has_pictures: false,
            awaits_review: false,
            sealed: document.seal(house, camera).expect("sealed"),
        };
        house.store.put_visit(&stored, &[person]).await.expect("kept");
        let body = EventBody::VisitChanged { visit: id, camera };
        let event = Event::new(started_at, body);
        let id = event.id;
        house.events.append(event).await;
        id
    }

    /// Somebody comes and is recognised; waits until this made `any` run, and so judged all rules.
    async fn is_judged(&self, person: PersonId, trigger: VisitTrigger, any: RuleId) {
        let event = Some(self.visit(person, trigger, None).await);
        poll("the visit is judged", async || {
            let runs = self.hub.rule_runs(&allowed(&self.hub), Some(any), None, 100).await;
            let mut causes = runs.iter().flatten().flat_map(|run| &run.run.because);
            causes.any(|cause| cause.event == event)
        })
        .await;
    }
}

/// A rule about a group that is gone cannot be judged: it says so, is left alone after a while, and the
/// others go on; a person takes it up again.
#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_fails_is_reported_left_alone_and_taken_up_again() {
    let door = Door::new().await;
    let anna = door.person("Anna").await;
    let family = NewGroup { name: "Family".to_owned(), members: vec![anna] };
    let family = door.hub.add_person_group(&allowed(&door.hub), family).await.expect("made");
    let rule = door.rule("When somebody of Family rings, switch on Lamp.").await;
    let any = door.rule("When something comes by, log it.").await;
    door.hub.remove_person_group(&allowed(&door.hub), family.id).await.expect("removed");
    let is_suspended = || door.hub.rule(&allowed(&door.hub), rule).expect("kept").is_suspended;
    let mut visits = 0;
    while !is_suspended() {
        assert!(visits < 20, "it fails without end");
        door.is_judged(anna, VisitTrigger::Ring, any).await;
        visits += 1;
    }
    assert!(visits > 1, "one mistake is forgiven");
    assert_eq!(door.last_run(rule), None);
    let ran = door.last_run(any);
    door.is_judged(anna, VisitTrigger::Ring, any).await;
    assert!(door.last_run(any) > ran, "the others go on");
    let page = door.hub.audit_page(allowed(&door.hub), AuditQuery::default(), 500).await;
    let page = serde_json::to_string(&page.expect("a page")).expect("JSON");
    assert!(page.contains("rule_failed") && page.contains("it is not judged any more"), "{page}");

    let manage = allowed::<ask::ManageRules>(&door.hub);
    door.hub.resume_rule(&manage, rule).expect("kept");
    assert!(!is_suspended());
    let unknown = door.hub.resume_rule(&manage, RuleId::new()).expect_err("no such rule");
    assert_eq!(unknown.code, "not_found");
    door.hub.shutdown().await;
}

fn allowed<A: HouseAction>(hub: &Hub) -> HouseGrant<A> {
    hub.policy().house(&Principal::Owner).expect("the owner may")
}

/// promise: V-16. A rule about a group runs for whoever belongs to it and for nobody else, and not
/// for somebody who was erased.
#[tokio::test(flavor = "multi_thread")]
async fn a_rule_about_a_group_runs_for_its_members_only() {
    let door = Door::new().await;
    let (anna, ben) = (door.person("Anna").await, door.person("Ben").await);
    let manage = || allowed::<ask::ManagePeople>(&door.hub);
    let family = NewGroup { name: "Family".to_owned(), members: vec![anna] };
    let family = door.hub.add_person_group(&manage(), family).await.expect("made");
    let rule = door.rule("When somebody of Family rings, switch on Lamp.").await;
    // Runs at each visit: by then everything about it was judged.
    let any = door.rule("When something comes by, log it.").await;
    let named = door.hub.person_groups(&manage());
    assert_eq!(
        (named[0].rules.as_slice(), named[0].members.as_slice()),
        (&[rule][..], &[anna][..])
    );

    door.is_judged(ben, VisitTrigger::Ring, any).await;
    door.is_judged(anna, VisitTrigger::Approach, any).await;
    assert_eq!(door.last_run(rule), None, "Ben is of no family, and Anna did not ring");
    door.is_judged(anna, VisitTrigger::Button, any).await;
    poll("the lamp is on", async || door.plug.is_on()).await;
    let ran = door.last_run(rule);
    assert!(ran.is_some());

    door.visit(anna, VisitTrigger::Ring, Some(60_000_000)).await;
    door.is_judged(ben, VisitTrigger::Ring, any).await;
    assert_eq!(door.last_run(rule), ran, "nobody comes by what is changed afterwards");

    door.lamp_is(false).await;
    door.hub.erase_person(&manage(), anna, false).await.expect("erased");
    assert!(door.hub.person_groups(&manage())[0].members.is_empty());
    door.is_judged(anna, VisitTrigger::Ring, any).await;
    assert_eq!(door.last_run(rule), ran, "whoever is erased belongs to nothing");
    let both = NewGroup { name: "Family".to_owned(), members: vec![anna, ben] };
    let refused = door.hub.change_person_group(&manage(), family.id, both).await;
    assert_eq!(refused.expect_err("Anna is nobody").code, "not_found");
    let ben_alone = NewGroup { name: "Family".to_owned(), members: vec![ben] };
    door.hub.change_person_group(&manage(), family.id, ben_alone).await.expect("changed");
    door.is_judged(ben, VisitTrigger::Ring, any).await;
    assert!(door.last_run(rule) > ran, "the rule is in force for those who belong to it now");
    poll("the lamp is on", async || door.plug.is_on()).await;

    door.hub.remove_person_group(&manage(), family.id).await.expect("removed");
    let grant = allowed(&door.hub);
    let kept = door.hub.rule(&grant, rule).expect("kept").rule;
    let checked = door.hub.check_rule(&grant, Some(rule), kept).await.expect("looked at");
    let codes: Vec<&str> = checked.findings.iter().map(|finding| finding.code).collect();
    assert_eq!(codes.first(), Some(&"unknown_group"), "{codes:?}");
    door.hub.shutdown().await;
}
