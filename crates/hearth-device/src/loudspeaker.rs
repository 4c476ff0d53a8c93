//! A device's own loudspeaker, as somebody has it.

use std::time::Duration;

use hearth_media::{
    g711::Law,
    speech::{PACKET, Voice, packets},
};
use hearth_tapo::{
    client::MediaClient,
    media::{AlawMuxer, MediaEvent},
};
use tokio::time::{interval, timeout};

use crate::DeviceError;

/// What the clock of a busy machine may lose while something is said.
const SLACK: Duration = Duration::from_secs(5);

/// An open loudspeaker, of a Tapo camera. Whoever drops it lets it go.
pub struct Loudspeaker(pub(crate) MediaClient);

impl Loudspeaker {
    /// Says something, in real time. Dropping the future ends it in the middle of a word. Cameras do not
    /// say that they have played it; so much is sent behind the last word that it is out by then.
    ///
    /// # Errors
    /// What happened to the connection.
    pub async fn speak(mut self, voice: &mut impl Voice) -> Result<(), DeviceError> {
        let time_max = voice.time_max() + SLACK;
        timeout(time_max, self.say(voice)).await.unwrap_or(Err(DeviceError::Timeout))
    }

    async fn say(&mut self, voice: &mut impl Voice) -> Result<(), DeviceError> {
        let mut transport = AlawMuxer::new();
        let mut said = packets(voice, Law::A);
        let mut due = interval(PACKET);
        loop {
            tokio::select! {
                event = self.0.next() => match event? {
                    Some(MediaEvent::Finished) | None => {
                        return Err(DeviceError::Unreachable("it ended the connection"));
                    }
                    Some(_) => continue,
                },
                _ = due.tick() => {}
            }
            // What somebody speaks is taken when it is due and not before.
            let Some(codes) = said.next() else { return Ok(()) };
            self.0.talk(&transport.packets(&codes)).await?;
        }
    }
}
