//! Signing in at an OpenID Connect provider, and linking an account to somebody there.

use hearth_auth::{AccountGrant, HouseGrant, ask};
use hearth_http::Fingerprint;
use hearth_hub::{Hub, NewProvider, ProviderQuestion, SessionView, SignedIn, UseCaseError};
use hearth_secret::SecretString;
use hearth_sim::{ProviderFault, SignInProvider};

use crate::{
    home::{HOUR, Home, files_below},
    identity::{PASSWORD, peer},
};

const RETURN: &str = "https://hub.lan:8443/signin/return";

/// A hub with one account, and a provider that nobody is linked to yet.
struct Door {
    home: Home,
    hub: Hub,
    anna: SignedIn,
    provider: SignInProvider,
}

impl Door {
    async fn new() -> Self {
        let home = Home::new();
        let hub = home.start().await;
        let code = hub.claim_code().expect("shown");
        let anna = hub.claim(code.expose(), "anna", PASSWORD.into(), &peer()).await;
        let anna = anna.expect("claimed");
        let provider = SignInProvider::start().await.expect("a provider");
        let door = Self { home, hub, anna, provider };
        door.hub.set_provider(&door.managing(), door.settings()).await.expect("it answers");
        door
    }

    fn settings(&self) -> NewProvider {
        let described = self.provider.describe();
        NewProvider {
            name: "House".to_owned(),
            issuer: described.issuer,
            client_id: described.client_id,
            client_secret: Some(described.client_secret.as_str().into()),
            certificate: Some(described.certificate_sha256.parse().expect("a fingerprint")),
        }
    }

    fn managing(&self) -> HouseGrant<ask::ManageUsers> {
        self.hub.policy().house(&self.anna.session.principal).expect("an administrator")
    }

    fn account(&self) -> AccountGrant {
        account(&self.hub, &self.anna.session)
    }

    async fn link(&self) {
        let question = self.hub.begin_link(&self.account(), RETURN, &peer()).await.expect("asked");
        let (code, state) = self.provider.visit(&question.address).expect("let in");
        let (code, account) = (SecretString::new(code), self.account());
        let linked = self.hub.finish_link(&account, &state, &code, &question.binding).await;
        assert_eq!(linked.expect("linked").label.as_deref(), Some("Anna <anna@example>"));
    }

    async fn begin(&self) -> ProviderQuestion {
        self.hub.begin_provider_sign_in(RETURN, &peer()).await.expect("asked")
    }

    async fn sign_in(&self) -> Result<SignedIn, UseCaseError> {
        let question = self.begin().await;
        let (code, state) = self.provider.visit(&question.address).expect("let in");
        self.finish(&state, &code, &question.binding).await
    }

    async fn finish(
        &self,
        state: &str,
        code: &str,
        binding: &SecretString,
    ) -> Result<SignedIn, UseCaseError> {
        self.hub.finish_provider_sign_in(state, &code.into(), binding, &peer()).await
    }
}

fn account(hub: &Hub, session: &SessionView) -> AccountGrant {
    hub.policy().account(&session.principal).expect("a person")
}

/// promise: V-01. Whoever the provider knows is nobody here until an account is linked by its owner.
#[tokio::test(flavor = "multi_thread")]
async fn a_linked_account_is_signed_in_by_the_provider() {
    let door = Door::new().await;
    assert_eq!(door.hub.provider_name().as_deref(), Some("House"));
    assert_eq!(door.sign_in().await.expect_err("not linked").code, "not_linked");
    door.link().await;
    let signed_in = door.sign_in().await.expect("linked");
    let user = account(&door.hub, &signed_in.session).user();
    assert_eq!(user, door.account().user());
    door.provider.become_person("simulated-bert");
    assert_eq!(door.sign_in().await.expect_err("somebody else").code, "not_linked");
    door.provider.become_person("simulated-anna");
    door.hub.end_own_link(&door.account()).await.expect("ended");
    assert_eq!(door.sign_in().await.expect_err("not linked any more").code, "not_linked");
    door.hub.shutdown().await;
}

/// promise: V-01, V-02. An answer counts once, in the browser that asked, for what it was asked
/// for, and within ten minutes.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_counts_once_in_the_browser_that_asked() {
    let door = Door::new().await;
    door.link().await;
    let refused = |answer: Result<SignedIn, UseCaseError>| answer.expect_err("refused").code;
    let question = door.begin().await;
    let (code, state) = door.provider.visit(&question.address).expect("let in");
    let foreign = door.begin().await.binding;
    assert_eq!(refused(door.finish(&state, &code, &foreign).await), "provider_refused");
    assert_eq!(refused(door.finish("made up", &code, &foreign).await), "provider_refused");
    door.finish(&state, &code, &question.binding).await.expect("the browser that asked");
    let again = door.finish(&state, &code, &question.binding).await;
    assert_eq!(refused(again), "provider_refused");
    let link = door.hub.begin_link(&door.account(), RETURN, &peer()).await.expect("asked");
    let (code, state) = door.provider.visit(&link.address).expect("let in");
    assert_eq!(refused(door.finish(&state, &code, &link.binding).await), "provider_refused");
    let late = door.begin().await;
    let (code, state) = door.provider.visit(&late.address).expect("let in");
    door.home.step_clock(HOUR / 6 + 1);
    assert_eq!(refused(door.finish(&state, &code, &late.binding).await), "provider_refused");
    door.hub.shutdown().await;
}

/// promise: V-02. A token that is not from this provider, for this hub and this sign-in, signs in
/// nobody.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_not_for_this_sign_in_is_refused() {
    let door = Door::new().await;
    door.link().await;
    for fault in [
        ProviderFault::OtherNonce,
        ProviderFault::OtherAudience,
        ProviderFault::OtherIssuer,
        ProviderFault::Expired,
        ProviderFault::OtherKey,
        ProviderFault::Unsigned,
    ] {
        door.provider.fault(fault);
        let refused = door.sign_in().await.expect_err("refused");
        assert_eq!(refused.code, "provider_refused", "{fault:?}");
    }
    door.provider.fault(ProviderFault::None);
    let question = door.begin().await;
    let (_, state) = door.provider.visit(&question.address).expect("let in");
    let guessed = door.finish(&state, "guessed", &question.binding).await;
    assert_eq!(guessed.expect_err("refused").code, "provider_refused");
    door.sign_in().await.expect("all is well");
    door.hub.shutdown().await;
}

/// promise: T-17. The provider's secret lies sealed, is never shown, and works after a restart.
#[tokio::test(flavor = "multi_thread")]
async fn the_provider_outlives_a_restart_and_its_secret_stays_sealed() {
    let door = Door::new().await;
    door.link().await;
    let view = door.hub.provider(&door.managing()).expect("set");
    assert!(view.has_secret);
    let told = serde_json::to_string(&view).expect("JSON");
    assert!(!told.contains("simulated secret"), "{told}");
    let Door { home, hub, anna, provider } = door;
    hub.shutdown().await;
    drop(hub);
    let hub = home.start().await;
    let door = Door { home, hub, anna, provider };
    door.sign_in().await.expect("the same provider");
    for file in files_below(&door.home.data()) {
        let bytes = std::fs::read(&file).expect("readable");
        let found = bytes.windows(16).any(|window| window == b"simulated secret");
        assert!(!found, "{}", file.display());
    }
    door.hub.remove_provider(&door.managing()).await.expect("removed");
    let gone = door.hub.begin_provider_sign_in(RETURN, &peer()).await;
    assert_eq!(gone.expect_err("removed").code, "no_provider");
    door.hub.shutdown().await;
}

/// promise: T-08. A provider is kept only after it answered, by a certificate that is trusted.
#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_does_not_answer_as_one_is_not_kept() {
    let door = Door::new().await;
    let grant = door.managing();
    let set = async |change: &dyn Fn(&mut NewProvider)| {
        let mut settings = door.settings();
        change(&mut settings);
        door.hub.set_provider(&grant, settings).await.expect_err("refused").code
    };
    assert_eq!(set(&|new| new.certificate = None).await, "provider_not_trusted");
    assert_eq!(
        set(&|new| new.certificate = Some(Fingerprint([7; 32]))).await,
        "provider_not_trusted"
    );
    assert_eq!(set(&|new| new.issuer += "/realms/other").await, "provider_wrong");
    assert_eq!(set(&|new| new.issuer = "http://127.0.0.1".into()).await, "bad_provider");
    assert_eq!(set(&|new| new.issuer = "https://127.0.0.1:9".into()).await, "provider_unreachable");
    assert_eq!(set(&|new| new.name = "a\nb".into()).await, "bad_provider");
    door.link().await;
    door.sign_in().await.expect("the provider before is in force");
    door.hub.shutdown().await;
}
