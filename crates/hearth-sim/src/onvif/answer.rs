//! Which operation is answered by what, and the envelope around it.

use super::{device, event, imaging, media, ptz, scan::escape, state::State};

/// What comes of a request.
#[derive(Debug)]
pub(super) enum Answer {
    /// The answer's element.
    Done(String),
    /// A refusal.
    Fault {
        /// The code in the namespace `ter`.
        code: &'static str,
        /// Why.
        reason: &'static str,
    },
}

impl Answer {
    pub(super) const UNKNOWN: Self =
        Self::Fault { code: "ActionNotSupported", reason: "The simulated device does not do that" };
    pub(super) const INVALID: Self =
        Self::Fault { code: "InvalidArgVal", reason: "There is no such thing, or value" };
    pub(super) const GONE: Self =
        Self::Fault { code: "ResourceUnknown", reason: "There is no such subscription" };
}

/// Operations that need no proof (ONVIF Core, 5.9.4: PRE_AUTH).
pub(super) fn is_open(operation: &str) -> bool {
    matches!(operation, "GetSystemDateAndTime" | "GetServices" | "GetCapabilities" | "GetHostname")
}

/// Answers an operation.
pub(super) async fn answer(operation: &str, body: &str, path: &str, state: &State) -> Answer {
    match operation {
        "PullMessages" => return event::pull(body, path, state).await,
        "CreatePullPointSubscription" => return event::create(body, state),
        "Renew" => return event::renew(body, path, state),
        "Unsubscribe" => return event::unsubscribe(body, path, state),
        _ => {}
    }
    let services: [&dyn Fn() -> Option<Answer>; 4] = [
        &|| device::answer(operation, state),
        &|| media::answer(operation, body, path, state),
        &|| ptz::answer(operation, body, state),
        &|| imaging::answer(operation, body, state),
    ];
    services.iter().find_map(|service| service()).unwrap_or(Answer::UNKNOWN)
}

/// The envelope, with all namespaces, as devices write it.
pub(super) fn envelope(inside: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <SOAP-ENV:Envelope xmlns:SOAP-ENV=\"http://www.w3.org/2003/05/soap-envelope\" \
         xmlns:tt=\"http://www.onvif.org/ver10/schema\" \
         xmlns:tds=\"http://www.onvif.org/ver10/device/wsdl\" \
         xmlns:trt=\"http://www.onvif.org/ver10/media/wsdl\" \
         xmlns:tr2=\"http://www.onvif.org/ver20/media/wsdl\" \
         xmlns:tptz=\"http://www.onvif.org/ver20/ptz/wsdl\" \
         xmlns:timg=\"http://www.onvif.org/ver20/imaging/wsdl\" \
         xmlns:tev=\"http://www.onvif.org/ver10/events/wsdl\" \
         xmlns:wsnt=\"http://docs.oasis-open.org/wsn/b-2\" \
         xmlns:wsa5=\"http://www.w3.org/2005/08/addressing\" \
         xmlns:tns1=\"http://www.onvif.org/ver10/topics\" \
         xmlns:sim=\"urn:hearthwatch:simulated\" \
         xmlns:ter=\"http://www.onvif.org/ver10/error\">\n\
         <SOAP-ENV:Body>{inside}</SOAP-ENV:Body></SOAP-ENV:Envelope>"
    )
}

/// A fault.
pub(super) fn fault(who: &str, code: &str, reason: &str) -> String {
    let (code, reason) = (escape(code), escape(reason));
    envelope(&format!(
        "<SOAP-ENV:Fault><SOAP-ENV:Code><SOAP-ENV:Value>SOAP-ENV:{who}</SOAP-ENV:Value>\
         <SOAP-ENV:Subcode><SOAP-ENV:Value>ter:{code}</SOAP-ENV:Value></SOAP-ENV:Subcode>\
         </SOAP-ENV:Code><SOAP-ENV:Reason><SOAP-ENV:Text xml:lang=\"en\">{reason}</SOAP-ENV:Text>\
         </SOAP-ENV:Reason></SOAP-ENV:Fault>"
    ))
}
