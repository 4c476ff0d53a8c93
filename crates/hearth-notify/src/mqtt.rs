//! MQTT 3.1.1: one message to a topic, acknowledged (QoS 1), over TLS.
//!
//! A publisher needs four packets of the protocol, so they are here instead of a library with an
//! event loop, and the connection goes through the one place where addresses are judged.
//! <https://docs.oasis-open.org/mqtt/mqtt/v3.1.1/mqtt-v3.1.1.html>

mod packet;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::future::BoxFuture;
use hearth_secret::SecretString;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::{Attempt, Channel, DeliveryError, Reach, Receipt, reach::in_time, webhook::body_of};

pub use packet::{ConnectAck, MqttPacket, is_topic};

/// Below the topic, where the picture goes.
const PICTURE: &str = "/picture";

/// A broker.
pub struct Mqtt {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// User name and password, if it wants them.
    pub account: Option<(String, SecretString)>,
    /// How it is reached.
    pub reach: Reach,
}

impl Mqtt {
    /// Publishes something that is no message, e.g. what a rule of the house says.
    ///
    /// # Errors
    /// [`DeliveryError`]; a topic that is none for a publisher is misconfigured.
    pub async fn publish(&self, topic: &str, payload: &[u8]) -> Result<(), DeliveryError> {
        in_time(async {
            let mut stream = self.begin(topic).await?;
            publish(&mut stream, topic, payload, 1).await?;
            say(&mut stream, &packet::DISCONNECT).await.ok();
            Ok(())
        })
        .await
    }

    /// A conversation in which something may be published under a topic.
    async fn begin(
        &self,
        topic: &str,
    ) -> Result<impl AsyncRead + AsyncWrite + Unpin + use<>, DeliveryError> {
        if !is_topic(topic) {
            return Err(DeliveryError::misconfigured("The topic is none for a publisher."));
        }
        let stream = self.reach.dial(&self.host, self.port).await?;
        let mut stream = self.reach.encrypt(stream, &self.host).await?;
        self.connect(&mut stream).await?;
        Ok(stream)
    }

    async fn send(&self, attempt: Attempt<'_>) -> Result<Receipt, DeliveryError> {
        let (topic, message) = (attempt.to, attempt.message);
        let mut stream = self.begin(topic).await?;
        if let Some(picture) = &message.picture {
            // The picture first: whoever hears the words finds it there.
            publish(&mut stream, &format!("{topic}{PICTURE}"), picture.jpeg(), 1).await?;
        }
        publish(&mut stream, topic, &body_of(message, false), 2).await?;
        // The broker has it; how the conversation ends changes nothing.
        say(&mut stream, &packet::DISCONNECT).await.ok();
        Ok(Receipt::default())
    }

    async fn connect(
        &self,
        stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    ) -> Result<(), DeliveryError> {
        let mut chance = [0; 6];
        let failed = |_| DeliveryError::try_again("The system gives no random numbers.");
        aws_lc_rs::rand::fill(&mut chance).map_err(failed)?;
        // At most 23 letters and digits are sure to be taken (3.1.3.1); another one each time, so
        // that two attempts do not end each other.
        let client: String = URL_SAFE_NO_PAD.encode(chance).replace(['-', '_'], "0");
        let account = self.account.as_ref().map(|(name, word)| (name.as_str(), word));
        let connect = packet::connect(&format!("hearthwatch{client}"), account)?;
        say(stream, connect.expose()).await?;
        let MqttPacket::ConnectAck(answer) = hear(stream).await? else {
            return Err(not_understood());
        };
        match answer {
            ConnectAck::Accepted => Ok(()),
            ConnectAck::Unavailable => {
                Err(DeliveryError::try_again("The broker is not available."))
            }
            ConnectAck::BadAccount => Err(DeliveryError::misconfigured(
                "The broker does not accept this user name and password.",
            )),
            ConnectAck::Refused => {
                Err(DeliveryError::misconfigured("The broker does not take this client."))
            }
        }
    }
}

fn not_understood() -> DeliveryError {
    DeliveryError::try_again("The broker's answer is not understood.")
}

async fn publish(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    topic: &str,
    payload: &[u8],
    number: u16,
) -> Result<(), DeliveryError> {
    say(stream, &packet::publish(topic, payload, number)?).await?;
    match hear(stream).await? {
        MqttPacket::PublishAck(acknowledged) if acknowledged == number => Ok(()),
        _ => Err(not_understood()),
    }
}

async fn say(stream: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> Result<(), DeliveryError> {
    let closed = |_| DeliveryError::try_again("The connection ended before the answer did.");
    stream.write_all(bytes).await.map_err(closed)?;
    stream.flush().await.map_err(closed)
}

async fn hear(stream: &mut (impl AsyncRead + Unpin)) -> Result<MqttPacket, DeliveryError> {
    // A broker that refuses an account or a topic may close without a word (3.1.1, 5.4.2).
    let closed = |_| DeliveryError::try_again("The broker ended the connection.");
    let mut bytes = [0; packet::ANSWER_BYTES];
    stream.read_exact(&mut bytes).await.map_err(closed)?;
    MqttPacket::parse(&bytes).ok_or_else(not_understood)
}

impl Channel for Mqtt {
    fn deliver<'a>(
        &'a self,
        attempt: Attempt<'a>,
    ) -> BoxFuture<'a, Result<Receipt, DeliveryError>> {
        Box::pin(in_time(self.send(attempt)))
    }
}
