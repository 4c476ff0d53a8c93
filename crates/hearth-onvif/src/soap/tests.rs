use proptest::prelude::*;

use super::*;
use crate::device::{GetDeviceInformation, GetHostname};

fn device() -> SourceUrl {
    "http://192.168.1.9/onvif/device_service".parse().expect("valid")
}

fn enveloped(body: &str) -> Vec<u8> {
    format!(
        "<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'><s:Body>{body}</s:Body></s:Envelope>"
    )
    .into_bytes()
}

#[test]
fn a_request_is_an_envelope_with_the_operation() {
    let written = request(&GetDeviceInformation, None, None);
    let envelope = Element::parse(written.as_bytes()).expect("well-formed");
    assert_eq!((envelope.namespace(), envelope.name()), (ENVELOPE, "Envelope"));
    assert!(envelope.child("Header").is_none());
    let operation = envelope.at(&["Body", "GetDeviceInformation"]).expect("there");
    assert_eq!(operation.namespace(), Service::Device.namespace());
}

/// Axis-like devices identify a subscription by a header of their own.
#[test]
fn reference_parameters_go_back_as_they_came() {
    let parameters = [ReferenceParameter {
        namespace: "http://vendor.example/event".to_owned(),
        name: "SubscriptionId".to_owned(),
        text: "5 & 6".to_owned(),
    }];
    let recipient = Recipient {
        to: "http://192.168.1.9/sub",
        message_id: "urn:uuid:1",
        parameters: &parameters,
    };
    let written = request(&GetHostname, None, Some(recipient));
    let envelope = Element::parse(written.as_bytes()).expect("well-formed");
    let header = envelope.child("Header").expect("there");
    assert_eq!(header.text_at(&["To"]), Some("http://192.168.1.9/sub"));
    assert_eq!(header.text_at(&["MessageID"]), Some("urn:uuid:1"));
    let parameter = header.child("SubscriptionId").expect("there");
    assert_eq!(parameter.namespace(), "http://vendor.example/event");
    assert_eq!(parameter.text(), "5 & 6");
    assert_eq!(parameter.attribute("IsReferenceParameter"), Some("true"));
}

/// promise: K-03. What is not the answer to the question is an error of its own kind.
#[test]
fn what_is_no_answer_is_told_apart() {
    let read = |bytes: &[u8]| response::<GetHostname>(bytes, &device()).expect_err("no answer");
    assert_eq!(read(b"<html/>"), AnswerError::NotSoap);
    assert_eq!(read(b"not xml"), AnswerError::Xml(crate::XmlError::Malformed));
    assert_eq!(read(&enveloped("")), AnswerError::NotSoap);
    assert_eq!(read(&enveloped("<GetUsersResponse/>")), AnswerError::Unexpected);
    let lacking = read(&enveloped("<GetHostnameResponse/>"));
    assert_eq!(lacking, AnswerError::Missing("HostnameInformation"));
}

fn fault_of(body: &str) -> Fault {
    fault(&enveloped(body)).expect("a fault")
}

#[test]
fn faults_have_a_kind_and_words() {
    let fault = fault_of(
        "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:NotAuthorized</s:Value>\
         </s:Subcode></s:Code><s:Reason><s:Text xml:lang='en'>Sender not\nAuthorized</s:Text></s:Reason></s:Fault>",
    );
    assert_eq!(fault.kind, FaultKind::NotAuthorized);
    assert_eq!(fault.codes, ["Sender", "NotAuthorized"]);
    assert_eq!(fault.to_string(), "Sender not Authorized (NotAuthorized)");
    let nested = fault_of(
        "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:InvalidArgVal</s:Value>\
         <s:Subcode><s:Value>ter:NoProfile</s:Value></s:Subcode></s:Subcode></s:Code></s:Fault>",
    );
    assert_eq!(nested.kind, FaultKind::InvalidArgument);
    let gone = fault_of(
        "<s:Fault><s:Code><s:Value>s:Receiver</s:Value></s:Code>\
         <s:Detail><r:ResourceUnknownFault/></s:Detail></s:Fault>",
    );
    assert_eq!(gone.kind, FaultKind::Gone);
    let old = fault_of(
        "<Fault><faultcode>wsse:FailedAuthentication</faultcode><faultstring>no</faultstring></Fault>",
    );
    assert_eq!((old.kind, old.reason.as_str()), (FaultKind::NotAuthorized, "no"));
    assert_eq!(fault_of("<Fault/>").kind, FaultKind::Other);
}

proptest! {
    #[test]
    fn arbitrary_bodies_never_panic(body in "(<|</|/>|>|Fault|Code|Subcode|Value|Reason|Text|Detail|ter:NotAuthorized|x){0,40}") {
        let bytes = enveloped(&body);
        drop(fault(&bytes));
        drop(response::<GetHostname>(&bytes, &device()));
    }
}
