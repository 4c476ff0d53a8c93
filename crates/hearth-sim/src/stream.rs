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

/// What a stream plays.
#[derive(Clone, Debug)]
struct Showing {
    reel: Arc<Reel>,
    /// What it goes back to after one round.
    usual: Option<Arc<Reel>>,
}

/// One stream of a camera.
#[derive(Debug)]
pub(crate) struct Stream {
    showing: watch::Sender<Showing>,
    deliveries: broadcast::Sender<Arc<Delivery>>,
    listened: Notify,
    origin: Instant,
}

impl Stream {
    /// A stream that will play `reel` once [`Stream::run`] runs.
    pub(crate) fn new(reel: Arc<Reel>) -> Self {
        Self {
            showing: watch::Sender::new(Showing { reel, usual: None }),
            deliveries: broadcast::Sender::new(BACKLOG_MAX),
            listened: Notify::new(),
            origin: Instant::now(),
        }
    }

    /// The reel it plays, but for what it plays only once.
    pub(crate) fn reel(&self) -> Arc<Reel> {
        let showing = self.showing.borrow();
        Arc::clone(showing.usual.as_ref().unwrap_or(&showing.reel))
    }

    /// Plays another reel from its start, at once.
    pub(crate) fn switch(&self, reel: Arc<Reel>) {
        self.showing.send_replace(Showing { reel, usual: None });
    }

    /// Plays another reel once from its start, at once, and then again what it played before; not
    /// while it does so already. Says whether it does.
    pub(crate) fn interrupt(&self, reel: Arc<Reel>) -> bool {
        self.showing.send_if_modified(|showing| {
            let is_free = showing.usual.is_none();
            if is_free {
                showing.usual = Some(std::mem::replace(&mut showing.reel, reel));
            }
            is_free
        })
    }

    /// Goes back to what it played before a reel that is over, unless it plays another by now.
    fn resume(&self, over: &Arc<Reel>) {
        self.showing.send_if_modified(|showing| {
            let usual = showing.usual.take_if(|_| Arc::ptr_eq(&showing.reel, over));
            let is_over = usual.is_some();
            if let Some(usual) = usual {
                showing.reel = usual;
            }
            is_over
        });
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
        let mut changes = self.showing.subscribe();
        let mut reel = Arc::clone(&changes.borrow_and_update().reel);
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
                reel = Arc::clone(&changes.borrow_and_update().reel);
                (place, base_us) = (0, None);
                continue;
            }
            self.deliver(&reel, unit, base_us.unwrap_or(base));
            place += 1;
            if place >= reel.count() {
                place = 0;
                base_us = base_us.map(|base| base + reel.duration_us());
                self.resume(&reel);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ReelSpec, SceneKind, SceneSpec};

    /// A second of a place. All its pictures are whole: of what stands still, those that only say
    /// what changed are the same everywhere.
    fn reel(kind: SceneKind) -> Arc<Reel> {
        let scene = SceneSpec { seconds: 1, ..SceneSpec::new(kind, 64, 48, 4) };
        let spec = ReelSpec { key_interval_frames: 1, ..ReelSpec::new(scene, 0) };
        let reel = Reel::from_scene(spec).expect("a reel");
        reel.complete();
        Arc::new(reel)
    }

    #[tokio::test(start_paused = true)]
    async fn what_interrupts_is_played_once_and_whole() {
        let (usual, other) = (reel(SceneKind::Garage), reel(SceneKind::Street));
        let stream = Arc::new(Stream::new(Arc::clone(&usual)));
        let mut deliveries = stream.listen();
        let playing = tokio::spawn(Arc::clone(&stream).run());
        deliveries.recv().await.expect("it plays");
        assert!(stream.interrupt(Arc::clone(&other)) && !stream.interrupt(Arc::clone(&usual)));
        assert!(Arc::ptr_eq(&stream.reel(), &usual), "what it plays but for this");
        let of = |reel: &Reel, delivery: &Delivery| {
            (0..reel.count())
                .any(|place| reel.ready(place).is_some_and(|unit| unit.data == delivery.unit.data))
        };
        let (mut others, mut last) = (0, 0);
        loop {
            let delivery = deliveries.recv().await.expect("it plays on");
            assert!(delivery.pts_us > last, "times never go back");
            last = delivery.pts_us;
            others += usize::from(of(&other, &delivery));
            if others > 0 && of(&usual, &delivery) {
                break;
            }
        }
        assert_eq!(others, other.count());
        assert!(stream.interrupt(other), "it is free again");
        playing.abort();
    }
}
