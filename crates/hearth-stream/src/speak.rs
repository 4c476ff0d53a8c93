//! Says something through a camera's loudspeaker: one short session of its own.

use std::{sync::Arc, time::Duration};

use hearth_media::speech::Speech;
use hearth_model::{SourceScheme, StateReason};
use tokio::time::timeout;

use crate::{SourceError, SourceSpec, Timeline, source::SET_UP_TIMEOUT};

/// A goodbye is answered at once by a camera that took what came before it.
pub(crate) const GOODBYE_TIMEOUT: Duration = Duration::from_secs(3);
/// What the clock of a busy machine may lose while something is said.
const SLACK: Duration = Duration::from_secs(5);

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
    if !matches!(spec.url.scheme(), SourceScheme::Rtsp | SourceScheme::Rtsps) {
        return Err(SpeakError::NoSpeaker);
    }
    let said = crate::rtsp::speak(spec, speech, timeline.as_ref());
    timeout(SPEAK_TIME_MAX, said).await.unwrap_or_else(|_| {
        let detail = "what was to be said was not said in time";
        Err(SourceError::new(StateReason::Unreachable, detail).into())
    })
}
