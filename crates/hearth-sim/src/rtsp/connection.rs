//! One RTSP connection: reads requests, answers them, sends media, misbehaves on command.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use hearth_rtsp::{
    framing::{Framed, Framer},
    message::{Message, Method, Request, Response},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    sync::watch,
    time::Instant,
};

use super::{
    sdp,
    sender::TrackSender,
    session::{Session, Track},
    transport::{Transport, UdpPair, Wish, wishes},
};
use crate::{
    Access, Offered, camera::CameraState, chance::Chance, fault::Conditions, hearing::Listening,
    stream::Stream,
};

/// What a client names that wants to speak (ONVIF Streaming Specification, 5.3).
const BACK_CHANNEL: &str = "www.onvif.org/ver20/backchannel";

/// Largest piece read at once; requests are far smaller.
const READ_BYTES: usize = 4_096;

/// One client of a camera.
pub(crate) struct Connection<W> {
    wire: W,
    peer: SocketAddr,
    camera: Arc<CameraState>,
    conditions: watch::Receiver<Conditions>,
    generation: u64,
    chance: Chance,
    framer: Framer,
    inbox: Vec<u8>,
    outbox: Vec<u8>,
    session: Option<Session>,
    is_described: bool,
    heard: Instant,
}

/// What happens next.
enum Step {
    Changed,
    Read(io::Result<usize>),
    Deliver(Arc<crate::stream::Delivery>),
    Repeat,
    TimedOut,
}

impl<W: AsyncRead + AsyncWrite + Unpin + Send> Connection<W> {
    /// A client that has just come.
    pub(crate) fn new(wire: W, peer: SocketAddr, camera: Arc<CameraState>, seed: u64) -> Self {
        let conditions = camera.conditions();
        let generation = conditions.borrow().generation;
        Self {
            wire,
            peer,
            conditions,
            generation,
            chance: Chance::new(seed),
            framer: Framer::new(),
            inbox: Vec::with_capacity(READ_BYTES),
            outbox: Vec::new(),
            session: None,
            is_described: false,
            heard: Instant::now(),
            camera,
        }
    }

    /// Serves the client until it goes, breaks the rules, falls silent, or a fault closes it.
    pub(crate) async fn run(mut self) {
        // A client that leaves in the middle of something is nothing special.
        let _left = self.serve().await;
        if self.conditions.borrow().half_open {
            // Keeps the socket, so that the peer never hears of its end.
            std::future::pending::<()>().await;
        }
    }

    async fn serve(&mut self) -> io::Result<()> {
        loop {
            let conditions = *self.conditions.borrow_and_update();
            if conditions.half_open || conditions.generation != self.generation {
                return Ok(());
            }
            match self.step(conditions).await {
                Step::Changed => {}
                Step::Read(read) => {
                    if read? == 0 || !self.requests(conditions).await? {
                        return Ok(());
                    }
                }
                Step::Deliver(delivery) => {
                    if let Some(session) = &mut self.session {
                        session.send(delivery, &conditions, &mut self.outbox);
                    }
                    self.flush().await?;
                }
                Step::Repeat => {
                    if let Some(session) = &mut self.session {
                        session.repeat(&conditions, &mut self.outbox);
                    }
                    self.flush().await?;
                }
                Step::TimedOut => return Ok(()),
            }
        }
    }

    async fn step(&mut self, conditions: Conditions) -> Step {
        let deadline = self.heard + self.camera.spec().session_timeout;
        let repeats = conditions.flooding
            && !conditions.stalled
            && self.session.as_ref().is_some_and(Session::can_repeat);
        let next = async {
            match &mut self.session {
                Some(session) => session.next().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            _ = self.conditions.changed() => Step::Changed,
            read = self.wire.read_buf(&mut self.inbox), if self.inbox.len() < Framer::BUFFER_MAX => {
                Step::Read(read)
            }
            delivery = next => Step::Deliver(delivery),
            () = tokio::time::sleep_until(deadline) => Step::TimedOut,
            () = tokio::task::yield_now(), if repeats => Step::Repeat,
        }
    }

    /// Writes what is to be sent, unless a fault strikes or the client falls silent meanwhile.
    async fn flush(&mut self) -> io::Result<()> {
        if self.outbox.is_empty() {
            return Ok(());
        }
        let generation = self.generation;
        let struck = |now: &Conditions| now.half_open || now.generation != generation;
        let wire = &mut self.wire;
        let outbox = &self.outbox;
        let timeout = self.camera.spec().session_timeout;
        let result = tokio::select! {
            written = async { wire.write_all(outbox).await?; wire.flush().await } => written,
            _ = self.conditions.wait_for(struck) => Err(io::ErrorKind::ConnectionAborted.into()),
            () = tokio::time::sleep(timeout) => Err(io::ErrorKind::TimedOut.into()),
        };
        self.outbox.clear();
        result
    }

    /// Answers all whole requests; `false` ends the connection.
    async fn requests(&mut self, conditions: Conditions) -> io::Result<bool> {
        let inbox = std::mem::take(&mut self.inbox);
        let mut rest = inbox.as_slice();
        let mut stays = true;
        while stays {
            match self.framer.next(rest) {
                Ok(Framed::NeedMore(_)) => break,
                Ok(Framed::Skip(bytes)) => rest = rest.get(bytes..).unwrap_or_default(),
                Ok(Framed::Packet { channel, payload }) => {
                    // A receiver report is a sign of life; what it says does not matter here.
                    self.hear(channel, payload);
                    rest = rest.get(Framer::PREFIX_BYTES + payload.len()..).unwrap_or_default();
                    self.heard = Instant::now();
                }
                Ok(Framed::Message(message, bytes)) => {
                    rest = rest.get(bytes..).unwrap_or_default();
                    self.heard = Instant::now();
                    if let Message::Request(request) = *message {
                        stays = request.method != Method::Teardown;
                        let response = self.answer(&request, conditions).await;
                        self.outbox.extend_from_slice(&response.encode());
                    }
                }
                Err(_) => stays = false,
            }
        }
        self.inbox.extend_from_slice(rest);
        self.flush().await?;
        Ok(stays)
    }

    async fn answer(&mut self, request: &Request, conditions: Conditions) -> Response {
        let authorization = request.headers.get("Authorization");
        let method = request.method.as_str();
        let opens = self.camera.opens(method, &request.uri, authorization);
        // An account in the URL is looked at where somebody asks what there is: `Content-Base` has none.
        let is_let_in = self.is_described && self.camera.spec().access == Access::Query;
        let opens = opens || (is_let_in && !conditions.wrong_password);
        let mut response = match &request.method {
            Method::Options => {
                let mut response = Response::to(request, 200, "OK");
                let methods = "OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN";
                response.headers.push("Public", methods);
                response
            }
            _ if !opens => {
                let mut response = Response::to(request, 401, "Unauthorized");
                for challenge in self.camera.challenges() {
                    response.headers.push("WWW-Authenticate", &challenge);
                }
                response
            }
            _ if self.lacks(request) => {
                let mut response = Response::to(request, 551, "Option not supported");
                response.headers.push("Unsupported", BACK_CHANNEL);
                response
            }
            Method::Describe => {
                self.is_described = true;
                self.describe(request, conditions)
            }
            Method::Setup => self.setup(request).await,
            Method::Play => self.play(request, conditions),
            Method::GetParameter | Method::SetParameter => self.with_session(request),
            Method::Teardown => {
                let response = self.with_session(request);
                self.session = None;
                response
            }
            Method::Pause | Method::Other(_) => Response::to(request, 501, "Not Implemented"),
        };
        response.headers.push("Server", "hearth-sim (simulated camera)");
        response
    }

    fn with_session(&self, request: &Request) -> Response {
        match &self.session {
            Some(session) => {
                let mut response = Response::to(request, 200, "OK");
                response.headers.push("Session", &session.id);
                response
            }
            None if request.method == Method::GetParameter => Response::to(request, 200, "OK"),
            None => Response::to(request, 454, "Session Not Found"),
        }
    }

    fn describe(&self, request: &Request, conditions: Conditions) -> Response {
        let path = path_of(&request.uri);
        let Some(stream) = self.camera.stream(path) else {
            return Response::to(request, 404, "Not Found");
        };
        let mut response = Response::to(request, 200, "OK");
        response.headers.push("Content-Type", "application/sdp");
        let base = request.uri.split('?').next().unwrap_or_default().trim_end_matches('/');
        response.headers.push("Content-Base", &format!("{base}/"));
        let parameters = stream.reel().parameters().clone();
        let name = &self.camera.spec().name;
        let mut text = sdp::describe(name, &parameters, conditions.wrong_codec);
        if let Some(takes) = self.camera.spec().speaker.filter(|_| wants_back_channel(request)) {
            text += &sdp::describe_speaker(sdp::formats(&parameters).len(), takes);
        }
        response.body = text.into();
        response
    }

    /// Whether somebody wants to speak to a camera without a loudspeaker.
    fn lacks(&self, request: &Request) -> bool {
        wants_back_channel(request) && self.camera.spec().speaker.is_none()
    }

    /// Listens to what comes for the loudspeaker.
    fn hear(&mut self, channel: u8, packet: &[u8]) {
        if let Some(listening) = self.session.as_mut().and_then(|one| one.listening.as_mut()) {
            listening.take(channel, packet, self.camera.hearing());
        }
    }

    /// Sets up the loudspeaker, which comes behind the other tracks.
    fn setup_speaker(&mut self, request: &Request, stream: Arc<Stream>, track: usize) -> Response {
        let takes = self.camera.spec().speaker.filter(|_| wants_back_channel(request));
        let count = sdp::formats(stream.reel().parameters()).len();
        let Some(takes) = takes.filter(|_| track == count) else {
            return Response::to(request, 404, "Not Found");
        };
        let mut wished = wishes(request.headers.get("Transport").unwrap_or_default());
        let Some(Wish::Interleaved(channels)) = wished.next() else {
            return Response::to(request, 461, "Unsupported Transport");
        };
        let (rtp, rtcp) = channels.unwrap_or((0, 1));
        let (payload_type, _) = sdp::speaker_format(takes);
        let chance = &mut self.chance;
        let session = self.session.get_or_insert_with(|| {
            let id = format!("{:016X}", chance.next());
            Session::new(id, stream, Chance::new(chance.next()))
        });
        session.listening = Some(Listening::new(rtp, payload_type, takes));
        let mut response = Response::to(request, 200, "OK");
        let agreed = format!("RTP/AVP/TCP;unicast;interleaved={rtp}-{rtcp}");
        response.headers.push("Transport", &agreed);
        response.headers.push("Session", &session.id);
        response
    }

    async fn setup(&mut self, request: &Request) -> Response {
        let path = path_of(&request.uri);
        let (stream_path, track) = match path.rsplit_once("/trackID=") {
            Some((stream_path, number)) => (stream_path, number.parse().unwrap_or(usize::MAX)),
            None => (path, 0),
        };
        let Some(stream) = self.camera.stream(stream_path) else {
            return Response::to(request, 404, "Not Found");
        };
        let formats = sdp::formats(stream.reel().parameters());
        let Some(&(kind, format)) = formats.get(track) else {
            return self.setup_speaker(request, stream, track);
        };
        if self.session.as_ref().is_some_and(|session| {
            session.is_playing() || session.tracks.iter().any(|track| track.kind == kind)
        }) {
            return Response::to(request, 455, "Method Not Valid in This State");
        }
        let Some((transport, mut agreed)) = self.transport(request, track).await else {
            return Response::to(request, 461, "Unsupported Transport");
        };
        let sender = TrackSender::new(format, Chance::new(self.chance.next()));
        agreed += &format!(";ssrc={:08X}", sender.ssrc());
        let chance = &mut self.chance;
        let session = self.session.get_or_insert_with(|| {
            let id = format!("{:016X}", chance.next());
            Session::new(id, stream, Chance::new(chance.next()))
        });
        session.tracks.push(Track::new(kind, sender, transport));
        let mut response = Response::to(request, 200, "OK");
        response.headers.push("Transport", &agreed);
        let timeout = self.camera.spec().session_timeout.max(Duration::from_secs(1)).as_secs();
        response.headers.push("Session", &format!("{};timeout={timeout}", session.id));
        response
    }

    /// The first transport that the client wishes and the camera offers.
    async fn transport(&self, request: &Request, track: usize) -> Option<(Transport, String)> {
        let spec = self.camera.spec();
        let header = request.headers.get("Transport")?;
        for wish in wishes(header) {
            match wish {
                Wish::Interleaved(channels) if spec.offered != Offered::UdpOnly => {
                    let low = u8::try_from(track * 2).ok()?;
                    let (rtp, rtcp) = channels.unwrap_or((low, low + 1));
                    let agreed = format!("RTP/AVP/TCP;unicast;interleaved={rtp}-{rtcp}");
                    return Some((Transport::Interleaved { rtp, rtcp }, agreed));
                }
                Wish::Udp(rtp, rtcp) if spec.offers_udp() => {
                    let pair = UdpPair::open(self.peer.ip(), (rtp, rtcp)).await.ok()?;
                    let (own_rtp, own_rtcp) = pair.ports;
                    let agreed = format!(
                        "RTP/AVP;unicast;client_port={rtp}-{rtcp};server_port={own_rtp}-{own_rtcp}"
                    );
                    return Some((Transport::Udp(Box::new(pair)), agreed));
                }
                _ => {}
            }
        }
        None
    }

    fn play(&mut self, request: &Request, conditions: Conditions) -> Response {
        let Some(session) = &mut self.session else {
            return Response::to(request, 454, "Session Not Found");
        };
        session.play();
        let now_us = session.stream.now_us().saturating_add(conditions.clock_offset_us);
        let base = request.uri.trim_end_matches('/');
        let tracks = session.tracks.iter().enumerate().map(|(place, track)| {
            let (sequence, time) = (track.sender.sequence(), track.sender.timestamp(now_us));
            format!("url={base}/trackID={place};seq={sequence};rtptime={time}")
        });
        let tracks: Vec<String> = tracks.collect();
        let mut response = Response::to(request, 200, "OK");
        response.headers.push("Session", &session.id);
        response.headers.push("Range", "npt=0.000-");
        response.headers.push("RTP-Info", &tracks.join(","));
        response
    }
}

fn wants_back_channel(request: &Request) -> bool {
    request.headers.get("Require").is_some_and(|option| option.trim() == BACK_CHANNEL)
}

/// The path of a URL, without what comes after `?` and without a slash at its end.
fn path_of(uri: &str) -> &str {
    let after = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    let path = after.find('/').and_then(|start| after.get(start..)).unwrap_or("/");
    path.split('?').next().unwrap_or_default().trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cut_out_of_urls() {
        assert_eq!(path_of("rtsp://127.0.0.1:99/main/"), "/main");
        assert_eq!(path_of("rtsp://h/main/trackID=1?x=/y"), "/main/trackID=1");
        assert_eq!(path_of("*"), "");
        assert_eq!(path_of("rtsp://h"), "");
    }
}
