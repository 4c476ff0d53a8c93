//! Who is told what, when, and what becomes of it when a service is away.

use std::sync::Arc;

use hearth_auth::{AccountGrant, HouseGrant, Principal, ask};
use hearth_hub::{
    ChannelSettings, DeliveryQuery, DeliveryView, Escalation, EscalationStep, Hub, HubConfig,
    IncidentQuery, Matter, MatterKind, NewChannel, NewRecipient, NewSubscription,
    NotificationContent, QuietHours, Subscribed,
};
use hearth_model::{ChannelId, RecipientId, Severity, WallTime, Weekday};
use hearth_sim::{BotApi, HookReceiver, NotifyFault, PushRelay};

use crate::{
    home::{HOUR, Home, SECOND, files_below},
    identity::{PASSWORD, peer},
    watching::{PATIENCE, poll},
};

pub(crate) fn managing(hub: &Hub) -> HouseGrant<ask::ManageNotifications> {
    hub.policy().house(&Principal::Owner).expect("the owner may")
}

pub(crate) fn settling(hub: &Hub) -> HouseGrant<ask::ManageIncidents> {
    hub.policy().house(&Principal::Owner).expect("the owner may")
}

pub(crate) fn matter(kind: MatterKind, severity: Severity, correlation: &str) -> Matter {
    Matter {
        kind,
        severity,
        camera: None,
        to: Vec::new(),
        title: format!("Ben Example: {correlation}"),
        text: "Ben Example was seen.".to_owned(),
        picture: None,
        correlation: correlation.to_owned(),
        link: Some("/visits/1".to_owned()),
    }
}

pub(crate) fn ring(number: u32) -> Matter {
    matter(MatterKind::Ring, Severity::Info, &format!("evt_{number}"))
}

/// Of everything but the summary of the day: that comes by itself when a step of the clock passes
/// midnight, which depends on when the test runs.
pub(crate) fn of_everything() -> Vec<Subscribed> {
    let kinds =
        [MatterKind::Ring, MatterKind::Person, MatterKind::Incident, MatterKind::CameraSilent];
    let of = |kind| Subscribed { kind, severity: Severity::Info, cameras: Vec::new() };
    kinds.map(of).to_vec()
}

pub(crate) fn recipient(name: &str, channel: ChannelId, address: Option<&str>) -> NewRecipient {
    NewRecipient {
        name: name.to_owned(),
        channel,
        address: address.map(str::to_owned),
        enabled: true,
        content: NotificationContent::Full,
        commands: false,
        matters: of_everything(),
        quiet_hours: Vec::new(),
        per_hour: 600,
        dedup_seconds: 0,
    }
}

/// A hub whose only channel is a bot.
pub(crate) struct Told {
    pub(crate) home: Home,
    pub(crate) hub: Hub,
    pub(crate) api: BotApi,
    pub(crate) channel: ChannelId,
}

impl Told {
    pub(crate) async fn new() -> Self {
        Self::at(Home::new()).await
    }

    pub(crate) async fn at(home: Home) -> Self {
        let config = home.config();
        Self::with(home, config).await
    }

    /// In a house whose folder is new.
    pub(crate) async fn with(home: Home, config: HubConfig) -> Self {
        let hub = Hub::start(config).await.expect("the hub starts");
        let api = BotApi::start().await.expect("started");
        let new = NewChannel {
            name: "Family bot".to_owned(),
            enabled: true,
            settings: ChannelSettings::Telegram { api_url: api.url() },
            secret: Some(api.token().into()),
            private_network: false,
            certificate: Some(api.certificate_sha256().parse().expect("a fingerprint")),
        };
        let channel = hub.add_channel(&managing(&hub), new).await.expect("added").id;
        Self { home, hub, api, channel }
    }

    pub(crate) async fn add(&self, new: NewRecipient) -> RecipientId {
        self.hub.add_recipient(&managing(&self.hub), new).await.expect("added").id
    }

    pub(crate) async fn add_chat(&self, name: &str, chat: &str) -> RecipientId {
        self.add(recipient(name, self.channel, Some(chat))).await
    }

    pub(crate) async fn deliveries(&self) -> Vec<DeliveryView> {
        let page = self.hub.deliveries(&settling(&self.hub), DeliveryQuery::default()).await;
        page.expect("read").deliveries
    }

    /// Waits until deliveries stand as expected, oldest first.
    pub(crate) async fn until(&self, what: &str, wanted: impl Fn(&[DeliveryView]) -> bool) {
        poll(what, async || wanted(&self.deliveries().await).then_some(())).await;
    }

    pub(crate) async fn until_sent(&self, count: usize) {
        let state = |one: &DeliveryView| serde_json::to_value(one.state).expect("JSON") == "sent";
        let all = |all: &[DeliveryView]| all.iter().filter(|one| state(one)).count() == count;
        self.until("everything is sent", all).await;
    }

    pub(crate) fn now(&self) -> WallTime {
        self.hub.welcome().time
    }
}

pub(crate) fn is(one: &DeliveryView, state: &str) -> bool {
    serde_json::to_value(one.state).expect("JSON") == state
}

/// promise: V-13, D-29. A service that is away for an hour loses nothing and gets nothing twice:
/// exactly one delivery for each recipient and matter, in order, news in place of what it replaces.
#[tokio::test(flavor = "multi_thread")]
async fn after_an_hour_without_the_service_everything_arrives_once_and_in_order() {
    const MATTERS: u32 = 12;
    let told = Told::new().await;
    told.add_chat("Ben", "1").await;
    told.add_chat("Anna", "2").await;
    told.api.fault(NotifyFault::Failing);
    for number in 0..MATTERS {
        told.hub.notify(ring(number)).await;
        // Every third becomes clearer meanwhile: only the newest words are told.
        if number.is_multiple_of(3) {
            let mut news = ring(number);
            news.text = format!("It was the post, {number}.");
            told.hub.notify(news).await;
        }
        told.home.step_clock(HOUR / i64::from(MATTERS));
    }
    told.api.wait_for_tries(2).await;
    assert!(told.api.taken().is_empty());
    told.api.fault(NotifyFault::None);
    told.home.step_clock(10 * 60 * SECOND);
    told.until_sent(2 * usize::try_from(MATTERS).expect("small")).await;
    for chat in ["1", "2"] {
        let taken = told.api.taken();
        let texts: Vec<String> =
            taken.into_iter().filter(|one| one.chat == chat).map(|one| one.text).collect();
        let expected: Vec<String> = (0..MATTERS).map(|number| format!("evt_{number}\n")).collect();
        assert_eq!(texts.len(), expected.len(), "{texts:?}");
        for (number, (text, expected)) in texts.iter().zip(&expected).enumerate() {
            assert!(text.contains(expected), "{number}: {text}");
            assert_eq!(text.contains("It was the post"), number.is_multiple_of(3), "{text}");
        }
    }
    assert!(told.deliveries().await.iter().all(|one| one.attempts >= 1 && is(one, "sent")));
    told.hub.shutdown().await;
}

/// What waits survives the end of the hub, and is not told twice by the next.
#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_delivered_by_the_next_run() {
    let told = Told::new().await;
    told.add_chat("Ben", "1").await;
    told.api.fault(NotifyFault::Failing);
    told.hub.notify(ring(1)).await;
    told.api.wait_for_tries(1).await;
    told.hub.shutdown().await;
    let Told { home, hub, api, channel } = told;
    drop(hub);
    api.fault(NotifyFault::None);
    home.step_clock(HOUR);
    let hub = home.start().await;
    let told = Told { home, hub, api, channel };
    told.until_sent(1).await;
    assert_eq!(told.api.taken().len(), 1);
    told.hub.shutdown().await;
}

/// promise: D-13. What a recipient may not be told is not even kept for them, and what is kept says
/// nothing to whoever copies the disk.
#[tokio::test(flavor = "multi_thread")]
async fn each_recipient_is_told_as_much_as_they_may_know_and_the_disk_nothing() {
    let told = Told::new().await;
    told.add_chat("Quentin Recipient", "1").await;
    let content = NotificationContent::NoName;
    told.add(NewRecipient { content, ..recipient("B", told.channel, Some("2")) }).await;
    let content = NotificationContent::SomethingHappened;
    told.add(NewRecipient { content, ..recipient("C", told.channel, Some("3")) }).await;
    told.api.fault(NotifyFault::Failing);
    let mut matter = ring(1);
    matter.picture = Some(vec![0xff, 0xd8, 1, 2, 3].into());
    told.hub.notify(matter).await;
    told.api.wait_for_tries(3).await;
    for file in files_below(&told.home.data()) {
        // A file of the database may go while the folder is read.
        let Ok(bytes) = std::fs::read(&file) else { continue };
        for secret in ["Ben Example", "Quentin Recipient", told.api.token()] {
            let is_there = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!is_there, "{secret} in {}", file.display());
        }
    }
    told.api.fault(NotifyFault::None);
    told.home.step_clock(HOUR);
    told.until_sent(3).await;
    let of = |chat: &str| told.api.taken().into_iter().find(|one| one.chat == chat).expect("told");
    assert!(of("1").picture.is_some() && of("1").text.contains("Ben Example"));
    assert!(of("2").picture.is_none() && of("2").text.contains("Somebody rang"));
    assert!(!of("2").text.contains("Ben Example"));
    assert!(of("3").text.contains("Something happened") && !of("3").text.contains("rang"));
    told.hub.shutdown().await;
}

/// promise: D-29. Whoever is next in the chain hears of a matter until somebody answers, and then
/// nobody does any more.
#[tokio::test(flavor = "multi_thread")]
async fn a_critical_matter_goes_up_the_chain_until_somebody_answers() {
    let told = Told::new().await;
    told.add_chat("Ben", "1").await;
    let quiet = NewRecipient { matters: Vec::new(), ..recipient("Anna", told.channel, Some("2")) };
    let anna = told.add(quiet.clone()).await;
    let carl = told.add(NewRecipient { address: Some("3".to_owned()), ..quiet }).await;
    let step = |after_seconds, one| EscalationStep { after_seconds, recipients: vec![one] };
    let escalation =
        Escalation { severity: Severity::Critical, steps: vec![step(300, anna), step(900, carl)] };
    let set = told.hub.set_escalation(&managing(&told.hub), escalation).await;
    set.expect("set");
    told.hub.notify(matter(MatterKind::Incident, Severity::Warning, "inc_mild")).await;
    told.hub.notify(matter(MatterKind::Incident, Severity::Critical, "inc_bad")).await;
    told.until_sent(2).await;
    assert!(told.api.taken().iter().all(|one| one.chat == "1"));
    told.home.step_clock(301 * SECOND);
    told.until_sent(3).await;
    assert_eq!(told.api.taken()[2].chat, "2");
    let open = told.hub.matters(&settling(&told.hub), false).await.expect("read");
    let ids: Vec<&str> = open.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, ["inc_bad"], "only what is critical wants an answer");
    let answered = told.hub.acknowledge_matter(&settling(&told.hub), "inc_bad").await;
    assert_eq!(answered.expect("known").waiting, 0);
    told.home.step_clock(HOUR);
    // News of an answered matter is told to nobody; something new shows that the queue was looked at.
    told.hub.notify(matter(MatterKind::Incident, Severity::Critical, "inc_bad")).await;
    told.hub.notify(ring(9)).await;
    told.until_sent(4).await;
    assert!(told.api.taken().iter().all(|one| one.chat != "3"));
    assert!(told.deliveries().await.iter().any(|one| is(one, "acknowledged")));
    told.hub.shutdown().await;
}

/// promise: D-29. Quiet hours and silence hold back everything but what is critical.
#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_critical_breaks_quiet_hours_and_silence() {
    let told = Told::new().await;
    use Weekday::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};
    let days = vec![Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday];
    // A whole day from each minute on is always.
    let always = QuietHours { days, from_minute: 0, to_minute: 0 };
    let new = recipient("Ben", told.channel, Some("1"));
    let ben = told.add(NewRecipient { quiet_hours: vec![always], ..new.clone() }).await;
    told.hub.notify(ring(1)).await;
    told.hub.notify(matter(MatterKind::Incident, Severity::Critical, "inc_1")).await;
    told.api.wait_for(1).await;
    assert!(told.api.taken()[0].text.contains("inc_1"));
    told.until("the ring is held", |all| {
        all.iter().any(|one| is(one, "waiting") && one.attempts == 0)
    })
    .await;
    told.hub.set_recipient(&managing(&told.hub), ben, new).await.expect("changed");
    told.home.step_clock(25 * HOUR);
    let until = Some(told.now().plus_micros(HOUR));
    let muted = told.hub.set_mute(&settling(&told.hub), until).await.expect("muted");
    assert_eq!(muted.until, until);
    // It waited for longer than a ring is news: it is given up and can be tried again.
    told.until("the ring is too old", |all| all.iter().any(|one| is(one, "dead"))).await;
    told.hub.notify(ring(2)).await;
    told.hub.notify(matter(MatterKind::Incident, Severity::Critical, "inc_2")).await;
    told.api.wait_for(2).await;
    assert!(told.api.taken()[1].text.contains("inc_2"));
    let dead = told.deliveries().await.into_iter().find(|one| is(one, "dead")).expect("dead");
    told.hub.replay_delivery(&settling(&told.hub), dead.id).await.expect("again");
    let taken = told.api.wait_for(3).await;
    assert!(taken[2].text.contains("evt_1") && taken.iter().all(|one| !one.text.contains("evt_2")));
    told.hub.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_again_and_too_much_an_hour_are_held_back() {
    let told = Told::new().await;
    let new = recipient("Ben", told.channel, Some("1"));
    told.add(NewRecipient { per_hour: 2, dedup_seconds: 60, ..new }).await;
    told.hub.notify(ring(1)).await;
    told.hub.notify(ring(2)).await;
    told.until_sent(1).await;
    assert_eq!(told.deliveries().await.len(), 1, "a second ring within the minute is the same");
    for number in 3..6 {
        told.home.step_clock(61 * SECOND);
        told.hub.notify(ring(number)).await;
    }
    told.until("two wait for the next hour", |all| {
        let held = |one: &&DeliveryView| is(one, "waiting") && one.due_at > one.created_at;
        all.iter().filter(held).count() == 2
    })
    .await;
    assert_eq!(told.api.taken().len(), 2);
    told.home.step_clock(HOUR);
    told.until_sent(4).await;
    told.hub.shutdown().await;
}

/// News of one matter is a message each time, and counts.
#[tokio::test(flavor = "multi_thread")]
async fn news_counts_among_the_messages_of_an_hour() {
    let told = Told::new().await;
    told.add(NewRecipient { per_hour: 2, ..recipient("Ben", told.channel, Some("1")) }).await;
    for (number, text) in (1..).zip(["Somebody rings.", "Ben rings."]) {
        told.hub.notify(Matter { text: text.to_owned(), ..ring(1) }).await;
        told.api.wait_for(number).await;
        told.until_sent(1).await;
    }
    told.hub.notify(Matter { text: "Ben and Anna ring.".to_owned(), ..ring(1) }).await;
    told.until("it waits for the next hour", |all| {
        let later = told.now().plus_micros(HOUR / 2);
        all.iter().any(|one| is(one, "waiting") && one.due_at > later)
    })
    .await;
    told.home.step_clock(HOUR);
    let taken = told.api.wait_for(3).await;
    assert!(taken[2].text.contains("Ben and Anna"), "{}", taken[2].text);
    told.hub.shutdown().await;
}

/// promise: V-13. An incident is told by itself, and whoever answers in one place has answered in
/// the other.
#[tokio::test(flavor = "multi_thread")]
async fn an_incident_is_told_and_answered_in_either_place() {
    let told = Told::new().await;
    told.add_chat("Ben", "1").await;
    for _ in 0..5 {
        told.hub.sign_in("admin", "wrong".into(), &peer()).await.expect_err("wrong");
    }
    let taken = told.api.wait_for(1).await;
    let policy = told.hub.policy();
    let reading: HouseGrant<ask::ReadIncidents> = policy.house(&Principal::Owner).expect("may");
    let incident = told.hub.incidents(&reading, &IncidentQuery::default()).remove(0);
    assert!(taken[0].text.contains(&incident.title), "{}", taken[0].text);
    told.until("it is noted as sent", |all| all.iter().any(|one| is(one, "sent"))).await;
    let id = incident.id.to_string();
    let of = async |matter: &str| {
        let query = DeliveryQuery { matter: Some(matter.to_owned()), ..DeliveryQuery::default() };
        told.hub.deliveries(&settling(&told.hub), query).await.expect("read").deliveries
    };
    assert_eq!((of(&id).await.len(), of("another").await.len()), (1, 0));
    told.hub.acknowledge_matter(&settling(&told.hub), &id).await.expect("answered");
    let incident = told.hub.incident(&reading, incident.id).expect("known");
    assert_eq!(incident.state, hearth_hub::IncidentState::Acknowledged);
    told.hub.shutdown().await;
}

/// promise: V-01. A chat that may not send commands gets no answer at all; one that may is answered,
/// once.
#[tokio::test(flavor = "multi_thread")]
async fn commands_are_taken_from_chats_that_may_and_from_nobody_else() {
    let told = Told::new().await;
    told.add(NewRecipient { commands: true, ..recipient("Ben", told.channel, Some("1")) }).await;
    told.add_chat("Anna", "2").await;
    let now = told.now().as_micros() / SECOND;
    told.api.write(2, "/mute 60", now);
    told.api.write(3, "/mute 60", now);
    told.api.write(1, "/mute 60", now - 3_600);
    told.api.write(1, "/status", now);
    let taken = told.api.wait_for(2).await;
    assert!(taken[0].text.contains("too long ago"), "{}", taken[0].text);
    assert!(taken[1].text.contains("Open incidents: 0"), "{}", taken[1].text);
    assert_eq!(told.hub.mute(&settling(&told.hub)).until, None);
    told.api.write(1, "/mute 15", now);
    let taken = told.api.wait_for(3).await;
    assert!(taken[2].text.starts_with("Only critical matters"), "{}", taken[2].text);
    assert!(told.hub.mute(&settling(&told.hub)).until.is_some());
    told.hub.notify(matter(MatterKind::Incident, Severity::Critical, "inc_1")).await;
    told.until_sent(2).await;
    told.api.write(1, "/ack", now);
    poll("nothing waits for an answer", async || {
        let open = told.hub.matters(&settling(&told.hub), false).await.expect("read");
        open.is_empty().then_some(())
    })
    .await;
    assert!(told.api.taken().iter().all(|one| one.chat != "3"));
    told.hub.shutdown().await;
}

/// promise: T-05. A browser hears of what its account may look at, and no more once it may not.
#[tokio::test(flavor = "multi_thread")]
async fn a_browser_belongs_to_its_account() {
    let home = Home::new();
    let hub = home.start().await;
    let code = hub.claim_code().expect("shown");
    let anna = hub.claim(code.expose(), "anna", PASSWORD.into(), &peer()).await.expect("claimed");
    let account: AccountGrant = hub.policy().account(&anna.session.principal).expect("a person");
    let relay = PushRelay::start().await.expect("started");
    assert!(!hub.web_push(&account).available);
    let channel = NewChannel {
        name: "Browsers".to_owned(),
        enabled: true,
        settings: ChannelSettings::WebPush { contact: "mailto:anna@house.example".to_owned() },
        secret: None,
        private_network: false,
        certificate: Some(relay.certificate_sha256().parse().expect("a fingerprint")),
    };
    hub.add_channel(&managing(&hub), channel).await.expect("added");
    let key = hub.web_push(&account).public_key.expect("available");
    let said = relay.subscription();
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    for _ in 0..2 {
        let new = NewSubscription {
            name: "Phone".to_owned(),
            endpoint: text(&said["endpoint"]).as_str().into(),
            p256dh: text(&said["keys"]["p256dh"]),
            auth: text(&said["keys"]["auth"]).as_str().into(),
            content: None,
            matters: None,
            quiet_hours: Vec::new(),
        };
        hub.subscribe_browser(&account, new).await.expect("subscribed");
    }
    let own = hub.web_push(&account).subscriptions;
    assert_eq!(own.len(), 1, "the same browser again replaces itself");
    hub.notify(ring(1)).await;
    let shown = relay.wait_for(1).await.remove(0);
    assert_eq!((&shown.sender, &shown.payload["url"]), (&key, &"/visits/1".into()));
    relay.fault(NotifyFault::Gone);
    // What much resembles it is not told for a minute.
    home.step_clock(61 * SECOND);
    hub.notify(ring(2)).await;
    poll("a browser that is gone is told no more", async || {
        let all = hub.recipients(&managing(&hub)).await.expect("read");
        (!all[0].enabled).then_some(())
    })
    .await;
    hub.unsubscribe_browser(&account, own[0].id).await.expect("ended");
    assert!(hub.web_push(&account).subscriptions.is_empty());
    hub.shutdown().await;
}

/// A secret stays with the service it was entered for, by address and by certificate.
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_does_not_follow_to_another_address() {
    let home = Home::new();
    let hub = home.start().await;
    let receiver = HookReceiver::start().await.expect("started");
    let new = |url: &str, secret: Option<&str>| NewChannel {
        name: "Machine".to_owned(),
        enabled: true,
        settings: ChannelSettings::Webhook { url: url.to_owned() },
        secret: secret.map(Into::into),
        private_network: false,
        certificate: Some(receiver.certificate_sha256().parse().expect("a fingerprint")),
    };
    let grant = managing(&hub);
    let first = new(&receiver.url(), Some(receiver.secret()));
    let channel = hub.add_channel(&grant, first).await.expect("added").id;
    let machine = recipient("Machine", channel, None);
    let machine = hub.add_recipient(&grant, machine).await.expect("added").id;
    let tested = hub.test_notification(&grant, machine).await.expect("tried");
    assert!(tested.delivered && tested.seconds > 0.0, "{tested:?}");
    let kept = hub.set_channel(&grant, channel, new(&receiver.url(), None)).await.expect("kept");
    assert!(kept.has_secret);
    let moved = hub.set_channel(&grant, channel, new("https://192.0.2.1/", None)).await;
    assert_eq!(moved.expect_err("refused").code, "secret_needed");
    let by_another = NewChannel { certificate: None, ..new(&receiver.url(), None) };
    let moved = hub.set_channel(&grant, channel, by_another).await;
    assert_eq!(moved.expect_err("another certificate").code, "secret_needed");
    receiver.fault(NotifyFault::Refuses);
    let tested = hub.test_notification(&grant, machine).await.expect("tried");
    assert_eq!((tested.delivered, tested.code), (false, Some("misconfigured")));
    assert_eq!(hub.remove_channel(&grant, channel).await.expect_err("in use").code, "conflict");
    hub.remove_recipient(&grant, machine).await.expect("removed");
    hub.remove_channel(&grant, channel).await.expect("removed");
    hub.shutdown().await;
}

/// A matter is written down before whoever tells it goes on.
#[tokio::test(flavor = "multi_thread")]
async fn many_tell_at_once_and_each_matter_is_told_once() {
    let told = Told::new().await;
    told.add_chat("Ben", "1").await;
    let told = Arc::new(told);
    let telling = (0..20).map(|number| {
        let told = Arc::clone(&told);
        tokio::spawn(async move { told.hub.notify(ring(number % 10)).await })
    });
    for one in telling.collect::<Vec<_>>() {
        one.await.expect("told");
    }
    assert_eq!(told.deliveries().await.len(), 10);
    tokio::time::timeout(PATIENCE, told.api.wait_for(10)).await.expect("in time");
    told.until_sent(10).await;
    assert_eq!(told.api.taken().len(), 10);
    told.hub.shutdown().await;
}
