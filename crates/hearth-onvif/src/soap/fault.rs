//! Faults: what a device says when it does not do something (ONVIF Core, 5.8.2).

use crate::xml::{Element, line};

/// A fault.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Fault {
    /// What it means for us.
    pub kind: FaultKind,
    /// The codes without prefixes, from the most general.
    pub codes: Vec<String>,
    /// What the device says about it, for people; one line.
    pub reason: String,
}

/// What a fault means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// No proof, a wrong one, or one of an account that may not do this.
    NotAuthorized,
    /// The device does not know the request or cannot do it.
    NotSupported,
    /// A value was out of range, or names something that does not exist.
    InvalidArgument,
    /// What the request is about is gone, e.g. a subscription that ran out.
    Gone,
    /// Anything else.
    Other,
}

/// More than any device nests.
const CODES_MAX: usize = 8;

impl Fault {
    /// Reads the element `Fault` of SOAP 1.2, and that of 1.1, which old devices send.
    pub fn read(fault: &Element) -> Self {
        let mut codes = Vec::new();
        let mut level = fault.child("Code");
        while let Some(code) = level.filter(|_| codes.len() < CODES_MAX) {
            codes.extend(code.text_at(&["Value"]).map(local));
            level = code.child("Subcode");
        }
        codes.extend(fault.text_at(&["faultcode"]).map(local));
        // WS-ResourceFramework tells the matter in the detail, as the name of an element.
        let detail = fault.child("Detail").or_else(|| fault.child("detail"));
        let details = detail.map(Element::children).unwrap_or_default();
        codes.extend(details.iter().take(CODES_MAX).map(|detail| line(detail.name())));
        let reason = fault.text_at(&["Reason", "Text"]).or_else(|| fault.text_at(&["faultstring"]));
        let kind = codes.iter().rev().find_map(|code| kind(code)).unwrap_or(FaultKind::Other);
        Self { kind, codes, reason: line(reason.unwrap_or_default()) }
    }
}

/// Without its prefix.
fn local(code: &str) -> String {
    line(code.rsplit(':').next().unwrap_or(code))
}

fn kind(code: &str) -> Option<FaultKind> {
    // `FailedAuthentication` and its kin are of WS-Security 1.1, 12.
    const TABLE: [(&str, FaultKind); 21] = [
        ("NotAuthorized", FaultKind::NotAuthorized),
        ("SenderNotAuthorized", FaultKind::NotAuthorized),
        ("OperationProhibited", FaultKind::NotAuthorized),
        ("FailedAuthentication", FaultKind::NotAuthorized),
        ("InvalidSecurity", FaultKind::NotAuthorized),
        ("InvalidSecurityToken", FaultKind::NotAuthorized),
        ("SecurityTokenUnavailable", FaultKind::NotAuthorized),
        ("ActionNotSupported", FaultKind::NotSupported),
        ("OptionalActionNotImplemented", FaultKind::NotSupported),
        ("UnknownAction", FaultKind::NotSupported),
        ("PTZNotSupported", FaultKind::NotSupported),
        ("ImagingSettingsNotSupported", FaultKind::NotSupported),
        ("NoImagingForSource", FaultKind::NotSupported),
        ("InvalidArgVal", FaultKind::InvalidArgument),
        ("InvalidArgs", FaultKind::InvalidArgument),
        ("NoProfile", FaultKind::InvalidArgument),
        ("NoToken", FaultKind::InvalidArgument),
        ("NoEntity", FaultKind::InvalidArgument),
        ("InvalidPosition", FaultKind::InvalidArgument),
        ("ResourceUnknown", FaultKind::Gone),
        ("ResourceUnknownFault", FaultKind::Gone),
    ];
    TABLE.iter().find(|row| row.0 == code).map(|row| row.1)
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let code = self.codes.last().map_or("no code", String::as_str);
        if self.reason.is_empty() {
            f.write_str(code)
        } else {
            write!(f, "{} ({code})", self.reason)
        }
    }
}
