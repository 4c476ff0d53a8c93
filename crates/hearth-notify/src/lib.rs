//! Ways to tell people: Telegram, e-mail, web push, webhook, ntfy and MQTT, behind one trait.
//!
//! A [`Channel`] makes one attempt to deliver one [`Message`] and says in a typed way what became of
//! it ([`DeliveryError`]): try again, never again, or somebody has to set it right. It keeps nothing
//! and repeats nothing; order, patience, quiet hours and memory are the hub's.
//!
//! What a message may contain is decided before there is one: a [`Report`] is all that the house
//! knows of a matter and has no way out of the process, a [`Message`] is what is left of it for one
//! recipient ([`Content`], promise D-13).
//!
//! Every connection is encrypted, its certificate signed by an authority or pinned, and goes to an
//! address that the house's policy admits, judged after the name was resolved. All answers are
//! bounded in bytes, all attempts in time.
//!
//! # What "once" means
//!
//! A connection can end between the service taking a message and its saying so, and a hub can be cut
//! off from power between hearing that and writing it down. Then the message is sent again, with the
//! same [`Message::id`] and [`Message::tag`]. Who shows it once nevertheless, and who may not:
//!
//! | channel | a second copy |
//! |---|---|
//! | web push | replaces the first: same `Topic`, same notification tag |
//! | ntfy | replaces the first where the server knows sequence ids (2.16 and later) |
//! | e-mail | has the same `Message-ID`; most servers and programs drop one of the two |
//! | webhook | has the same `X-Hearthwatch-Delivery`; the receiver can tell |
//! | MQTT | has the same `id` in its JSON; QoS 1 itself means at least once |
//! | Telegram | is shown twice: its API has no key to tell copies by |

#![forbid(unsafe_code)]

mod answer;
mod backoff;
mod channel;
mod email;
mod error;
mod line;
mod message;
mod mqtt;
mod ntfy;
mod reach;
mod telegram;
mod web_push;
mod webhook;

pub use backoff::Backoff;
pub use channel::{Attempt, Channel, Receipt};
pub use email::{Email, EmailSecurity, MailAddress, SmtpReply};
pub use error::DeliveryError;
pub use message::{Content, Message, Picture, Report};
pub use mqtt::{ConnectAck, Mqtt, MqttPacket, is_topic};
pub use ntfy::Ntfy;
pub use reach::Reach;
pub use telegram::{Command, Telegram, Update, parse_updates};
pub use web_push::{Subscription, VapidKey, WebPush};
pub use webhook::{Webhook, signature};
