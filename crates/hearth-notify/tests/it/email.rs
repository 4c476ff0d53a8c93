//! E-mail, in both ways to encrypt.

use hearth_notify::{Email, EmailSecurity};
use hearth_sim::{MailServer, NotifyFault};

use crate::{deliver, message, reach};

pub(crate) fn mailer(server: &MailServer, security: EmailSecurity) -> Email {
    let (username, password) = server.account();
    Email {
        host: "127.0.0.1".to_owned(),
        port: server.port(),
        security,
        account: Some((username.to_owned(), password.into())),
        from: "hub@house.example".parse().expect("an address"),
        reach: reach(&server.certificate_sha256()),
    }
}

/// promise: D-13. Mail leaves encrypted or not at all.
#[tokio::test]
async fn a_mail_arrives_with_words_and_picture_over_both_kinds_of_encryption() {
    for (is_encrypted, security) in [(true, EmailSecurity::Tls), (false, EmailSecurity::Starttls)] {
        let server = MailServer::start(is_encrypted).await.expect("started");
        let mailer = mailer(&server, security);
        deliver(&mailer, "ben@house.example", &message(true), None).await.expect("taken");
        let mail = server.taken().remove(0);
        assert_eq!(
            (mail.from.as_str(), mail.to.as_str()),
            ("hub@house.example", "ben@house.example")
        );
        assert_eq!(mail.header("Message-ID").as_deref(), Some("<ntf_0123@house.example>"));
        assert!(mail.says("Somebody rang.\n.\nÜber alles"), "{}", mail.text);
        assert!(mail.text.contains("picture.jpg"));
    }
}

#[tokio::test]
async fn a_server_without_encryption_is_told_nothing() {
    // It greets at once, as one without encryption from the first byte does.
    let server = MailServer::start(false).await.expect("started");
    let mailer = mailer(&server, EmailSecurity::Tls);
    let outcome = deliver(&mailer, "ben@h.example", &message(false), None).await;
    assert_eq!(outcome.expect_err("no encryption").code(), "try_again");
    assert!(server.taken().is_empty());
}

#[tokio::test]
async fn each_refusal_of_a_server_says_what_to_do_next() {
    let server = MailServer::start(true).await.expect("started");
    let mailer = mailer(&server, EmailSecurity::Tls);
    let code = async || {
        let outcome = deliver(&mailer, "ben@house.example", &message(false), None).await;
        outcome.expect_err("a failure").code()
    };
    for (fault, expected) in [
        (NotifyFault::Failing, "try_again"),
        (NotifyFault::Refuses, "misconfigured"),
        (NotifyFault::Gone, "misconfigured"),
        (NotifyFault::ClosesHalfway, "try_again"),
    ] {
        server.fault(fault);
        assert_eq!(code().await, expected, "{fault:?}");
    }
    let trick =
        deliver(&mailer, "ben@h.example>\r\nRCPT TO:<eve@h.example", &message(false), None).await;
    assert_eq!(trick.expect_err("no address").code(), "misconfigured");
}
