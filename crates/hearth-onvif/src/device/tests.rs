use super::*;

fn read<O: Operation>(inside: &str) -> Result<O::Answer, AnswerError> {
    let device = "http://192.168.1.9/onvif/device_service".parse().expect("valid");
    let answer =
        format!("<Envelope><Body><{0}Response>{inside}</{0}Response></Body></Envelope>", O::NAME);
    crate::soap::response::<O>(answer.as_bytes(), &device)
}

#[test]
fn a_device_says_who_made_it() {
    let answer = read::<GetDeviceInformation>(
        "<Manufacturer> A &amp; B </Manufacturer><Model>M\u{7}1</Model><SerialNumber/>",
    )
    .expect("read");
    assert_eq!((answer.manufacturer.as_str(), answer.model.as_str()), ("A & B", "M 1"));
    assert_eq!(answer.serial, "");
    assert_eq!(
        read::<GetDeviceInformation>("<Model>M</Model>"),
        Err(AnswerError::Missing("Manufacturer"))
    );
}

#[test]
fn services_are_found_by_namespace_and_unknown_ones_skipped() {
    let row = |namespace: &str, address: &str| {
        format!("<Service><Namespace>{namespace}</Namespace><XAddr>{address}</XAddr></Service>")
    };
    let media = row("http://www.onvif.org/ver10/media/wsdl", "http://192.168.1.9/onvif/media");
    let unknown = row("http://vendor.example/x", "http://elsewhere.example/");
    let services = read::<GetServices>(&format!("{media}{unknown}")).expect("read");
    assert_eq!(services.offered().collect::<Vec<_>>(), [Service::Media]);
    let url = services.url(Service::Media).map(ToString::to_string);
    assert_eq!(url.as_deref(), Some("http://192.168.1.9:80/onvif/media"));
}

/// promise: T-04. No service on another host: requests to it would carry proofs.
#[test]
fn services_elsewhere_are_refused() {
    let inside = "<Service><Namespace>http://www.onvif.org/ver20/ptz/wsdl</Namespace>\
                  <XAddr>http://elsewhere.example/ptz</XAddr></Service>";
    assert_eq!(read::<GetServices>(inside), Err(AnswerError::ForeignUrl));
    let inside = "<Capabilities><PTZ><XAddr>http://elsewhere.example/</XAddr></PTZ></Capabilities>";
    assert_eq!(read::<GetCapabilities>(inside), Err(AnswerError::ForeignUrl));
}

fn time(year: &str, second: &str) -> Result<DeviceTime, AnswerError> {
    read::<GetSystemDateAndTime>(&format!(
        "<SystemDateAndTime><DateTimeType>NTP</DateTimeType><DaylightSavings>true</DaylightSavings>\
         <TimeZone><TZ>CET-1CEST</TZ></TimeZone><UTCDateTime>\
         <Time><Hour>14</Hour><Minute>3</Minute><Second>{second}</Second></Time>\
         <Date><Year>{year}</Year><Month>11</Month><Day>22</Day></Date>\
         </UTCDateTime></SystemDateAndTime>"
    ))
}

#[test]
fn the_devices_clock_becomes_an_offset() {
    let time = time("2026", "30").expect("read");
    assert!(time.has_time_server);
    assert_eq!(time.time_zone.as_deref(), Some("CET-1CEST"));
    let now = "2026-11-22T14:00:00Z".parse().expect("a time");
    assert_eq!(time.offset_micros(now), 210_000_000);
    let silent = read::<GetSystemDateAndTime>("<SystemDateAndTime/>").expect("read");
    assert_eq!(silent.offset_micros(now), 0);
}

/// promise: K-03. A time that does not exist is an error, not a guess.
#[test]
fn an_impossible_time_is_malformed() {
    assert_eq!(time("2026", "99"), Err(AnswerError::Malformed("UTCDateTime")));
    assert_eq!(time("2026", "-1"), Err(AnswerError::Malformed("Second")));
    assert_eq!(time("70000", "0"), Err(AnswerError::Malformed("Year")));
}

#[test]
fn times_without_an_offset_are_meant_in_utc() {
    assert_eq!(date_time("2026-11-22T14:03:00"), date_time("2026-11-22T14:03:00Z"));
    assert_eq!(date_time("soon"), None);
}

#[test]
fn network_facts_are_read() {
    let interfaces = read::<GetNetworkInterfaces>(
        "<NetworkInterfaces token='eth0'><Enabled>true</Enabled><Info><Name>eth0</Name>\
         <HwAddress>00:11:22:33:44:55</HwAddress></Info><IPv4><Enabled>true</Enabled><Config>\
         <FromDHCP><Address>192.168.1.9</Address><PrefixLength>24</PrefixLength></FromDHCP>\
         <Manual><Address>x</Address><PrefixLength>99</PrefixLength></Manual>\
         <DHCP>true</DHCP></Config></IPv4></NetworkInterfaces>",
    )
    .expect("read");
    assert_eq!(
        interfaces.first().map(|one| one.ipv4.clone()),
        Some(vec!["192.168.1.9/24".to_owned()])
    );
    let protocols = read::<GetNetworkProtocols>(
        "<NetworkProtocols><Name>HTTPS</Name><Enabled>true</Enabled><Port>443</Port><Port>x</Port></NetworkProtocols>",
    )
    .expect("read");
    assert_eq!(protocols.first().map(|one| one.ports.clone()), Some(vec![443]));
    let host = read::<GetHostname>(
        "<HostnameInformation><FromDHCP>false</FromDHCP></HostnameInformation>",
    );
    assert_eq!(host, Ok(Hostname { name: None, from_dhcp: false }));
}

#[test]
fn accounts_have_a_name_and_a_level_and_no_password() {
    let users = read::<GetUsers>(
        "<User><Username>admin</Username><Password>x</Password><UserLevel>Administrator</UserLevel></User>",
    )
    .expect("read");
    let shown = format!("{users:?}");
    assert!(shown.contains("Administrator") && !shown.contains("assword"));
}
