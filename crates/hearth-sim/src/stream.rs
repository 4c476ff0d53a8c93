//! Plays a reel in real time to whoever listens.
//!
//! One task a stream: it waits for viewers, fetches the next unit before it is due, splits it into
//! payloads once, and hands it to all of them. Nothing is encoded or sent while nobody listens; the
//! clock of the stream runs on, and the reel goes on at its next key frame.
//! Invariant: times of the stream never go back, and all viewers see the same ones.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{Notify, broadcast, watch},
    time::Instant,
};

use crate::{
    Reel,
    packet::{Payloads, split},
    reel::Unit,
};

/// Units that a slow viewer may lag behind: a few seconds. Then it skips to the next key frame.
const BACKLOG_MAX: usize = 128;

/// A stream that is late by more than this goes on from now instead of catching up.
const LATE_MAX: Duration = Duration::from_millis(500);

/// One unit at its time.
#[derive(Debug)]
pub(crate) struct Delivery {
    /// The unit.
    pub(crate) unit: Unit,
    /// When it is shown, in microseconds since the stream began.
    pub(crate) pts_us: i64,
    /// The unit as RTP payloads.
    pub(crate) payloads: Payloads,
}

/// One stream of a camera.
#[derive(Debug)]
pub(crate) struct Stream {
    reel: watch::Sender<Arc<Reel>>,
    deliveries: broadcast::Sender<Arc<Delivery>>,
    listened: Notify,
    origin: Instant,
}

impl Stream {
    /// A stream that will play `reel` once [`Stream::run`] runs.
    pub(crate) fn new(reel: Arc<Reel>) -> Self {
        Self {
            reel: watch::Sender::new(reel),
            deliveries: broadcast::Sender::new(BACKLOG_MAX),
            listened: Notify::new(),
            origin: Instant::now(),
        }
    }

    /// The reel it plays at the moment.
    pub(crate) fn reel(&self) -> Arc<Reel> {
        Arc::clone(&self.reel.borrow())
    }

    /// Plays another reel from its start, at once.
    pub(crate) fn switch(&self, reel: Arc<Reel>) {
        self.reel.send_replace(reel);
    }

    /// Everything from now on.
    pub(crate) fn listen(&self) -> broadcast::Receiver<Arc<Delivery>> {
        let receiver = self.deliveries.subscribe();
        self.listened.notify_one();
        receiver
    }

    /// How long the stream exists, in microseconds: the camera's clock.
    pub(crate) fn now_us(&self) -> i64 {
        i64::try_from(self.origin.elapsed().as_micros()).unwrap_or(i64::MAX)
    }

    /// Plays for as long as it is polled.
    pub(crate) async fn run(self: Arc<Self>) {
        let mut place = 0;
        loop {
            while self.deliveries.receiver_count() == 0 {
                self.listened.notified().await;
            }
            place = self.play(place).await;
        }
    }

    /// Plays from the first key frame at or after `start` until nobody listens; returns where that
    /// was.
    async fn play(&self, start: usize) -> usize {
        let mut changes = self.reel.subscribe();
        let mut reel = Arc::clone(&changes.borrow_and_update());
        let mut place = next_key(&reel, start).await;
        let mut base_us = None;
        while self.deliveries.receiver_count() > 0 {
            let Some(unit) = fetch(&reel, place).await else { return 0 };
            let base = *base_us.get_or_insert(self.now_us() - unit.send_us);
            let late_us = self.now_us() - base - unit.send_us;
            if late_us > LATE_MAX.as_micros() as i64 {
                base_us = Some(base + late_us);
            }
            self.wait_until(base + unit.send_us).await;
            if changes.has_changed().unwrap_or(false) {
                reel = Arc::clone(&changes.borrow_and_update());
                (place, base_us) = (0, None);
                continue;
            }
            self.deliver(&reel, unit, base_us.unwrap_or(base));
            place += 1;
            if place >= reel.count() {
                place = 0;
                base_us = base_us.map(|base| base + reel.duration_us());
            }
        }
        place
    }

    async fn wait_until(&self, stream_us: i64) {
        let since_origin = Duration::from_micros(stream_us.max(0).unsigned_abs());
        tokio::time::sleep_until(self.origin + since_origin).await;
    }

    fn deliver(&self, reel: &Reel, unit: Unit, base_us: i64) {
        let payloads = split(reel.parameters(), &unit);
        let pts_us = base_us + unit.pts_us;
        // Fails if the last viewer has just gone, which the caller notices.
        let _gone = self.deliveries.send(Arc::new(Delivery { unit, pts_us, payloads }));
    }
}

async fn next_key(reel: &Arc<Reel>, start: usize) -> usize {
    for place in start..reel.count() {
        match fetch(reel, place).await {
            Some(unit) if unit.is_key && unit.track == hearth_media::TrackKind::Video => {
                return place;
            }
            Some(_) => {}
            None => break,
        }
    }
    0
}

/// A unit of a reel, encoded on a thread where that may take its time.
async fn fetch(reel: &Arc<Reel>, place: usize) -> Option<Unit> {
    if let Some(unit) = reel.ready(place) {
        return Some(unit);
    }
    let reel = Arc::clone(reel);
    tokio::task::spawn_blocking(move || reel.unit(place)).await.ok().flatten()
}
