//! MQTT over TLS.

use hearth_notify::Mqtt;
use hearth_sim::{Broker, NotifyFault};

use crate::{deliver, message, reach};

pub(crate) fn publisher(broker: &Broker) -> Mqtt {
    let (username, password) = broker.account();
    Mqtt {
        host: "127.0.0.1".to_owned(),
        port: broker.port(),
        account: Some((username.to_owned(), password.into())),
        reach: reach(&broker.certificate_sha256()),
    }
}

#[tokio::test]
async fn a_broker_gets_the_picture_and_then_the_words() {
    let broker = Broker::start().await.expect("started");
    deliver(&publisher(&broker), "house/door", &message(true), None).await.expect("taken");
    let taken = broker.taken();
    assert_eq!((taken[0].topic.as_str(), taken[0].payload.len()), ("house/door/picture", 50_002));
    let words: serde_json::Value = serde_json::from_slice(&taken[1].payload).expect("JSON");
    assert_eq!((taken[1].topic.as_str(), &words["id"]), ("house/door", &"ntf_0123".into()));
    assert_eq!(words["picture_jpeg_base64"], serde_json::Value::Null);
}

#[tokio::test]
async fn each_refusal_of_a_broker_says_what_to_do_next() {
    let broker = Broker::start().await.expect("started");
    let publisher = publisher(&broker);
    for (fault, expected) in [
        (NotifyFault::Failing, "try_again"),
        (NotifyFault::Refuses, "misconfigured"),
        (NotifyFault::ClosesHalfway, "try_again"),
    ] {
        broker.fault(fault);
        let outcome = deliver(&publisher, "house", &message(false), None).await;
        assert_eq!(outcome.expect_err("a failure").code(), expected, "{fault:?}");
    }
    let wildcard = deliver(&publisher, "house/#", &message(false), None).await;
    assert_eq!(wildcard.expect_err("no topic").code(), "misconfigured");
}
