use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::{AnswerError, soap::Operation};

fn read<O: Operation>(inside: &str) -> Result<O::Answer, AnswerError> {
    let device = "http://192.168.1.9/onvif/device_service".parse().expect("valid");
    let answer =
        format!("<Envelope><Body><{0}Response>{inside}</{0}Response></Body></Envelope>", O::NAME);
    crate::soap::response::<O>(answer.as_bytes(), &device)
}

fn message(topic: &str, operation: &str, data: &str) -> String {
    format!(
        "<NotificationMessage><Topic Dialect='x'>{topic}</Topic><Message>\
         <Message UtcTime='2026-11-22T14:03:00Z' PropertyOperation='{operation}'>\
         <Source><SimpleItem Name='Source' Value='vs'/></Source><Data>{data}</Data>\
         </Message></Message></NotificationMessage>"
    )
}

fn item(name: &str, value: &str) -> String {
    format!("<SimpleItem Name='{name}' Value='{value}'/>")
}

fn meaning(topic: &str, data: &str) -> Meaning {
    let pulled = read::<PullMessages>(&message(topic, "Changed", data)).expect("read");
    pulled.notifications.first().expect("one").meaning
}

#[test]
fn known_topics_have_a_meaning_whatever_their_prefixes() {
    let active = true;
    for (topic, name, expected) in [
        ("tns1:RuleEngine/CellMotionDetector/Motion", "IsMotion", Meaning::Motion { active }),
        ("tns1:VideoSource/MotionAlarm", "State", Meaning::Motion { active }),
        (
            "tns1:RuleEngine/tnsx:MyRuleDetector/tnsx:Visitor",
            "State",
            Meaning::DoorbellPress { active },
        ),
        ("tns1:RuleEngine/MyRuleDetector/PeopleDetect", "State", Meaning::Person { active }),
        ("tns1:RuleEngine/PeopleDetector/People", "IsPeople", Meaning::Person { active }),
        ("tns1:Device/Trigger/DigitalInput", "LogicalState", Meaning::DigitalInput { active }),
        ("tns1:RuleEngine/TamperDetector/Tamper", "IsTamper", Meaning::Tamper { active }),
        ("tns1:VideoSource/GlobalSceneChange/ImagingService", "State", Meaning::Tamper { active }),
    ] {
        assert_eq!(meaning(topic, &item(name, "true")), expected, "{topic}");
        assert_ne!(meaning(topic, &item(name, "false")), expected, "{topic}");
        assert_eq!(meaning(topic, &item(name, "perhaps")), Meaning::Other, "{topic}");
    }
}

#[test]
fn one_topic_can_mean_several_things_by_its_data() {
    let topic = "tns1:RuleEngine/TPSmartEventDetector/TPSmartEvent";
    assert_eq!(meaning(topic, &item("IsVehicle", "1")), Meaning::Vehicle { active: true });
    assert_eq!(meaning(topic, &item("IsPet", "0")), Meaning::Animal { active: false });
}

#[test]
fn unknown_topics_are_kept_as_text() {
    let inside = message("tnsx:Oven/Door", "Initialized", &item("Open", "true"));
    let pulled = read::<PullMessages>(&inside).expect("read");
    let one = pulled.notifications.first().expect("one");
    assert_eq!((one.topic.as_str(), one.meaning), ("tnsx:Oven/Door", Meaning::Other));
    assert_eq!(one.operation, Some(PropertyOperation::Initialized));
    assert_eq!(one.data, [Item { name: "Open".to_owned(), value: "true".to_owned() }]);
    assert_eq!(one.at.map(|at| at.to_string()).as_deref(), Some("2026-11-22T14:03:00.000Z"));
    assert_eq!(
        meaning("tns1:NotRuleEngine/XCellMotionDetector/Motion", &item("a", "1")),
        Meaning::Other
    );
}

/// promise: K-03. A message that cannot be read is counted and costs none of the others.
#[test]
fn a_broken_message_does_not_lose_the_others() {
    let inside =
        format!("<NotificationMessage/>{}", message("tns1:VideoSource/MotionAlarm", "Changed", ""));
    let pulled = read::<PullMessages>(&inside).expect("read");
    assert_eq!((pulled.notifications.len(), pulled.unreadable), (1, 1));
}

fn created(address: &str, until: &str) -> Result<Subscription, AnswerError> {
    read::<CreatePullPointSubscription>(&format!(
        "<SubscriptionReference><Address>{address}</Address><ReferenceParameters>\
         <v:Id xmlns:v='urn:v'>7</v:Id></ReferenceParameters></SubscriptionReference>\
         <CurrentTime>1970-01-01T00:00:10Z</CurrentTime><TerminationTime>{until}</TerminationTime>"
    ))
}

#[test]
fn a_subscription_lives_by_the_devices_clock() {
    let subscription = created("http://192.168.1.9/sub/7", "1970-01-01T00:01:10Z").expect("read");
    assert_eq!(subscription.lease.granted, Duration::from_secs(60));
    assert_eq!(subscription.lease.renew_after(), Duration::from_secs(30));
    let parameter = subscription.parameters.first().expect("one");
    assert_eq!((parameter.namespace.as_str(), parameter.name.as_str()), ("urn:v", "Id"));
    assert_eq!(parameter.text, "7");
}

#[test]
fn absurd_leases_are_bounded_and_foreign_pull_points_refused() {
    let granted = |until: &str| created("http://192.168.1.9/", until).expect("read").lease.granted;
    assert_eq!(granted("1969-01-01T00:00:00Z"), Duration::from_secs(10));
    assert_eq!(granted("2999-01-01T00:00:00Z"), Duration::from_secs(3_600));
    let until = "<TerminationTime>2026-11-22T14:03:00Z</TerminationTime>";
    let renewed = read::<Renew>(until).expect("read");
    assert_eq!(renewed.granted, Duration::from_secs(10), "nobody knows how long that is");
    assert_eq!(read::<Renew>(""), Err(AnswerError::Missing("TerminationTime")));
    let foreign = created("http://elsewhere.example/", "1970-01-01T00:01:10Z");
    assert_eq!(foreign, Err(AnswerError::ForeignUrl));
}

proptest! {
    #[test]
    fn arbitrary_topics_and_data_never_panic(topic in "\\PC{0,40}", name in "[A-Za-z]{0,9}", value in "(true|false|0|1|x)") {
        let topic = topic.replace(['<', '&', ']'], "");
        drop(read::<PullMessages>(&message(&topic, "Changed", &item(&name, &value))));
    }
}
