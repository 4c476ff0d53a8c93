//! What goes wrong with plugs, and what the client makes of it.

use std::sync::Arc;

use hearth_sim::tapo::{Expiry, KasaPlug, PlugLogin, TapoFault, TapoPlug, TapoPlugSpec};
use hearth_tapo::{
    Failure, Switch, Weakness,
    client::{MemoryTrust, PlugClient, PlugSpec, TrustStore as _},
    transport::Account,
};

use super::{OWNER, PASSWORD, plug, plug_client, plug_spec};

const LOGINS: [PlugLogin; 4] =
    [PlugLogin::KlapV1, PlugLogin::KlapV2, PlugLogin::PassThroughPlain, PlugLogin::PassThroughSha1];

/// promise: T-04. A wrong password makes one attempt, and none after it until it is entered again.
#[tokio::test]
async fn a_wrong_password_is_tried_once() {
    for login in LOGINS {
        let plug = plug(login).await;
        let mut spec = plug_spec(&plug, login);
        spec.account = Account::new(OWNER, "wrong");
        let client = plug_client(spec);
        let refused = client.facts().await.expect_err("a wrong password");
        assert_eq!(refused.failure, Failure::WrongPassword, "{login:?}");
        let handshakes = plug.handshakes();
        let stopped = client.facts().await.expect_err("no attempt").failure;
        assert_eq!((stopped, plug.handshakes()), (Failure::LoginStopped, handshakes));
        client.set_account(Account::new(OWNER, PASSWORD)).await;
        client.facts().await.expect("the right password");
    }
}

#[tokio::test]
async fn an_expired_session_is_renewed_once() {
    for login in LOGINS {
        let plug = plug(login).await;
        let client = plug_client(plug_spec(&plug, login));
        client.facts().await.expect("facts");
        plug.strike(TapoFault::ExpireSession(Expiry::Code));
        client.switch(Switch::Off).await.expect("a new session");
        assert!(!plug.is_on());
        plug.strike(TapoFault::ExpireAlways);
        let lost = client.facts().await.expect_err("no session").failure;
        assert_eq!(lost, Failure::SessionLost, "{login:?}");
    }
}

#[tokio::test]
async fn malformed_answers_are_errors_that_name_the_plug() {
    for login in LOGINS {
        for fault in [TapoFault::Malformed, TapoFault::Nonsense] {
            let plug = plug(login).await;
            let client = plug_client(plug_spec(&plug, login));
            client.facts().await.expect("facts");
            plug.strike(fault);
            let error = client.facts().await.expect_err("nonsense");
            assert_eq!(error.device, "kettle");
            assert!(matches!(error.failure, Failure::Malformed(_)), "{login:?}: {error}");
        }
    }
    let plug = KasaPlug::start().await.expect("a plug");
    plug.strike(TapoFault::Malformed);
    let client = plug_client(PlugSpec { port: plug.port(), ..PlugSpec::xor("127.0.0.1") });
    let error = client.facts().await.expect_err("nonsense").failure;
    assert!(matches!(error, Failure::Malformed(_)), "{error}");
}

#[tokio::test]
async fn a_plug_that_signed_once_must_always_sign() {
    let plug = plug(PlugLogin::KlapV2).await;
    let trust = Arc::new(MemoryTrust::default());
    let client = |trust: &Arc<MemoryTrust>| {
        PlugClient::new(plug_spec(&plug, PlugLogin::KlapV2), Arc::clone(trust) as _)
    };
    client(&trust).facts().await.expect("facts");
    assert!(trust.known("kettle").signs_answers);
    plug.strike(TapoFault::WrongSignature);
    let forged = client(&trust).facts().await.expect_err("a forgery").failure;
    assert!(matches!(forged, Failure::Malformed(_)), "{forged}");
    let stranger = Arc::new(MemoryTrust::default());
    let unsigned = client(&stranger);
    unsigned.facts().await.expect("a plug that never signs");
    let weaknesses = unsigned.security().expect("a login").weaknesses;
    assert!(weaknesses.contains(&Weakness::UnsignedAnswers));
}

/// promise: T-04. A plug that once had a stronger login is not taken with a weaker one.
#[tokio::test]
async fn a_plug_that_plays_an_older_one_is_refused() {
    let trust = Arc::new(MemoryTrust::default());
    let newer = plug(PlugLogin::KlapV2).await;
    let client = PlugClient::new(plug_spec(&newer, PlugLogin::KlapV2), Arc::clone(&trust) as _);
    client.facts().await.expect("facts");
    for login in [PlugLogin::KlapV1, PlugLogin::PassThroughSha1] {
        let older = plug(login).await;
        let client = PlugClient::new(plug_spec(&older, login), Arc::clone(&trust) as _);
        let failure = client.facts().await.expect_err("a downgrade").failure;
        assert!(matches!(failure, Failure::Downgrade(_)), "{login:?}: {failure}");
    }
    let oldest = KasaPlug::start().await.expect("a plug");
    let mut spec = PlugSpec { port: oldest.port(), ..PlugSpec::xor("127.0.0.1") };
    spec.device = "kettle".to_owned();
    let failure = PlugClient::new(spec, trust).facts().await.expect_err("a downgrade").failure;
    assert!(matches!(failure, Failure::Downgrade(_)), "{failure}");
}

/// promise: K-04. The password that everybody knows opens nothing unless that is allowed, and shows.
#[tokio::test]
async fn the_factory_account_is_used_only_when_allowed() {
    let made = TapoPlugSpec::new(PlugLogin::KlapV2, "test@tp-link.net", "test");
    let plug = TapoPlug::start(made).await.expect("a plug");
    let mut spec = plug_spec(&plug, PlugLogin::KlapV2);
    let refused = plug_client(spec.clone()).facts().await.expect_err("not allowed").failure;
    assert_eq!(refused, Failure::WrongPassword);
    spec.may_use_factory_account = true;
    let client = plug_client(spec);
    client.facts().await.expect("facts");
    let weaknesses = client.security().expect("a login").weaknesses;
    assert!(weaknesses.contains(&Weakness::FactoryPassword));
}

/// promise: K-04. What has no real encryption is never used towards a public address.
#[tokio::test]
async fn weak_protocols_are_not_spoken_to_public_addresses() {
    // An address of a block for documentation: nobody is there, and nothing may be sent.
    let account = Account::new(OWNER, PASSWORD);
    for spec in [PlugSpec::xor("192.0.2.1"), PlugSpec::klap("192.0.2.1", account)] {
        let failure = plug_client(spec).facts().await.expect_err("public").failure;
        assert_eq!(failure, Failure::PublicAddress);
    }
}
