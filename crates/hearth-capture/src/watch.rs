//! The shells of buttons, contacts, movement sensors and lamps: one thread each, which owns the line.
//!
//! Dropping an owner ends its thread and waits for it, so the line is released when the drop returns
//! (promise D-21).

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use tokio::sync::mpsc::{Receiver, channel};

use crate::{
    CaptureError,
    debounce::Debounce,
    gpio::{InputLine, OutputLine},
    lamp::{Lamp, Part},
};

/// How long a thread may notice late that nobody needs it any more.
const NOTICE: Duration = Duration::from_millis(50);
/// Changes that nobody took yet; a person at the door makes a few.
const CHANGES_MAX: usize = 64;

/// Listens to one line: a button, a contact, a movement sensor.
#[derive(Debug)]
pub struct LineWatch {
    changes: Receiver<bool>,
    is_ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl LineWatch {
    /// Listens from now on; a state counts when it lasted for `settle`.
    ///
    /// # Errors
    /// If the line cannot be read, or there is no thread for it.
    pub fn start(mut line: Box<dyn InputLine>, settle: Duration) -> Result<Self, CaptureError> {
        let mut debounce = Debounce::new(line.is_active()?, settle);
        let (sender, changes) = channel(CHANGES_MAX);
        let is_ended = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&is_ended);
        let listen = move || {
            while !ended.load(Ordering::Relaxed) {
                match line.edge(debounce.wait().unwrap_or(NOTICE).min(settle.max(NOTICE))) {
                    Ok(Some(is_active)) => debounce.edge(is_active),
                    Ok(None) => {
                        // Nobody takes changes and they are many: the newest is lost, and said so.
                        if let Some(change) = debounce.quiet()
                            && sender.try_send(change).is_err()
                        {
                            tracing::warn!("a change of a line was lost");
                        }
                    }
                    Err(error) => {
                        tracing::error!(%error, "a line is lost");
                        return;
                    }
                }
            }
        };
        let thread = std::thread::Builder::new().name("line".to_owned()).spawn(listen)?;
        Ok(Self { changes, is_ended, thread: Some(thread) })
    }

    /// The next change: `true` when it became active. `None` when the line is lost. Cancel-safe.
    pub async fn next(&mut self) -> Option<bool> {
        self.changes.recv().await
    }
}

impl Drop for LineWatch {
    fn drop(&mut self) {
        self.is_ended.store(true, Ordering::Relaxed);
        end(self.thread.take());
    }
}

/// Keeps one lamp.
#[derive(Debug)]
pub struct LampKeeper {
    commands: Option<mpsc::Sender<Command>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Clone, Copy, Debug)]
enum Command {
    Ring,
    Alert,
    Acknowledge,
    Error(bool),
}

impl LampKeeper {
    /// Shows this part of everything: all is well. The lamp goes dark when the keeper is dropped.
    ///
    /// # Errors
    /// If there is no thread for it.
    pub fn start(mut line: Box<dyn OutputLine>, part: Part) -> Result<Self, CaptureError> {
        let (sender, commands) = mpsc::channel();
        let keep = move || {
            if let Err(error) = keep(line.as_mut(), Lamp::new(part), &commands) {
                tracing::error!(%error, "a lamp is lost");
            }
            // Lost already, or dark.
            line.set(false).ok();
        };
        let thread = std::thread::Builder::new().name("lamp".to_owned()).spawn(keep)?;
        Ok(Self { commands: Some(sender), thread: Some(thread) })
    }

    /// Somebody rang.
    pub fn ring(&self) {
        self.tell(Command::Ring);
    }

    /// Somebody has to look.
    pub fn alert(&self) {
        self.tell(Command::Alert);
    }

    /// Somebody looked.
    pub fn acknowledge(&self) {
        self.tell(Command::Acknowledge);
    }

    /// Something does not work, or works again.
    pub fn error(&self, has_error: bool) {
        self.tell(Command::Error(has_error));
    }

    fn tell(&self, command: Command) {
        let told = self.commands.as_ref().map(|commands| commands.send(command));
        if !matches!(told, Some(Ok(()))) {
            tracing::warn!("the lamp is lost");
        }
    }
}

impl Drop for LampKeeper {
    fn drop(&mut self) {
        self.commands = None;
        end(self.thread.take());
    }
}

/// Shows what was told until nobody is left to tell.
fn keep(
    line: &mut dyn OutputLine,
    mut lamp: Lamp,
    commands: &mpsc::Receiver<Command>,
) -> Result<(), CaptureError> {
    let begun = Instant::now();
    let mut shown = None;
    loop {
        let (is_lit, stays) = lamp.look(begun.elapsed());
        if shown != Some(is_lit) {
            line.set(is_lit)?;
            shown = Some(is_lit);
        }
        match commands.recv_timeout(stays) {
            Ok(Command::Ring) => lamp.ring(begun.elapsed()),
            Ok(Command::Alert) => lamp.alert(),
            Ok(Command::Acknowledge) => lamp.acknowledge(),
            Ok(Command::Error(has_error)) => lamp.error(has_error),
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => return Ok(()),
        }
    }
}

fn end(thread: Option<JoinHandle<()>>) {
    if thread.is_some_and(|thread| thread.join().is_err()) {
        tracing::error!("the thread of a line panicked");
    }
}
