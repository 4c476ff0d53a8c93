//! What all channels have in common.

use futures_util::future::BoxFuture;
use hearth_model::WallTime;

use crate::{DeliveryError, Message};

/// One attempt to deliver a message.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    /// Whom: a chat, an address, a topic; channels with one receiver ignore it.
    pub to: &'a str,
    /// What.
    pub message: &'a Message,
    /// What [`Receipt::reference`] said of the message that this one replaces.
    pub replaces: Option<&'a str>,
    /// When the attempt is made.
    pub now: WallTime,
}

/// A service took a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// What the service calls it, where a later message can replace it by that name.
    pub reference: Option<String>,
}

/// A way to tell people.
pub trait Channel: Send + Sync {
    /// Makes one attempt. Dropping the future ends it; the service may have taken the message then.
    ///
    /// # Errors
    /// [`DeliveryError`].
    fn deliver<'a>(&'a self, attempt: Attempt<'a>)
    -> BoxFuture<'a, Result<Receipt, DeliveryError>>;
}
