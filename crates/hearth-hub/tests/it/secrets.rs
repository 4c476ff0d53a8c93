//! Planted secrets, looked for everywhere.

use std::{
    fs, io,
    sync::{Arc, Mutex, PoisonError},
};

use hearth_hub::split_source;
use hearth_model::{RecordMode, SourceUrl, StateReason};
use hearth_secret::SecretString;
use hearth_sim::Access;
use tracing_subscriber::fmt::MakeWriter;

use crate::{
    home::{Home, files_below},
    identity::{PASSWORD, peer},
    watching::{
        add_as, allowed, described, house, new_camera, still_camera, until, until_live,
        until_recorded,
    },
};

const PLANTED: &str = "Pl4nted-camera-secret";
const PLANTED_WRONG: &str = "Pl4nted-wrong-secret";

/// `viewer:` and the first one, as it travels to a camera with Basic authentication (RFC 7617).
const PLANTED_BASIC: &str = "dmlld2VyOlBsNG50ZWQtY2FtZXJhLXNlY3JldA";

/// All that is logged in this process.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn capture() -> Self {
        let log = Self::default();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
            .with_writer(log.clone())
            .finish();
        tracing_subscriber::util::SubscriberInitExt::init(subscriber);
        log
    }

    fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn holds(bytes: &[u8], secret: &str) -> bool {
    bytes.windows(secret.len()).any(|window| window == secret.as_bytes())
}

/// An address as somebody types it, with the account in it.
fn given(text: &str, account: &mut Option<(String, SecretString)>) -> SourceUrl {
    let url = split_source(&SecretString::from(text), account).expect("a URL");
    let (username, password) = account.as_ref().expect("an account in it");
    assert_eq!((username.as_str(), password.expose().as_str()), ("viewer", PLANTED));
    url
}

/// promise: T-17, K-07, V-24, K-05. Passwords of cameras and people, the claim code and sessions
/// are nowhere in the data directory and nowhere in the log, however much is logged.
#[tokio::test(flavor = "multi_thread")]
async fn no_planted_secret_is_on_the_disk_or_in_the_log() {
    let log = Log::capture();
    let locked = |name: &str, access| {
        let mut camera = still_camera(name).with_access(access);
        camera.password = PLANTED.to_owned();
        camera
    };
    let cameras = vec![
        locked("separate", Access::Digest),
        locked("embedded", Access::Basic),
        locked("query", Access::Query),
        locked("wrong", Access::DigestSha256),
    ];
    let (home, house) = (Home::new(), house(cameras).await);
    let hub = home.start().await;
    let code = hub.claim_code().expect("shown");
    let claimed = hub.claim(code.expose(), "anna", PASSWORD.into(), &peer()).await;
    let token = claimed.expect("claimed").token.to_text();
    let refused = hub.sign_in("anna", PLANTED_WRONG.into(), &peer()).await;
    assert_eq!(refused.expect_err("wrong").code, "wrong_credentials");

    let separate = new_camera(&described(&house, "separate"), RecordMode::Continuous);
    hub.probe_camera(&allowed(&hub), separate.clone()).await.expect("it answers");
    let separate = add_as(&hub, separate).await;

    let mut embedded = new_camera(&described(&house, "embedded"), RecordMode::Continuous);
    let login = format!("://viewer:{PLANTED}@");
    let url = described(&house, "embedded").url.replace("://", &login);
    embedded.credentials = None;
    embedded.settings.url = given(&url, &mut embedded.credentials);
    let embedded = add_as(&hub, embedded).await;

    let mut in_query = new_camera(&described(&house, "query"), RecordMode::Continuous);
    let url = format!("{}?usr=viewer&pwd={PLANTED}&quality=1", described(&house, "query").url);
    in_query.credentials = None;
    in_query.settings.url = given(&url, &mut in_query.credentials);
    hub.probe_camera(&allowed(&hub), in_query.clone()).await.expect("it answers");
    let mut mistaken = in_query.clone();
    mistaken.credentials = Some(("viewer".to_owned(), PLANTED_WRONG.into()));
    let refused = hub.probe_camera(&allowed(&hub), mistaken).await.expect_err("another password");
    assert_eq!(refused.code, "wrong_password");
    let in_query = add_as(&hub, in_query).await;

    let mut wrong = new_camera(&described(&house, "wrong"), RecordMode::Continuous);
    wrong.credentials = Some(("viewer".to_owned(), PLANTED_WRONG.into()));
    hub.probe_camera(&allowed(&hub), wrong.clone()).await.expect_err("refused");
    let wrong = add_as(&hub, wrong).await;
    until(&hub, wrong, "refused", |status| status.reason == Some(StateReason::WrongPassword)).await;
    for camera in [separate, embedded, in_query] {
        until_live(&hub, camera).await;
        until_recorded(&hub, camera, 1.0).await;
    }

    let secrets = [PLANTED, PLANTED_WRONG, PLANTED_BASIC, PASSWORD, token.expose(), code.expose()];
    let look = || {
        let files = files_below(&home.data());
        assert!(files.len() > 5, "there is something to look at");
        for path in files {
            // Whatever is gone meanwhile is not on the disk.
            let Ok(bytes) = fs::read(&path) else { continue };
            for (number, secret) in secrets.iter().enumerate() {
                assert!(!holds(&bytes, secret), "secret {number} is in {}", path.display());
            }
        }
    };
    look();
    hub.shutdown().await;
    look();
    let logged = log.bytes();
    assert!(holds(&logged, "the stream ended"), "the log was captured");
    for (number, secret) in secrets.iter().enumerate() {
        assert!(!holds(&logged, secret), "secret {number} is in the log");
    }
}
