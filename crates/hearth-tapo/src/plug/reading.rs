//! What plugs measure.

/// What a plug is, and whether it is on.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct PlugFacts {
    /// Whether the socket has power.
    pub on: bool,
    /// `P110`, `HS110(EU)`.
    pub model: String,
    /// The name its owner gave it.
    pub alias: Option<String>,
    /// The firmware.
    pub firmware: String,
    /// The hardware version.
    pub hardware: String,
    /// The hardware address.
    pub mac: Option<String>,
    /// For how many seconds it has been on.
    pub on_seconds: Option<u64>,
    /// The signal in dBm.
    pub signal_dbm: Option<i32>,
    /// Whether it switched itself off because of heat, where it watches that.
    pub overheated: Option<bool>,
    /// Whether it can measure energy.
    pub measures: bool,
}

/// What flows at the moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Power {
    /// Milliwatts.
    pub power_mw: u64,
    /// Millivolts, only where the plug reports them.
    pub voltage_mv: Option<u64>,
    /// Milliamperes, only where the plug reports them.
    pub current_ma: Option<u64>,
}

impl Power {
    /// Watts.
    pub fn watts(self) -> f64 {
        self.power_mw as f64 / 1000.0
    }
}

/// What was used.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Energy {
    /// Watt-hours since local midnight.
    pub today_wh: Option<u64>,
    /// Watt-hours since the first of the month.
    pub month_wh: Option<u64>,
    /// Minutes switched on since local midnight.
    pub today_runtime: Option<crate::Minutes>,
    /// Minutes switched on since the first of the month.
    pub month_runtime: Option<crate::Minutes>,
    /// Watt-hours of each of the last 24 hours, the oldest first, on old firmware.
    pub by_hour_wh: Vec<u64>,
    /// Watt-hours of each of the last days, the oldest first, where the plug keeps them.
    pub by_day_wh: Vec<u64>,
    /// Watt-hours of each of the last months, the oldest first, where the plug keeps them.
    pub by_month_wh: Vec<u64>,
    /// The plug's own clock, `YYYY-MM-DD HH:MM:SS`.
    pub local_time: Option<String>,
}
