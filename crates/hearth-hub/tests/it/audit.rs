//! The audit log of a running house, what is noticed in it, and what becomes of that.

use std::{fs, net::IpAddr};

use hearth_hub::{
    AuditOrigin, AuditOutcome as Outcome, AuditQuery, Hub, IncidentQuery, IncidentState,
    IncidentView, Peer, Recorded,
};
use hearth_model::{EventBody, EventKind, Role, Severity};

use crate::{
    home::{HOUR, Home, files_below},
    identity::{PASSWORD, peer},
    restart::is_sound,
    watching::{add, allowed, allowed_on, fact, house, poll, still_camera, until_live},
};

async fn with_account(home: &Home) -> Hub {
    let mut config = home.config();
    config.admin_password = Some(PASSWORD.into());
    Hub::start(config).await.expect("the hub starts")
}

async fn lines(hub: &Hub) -> Vec<Recorded> {
    let page = hub.audit_page(allowed(hub), AuditQuery::default(), 1_000).await;
    page.expect("read").entries
}

async fn actions(hub: &Hub) -> Vec<String> {
    lines(hub).await.into_iter().map(|line| line.entry.action).collect()
}

fn from(last: u8) -> Peer {
    Peer { address: IpAddr::from([192, 0, 2, last]), agent: "test".to_owned() }
}

async fn guess(hub: &Hub, times: usize) {
    for _ in 0..times {
        hub.sign_in("admin", "wrong".into(), &from(66)).await.expect_err("wrong");
    }
}

async fn the_incident(hub: &Hub) -> IncidentView {
    poll("an incident", async || {
        hub.incidents(&allowed(hub), &IncidentQuery::default()).into_iter().next()
    })
    .await
}

/// promise: D-25, V-17. Signing in and failing to is recorded with who, from where and how it ended;
/// a name that is no account is not, because people type passwords there.
#[tokio::test(flavor = "multi_thread")]
async fn signing_in_and_failing_to_is_recorded() {
    let home = Home::new();
    let hub = with_account(&home).await;
    hub.sign_in("admin", "wrong".into(), &peer()).await.expect_err("wrong");
    hub.sign_in("S3cret-typed-as-name", "wrong".into(), &peer()).await.expect_err("unknown");
    hub.sign_in("admin", PASSWORD.into(), &peer()).await.expect("right");
    let lines = lines(&hub).await;
    let seen: Vec<_> = lines
        .iter()
        .rev()
        .filter(|line| line.entry.category == hearth_hub::AuditCategory::Authentication)
        .map(|line| (line.entry.action.as_str(), line.entry.result, line.entry.who.name.as_deref()))
        .collect();
    let expected = [
        ("sign_in", Outcome::Denied, None),
        ("sign_in", Outcome::Denied, None),
        ("sign_in", Outcome::Ok, Some("admin")),
    ];
    assert_eq!(seen, expected);
    let wrong = lines.iter().rev().find(|line| line.entry.action == "sign_in").expect("there");
    assert_eq!(wrong.entry.what["account"], "admin");
    assert_eq!(wrong.entry.from, AuditOrigin::Address(peer().address));
    assert!(!serde_json::to_string(&lines).expect("json").contains("S3cret-typed"));
    hub.shutdown().await;
}

/// promise: V-17, T-16. The log goes on over restarts and power cuts without a complaint, and a file
/// taken from it is an incident at the next start, told by `verify` and `doctor`.
#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_was_cut_is_an_incident_and_a_crash_is_none() {
    let home = Home::new();
    let hub = with_account(&home).await;
    hub.sign_in("admin", PASSWORD.into(), &peer()).await.expect("right");
    let image = home.power_cut_image();
    hub.shutdown().await;
    drop(hub);
    let after_crash =
        poll("the image opens", async || Hub::start(home.config_of(&image)).await.ok()).await;
    assert!(is_sound(&after_crash).await, "a power cut is no manipulation");
    assert!(after_crash.incidents(&allowed(&after_crash), &IncidentQuery::default()).is_empty());
    after_crash.shutdown().await;

    let hub = home.start().await;
    assert!(actions(&hub).await.contains(&"sign_in".to_owned()), "it is still there");
    assert!(is_sound(&hub).await);
    hub.shutdown().await;
    drop(hub);
    for path in files_below(&home.data().join("audit")) {
        fs::remove_file(path).expect("removed");
    }
    let hub = home.start().await;
    let incident = the_incident(&hub).await;
    assert_eq!((incident.kind.name(), incident.severity), ("audit_log", Severity::Critical));
    assert!(!is_sound(&hub).await);
    let doctor = hub.doctor(allowed(&hub)).await;
    let failed = |id: &str| {
        let check = doctor.checks.iter().find(|check| check.id == id).expect("a check");
        check.outcome == hearth_hub::Outcome::Failed
    };
    assert!(failed("audit") && failed("incidents"));
    hub.shutdown().await;
}

/// promise: V-13, D-28, D-29, D-30. Guessing passwords is told at once, told again and louder while
/// nobody looks into it, and quiet when somebody does; a restart forgets none of it.
#[tokio::test(flavor = "multi_thread")]
async fn guessing_is_an_incident_until_somebody_settles_it() {
    let home = Home::new();
    let hub = with_account(&home).await;
    guess(&hub, 5).await;
    let opened = fact(&hub, "the incident", |body| {
        matches!(body, EventBody::IncidentOpened { about, .. } if about == "failed_sign_ins")
    })
    .await;
    assert_eq!((opened.kind, opened.severity), (EventKind::IncidentOpened, Severity::Warning));
    let incident = the_incident(&hub).await;
    assert_eq!(incident.subject, "address 192.0.2.66");

    home.step_clock(HOUR + 1);
    let louder =
        fact(&hub, "it is told again", |body| matches!(body, EventBody::IncidentEscalated { .. }))
            .await;
    assert_eq!(louder.severity, Severity::Critical);
    hub.shutdown().await;
    drop(hub);

    let hub = home.start().await;
    let id = the_incident(&hub).await.id;
    assert_eq!(id, incident.id);
    hub.acknowledge_incident(&allowed(&hub), id).await.expect("open");
    hub.note_incident(allowed(&hub), id, "It was the new phone.").await.expect("there");
    let settled = hub.resolve_incident(allowed(&hub), id, "Ordinary.").await.expect("open");
    assert_eq!((settled.state, settled.escalates_at), (IncidentState::Resolved, None));
    let again = hub.resolve_incident(allowed(&hub), id, "").await.expect_err("settled");
    assert_eq!(again.code, "resolved");
    let export = hub.export_incident(allowed(&hub), id).await.expect("exported");
    let told: Vec<_> = export.audit.iter().map(|line| line.entry.action.as_str()).collect();
    assert!(told.contains(&"sign_in") && told.contains(&"incident_opened"), "{told:?}");
    hub.shutdown().await;
}

/// promise: D-28. A house in which people sign in, look and change things has no incident.
#[tokio::test(flavor = "multi_thread")]
async fn ordinary_use_opens_no_incident() {
    let (home, simulated) = (Home::new(), house(vec![still_camera("door")]).await);
    let hub = with_account(&home).await;
    let camera = add(&hub, &simulated, "door").await;
    until_live(&hub, camera).await;
    for day in 0..3 {
        hub.sign_in("admin", "mistyped".into(), &peer()).await.expect_err("wrong");
        hub.sign_in("admin", PASSWORD.into(), &peer()).await.expect("right");
        home.step_clock(24 * HOUR);
        until_live(&hub, camera).await;
        assert!(hub.incidents(&allowed(&hub), &IncidentQuery::default()).is_empty(), "day {day}");
    }
    assert!(is_sound(&hub).await);
    hub.shutdown().await;
}

/// promise: D-29. A day that is over has a summary, as a record and as an event.
#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_is_over_has_a_summary() {
    let home = Home::new();
    let hub = with_account(&home).await;
    hub.sign_in("admin", "wrong".into(), &peer()).await.expect_err("wrong");
    hub.sign_in("admin", PASSWORD.into(), &peer()).await.expect("right");
    let today = hub.security_summary(allowed(&hub)).await.expect("counted").today;
    assert_eq!((today.sign_ins, today.failed_sign_ins), (1, 1));
    home.step_clock(24 * HOUR);
    let told =
        fact(&hub, "the summary", |body| matches!(body, EventBody::SecuritySummaryMade { .. }))
            .await;
    let EventBody::SecuritySummaryMade { day, failed_sign_ins, .. } = told.detail.body else {
        panic!("a summary")
    };
    assert_eq!((day.as_str(), failed_sign_ins), (today.day.as_str(), 1));
    let view = hub.security_summary(allowed(&hub)).await.expect("counted");
    assert_eq!(view.days.len(), 1);
    assert_eq!((view.days[0].sign_ins, view.today.sign_ins), (1, 0));
    hub.shutdown().await;
}

/// promise: T-21. Everybody who may see a camera is told who watches it, since when and from where,
/// and when they stop.
#[tokio::test(flavor = "multi_thread")]
async fn who_watches_is_told() {
    let (home, simulated) = (Home::new(), house(vec![still_camera("door")]).await);
    let hub = with_account(&home).await;
    let camera = add(&hub, &simulated, "door").await;
    until_live(&hub, camera).await;
    let signed_in = hub.sign_in("admin", PASSWORD.into(), &peer()).await.expect("right");
    let grant = hub.policy().camera(&signed_in.session.principal, camera).expect("may");
    let feed = hub.live(grant, AuditOrigin::Address(peer().address)).await.expect("a feed");
    let own = hub.live(allowed_on(&hub, camera), AuditOrigin::ControlSocket).await.expect("a feed");
    let watchers = hub.watchers(&allowed(&hub));
    let seen: Vec<_> = watchers
        .iter()
        .map(|one| (one.camera, one.viewer.as_deref(), one.from.to_string()))
        .collect();
    let expected = [
        (camera, Some("admin"), "192.0.2.7".to_owned()),
        (camera, None, "control_socket".to_owned()),
    ];
    assert_eq!(seen, expected);
    drop(feed);
    assert_eq!(hub.watchers(&allowed(&hub)).len(), 1);
    drop(own);
    assert!(hub.watchers(&allowed(&hub)).is_empty());
    hub.shutdown().await;
}

/// promise: D-25, V-13. Incidents are told to administrators only.
#[tokio::test(flavor = "multi_thread")]
async fn incidents_are_for_administrators() {
    let home = Home::new();
    let hub = home.start().await;
    for (role, may) in [(Role::Admin, true), (Role::Operator, false), (Role::Viewer, false)] {
        let principal = crate::events::somebody(role);
        let grant = hub.policy().house::<hearth_auth::ask::ReadAudit>(&principal);
        assert_eq!(grant.is_ok(), may, "{role:?}");
    }
    hub.shutdown().await;
}
