//! Events by pull point.

use hearth_onvif::{
    PullPoint,
    events::{Meaning, Notification, PropertyOperation},
};
use hearth_sim::{OnvifAccess, OnvifEvent, OnvifFault, OnvifSpec};

use crate::support::{connect, device, start};

/// The next messages; pulls that end empty are part of the protocol.
async fn next(point: &mut PullPoint) -> Vec<Notification> {
    loop {
        let pulled = point.next().await.expect("the subscription lives");
        if !pulled.is_empty() {
            return pulled;
        }
    }
}

#[tokio::test]
async fn what_a_device_notices_is_heard() {
    for (access, subscribes_by_header) in
        [(OnvifAccess::UsernameToken, false), (OnvifAccess::Digest, true)]
    {
        let simulated =
            start(OnvifSpec { access, subscribes_by_header, ..OnvifSpec::new("door") }).await;
        let device = connect(&simulated).await.expect("it answers");
        let mut point = device.subscribe().await.expect("subscribed");
        let first = next(&mut point).await;
        assert_eq!(
            first.first().and_then(|one| one.operation),
            Some(PropertyOperation::Initialized)
        );
        let active = true;
        for (event, meaning) in [
            (OnvifEvent::Motion(true), Meaning::Motion { active }),
            (OnvifEvent::Person(true), Meaning::Person { active }),
            (OnvifEvent::Doorbell(true), Meaning::DoorbellPress { active }),
            (OnvifEvent::DigitalInput(true), Meaning::DigitalInput { active }),
            (OnvifEvent::Tamper(true), Meaning::Tamper { active }),
        ] {
            simulated.notice(event);
            let heard = next(&mut point).await;
            assert_eq!(heard.first().map(|one| one.meaning), Some(meaning));
        }
        let (topic, name) = ("sim:Kettle/Boils".to_owned(), "Loud".to_owned());
        simulated.notice(OnvifEvent::Other { topic, name, value: "a < b".to_owned() });
        let heard = next(&mut point).await.remove(0);
        assert_eq!((heard.topic.as_str(), heard.meaning), ("sim:Kettle/Boils", Meaning::Other));
        assert_eq!(heard.data.first().map(|item| item.value.as_str()), Some("a < b"));
        point.end().await.expect("ended");
        assert_eq!(simulated.subscriptions(), 0);
    }
}

#[tokio::test]
async fn a_pull_waits_until_something_happens() {
    let simulated = device(OnvifAccess::Open).await;
    let device = connect(&simulated).await.expect("it answers");
    let mut point = device.subscribe().await.expect("subscribed");
    next(&mut point).await;
    let waiting = tokio::spawn(async move { next(&mut point).await });
    while simulated.seen().iter().filter(|one| one.operation == "PullMessages").count() < 2 {
        tokio::task::yield_now().await;
    }
    simulated.notice(OnvifEvent::Motion(true));
    let heard = waiting.await.expect("it ran");
    assert_eq!(heard.first().map(|one| one.meaning), Some(Meaning::Motion { active: true }));
}

#[tokio::test]
async fn a_lost_subscription_is_told_and_can_be_made_again() {
    let simulated = device(OnvifAccess::Open).await;
    let device = connect(&simulated).await.expect("it answers");
    let mut point = device.subscribe().await.expect("subscribed");
    simulated.fault(OnvifFault::LoseSubscriptions);
    let error = point.next().await.expect_err("it is gone");
    assert!(error.is_gone(), "{error}");
    let mut point = device.subscribe().await.expect("subscribed");
    assert!(!next(&mut point).await.is_empty());
}

/// The lease is 60 s; without renewals the subscription would be gone after that.
#[tokio::test(start_paused = true)]
async fn a_subscription_is_renewed_before_it_runs_out() {
    let simulated = device(OnvifAccess::Open).await;
    let device = connect(&simulated).await.expect("it answers");
    let mut point = device.subscribe().await.expect("subscribed");
    for _ in 0..4 {
        tokio::time::advance(std::time::Duration::from_secs(31)).await;
        point.next().await.expect("the subscription lives");
    }
    let seen = simulated.seen();
    assert!(seen.iter().filter(|one| one.operation == "Renew").count() >= 3);
}
