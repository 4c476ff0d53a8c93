//! A simulated board: a button, a lamp and sensors, as the kernel would show them.
//!
//! Button and lamp are lines that exist in memory only, behind the same interfaces as the kernel's;
//! sensors are files in a private folder that looks like `/sys`.

use std::{
    fs, io,
    ops::Range,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
        mpsc,
    },
    time::Duration,
};

use hearth_capture::{
    CaptureError,
    board::{Board, LineName},
    gpio::{InputLine, OutputLine},
    sensor::{Sensor, sensors},
};

/// A board with one button, one lamp and sensors. Every line of it that is listened to is the
/// button's, and every one that is switched the lamp's.
#[derive(Debug)]
pub struct SimulatedBoard {
    /// Its button.
    pub button: SimulatedButton,
    /// Its lamp.
    pub lamp: SimulatedLamp,
    /// The root of its sensors; none without.
    pub sensors: PathBuf,
    /// What is wrong with it.
    pub bug: ClaimBug,
}

/// A mistake in the code that claims lamps, as a driver may have it: some claims panic.
#[derive(Debug, Default)]
pub struct ClaimBug {
    claims: AtomicU32,
    panics: Mutex<Range<u32>>,
}

impl ClaimBug {
    /// Claims in this range panic, counted from the board's first one.
    pub fn plant(&self, panics: Range<u32>) {
        *self.panics.lock().unwrap_or_else(PoisonError::into_inner) = panics;
    }

    /// How many claims there were, those that panicked included.
    pub fn claims(&self) -> u32 {
        self.claims.load(Ordering::Relaxed)
    }

    fn meet(&self) {
        let claim = self.claims.fetch_add(1, Ordering::Relaxed);
        let is_hit = self.panics.lock().unwrap_or_else(PoisonError::into_inner).contains(&claim);
        assert!(!is_hit, "a planted bug: claim {claim}");
    }
}

impl SimulatedBoard {
    /// A board whose sensors are in this folder; see [`SimulatedSensors`].
    pub fn new(sensors: &Path) -> Self {
        Self {
            button: SimulatedButton::default(),
            lamp: SimulatedLamp::default(),
            sensors: sensors.to_owned(),
            bug: ClaimBug::default(),
        }
    }
}

fn busy(line: &LineName) -> CaptureError {
    CaptureError::Busy { line: line.number, by: "somebody".to_owned() }
}

impl Board for SimulatedBoard {
    fn input(&self, line: &LineName) -> Result<Box<dyn InputLine>, CaptureError> {
        let claimed = self.button.claim().ok_or_else(|| busy(line))?;
        Ok(Box::new(claimed))
    }

    fn output(&self, line: &LineName) -> Result<Box<dyn OutputLine>, CaptureError> {
        self.bug.meet();
        let claimed = self.lamp.claim().ok_or_else(|| busy(line))?;
        Ok(Box::new(claimed))
    }

    fn sensors(&self) -> Vec<Sensor> {
        sensors(&self.sensors)
    }
}

/// A button that a test or the demo presses. It can be claimed once at a time, as in the kernel.
#[derive(Debug)]
pub struct SimulatedButton {
    edges: mpsc::Sender<bool>,
    waiting: Arc<Mutex<Option<mpsc::Receiver<bool>>>>,
}

impl Default for SimulatedButton {
    fn default() -> Self {
        let (edges, receiver) = mpsc::channel();
        Self { edges, waiting: Arc::new(Mutex::new(Some(receiver))) }
    }
}

impl SimulatedButton {
    /// The line; `None` while somebody has it.
    pub fn claim(&self) -> Option<impl InputLine + use<>> {
        let edges = self.lock().take()?;
        Some(SimulatedInput {
            edges: Some(edges),
            home: Arc::clone(&self.waiting),
            is_active: false,
        })
    }

    /// Whether nobody has the line.
    pub fn is_free(&self) -> bool {
        self.lock().is_some()
    }

    /// The contact closes or opens, bouncing so many times before it rests.
    pub fn switch(&self, is_active: bool, bounces: usize) {
        let chatter = (0..bounces).flat_map(|_| [is_active, !is_active]);
        for state in chatter.chain([is_active]) {
            // Nobody listens to a button that is not claimed and whose line is gone.
            self.edges.send(state).ok();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<mpsc::Receiver<bool>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A claimed button; goes back when it is dropped.
struct SimulatedInput {
    edges: Option<mpsc::Receiver<bool>>,
    home: Arc<Mutex<Option<mpsc::Receiver<bool>>>>,
    is_active: bool,
}

impl InputLine for SimulatedInput {
    fn is_active(&mut self) -> Result<bool, CaptureError> {
        Ok(self.is_active)
    }

    fn edge(&mut self, timeout: Duration) -> Result<Option<bool>, CaptureError> {
        let gone = || CaptureError::Failed("the simulated button is gone".to_owned());
        match self.edges.as_ref().ok_or_else(gone)?.recv_timeout(timeout) {
            Ok(state) => {
                self.is_active = state;
                Ok(Some(state))
            }
            Err(mpsc::RecvTimeoutError::Timeout) => Ok(None),
            Err(mpsc::RecvTimeoutError::Disconnected) => Err(gone()),
        }
    }
}

impl Drop for SimulatedInput {
    fn drop(&mut self) {
        *self.home.lock().unwrap_or_else(PoisonError::into_inner) = self.edges.take();
    }
}

/// A lamp that remembers what it showed.
#[derive(Clone, Debug, Default)]
pub struct SimulatedLamp {
    shown: Arc<Mutex<Vec<bool>>>,
    is_claimed: Arc<AtomicBool>,
}

/// So many changes are remembered.
const SHOWN_MAX: usize = 4_096;

impl SimulatedLamp {
    /// The line; `None` while somebody has it.
    pub fn claim(&self) -> Option<impl OutputLine + use<>> {
        let was_claimed = self.is_claimed.swap(true, Ordering::SeqCst);
        (!was_claimed).then(|| SimulatedOutput(self.clone()))
    }

    /// Whether nobody has the line.
    pub fn is_free(&self) -> bool {
        !self.is_claimed.load(Ordering::SeqCst)
    }

    /// What it showed so far.
    pub fn shown(&self) -> Vec<bool> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A claimed lamp.
struct SimulatedOutput(SimulatedLamp);

impl OutputLine for SimulatedOutput {
    fn set(&mut self, is_active: bool) -> Result<(), CaptureError> {
        let mut shown = self.0.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.len() < SHOWN_MAX {
            shown.push(is_active);
        }
        Ok(())
    }
}

impl Drop for SimulatedOutput {
    fn drop(&mut self) {
        self.0.is_claimed.store(false, Ordering::SeqCst);
    }
}

/// Sensors in a folder that looks like `/sys`.
#[derive(Clone, Debug)]
pub struct SimulatedSensors {
    root: PathBuf,
}

impl SimulatedSensors {
    /// A DHT22, a BMP280 and two DS18B20 (of a new and an old kernel) below this folder.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn create(root: &Path) -> io::Result<Self> {
        let sensors = Self { root: root.to_owned() };
        sensors.put("bus/iio/devices/iio:device0/name", "dht11\n")?;
        sensors.put("bus/iio/devices/iio:device1/name", "bmp280\n")?;
        sensors.weather(21.5, 48.0, 1_013.25)?;
        Ok(sensors)
    }

    /// Another temperature in degrees Celsius, humidity in percent, and pressure in hectopascals.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn weather(&self, celsius: f64, percent: f64, hectopascals: f64) -> io::Result<()> {
        let milli = |value: f64| format!("{:.0}\n", value * 1_000.0);
        let degrees = milli(celsius);
        self.put("bus/iio/devices/iio:device0/in_temp_input", &degrees)?;
        self.put("bus/iio/devices/iio:device0/in_humidityrelative_input", &milli(percent))?;
        self.put("bus/iio/devices/iio:device1/in_temp_input", &degrees)?;
        let pressure = format!("{:.9}\n", hectopascals / 10.0);
        self.put("bus/iio/devices/iio:device1/in_pressure_input", &pressure)?;
        self.put("bus/w1/devices/28-000000000001/temperature", &degrees)?;
        let bytes = "72 01 4b 46 7f ff 0e 10 57";
        let lines = format!("{bytes} : crc=57 YES\n{bytes} t={degrees}");
        self.put("bus/w1/devices/28-000000000002/w1_slave", &lines)
    }

    /// Writes one file; a test breaks a sensor so.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn put(&self, path: &str, text: &str) -> io::Result<()> {
        let path = self.root.join(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, text)
    }
}
