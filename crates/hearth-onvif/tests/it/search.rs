//! Discovery, on the loopback interface.

use std::{net::Ipv4Addr, time::Duration};

use hearth_onvif::discovery::search;
use hearth_sim::{OnvifAccess, OnvifFault};

use crate::support::device;

/// A device answers within milliseconds; the search has to end by itself.
const TIME: Duration = Duration::from_millis(400);

#[tokio::test]
async fn a_device_is_found_once_although_it_answers_twice() {
    let simulated = device(OnvifAccess::UsernameToken).await;
    let found = search(Ipv4Addr::LOCALHOST, simulated.discovery(), TIME).await.expect("a socket");
    assert_eq!(found.len(), 1);
    let device = found.first().expect("one");
    assert_eq!(device.url.to_string(), simulated.url());
    assert_eq!(
        (device.name.as_deref(), device.hardware.as_deref()),
        (Some("door"), Some("simulated"))
    );
    assert!(device.is_camera);
}

/// promise: T-04. A device that answers with somebody else's address is not listed.
#[tokio::test]
async fn an_answer_with_a_foreign_address_is_not_believed() {
    let simulated = device(OnvifAccess::UsernameToken).await;
    simulated.fault(OnvifFault::ForeignUrls { host: "192.168.77.7".to_owned() });
    let found = search(Ipv4Addr::LOCALHOST, simulated.discovery(), TIME).await.expect("a socket");
    assert_eq!(found, []);
}

#[tokio::test]
async fn silence_and_nonsense_are_an_empty_list() {
    let simulated = device(OnvifAccess::UsernameToken).await;
    for fault in [OnvifFault::Silent, OnvifFault::CutXml] {
        simulated.fault(fault);
        let found =
            search(Ipv4Addr::LOCALHOST, simulated.discovery(), TIME).await.expect("a socket");
        assert_eq!(found, []);
    }
}
