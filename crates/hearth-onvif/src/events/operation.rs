//! The life of a pull point: created, pulled, renewed, ended.

use std::time::Duration;

use hearth_model::SourceUrl;

use super::Notification;
use crate::{
    AnswerError,
    address::service_url,
    device::date_time,
    soap::{Operation, ReferenceParameter, Service},
    xml::{Element, Writer},
};

const EVENTS: &str = "http://www.onvif.org/ver10/events/wsdl";
const BASE_NOTIFICATION: &str = "http://docs.oasis-open.org/wsn/b-2";
/// Devices have one or none.
const PARAMETERS_MAX: usize = 8;
/// More than was asked for is not believed.
const MESSAGES_MAX: usize = 256;

/// Until when a subscription lives. Both times are the device's, so its clock does not matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// How long it was granted for.
    pub granted: Duration,
}

impl Lease {
    /// A device that grants less would be renewed without end, one that grants more would keep a dead
    /// subscription for as long.
    const GRANTED: std::ops::RangeInclusive<u64> = 10..=3_600;

    /// Without the device's own time (optional in `Renew`, WS-BaseNotification 6.1.1) nobody knows how
    /// long it is, so it is taken to be short.
    fn read(answer: &Element) -> Result<Self, AnswerError> {
        let malformed = AnswerError::Malformed;
        let until = answer.need(&["TerminationTime"])?.text();
        let until = date_time(until).ok_or(malformed("TerminationTime"))?;
        let micros = match answer.text_at(&["CurrentTime"]) {
            Some(now) => until.micros_since(date_time(now).ok_or(malformed("CurrentTime"))?),
            None => 0,
        };
        let seconds = u64::try_from(micros / 1_000_000).unwrap_or(0);
        let seconds = seconds.clamp(*Self::GRANTED.start(), *Self::GRANTED.end());
        Ok(Self { granted: Duration::from_secs(seconds) })
    }

    /// When to renew: with half of the time left, so that one failure costs nothing.
    pub fn renew_after(self) -> Duration {
        self.granted / 2
    }
}

/// A pull point: where it is asked, and what must be said each time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// Where it is.
    pub address: SourceUrl,
    /// What the device wants to see in every message.
    pub parameters: Vec<ReferenceParameter>,
    /// Until when it lives.
    pub lease: Lease,
}

/// Creates a pull point for all topics.
#[derive(Clone, Copy, Debug)]
pub struct CreatePullPointSubscription {
    /// How long it shall live without being renewed.
    pub lifetime: Duration,
}

impl Operation for CreatePullPointSubscription {
    type Answer = Subscription;
    const SERVICE: Service = Service::Events;
    const NAME: &'static str = "CreatePullPointSubscription";
    const NAMESPACE: &'static str = EVENTS;
    const ACTION: Option<&'static str> = Some(
        "http://www.onvif.org/ver10/events/wsdl/EventPortType/CreatePullPointSubscriptionRequest",
    );

    fn write(&self, body: &mut Writer) {
        body.leaf("o:InitialTerminationTime", format_args!("PT{}S", self.lifetime.as_secs()));
    }

    fn read(answer: &Element, device: &SourceUrl) -> Result<Subscription, AnswerError> {
        let reference = answer.need(&["SubscriptionReference"])?;
        let parameters = reference.child("ReferenceParameters").map(Element::children);
        let parameters = parameters.unwrap_or_default().iter().take(PARAMETERS_MAX);
        Ok(Subscription {
            address: service_url(device, reference.need(&["Address"])?.text())?,
            parameters: parameters.map(parameter).collect(),
            lease: Lease::read(answer)?,
        })
    }
}

fn parameter(element: &Element) -> ReferenceParameter {
    ReferenceParameter {
        namespace: element.namespace().to_owned(),
        name: element.name().to_owned(),
        text: element.text().to_owned(),
    }
}

/// Asks for what happened, and waits a while if nothing did.
#[derive(Clone, Copy, Debug)]
pub struct PullMessages {
    /// How long the device waits.
    pub timeout: Duration,
    /// How many messages at most.
    pub limit: u16,
}

/// What was pulled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pulled {
    /// The messages, oldest first.
    pub notifications: Vec<Notification>,
    /// Messages that could not be read, and those beyond the limit.
    pub unreadable: usize,
}

impl Operation for PullMessages {
    type Answer = Pulled;
    const SERVICE: Service = Service::Events;
    const NAME: &'static str = "PullMessages";
    const NAMESPACE: &'static str = EVENTS;
    const ACTION: Option<&'static str> =
        Some("http://www.onvif.org/ver10/events/wsdl/PullPointSubscription/PullMessagesRequest");

    fn write(&self, body: &mut Writer) {
        body.leaf("o:Timeout", format_args!("PT{}S", self.timeout.as_secs()));
        body.leaf("o:MessageLimit", self.limit);
    }

    /// One message that cannot be read does not lose the others.
    fn read(answer: &Element, _: &SourceUrl) -> Result<Pulled, AnswerError> {
        let messages = answer.all("NotificationMessage").count();
        let read = answer.all("NotificationMessage").take(MESSAGES_MAX);
        let notifications: Vec<Notification> =
            read.filter_map(|message| Notification::read(message).ok()).collect();
        Ok(Pulled { unreadable: messages - notifications.len(), notifications })
    }
}

/// Prolongs a subscription.
#[derive(Clone, Copy, Debug)]
pub struct Renew {
    /// By how much from now.
    pub lifetime: Duration,
}

impl Operation for Renew {
    type Answer = Lease;
    const SERVICE: Service = Service::Events;
    const NAME: &'static str = "Renew";
    const NAMESPACE: &'static str = BASE_NOTIFICATION;
    const ACTION: Option<&'static str> =
        Some("http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager/RenewRequest");

    fn write(&self, body: &mut Writer) {
        body.leaf("o:TerminationTime", format_args!("PT{}S", self.lifetime.as_secs()));
    }

    fn read(answer: &Element, _: &SourceUrl) -> Result<Lease, AnswerError> {
        Lease::read(answer)
    }
}

/// Ends a subscription.
#[derive(Clone, Copy, Debug)]
pub struct Unsubscribe;

impl Operation for Unsubscribe {
    type Answer = ();
    const SERVICE: Service = Service::Events;
    const NAME: &'static str = "Unsubscribe";
    const NAMESPACE: &'static str = BASE_NOTIFICATION;
    const ACTION: Option<&'static str> =
        Some("http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager/UnsubscribeRequest");

    fn write(&self, _: &mut Writer) {}

    fn read(_: &Element, _: &SourceUrl) -> Result<(), AnswerError> {
        Ok(())
    }
}
