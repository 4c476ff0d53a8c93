//! Discovery finds what is there, and nothing else.

use std::{net::Ipv4Addr, time::Duration};

use hearth_device::{Asked, Family, Search, discover};
use hearth_sim::{
    OnvifDevice, OnvifSpec,
    tapo::{KasaPlug, TapoAnnouncer},
};
use hearth_tapo::client::DiscoveryPorts;
use serde_json::json;

const WITHIN: Duration = Duration::from_millis(600);

/// promise: D-22. What answers is listed with what it says, at the address to add it by.
#[tokio::test]
async fn devices_that_answer_are_found() {
    let plug = KasaPlug::start().await.expect("it starts");
    let onvif = OnvifDevice::start(OnvifSpec::new("yard")).await.expect("it starts");
    let tdp = [1, 2].map(|_| TapoAnnouncer::start(Ipv4Addr::LOCALHOST, 0, json!({
        "device_type": "SMART.TAPOPLUG", "device_model": "P110(UK)", "device_id": "x",
        "mac": "00-00-5E-00-53-01", "mgt_encrypt_schm": {"encrypt_type": "KLAP", "http_port": 80},
    })));
    let [first, second] = tdp;
    let (first, second) = (first.await.expect("it starts"), second.await.expect("it starts"));
    let search = Search {
        tapo: Some(DiscoveryPorts {
            xor: plug.port(),
            tdp: [first.address().port(), second.address().port()],
        }),
        onvif: Some(onvif.discovery()),
        addresses: vec![Ipv4Addr::LOCALHOST],
        within: WITHIN,
    };
    let discovery = discover(search).await;
    assert_eq!(discovery.asked, [Asked::TapoBroadcast, Asked::OnvifMulticast]);
    assert!(discovery.failed.is_empty());
    // All of them share one address here; the first sensible answer of an address counts.
    let families: Vec<Family> = discovery.found.iter().map(|found| found.family).collect();
    assert_eq!(families.len(), 2, "{discovery:?}");
    assert!(matches!(families[0], Family::KasaPlug | Family::TapoPlug));
    assert_eq!(families[1], Family::Onvif);
    for found in &discovery.found {
        assert!(found.address.parse::<hearth_device::DeviceAddress>().is_ok(), "{found:?}");
    }
}

/// promise: D-22. Nothing is invented where nothing answers.
#[tokio::test]
async fn an_empty_network_is_empty() {
    let free = std::net::UdpSocket::bind("127.0.0.1:0").expect("a port");
    let port = free.local_addr().expect("an address").port();
    let search = Search {
        tapo: Some(DiscoveryPorts { xor: port, tdp: [port, port] }),
        onvif: Some(free.local_addr().expect("an address")),
        addresses: vec![Ipv4Addr::LOCALHOST],
        within: WITHIN,
    };
    let discovery = discover(search).await;
    assert!(discovery.found.is_empty(), "{discovery:?}");
    assert_eq!(discovery.asked.len(), 2);
}
