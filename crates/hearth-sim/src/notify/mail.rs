//! A simulated mail server (RFC 5321) with STARTTLS or TLS from the first byte, and AUTH PLAIN.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};

use super::{Inbox, NotifyFault, inbox_methods};
use crate::{certificate::Certificate, listening::Listening, service::ServiceError};

const USERNAME: &str = "hub";
const PASSWORD: &str = "simulated mail password";
/// A mail with a picture.
const MAIL_MAX: usize = 4 << 20;

/// A mail that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// From whom.
    pub from: String,
    /// To whom.
    pub to: String,
    /// As it was sent, without the dots that SMTP adds.
    pub text: String,
}

impl Mail {
    /// The first header of that name, folded lines joined.
    pub fn header(&self, name: &str) -> Option<String> {
        let head = self.text.split("\r\n\r\n").next()?.replace("\r\n ", " ");
        let named = |line: &&str| {
            line.split_once(':').is_some_and(|(found, _)| found.eq_ignore_ascii_case(name))
        };
        let line = head.split("\r\n").find(named)?.to_owned();
        line.split_once(": ").map(|(_, value)| value.to_owned())
    }

    /// Whether a text is in one of its parts, whatever they are encoded in.
    pub fn says(&self, text: &str) -> bool {
        let blocks = self.text.split("\r\n\r\n");
        let decoded = blocks.filter_map(|block| {
            let lines = block.split("\r\n").take_while(|line| !line.starts_with("--"));
            STANDARD.decode(lines.collect::<String>()).ok()
        });
        let mut decoded = decoded;
        decoded.any(|bytes| String::from_utf8_lossy(&bytes).contains(text))
    }
}

/// A running mail server. Dropping it stops it.
#[derive(Debug)]
pub struct MailServer {
    listening: Listening,
    inbox: Arc<Inbox<Mail>>,
}

impl MailServer {
    /// Starts on a port of 127.0.0.1 that the system chooses; encrypted from the first byte, or when
    /// the client asks for it.
    ///
    /// # Errors
    /// If there is no port or no certificate.
    pub async fn start(is_encrypted: bool) -> Result<Self, ServiceError> {
        let inbox = Arc::new(Inbox::default());
        let taking = Arc::clone(&inbox);
        let listening = Listening::start(move |wire, certificate| {
            serve(wire, certificate, is_encrypted, Arc::clone(&taking))
        });
        Ok(Self { listening: listening.await?, inbox })
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.listening.port()
    }

    /// Who may send.
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

    fn inbox(&self) -> &Inbox<Mail> {
        &self.inbox
    }
}

inbox_methods!(MailServer, Mail);

async fn serve(
    mut wire: TcpStream,
    certificate: Certificate,
    is_encrypted: bool,
    inbox: Arc<Inbox<Mail>>,
) -> Option<()> {
    let fault = inbox.tried();
    if fault == NotifyFault::Silent {
        return std::future::pending().await;
    }
    if is_encrypted {
        let mut wire = certificate.acceptor.accept(wire).await.ok()?;
        wire.write_all(b"220 mail.example ready\r\n").await.ok()?;
        return converse(wire, fault, &inbox).await;
    }
    wire.write_all(b"220 mail.example ready\r\n").await.ok()?;
    let mut lines = BufReader::new(&mut wire);
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let answer = match line.trim_end() {
            "STARTTLS" => break,
            hello if hello.starts_with("EHLO ") => "250-mail.example\r\n250 STARTTLS\r\n",
            _ => "530 Must issue a STARTTLS command first\r\n",
        };
        lines.get_mut().write_all(answer.as_bytes()).await.ok()?;
    }
    // What came in one piece with the command would be a command smuggled in.
    if !lines.buffer().is_empty() {
        return None;
    }
    wire.write_all(b"220 go ahead\r\n").await.ok()?;
    let wire = certificate.acceptor.accept(wire).await.ok()?;
    converse(wire, fault, &inbox).await
}

async fn converse(
    wire: impl AsyncRead + AsyncWrite + Unpin,
    fault: NotifyFault,
    inbox: &Inbox<Mail>,
) -> Option<()> {
    let mut lines = BufReader::new(wire);
    let mut mail = Mail { from: String::new(), to: String::new(), text: String::new() };
    let mut is_known = false;
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        let path = |verb: &str| Some(line.strip_prefix(verb)?.strip_suffix('>')?.to_owned());
        let answer = if line.starts_with("EHLO ") {
            "250-mail.example\r\n250-SIZE 4194304\r\n250 AUTH PLAIN LOGIN"
        } else if let Some(word) = line.strip_prefix("AUTH PLAIN ") {
            let right = STANDARD.encode(format!("\0{USERNAME}\0{PASSWORD}"));
            is_known = word == right && fault != NotifyFault::Refuses;
            if is_known { "235 welcome" } else { "535 no" }
        } else if !is_known {
            "530 log in first"
        } else if let Some(from) = path("MAIL FROM:<") {
            mail.from = from;
            match fault {
                NotifyFault::TooMany(_) | NotifyFault::Failing => "450 later",
                _ => "250 ok",
            }
        } else if let Some(to) = path("RCPT TO:<") {
            mail.to = to;
            if fault == NotifyFault::Gone { "550 nobody" } else { "250 ok" }
        } else if line == "DATA" {
            lines.get_mut().write_all(b"354 go on\r\n").await.ok()?;
            mail.text = data(&mut lines).await?;
            inbox.take(mail.clone());
            if fault == NotifyFault::ClosesHalfway {
                return None;
            }
            "250 taken"
        } else if line == "QUIT" {
            lines.get_mut().write_all(b"221 bye\r\n").await.ok()?;
            return Some(());
        } else {
            "500 what"
        };
        lines.get_mut().write_all(answer.as_bytes()).await.ok()?;
        lines.get_mut().write_all(b"\r\n").await.ok()?;
        lines.get_mut().flush().await.ok()?;
    }
}

async fn data(lines: &mut (impl tokio::io::AsyncBufRead + Unpin)) -> Option<String> {
    let mut text = String::new();
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).await.ok()? == 0 || text.len() > MAIL_MAX {
            return None;
        }
        if line == ".\r\n" {
            return Some(text);
        }
        text.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}
