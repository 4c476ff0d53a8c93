//! The house: starts its cameras, describes them, and passes faults on.

use std::{
    collections::{HashMap, HashSet},
    mem::Discriminant,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    net::TcpListener,
    runtime::Handle,
    task::{AbortHandle, JoinSet},
};

use crate::{
    CameraDescription, CameraSpec, Content, DeviceSimError, Fault, Heard, HouseDescription,
    HouseSpec, Passers, Portrait, Protocol, Reel, ReelError, ReelSpec, Visit, VisitTimes,
    camera::CameraState,
    certificate::{Certificate, CertificateError},
    devices::RunningDevice,
    http::serve_control,
    opening::{open_reel, open_reels},
    stream::Stream,
};

/// Why a house does not start or obey.
#[derive(Debug, thiserror::Error)]
pub enum HouseError {
    /// Two cameras under one name, or a name that is not fit for a URL.
    #[error("the camera name {0:?} is used twice or not fit for a URL")]
    Name(String),
    /// No port to listen on.
    #[error("cannot listen on the loopback address")]
    Listen(#[source] std::io::Error),
    /// What a camera should show cannot be had.
    #[error("the content of camera {camera:?} cannot be had")]
    Content {
        /// Which camera.
        camera: String,
        /// Why.
        #[source]
        source: ReelError,
    },
    /// A device does not start.
    #[error("the device {device:?} does not start")]
    Device {
        /// Which device.
        device: String,
        /// Why.
        #[source]
        source: DeviceSimError,
    },
    /// No certificate for a camera that needs one.
    #[error("a camera has no certificate")]
    Certificate(#[from] CertificateError),
    /// There is no such camera.
    #[error("there is no camera {0:?}")]
    NoSuchCamera(String),
    /// There is no such device, or it has no button.
    #[error("there is no device {0:?} with a button")]
    NoSuchButton(String),
    /// The fault makes no sense for this camera.
    #[error("camera {camera:?} cannot do that: {reason}")]
    Unfit {
        /// Which camera.
        camera: String,
        /// What it lacks.
        reason: &'static str,
    },
}

/// A running simulated house. Dropping it stops everything.
#[derive(Debug)]
pub struct House {
    rooms: Arc<Rooms>,
    tasks: JoinSet<()>,
}

impl House {
    /// Starts all cameras on ports of 127.0.0.1 that the system chooses.
    ///
    /// Must be called within a Tokio runtime. Equal scenes and files are shared between cameras.
    pub async fn start(spec: HouseSpec) -> Result<Self, HouseError> {
        check_names(&spec.cameras)?;
        let reels = open_reels(&spec).await?;
        let mut tasks = JoinSet::new();
        let mut rooms = Vec::new();
        for (number, (camera, (main, sub))) in spec.cameras.into_iter().zip(reels).enumerate() {
            let certificate = match camera.protocol {
                Protocol::Rtsps => Some(Certificate::generate()?),
                Protocol::Rtsp | Protocol::Mjpeg => None,
            };
            let listener = listen().await?;
            let port = listener.local_addr().map_err(HouseError::Listen)?.port();
            let usual = Arc::clone(&main);
            let main = Arc::new(Stream::new(main));
            let sub = sub.map(|reel| Arc::new(Stream::new(reel)));
            tasks.spawn(Arc::clone(&main).run());
            if let Some(sub) = &sub {
                tasks.spawn(Arc::clone(sub).run());
            }
            let state = Arc::new(CameraState::new(camera, main, sub, certificate, seed(number)));
            tasks.spawn(Arc::clone(&state).serve(listener, seed(number)));
            rooms.push(Room { state, port, usual });
        }
        let mut devices = Vec::new();
        for device in spec.devices {
            let name = device.name.clone();
            let started = RunningDevice::start(device).await;
            devices.push(started.map_err(|source| HouseError::Device { device: name, source })?);
        }
        let control = listen().await?;
        let rooms = Arc::new(Rooms {
            name: spec.name,
            devices,
            portraits: spec.portraits,
            encoded_ahead: spec.encoded_ahead,
            control: control.local_addr().map_err(HouseError::Listen)?,
            rooms,
            timers: Mutex::default(),
            runtime: Handle::current(),
        });
        tasks.spawn(serve_control(control, Arc::clone(&rooms)));
        Ok(Self { rooms, tasks })
    }

    /// Everything one needs to know to use the house.
    pub fn describe(&self) -> HouseDescription {
        self.rooms.describe()
    }

    /// Everything one needs to know to use one camera.
    pub fn camera(&self, name: &str) -> Option<CameraDescription> {
        self.rooms.find(name).ok().map(Room::describe)
    }

    /// What was said to a camera so far, the oldest first.
    ///
    /// # Errors
    /// [`HouseError::NoSuchCamera`].
    pub fn heard(&self, camera: &str) -> Result<Vec<Heard>, HouseError> {
        self.rooms.heard(camera)
    }

    /// Makes something go wrong with a camera, or well again. Returns at once; the camera follows
    /// within milliseconds, a change of resolution when its first frame is encoded.
    pub fn fault(&self, camera: &str, fault: Fault) -> Result<(), HouseError> {
        self.rooms.fault(camera, fault)
    }

    /// Chooses who comes along a camera that shows a scene. The loop begins anew when this returns,
    /// so that who is first to come is on the way.
    ///
    /// # Errors
    /// [`HouseError::NoSuchCamera`], [`HouseError::Unfit`] for one without a scene.
    pub async fn pass(&self, camera: &str, who: Passers) -> Result<(), HouseError> {
        self.rooms.pass(camera, who).await
    }

    /// Somebody presses a device's button, e.g. that of the doorbell.
    ///
    /// # Errors
    /// [`HouseError::NoSuchButton`].
    pub fn press(&self, device: &str) -> Result<(), HouseError> {
        self.rooms.press(device)
    }

    /// Lets people come to a camera that shows a scene. Returns when the camera begins to show it.
    ///
    /// # Errors
    /// [`HouseError::NoSuchCamera`]; [`HouseError::Unfit`] for a visit or a camera that is, and while
    /// somebody is there already.
    pub async fn visit(&self, camera: &str, visit: &Visit) -> Result<VisitTimes, HouseError> {
        self.rooms.visit(camera, visit).await
    }

    /// Stops everything and waits until all ports are closed.
    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
    }
}

fn check_names(cameras: &[CameraSpec]) -> Result<(), HouseError> {
    let mut seen = HashSet::new();
    let fit = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    for CameraSpec { name, .. } in cameras {
        if name.is_empty() || !name.chars().all(fit) || !seen.insert(name.as_str()) {
            return Err(HouseError::Name(name.clone()));
        }
    }
    Ok(())
}

async fn listen() -> Result<TcpListener, HouseError> {
    let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    TcpListener::bind(any_port).await.map_err(HouseError::Listen)
}

/// Different for each start, so that sequence numbers and nonces are.
fn seed(number: usize) -> u64 {
    let random = getrandom::u64().unwrap_or(0x5EED);
    random ^ number as u64
}

/// The cameras as the control sees them.
#[derive(Debug)]
pub(crate) struct Rooms {
    name: String,
    control: SocketAddr,
    devices: Vec<RunningDevice>,
    portraits: Vec<Arc<Portrait>>,
    encoded_ahead: bool,
    rooms: Vec<Room>,
    timers: Mutex<HashMap<(u16, Discriminant<Fault>), Timer>>,
    runtime: Handle,
}

/// One camera and its port.
#[derive(Debug)]
pub(crate) struct Room {
    /// The camera.
    pub(crate) state: Arc<CameraState>,
    /// Its TCP port.
    pub(crate) port: u16,
    /// What its main stream shows unless told otherwise.
    usual: Arc<Reel>,
}

/// A task that ends with what it stands for.
#[derive(Debug)]
struct Timer(AbortHandle);

impl Drop for Timer {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Rooms {
    /// Everything one needs to know to use the house.
    pub(crate) fn describe(&self) -> HouseDescription {
        HouseDescription {
            simulated: true,
            name: self.name.clone(),
            control: format!("http://{}", self.control),
            cameras: self.rooms.iter().map(Room::describe).collect(),
            devices: self.devices.iter().map(RunningDevice::describe).collect(),
        }
    }

    /// See [`House::press`].
    pub(crate) fn press(&self, device: &str) -> Result<(), HouseError> {
        let has_button = self.devices.iter().any(|one| one.name() == device && one.press());
        has_button.then_some(()).ok_or_else(|| HouseError::NoSuchButton(device.to_owned()))
    }

    /// See [`House::pass`].
    pub(crate) async fn pass(&self, camera: &str, who: Passers) -> Result<(), HouseError> {
        let room = self.find(camera)?;
        let reel = match who {
            Passers::Usual => Arc::clone(&room.usual),
            Passers::Nobody => {
                let reason = "it shows no scene";
                let unfit = || HouseError::Unfit { camera: camera.to_owned(), reason };
                let mut spec = room.usual.spec().ok_or_else(unfit)?.clone();
                spec.scene.crossings = Some(Vec::new());
                let failed = |source| HouseError::Content { camera: camera.to_owned(), source };
                made(spec).await.map_err(failed)?
            }
        };
        room.state.main().switch(reel);
        Ok(())
    }

    /// See [`House::heard`].
    pub(crate) fn heard(&self, camera: &str) -> Result<Vec<Heard>, HouseError> {
        Ok(self.find(camera)?.state.hearing().heard())
    }

    /// See [`House::visit`].
    pub(crate) async fn visit(
        &self,
        camera: &str,
        visit: &Visit,
    ) -> Result<VisitTimes, HouseError> {
        let room = self.find(camera)?;
        let unfit = |reason| HouseError::Unfit { camera: camera.to_owned(), reason };
        let mut shown = Vec::new();
        for stream in [Some(room.state.main()), room.state.sub()].into_iter().flatten() {
            let usual = stream.reel();
            let spec = usual.spec().ok_or_else(|| unfit("it shows no scene"))?;
            let spec = visit.reel(spec, &self.portraits).map_err(unfit)?;
            let (content, ahead) = (Content::Scene(spec), self.encoded_ahead);
            let made = tokio::task::spawn_blocking(move || open_reel(content, ahead)).await;
            let made = made.unwrap_or_else(|_| Err(ReelError::stopped()));
            let failed = |source| HouseError::Content { camera: camera.to_owned(), source };
            shown.push((stream, made.map_err(failed)?));
        }
        for (stream, reel) in shown {
            if !stream.interrupt(reel) {
                return Err(unfit("somebody is there already"));
            }
        }
        Ok(visit.times())
    }

    fn find(&self, name: &str) -> Result<&Room, HouseError> {
        let found = self.rooms.iter().find(|room| room.state.spec().name == name);
        found.ok_or_else(|| HouseError::NoSuchCamera(name.to_owned()))
    }

    /// See [`House::fault`].
    pub(crate) fn fault(&self, camera: &str, fault: Fault) -> Result<(), HouseError> {
        let room = self.find(camera)?;
        let unfit = |reason| HouseError::Unfit { camera: camera.to_owned(), reason };
        match fault {
            Fault::ResolutionChange { width, height } => {
                let reel = room.state.main().reel();
                let spec = reel.spec().ok_or_else(|| unfit("it shows no scene"))?;
                let mut spec = spec.clone();
                (spec.scene.width, spec.scene.height) = (width.into(), height.into());
                self.keep(room, fault, change(Arc::clone(&room.state), spec));
                return Ok(());
            }
            Fault::WrongCertificate => {
                if room.state.spec().protocol != Protocol::Rtsps {
                    return Err(unfit("it speaks no TLS"));
                }
                room.state.replace_certificate(Certificate::generate()?);
            }
            Fault::Flap { period_seconds, .. } => {
                let half = Duration::try_from_secs_f64(period_seconds / 2.0)
                    .ok()
                    .filter(|half| *half >= FLAP_HALF_MIN)
                    .ok_or_else(|| unfit("its period is below 0.1 s"))?;
                self.keep(room, fault, flap(Arc::clone(&room.state), fault, half));
                return Ok(());
            }
            Fault::Recover => {
                let mut timers = self.timers.lock().unwrap_or_else(PoisonError::into_inner);
                timers.retain(|(port, _), _| *port != room.port);
            }
            _ => {}
        }
        room.state.strike(&fault);
        if let Some(duration) = fault.duration() {
            let state = Arc::clone(&room.state);
            self.keep(room, fault, async move {
                tokio::time::sleep(duration).await;
                state.relieve(&fault);
            });
        }
        Ok(())
    }

    /// Runs what a fault needs; an earlier one of the same kind ends.
    fn keep(&self, room: &Room, fault: Fault, task: impl Future<Output = ()> + Send + 'static) {
        let timer = Timer(self.runtime.spawn(task).abort_handle());
        let key = (room.port, std::mem::discriminant(&fault));
        self.timers.lock().unwrap_or_else(PoisonError::into_inner).insert(key, timer);
    }
}

/// Shorter periods would only test the scheduler.
const FLAP_HALF_MIN: Duration = Duration::from_millis(50);

async fn flap(state: Arc<CameraState>, fault: Fault, half: Duration) {
    let end = fault.duration().map(|duration| tokio::time::Instant::now() + duration);
    while end.is_none_or(|end| tokio::time::Instant::now() < end) {
        state.strike(&fault);
        tokio::time::sleep(half).await;
        state.relieve(&fault);
        tokio::time::sleep(half).await;
    }
}

async fn change(state: Arc<CameraState>, spec: ReelSpec) {
    match made(spec).await {
        Ok(reel) => state.main().switch(reel),
        Err(error) => tracing::warn!(%error, "no change of resolution"),
    }
}

/// A reel, made on a thread where that may take its time.
async fn made(spec: ReelSpec) -> Result<Arc<Reel>, ReelError> {
    let made = tokio::task::spawn_blocking(move || Reel::from_scene(spec)).await;
    let panicked = |error: tokio::task::JoinError| Err(ReelError::Encode(error.to_string()));
    made.unwrap_or_else(panicked).map(Arc::new)
}

impl Content {
    /// The same content for a camera of another protocol: scenes follow it.
    pub(crate) fn for_protocol(&self, protocol: Protocol) -> Self {
        match self {
            Self::Scene(spec) if protocol == Protocol::Mjpeg => {
                let coding = crate::Coding::Jpeg;
                Self::Scene(ReelSpec { coding, sound: None, ..spec.clone() })
            }
            other => other.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SceneKind, SceneSpec};

    #[tokio::test]
    async fn nobody_passes_until_the_usual_ones_do_again() {
        let scene = SceneSpec::new(SceneKind::Street, 64, 48, 5);
        let camera = CameraSpec::scene("drive", scene, 0);
        let house =
            House::start(HouseSpec::new("Test house", vec![camera])).await.expect("a house");
        let shown = || house.rooms.find("drive").expect("a camera").state.main().reel();
        let usual = shown();
        house.pass("drive", Passers::Nobody).await.expect("a scene");
        assert_eq!(shown().spec().expect("a scene").scene.crossings, Some(Vec::new()));
        house.pass("drive", Passers::Usual).await.expect("a scene");
        assert!(Arc::ptr_eq(&shown(), &usual));
    }
}
