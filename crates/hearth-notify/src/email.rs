//! E-mail: one message over SMTP, always encrypted (RFC 5321, RFC 3207, RFC 8314).
//!
//! A small client of our own instead of a library, so that the connection goes through the one place
//! where addresses are judged and certificates pinned. With `STARTTLS` nothing but the greeting is
//! believed before the encryption, and a server that does not offer it gets nothing.

mod address;
mod mime;
mod reply;
mod session;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures_util::future::BoxFuture;
use hearth_secret::SecretString;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};

use crate::{Attempt, Channel, DeliveryError, Reach, Receipt, reach::in_time};

pub use address::MailAddress;
pub use reply::SmtpReply;
use session::Session;

/// When the connection is encrypted.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum EmailSecurity {
    /// After the greeting; usual at port 587.
    Starttls,
    /// From the first byte; usual at port 465.
    Tls,
}

/// A mail server that takes our messages.
pub struct Email {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// When the connection is encrypted.
    pub security: EmailSecurity,
    /// User name and password, if it wants them.
    pub account: Option<(String, SecretString)>,
    /// The sender.
    pub from: MailAddress,
    /// How it is reached.
    pub reach: Reach,
}

impl Email {
    async fn send(&self, attempt: Attempt<'_>) -> Result<Receipt, DeliveryError> {
        let to = attempt.to.parse::<MailAddress>();
        let to =
            to.map_err(|_| DeliveryError::misconfigured("The recipient's address is none."))?;
        let mail = mime::mail(&self.from, &to, attempt.message, attempt.now);
        let stream = self.reach.dial(&self.host, self.port).await?;
        match self.security {
            EmailSecurity::Tls => {
                let mut stream = self.reach.encrypt(stream, &self.host).await?;
                Session::greeted(&mut stream).await?;
                self.hand_over(&mut stream, &to, &mail).await
            }
            EmailSecurity::Starttls => {
                let mut stream = self.begin_tls(stream).await?;
                self.hand_over(&mut stream, &to, &mail).await
            }
        }
    }

    async fn begin_tls(
        &self,
        mut stream: TcpStream,
    ) -> Result<tokio_rustls::client::TlsStream<TcpStream>, DeliveryError> {
        let mut session = Session::greeted(&mut stream).await?;
        let abilities = session.hello().await?;
        if !abilities.has_line("STARTTLS") {
            return Err(DeliveryError::misconfigured(
                "The mail server offers no encryption on this port.",
            ));
        }
        session.ask("STARTTLS", 220).await?;
        self.reach.encrypt(stream, &self.host).await
    }

    /// The conversation inside the encryption.
    async fn hand_over(
        &self,
        stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
        to: &MailAddress,
        mail: &str,
    ) -> Result<Receipt, DeliveryError> {
        let mut session = Session::over(stream);
        let abilities = session.hello().await?;
        if let Some((username, password)) = &self.account {
            log_in(&mut session, &abilities, username, password).await?;
        }
        session.ask(&format!("MAIL FROM:<{}>", self.from), 250).await?;
        session.ask(&format!("RCPT TO:<{to}>"), 250).await.map_err(of_recipient)?;
        session.ask("DATA", 354).await?;
        session.data(mail).await?;
        // The server has it; how the conversation ends changes nothing.
        session.ask("QUIT", 221).await.ok();
        Ok(Receipt::default())
    }
}

/// A mailbox that is not there is a mistake in the settings.
fn of_recipient(error: DeliveryError) -> DeliveryError {
    match error {
        DeliveryError::NeverAgain { .. } => {
            DeliveryError::misconfigured("The mail server does not deliver to this address.")
        }
        other => other,
    }
}

/// RFC 4954 with PLAIN (RFC 4616), or LOGIN for servers that have nothing else. Inside TLS only.
async fn log_in(
    session: &mut Session<'_, impl AsyncRead + AsyncWrite + Unpin>,
    abilities: &SmtpReply,
    username: &str,
    password: &SecretString,
) -> Result<(), DeliveryError> {
    let wrong = |error| match error {
        DeliveryError::NeverAgain { .. } => DeliveryError::misconfigured(
            "The mail server does not accept this user name and password.",
        ),
        other => other,
    };
    let encoded = |text: &str| SecretString::new(STANDARD.encode(text));
    if abilities.offers_login("PLAIN") {
        let pair = SecretString::new(format!("\0{username}\0{}", password.expose()));
        let line = SecretString::new(format!("AUTH PLAIN {}", encoded(pair.expose()).expose()));
        session.ask(line.expose(), 235).await.map_err(wrong)?;
    } else if abilities.offers_login("LOGIN") {
        session.ask("AUTH LOGIN", 334).await.map_err(wrong)?;
        session.ask(encoded(username).expose(), 334).await.map_err(wrong)?;
        session.ask(encoded(password.expose()).expose(), 235).await.map_err(wrong)?;
    } else {
        let none = "The mail server has no way to log in that the hub knows.";
        return Err(DeliveryError::misconfigured(none));
    }
    Ok(())
}

impl Channel for Email {
    fn deliver<'a>(
        &'a self,
        attempt: Attempt<'a>,
    ) -> BoxFuture<'a, Result<Receipt, DeliveryError>> {
        Box::pin(in_time(self.send(attempt)))
    }
}
