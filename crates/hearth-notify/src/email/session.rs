//! The conversation with a mail server.

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};

use super::reply::{Grown, SmtpReply};
use crate::{DeliveryError, line::read_line};

/// What the hub calls itself (RFC 5321, 4.1.3): an address literal needs no name that resolves.
const OWN_NAME: &str = "[127.0.0.1]";

/// A conversation.
pub(super) struct Session<'a, S> {
    stream: &'a mut S,
}

impl<'a, S: AsyncRead + AsyncWrite + Unpin> Session<'a, S> {
    /// Waits for the greeting.
    pub(super) async fn greeted(stream: &'a mut S) -> Result<Self, DeliveryError> {
        let mut session = Self { stream };
        session.expect(220).await?;
        Ok(session)
    }

    /// Goes on over a stream on which the greeting was heard.
    pub(super) fn over(stream: &'a mut S) -> Self {
        Self { stream }
    }

    /// Says who is there, and hears what the server can do.
    pub(super) async fn hello(&mut self) -> Result<SmtpReply, DeliveryError> {
        self.ask(&format!("EHLO {OWN_NAME}"), 250).await
    }

    /// Says a line and wants a certain answer.
    pub(super) async fn ask(
        &mut self,
        line: &str,
        wanted: u16,
    ) -> Result<SmtpReply, DeliveryError> {
        if line.contains(['\r', '\n']) {
            return Err(DeliveryError::misconfigured("A line may not have an end within."));
        }
        self.say(&[line.as_bytes(), b"\r\n"]).await?;
        self.expect(wanted).await
    }

    /// Hands over the mail, whose lines end with CR LF.
    pub(super) async fn data(&mut self, mail: &str) -> Result<(), DeliveryError> {
        self.say(&[dotted(mail).as_bytes(), b".\r\n"]).await?;
        self.expect(250).await.map(drop)
    }

    async fn say(&mut self, parts: &[&[u8]]) -> Result<(), DeliveryError> {
        let closed = |_| DeliveryError::try_again("The connection ended before the answer did.");
        for part in parts {
            self.stream.write_all(part).await.map_err(closed)?;
        }
        self.stream.flush().await.map_err(closed)
    }

    async fn expect(&mut self, wanted: u16) -> Result<SmtpReply, DeliveryError> {
        let mut reply = SmtpReply::default();
        loop {
            let line = read_line(self.stream).await?;
            match reply.push(&line) {
                Grown::Goes => {}
                Grown::Whole => break,
                Grown::Broken => {
                    return Err(DeliveryError::try_again("The mail server's answer is none."));
                }
            }
        }
        match reply.code() {
            code if code == wanted => Ok(reply),
            // 251: the server forwards (RFC 5321, 3.4).
            251 if wanted == 250 => Ok(reply),
            400..500 => Err(DeliveryError::try_again("The mail server cannot take it now.")),
            _ => Err(DeliveryError::never_again("The mail server refuses.")),
        }
    }
}

/// A line that begins with a dot gets another one (RFC 5321, 4.5.2).
fn dotted(mail: &str) -> String {
    let mut text = String::with_capacity(mail.len() + 16);
    for line in mail.split_inclusive("\r\n") {
        if line.starts_with('.') {
            text.push('.');
        }
        text.push_str(line);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_begins_with_a_dot_does_not_end_the_mail() {
        assert_eq!(dotted(".\r\na.\r\n..b\r\n"), "..\r\na.\r\n...b\r\n");
    }
}
