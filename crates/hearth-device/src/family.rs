//! The families of devices. A new one is a row here and a driver.

use std::time::Duration;

/// Which protocol a device speaks.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// The control side of a Tapo camera or doorbell.
    TapoCamera,
    /// A Tapo plug, and Kasa plugs with the newer command language.
    TapoPlug,
    /// A Kasa plug.
    KasaPlug,
    /// A Kasa camera.
    KasaCamera,
    /// An ONVIF camera.
    Onvif,
    /// A room with a Netatmo thermostat or valve.
    NetatmoThermostat,
    /// A Netatmo weather station or a module of it.
    NetatmoWeather,
    /// A button on a line of the hub's own machine.
    GpioButton,
    /// A movement sensor on a line of it.
    GpioMotion,
    /// A lamp on a line of it that shows everything.
    GpioLamp,
    /// The green one of several lamps: all is well.
    GpioLampReady,
    /// The yellow one: somebody rang.
    GpioLampRing,
    /// The red one: an alert, or something that does not work.
    GpioLampAlert,
    /// A bell on a line of it.
    GpioChime,
    /// A sensor of temperature, humidity or air pressure that its kernel knows.
    BoardSensor,
}

impl Family {
    /// All of them with their names.
    pub const ALL: [(Self, &'static str); 15] = [
        (Self::TapoCamera, "tapo_camera"),
        (Self::TapoPlug, "tapo_plug"),
        (Self::KasaPlug, "kasa_plug"),
        (Self::KasaCamera, "kasa_camera"),
        (Self::Onvif, "onvif"),
        (Self::NetatmoThermostat, "netatmo_thermostat"),
        (Self::NetatmoWeather, "netatmo_weather"),
        (Self::GpioButton, "gpio_button"),
        (Self::GpioMotion, "gpio_motion"),
        (Self::GpioLamp, "gpio_lamp"),
        (Self::GpioLampReady, "gpio_lamp_ready"),
        (Self::GpioLampRing, "gpio_lamp_ring"),
        (Self::GpioLampAlert, "gpio_lamp_alert"),
        (Self::GpioChime, "gpio_chime"),
        (Self::BoardSensor, "board_sensor"),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|row| row.0 == self).map_or("", |row| row.1)
    }

    /// The family of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|row| row.1 == name).map(|row| row.0)
    }

    /// How often a device of it is asked. Meters change within seconds; a vendor's service is asked
    /// gently (promise N-09).
    pub const fn look_every(self) -> Duration {
        match self {
            Self::TapoPlug | Self::KasaPlug => Duration::from_secs(10),
            Self::TapoCamera | Self::KasaCamera | Self::BoardSensor => Duration::from_secs(30),
            Self::Onvif => Duration::from_secs(60),
            Self::NetatmoThermostat | Self::NetatmoWeather => Duration::from_secs(300),
            // Whether the line is still there; what happens on it is told by itself.
            Self::GpioButton
            | Self::GpioMotion
            | Self::GpioLamp
            | Self::GpioLampReady
            | Self::GpioLampRing
            | Self::GpioLampAlert
            | Self::GpioChime => Duration::from_secs(10),
        }
    }

    /// Whether it is spoken to through the vendor's service on the internet.
    pub const fn is_remote(self) -> bool {
        matches!(self, Self::NetatmoThermostat | Self::NetatmoWeather)
    }

    /// Whether it hangs on the hub's own machine and has no address in the network.
    pub const fn is_wired(self) -> bool {
        matches!(self, Self::GpioButton | Self::GpioMotion | Self::BoardSensor) || self.is_signal()
    }

    /// Whether it shows or sounds what happens at a door and to the hub.
    pub const fn is_signal(self) -> bool {
        matches!(
            self,
            Self::GpioLamp
                | Self::GpioLampReady
                | Self::GpioLampRing
                | Self::GpioLampAlert
                | Self::GpioChime
        )
    }

    /// Whether it measures what a socket uses.
    pub const fn is_plug(self) -> bool {
        matches!(self, Self::TapoPlug | Self::KasaPlug)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_family_is_its_name_in_json() {
        for (family, name) in Family::ALL {
            assert_eq!(serde_json::to_value(family).expect("json"), name);
            assert_eq!((Family::from_name(name), family.name()), (Some(family), name));
        }
    }
}
