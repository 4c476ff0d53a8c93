//! Finding simulated devices on the loopback interface.

use std::{net::Ipv4Addr, time::Duration};

use hearth_sim::tapo::{KasaPlug, TapoAnnouncer};
use hearth_tapo::{
    client::{DiscoveryPorts, discover},
    discovery::{Encryption, Family},
};
use serde_json::json;

const WITHIN: Duration = Duration::from_millis(400);

#[tokio::test]
async fn a_camera_says_its_port_under_the_key_of_the_question() {
    let camera = json!({
        "device_id": "c", "device_model": "C210", "device_type": "SMART.IPCAMERA",
        "encrypt_type": ["3"], "mgt_encrypt_schm": {"is_support_https": true},
        "hidden": {"http_port": 1443},
    });
    let announcer = TapoAnnouncer::start(Ipv4Addr::LOCALHOST, 0, camera).await.expect("a device");
    let port = announcer.address().port();
    let ports = DiscoveryPorts { xor: port, tdp: [port, port] };
    // The same socket: the question of port 9999 is none for it, and it does not answer.
    let ports = DiscoveryPorts { xor: 9, ..ports };
    let found = discover(&[Ipv4Addr::LOCALHOST], ports, WITHIN).await.expect("a network");
    assert_eq!(found.len(), 1);
    let announcement = &found[0].announcement;
    assert_eq!((announcement.family, announcement.port), (Family::TapoCamera, Some(1443)));
}

#[tokio::test]
async fn an_old_plug_is_found_and_an_empty_network_is_empty() {
    let plug = KasaPlug::start().await.expect("a plug");
    let ports = DiscoveryPorts { xor: plug.port(), tdp: [9, 9] };
    let found = discover(&[Ipv4Addr::LOCALHOST], ports, WITHIN).await.expect("a network");
    assert_eq!(found[0].announcement.encryption, Encryption::Xor);
    drop(plug);
    let none = discover(&[Ipv4Addr::LOCALHOST], ports, WITHIN).await.expect("a network");
    assert!(none.is_empty());
}
