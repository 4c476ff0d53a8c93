//! Answers probes, each twice, as devices repeat what goes over UDP.

use std::sync::Arc;

use tokio::net::UdpSocket;

use super::{OnvifFault, scan, scan::escape, state::State};

/// Real probes are below 1 KiB.
const PROBE_BYTES_MAX: usize = 4 * 1024;

/// Answers probes for as long as it is polled.
pub(super) async fn serve(socket: UdpSocket, state: Arc<State>) {
    let mut buffer = vec![0; PROBE_BYTES_MAX];
    loop {
        let Ok((count, sender)) = socket.recv_from(&mut buffer).await else { continue };
        let probe = String::from_utf8_lossy(buffer.get(..count).unwrap_or_default()).into_owned();
        if scan::operation(&probe) != Some("Probe") {
            continue;
        }
        let Some(id) = scan::text(&probe, "MessageID") else { continue };
        let fault = state.inner().fault.clone();
        let answer = match fault {
            Some(OnvifFault::Silent) => continue,
            Some(OnvifFault::CutXml) => "<Envelope><Body>".to_owned(),
            _ => answer(&id, &state),
        };
        for _ in 0..2 {
            // The one who asked may be gone.
            let _sent = socket.send_to(answer.as_bytes(), sender).await;
        }
    }
}

fn answer(relates_to: &str, state: &State) -> String {
    let name: String = state.spec.name.bytes().map(|byte| format!("%{byte:02X}")).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <SOAP-ENV:Envelope xmlns:SOAP-ENV=\"http://www.w3.org/2003/05/soap-envelope\" \
         xmlns:wsa=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\" \
         xmlns:d=\"http://schemas.xmlsoap.org/ws/2005/04/discovery\" \
         xmlns:dn=\"http://www.onvif.org/ver10/network/wsdl\"><SOAP-ENV:Header>\
         <wsa:MessageID>urn:uuid:00000000-0000-4000-8000-{port:012}</wsa:MessageID>\
         <wsa:RelatesTo>{}</wsa:RelatesTo>\
         <wsa:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</wsa:To>\
         <wsa:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches</wsa:Action>\
         </SOAP-ENV:Header><SOAP-ENV:Body><d:ProbeMatches><d:ProbeMatch><wsa:EndpointReference>\
         <wsa:Address>urn:uuid:00000000-0000-4000-9000-{port:012}</wsa:Address></wsa:EndpointReference>\
         <d:Types>dn:NetworkVideoTransmitter</d:Types>\
         <d:Scopes>onvif://www.onvif.org/name/{name} onvif://www.onvif.org/hardware/simulated</d:Scopes>\
         <d:XAddrs>{}</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion></d:ProbeMatch></d:ProbeMatches>\
         </SOAP-ENV:Body></SOAP-ENV:Envelope>",
        escape(relates_to),
        escape(&state.url("device_service")),
        port = state.port,
    )
}
