//! Notifications in numbers. Labels are kinds of channels and outcomes, nobody's name.

use std::sync::atomic::Ordering;

use hearth_store::StoreError;

use crate::{
    Hub,
    error::Result,
    exposition::{
        Exposition,
        MetricKind::{Counter, Gauge},
    },
    identity::store_error,
};

impl Hub {
    pub(crate) async fn write_notifications(&self, text: &mut Exposition) -> Result<()> {
        let house = self.house();
        let counts = &house.desk.counts;
        let rows = counts.rows().into_iter().map(|((channel, outcome), count)| {
            ([("channel", channel.to_owned()), ("outcome", outcome.to_owned())], count)
        });
        let help = "Attempts to deliver, by kind of channel and outcome.";
        text.family(
            "hearthwatch_notification_attempts_total",
            Counter,
            help,
            rows.collect::<Vec<_>>(),
        );
        let suppressed = counts.suppressed.load(Ordering::Relaxed);
        let help = "Messages not queued: muted, or much the same as one before.";
        text.single("hearthwatch_notifications_suppressed_total", Counter, help, suppressed);
        let seconds = counts.seconds_micros.load(Ordering::Relaxed) as f64 / 1e6;
        let help = "Seconds from when messages might go out until they were taken, in all.";
        text.single("hearthwatch_notification_delivery_seconds_total", Counter, help, seconds);
        let states = house.store.notification_counts().await;
        let states = states.map_err(|error: StoreError| store_error(error))?;
        let rows = states.into_iter().map(|(state, count)| ([("state", state)], count));
        let help = "Messages in the outbox, by state.";
        text.family("hearthwatch_notifications", Gauge, help, rows.collect::<Vec<_>>());
        Ok(())
    }
}
