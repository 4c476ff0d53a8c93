//! Says something through a camera's loudspeaker.

use std::{sync::Arc, time::Duration};

use hearth_media::speech::Voice;
use hearth_model::{SourceScheme, StateReason};
use tokio::time::timeout;

use crate::{SourceError, SourceSpec, Timeline, source::SET_UP_TIMEOUT};

/// A goodbye is answered at once by a camera that took what came before it.
pub(crate) const GOODBYE_TIMEOUT: Duration = Duration::from_secs(3);
/// What the clock of a busy machine may lose while something is said.
const SLACK: Duration = Duration::from_secs(5);

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

/// Says something through the loudspeaker of a camera, in real time; calls `listens` when the camera is
/// there.
///
/// It was said when this returns: the camera answered a goodbye that came behind the last word. Takes
/// some seconds more than the voice at most, whatever the camera does. Dropping the future ends it in
/// the middle of a word.
///
/// # Errors
/// [`SpeakError::NoSpeaker`], or what happened to the session.
pub async fn speak(
    spec: &SourceSpec,
    voice: &mut impl Voice,
    timeline: Arc<dyn Timeline>,
    listens: impl FnOnce() + Send,
) -> Result<(), SpeakError> {
    if !matches!(spec.url.scheme(), SourceScheme::Rtsp | SourceScheme::Rtsps) {
        return Err(SpeakError::NoSpeaker);
    }
    let time_max = SET_UP_TIMEOUT + voice.time_max() + SLACK + GOODBYE_TIMEOUT;
    let said = crate::rtsp::speak(spec, voice, timeline.as_ref(), listens);
    timeout(time_max, said).await.unwrap_or_else(|_| {
        let detail = "what was to be said was not said in time";
        Err(SourceError::new(StateReason::Unreachable, detail).into())
    })
}
