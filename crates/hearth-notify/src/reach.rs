//! How a channel reaches its service: whose certificate it accepts, and in which networks.

use std::time::Duration;

use hearth_http::{AddressPolicy, Client, Fingerprint, Trust, agree, dial};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use crate::DeliveryError;

/// A picture over a slow uplink, and a mail server that greets slowly.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// Answers are a line or two; a list of commands some hundred.
const ANSWER_BYTES_MAX: usize = 256 << 10;

/// How a channel reaches its service.
#[derive(Clone, Copy, Debug)]
pub struct Reach {
    /// SHA-256 of the service's certificate, if no public authority signed it.
    pub certificate: Option<Fingerprint>,
    /// Which addresses are admitted.
    pub addresses: hearth_model::AddressPolicy,
}

impl Reach {
    fn trust(self) -> Trust {
        self.certificate.map_or(Trust::Roots, Trust::Pinned)
    }

    /// For services that speak HTTPS.
    pub(crate) fn client(self) -> Client {
        self.patient_client(DEADLINE)
    }

    /// The same, for a service that answers when there is something to say.
    pub(crate) fn patient_client(self, deadline: Duration) -> Client {
        Client::builder()
            .deadline(deadline)
            .trust(self.trust())
            .address_policy(AddressPolicy::Admitted(self.addresses))
            .body_bytes_max(ANSWER_BYTES_MAX)
            .build()
    }

    /// A connection for other protocols, not encrypted yet.
    pub(crate) async fn dial(self, host: &str, port: u16) -> Result<TcpStream, DeliveryError> {
        Ok(dial(host, port, AddressPolicy::Admitted(self.addresses)).await?)
    }

    /// Encrypts a connection.
    pub(crate) async fn encrypt(
        self,
        stream: TcpStream,
        host: &str,
    ) -> Result<TlsStream<TcpStream>, DeliveryError> {
        Ok(agree(stream, host, self.trust()).await?.0)
    }
}

/// Runs an exchange within the deadline.
pub(crate) async fn in_time<T>(
    exchange: impl Future<Output = Result<T, DeliveryError>>,
) -> Result<T, DeliveryError> {
    let late = |_| DeliveryError::try_again("The service does not answer in time.");
    tokio::time::timeout(DEADLINE, exchange).await.map_err(late)?
}
