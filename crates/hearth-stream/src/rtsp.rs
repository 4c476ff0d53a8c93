//! RTSP and RTSPS sources: the session machine of `hearth-rtsp` on sockets.
//!
//! Cost matters here: one read takes whatever has arrived, packets are parsed in place, and a
//! single coarse timer does everything that is done by time.

use std::{collections::VecDeque, sync::Arc};

use hearth_media::StreamItem;
use hearth_model::{SourceUrl, StateReason, Transport};
use hearth_rtsp::{
    auth::AuthScheme,
    framing::{Framed, Framer},
    session::{ClientSession, Purpose, SessionConfig, SessionError, SessionEvent, Track},
};

use crate::{
    SourceError, SourceSpec, SourceStats, Timeline,
    connection::{self, Opened},
    watch::FloodWatch,
};

mod datagrams;
mod link;
mod read_buffer;
mod reception;
mod speaking;

pub(crate) use speaking::speak;

use datagrams::Datagrams;
use link::{Link, Wake};
use reception::Reception;

/// A camera that keeps sending us elsewhere is broken.
const REDIRECTS_MAX: u32 = 2;

impl From<SessionError> for SourceError {
    fn from(error: SessionError) -> Self {
        Self::new(error.reason(), error.to_string())
    }
}

/// See the module.
#[derive(Debug)]
pub(crate) struct RtspSource {
    link: Link,
    reception: Reception,
    flood: FloodWatch,
    timeline: Arc<dyn Timeline>,
    certificate: Option<[u8; 32]>,
    /// What ends the source, once the items that came before it are handed out.
    error: Option<SourceError>,
    is_encrypted: bool,
}

/// Opens a source; the caller sets the deadline for all of it.
pub(crate) async fn connect(
    spec: &SourceSpec,
    timeline: Arc<dyn Timeline>,
) -> Result<RtspSource, SourceError> {
    let mut url = spec.url.clone();
    for _ in 0..=REDIRECTS_MAX {
        let opened = connection::open(&url, spec).await?;
        match RtspSource::set_up(spec, &url, opened, &timeline).await? {
            SetUp::Playing(source) => return Ok(*source),
            SetUp::Redirected(target) => url = target,
        }
    }
    Err(redirects_too_often())
}

fn redirects_too_often() -> SourceError {
    SourceError::new(StateReason::Malformed, "the camera redirects again and again")
}

/// What a session starts from whose media travel inside the connection.
fn session_config(
    spec: &SourceSpec,
    url: &SourceUrl,
    purpose: Purpose,
    is_basic_allowed: bool,
) -> Result<SessionConfig, SourceError> {
    let account = spec.credentials.as_ref();
    Ok(SessionConfig {
        url: url.clone(),
        purpose,
        account: account.map(|one| (one.username.clone(), one.password.clone())),
        transport: Transport::Tcp,
        udp_ports: [0; 2],
        random: crate::random_bytes()?,
        is_basic_allowed,
    })
}

enum SetUp {
    Playing(Box<RtspSource>),
    Redirected(SourceUrl),
}

impl RtspSource {
    async fn set_up(
        spec: &SourceSpec,
        url: &SourceUrl,
        opened: Opened,
        timeline: &Arc<dyn Timeline>,
    ) -> Result<SetUp, SourceError> {
        let is_basic_allowed = opened.is_private();
        let Opened { connection, local, peer, certificate } = opened;
        let is_encrypted = url.scheme().is_encrypted();
        // Datagrams beside an encrypted session would travel in the clear.
        let wants_datagrams = spec.transport == Transport::Udp && !is_encrypted;
        let datagrams =
            if wants_datagrams { Some(Datagrams::bind(local, peer).await?) } else { None };
        let mut config = session_config(spec, url, Purpose::Watch, is_basic_allowed)?;
        if let Some(datagrams) = &datagrams {
            config.transport = Transport::Udp;
            config.udp_ports = datagrams.ports();
        }
        let session = ClientSession::new(config, timeline.now());
        let mut link = Link::new(connection, session, datagrams);
        match link.next_event(timeline.as_ref()).await? {
            SessionEvent::Redirected(target) => Ok(SetUp::Redirected(target)),
            SessionEvent::Ended | SessionEvent::Listening(_) => {
                Err(SessionError::EndedByCamera.into())
            }
            SessionEvent::Playing(tracks) => {
                let source = Self::playing(link, tracks, timeline, certificate, is_encrypted)?;
                Ok(SetUp::Playing(Box::new(source)))
            }
        }
    }

    fn playing(
        mut link: Link,
        tracks: Vec<Track>,
        timeline: &Arc<dyn Timeline>,
        certificate: Option<[u8; 32]>,
        is_encrypted: bool,
    ) -> Result<Self, SourceError> {
        let now = timeline.now();
        let uses_datagrams = Reception::uses_datagrams(&tracks);
        if !uses_datagrams {
            link.datagrams = None;
        }
        let mut source = Self {
            link,
            reception: Reception::new(tracks, now, crate::random_bytes()?),
            flood: FloodWatch::new(now),
            timeline: timeline.clone(),
            certificate,
            error: None,
            is_encrypted,
        };
        if source.is_password_exposed() {
            tracing::warn!("the camera takes the password in the clear only");
        }
        // Packets may have come right behind the last answer.
        source.read_packets(0);
        Ok(source)
    }

    /// The next item. Cancel-safe: everything that arrived is in `self`.
    pub(crate) async fn next(&mut self) -> Result<StreamItem, SourceError> {
        loop {
            if let Some(item) = self.reception.pop() {
                return Ok(item);
            }
            if let Some(error) = &self.error {
                return Err(error.clone());
            }
            self.advance().await;
        }
    }

    async fn advance(&mut self) {
        let woken = match self.link.wait().await {
            Ok(Wake::Read(bytes)) => {
                self.read_packets(bytes);
                Ok(())
            }
            Ok(Wake::Datagram { socket, bytes }) => self.read_datagram(socket, bytes),
            Ok(Wake::Tick) => self.tick(),
            Err(error) => Err(error),
        };
        if let Err(error) = woken {
            self.error.get_or_insert(error);
        }
    }

    fn read_packets(&mut self, bytes: usize) {
        let now = self.timeline.now();
        let before = self.reception.waiting();
        let mut read = Ok(());
        while read.is_ok() {
            let used = match self.link.framer.next(self.link.buffer.filled()) {
                Ok(Framed::NeedMore(wanted)) => {
                    self.link.buffer.expect(wanted);
                    break;
                }
                Ok(Framed::Skip(used)) => used,
                Ok(Framed::Packet { channel, payload }) => {
                    read = self.reception.receive_interleaved(channel, payload, now);
                    payload.len() + Framer::PREFIX_BYTES
                }
                Ok(Framed::Message(message, used)) => {
                    match self.link.session.receive(&message, now) {
                        Ok(Some(SessionEvent::Ended)) => {
                            read = Err(SessionError::EndedByCamera.into());
                        }
                        Ok(_) => {}
                        Err(error) => read = Err(error.into()),
                    }
                    used
                }
                Err(error) => {
                    read = Err(SessionError::from(error).into());
                    0
                }
            };
            self.link.buffer.consume(used);
        }
        let frames = self.reception.waiting().saturating_sub(before);
        if let Err(error) = read.and_then(|()| self.flood.note(bytes, frames, now)) {
            self.error.get_or_insert(error);
        }
    }

    fn read_datagram(&mut self, socket: usize, bytes: usize) -> Result<(), SourceError> {
        let now = self.timeline.now();
        let before = self.reception.waiting();
        if let Some(datagrams) = &self.link.datagrams {
            self.reception.receive_datagram(socket, datagrams.packet(bytes), now)?;
        }
        let frames = self.reception.waiting().saturating_sub(before);
        self.flood.note(bytes, frames, now)
    }

    fn tick(&mut self) -> Result<(), SourceError> {
        let now = self.timeline.now();
        self.link.session.tick(now)?;
        self.reception.tick(now)?;
        if let Some(datagrams) = &self.link.datagrams {
            self.reception.reports(now, |socket, ports, report| {
                datagrams.send_report(socket, ports, report);
            });
        }
        Ok(())
    }

    /// Says goodbye and waits for the answer; the caller sets the deadline.
    pub(crate) async fn close(mut self) {
        self.link.session.end(self.timeline.now());
        // Packets that still come are read and dropped.
        while let Ok(event) = self.link.next_event(self.timeline.as_ref()).await {
            if matches!(event, SessionEvent::Ended) {
                break;
            }
        }
    }

    pub(crate) fn certificate(&self) -> Option<[u8; 32]> {
        self.certificate
    }

    pub(crate) fn stats(&self) -> SourceStats {
        self.reception.stats()
    }

    pub(crate) fn is_password_exposed(&self) -> bool {
        let is_basic = self.link.session.auth_scheme() == Some(AuthScheme::Basic);
        !self.is_encrypted && (is_basic || self.link.session.is_password_in_url())
    }
}

/// Items that wait to be handed out: at most what one read or one tick yields.
type Items = VecDeque<StreamItem>;
