//! Hears what an ONVIF device tells by itself: doorbells and detections, through a pull point.
//!
//! A task of its own, so that neither a look nor a command waits for a pull that the device holds
//! back. It takes its subscription with it when it ends.

use std::{sync::Arc, time::Duration};

use hearth_onvif::{
    Device, PullPoint,
    events::{Meaning, Notification, PropertyOperation},
};
use tokio::time::{sleep, timeout};

use crate::{Notice, Notices, Sense, drivers::background::Stop};

/// The first wait before a lost subscription is made again; each further one is twice as long.
const AGAIN_MIN: Duration = Duration::from_secs(2);
/// The longest.
const AGAIN_MAX: Duration = Duration::from_secs(60);
/// A subscription that is not ended runs out by itself.
const END_MAX: Duration = Duration::from_secs(2);

/// Listens until it is time to end.
pub(super) async fn hear(device: Arc<Device>, notices: Notices, mut stop: Stop) {
    let mut wait = AGAIN_MIN;
    loop {
        match stop.or(device.subscribe()).await {
            None => return,
            Some(Ok(point)) => {
                wait = AGAIN_MIN;
                if !pull(point, &notices, &mut stop).await {
                    return;
                }
            }
            // It never will.
            Some(Err(error)) if error.is_not_supported() => return,
            Some(Err(error)) => tracing::debug!(%error, "a device was not subscribed to"),
        }
        if stop.or(sleep(wait)).await.is_none() {
            return;
        }
        wait = (wait * 2).min(AGAIN_MAX);
    }
}

/// Asks again and again. Whether to go on with another subscription.
async fn pull(mut point: PullPoint, notices: &Notices, stop: &mut Stop) -> bool {
    loop {
        match stop.or(point.next()).await {
            None => {
                timeout(END_MAX, point.end()).await.ok();
                return false;
            }
            Some(Ok(heard)) => {
                for notice in heard.iter().filter_map(notice_of) {
                    notices.tell(notice);
                }
            }
            Some(Err(error)) => {
                tracing::debug!(%error, "a subscription was lost");
                return true;
            }
        }
    }
}

/// What begins; how things are anyway, what ends and what is not understood is no notice.
fn notice_of(one: &Notification) -> Option<Notice> {
    let is_news =
        !matches!(one.operation, Some(PropertyOperation::Initialized | PropertyOperation::Deleted));
    let (notice, active) = match one.meaning {
        Meaning::DoorbellPress { active } => (Notice::Ring, active),
        Meaning::Motion { active } => (Notice::Sensed(Sense::Motion), active),
        Meaning::Person { active } => (Notice::Sensed(Sense::Person), active),
        Meaning::Vehicle { active } => (Notice::Sensed(Sense::Vehicle), active),
        Meaning::Animal { active } => (Notice::Sensed(Sense::Animal), active),
        Meaning::DigitalInput { active } => (Notice::Sensed(Sense::Contact), active),
        Meaning::Tamper { active } => (Notice::Sensed(Sense::Tamper), active),
        Meaning::Other => return None,
    };
    (is_news && active).then_some(notice)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(meaning: Meaning, operation: Option<PropertyOperation>) -> Option<Notice> {
        let (topic, source, data) = (String::new(), Vec::new(), Vec::new());
        notice_of(&Notification { at: None, topic, operation, source, data, meaning })
    }

    #[test]
    fn only_what_begins_is_told() {
        let press = |active| Meaning::DoorbellPress { active };
        assert_eq!(told(press(true), Some(PropertyOperation::Changed)), Some(Notice::Ring));
        assert_eq!(told(press(true), None), Some(Notice::Ring));
        assert_eq!(told(press(false), Some(PropertyOperation::Changed)), None);
        assert_eq!(told(press(true), Some(PropertyOperation::Initialized)), None);
        assert_eq!(told(Meaning::Other, None), None);
    }
}
