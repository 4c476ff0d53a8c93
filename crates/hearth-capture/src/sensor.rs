//! Temperature, humidity and air pressure, by what the kernel's own drivers put into sysfs.
//!
//! DHT11/DHT22 and BMP280 are industrial I/O devices (`bus/iio`), the DS18B20 hangs on one wire
//! (`bus/w1`). The root of the tree is an argument; reading is bounded; a value outside of what the
//! sensor can measure is an error, because cables fail more often than the weather.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use serde::Serialize;

use crate::CaptureError;

mod value;

pub use value::{Reading, iio_humidity, iio_pressure, iio_temperature, w1_slave, w1_temperature};

/// The largest file here, `w1_slave`, has 75 bytes.
const FILE_BYTES_MAX: u64 = 512;
/// More sensors than a board has pins.
const SENSORS_MAX: usize = 64;

/// Which sensor it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SensorKind {
    /// DHT11, DHT22 and AM2302, which share a driver: temperature and humidity.
    Dht,
    /// BMP280: temperature and pressure.
    Bmp280,
    /// DS18B20: temperature.
    Ds18b20,
}

/// A sensor that the kernel knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sensor {
    /// Which one.
    pub kind: SensorKind,
    /// The kernel's name for it: `iio:device0`, `28-00000a1b2c3d`.
    pub name: String,
    #[serde(skip)]
    folder: PathBuf,
}

/// The sensors that the kernel knows, in the order of their names; `root` is `/sys`.
pub fn sensors(root: &Path) -> Vec<Sensor> {
    let mut found = Vec::new();
    for (name, folder) in folders(&root.join("bus/iio/devices")) {
        let kind = match read(&folder.join("name")).as_deref().map(str::trim) {
            Ok("dht11" | "dht22") => SensorKind::Dht,
            Ok("bmp280") => SensorKind::Bmp280,
            _ => continue,
        };
        found.push(Sensor { kind, name, folder });
    }
    for (name, folder) in folders(&root.join("bus/w1/devices")) {
        // The family of the DS18B20 (Maxim application note 155).
        if name.starts_with("28-") {
            found.push(Sensor { kind: SensorKind::Ds18b20, name, folder });
        }
    }
    found.truncate(SENSORS_MAX);
    found
}

/// Names and paths of what is in a folder; nothing if there is no such folder.
fn folders(folder: &Path) -> Vec<(String, PathBuf)> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<(String, PathBuf)> = entries
        .take(SENSORS_MAX * 4)
        .filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path())))
        .collect();
    found.sort();
    found
}

fn read(path: &Path) -> Result<String, CaptureError> {
    let mut text = String::new();
    File::open(path)?.take(FILE_BYTES_MAX).read_to_string(&mut text)?;
    Ok(text)
}

impl Sensor {
    /// Asks the sensor. Blocks for up to a second, which is what one wire takes.
    ///
    /// # Errors
    /// If it does not answer, which DHT sensors do now and then, or what it answers makes no sense.
    pub fn read(&self) -> Result<Vec<Reading>, CaptureError> {
        let file = |name: &str| read(&self.folder.join(name));
        match self.kind {
            SensorKind::Dht => Ok(vec![
                iio_temperature(&file("in_temp_input")?)?,
                iio_humidity(&file("in_humidityrelative_input")?)?,
            ]),
            SensorKind::Bmp280 => Ok(vec![
                iio_temperature(&file("in_temp_input")?)?,
                iio_pressure(&file("in_pressure_input")?)?,
            ]),
            // Kernels before 5.10 have `w1_slave` only.
            SensorKind::Ds18b20 => match file("temperature") {
                Ok(text) => Ok(vec![w1_temperature(&text)?]),
                Err(CaptureError::Missing(_)) => Ok(vec![w1_slave(&file("w1_slave")?)?]),
                Err(error) => Err(error),
            },
        }
    }
}
