//! A session whose only media are what we say.

use hearth_media::speech::{PACKET, Voice, packets};
use hearth_model::StateReason;
use hearth_rtsp::{
    session::{ClientSession, Purpose, SessionError, SessionEvent},
    voice::{Speaker, VoicePackets},
};
use tokio::time::{interval, timeout};

use super::{
    REDIRECTS_MAX,
    link::{Link, LinkError},
    redirects_too_often, session_config,
};
use crate::{
    SourceError, SourceSpec, SpeakError, Timeline,
    connection::{self, Opened},
    source::SET_UP_TIMEOUT,
    speak::GOODBYE_TIMEOUT,
};

impl From<LinkError> for SpeakError {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Session(SessionError::NoSpeaker) => Self::NoSpeaker,
            other => Self::Failed(other.into()),
        }
    }
}

/// Sets up a session, says so, says something, and says goodbye.
pub(crate) async fn speak(
    spec: &SourceSpec,
    voice: &mut impl Voice,
    timeline: &dyn Timeline,
    listens: impl FnOnce() + Send,
) -> Result<(), SpeakError> {
    let set_up = timeout(SET_UP_TIMEOUT, set_up(spec, timeline)).await;
    let (mut link, speaker) = set_up.unwrap_or_else(|_| {
        let detail = "the loudspeaker was not set up in time";
        Err(SourceError::new(StateReason::Unreachable, detail).into())
    })?;
    listens();
    say(&mut link, speaker, voice, timeline).await?;
    Ok(say_goodbye(&mut link, timeline).await?)
}

async fn set_up(spec: &SourceSpec, timeline: &dyn Timeline) -> Result<(Link, Speaker), SpeakError> {
    let mut url = spec.url.clone();
    for _ in 0..=REDIRECTS_MAX {
        let opened = connection::open(&url, spec).await?;
        let config = session_config(spec, &url, Purpose::Speak, opened.is_private())?;
        let session = ClientSession::new(config, timeline.now());
        let Opened { connection, .. } = opened;
        let mut link = Link::new(connection, session, None);
        match link.next_event(timeline).await? {
            SessionEvent::Listening(speaker) => return Ok((link, speaker)),
            SessionEvent::Redirected(target) => url = target,
            SessionEvent::Playing(_) | SessionEvent::Ended => {
                return Err(LinkError::from(SessionError::EndedByCamera).into());
            }
        }
    }
    Err(redirects_too_often().into())
}

/// Sends packets as they are due. A tick that comes late is made up for by the next ones, so that what
/// is said takes as long as it lasts.
async fn say(
    link: &mut Link,
    speaker: Speaker,
    voice: &mut impl Voice,
    timeline: &dyn Timeline,
) -> Result<(), SpeakError> {
    let mut rtp = VoicePackets::new(speaker, crate::random_bytes()?);
    let mut due = interval(PACKET);
    let mut said = packets(voice, speaker.law);
    loop {
        tokio::select! {
            // First of all what waits is written, also when many ticks are due at once.
            biased;
            event = link.next_event(timeline) => {
                // Nothing else can happen in a session that is under way.
                event?;
                return Err(LinkError::from(SessionError::EndedByCamera).into());
            }
            _ = due.tick() => {}
        }
        // What somebody speaks is taken when it is due and not before.
        let Some(codes) = said.next() else { return Ok(()) };
        link.session.send_packet(rtp.packet(&codes)).map_err(LinkError::from)?;
    }
}

/// Waits until the camera has taken what was said: its answer to the goodbye comes after that. One that
/// closes the connection instead has understood it too.
async fn say_goodbye(link: &mut Link, timeline: &dyn Timeline) -> Result<(), LinkError> {
    link.session.end(timeline.now());
    let answered = async {
        loop {
            match link.next_event(timeline).await {
                Ok(SessionEvent::Ended) => return Ok(()),
                Ok(_) => {}
                Err(LinkError::Below(error)) if error.reason == StateReason::Closed => {
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
        }
    };
    timeout(GOODBYE_TIMEOUT, answered).await.unwrap_or_else(|_| {
        let detail = "the camera did not say that it took all of it";
        Err(SourceError::new(StateReason::Unreachable, detail).into())
    })
}
