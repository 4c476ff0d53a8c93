//! How many requests there were, by class of status, and how long they took. No lock.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use hearth_hub::{Exposition, MetricKind};
use http::StatusCode;

/// Classes of status, from 1xx to 5xx.
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

#[derive(Debug, Default)]
struct Count {
    requests: AtomicU64,
    micros: AtomicU64,
}

/// Requests since the start.
#[derive(Debug, Default)]
pub(crate) struct RequestCounts([Count; CLASSES.len()]);

impl RequestCounts {
    /// Counts an answer; `took` is the time until it began.
    pub(crate) fn note(&self, status: StatusCode, took: Duration) {
        let class = usize::from(status.as_u16() / 100).checked_sub(1);
        if let Some(count) = class.and_then(|class| self.0.get(class)) {
            let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
            count.requests.fetch_add(1, Ordering::Relaxed);
            count.micros.fetch_add(micros, Ordering::Relaxed);
        }
    }

    /// Adds them to a text.
    pub(crate) fn write(&self, text: &mut Exposition) {
        let rows = |value: fn(&Count) -> f64| {
            let counts = CLASSES.iter().zip(&self.0);
            counts
                .map(|(class, count)| ([("status", (*class).to_owned())], value(count)))
                .collect::<Vec<_>>()
        };
        let requests = rows(|count| count.requests.load(Ordering::Relaxed) as f64);
        let help = "Requests by class of status.";
        text.family("hearthwatch_http_requests_total", MetricKind::Counter, help, requests);
        let seconds = rows(|count| count.micros.load(Ordering::Relaxed) as f64 / 1e6);
        let help = "Seconds until their answers began.";
        text.family("hearthwatch_http_seconds_total", MetricKind::Counter, help, seconds);
    }
}
