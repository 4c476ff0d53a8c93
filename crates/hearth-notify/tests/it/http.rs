//! Channels over HTTPS.

use hearth_notify::{Command, Ntfy, Subscription, Telegram, VapidKey, WebPush, Webhook};
use hearth_sim::{BotApi, HookReceiver, PushRelay, TopicServer};

use crate::{NOW, deliver, message, reach};

fn bot(api: &BotApi) -> Telegram {
    Telegram::new(&api.url(), api.token().into(), reach(&api.certificate_sha256()))
}

/// promise: D-13. Text and picture reach the chat as they are: nothing in a name is markup.
#[tokio::test]
async fn a_bot_says_words_and_shows_pictures() {
    let api = BotApi::start().await.expect("started");
    let bot = bot(&api);
    let words = deliver(&bot, "42", &message(false), None).await.expect("taken");
    deliver(&bot, "-1001", &message(true), None).await.expect("taken");
    let taken = api.taken();
    assert!(taken[0].text.contains("Ben_*[ at the door 🔔\nSomebody rang."), "{}", taken[0].text);
    assert!(taken[0].text.ends_with("https://house.example/visits/1"));
    assert_eq!((taken[0].chat.as_str(), taken[1].chat.as_str()), ("42", "-1001"));
    assert_eq!(taken[1].picture.as_ref().map(Vec::len), Some(50_002));
    assert_eq!(words.reference.as_deref(), Some("m100"));
}

#[tokio::test]
async fn news_replaces_what_a_bot_said_and_is_said_anew_when_that_is_gone() {
    let api = BotApi::start().await.expect("started");
    let bot = bot(&api);
    let first = deliver(&bot, "42", &message(true), None).await.expect("taken");
    let reference = first.reference.expect("a name");
    let mut news = message(false);
    news.text = "It was Ben.".to_owned();
    let second = deliver(&bot, "42", &news, Some(&reference)).await.expect("taken");
    assert_eq!(second.reference.as_deref(), Some(reference.as_str()));
    deliver(&bot, "42", &news, Some("m999")).await.expect("taken");
    let methods: Vec<String> = api.taken().into_iter().map(|one| one.method).collect();
    assert_eq!(methods, ["sendPhoto", "editMessageCaption", "sendMessage"]);
}

/// promise: D-13. A picture that comes with news is shown; a message of words cannot take it up.
#[tokio::test]
async fn a_picture_that_comes_later_arrives_without_another_sound() {
    let api = BotApi::start().await.expect("started");
    let bot = bot(&api);
    let words = deliver(&bot, "42", &message(false), None).await.expect("taken").reference;
    let shown = deliver(&bot, "42", &message(true), words.as_deref()).await.expect("taken");
    deliver(&bot, "42", &message(true), shown.reference.as_deref()).await.expect("taken");
    let taken = api.taken();
    let methods: Vec<(&str, bool)> =
        taken.iter().map(|one| (one.method.as_str(), one.is_quiet)).collect();
    let expected = [("sendMessage", false), ("sendPhoto", true), ("editMessageCaption", false)];
    assert_eq!(methods, expected);
    assert!(taken[1].picture.is_some());
}

/// A bot that somebody else asks for is asked again soon.
#[tokio::test]
async fn a_bot_that_is_asked_for_twice_is_asked_again() {
    let api = BotApi::start().await.expect("started");
    api.conflict(true);
    assert_eq!(bot(&api).updates(0).await.expect_err("refused").code(), "try_again");
    api.conflict(false);
    assert!(bot(&api).updates(0).await.expect("heard").is_empty());
}

#[tokio::test]
async fn a_bot_hears_commands_once() {
    let api = BotApi::start().await.expect("started");
    let bot = bot(&api);
    api.write(42, "/status", 1);
    api.write(43, "/snapshot Front door", 2);
    let heard = bot.updates(0).await.expect("heard");
    let commands: Vec<_> =
        heard.iter().map(|one| (one.chat, one.sent_at, Command::parse(&one.text))).collect();
    assert_eq!(commands[0], (Some(42), Some(1), Some(Command::Status)));
    let front = Command::Snapshot(Some("Front door".to_owned()));
    assert_eq!(commands[1], (Some(43), Some(2), Some(front)));
    assert!(bot.updates(heard[1].id + 1).await.expect("heard").is_empty());
    bot.answer(42, "All is well.").await.expect("taken");
    assert_eq!(api.taken()[0].text, "All is well.");
}

/// The receiver checks the signature by itself and takes nothing that is not signed.
#[tokio::test]
async fn a_webhook_is_signed_with_its_time() {
    let receiver = HookReceiver::start().await.expect("started");
    let pin = reach(&receiver.certificate_sha256());
    let hook = Webhook::new(receiver.url(), receiver.secret().into(), pin);
    deliver(&hook, "", &message(true), None).await.expect("taken");
    let call = &receiver.taken()[0];
    assert_eq!(call.timestamp, NOW.as_micros() / 1_000_000);
    assert_eq!((call.delivery.as_str(), &call.body["id"]), ("ntf_0123", &"ntf_0123".into()));
    assert_eq!(call.body["link"], "https://house.example/visits/1");
    assert_eq!(call.body["severity"], "critical");
    assert!(call.body["picture_jpeg_base64"].as_str().expect("a picture").len() > 60_000);
    let other = Webhook::new(receiver.url(), "another secret".into(), pin);
    let refused = deliver(&other, "", &message(false), None).await.expect_err("not signed right");
    assert_eq!(refused.code(), "misconfigured");
    assert_eq!(receiver.taken().len(), 1);
}

#[tokio::test]
async fn a_topic_gets_words_or_a_picture_with_words() {
    let server = TopicServer::start().await.expect("started");
    let pin = reach(&server.certificate_sha256());
    let ntfy = Ntfy::new(server.url(), Some(server.token().into()), pin);
    for with_picture in [false, true] {
        deliver(&ntfy, "house", &message(with_picture), None).await.expect("taken");
    }
    for (one, has_picture) in server.taken().iter().zip([false, true]) {
        assert_eq!((one.topic.as_str(), one.priority), ("house", 5));
        assert_eq!(
            (one.title.as_str(), one.text.as_str()),
            ("Ben_*[ at the door 🔔", "Somebody rang.\n.\nÜber alles")
        );
        assert_eq!(one.sequence, message(false).tag, "a copy replaces the first");
        assert_eq!(one.picture.is_some(), has_picture);
    }
    let elsewhere = deliver(&ntfy, "../account", &message(false), None).await.expect_err("none");
    assert_eq!(elsewhere.code(), "misconfigured");
    assert_eq!(server.tries(), 2);
}

/// The relay is the browser too: it decrypts by itself and checks who sent it.
#[tokio::test]
async fn a_browser_can_read_what_the_relay_cannot() {
    let relay = PushRelay::start().await.expect("started");
    let subscription = relay.subscription();
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    let subscription = Subscription::new(
        text(&subscription["endpoint"]).as_str().into(),
        &text(&subscription["keys"]["p256dh"]),
        &text(&subscription["keys"]["auth"]),
    );
    let subscription = subscription.expect("a subscription").to_text();
    let key = VapidKey::read(&VapidKey::generate().expect("made")).expect("read");
    let public = key.public();
    let pin = reach(&relay.certificate_sha256());
    let push = WebPush::new(key, "mailto:hub@house.example".to_owned(), pin);
    deliver(&push, subscription.expose(), &message(true), None).await.expect("taken");
    let shown = &relay.taken()[0];
    assert_eq!((&shown.sender, shown.urgency.as_str()), (&public, "high"));
    assert_eq!(shown.topic, message(false).tag);
    assert_eq!(shown.payload["title"], "Ben_*[ at the door 🔔");
    // A path: the browser has the dashboard under whatever name it subscribed there.
    assert_eq!(shown.payload["url"], "/visits/1");
    assert_eq!(shown.payload.get("picture"), None);
}
