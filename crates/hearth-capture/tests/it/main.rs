//! The board without a board: a simulated button, lamp and sensors behind the real interfaces.

use std::time::Duration;

use hearth_capture::{
    CaptureError, LampKeeper, LineWatch,
    debounce::SETTLE,
    gpio::{Chip, Pull},
    lamp::Part,
    sensor::{Reading, SensorKind, sensors},
};
use hearth_sim::{SimulatedButton, SimulatedLamp, SimulatedSensors};

/// promise: D-21. Bounces are one press; D-22: without a button of metal.
#[tokio::test]
async fn a_press_is_heard_once() {
    let button = SimulatedButton::default();
    let line = button.claim().expect("free");
    let mut watch = LineWatch::start(Box::new(line), SETTLE).expect("a thread");
    button.switch(true, 5);
    assert_eq!(watch.next().await, Some(true));
    button.switch(false, 5);
    assert_eq!(watch.next().await, Some(false));
}

fn keeper(lamp: &SimulatedLamp) -> LampKeeper {
    let line = Box::new(lamp.claim().expect("free"));
    LampKeeper::start(line, Part::Whole).expect("a thread")
}

/// promise: D-21. A line is claimed by one at a time, and free again when its owner is gone.
#[tokio::test]
async fn lines_are_claimed_and_released() {
    let button = SimulatedButton::default();
    let watch =
        LineWatch::start(Box::new(button.claim().expect("free")), SETTLE).expect("a thread");
    assert!(button.claim().is_none() && !button.is_free());
    drop(watch);
    assert!(button.is_free());
    let lamp = SimulatedLamp::default();
    let keeper = keeper(&lamp);
    assert!(lamp.claim().is_none());
    drop(keeper);
    assert!(lamp.is_free());
    assert_eq!(lamp.shown().last(), Some(&false), "it is dark when nobody keeps it");
}

#[tokio::test]
async fn a_lamp_flashes_until_an_alert_is_acknowledged() {
    let lamp = SimulatedLamp::default();
    let keeper = keeper(&lamp);
    let shows = async |count: usize| {
        while lamp.shown().len() < count {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    shows(1).await;
    assert_eq!(lamp.shown(), [true], "all is well");
    keeper.alert();
    keeper.ring();
    shows(6).await;
    let shown = lamp.shown();
    assert!(shown.windows(2).all(|two| two[0] != two[1]), "{shown:?}");
    keeper.acknowledge();
    drop(keeper);
    assert_eq!(lamp.shown().last(), Some(&false));
}

/// promise: D-22. Sensors are files below a root, which is an argument.
#[test]
fn sensors_are_found_and_read() {
    let root = tempfile::tempdir().expect("a folder");
    assert_eq!(sensors(root.path()), []);
    let simulated = SimulatedSensors::create(root.path()).expect("written");
    let found = sensors(root.path());
    let kinds: Vec<SensorKind> = found.iter().map(|sensor| sensor.kind).collect();
    assert_eq!(
        kinds,
        [SensorKind::Dht, SensorKind::Bmp280, SensorKind::Ds18b20, SensorKind::Ds18b20]
    );
    let readings: Vec<Reading> =
        found.iter().flat_map(|one| one.read().expect("a value")).collect();
    let temperature = Reading::TemperatureCelsius(21.5);
    assert_eq!(readings.iter().filter(|one| **one == temperature).count(), 4);
    assert!(readings.contains(&Reading::HumidityPercent(48.0)));
    simulated.put("bus/iio/devices/iio:device0/in_temp_input", "garbage").expect("written");
    let error = found.first().map(|one| one.read()).expect("one").expect_err("no number");
    assert!(matches!(error, CaptureError::Malformed(_)));
}

/// promise: D-22. A machine without a chip says so.
#[test]
fn a_chip_that_is_not_there_is_told() {
    let root = tempfile::tempdir().expect("a folder");
    assert!(matches!(Chip::open(root.path().join("gpiochip0")), Err(CaptureError::Missing(_))));
    // A file that is no chip is refused before a line is claimed.
    let file = root.path().join("gpiochip1");
    std::fs::write(&file, "").expect("written");
    let claimed = Chip::open(file).and_then(|chip| chip.claim_input(17, true, Pull::Up));
    assert!(claimed.is_err());
}
