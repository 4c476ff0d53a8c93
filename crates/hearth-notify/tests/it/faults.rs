//! What goes wrong, with every channel.

use std::time::Duration;

use hearth_model::AddressPolicy;
use hearth_notify::{Channel, DeliveryError, EmailSecurity, Ntfy, Reach, Telegram, Webhook};
use hearth_sim::{BotApi, Broker, HookReceiver, MailServer, NotifyFault, TopicServer};

use crate::{deliver, email::mailer, message, mqtt::publisher, reach};

async fn hook() -> (HookReceiver, Webhook) {
    let receiver = HookReceiver::start().await.expect("started");
    let pin = reach(&receiver.certificate_sha256());
    let hook = Webhook::new(receiver.url(), receiver.secret().into(), pin);
    (receiver, hook)
}

async fn failure(channel: &impl Channel, to: &str) -> DeliveryError {
    deliver(channel, to, &message(false), None).await.expect_err("a failure")
}

#[tokio::test]
async fn a_service_that_asks_to_wait_is_given_the_time() {
    let (receiver, hook) = hook().await;
    receiver.fault(NotifyFault::TooMany(17));
    let asked = Some(Duration::from_secs(17));
    let is_right = |error: &DeliveryError| matches!(error, DeliveryError::TryAgain { after, .. } if *after == asked);
    let error = failure(&hook, "").await;
    assert!(is_right(&error), "{error:?}");
    let api = BotApi::start().await.expect("started");
    api.fault(NotifyFault::TooMany(17));
    let bot = Telegram::new(&api.url(), api.token().into(), reach(&api.certificate_sha256()));
    let error = failure(&bot, "42").await;
    assert!(is_right(&error), "{error:?}");
}

#[tokio::test]
async fn each_fault_of_a_service_says_what_to_do_next() {
    let (receiver, hook) = hook().await;
    for (fault, expected) in [
        (NotifyFault::Failing, "try_again"),
        (NotifyFault::ClosesHalfway, "try_again"),
        (NotifyFault::Refuses, "misconfigured"),
        (NotifyFault::Gone, "never_again"),
    ] {
        receiver.fault(fault);
        assert_eq!(failure(&hook, "").await.code(), expected, "{fault:?}");
    }
    let api = BotApi::start().await.expect("started");
    let pin = reach(&api.certificate_sha256());
    api.fault(NotifyFault::Gone);
    let bot = Telegram::new(&api.url(), api.token().into(), pin);
    assert_eq!(failure(&bot, "42").await.code(), "never_again");
    let unknown = Telegram::new(&api.url(), "1:unknown-token".into(), pin);
    assert_eq!(failure(&unknown, "42").await.code(), "misconfigured");
}

/// A service that takes a connection and says nothing keeps nobody for longer than the deadline.
#[tokio::test(start_paused = true)]
async fn a_service_that_says_nothing_is_left() {
    let server = MailServer::start(true).await.expect("started");
    server.fault(NotifyFault::Silent);
    assert_eq!(
        failure(&mailer(&server, EmailSecurity::Tls), "b@h.example").await.code(),
        "try_again"
    );
}

/// promise: D-13. No channel speaks to whoever shows another certificate than the one that was
/// pinned, or one that nobody vouches for.
#[tokio::test]
async fn a_wrong_certificate_is_told_nothing() {
    let (receiver, hook) = hook().await;
    receiver.replace_certificate().expect("replaced");
    assert_eq!(failure(&hook, "").await.code(), "misconfigured");
    assert_eq!(receiver.tries(), 0);
    let server = MailServer::start(false).await.expect("started");
    let mailer = mailer(&server, EmailSecurity::Starttls);
    server.replace_certificate().expect("replaced");
    assert_eq!(failure(&mailer, "ben@house.example").await.code(), "misconfigured");
    assert!(server.taken().is_empty());
    let broker = Broker::start().await.expect("started");
    let publisher = publisher(&broker);
    broker.replace_certificate().expect("replaced");
    assert_eq!(failure(&publisher, "house").await.code(), "misconfigured");
    assert_eq!(broker.tries(), 0);
    let server = TopicServer::start().await.expect("started");
    let addresses = AddressPolicy::SERVICES.with_this_machine();
    let by_authority = Reach { certificate: None, addresses };
    let ntfy = Ntfy::new(server.url(), Some(server.token().into()), by_authority);
    assert_eq!(failure(&ntfy, "house").await.code(), "misconfigured");
}

/// promise: K-04. An address that a person set leads to no network that the channel may not reach,
/// whatever the protocol.
#[tokio::test]
async fn an_address_inside_is_refused_unless_it_is_allowed() {
    let outside =
        |certificate: &str| Reach { addresses: AddressPolicy::SERVICES, ..reach(certificate) };
    let receiver = HookReceiver::start().await.expect("started");
    let pin = outside(&receiver.certificate_sha256());
    let hook = Webhook::new(receiver.url(), receiver.secret().into(), pin);
    assert_eq!(failure(&hook, "").await.code(), "misconfigured");
    assert_eq!(receiver.tries(), 0);
    let server = MailServer::start(true).await.expect("started");
    let mut mailer = mailer(&server, EmailSecurity::Tls);
    mailer.reach = outside(&server.certificate_sha256());
    assert_eq!(failure(&mailer, "ben@house.example").await.code(), "misconfigured");
    assert_eq!(server.tries(), 0);
    let broker = Broker::start().await.expect("started");
    let mut publisher = publisher(&broker);
    publisher.reach = outside(&broker.certificate_sha256());
    assert_eq!(failure(&publisher, "house").await.code(), "misconfigured");
    assert_eq!(broker.tries(), 0);
    let plain = Webhook::new("http://192.0.2.1/".to_owned(), "s".into(), pin);
    assert_eq!(failure(&plain, "").await.code(), "misconfigured");
}
