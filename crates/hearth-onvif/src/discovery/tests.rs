use std::net::Ipv4Addr;

use proptest::prelude::*;

use super::*;

const ID: &str = "urn:uuid:0a6dc791-2be6-4991-9af1-454778a1917a";
const SENDER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 168, 1, 9));

fn answer(relates_to: &str, rows: &str) -> String {
    format!(
        "<e:Envelope xmlns:e='x'><e:Header><RelatesTo>{relates_to}</RelatesTo></e:Header>\
         <e:Body><ProbeMatches>{rows}</ProbeMatches></e:Body></e:Envelope>"
    )
}

fn row(id: &str, addresses: &str) -> String {
    format!(
        "<ProbeMatch><EndpointReference><Address>{id}</Address></EndpointReference>\
         <Types>dn:NetworkVideoTransmitter tds:Device</Types><Scopes>onvif://www.onvif.org/Profile/T \
         onvif://www.onvif.org/name/Front%20Door onvif://www.onvif.org/hardware/D1%2 \
         onvif://www.onvif.org/location/</Scopes><XAddrs>{addresses}</XAddrs></ProbeMatch>"
    )
}

fn read(text: &str) -> Result<Vec<Found>, AnswerError> {
    matches(text.as_bytes(), ID, SENDER)
}

#[test]
fn a_probe_asks_for_cameras_and_names_itself() {
    let written = probe(ID);
    let envelope = Element::parse(written.as_bytes()).expect("well-formed");
    assert_eq!(envelope.text_at(&["Header", "MessageID"]), Some(ID));
    let types = envelope.text_at(&["Body", "Probe", "Types"]);
    assert_eq!(types, Some("dn:NetworkVideoTransmitter"));
}

#[test]
fn an_answer_tells_name_hardware_and_address() {
    let addresses = "http://[fe80::1]/onvif http://192.168.1.9/onvif https://192.168.1.9/onvif";
    let found = read(&answer(ID, &row("urn:uuid:ABC", addresses))).expect("read");
    let device = found.first().expect("one");
    assert_eq!(device.id, "urn:uuid:abc");
    assert_eq!(device.url.to_string(), "https://192.168.1.9:443/onvif");
    assert_eq!(device.name.as_deref(), Some("Front Door"));
    assert_eq!(device.hardware.as_deref(), Some("D1%2"));
    assert_eq!(device.location, None);
    assert!(device.is_camera);
}

#[test]
fn only_answers_to_our_probe_count() {
    let other = answer("urn:uuid:other", &row("a", "http://192.168.1.9/"));
    assert_eq!(read(&other), Err(AnswerError::Unexpected));
    assert!(read("<Envelope/>").is_err());
    let long = answer(ID, &" ".repeat(DATAGRAM_BYTES_MAX));
    assert_eq!(read(&long), Err(AnswerError::Xml(crate::XmlError::TooLarge)));
}

/// promise: T-04. Nobody sends us to another machine, to show it our proofs.
#[test]
fn addresses_of_other_machines_are_not_believed() {
    for addresses in
        ["http://192.168.1.10/onvif", "http://router.example/", "rtsp://192.168.1.9/", ""]
    {
        assert_eq!(read(&answer(ID, &row("a", addresses))), Ok(Vec::new()), "{addresses}");
    }
}

#[test]
fn each_device_counts_once_and_there_is_an_end() {
    let device = |number: u32| Found {
        id: format!("urn:{number}"),
        url: format!("http://10.0.0.1:{}/", number + 1).parse().expect("valid"),
        name: None,
        hardware: None,
        location: None,
        is_camera: true,
    };
    let mut collector = Collector::default();
    collector.add(device(1));
    collector.add(Found { name: Some("impostor".to_owned()), ..device(1) });
    let found = collector.finish();
    assert_eq!(found, [device(1)]);
    let mut collector = Collector::default();
    (0..1000).for_each(|number| collector.add(device(number)));
    assert_eq!(collector.finish().len(), DEVICES_MAX);
}

proptest! {
    #[test]
    fn arbitrary_answers_never_panic(row in "(<|>|/|ProbeMatch|XAddrs|Scopes|onvif://www.onvif.org/|name|%|%41|http://|192.168.1.9|\\PC){0,30}") {
        drop(read(&answer(ID, &row)));
    }
}
