//! Events by pull point: a subscription that is asked again and again, and renewed.
//!
//! Pure. What happened is typed where its meaning is known ([`Meaning`]); every topic is kept as it
//! came, so an unknown one is shown and not lost.

mod message;
mod operation;
mod topic;

pub use message::{Item, Notification, PropertyOperation};
pub use operation::{
    CreatePullPointSubscription, Lease, PullMessages, Pulled, Renew, Subscription, Unsubscribe,
};
pub use topic::Meaning;

#[cfg(test)]
mod tests;
