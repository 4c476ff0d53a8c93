//! The house's settings file, `DIR/hearthwatch.toml`. Unknown keys fail with file and line.

use std::{io, path::Path};

use crate::network::{AcmeConfig, NetworkConfig};

/// File name in the data directory.
pub const CONFIG_FILE: &str = "hearthwatch.toml";

/// Larger than any settings file a person writes.
const BYTES_MAX: u64 = 1 << 20;

/// Why the settings file can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It can't be read.
    #[error("{CONFIG_FILE} can't be read: {0}")]
    Io(#[from] io::Error),
    /// It is too large to be a settings file.
    #[error("{CONFIG_FILE} is larger than {BYTES_MAX} bytes")]
    TooLarge,
    /// A key or value in it is wrong.
    #[error("{CONFIG_FILE}:{line}: {message}")]
    Invalid {
        /// Line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
}

/// Settings of the whole house.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HouseConfig {
    /// What the house is called.
    pub house_name: String,
    /// IANA name of its time zone; unset takes the machine's.
    pub time_zone: Option<String>,
    /// Where footage may grow.
    pub storage: StorageConfig,
    /// How long facts are kept.
    pub events: EventsConfig,
    /// The audit log.
    pub audit: AuditConfig,
    /// The security log.
    pub log: LogConfig,
    /// The eyes.
    pub eyes: EyesConfig,
    /// All cameras.
    pub cameras: CamerasConfig,
    /// The listener.
    pub network: NetworkConfig,
}

/// What counts for all cameras.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CamerasConfig {
    /// Ports at which a camera that is watched in the clear is asked whether it would send
    /// encrypted; at most four. Empty asks nobody.
    pub rtsps_ports: Vec<u16>,
}

impl Default for CamerasConfig {
    fn default() -> Self {
        // Registered with IANA as `rtsps`.
        Self { rtsps_ports: vec![322] }
    }
}

/// Limits on disk space.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StorageConfig {
    /// Most bytes of footage of all cameras together.
    pub bytes_max: Option<u64>,
    /// Bytes of the disk that footage never takes.
    pub bytes_free_min: u64,
}

/// Retention of facts.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EventsConfig {
    /// Days that events are kept.
    pub days_max: u32,
    /// Days that their pictures are kept, which show whoever came by.
    pub pictures_days_max: u32,
}

/// How long the audit log stays.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuditConfig {
    /// Days that entries are kept.
    pub days_max: u32,
    /// Most bytes of it; beyond, the oldest entries go.
    pub bytes_max: u64,
}

/// The logs that are read in clear: the security log, `DIR/log/security.log`, and what `serve`
/// writes to standard error.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// Names and addresses are replaced by pseudonyms that only this house can link.
    pub anonymise: bool,
}

/// The sandboxed worker.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EyesConfig {
    /// Whether it runs at all.
    pub enabled: bool,
    /// An ONNX object model (YOLOX layout, COCO classes); unset detects motion only.
    pub model: Option<std::path::PathBuf>,
}

impl Default for HouseConfig {
    fn default() -> Self {
        Self {
            house_name: "Hearthwatch".to_owned(),
            time_zone: None,
            storage: StorageConfig::default(),
            events: EventsConfig::default(),
            audit: AuditConfig::default(),
            log: LogConfig::default(),
            eyes: EyesConfig::default(),
            cameras: CamerasConfig::default(),
            network: NetworkConfig::default(),
        }
    }
}

impl Default for StorageConfig {
    fn default() -> Self {
        // Room for the index, its journal and the log while old footage is being erased.
        Self { bytes_max: None, bytes_free_min: 512 << 20 }
    }
}

impl Default for EventsConfig {
    fn default() -> Self {
        Self { days_max: 90, pictures_days_max: 7 }
    }
}

impl Default for AuditConfig {
    fn default() -> Self {
        // A year, and at the rate that an attacker can reach still a week.
        Self { days_max: 365, bytes_max: 1 << 30 }
    }
}

impl Default for EyesConfig {
    fn default() -> Self {
        Self { enabled: true, model: None }
    }
}

impl HouseConfig {
    /// Reads the settings of a data directory; a missing file means defaults.
    ///
    /// # Errors
    /// [`ConfigError`] with the line of the first mistake.
    pub fn read(data: &Path) -> Result<Self, ConfigError> {
        let path = data.join(CONFIG_FILE);
        let length = match std::fs::metadata(&path) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(error.into()),
        };
        if length > BYTES_MAX {
            return Err(ConfigError::TooLarge);
        }
        Self::parse(&std::fs::read_to_string(path)?)
    }

    /// Reads settings from text.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`] with the line of the first mistake.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let config: Self = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            invalid(text, at, error.message().replace('\n', " "))
        })?;
        if let Some(zone) = &config.time_zone
            && jiff::tz::TimeZone::get(zone).is_err()
        {
            let at = text.find("time_zone").unwrap_or(0);
            return Err(invalid(text, at, format!("{zone:?} is no IANA time zone")));
        }
        if config.cameras.rtsps_ports.len() > hearth_stream::OFFER_PORTS_MAX {
            let at = text.find("rtsps_ports").unwrap_or(0);
            return Err(invalid(text, at, "rtsps_ports names at most four ports".to_owned()));
        }
        if let Some(mistake) = config.network.acme.as_ref().and_then(AcmeConfig::mistake) {
            let at = text.find("[network.acme]").unwrap_or(0);
            return Err(invalid(text, at, mistake.to_owned()));
        }
        Ok(config)
    }

    /// The house's time zone.
    pub fn zone(&self) -> jiff::tz::TimeZone {
        let named = self.time_zone.as_deref().and_then(|name| jiff::tz::TimeZone::get(name).ok());
        named.unwrap_or_else(jiff::tz::TimeZone::system)
    }
}

fn invalid(text: &str, at: usize, message: String) -> ConfigError {
    let before = text.as_bytes().get(..at).unwrap_or_default();
    let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
    ConfigError::Invalid { line, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// promise: D-32. A misspelt key is refused with its line instead of being ignored.
    #[test]
    fn an_unknown_key_fails_with_file_and_line() {
        let error = HouseConfig::parse("house_name = \"Home\"\n\n[storage]\nbytes_maxx = 5\n")
            .expect_err("unknown key");
        let text = error.to_string();
        assert!(text.starts_with("hearthwatch.toml:4: unknown field `bytes_maxx`"), "{text}");
    }

    #[test]
    fn a_wrong_time_zone_fails_with_its_line() {
        let error = HouseConfig::parse("# house\ntime_zone = \"Mars/Base\"").expect_err("no zone");
        assert!(error.to_string().contains(":2: \"Mars/Base\""), "{error}");
    }

    #[test]
    fn more_ports_than_a_few_fail_with_their_line() {
        let parse = |ports: &str| HouseConfig::parse(&format!("[cameras]\nrtsps_ports = {ports}"));
        assert_eq!(parse("[]").expect("nobody").cameras.rtsps_ports, Vec::<u16>::new());
        let error = parse("[1, 2, 3, 4, 5]").expect_err("a scan");
        assert!(error.to_string().starts_with("hearthwatch.toml:2: "), "{error}");
    }

    #[test]
    fn an_authority_without_names_or_without_https_fails_with_its_line() {
        let parse = |more: &str| {
            let text = format!("house_name = \"Home\"\n[network.acme]\n{more}");
            HouseConfig::parse(&text).map_err(|error| error.to_string())
        };
        let good = "directory = \"https://ca.lan/dir\"\nnames = [\"hearth.lan\"]\n";
        assert!(parse(good).is_ok());
        for bad in [
            "directory = \"http://ca.lan/dir\"\nnames = [\"hearth.lan\"]\n",
            "directory = \"https://ca.lan/dir\"\nnames = []\n",
            "directory = \"https://ca.lan/dir\"\nnames = [\"hearth.lan\"]\ncontact = \"anna\"\n",
        ] {
            let error = parse(bad).expect_err("a mistake");
            assert!(error.starts_with("hearthwatch.toml:2: "), "{error}");
        }
    }

    /// promise: D-06. Pictures of visitors are gone after a week unless the settings say otherwise.
    #[test]
    fn an_empty_file_means_defaults() {
        let defaults = HouseConfig::parse("").expect("defaults");
        assert_eq!(defaults, HouseConfig::default());
        assert_eq!(defaults.events.pictures_days_max, 7);
    }
}
