//! Drafts by a language model of the administrator's choice; off unless somebody switches it on.
//!
//! A sentence is read by the fixed grammar first. Only if that leaves something over, somebody asks
//! for more, and the house allows it, the sentence goes to an endpoint that speaks the protocol of
//! `chat/completions`, together with what rules of this house can speak of: names of cameras, zones,
//! devices and channels, names of people only if the house says so, pictures never. What comes back
//! is input from outside: it is read and checked like any rule that is sent, it is a draft that is
//! switched off, and a person decides. Off means that no connection is made (promise K-10).

mod place;
#[cfg(test)]
mod tests;

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use hearth_audit::Class;
use hearth_auth::{Denied, HouseGrant, Principal, ask};
use hearth_http::{Client, HeaderMap, HeaderValue, Method, Trust, header};
use hearth_model::{FaultKind, Severity};
use hearth_rules::{
    Known, Rule,
    analysis::{Level, check},
};
use hearth_secret::{SecretBytes, SecretString};
use hearth_store::{Store, StoreError};
use hearth_vault::{KeyScope, Vault};
use serde_json::{Value, json};

use self::place::{Place, addresses_of, host_of, is_url, place_of};
use super::veil::Veil;
use crate::{
    Hub,
    error::{Result, UseCaseError},
    house::House,
    identity::store_error,
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

/// What the model is told before anything else.
const INSTRUCTIONS: &str = include_str!("drafting.txt");

/// Whether drafts may be asked of a model, and of which.
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
}

/// The same without the key, which is never shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
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
    is_on: bool,
    url: String,
    model: String,
    sealed_key: Option<Vec<u8>>,
    may_name_people: bool,
}

/// What is set, with the key opened.
#[derive(Clone, Default)]
struct Endpoint {
    is_on: bool,
    url: String,
    model: String,
    key: Option<SecretString>,
    may_name_people: bool,
}

/// The endpoint of the running house.
pub(crate) struct Drafting(RwLock<Arc<Endpoint>>);

impl Drafting {
    /// With what was set. A key that does not open switches it off: nothing is sent without it.
    pub(crate) async fn open(
        store: &Store,
        vault: &Vault,
    ) -> std::result::Result<Self, StoreError> {
        let kept: Kept = store.setting(SETTING).await?.unwrap_or_default();
        let Kept { is_on, url, model, sealed_key, may_name_people } = kept;
        let key = sealed_key.as_deref().map(|sealed| opened(vault, sealed));
        let is_lost = matches!(key, Some(None));
        if is_lost {
            tracing::warn!("the key of the model that drafts rules does not open; it is off");
        }
        let is_on = is_on && !is_lost;
        let endpoint = Endpoint { is_on, url, model, key: key.flatten(), may_name_people };
        Ok(Self(RwLock::new(Arc::new(endpoint))))
    }

    fn endpoint(&self) -> Arc<Endpoint> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Host and port to which connections are expected.
    pub(crate) fn host(&self) -> Option<(String, u16)> {
        let endpoint = self.endpoint();
        endpoint.is_on.then(|| host_of(&endpoint.url)).flatten()
    }

    /// The host, if it is on and not in the own network.
    pub(crate) fn host_outside(&self) -> Option<String> {
        let (host, _) = self.host()?;
        (place_of(&host) == Place::Outside).then_some(host)
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
        self.house().drafting.endpoint().view()
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
        let NewDrafting { is_on, url, model, key, may_name_people } = new;
        let before = house.drafting.endpoint();
        let is_same_host = host_of(&before.url) == host_of(&url);
        let key = key.unwrap_or_else(|| before.key.clone().filter(|_| is_same_host));
        let seal = |key: &SecretString| {
            house.vault.seal(&KeyScope::House, CONTEXT, key.expose().as_bytes())
        };
        let sealed_key = key.as_ref().map(seal).transpose();
        let sealed_key = sealed_key.map_err(|error| UseCaseError::internal(&error))?;
        let (to, named) = (url.clone(), model.clone());
        let kept = Kept { is_on, url: to, model: named, sealed_key, may_name_people };
        house.store.put_setting(SETTING, &kept).await.map_err(store_error)?;
        let endpoint = Arc::new(Endpoint { is_on, url, model, key, may_name_people });
        let view = endpoint.view();
        *house.drafting.0.write().unwrap_or_else(PoisonError::into_inner) = endpoint;
        house.keep_snapshot().await;
        Ok(view)
    }

    /// Asks the model for a word, to see that it answers.
    ///
    /// # Errors
    /// `drafting_off`; else one of [`ModelError`]'s codes.
    pub async fn test_rule_drafting(
        &self,
        _grant: &HouseGrant<ask::ManageRules>,
    ) -> Result<DraftingTest> {
        let endpoint = self.house().drafting.endpoint();
        if !endpoint.is_on {
            let text = "Drafts by a model are switched off, and so nothing is sent.";
            return Err(UseCaseError::new(FaultKind::Conflict, "drafting_off", text));
        }
        let begun = Instant::now();
        endpoint.ask("Answer with the word yes.", "Are you there?").await.map_err(told)?;
        let ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(DraftingTest { ok: true, ms })
    }
}

fn told(error: ModelError) -> UseCaseError {
    let (code, text) = match error {
        ModelError::Unreachable => ("unreachable", "There is no safe connection to the model."),
        ModelError::Refused => ("refused", "The model's service refuses. Is the key right?"),
        ModelError::TooSlow => ("too_slow", "The model does not answer in time."),
        ModelError::TooLong => ("too_long", "The model's answer is too long."),
        ModelError::NotUnderstood => ("not_understood", "What answers there is no such model."),
    };
    UseCaseError::unavailable(code, text)
}

impl House {
    /// A draft by the model; `None` if it is off.
    pub(super) async fn draft_by_model(
        &self,
        text: &str,
        known: &Known,
    ) -> Option<std::result::Result<Rule, ModelError>> {
        let endpoint = self.drafting.endpoint();
        if !endpoint.is_on {
            return None;
        }
        let host = host_of(&endpoint.url).map_or_else(String::new, |(host, _)| host);
        let detail = format!("a sentence was sent to {host}");
        self.record_own(Class::System, "rule_drafted_by_model", Severity::Info, detail);
        Some(endpoint.draft(text, known).await)
    }
}

impl Endpoint {
    fn view(&self) -> DraftingView {
        DraftingView {
            is_on: self.is_on,
            url: self.url.clone(),
            model: self.model.clone(),
            has_key: self.key.is_some(),
            may_name_people: self.may_name_people,
        }
    }

    async fn draft(&self, text: &str, known: &Known) -> std::result::Result<Rule, ModelError> {
        let veil = if self.may_name_people { Veil::none() } else { Veil::over(known) };
        let question = json!({ "house": vocabulary(known, &veil), "sentence": veil.cover(text) });
        let answer = self.ask(INSTRUCTIONS, &question.to_string()).await?;
        rule_in(&answer, known, &veil).ok_or(ModelError::NotUnderstood)
    }

    /// One question, and the text of the answer.
    async fn ask(
        &self,
        instructions: &str,
        question: &str,
    ) -> std::result::Result<String, ModelError> {
        self.ask_within(DEADLINE, instructions, question).await
    }

    async fn ask_within(
        &self,
        deadline: Duration,
        instructions: &str,
        question: &str,
    ) -> std::result::Result<String, ModelError> {
        let messages = json!([
            { "role": "system", "content": instructions },
            { "role": "user", "content": question },
        ]);
        let body = json!({ "model": self.model, "messages": messages, "stream": false });
        let url = format!("{}/chat/completions", self.url.trim_end_matches('/'));
        let (client, headers) = (self.client(deadline), self.headers()?);
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

    fn client(&self, deadline: Duration) -> Client {
        let place = host_of(&self.url).map_or(Place::Outside, |(host, _)| place_of(&host));
        let client = Client::builder()
            .deadline(deadline)
            .trust(Trust::Roots)
            .address_policy(addresses_of(place))
            .body_bytes_max(ANSWER_BYTES_MAX);
        match place {
            Place::ThisMachine => client.allow_plain_http().build(),
            Place::OwnNetwork | Place::Outside => client.build(),
        }
    }
}

/// What the model may speak of, with ids. Never credentials, addresses or pictures.
fn vocabulary(known: &Known, veil: &Veil) -> Value {
    let thing = |id: &dyn std::fmt::Display, name: &str| json!({ "id": id.to_string(), "name": veil.cover(name) });
    let cameras = known.cameras.iter().map(|camera| {
        let zones = camera.zones.iter().map(|(id, name)| thing(id, name));
        let mut told = thing(&camera.id, &camera.name);
        told["zones"] = zones.collect();
        told["presets"] = camera.presets.iter().map(|name| json!(veil.cover(name))).collect();
        told
    });
    let devices = known.devices.iter().map(|device| {
        let mut told = thing(&device.id, &device.name);
        told["controls"] = json!(device.controls);
        told["readings"] = json!(device.readings);
        told
    });
    json!({
        "cameras": cameras.collect::<Value>(),
        "devices": devices.collect::<Value>(),
        "people": known.people.iter().map(|(id, name)| thing(id, name)).collect::<Value>(),
        "groups": known.groups.iter().map(|one| thing(&one.id, &one.name)).collect::<Value>(),
        "recipients": known.recipients.iter().map(|(id, name)| thing(id, name)).collect::<Value>(),
        "channels": known.channels.iter().map(|(id, name)| thing(id, name)).collect::<Value>(),
        "labels": known.labels.iter().map(ToString::to_string).collect::<Value>(),
    })
}

/// The rule in an answer, switched off; `None` if there is none that could work in this house.
fn rule_in(answer: &str, known: &Known, veil: &Veil) -> Option<Rule> {
    // Models put JSON between fences, or a word before it.
    let json = answer.get(answer.find('{')?..=answer.rfind('}')?)?;
    let mut value: Value = serde_json::from_str(json).ok()?;
    veil.lift_all(&mut value);
    let rule = Rule::from_json(value.to_string().as_bytes()).ok()?;
    let rule = Rule { is_on: false, ..rule };
    let is_wrong = check(&rule, known).iter().any(|finding| finding.level == Level::Error);
    (!is_wrong).then_some(rule)
}
