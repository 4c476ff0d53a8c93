//! The client's side of an RTSP session, from `OPTIONS` to `TEARDOWN` (RFC 2326, 10).
//!
//! Sans-IO: messages and times come in; [`ClientSession::poll_send`] has the bytes to write.
//! One request is under way at a time. Cameras are met as they are: `OPTIONS` may be refused, a
//! sound track that cannot be set up is left out, signs of life need no answer.
//! Not here: packets (`receive`), sockets and deadlines of connecting (`hearth-stream`).

use std::collections::VecDeque;

use bytes::Bytes;
use hearth_media::MediaTime;
use hearth_model::{SourceUrl, Transport};
use hearth_secret::SecretString;

use crate::{
    auth::{AuthScheme, Authenticator},
    message::{Message, Method, Request, Response},
    voice::Speaker,
};

mod control;
mod error;
mod speaking;
mod track;
mod transport;

pub use error::{Blame, SessionError};
pub use track::{Track, TrackRoute};

use speaking::{SpeakerOffer, choose_speaker};
use track::{Offer, choose_tracks};
use transport::TransportAnswer;

/// What a session is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The camera sends pictures and sound.
    Watch,
    /// We send sound to the camera's loudspeaker, and it sends nothing.
    Speak,
}

/// What a session starts from.
#[derive(Debug)]
pub struct SessionConfig {
    /// Which stream.
    pub url: SourceUrl,
    /// What for.
    pub purpose: Purpose,
    /// User name and password.
    pub account: Option<(String, SecretString)>,
    /// What is tried first; a loudspeaker is spoken to inside the connection.
    pub transport: Transport,
    /// Own RTP ports for video and audio, even; the odd one after each is for RTCP. Only for UDP.
    pub udp_ports: [u16; 2],
    /// Unpredictable; becomes the client nonce.
    pub random: [u8; 16],
    /// Whether the password itself may be sent on this connection (promise K-04).
    pub is_basic_allowed: bool,
}

/// What happened in a session.
#[derive(Debug)]
pub enum SessionEvent {
    /// The camera sends now. These are the tracks.
    Playing(Vec<Track>),
    /// The camera listens now, with this loudspeaker.
    Listening(Speaker),
    /// The camera sent us elsewhere on the same host; a new session must begin there.
    Redirected(SourceUrl),
    /// `TEARDOWN` was answered.
    Ended,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Options,
    Describe,
    Setup(usize),
    Play,
    Playing,
    Ending,
    Ended,
}

#[derive(Debug)]
struct Pending {
    cseq: u32,
    method: Method,
    refusals: u32,
    deadline: MediaTime,
}

/// See the module.
#[derive(Debug)]
pub struct ClientSession {
    config: SessionConfig,
    authenticator: Authenticator,
    stage: Stage,
    cseq: u32,
    pending: Option<Pending>,
    outgoing: VecDeque<Bytes>,
    base: String,
    aggregate: String,
    offers: Vec<Offer>,
    tracks: Vec<Track>,
    speaker_offer: Option<SpeakerOffer>,
    speaker: Option<Speaker>,
    session_id: Option<String>,
    keep_alive_method: Method,
    keep_alive_micros: i64,
    keep_alive_at: MediaTime,
}

impl ClientSession {
    /// Longest wait for an answer; cameras need up to 2 s to start their encoder.
    pub const ANSWER_MICROS_MAX: i64 = 5_000_000;
    /// When `Session` tells no timeout (RFC 2326, 12.37).
    const TIMEOUT_SECONDS_DEFAULT: i64 = 60;
    /// Answers to the camera's own requests that wait to be written.
    const OUTGOING_MAX: usize = 16;
    /// Packets that wait to be written: a second of them. Who hears a sentence later than that has gone.
    const PACKETS_WAITING_MAX: usize = 50;

    /// Starts a session: the first request waits in [`Self::poll_send`].
    pub fn new(mut config: SessionConfig, now: MediaTime) -> Self {
        let base = config.url.to_string();
        let mut authenticator = Authenticator::new(config.account.take(), config.random);
        authenticator.allow_basic(config.is_basic_allowed);
        let mut session = Self {
            config,
            authenticator,
            stage: Stage::Options,
            cseq: 0,
            pending: None,
            outgoing: VecDeque::new(),
            aggregate: base.clone(),
            base,
            offers: Vec::new(),
            tracks: Vec::new(),
            speaker_offer: None,
            speaker: None,
            session_id: None,
            keep_alive_method: Method::Options,
            keep_alive_micros: Self::TIMEOUT_SECONDS_DEFAULT * 500_000,
            keep_alive_at: now,
        };
        session.ask(now, 0);
        session
    }

    /// The next bytes to write.
    pub fn poll_send(&mut self) -> Option<Bytes> {
        self.outgoing.pop_front()
    }

    /// Sends a packet behind whatever waits.
    ///
    /// # Errors
    /// If the camera takes them too slowly.
    pub fn send_packet(&mut self, packet: Bytes) -> Result<(), SessionError> {
        if self.outgoing.len() >= Self::PACKETS_WAITING_MAX {
            return Err(SessionError::Stuck);
        }
        self.outgoing.push_back(packet);
        Ok(())
    }

    /// How the account was proved; `None` if the camera did not ask.
    pub fn auth_scheme(&self) -> Option<AuthScheme> {
        self.authenticator.scheme()
    }

    /// Whether each request holds the password.
    pub fn is_password_in_url(&self) -> bool {
        self.config.url.wants_password()
    }

    /// Takes a message from the camera.
    pub fn receive(
        &mut self,
        message: &Message,
        now: MediaTime,
    ) -> Result<Option<SessionEvent>, SessionError> {
        match message {
            Message::Request(request) => self.answer(request).map(|()| None),
            Message::Response(response) => self.receive_response(response, now),
        }
    }

    /// Looks at the time: sends a sign of life when it is due, and gives up on an answer that is
    /// overdue. To be called about once a second.
    pub fn tick(&mut self, now: MediaTime) -> Result<(), SessionError> {
        let overdue = self.pending.as_ref().is_some_and(|pending| now >= pending.deadline);
        if overdue {
            let pending = self.pending.take();
            // While packets come, nobody misses the answer to a sign of life.
            if self.stage != Stage::Playing
                && let Some(Pending { method, .. }) = pending
            {
                return Err(SessionError::NoAnswer { method });
            }
        }
        if self.stage == Stage::Playing && self.pending.is_none() && now >= self.keep_alive_at {
            self.keep_alive_at = now.plus_micros(self.keep_alive_micros);
            self.ask(now, 0);
        }
        Ok(())
    }

    /// Says goodbye, whatever is under way.
    pub fn end(&mut self, now: MediaTime) {
        if self.session_id.is_some() && !matches!(self.stage, Stage::Ending | Stage::Ended) {
            self.stage = Stage::Ending;
            self.ask(now, 0);
        }
    }

    fn receive_response(
        &mut self,
        response: &Response,
        now: MediaTime,
    ) -> Result<Option<SessionEvent>, SessionError> {
        // An answer without a number can only be to the last request.
        let is_mine = |pending: &mut Pending| response.cseq().is_none_or(|n| n == pending.cseq);
        let Some(pending) = self.pending.take_if(is_mine) else { return Ok(None) };
        if let Some(session) = response.headers.get("Session") {
            self.note_session(session);
        }
        if response.status == 401 {
            return self.authenticate(response, &pending, now).map(|()| None);
        }
        let is_fine = (200..300).contains(&response.status);
        if self.lacks_speaker(response.status) {
            return Err(SessionError::NoSpeaker);
        }
        match self.stage {
            Stage::Options => {
                self.note_public(response);
                self.advance(Stage::Describe, now);
            }
            Stage::Describe if matches!(response.status, 301..=308) => {
                return self.redirect(response).map(Some);
            }
            Stage::Describe if is_fine => self.take_description(response, now)?,
            Stage::Setup(index) if is_fine => self.take_setup(index, response, now)?,
            Stage::Setup(index) => self.refused_setup(index, response.status, now)?,
            Stage::Play if is_fine => {
                self.stage = Stage::Playing;
                self.keep_alive_at = now.plus_micros(self.keep_alive_micros);
                return Ok(Some(match self.speaker {
                    Some(speaker) => SessionEvent::Listening(speaker),
                    None => SessionEvent::Playing(std::mem::take(&mut self.tracks)),
                }));
            }
            Stage::Playing => self.take_sign_of_life(response)?,
            Stage::Ending | Stage::Ended => {
                self.stage = Stage::Ended;
                return Ok(Some(SessionEvent::Ended));
            }
            Stage::Describe | Stage::Play => {
                return Err(SessionError::refused(pending.method, response.status));
            }
        }
        Ok(None)
    }

    /// Whether a camera says of itself that it does not know the way back.
    fn lacks_speaker(&self, status: u16) -> bool {
        let asks = matches!(self.stage, Stage::Describe | Stage::Setup(_) | Stage::Play);
        let speaks = self.config.purpose == Purpose::Speak;
        speaks && asks && status == speaking::OPTION_NOT_SUPPORTED
    }

    fn authenticate(
        &mut self,
        response: &Response,
        pending: &Pending,
        now: MediaTime,
    ) -> Result<(), SessionError> {
        let challenges = response.headers.all("WWW-Authenticate");
        self.authenticator.accept(challenges, pending.refusals)?;
        self.ask(now, pending.refusals + 1);
        Ok(())
    }

    fn advance(&mut self, stage: Stage, now: MediaTime) {
        self.stage = stage;
        self.ask(now, 0);
    }

    /// Sends the request of the current stage.
    fn ask(&mut self, now: MediaTime, refusals: u32) {
        let method = match self.stage {
            Stage::Options => Method::Options,
            Stage::Describe => Method::Describe,
            Stage::Setup(_) => Method::Setup,
            Stage::Play => Method::Play,
            Stage::Playing => self.keep_alive_method.clone(),
            Stage::Ending => Method::Teardown,
            Stage::Ended => return,
        };
        let uri = match self.stage {
            Stage::Options | Stage::Describe => self.base.clone(),
            Stage::Setup(index) => self.track_uri(index),
            _ => self.aggregate.clone(),
        };
        let uri = self.authenticator.fill(&uri);
        self.cseq = self.cseq.wrapping_add(1);
        let mut request = Request::new(method.clone(), &uri);
        let headers = &mut request.headers;
        headers.push("CSeq", &self.cseq.to_string());
        headers.push("User-Agent", concat!("hearthwatch/", env!("CARGO_PKG_VERSION")));
        if let Some(proof) = self.authenticator.authorize(method.as_str(), &uri) {
            headers.push("Authorization", &proof);
        }
        if let Some(session) = &self.session_id {
            headers.push("Session", session);
        }
        if self.config.purpose == Purpose::Speak
            && matches!(self.stage, Stage::Describe | Stage::Setup(_) | Stage::Play)
        {
            headers.push("Require", speaking::REQUIRE);
        }
        match self.stage {
            Stage::Describe => headers.push("Accept", "application/sdp"),
            Stage::Setup(index) => headers.push("Transport", &self.transport_offer(index)),
            Stage::Play => headers.push("Range", "npt=0.000-"),
            _ => {}
        }
        self.outgoing.push_back(request.encode());
        let deadline = now.plus_micros(Self::ANSWER_MICROS_MAX);
        self.pending = Some(Pending { cseq: self.cseq, method, refusals, deadline });
    }

    fn track_uri(&self, index: usize) -> String {
        let track = self.offers.get(index).map(|offer| &offer.uri);
        let speaker = self.speaker_offer.as_ref().map(|offer| &offer.uri);
        track.or(speaker).cloned().unwrap_or_default()
    }

    /// Answers a request of the camera's (RFC 2326, 10.1 and 10.8: signs of life in both directions).
    fn answer(&mut self, request: &Request) -> Result<(), SessionError> {
        let (status, reason) = match request.method {
            Method::Options | Method::GetParameter | Method::SetParameter => (200, "OK"),
            Method::Teardown => return Err(SessionError::EndedByCamera),
            Method::Other(ref name) if name == "ANNOUNCE" => (200, "OK"),
            Method::Other(ref name) if name == "REDIRECT" => {
                return Err(SessionError::EndedByCamera);
            }
            _ => (501, "Not Implemented"),
        };
        if self.outgoing.len() < Self::OUTGOING_MAX {
            self.outgoing.push_back(Response::to(request, status, reason).encode());
        }
        Ok(())
    }

    fn note_public(&mut self, response: &Response) {
        let public = response.headers.all("Public").collect::<Vec<_>>().join(",");
        if public.split(',').any(|name| name.trim().eq_ignore_ascii_case("GET_PARAMETER")) {
            self.keep_alive_method = Method::GetParameter;
        }
    }

    /// `12345678;timeout=60`, with spaces wherever a camera likes them.
    fn note_session(&mut self, value: &str) {
        let mut parts = value.split(';').map(str::trim);
        if let Some(id) = parts.next().filter(|id| !id.is_empty()) {
            self.session_id = Some(id.to_owned());
        }
        let timeout = parts.find_map(|part| {
            let (name, value) = part.split_once('=')?;
            name.trim().eq_ignore_ascii_case("timeout").then(|| value.trim().parse::<i64>().ok())?
        });
        if let Some(seconds) = timeout {
            // Below 4 s it would be a flood, above 10 min a firewall has forgotten us.
            self.keep_alive_micros = seconds.clamp(4, 600) * 500_000;
        }
    }

    fn redirect(&self, response: &Response) -> Result<SessionEvent, SessionError> {
        let location = response.headers.get("Location").unwrap_or_default();
        let target = SourceUrl::told(location).map_err(|_| SessionError::BadRedirect)?;
        // Elsewhere the credentials and the pinned certificate mean nothing.
        let is_same_host = target.host() == self.config.url.host();
        let stays_encrypted =
            !self.config.url.scheme().is_encrypted() || target.scheme().is_encrypted();
        if is_same_host && stays_encrypted {
            Ok(SessionEvent::Redirected(target))
        } else {
            Err(SessionError::BadRedirect)
        }
    }

    fn take_description(
        &mut self,
        response: &Response,
        now: MediaTime,
    ) -> Result<(), SessionError> {
        let text = String::from_utf8_lossy(&response.body);
        let description =
            crate::sdp::SessionDescription::parse(&text).map_err(SessionError::Description)?;
        let request_url = self.base.clone();
        self.base = control::base(&request_url, &response.headers);
        self.aggregate = control::resolve(&self.base, description.control.as_deref());
        match self.config.purpose {
            Purpose::Watch => self.offers = choose_tracks(&description, &self.base)?,
            Purpose::Speak => {
                self.speaker_offer = Some(choose_speaker(&description, &self.base)?);
            }
        }
        self.advance(Stage::Setup(0), now);
        Ok(())
    }

    fn transport_offer(&self, index: usize) -> String {
        match self.config.transport {
            Transport::Tcp => transport::offer_interleaved(index),
            Transport::Udp => {
                let own = self.config.udp_ports.get(index).copied().unwrap_or(0);
                transport::offer_udp(own)
            }
        }
    }

    fn take_setup(
        &mut self,
        index: usize,
        response: &Response,
        now: MediaTime,
    ) -> Result<(), SessionError> {
        let value = response.headers.get("Transport").unwrap_or_default();
        let answer = TransportAnswer::parse(value);
        if self.session_id.is_none() {
            return Err(SessionError::Malformed("SETUP was answered without a session"));
        }
        let route = match (self.config.transport, answer.interleaved) {
            (_, Some((rtp, rtcp))) => TrackRoute::Interleaved { rtp, rtcp },
            (Transport::Tcp, None) => transport::default_channels(index),
            (Transport::Udp, None) => {
                TrackRoute::Udp { socket: index, server_ports: answer.server_ports }
            }
        };
        if let Some(offer) = self.offers.get_mut(index) {
            self.tracks.extend(offer.accept(route));
        }
        if let Some(offer) = &self.speaker_offer {
            self.speaker = Some(offer.accept(route)?);
        }
        self.next_setup(index, now);
        Ok(())
    }

    fn next_setup(&mut self, index: usize, now: MediaTime) {
        let is_last = index + 1 >= self.offers.len();
        self.advance(if is_last { Stage::Play } else { Stage::Setup(index + 1) }, now);
    }

    fn refused_setup(
        &mut self,
        index: usize,
        status: u16,
        now: MediaTime,
    ) -> Result<(), SessionError> {
        const UNSUPPORTED_TRANSPORT: u16 = 461;
        let is_udp = self.config.transport == Transport::Udp;
        if status == UNSUPPORTED_TRANSPORT && is_udp && self.tracks.is_empty() {
            self.config.transport = Transport::Tcp;
            self.advance(Stage::Setup(index), now);
            return Ok(());
        }
        if self.tracks.is_empty() {
            return Err(SessionError::refused(Method::Setup, status));
        }
        // The picture is set up; the sound is not worth the camera.
        self.next_setup(index, now);
        Ok(())
    }

    fn take_sign_of_life(&mut self, response: &Response) -> Result<(), SessionError> {
        const SESSION_NOT_FOUND: u16 = 454;
        match response.status {
            SESSION_NOT_FOUND => Err(SessionError::EndedByCamera),
            405 | 501 => {
                self.keep_alive_method = Method::Options;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
