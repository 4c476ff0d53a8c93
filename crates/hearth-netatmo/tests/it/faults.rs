//! A Netatmo that fails, asks for rest, or is somebody else.

use std::{
    io::Write,
    sync::{Arc, Mutex},
    time::Duration,
};

use hearth_netatmo::{Client, Credentials, Endpoints, Error};
use hearth_sim::NetatmoFault;
use tracing::instrument::WithSubscriber;
use tracing_subscriber::fmt::MakeWriter;

use crate::start;

/// promise: N-09. After 429 nothing is sent until the time that Netatmo named.
#[tokio::test]
async fn a_wish_for_rest_is_kept() {
    for fault in
        [NetatmoFault::Limited(Some(120)), NetatmoFault::Limited(None), NetatmoFault::UsageReached]
    {
        let (netatmo, client) = start().await;
        client.homes().await.expect("homes");
        netatmo.fault(fault);
        let limited = client.homes().await;
        let Err(Error::RateLimited { retry_after }) = limited else {
            unreachable!("limited: {limited:?}")
        };
        let wished = if fault == NetatmoFault::Limited(Some(120)) { 119 } else { 29 };
        assert!(retry_after >= Duration::from_secs(wished), "{retry_after:?}");
        netatmo.fault(NetatmoFault::None);
        assert!(matches!(client.homes().await, Err(Error::RateLimited { .. })));
        assert_eq!(netatmo.counts().api, 2, "{fault:?}");
        assert_eq!(netatmo.counts().passwords, 1, "{fault:?}");
    }
}

/// promise: N-09. A failing service is left alone for a while too.
#[tokio::test]
async fn a_failing_service_is_left_alone() {
    let (netatmo, client) = start().await;
    client.homes().await.expect("homes");
    netatmo.fault(NetatmoFault::Failing);
    assert_eq!(client.homes().await, Err(Error::Vendor { status: 502, code: None }));
    assert!(matches!(client.homes().await, Err(Error::RateLimited { .. })));
    assert_eq!(netatmo.counts().api, 2);
}

#[tokio::test]
async fn a_malformed_answer_is_an_error() {
    let (netatmo, client) = start().await;
    netatmo.fault(NetatmoFault::Malformed);
    assert_eq!(client.homes().await, Err(Error::Malformed("it holds no homes")));
}

/// promise: T-10. A service that does not answer costs no more than the deadline.
#[tokio::test]
async fn a_silent_service_is_given_up() {
    let (netatmo, client) = start().await;
    client.homes().await.expect("homes");
    netatmo.fault(NetatmoFault::Slow);
    tokio::time::pause();
    let given_up = tokio::time::timeout(Duration::from_secs(31), client.homes()).await;
    let timed_out = Error::Connection(hearth_http::Error::TimedOut);
    assert_eq!(given_up.expect("within the deadline"), Err(timed_out));
}

/// promise: N-04, T-08. Neither a changed certificate nor a redirect gets the password.
#[tokio::test]
async fn nobody_else_gets_the_password() {
    let (netatmo, client) = start().await;
    netatmo.fault(NetatmoFault::Hijacked);
    assert_eq!(client.homes().await, Err(Error::Vendor { status: 302, code: None }));
    let (other, client) = start().await;
    other.replace_certificate().expect("made");
    let refused = client.homes().await;
    let changed =
        matches!(refused, Err(Error::Connection(hearth_http::Error::CertificateChanged { .. })));
    assert!(changed, "{refused:?}");
    assert_eq!((netatmo.counts().passwords, other.counts().passwords), (0, 0));
}

/// promise: N-04. An endpoint without TLS cannot even be configured.
#[test]
fn a_plain_endpoint_cannot_be_configured() {
    let https = "https://127.0.0.1:1";
    assert_eq!(Endpoints::new("http://127.0.0.1:1", https), Err(Error::NotHttps));
    assert_eq!(Endpoints::new(https, "http://127.0.0.1:1"), Err(Error::NotHttps));
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no panic").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// promise: K-07, N-05. At the most talkative level no log line holds password, cookie or token, and
/// neither does a debug print of the client.
#[tokio::test]
async fn logs_hold_no_secret() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(lines.clone())
        .finish();
    let (netatmo, client) = start().await;
    async {
        client.rooms(None).await.expect("rooms");
        netatmo.fault(NetatmoFault::Forbidden);
        client.homes().await.expect_err("refused");
    }
    .with_subscriber(subscriber)
    .await;
    let logged = String::from_utf8(lines.0.lock().expect("no panic").clone()).expect("text");
    assert!(logged.contains("api/homesdata"), "{logged}");
    let shown = logged + &format!("{client:?}");
    for secret in
        ["simulated & netatmo", "simulated%20%26", "simulated-token", "visitor-1", "form-2"]
    {
        assert!(!shown.contains(secret), "{secret} is in {shown}");
    }
    let credentials = Credentials::new("u", "planted".into());
    assert!(!format!("{:?}", Client::builder(credentials)).contains("planted"));
}
