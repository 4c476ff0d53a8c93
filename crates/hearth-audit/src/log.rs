//! The running audit log: a handle that never waits, and the thread that writes.
//!
//! [`AuditLog::record`] counts floods, puts the line into a bounded queue and returns. One thread
//! takes what is there, appends it in one piece (a batch, two syncs) and copies it to the security
//! log. While the disk refuses, the thread tries again and the queue fills; what does not fit then
//! is counted, and the count becomes a line of its own as soon as lines can be written again.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel},
    },
    thread::JoinHandle,
    time::Duration,
};

use hearth_model::{Severity, WallTime};
use hearth_vault::{KeyScope, Vault};

use crate::{
    AuditError, AuditPage, ChainReport, Pseudonyms, Query,
    anchor::Anchor,
    chain::{Chain, Keep, Opening},
    entry::{Category, Class, Entry, Outcome, Recorded},
    flood::Flood,
    keys::Keys,
    query,
    security_log::SecurityLog,
    verify,
};

/// Lines between those who record and the thread that writes: ten seconds of a disk that hangs, at
/// 400 lines a second.
const QUEUE_MAX: usize = 4_096;

/// Lines written with one sync.
const BATCH_MAX: usize = 256;

/// How often counted lines are looked at, and a refused append is tried again.
const TICK: Duration = Duration::from_secs(1);

/// How long a reader waits for lines that are on their way: it then shows what is there.
const FLUSH_MAX: Duration = Duration::from_secs(2);

/// How often old files are looked for.
const DROP_EVERY_MICROS: i64 = 3_600_000_000;

/// A clock; the hub's own.
pub type Clock = Arc<dyn Fn() -> WallTime + Send + Sync>;

/// What the log is started with.
pub struct AuditConfig {
    /// Folder of the chain; nothing else lies there.
    pub folder: PathBuf,
    /// Folder of the security log.
    pub log_folder: PathBuf,
    /// Keys.
    pub vault: Vault,
    /// The clock.
    pub clock: Clock,
    /// How long entries stay.
    pub keep: Keep,
    /// The security log names nobody.
    pub anonymise: bool,
    /// [`AuditLog::anchor_text`] as it was last kept elsewhere.
    pub known: Option<String>,
}

enum Job {
    Entry(Box<Entry>),
    Flush(SyncSender<Anchor>),
    End,
}

/// How many lines there were in this run, for metrics. Read by anyone, no lock.
#[derive(Debug, Default)]
pub struct AuditCounters {
    entries: [[AtomicU64; Outcome::ALL.len()]; Category::ALL.len()],
    lost: AtomicU64,
    failed_appends: AtomicU64,
}

impl AuditCounters {
    /// What was recorded under a category with an outcome, lines that were only counted included.
    pub fn entries(&self, category: Category, outcome: Outcome) -> u64 {
        self.cell(category, outcome).map_or(0, |cell| cell.load(Ordering::Relaxed))
    }

    /// Lines that did not fit into the queue.
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    /// Appends that the disk refused.
    pub fn failed_appends(&self) -> u64 {
        self.failed_appends.load(Ordering::Relaxed)
    }

    fn cell(&self, category: Category, outcome: Outcome) -> Option<&AtomicU64> {
        let row = Category::ALL.iter().position(|one| *one == category)?;
        let column = Outcome::ALL.iter().position(|one| *one == outcome)?;
        self.entries.get(row)?.get(column)
    }

    fn count(&self, entry: &Entry) {
        if let Some(cell) = self.cell(entry.category, entry.result) {
            cell.fetch_add(1, Ordering::Relaxed);
        }
    }
}

struct Shared {
    folder: PathBuf,
    keys: Keys,
    flood: Mutex<Flood>,
    counters: AuditCounters,
    /// Readers hold it while they go through the files; the writer drops none then.
    reading: RwLock<()>,
    anchor: Mutex<Anchor>,
    clock: Clock,
    pseudonyms: Pseudonyms,
    /// A disk that refuses must not keep the hub from ending.
    ending: AtomicBool,
}

/// The running log; cheap to clone. It ends with [`AuditLog::close`].
#[derive(Clone)]
pub struct AuditLog {
    shared: Arc<Shared>,
    jobs: SyncSender<Job>,
    thread: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl AuditLog {
    /// Opens the chain and starts the thread that writes.
    ///
    /// # Errors
    /// If the folder, a file or a key can't be used.
    pub fn start(config: AuditConfig) -> Result<(Self, Opening), AuditError> {
        let keys = Keys::new(config.vault.clone())?;
        let known = config.known.as_deref().and_then(|text| anchor_of(&keys, text));
        let (chain, opening) = Chain::open(&config.folder, keys.clone(), known)?;
        let pseudonyms = config.vault.mac_key(&KeyScope::House, b"log pseudonyms v1")?;
        let pseudonyms = Pseudonyms::new(pseudonyms);
        let shared = Arc::new(Shared {
            folder: config.folder,
            keys,
            flood: Mutex::default(),
            counters: AuditCounters::default(),
            reading: RwLock::default(),
            anchor: Mutex::new(chain.anchor()),
            clock: config.clock,
            pseudonyms: pseudonyms.clone(),
            ending: AtomicBool::new(false),
        });
        let (jobs, queue) = sync_channel(QUEUE_MAX);
        let writer = Writer {
            shared: Arc::clone(&shared),
            chain,
            security: SecurityLog::new(&config.log_folder, config.anonymise.then_some(pseudonyms)),
            security_fails: false,
            keep: config.keep,
            dropped_at: None,
            lost_told: 0,
        };
        let thread = std::thread::Builder::new()
            .name("audit".to_owned())
            .spawn(move || writer.run(&queue))
            .map_err(AuditError::io("start its thread"))?;
        Ok((Self { shared, jobs, thread: Arc::new(Mutex::new(Some(thread))) }, opening))
    }

    /// The short forms of names and addresses in this house, for other logs.
    pub fn pseudonyms(&self) -> &Pseudonyms {
        &self.shared.pseudonyms
    }

    /// Records a line; never waits for the disk.
    pub fn record(&self, entry: Entry) {
        let entry = entry.bounded();
        self.shared.counters.count(&entry);
        let Some(entry) = lock(&self.shared.flood).admit(entry) else { return };
        if self.jobs.try_send(Job::Entry(Box::new(entry))).is_err() {
            self.shared.counters.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits until everything recorded before is on the disk. Blocks.
    ///
    /// # Errors
    /// [`AuditError::Busy`] if the disk takes too long, [`AuditError::Closed`] after
    /// [`AuditLog::close`].
    pub fn flush(&self) -> Result<Anchor, AuditError> {
        let (reply, answer) = sync_channel(1);
        self.jobs.try_send(Job::Flush(reply)).map_err(|error| match error {
            TrySendError::Full(_) => AuditError::Busy,
            TrySendError::Disconnected(_) => AuditError::Closed,
        })?;
        answer.recv_timeout(FLUSH_MAX).map_err(|error| match error {
            RecvTimeoutError::Timeout => AuditError::Busy,
            RecvTimeoutError::Disconnected => AuditError::Closed,
        })
    }

    /// Writes what is left, counted lines included, and ends the thread. Blocks.
    pub fn close(&self) {
        let Some(thread) = lock(&self.thread).take() else { return };
        self.shared.ending.store(true, Ordering::Relaxed);
        // A thread that has ended by itself is joined all the same.
        self.jobs.send(Job::End).ok();
        if thread.join().is_err() {
            tracing::error!("the audit log's thread failed");
        }
    }

    /// Counts of this run.
    pub fn counters(&self) -> &AuditCounters {
        &self.shared.counters
    }

    /// Number of the newest line on the disk.
    pub fn newest(&self) -> u64 {
        lock(&self.shared.anchor).seq()
    }

    /// How far the log goes, authenticated, for a second place outside its folder.
    pub fn anchor_text(&self) -> String {
        let anchor = *lock(&self.shared.anchor);
        let bytes = anchor.to_bytes(&self.shared.keys.anchor);
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Reads a page, newest first. Blocks.
    ///
    /// # Errors
    /// If the folder can't be read.
    pub fn page(&self, query: &Query, limit: usize) -> Result<AuditPage, AuditError> {
        let _reading = self.shared.reading.read().unwrap_or_else(PoisonError::into_inner);
        query::page(&self.shared.folder, &self.shared.keys, query, limit)
    }

    /// Hands every line that is asked for to `sink`, oldest first, until it says stop. Blocks.
    ///
    /// # Errors
    /// If the folder can't be read.
    pub fn all(&self, query: &Query, sink: impl FnMut(Recorded) -> bool) -> Result<(), AuditError> {
        let _reading = self.shared.reading.read().unwrap_or_else(PoisonError::into_inner);
        query::all(&self.shared.folder, &self.shared.keys, query, sink)
    }

    /// Checks the whole chain. Blocks; lines are recorded and written meanwhile.
    ///
    /// # Errors
    /// If the folder can't be read.
    pub fn verify(&self) -> Result<ChainReport, AuditError> {
        let _reading = self.shared.reading.read().unwrap_or_else(PoisonError::into_inner);
        let anchor = *lock(&self.shared.anchor);
        verify::verify(&self.shared.folder, &self.shared.keys, Some(anchor))
    }
}

fn anchor_of(keys: &Keys, text: &str) -> Option<Anchor> {
    let mut bytes = Vec::with_capacity(Anchor::BYTES);
    for pair in text.as_bytes().chunks(2) {
        bytes.push(u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?);
    }
    let anchor = Anchor::from_bytes(&keys.anchor, &bytes);
    if anchor.is_none() {
        tracing::warn!("the copy of the audit log's anchor is damaged");
    }
    anchor
}

struct Writer {
    shared: Arc<Shared>,
    chain: Chain,
    security: SecurityLog,
    security_fails: bool,
    keep: Keep,
    dropped_at: Option<WallTime>,
    lost_told: u64,
}

impl Writer {
    fn run(mut self, queue: &Receiver<Job>) {
        let mut batch = Vec::new();
        let mut flushed = Vec::new();
        let mut ends = false;
        while !ends {
            let mut next = match queue.recv_timeout(TICK) {
                Ok(job) => Some(job),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => Some(Job::End),
            };
            while let Some(job) = next {
                match job {
                    Job::Entry(entry) => batch.push(*entry),
                    Job::Flush(reply) => flushed.push(reply),
                    Job::End => ends = true,
                }
                let goes_on = batch.len() < BATCH_MAX && flushed.is_empty() && !ends;
                next = if goes_on { queue.try_recv().ok() } else { None };
            }
            let now = (self.shared.clock)();
            batch.extend(lock(&self.shared.flood).due((!ends).then_some(now)));
            self.tell_lost(now, &mut batch);
            self.write(&mut batch);
            for reply in flushed.drain(..) {
                // Whoever asked may have stopped waiting.
                reply.send(self.chain.anchor()).ok();
            }
            self.drop_old(now, &mut batch);
        }
        // Whatever retention said in the last round.
        self.write(&mut batch);
    }

    /// Tries until it works: lines that were taken are not given up, but at the end.
    fn write(&mut self, batch: &mut Vec<Entry>) {
        while !batch.is_empty() {
            let first = self.chain.next_seq();
            match self.chain.append(batch) {
                Ok(()) => {
                    *lock(&self.shared.anchor) = self.chain.anchor();
                    let numbered = batch.drain(..).zip(first..);
                    let numbered = numbered.map(|(entry, seq)| Recorded { seq, entry });
                    let lines: Vec<Recorded> = numbered.collect();
                    lines.iter().for_each(|line| self.copy(line));
                }
                Err(error) => {
                    self.shared.counters.failed_appends.fetch_add(1, Ordering::Relaxed);
                    tracing::error!(%error, lines = batch.len(), "audit entries were not written");
                    if self.shared.ending.load(Ordering::Relaxed) {
                        return;
                    }
                    std::thread::sleep(TICK);
                }
            }
        }
    }

    fn copy(&mut self, line: &Recorded) {
        let written = self.security.write(line);
        if let Err(error) = &written
            && !self.security_fails
        {
            tracing::error!(%error, "the security log can't be written");
        }
        self.security_fails = written.is_err();
    }

    fn tell_lost(&mut self, now: WallTime, batch: &mut Vec<Entry>) {
        let lost = self.shared.counters.lost();
        let new = lost.saturating_sub(self.lost_told);
        if new > 0 {
            self.lost_told = lost;
            let text = format!("{new} entries came while the disk did not take them, and are lost");
            let entry = Entry::by_hub(now, Class::Security, "audit_lost").detail(text);
            batch.push(entry.weighs(Severity::Critical).bounded());
        }
    }

    fn drop_old(&mut self, now: WallTime, batch: &mut Vec<Entry>) {
        let since = |at: WallTime| now.micros_since(at);
        if self.dropped_at.is_some_and(|at| (0..DROP_EVERY_MICROS).contains(&since(at))) {
            return;
        }
        // Somebody reads: the next round is soon enough.
        let Ok(_writing) = self.shared.reading.try_write() else { return };
        self.dropped_at = Some(now);
        match self.chain.drop_old(self.keep, now) {
            Ok(None) => {}
            Ok(Some(seq)) => {
                *lock(&self.shared.anchor) = self.chain.anchor();
                let text = format!("entries up to number {seq} were dropped by retention");
                batch.push(Entry::by_hub(now, Class::System, "audit_retention").detail(text));
            }
            Err(error) => tracing::error!(%error, "old audit entries were not dropped"),
        }
    }
}

/// A lock whose holder panicked still holds plain data.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
