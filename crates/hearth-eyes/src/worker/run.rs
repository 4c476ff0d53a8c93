//! The worker's loop: takes messages, gives each camera its turn, answers.

use std::{
    collections::BTreeMap,
    io,
    time::{Duration, Instant},
};

use hearth_gate::Budget;

use super::{anonymous, detector::Detector, link::Link, pipe::Pipe, pipe::Shared, still};
use crate::wire::{
    AnonymousRequest, FacesRequest, FromWorker, ModelState, Slot, StillRequest, ToWorker,
    WorkerCounters,
};

/// Part of one core that decoding and detection may take, so that the hub has the rest.
const DECODE_SHARE: f32 = 0.85;

/// With nothing to do the worker wakes this often to say that it is there.
const IDLE_WAIT: Duration = Duration::from_millis(400);

/// How often counters are told.
const COUNTERS_INTERVAL: Duration = Duration::from_secs(1);

/// When no frame came for this long, what was followed counts as gone.
const SILENCE_MAX: Duration = Duration::from_secs(5);

/// More feeds than a worker ever gets; a bound on what the hub can make it hold.
const PIPES_MAX: usize = 256;

/// All cameras.
struct Watch {
    link: Link,
    shared: Shared,
    pipes: BTreeMap<Slot, Pipe>,
    told: BTreeMap<Slot, WorkerCounters>,
    last_counters: Instant,
    turn: Slot,
}

/// Runs until the hub closes the pipe.
pub(super) fn run(link: Link, before_decode: fn(&[u8])) -> io::Result<()> {
    let shared = Shared {
        detector: None,
        faces: None,
        budget: Budget::new(DECODE_SHARE),
        started: Instant::now(),
        before_decode,
    };
    let mut watch = Watch {
        link,
        shared,
        pipes: BTreeMap::new(),
        told: BTreeMap::new(),
        last_counters: Instant::now(),
        turn: Slot(0),
    };
    loop {
        let busy = watch.pipes.values().any(Pipe::has_work);
        let wait = if busy { Duration::ZERO } else { IDLE_WAIT };
        if !busy {
            watch.link.busy(None)?;
        }
        if !watch.link.fill(wait)? {
            return watch.finish();
        }
        while let Some(message) = watch.link.next()? {
            watch.take(message)?;
        }
        watch.step()?;
        watch.keep_time()?;
    }
}

impl Watch {
    fn take(&mut self, message: ToWorker) -> io::Result<()> {
        match message {
            ToWorker::Model(bytes) => self.load(bytes.to_vec()),
            ToWorker::Watch(slot, settings) => {
                if let Some(pipe) = self.pipes.get_mut(&slot) {
                    pipe.update(*settings);
                } else if self.pipes.len() < PIPES_MAX {
                    self.pipes.insert(slot, Pipe::new(slot, *settings));
                }
                Ok(())
            }
            ToWorker::Unwatch(slot) => self.unwatch(slot),
            ToWorker::Parameters(slot, video) => {
                self.link.busy(Some(slot))?;
                let pipe = self.pipes.get_mut(&slot);
                let told = pipe.map_or_else(Vec::new, |pipe| pipe.set_parameters(*video));
                self.tell(&told)
            }
            ToWorker::Frame(slot, frame) => {
                if let Some(pipe) = self.pipes.get_mut(&slot) {
                    pipe.offer(frame);
                }
                Ok(())
            }
            ToWorker::Still(request) => self.still(&request),
            ToWorker::Faces(request) => self.faces(&request),
            ToWorker::Anonymous(request) => self.anonymous(&request),
        }
    }

    fn load(&mut self, bytes: Vec<u8>) -> io::Result<()> {
        let state = if bytes.is_empty() {
            self.shared.detector = None;
            ModelState::None
        } else {
            self.shared.detector = Detector::load(bytes).ok();
            let loaded = self.shared.detector.is_some();
            if loaded { ModelState::Loaded } else { ModelState::Refused }
        };
        self.link.send(&FromWorker::Ready(state))
    }

    fn unwatch(&mut self, slot: Slot) -> io::Result<()> {
        self.told.remove(&slot);
        self.shared.budget.forget(slot);
        let pipe = self.pipes.remove(&slot);
        let told = pipe.map_or_else(Vec::new, |mut pipe| pipe.end_all());
        self.tell(&told)
    }

    fn still(&mut self, request: &StillRequest) -> io::Result<()> {
        let link = &mut self.link;
        let mut sent = Ok(());
        let result = still::make(request, || {
            if sent.is_ok() {
                sent = link.alive();
            }
        });
        sent?;
        self.link.send(&FromWorker::StillDone { id: request.id, result })
    }

    fn faces(&mut self, request: &FacesRequest) -> io::Result<()> {
        let (link, faces) = (&mut self.link, self.shared.faces());
        let mut sent = Ok(());
        let result = still::faces(request, faces, || {
            if sent.is_ok() {
                sent = link.alive();
            }
        });
        sent?;
        self.link.send(&FromWorker::FacesDone { id: request.id, result })
    }

    fn anonymous(&mut self, request: &AnonymousRequest) -> io::Result<()> {
        self.shared.faces();
        let (link, shared) = (&mut self.link, &self.shared);
        let mut sent = Ok(());
        let result = anonymous::make(request, shared, || {
            if sent.is_ok() {
                sent = link.alive();
            }
        });
        sent?;
        self.link.send(&FromWorker::AnonymousDone { id: request.id, result })
    }

    /// Gives the next camera that has work its turn.
    fn step(&mut self) -> io::Result<()> {
        let after = self.pipes.range(Slot(self.turn.0.saturating_add(1))..);
        let before = self.pipes.range(..=self.turn);
        let next = after.chain(before).find(|(_, pipe)| pipe.has_work()).map(|(slot, _)| *slot);
        let Some(slot) = next else { return Ok(()) };
        self.turn = slot;
        self.link.busy(Some(slot))?;
        let pipe = self.pipes.get_mut(&slot);
        let told = pipe.map_or_else(Vec::new, |pipe| pipe.step(&mut self.shared));
        self.tell(&told)
    }

    fn tell(&mut self, messages: &[FromWorker]) -> io::Result<()> {
        messages.iter().try_for_each(|message| self.link.send(message))
    }

    /// What is due because time passed.
    fn keep_time(&mut self) -> io::Result<()> {
        self.link.alive()?;
        if self.last_counters.elapsed() < COUNTERS_INTERVAL {
            return Ok(());
        }
        self.last_counters = Instant::now();
        let mut told = Vec::new();
        for (slot, pipe) in &mut self.pipes {
            if pipe.silent_since().is_some_and(|since| since.elapsed() > SILENCE_MAX) {
                told.extend(pipe.end_all());
            }
            let counters = pipe.counters();
            if self.told.insert(*slot, counters) != Some(counters) {
                told.push(FromWorker::Counters(*slot, counters));
            }
        }
        self.tell(&told)
    }

    /// The hub wants no more: tells what is left.
    fn finish(mut self) -> io::Result<()> {
        let slots: Vec<Slot> = self.pipes.keys().copied().collect();
        slots.into_iter().try_for_each(|slot| self.unwatch(slot))
    }
}
