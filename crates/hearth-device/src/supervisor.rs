//! Keeps one device: one task that asks it at its pace, carries out commands in between, and knows
//! when to stop asking.
//!
//! Every call has a deadline, and each device has a task of its own, so a dead one delays no other
//! (promise T-10). What fails is tried again with back-off. What only a person can mend is not:
//! after a wrong password, a lock, a changed certificate or a downgrade nothing is sent any more
//! until [`Supervised::set_account`] or [`Supervised::trust`] (promises N-06, K-01).

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use hearth_model::WallTime;
use serde_json::Value;
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
    time::{Instant, sleep_until, timeout},
};

use crate::{
    Account, ControlKind, ControlValue, DeviceError, DeviceState, Driver, Family, Fingerprint,
    Look, Loudspeaker, Setup, Standing,
    driver::{self, contain},
};

/// What tells the time.
pub type Clock = Arc<dyn Fn() -> WallTime + Send + Sync>;

/// Commands that wait for one device; more are refused, for nobody waits for them any more.
const COMMANDS_MAX: usize = 16;

/// After a command the device is asked again this soon: a plug's power follows its switch.
const LOOK_AFTER_COMMAND: Duration = Duration::from_secs(2);

/// How a device is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// How often.
    pub look_every: Duration,
    /// The first wait after a failure; each further one is twice as long.
    pub retry_min: Duration,
    /// The longest wait after failures.
    pub retry_max: Duration,
    /// A call that takes longer has failed.
    pub call_max: Duration,
    /// The first look comes within this time, so that a whole house does not ask at once.
    pub spread: Duration,
}

impl Pace {
    /// As it suits a family.
    pub fn of(family: Family) -> Self {
        Self {
            look_every: family.look_every(),
            retry_min: Duration::from_secs(5),
            // Whoever plugs a device in again sees it within this time.
            retry_max: Duration::from_secs(120),
            // A camera's handshake and login take up to 8 s; a sign-in with Netatmo about as long.
            call_max: Duration::from_secs(20),
            spread: Duration::from_millis(500),
        }
    }
}

enum Command {
    Set { key: String, value: ControlValue, reply: Reply },
    Act { key: String, arguments: Value, reply: Reply },
    OpenLoudspeaker { reply: Reply<Loudspeaker> },
    Account { account: Option<Account>, reply: Reply },
    Trust { fingerprint: Fingerprint, reply: Reply },
}

type Reply<T = ()> = oneshot::Sender<Result<T, DeviceError>>;

/// A device that is looked after until this is stopped or dropped.
pub struct Supervised {
    /// `None` once it is stopped.
    commands: Mutex<Option<mpsc::Sender<Command>>>,
    standing: watch::Receiver<Standing>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Supervised {
    /// Begins to look after a device.
    ///
    /// Must be called within a Tokio runtime.
    pub fn start(setup: Setup, pace: Pace, clock: Clock) -> Self {
        let (commands, inbox) = mpsc::channel(COMMANDS_MAX);
        let first = Standing::new(clock(), setup.memory.get());
        let (told, standing) = watch::channel(first);
        let wait = pace.spread.mul_f64(fraction());
        let next_look = Some(Instant::now() + wait);
        let keeper = Keeper { setup, pace, clock, driver: None, told, next_look, failures: 0 };
        let task = Mutex::new(Some(tokio::spawn(keeper.run(inbox))));
        Self { commands: Mutex::new(Some(commands)), standing, task }
    }

    /// What is known now.
    pub fn standing(&self) -> Standing {
        self.standing.borrow().clone()
    }

    /// Tells every change.
    pub fn changes(&self) -> watch::Receiver<Standing> {
        self.standing.clone()
    }

    /// Sets a control. Success means that the device acknowledged it. Dropping the future takes the
    /// command back, unless it is under way.
    ///
    /// # Errors
    /// See [`DeviceError`]; nothing was sent for those of its variants that say so.
    pub async fn set(&self, key: &str, value: ControlValue) -> Result<(), DeviceError> {
        let key = key.to_owned();
        self.ask(|reply| Command::Set { key, value, reply }).await
    }

    /// Does something once. See [`Supervised::set`].
    ///
    /// # Errors
    /// See [`DeviceError`].
    pub async fn act(&self, key: &str, arguments: Value) -> Result<(), DeviceError> {
        let key = key.to_owned();
        self.ask(|reply| Command::Act { key, arguments, reply }).await
    }

    /// Opens its loudspeaker.
    ///
    /// # Errors
    /// [`DeviceError::Unsupported`] of what has none; see [`DeviceError`].
    pub async fn open_loudspeaker(&self) -> Result<Loudspeaker, DeviceError> {
        self.ask(|reply| Command::OpenLoudspeaker { reply }).await
    }

    /// Enters the account again, and makes one attempt with it.
    ///
    /// # Errors
    /// What the attempt led to.
    pub async fn set_account(&self, account: Option<Account>) -> Result<(), DeviceError> {
        self.ask(|reply| Command::Account { account, reply }).await
    }

    /// Confirms a changed certificate: the one that the device shows now, and no other.
    ///
    /// # Errors
    /// [`DeviceError::CertificateChanged`] if it shows another one than was confirmed.
    pub async fn trust(&self, fingerprint: Fingerprint) -> Result<(), DeviceError> {
        self.ask(|reply| Command::Trust { fingerprint, reply }).await
    }

    /// Ends session and connection, and waits for that (promise T-11).
    pub async fn stop(&self) {
        drop(lock(&self.commands).take());
        let task = lock(&self.task).take();
        if let Some(task) = task {
            // A task that panicked has ended too.
            task.await.ok();
        }
    }

    async fn ask<T>(&self, command: impl FnOnce(Reply<T>) -> Command) -> Result<T, DeviceError> {
        let (reply, answer) = oneshot::channel();
        let commands = lock(&self.commands).clone().ok_or(DeviceError::Gone)?;
        let sent = commands.try_send(command(reply));
        // Whoever waits for an answer does not keep the device from being stopped.
        drop(commands);
        match sent {
            Ok(()) => answer.await.unwrap_or(Err(DeviceError::Gone)),
            Err(mpsc::error::TrySendError::Full(_)) => Err(DeviceError::Busy),
            Err(mpsc::error::TrySendError::Closed(_)) => Err(DeviceError::Gone),
        }
    }
}

/// The task of one device.
struct Keeper {
    setup: Setup,
    pace: Pace,
    clock: Clock,
    driver: Option<Box<dyn Driver>>,
    told: watch::Sender<Standing>,
    /// `None` while only a person can help.
    next_look: Option<Instant>,
    failures: u32,
}

impl Keeper {
    async fn run(mut self, mut inbox: mpsc::Receiver<Command>) {
        loop {
            let due = self.next_look;
            let command = tokio::select! {
                biased;
                command = inbox.recv() => command,
                () = wait_until(due) => {
                    // A command does not wait for a look: the look is begun anew afterwards.
                    tokio::select! {
                        biased;
                        command = inbox.recv() => command,
                        looked = self.look() => {
                            self.note(looked);
                            continue;
                        }
                    }
                }
            };
            match command {
                Some(command) => self.obey(command).await,
                None => break,
            }
        }
        if let Some(mut driver) = self.driver.take() {
            // A device that does not answer does not keep the hub from ending.
            timeout(self.pace.call_max, driver.close()).await.ok();
        }
    }

    async fn obey(&mut self, command: Command) {
        match command {
            Command::Set { key, value, mut reply } => {
                let done = tokio::select! {
                    biased;
                    () = reply.closed() => return,
                    done = self.set(&key, &value) => done,
                };
                if done.is_ok() {
                    self.acknowledged(&key, value);
                }
                self.answer(done, reply);
            }
            Command::Act { key, arguments, mut reply } => {
                let done = tokio::select! {
                    biased;
                    () = reply.closed() => return,
                    done = self.act(&key, &arguments) => done,
                };
                self.answer(done, reply);
            }
            Command::OpenLoudspeaker { mut reply } => {
                let opened = tokio::select! {
                    biased;
                    () = reply.closed() => return,
                    opened = self.open_loudspeaker() => opened,
                };
                // What is wrong with the device itself is found out when it is looked at.
                reply.send(opened).ok();
            }
            Command::Account { account, reply } => {
                self.setup.account = account;
                let tried = self.begin_anew().await;
                reply.send(tried).ok();
            }
            Command::Trust { fingerprint, reply } => {
                let confirmed = self.confirm(fingerprint).await;
                reply.send(confirmed).ok();
            }
        }
    }

    /// Tells how a command ended, and notes what that says about the device.
    fn answer(&mut self, done: Result<(), DeviceError>, reply: Reply) {
        match &done {
            Ok(()) => {
                self.failures = 0;
                self.next_look = Some(Instant::now() + LOOK_AFTER_COMMAND);
            }
            Err(error) if error.is_about_the_command() || *error == DeviceError::Busy => {}
            Err(DeviceError::Stopped(_)) => {}
            Err(error) => self.failed(error.clone()),
        }
        reply.send(done).ok();
    }

    /// A driver, the last one or a new one.
    async fn driver(&mut self) -> Result<&mut Box<dyn Driver>, DeviceError> {
        if self.driver.is_none() {
            self.driver = Some(driver::connect(&self.setup).await?);
        }
        self.driver.as_mut().ok_or(DeviceError::Gone)
    }

    async fn look(&mut self) -> Result<Look, DeviceError> {
        let call_max = self.pace.call_max;
        let look = async { self.driver().await?.look().await };
        timeout(call_max, contain(look)).await.unwrap_or(Err(DeviceError::Timeout))
    }

    async fn set(&mut self, key: &str, value: &ControlValue) -> Result<(), DeviceError> {
        self.check(key, Some(value)).await?;
        let call_max = self.pace.call_max;
        let set = async { self.driver().await?.set(key, value).await };
        timeout(call_max, contain(set)).await.unwrap_or(Err(DeviceError::Timeout))
    }

    async fn act(&mut self, key: &str, arguments: &Value) -> Result<(), DeviceError> {
        self.check(key, None).await?;
        let call_max = self.pace.call_max;
        let act = async { self.driver().await?.act(key, arguments).await };
        timeout(call_max, contain(act)).await.unwrap_or(Err(DeviceError::Timeout))
    }

    async fn open_loudspeaker(&mut self) -> Result<Loudspeaker, DeviceError> {
        self.is_stopped()?;
        let call_max = self.pace.call_max;
        let open = async { self.driver().await?.open_loudspeaker().await };
        timeout(call_max, contain(open)).await.unwrap_or(Err(DeviceError::Timeout))
    }

    /// Whether a command may be sent: the device may be asked, and it has that control (promise
    /// K-02). One that nobody looked at yet is looked at first.
    async fn check(&mut self, key: &str, value: Option<&ControlValue>) -> Result<(), DeviceError> {
        self.is_stopped()?;
        if self.told.borrow().look.is_none() || self.driver.is_none() {
            let looked = self.look().await;
            let failure = looked.as_ref().err().cloned();
            self.note(looked);
            failure.map_or(Ok(()), Err)?;
        }
        let standing = self.told.borrow();
        let control = standing.control(key).ok_or(DeviceError::NoSuchControl)?;
        match value {
            Some(value) => control.check(value),
            None if control.kind == ControlKind::Action => Ok(()),
            None => Err(DeviceError::NoSuchControl),
        }
    }

    fn is_stopped(&self) -> Result<(), DeviceError> {
        let failure = self.told.borrow().failure.clone();
        match failure.filter(|_| self.next_look.is_none()) {
            Some(failure) => Err(DeviceError::Stopped(Box::new(failure))),
            None => Ok(()),
        }
    }

    fn acknowledged(&mut self, key: &str, value: ControlValue) {
        let now = (self.clock)();
        self.told.send_modify(|standing| {
            let controls = standing.look.iter_mut().flat_map(|look| &mut look.controls);
            for control in controls.filter(|control| control.key == key) {
                (control.value, control.as_of) = (Some(value.clone()), Some(now));
            }
            standing.answered_at = Some(now);
            standing.failure = None;
            standing.enter(DeviceState::Answering, now);
        });
    }

    /// One attempt with what was entered.
    async fn begin_anew(&mut self) -> Result<(), DeviceError> {
        self.driver = None;
        self.failures = 0;
        let looked = self.look().await;
        let failure = looked.as_ref().err().cloned();
        self.note(looked);
        failure.map_or(Ok(()), Err)
    }

    async fn confirm(&mut self, fingerprint: Fingerprint) -> Result<(), DeviceError> {
        let failure = self.told.borrow().failure.clone();
        let Some(DeviceError::CertificateChanged { shown, .. }) = &failure else {
            return Err(DeviceError::Refused("its certificate did not change".to_owned()));
        };
        if *shown != fingerprint {
            return Err(failure.unwrap_or(DeviceError::Gone));
        }
        let before = self.setup.memory.get();
        self.setup.memory.update(|memory| memory.certificate = Some(fingerprint));
        let tried = self.begin_anew().await;
        if matches!(tried, Err(DeviceError::CertificateChanged { .. })) {
            // Yet another one: the person confirmed something that is not there any more.
            self.setup.memory.update(|memory| memory.certificate = before.certificate);
        }
        let memory = self.setup.memory.get();
        self.told.send_modify(|standing| standing.memory = memory);
        tried
    }

    fn note(&mut self, looked: Result<Look, DeviceError>) {
        match looked {
            Ok(look) => {
                self.failures = 0;
                self.next_look = Some(Instant::now() + self.pace.look_every);
                let (now, memory) = ((self.clock)(), self.setup.memory.get());
                self.told.send_modify(|standing| {
                    standing.memory = memory;
                    standing.answered(look, now);
                });
            }
            Err(error) => self.failed(error),
        }
    }

    fn failed(&mut self, error: DeviceError) {
        let (name, family) = (&self.setup.name, self.setup.family.name());
        // promise: K-06. Nothing secret is in an error.
        tracing::warn!(device = name, family, %error, "a device does not do what it should");
        if error == DeviceError::Crashed {
            // Whatever state it was in when it failed.
            self.driver = None;
        }
        self.next_look = if error.needs_person() {
            // Nothing of a session that is not trusted any more is used again.
            self.driver = None;
            None
        } else {
            let doubled = self.pace.retry_min.saturating_mul(1 << self.failures.min(16));
            let wait = doubled.min(self.pace.retry_max);
            self.failures = self.failures.saturating_add(1);
            // Between three quarters and all of it: devices that failed together return apart.
            Some(Instant::now() + wait.mul_f64(0.75 + fraction() / 4.0))
        };
        let now = (self.clock)();
        self.told.send_modify(|standing| {
            if error != DeviceError::Busy {
                standing.enter(DeviceState::of(&error), now);
                standing.failure = Some(error);
            }
        });
    }
}

/// A lock whose holder panicked still holds plain data.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Never, if there is no time to wait for.
async fn wait_until(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => std::future::pending().await,
    }
}

/// Between 0 and 1. Without randomness devices only lose their jitter.
fn fraction() -> f64 {
    f64::from(getrandom::u32().unwrap_or(0)) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use hearth_model::AddressPolicy;

    use super::*;
    use crate::{Asking, KernelBoard, MemoryCell, Notices};

    /// A driver with a bug.
    struct Buggy;

    impl Driver for Buggy {
        #[expect(clippy::panic, reason = "that is the bug")]
        fn look(&mut self) -> Asking<'_, Look> {
            Box::pin(async { panic!("a bug") })
        }

        fn set<'a>(&'a mut self, _: &'a str, _: &'a ControlValue) -> Asking<'a, ()> {
            Box::pin(std::future::ready(Ok(())))
        }

        fn act<'a>(&'a mut self, _: &'a str, _: &'a Value) -> Asking<'a, ()> {
            Box::pin(std::future::ready(Ok(())))
        }

        fn close(&mut self) -> Asking<'_, ()> {
            Box::pin(std::future::ready(Ok(())))
        }
    }

    /// promise: D-18. A driver that panics is one device's failure: it shows, and the driver is made
    /// anew after a pause.
    #[tokio::test]
    async fn a_panic_of_a_driver_shows_and_is_tried_again() {
        let setup = Setup {
            name: "it".to_owned(),
            family: Family::TapoPlug,
            address: "127.0.0.1:9".parse().expect("an address"),
            account: Some(Account { username: "me".to_owned(), password: "secret".into() }),
            memory: MemoryCell::default(),
            addresses: AddressPolicy::DEVICES.with_this_machine(),
            keepsake: None,
            board: Arc::new(KernelBoard),
            notices: Notices::default(),
        };
        let clock: Clock = Arc::new(|| WallTime::from_micros(7));
        let (told, standing) = watch::channel(Standing::new(clock(), setup.memory.get()));
        let pace = Pace { retry_min: Duration::ZERO, ..Pace::of(setup.family) };
        let next_look = Some(Instant::now());
        let driver: Option<Box<dyn Driver>> = Some(Box::new(Buggy));
        let keeper = Keeper { setup, pace, clock, driver, told, next_look, failures: 0 };
        let (_commands, inbox) = mpsc::channel(COMMANDS_MAX);
        let task = tokio::spawn(keeper.run(inbox));
        let mut seen = standing;
        let crashed = |now: &Standing| now.failure == Some(DeviceError::Crashed);
        let now = seen.wait_for(crashed).await.expect("it goes on").clone();
        assert_eq!(now.state, DeviceState::Malformed);
        // The next driver is a real one, and finds nobody there.
        let is_next = |now: &Standing| matches!(now.failure, Some(DeviceError::Unreachable(_)));
        seen.wait_for(is_next).await.expect("it was tried again");
        assert!(!task.is_finished());
    }
}
