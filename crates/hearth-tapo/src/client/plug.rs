//! A client of one plug, whatever it speaks.

mod session;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use serde_json::Value;
use tokio::time::timeout;

use self::session::State;
use super::{CALL_TIMEOUT, TrustStore};
use crate::{
    Code, Failure, Minutes, OutOfRange, Security, Switch, TapoError,
    call::{Call, Envelope},
    plug::{Energy, PlugFacts, Power, Rule, Schedule, iot, smart},
    transport::{Account, pass_through::PasswordForm},
};

/// Pages of schedules; a plug keeps 32.
const PAGES_MAX: usize = 8;

/// What a plug speaks on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlugProtocol {
    /// KLAP of either version.
    Klap,
    /// The AES pass-through.
    PassThrough(PasswordForm),
    /// XOR on TCP 9999, without any login.
    Xor,
}

/// The command language inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// That of Tapo plugs.
    Smart,
    /// That of Kasa plugs.
    Iot,
}

/// Which plug.
#[derive(Clone, Debug)]
pub struct PlugSpec {
    /// Its name in errors and in the [`TrustStore`].
    pub device: String,
    /// Its address or host name.
    pub host: String,
    /// 80 for HTTP, 4433 for HTTPS, 9999 for XOR, unless it announced another one.
    pub port: u16,
    /// What it speaks.
    pub protocol: PlugProtocol,
    /// The command language.
    pub language: Language,
    /// Whether it takes TLS.
    pub https: bool,
    /// The vendor's account; XOR needs none.
    pub account: Account,
    /// Whether a plug that nobody set up may be opened with the account that everybody knows.
    pub may_use_factory_account: bool,
}

impl PlugSpec {
    /// A Tapo plug with KLAP.
    pub fn klap(host: impl Into<String>, account: Account) -> Self {
        let host = host.into();
        Self {
            device: host.clone(),
            host,
            port: 80,
            protocol: PlugProtocol::Klap,
            language: Language::Smart,
            https: false,
            account,
            may_use_factory_account: false,
        }
    }

    /// A Kasa plug with XOR.
    pub fn xor(host: impl Into<String>) -> Self {
        Self {
            port: crate::transport::xor::PORT,
            protocol: PlugProtocol::Xor,
            language: Language::Iot,
            ..Self::klap(host, Account::new("", ""))
        }
    }
}

/// Talks to one plug. Calls from several tasks are sent one after the other.
pub struct PlugClient {
    spec: PlugSpec,
    trust: Arc<dyn TrustStore>,
    state: tokio::sync::Mutex<State>,
    security: Mutex<Option<Security>>,
    terminal: String,
}

impl PlugClient {
    /// Does not connect yet.
    pub fn new(spec: PlugSpec, trust: Arc<dyn TrustStore>) -> Self {
        let state = tokio::sync::Mutex::new(State::new(spec.account.clone()));
        // Identifies the client towards the device; nothing depends on it.
        let random = super::random::<16>().unwrap_or_default();
        let terminal = crate::cipher::base64(&random);
        Self { spec, trust, state, security: Mutex::new(None), terminal }
    }

    /// Sends a call in the language of Tapo plugs.
    pub async fn smart<T>(&self, call: &smart::SmartCall<T>) -> Result<T, TapoError> {
        let time_ms = std::time::SystemTime::UNIX_EPOCH
            .elapsed()
            .map_or(0, |elapsed| u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX));
        let json = call.request().to_json(time_ms, &self.terminal);
        self.call(call, Language::Smart, &json).await
    }

    /// Sends a call in the language of Kasa plugs.
    pub async fn iot<T>(&self, call: &iot::IotCall<T>) -> Result<T, TapoError> {
        self.call(call, Language::Iot, &call.request().to_json()).await
    }

    /// What it is, and whether it is on.
    pub async fn facts(&self) -> Result<PlugFacts, TapoError> {
        match self.spec.language {
            Language::Smart => self.smart(&smart::facts()).await,
            Language::Iot => self.iot(&iot::facts()).await,
        }
    }

    /// Switches.
    pub async fn switch(&self, switch: Switch) -> Result<(), TapoError> {
        match self.spec.language {
            Language::Smart => self.smart(&smart::switch(switch)).await,
            Language::Iot => self.iot(&iot::switch(switch)).await,
        }
    }

    /// Lets the status light show or not.
    pub async fn set_led(&self, led: Switch) -> Result<(), TapoError> {
        match self.spec.language {
            Language::Smart => self.smart(&smart::set_led(led)).await,
            Language::Iot => self.iot(&iot::set_led(led)).await,
        }
    }

    /// What flows now, as finely as the plug measures.
    pub async fn power(&self) -> Result<Power, TapoError> {
        if self.spec.language == Language::Iot {
            return self.iot(&iot::power()).await;
        }
        for call in [smart::meter(), smart::energy_power()] {
            match self.smart(&call).await {
                Err(error) if lacks(&error.failure) => {}
                result => return result,
            }
        }
        self.smart(&smart::power()).await
    }

    /// What was used today and this month. `today` is the plug's date, year and month: the
    /// language of Kasa plugs asks for a month.
    pub async fn energy(&self, today: (u16, u8)) -> Result<Energy, TapoError> {
        if self.spec.language == Language::Smart {
            return self.smart(&smart::energy()).await;
        }
        let (year, month) = today;
        let refused = |refused: OutOfRange| Failure::from(refused).at(&*self.spec.device);
        let by_day = self.iot(&iot::energy_of_month(year, month).map_err(refused)?).await?;
        let by_month = self.iot(&iot::energy_of_year(year).map_err(refused)?).await?;
        Ok(Energy { by_month_wh: by_month.by_month_wh, ..by_day })
    }

    /// For how long it was switched on today, where it counts that.
    pub async fn runtime_today(&self) -> Result<Option<Minutes>, TapoError> {
        match self.spec.language {
            Language::Smart => Ok(self.smart(&smart::energy()).await?.today_runtime),
            Language::Iot => Ok(None),
        }
    }

    /// The schedules that it keeps.
    pub async fn schedules(&self) -> Result<Vec<Schedule>, TapoError> {
        if self.spec.language == Language::Iot {
            return self.iot(&iot::schedules()).await;
        }
        let mut all = Vec::new();
        for _ in 0..PAGES_MAX {
            let start = u16::try_from(all.len()).unwrap_or(u16::MAX);
            let (page, total) = self.smart(&smart::schedules(start)).await?;
            let is_last = page.is_empty();
            all.extend(page);
            if is_last || all.len() >= total {
                break;
            }
        }
        Ok(all)
    }

    /// Adds a schedule and returns the plug's name for it.
    pub async fn add_schedule(&self, rule: Rule) -> Result<String, TapoError> {
        match self.spec.language {
            Language::Smart => self.smart(&smart::add_schedule(rule)).await,
            Language::Iot => self.iot(&iot::add_schedule(rule)).await,
        }
    }

    /// Removes a schedule.
    pub async fn remove_schedule(&self, id: &str) -> Result<(), TapoError> {
        let refused = |refused: OutOfRange| Failure::from(refused).at(&*self.spec.device);
        match self.spec.language {
            Language::Smart => self.smart(&smart::remove_schedule(id).map_err(refused)?).await,
            Language::Iot => self.iot(&iot::remove_schedule(id).map_err(refused)?).await,
        }
    }

    /// Enters the account again, after a wrong password or a lock. Ends the session.
    pub async fn set_account(&self, account: Account) {
        *self.state.lock().await = State::new(account);
    }

    /// How the connection is protected; `None` before the first call.
    pub fn security(&self) -> Option<Security> {
        self.security.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Forgets session and connection (T-11).
    pub async fn close(&self) {
        self.state.lock().await.forget();
    }

    async fn call<R: Envelope, T>(
        &self,
        call: &Call<R, T>,
        language: Language,
        json: &Value,
    ) -> Result<T, TapoError> {
        let begun = Instant::now();
        let method = call.request().method();
        let result = if language == self.spec.language {
            let answered = timeout(CALL_TIMEOUT, self.exchange(json)).await;
            answered
                .unwrap_or(Err(Failure::Timeout("carrying out a command")))
                .and_then(|answer| call.read(&answer).map_err(Failure::from))
        } else {
            Err(Failure::Unsupported { method: method.to_owned() })
        };
        let (device, duration_ms) = (&*self.spec.device, begun.elapsed().as_millis() as u64);
        match &result {
            Ok(_) => tracing::debug!(device, method, duration_ms, "plug command done"),
            Err(failure) => {
                tracing::warn!(device, method, duration_ms, %failure, "plug command failed");
            }
        }
        result.map_err(|failure| failure.at(device))
    }
}

/// Whether another method may know what this one does not.
fn lacks(failure: &Failure) -> bool {
    matches!(failure, Failure::Unsupported { .. })
        // -1001, "unspecific": old firmware says so to methods it does not know. -1008: the same.
        || matches!(failure, Failure::Refused { code: Code(-1001 | -1008), .. })
        || matches!(failure, Failure::Malformed(_))
}
