//! Says something through a camera's loudspeaker: one short session of its own.

use std::{sync::Arc, time::Duration};

use hearth_media::{g711::Law, speech::Speech};
use hearth_model::{SourceScheme, StateReason};
use hearth_rtsp::voice::VoicePackets;
use tokio::time::timeout;

use crate::{SourceError, SourceSpec, Timeline, rtsp::Voice, source::SET_UP_TIMEOUT};

/// A goodbye is answered at once by a camera that took what came before it.
pub(crate) const GOODBYE_TIMEOUT: Duration = Duration::from_secs(3);
/// What the clock of a busy machine may lose while something is said.
pub(crate) const SLACK: Duration = Duration::from_secs(5);

/// The longest that [`speak`] takes, whatever the camera does.
pub const SPEAK_TIME_MAX: Duration = SET_UP_TIMEOUT
    .saturating_add(Duration::from_secs(Speech::SECONDS_MAX as u64))
    .saturating_add(SLACK)
    .saturating_add(GOODBYE_TIMEOUT);

/// Why a camera did not say something.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpeakError {
    /// The camera has no loudspeaker, or none that takes G.711; or it is reached by a protocol that has
    /// no way back.
    #[error("the camera has no loudspeaker that can be spoken to")]
    NoSpeaker,
    /// The session could not be set up, or broke.
    #[error(transparent)]
    Failed(#[from] SourceError),
}

/// Says something through the loudspeaker of a camera, in real time.
///
/// It was said when this returns: the camera answered a goodbye that came behind the last word. Ends
/// within [`SPEAK_TIME_MAX`]. Dropping the future ends it in the middle of a word.
///
/// # Errors
/// [`SpeakError::NoSpeaker`], or what happened to the session.
pub async fn speak(
    spec: &SourceSpec,
    speech: &Speech,
    timeline: Arc<dyn Timeline>,
) -> Result<(), SpeakError> {
    let mut recorded = Recorded { speech, said: 0 };
    within(SPEAK_TIME_MAX, spec, &mut recorded, timeline, || {}).await
}

/// Says what a voice says, within a time.
pub(crate) async fn within(
    time_max: Duration,
    spec: &SourceSpec,
    voice: &mut (impl Voice + Send),
    timeline: Arc<dyn Timeline>,
    listens: impl FnOnce() + Send,
) -> Result<(), SpeakError> {
    if !matches!(spec.url.scheme(), SourceScheme::Rtsp | SourceScheme::Rtsps) {
        return Err(SpeakError::NoSpeaker);
    }
    let said = crate::rtsp::speak(spec, voice, timeline.as_ref(), listens);
    timeout(time_max, said).await.unwrap_or_else(|_| {
        let detail = "what was to be said was not said in time";
        Err(SourceError::new(StateReason::Unreachable, detail).into())
    })
}

/// What was recorded, from its begin.
struct Recorded<'a> {
    speech: &'a Speech,
    said: usize,
}

impl Voice for Recorded<'_> {
    fn next(&mut self, law: Law) -> Option<Vec<u8>> {
        let left = self.speech.codes().get(self.said..)?;
        let packet = left.get(..VoicePackets::SAMPLES).unwrap_or(left);
        self.said += packet.len();
        (!packet.is_empty()).then(|| law.of_mu(packet))
    }
}
