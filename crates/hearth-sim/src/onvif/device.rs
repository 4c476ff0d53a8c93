//! The device service.

use super::{answer::Answer, scan::escape, state::State};

/// Answers what is the device service's business.
pub(super) fn answer(operation: &str, state: &State) -> Option<Answer> {
    let inside = match operation {
        "GetSystemDateAndTime" => time(state),
        "GetDeviceInformation" => format!(
            "<tds:Manufacturer>Hearthwatch (simulated)</tds:Manufacturer><tds:Model>{}</tds:Model>\
             <tds:FirmwareVersion>1.0</tds:FirmwareVersion><tds:SerialNumber>SIM-{}</tds:SerialNumber>\
             <tds:HardwareId>none</tds:HardwareId>",
            escape(&state.spec.name),
            state.port
        ),
        "GetServices" => services(state),
        "GetCapabilities" => capabilities(state),
        "GetHostname" => format!(
            "<tds:HostnameInformation><tt:FromDHCP>false</tt:FromDHCP><tt:Name>{}</tt:Name>\
             </tds:HostnameInformation>",
            escape(&state.spec.name)
        ),
        "GetNetworkInterfaces" => "<tds:NetworkInterfaces token=\"lo\"><tt:Enabled>true</tt:Enabled>\
             <tt:Info><tt:Name>lo</tt:Name><tt:HwAddress>00:00:00:00:00:00</tt:HwAddress></tt:Info>\
             <tt:IPv4><tt:Enabled>true</tt:Enabled><tt:Config><tt:Manual><tt:Address>127.0.0.1</tt:Address>\
             <tt:PrefixLength>8</tt:PrefixLength></tt:Manual><tt:DHCP>false</tt:DHCP></tt:Config></tt:IPv4>\
             </tds:NetworkInterfaces>"
            .to_owned(),
        "GetNetworkProtocols" => {
            let name = if state.certificate.is_some() { "HTTPS" } else { "HTTP" };
            format!(
                "<tds:NetworkProtocols><tt:Name>{name}</tt:Name><tt:Enabled>true</tt:Enabled>\
                 <tt:Port>{}</tt:Port></tds:NetworkProtocols>",
                state.port
            )
        }
        "GetUsers" => format!(
            "<tds:User><tt:Username>{}</tt:Username><tt:UserLevel>Administrator</tt:UserLevel></tds:User>",
            escape(&state.spec.username)
        ),
        "SystemReboot" => {
            state.inner().mailboxes.clear();
            "<tds:Message>Rebooting in 0 seconds (simulated)</tds:Message>".to_owned()
        }
        _ => return None,
    };
    Some(Answer::Done(format!("<tds:{operation}Response>{inside}</tds:{operation}Response>")))
}

fn time(state: &State) -> String {
    // 2026-11-22T14:03:00.000Z
    let now = state.now().to_string();
    let parts: Vec<u32> =
        now.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect();
    let part = |index: usize| parts.get(index).copied().unwrap_or_default();
    let moment = format!(
        "<tt:Time><tt:Hour>{}</tt:Hour><tt:Minute>{}</tt:Minute><tt:Second>{}</tt:Second></tt:Time>\
         <tt:Date><tt:Year>{}</tt:Year><tt:Month>{}</tt:Month><tt:Day>{}</tt:Day></tt:Date>",
        part(3),
        part(4),
        part(5),
        part(0),
        part(1),
        part(2)
    );
    format!(
        "<tds:SystemDateAndTime><tt:DateTimeType>Manual</tt:DateTimeType>\
         <tt:DaylightSavings>false</tt:DaylightSavings><tt:TimeZone><tt:TZ>UTC0</tt:TZ></tt:TimeZone>\
         <tt:UTCDateTime>{moment}</tt:UTCDateTime><tt:LocalDateTime>{moment}</tt:LocalDateTime>\
         </tds:SystemDateAndTime>"
    )
}

/// Path and namespace of the services that this device has.
fn offered(state: &State) -> Vec<(&'static str, &'static str)> {
    let mut rows = vec![
        ("device_service", "http://www.onvif.org/ver10/device/wsdl"),
        ("media", "http://www.onvif.org/ver10/media/wsdl"),
        ("imaging", "http://www.onvif.org/ver20/imaging/wsdl"),
        ("events", "http://www.onvif.org/ver10/events/wsdl"),
    ];
    if state.spec.has_media2 {
        rows.push(("media2", "http://www.onvif.org/ver20/media/wsdl"));
    }
    if state.spec.has_ptz {
        rows.push(("ptz", "http://www.onvif.org/ver20/ptz/wsdl"));
    }
    rows
}

fn services(state: &State) -> String {
    let row = |(path, namespace): (&str, &str)| {
        format!(
            "<tds:Service><tds:Namespace>{namespace}</tds:Namespace><tds:XAddr>{}</tds:XAddr>\
             <tds:Version><tt:Major>2</tt:Major><tt:Minor>60</tt:Minor></tds:Version></tds:Service>",
            escape(&state.url(path))
        )
    };
    offered(state).into_iter().map(row).collect()
}

fn capabilities(state: &State) -> String {
    let row = |name: &str, path: &str, more: &str| {
        format!("<tt:{name}><tt:XAddr>{}</tt:XAddr>{more}</tt:{name}>", escape(&state.url(path)))
    };
    let ptz = if state.spec.has_ptz { row("PTZ", "ptz", "") } else { String::new() };
    format!(
        "<tds:Capabilities>{}{}{}{}{ptz}</tds:Capabilities>",
        row("Device", "device_service", ""),
        row(
            "Events",
            "events",
            "<tt:WSSubscriptionPolicySupport>false</tt:WSSubscriptionPolicySupport>\
             <tt:WSPullPointSupport>true</tt:WSPullPointSupport>\
             <tt:WSPausableSubscriptionManagerInterfaceSupport>false</tt:WSPausableSubscriptionManagerInterfaceSupport>"
        ),
        row("Imaging", "imaging", ""),
        row("Media", "media", "<tt:StreamingCapabilities/>"),
    )
}
