//! Speaking with whoever stands at a door, through the camera's loudspeaker.
//!
//! Nothing of it is kept. It ends when whoever speaks is done or gone, after 30 s in which they said
//! nothing, and after two minutes: a loudspeaker that is left open keeps others from it, and some
//! doorbells from ringing.

use hearth_auth::{CameraGrant, ask};
use hearth_media::speech::{Microphone, TalkEnd, microphone};
use hearth_model::VisitId;
use tokio::sync::watch;

use crate::{
    Hub,
    error::{Result, UseCaseError},
    loudspeaker::Turn,
};

/// How far it came.
#[derive(Clone, Debug)]
pub enum TalkState {
    /// The camera is being asked for its loudspeaker. What is said meanwhile is heard later.
    Connecting,
    /// What is said is heard.
    Listening,
    /// It is over; the camera has taken the last word, or it failed.
    Over(Result<Talked>),
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Talked {
    /// Why it ended.
    pub end: TalkEnd,
    /// The visit that was answered, if somebody was at that door.
    pub visit: Option<VisitId>,
}

/// Somebody speaks. Whoever drops it is done: what they said is said to its end.
#[derive(Debug)]
pub struct Talk {
    microphone: Microphone,
    state: watch::Receiver<TalkState>,
}

impl Talk {
    /// Takes codes of mu-law (ITU-T G.711), 8,000 a second.
    pub fn hear(&self, codes: &[u8]) {
        self.microphone.hear(codes);
    }

    /// How far it came now.
    pub fn state(&mut self) -> TalkState {
        self.state.borrow_and_update().clone()
    }

    /// Waits until it came further. Cancel-safe.
    pub async fn changed(&mut self) -> TalkState {
        match self.state.changed().await {
            Ok(()) => self.state(),
            // Whoever speaks for it says how it ended, unless they panicked.
            Err(error) => TalkState::Over(Err(UseCaseError::internal(&error))),
        }
    }

    /// Ends it, and waits until the camera has taken the last word; answers what came of it.
    ///
    /// # Errors
    /// What a camera fails with.
    pub async fn done(self) -> Result<Talked> {
        let Self { microphone, mut state } = self;
        drop(microphone);
        loop {
            if let TalkState::Over(result) = state.borrow_and_update().clone() {
                return result;
            }
            state.changed().await.map_err(|error| UseCaseError::internal(&error))?;
        }
    }
}

impl Hub {
    /// Begins to speak through a camera's loudspeaker.
    ///
    /// # Errors
    /// `busy` while something is said there. What the camera fails with comes as [`TalkState::Over`]:
    /// `cannot_speak` at one without a loudspeaker, and what else [`say_reply`](Self::say_reply) does.
    pub fn talk(&self, grant: CameraGrant<ask::Control>) -> Result<Talk> {
        let turn = Turn::take(self.house(), self.running(grant.camera())?)?;
        let (microphone, mut talking) = microphone();
        let (sender, state) = watch::channel(TalkState::Connecting);
        tokio::spawn(async move {
            let listens = || drop(sender.send_replace(TalkState::Listening));
            let said = turn.say(&mut talking, listens).await;
            // Whoever is told that it is over may speak again.
            drop(turn);
            let said = said.map(|visit| Talked { end: talking.end(), visit });
            sender.send_replace(TalkState::Over(said));
        });
        Ok(Talk { microphone, state })
    }
}
