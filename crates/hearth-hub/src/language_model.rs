//! A language model of the administrator's choice, for drafts of rules and descriptions of events; off
//! unless somebody switches it on.
//!
//! It is an endpoint that speaks the protocol of `chat/completions`. Names of people go along only if the
//! house says so, pictures only if the house says that too. What comes back is input from outside. Off
//! means that no connection is made (promise K-10).

#[cfg(test)]
mod tests;
mod veil;

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hearth_auth::{Denied, HouseGrant, Principal, ask};
use hearth_http::{HeaderMap, HeaderValue, Method, header};
use hearth_model::FaultKind;
use hearth_rules::Known;
use hearth_secret::{SecretBytes, SecretString};
use hearth_store::{Store, StoreError};
use hearth_vault::{KeyScope, Vault};
use serde_json::{Value, json};

pub(crate) use self::veil::Veil;
use crate::{
    Hub,
    error::{Result, UseCaseError},
    identity::store_error,
    place::{Place, client_for, host_of, is_url, place_of},
};

/// Setting that holds it.
const SETTING: &str = "rule_drafting";

/// Context under which its key is sealed.
const CONTEXT: &[u8] = b"rule drafting key v1";

/// Somebody waits in front of a page meanwhile.
const DEADLINE: Duration = Duration::from_secs(20);

/// A rule has some kilobytes, and models like to talk.
const ANSWER_BYTES_MAX: usize = 64 << 10;

/// Longer than any name of a model.
const MODEL_CHARACTERS_MAX: usize = 100;

/// Longer than any key.
const KEY_BYTES_MAX: usize = 1024;

/// Whether a model may be asked, and which.
#[derive(Clone, Debug, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDrafting {
    /// Whether anything is ever sent.
    pub is_on: bool,
    /// Where; `/chat/completions` is put behind it. `https`, or `http` to this very machine.
    pub url: String,
    /// Which model.
    pub model: String,
    /// The key that is shown to it; `null` takes it away, without it the key stays while the host
    /// does.
    #[serde(default, deserialize_with = "crate::patch::given")]
    #[schema(value_type = Option<String>)]
    pub key: Option<Option<SecretString>>,
    /// Whether names of people go along; otherwise they are replaced.
    pub may_name_people: bool,
    /// Whether it may be asked what an event was: its facts are sent then.
    #[serde(default)]
    pub may_describe_events: bool,
    /// Whether the picture of such an event goes along.
    #[serde(default)]
    pub may_see_pictures: bool,
}

/// The same without the key, which is never shown.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(default)]
pub struct DraftingView {
    /// Whether anything is ever sent.
    pub is_on: bool,
    /// Where.
    pub url: String,
    /// Which model.
    pub model: String,
    /// Whether a key is kept.
    pub has_key: bool,
    /// Whether names of people go along.
    pub may_name_people: bool,
    /// Whether it may be asked what an event was.
    pub may_describe_events: bool,
    /// Whether the picture of such an event goes along.
    pub may_see_pictures: bool,
}

/// The model answered.
#[derive(Clone, Copy, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct DraftingTest {
    /// It did.
    pub ok: bool,
    /// How long that took, in milliseconds.
    pub ms: u64,
}

/// Why there is no draft by the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ModelError {
    /// There is no connection, or none that is safe.
    Unreachable,
    /// It does not want to.
    Refused,
    /// It takes too long.
    TooSlow,
    /// It says too much.
    TooLong,
    /// What it says is no rule of this house.
    NotUnderstood,
}

/// As it is kept.
#[derive(Default, serde::Serialize, serde::Deserialize)]
struct Kept {
    #[serde(flatten)]
    shown: DraftingView,
    sealed_key: Option<Vec<u8>>,
}

/// What is set, with the key opened.
#[derive(Clone, Default)]
pub(crate) struct Endpoint {
    pub(crate) shown: DraftingView,
    key: Option<SecretString>,
}

/// What it is asked.
#[derive(Clone, Copy)]
pub(crate) struct Question<'a> {
    pub(crate) text: &'a str,
    /// A JPEG.
    pub(crate) picture: Option<&'a [u8]>,
}

impl Question<'_> {
    /// A text alone is a text; with a picture it is a list of parts.
    fn content(&self) -> Value {
        let Some(jpeg) = self.picture else { return json!(self.text) };
        let url = format!("data:image/jpeg;base64,{}", STANDARD.encode(jpeg));
        json!([
            { "type": "text", "text": self.text },
            { "type": "image_url", "image_url": { "url": url } },
        ])
    }
}

/// The endpoint of the running house.
pub(crate) struct LanguageModel(RwLock<Arc<Endpoint>>);

impl LanguageModel {
    /// With what was set. A key that does not open switches it off: nothing is sent without it.
    pub(crate) async fn open(
        store: &Store,
        vault: &Vault,
    ) -> std::result::Result<Self, StoreError> {
        let kept: Kept = store.setting(SETTING).await?.unwrap_or_default();
        let key = kept.sealed_key.as_deref().map(|sealed| opened(vault, sealed));
        let mut shown = kept.shown;
        if matches!(key, Some(None)) {
            tracing::warn!("the key of the language model does not open; it is off");
            shown.is_on = false;
        }
        let key = key.flatten();
        shown.has_key = key.is_some();
        let endpoint = Endpoint { shown, key };
        Ok(Self(RwLock::new(Arc::new(endpoint))))
    }

    fn endpoint(&self) -> Arc<Endpoint> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The endpoint, if it may be asked.
    pub(crate) fn if_on(&self) -> Option<Arc<Endpoint>> {
        Some(self.endpoint()).filter(|endpoint| endpoint.shown.is_on)
    }

    /// Host and port to which connections are expected.
    pub(crate) fn host(&self) -> Option<(String, u16)> {
        host_of(&self.if_on()?.shown.url)
    }

    /// The host, if it is on and not in the own network.
    pub(crate) fn host_outside(&self) -> Option<String> {
        let (host, _) = self.host()?;
        (place_of(&host) == Place::Outside).then_some(host)
    }

    /// What of events is sent there, in words for `doctor`.
    pub(crate) fn events_told(&self) -> &'static str {
        let shown = &self.endpoint().shown;
        match (shown.may_describe_events, shown.may_see_pictures) {
            (false, _) => "",
            (true, false) => "; so are the facts of an event that somebody wants described",
            (true, true) => "; so are facts and picture of an event that somebody wants described",
        }
    }
}

fn opened(vault: &Vault, sealed: &[u8]) -> Option<SecretString> {
    let plain = vault.unseal(&KeyScope::House, CONTEXT, sealed).ok()?;
    let text = std::str::from_utf8(plain.expose()).ok()?;
    Some(SecretString::new(text.to_owned()))
}

impl NewDrafting {
    fn check(&self) -> Result<()> {
        let bad = |code, text| Err(UseCaseError::bad_input(code, text));
        if self.url.is_empty() && self.model.is_empty() && !self.is_on {
            return Ok(());
        }
        if !is_url(&self.url) {
            let text = "The address begins with https:// and names a host, without a password, ? or \
                        #. Only this very machine may be asked by http://.";
            return bad("bad_url", text);
        }
        let is_line = |text: &str| !text.trim().is_empty() && !text.chars().any(char::is_control);
        if !is_line(&self.model) || self.model.chars().count() > MODEL_CHARACTERS_MAX {
            return bad("bad_model", "A model is named in one line of 1 to 100 characters.");
        }
        let is_key = |key: &SecretString| {
            let key = key.expose();
            (1..=KEY_BYTES_MAX).contains(&key.len())
                && key.bytes().all(|byte| byte.is_ascii_graphic())
        };
        if !self.key.iter().flatten().all(is_key) {
            return bad("bad_key", "A key has 1 to 1024 letters, digits and signs.");
        }
        Ok(())
    }
}

impl Hub {
    /// Whether drafts may be asked of a model, and of which.
    pub fn rule_drafting(&self, _grant: &HouseGrant<ask::ManageRules>) -> DraftingView {
        self.house().language_model.endpoint().shown.clone()
    }

    /// Changes that. A key that was typed for one host is never shown to another.
    ///
    /// # Errors
    /// `bad_url`, `bad_model`, `bad_key`; `not_a_person` for a program: people decide what leaves the
    /// house.
    pub async fn set_rule_drafting(
        &self,
        grant: &HouseGrant<ask::ManageRules>,
        new: NewDrafting,
    ) -> Result<DraftingView> {
        if matches!(grant.principal(), Principal::Machine { .. }) {
            return Err(Denied::NotAPerson.into());
        }
        new.check()?;
        let house = self.house();
        let before = house.language_model.endpoint();
        let is_same_host = host_of(&before.shown.url) == host_of(&new.url);
        let key = new.key.unwrap_or_else(|| before.key.clone().filter(|_| is_same_host));
        let seal = |key: &SecretString| {
            house.vault.seal(&KeyScope::House, CONTEXT, key.expose().as_bytes())
        };
        let sealed_key = key.as_ref().map(seal).transpose();
        let sealed_key = sealed_key.map_err(|error| UseCaseError::internal(&error))?;
        let shown = DraftingView {
            is_on: new.is_on,
            url: new.url,
            model: new.model,
            has_key: key.is_some(),
            may_name_people: new.may_name_people,
            may_describe_events: new.may_describe_events,
            may_see_pictures: new.may_see_pictures,
        };
        let kept = Kept { shown: shown.clone(), sealed_key };
        house.store.put_setting(SETTING, &kept).await.map_err(store_error)?;
        let endpoint = Arc::new(Endpoint { shown: shown.clone(), key });
        *house.language_model.0.write().unwrap_or_else(PoisonError::into_inner) = endpoint;
        house.keep_snapshot().await;
        Ok(shown)
    }

    /// Asks the model for a word, to see that it answers.
    ///
    /// # Errors
    /// `drafting_off`; else one of [`ModelError`]'s codes.
    pub async fn test_rule_drafting(
        &self,
        _grant: &HouseGrant<ask::ManageRules>,
    ) -> Result<DraftingTest> {
        let endpoint = self.house().language_model.if_on().ok_or_else(switched_off)?;
        let begun = Instant::now();
        let question = Question { text: "Are you there?", picture: None };
        endpoint.ask("Answer with the word yes.", question).await?;
        let ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(DraftingTest { ok: true, ms })
    }
}

/// Nobody is asked anything.
pub(crate) fn switched_off() -> UseCaseError {
    let text = "The language model is switched off, and so nothing is sent.";
    UseCaseError::new(FaultKind::Conflict, "drafting_off", text)
}

impl From<ModelError> for UseCaseError {
    fn from(error: ModelError) -> Self {
        let (code, text) = match error {
            ModelError::Unreachable => ("unreachable", "There is no safe connection to the model."),
            ModelError::Refused => ("refused", "The model's service refuses. Is the key right?"),
            ModelError::TooSlow => ("too_slow", "The model does not answer in time."),
            ModelError::TooLong => ("too_long", "The model's answer is too long."),
            ModelError::NotUnderstood => ("not_understood", "What answers there is no such model."),
        };
        UseCaseError::unavailable(code, text)
    }
}

impl Endpoint {
    /// Where it is, for the audit log.
    pub(crate) fn host(&self) -> String {
        host_of(&self.shown.url).map_or_else(String::new, |(host, _)| host)
    }

    /// What hides people from it, if the house wants that.
    pub(crate) fn veil(&self, known: &Known) -> Veil {
        if self.shown.may_name_people { Veil::none() } else { Veil::over(known) }
    }

    /// One question, and the text of the answer.
    pub(crate) async fn ask(
        &self,
        instructions: &str,
        question: Question<'_>,
    ) -> std::result::Result<String, ModelError> {
        self.ask_within(DEADLINE, instructions, question).await
    }

    async fn ask_within(
        &self,
        deadline: Duration,
        instructions: &str,
        question: Question<'_>,
    ) -> std::result::Result<String, ModelError> {
        let messages = json!([
            { "role": "system", "content": instructions },
            { "role": "user", "content": question.content() },
        ]);
        let body = json!({ "model": self.shown.model, "messages": messages, "stream": false });
        let url = format!("{}/chat/completions", self.shown.url.trim_end_matches('/'));
        let headers = self.headers()?;
        let client = client_for(&self.shown.url).deadline(deadline);
        let client = client.body_bytes_max(ANSWER_BYTES_MAX).build();
        let asked = client.request(Method::POST, &url, headers, body.to_string());
        let answer = asked.await.map_err(|error| match error {
            hearth_http::Error::TimedOut => ModelError::TooSlow,
            hearth_http::Error::TooLarge => ModelError::TooLong,
            _ => ModelError::Unreachable,
        })?;
        if !answer.status.is_success() {
            return Err(ModelError::Refused);
        }
        let answer: Option<Value> = serde_json::from_slice(&answer.body).ok();
        let text = answer.as_ref().and_then(|all| all["choices"][0]["message"]["content"].as_str());
        text.map(str::to_owned).ok_or(ModelError::NotUnderstood)
    }

    fn headers(&self) -> std::result::Result<HeaderMap, ModelError> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(key) = &self.key {
            let bearer = SecretBytes::new(format!("Bearer {}", key.expose()).into_bytes());
            let value = HeaderValue::from_bytes(bearer.expose());
            let mut value = value.map_err(|_| ModelError::Refused)?;
            value.set_sensitive(true);
            headers.insert(header::AUTHORIZATION, value);
        }
        Ok(headers)
    }
}
