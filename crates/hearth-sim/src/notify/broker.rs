//! A simulated MQTT broker (3.1.1) that takes messages with QoS 1 over TLS and hands them to nobody.

use std::sync::Arc;

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::{Inbox, NotifyFault, inbox_methods};
use crate::{certificate::Certificate, listening::Listening, service::ServiceError};

const USERNAME: &str = "hub";
const PASSWORD: &str = "simulated broker password";
/// A message with a picture.
const PACKET_MAX: usize = 4 << 20;

/// Something that was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerMessage {
    /// To which topic.
    pub topic: String,
    /// What.
    pub payload: Vec<u8>,
}

/// A running broker. Dropping it stops it.
#[derive(Debug)]
pub struct Broker {
    listening: Listening,
    inbox: Arc<Inbox<BrokerMessage>>,
}

impl Broker {
    /// Starts on a port of 127.0.0.1 that the system chooses.
    ///
    /// # Errors
    /// If there is no port or no certificate.
    pub async fn start() -> Result<Self, ServiceError> {
        let inbox = Arc::new(Inbox::default());
        let taking = Arc::clone(&inbox);
        let listening = Listening::start(move |wire, certificate| {
            serve(wire, certificate, Arc::clone(&taking))
        });
        Ok(Self { listening: listening.await?, inbox })
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.listening.port()
    }

    /// Who may publish.
    pub fn account(&self) -> (&'static str, &'static str) {
        (USERNAME, PASSWORD)
    }

    /// SHA-256 of its certificate.
    pub fn certificate_sha256(&self) -> String {
        self.listening.certificate_sha256()
    }

    /// Shows another certificate from now on.
    ///
    /// # Errors
    /// If none can be made.
    pub fn replace_certificate(&self) -> Result<(), ServiceError> {
        self.listening.replace_certificate()
    }

    fn inbox(&self) -> &Inbox<BrokerMessage> {
        &self.inbox
    }
}

inbox_methods!(Broker, BrokerMessage);

async fn serve(
    wire: TcpStream,
    certificate: Certificate,
    inbox: Arc<Inbox<BrokerMessage>>,
) -> Option<()> {
    let mut wire = certificate.acceptor.accept(wire).await.ok()?;
    let fault = inbox.tried();
    let (first, body) = packet(&mut wire).await?;
    if fault == NotifyFault::Silent {
        return std::future::pending().await;
    }
    let code = match fault {
        NotifyFault::Failing | NotifyFault::TooMany(_) => 3,
        NotifyFault::Refuses => 5,
        _ if first == 0x10 && is_known(&body) == Some(true) => 0,
        _ => 4,
    };
    wire.write_all(&[0x20, 2, 0, code]).await.ok()?;
    wire.flush().await.ok()?;
    loop {
        let (first, body) = packet(&mut wire).await?;
        match first {
            0x32 => {
                let (topic, rest) = text(&body)?;
                let (number, payload) = rest.split_at_checked(2)?;
                inbox.take(BrokerMessage { topic, payload: payload.to_vec() });
                if fault == NotifyFault::ClosesHalfway {
                    return None;
                }
                wire.write_all(&[&[0x40, 2], number].concat()).await.ok()?;
                wire.flush().await.ok()?;
            }
            _ => return Some(()),
        }
    }
}

async fn packet(wire: &mut (impl AsyncRead + Unpin)) -> Option<(u8, Vec<u8>)> {
    let first = wire.read_u8().await.ok()?;
    let mut length = 0;
    for shift in [0, 7, 14, 21] {
        let byte = usize::from(wire.read_u8().await.ok()?);
        length |= (byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            break;
        }
    }
    let mut body = vec![0; (length <= PACKET_MAX).then_some(length)?];
    wire.read_exact(&mut body).await.ok()?;
    Some((first, body))
}

fn text(bytes: &[u8]) -> Option<(String, &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    let (text, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    Some((String::from_utf8(text.to_vec()).ok()?, rest))
}

/// Whether the packet that connects shows the right account.
fn is_known(body: &[u8]) -> Option<bool> {
    let (protocol, rest) = text(body)?;
    let (level_and_flags, rest) = rest.split_at_checked(4)?;
    let (_client, rest) = text(rest)?;
    let (username, rest) = text(rest)?;
    let (password, _) = text(rest)?;
    let is_level_4 = protocol == "MQTT" && level_and_flags.first() == Some(&4);
    Some(is_level_4 && username == USERNAME && password == PASSWORD)
}
