//! The talk with one worker, from its first word to its last.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    io,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::{mpsc, oneshot, watch},
};

use super::{AnonymousAnswer, FacesAnswer, Job, Registry, StillAnswer, send};
use crate::{
    EyesConfig, EyesReport,
    feed::Queued,
    wire::{
        AnonymousRequest, FacesRequest, FromWorker, ModelState, PacketReader, StillRequest,
        ToWorker, WireError,
    },
};

/// A worker that says nothing for this long hangs; it speaks twice a second. With the tick below
/// a hang is noticed within five seconds.
const SILENCE_MAX: Duration = Duration::from_secs(4);

/// Starting takes longer: the binary is loaded and a model is tried, perhaps on a busy machine.
const START_MAX: Duration = Duration::from_secs(30);

/// How often silence is measured.
const TICK: Duration = Duration::from_millis(250);

/// A worker that was asked to end has this long to tell what it still follows.
const FAREWELL: Duration = Duration::from_secs(2);

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SessionEnd {
    /// The worker closed its end: it is gone, or going.
    Closed,
    /// It said nothing for too long.
    Hung,
    /// It said something it must not say.
    Misbehaved,
    /// The hub wants no more.
    Asked,
}

/// What a session works with.
pub(super) struct Session<'a> {
    pub(super) config: &'a EyesConfig,
    pub(super) registry: &'a Registry,
    pub(super) frames: &'a mut mpsc::Receiver<Queued>,
    pub(super) jobs: &'a mut mpsc::Receiver<Job>,
    pub(super) reports: &'a mpsc::Sender<EyesReport>,
    pub(super) stopping: watch::Receiver<bool>,
}

/// What both directions of a session know.
struct Talk {
    heard: Cell<Instant>,
    ready: Cell<bool>,
    waiting: RefCell<BTreeMap<u32, Waiting>>,
}

/// Whoever waits for an answer about one picture.
enum Waiting {
    Still(oneshot::Sender<StillAnswer>),
    Faces(oneshot::Sender<FacesAnswer>),
    Anonymous(oneshot::Sender<AnonymousAnswer>),
}

impl Session<'_> {
    /// Talks until one side ends it.
    pub(super) async fn run(self, socket: UnixStream) -> SessionEnd {
        let (from, to) = socket.into_split();
        let talk = Talk {
            heard: Cell::new(Instant::now()),
            ready: Cell::new(false),
            waiting: RefCell::default(),
        };
        let Self { config, registry, frames, jobs, reports, mut stopping } = self;
        let listening = listen(from, config, registry, reports, &talk);
        tokio::pin!(listening);
        let stopped = async {
            // An error means that the handle is gone, which is the same wish.
            let _ended = stopping.wait_for(|stop| *stop).await;
        };
        let end = tokio::select! {
            end = &mut listening => return end,
            end = talk_to(to, config, registry, frames, jobs, reports, &talk) => end,
            end = watch_silence(&talk) => end,
            () = stopped => SessionEnd::Asked,
        };
        if end == SessionEnd::Hung {
            return end;
        }
        // Our writing half is closed, by us or by the worker: what it still says is heard.
        let _late = tokio::time::timeout(FAREWELL, listening).await;
        end
    }
}

/// Hears the worker until the end of its stream.
async fn listen(
    mut from: OwnedReadHalf,
    config: &EyesConfig,
    registry: &Registry,
    reports: &mpsc::Sender<EyesReport>,
    talk: &Talk,
) -> SessionEnd {
    let mut reader = PacketReader::new(FromWorker::limit);
    loop {
        match from.read(reader.space()).await {
            Ok(0) | Err(_) => return SessionEnd::Closed,
            Ok(count) => reader.filled(count),
        }
        talk.heard.set(Instant::now());
        loop {
            let heard = match next(&mut reader) {
                Ok(Some(message)) => take(message, config, registry, talk),
                Ok(None) => break,
                Err(error) => {
                    tracing::warn!(%error, "the eyes' worker misbehaves");
                    return SessionEnd::Misbehaved;
                }
            };
            let Ok(told) = heard else { return SessionEnd::Misbehaved };
            for report in told {
                send(reports, report).await;
            }
            // While the hub is slow to take reports, the worker's silence is not its fault.
            talk.heard.set(Instant::now());
        }
    }
}

fn next(reader: &mut PacketReader) -> Result<Option<FromWorker>, WireError> {
    let packet = reader.next()?;
    packet.map(|(kind, payload)| FromWorker::decode(kind, payload)).transpose()
}

/// The worker said something that makes no sense.
struct Nonsense;

/// Takes a message; gives what the hub is to be told.
fn take(
    message: FromWorker,
    config: &EyesConfig,
    registry: &Registry,
    talk: &Talk,
) -> Result<Vec<EyesReport>, Nonsense> {
    let told = match message {
        FromWorker::Alive => None,
        FromWorker::Hello(sandbox) => {
            registry.locked_in(sandbox);
            None
        }
        FromWorker::Ready(state) => {
            talk.ready.set(true);
            let model = config.model.as_ref().filter(|_| state == ModelState::Loaded);
            if state == ModelState::Refused {
                tracing::warn!("the object model cannot be used: the eyes see motion only");
            }
            registry.ready(model.map(|model| (model.name().to_owned(), model.sha256())));
            let mut told = vec![EyesReport::WorkerStarted];
            told.extend(registry.state_changes());
            return Ok(told);
        }
        FromWorker::Busy(slot) => {
            registry.busy(slot);
            None
        }
        FromWorker::StillDone { id, result } => {
            let waiting = talk.waiting.borrow_mut().remove(&id);
            let Some(Waiting::Still(waiting)) = waiting else { return Err(Nonsense) };
            // Whoever asked may have gone away meanwhile.
            let _gone = waiting.send(result);
            None
        }
        FromWorker::FacesDone { id, result } => {
            let waiting = talk.waiting.borrow_mut().remove(&id);
            let Some(Waiting::Faces(waiting)) = waiting else { return Err(Nonsense) };
            let _gone = waiting.send(result);
            None
        }
        FromWorker::AnonymousDone { id, result } => {
            let waiting = talk.waiting.borrow_mut().remove(&id);
            let Some(Waiting::Anonymous(waiting)) = waiting else { return Err(Nonsense) };
            let _gone = waiting.send(result);
            None
        }
        FromWorker::Face { slot, track, at, face } => {
            registry.face_seen(slot, track, at, face).map_err(|_| Nonsense)?
        }
        FromWorker::State(slot, undecodable) => {
            registry.decodable(slot, undecodable);
            return Ok(registry.state_changes());
        }
        FromWorker::Counters(slot, counters) => registry.counted(slot, counters),
        FromWorker::Started(activity) => {
            registry.activity_started(activity).map_err(|_| Nonsense)?
        }
        FromWorker::Updated(activity) => {
            registry.activity_updated(activity).map_err(|_| Nonsense)?
        }
        FromWorker::Ended(activity, thumbnail) => {
            registry.activity_ended(activity, thumbnail).map_err(|_| Nonsense)?
        }
    };
    Ok(told.into_iter().collect())
}

/// Gives the worker what there is for it, one message after the other, as fast as it takes them.
async fn talk_to(
    mut to: OwnedWriteHalf,
    config: &EyesConfig,
    registry: &Registry,
    frames: &mut mpsc::Receiver<Queued>,
    jobs: &mut mpsc::Receiver<Job>,
    reports: &mpsc::Sender<EyesReport>,
    talk: &Talk,
) -> SessionEnd {
    let model = config.model.as_ref().map(|model| model.bytes().clone()).unwrap_or_default();
    let mut written = to.write_all(&ToWorker::Model(model).encode()).await;
    let mut job_id = 0u32;
    while written.is_ok() {
        let messages = registry.news();
        if !messages.is_empty() {
            written = write(&mut to, &messages).await;
            for report in registry.state_changes() {
                send(reports, report).await;
            }
            continue;
        }
        tokio::select! {
            biased;
            () = registry.changed() => {}
            Some(job) = jobs.recv() => {
                job_id = job_id.wrapping_add(1);
                written = ask(&mut to, job, job_id, talk).await;
            }
            Some(queued) = frames.recv() => {
                written = write(&mut to, &registry.frame(&queued)).await;
            }
            else => return SessionEnd::Asked,
        }
    }
    SessionEnd::Closed
}

async fn write(to: &mut OwnedWriteHalf, messages: &[ToWorker]) -> io::Result<()> {
    for message in messages {
        to.write_all(&message.encode()).await?;
    }
    Ok(())
}

async fn ask(to: &mut OwnedWriteHalf, job: Job, id: u32, talk: &Talk) -> io::Result<()> {
    let (message, waiting) = match job {
        Job::Still(request, answer) => {
            let request = Box::new(StillRequest { id, ..request });
            (ToWorker::Still(request), Waiting::Still(answer))
        }
        Job::Faces(request, answer) => {
            let request = Box::new(FacesRequest { id, ..request });
            (ToWorker::Faces(request), Waiting::Faces(answer))
        }
        Job::Anonymous(request, answer) => {
            let request = Box::new(AnonymousRequest { id, ..request });
            (ToWorker::Anonymous(request), Waiting::Anonymous(answer))
        }
    };
    if waiting.is_gone() {
        return Ok(());
    }
    talk.waiting.borrow_mut().insert(id, waiting);
    to.write_all(&message.encode()).await
}

impl Waiting {
    /// Nobody waits any more.
    fn is_gone(&self) -> bool {
        match self {
            Self::Still(answer) => answer.is_closed(),
            Self::Faces(answer) => answer.is_closed(),
            Self::Anonymous(answer) => answer.is_closed(),
        }
    }
}

/// Ends when the worker says nothing for too long.
async fn watch_silence(talk: &Talk) -> SessionEnd {
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let limit = if talk.ready.get() { SILENCE_MAX } else { START_MAX };
        if talk.heard.get().elapsed() > limit {
            return SessionEnd::Hung;
        }
    }
}
