//! What a simulated house is made of, and the houses that come ready-made.
//!
//! Pure: plain values, built by hand in tests or taken from a preset. Nothing here opens a socket.

use std::{path::PathBuf, sync::Arc, time::Duration};

use crate::{DeviceSpec, Light, Portrait, Reel, ReelSpec, SceneKind, SceneSpec, Sound};

/// A whole simulated house.
#[derive(Clone, Debug)]
pub struct HouseSpec {
    /// What it is called; shown as simulated.
    pub name: String,
    /// Its cameras, each under a name of its own.
    pub cameras: Vec<CameraSpec>,
    /// Its other devices: plugs, thermostats, the control side of cameras.
    pub devices: Vec<DeviceSpec>,
    /// Faces of those who come when they are told to.
    pub portraits: Vec<Arc<Portrait>>,
    /// Whether whole loops are encoded before the house opens, and before a visit begins, so that it
    /// costs next to nothing from then on. Otherwise cameras encode live during their first round.
    pub encoded_ahead: bool,
}

/// How a camera is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// RTSP over TCP, media interleaved or over UDP.
    Rtsp,
    /// RTSP inside TLS with a certificate of the camera's own.
    Rtsps,
    /// JPEG images over HTTP, multipart (`multipart/x-mixed-replace`).
    Mjpeg,
}

/// What a camera wants to see before it shows anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Nothing.
    Open,
    /// The password in the clear (RFC 7617).
    Basic,
    /// Digest with MD5, what nearly all cameras have (RFC 7616).
    Digest,
    /// Digest with SHA-256, and with MD5 for clients that cannot.
    DigestSha256,
    /// The account in the query of each request, as `usr` and `pwd`.
    Query,
}

/// Which RTP transports a camera offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offered {
    /// On the RTSP connection and over UDP.
    Both,
    /// On the RTSP connection only.
    TcpOnly,
    /// Over UDP only.
    UdpOnly,
}

/// What one stream of a camera shows.
#[derive(Clone, Debug)]
pub enum Content {
    /// A drawn scene, encoded by the camera itself.
    Scene(ReelSpec),
    /// A reel that is already there; several cameras may share one.
    Reel(Arc<Reel>),
    /// An MP4 file, replayed in a loop.
    File(PathBuf),
}

/// One simulated camera.
#[derive(Clone, Debug)]
pub struct CameraSpec {
    /// Its name, also in URLs: lower-case letters, digits and `-`.
    pub name: String,
    /// How it is reached.
    pub protocol: Protocol,
    /// Which RTP transports it offers; RTSPS never offers UDP, which would not be encrypted.
    pub offered: Offered,
    /// A client that says nothing for so long is gone (RFC 2326, 12.37).
    pub session_timeout: Duration,
    /// What it asks for.
    pub access: Access,
    /// Who may look. Never a secret: it guards nothing.
    pub username: String,
    /// With which password. Never a secret: it guards nothing.
    pub password: String,
    /// The stream at `/main`.
    pub main: Content,
    /// The smaller stream at `/sub`, if there is one.
    pub sub: Option<Content>,
    /// What its loudspeaker takes, if it has one (ONVIF's back channel).
    pub speaker: Option<Sound>,
}

/// Seeds of ready-made houses; any number will do, as long as it stays.
const DEMO_SEED: u64 = 7;

/// Constant quality. Measured on one core: 200 frames of 1280x720 a second, against 40 with a rate
/// of 2 Mbit/s, because the encoder then spends its effort on a background that stands still.
const VARIABLE_BITRATE: u32 = 0;

/// What most cameras have, and the value of RFC 2326, 12.37.
const SESSION_TIMEOUT: Duration = Duration::from_secs(60);

/// Length of the loop that benchmarks share, in seconds: long enough for several groups of
/// pictures, short enough to be encoded within seconds.
const BENCH_LOOP_SECONDS: u32 = 12;

impl HouseSpec {
    /// A house of the given cameras.
    pub fn new(name: &str, cameras: Vec<CameraSpec>) -> Self {
        Self {
            name: name.to_owned(),
            cameras,
            devices: Vec::new(),
            portraits: Vec::new(),
            encoded_ahead: false,
        }
    }

    /// The house that `cargo xtask demo` shows: a front door, a street with cars, a garden at
    /// night, a garage and a workshop with an old MJPEG camera, and one device of every family.
    pub fn demo() -> Self {
        Self::demo_with(Vec::new())
    }

    /// The same with the faces of those who come to the front door, the first two in turn, any of
    /// them when told to; who has none is drawn.
    pub fn demo_with(portraits: Vec<Arc<Portrait>>) -> Self {
        let scene = |kind, light, width, height, seed| {
            let mut scene = SceneSpec::new(kind, width, height, 15);
            scene.light = light;
            scene.seed = DEMO_SEED + seed;
            scene
        };
        let door = |width, height| SceneSpec {
            portraits: portraits.clone(),
            ..scene(SceneKind::FrontDoor, Light::Day, width, height, 0)
        };
        let (door, door_sub) = (door(1280, 720), door(640, 360));
        let drive = scene(SceneKind::Street, Light::Day, 640, 360, 1);
        let garden = scene(SceneKind::Garden, Light::Night, 640, 360, 2);
        let garage = scene(SceneKind::Garage, Light::Day, 640, 360, 3);
        let workshop = SceneSpec { fps: 5, ..scene(SceneKind::Garage, Light::Night, 640, 360, 4) };
        let mut front_door = CameraSpec::scene("front-door", door, VARIABLE_BITRATE)
            .with_sound(Sound::Pcmu)
            .with_speaker(Sound::Pcmu)
            .with_access(Access::DigestSha256);
        front_door.sub = Some(Content::Scene(ReelSpec::new(door_sub, VARIABLE_BITRATE)));
        let house = Self::new(
            "Simulated house",
            vec![
                front_door,
                CameraSpec::scene("drive", drive, VARIABLE_BITRATE).with_sound(Sound::Pcma),
                CameraSpec::scene("garden", garden, VARIABLE_BITRATE)
                    .with_protocol(Protocol::Rtsps),
                CameraSpec::scene("garage", garage, VARIABLE_BITRATE).with_access(Access::Basic),
                CameraSpec::scene("workshop", workshop, VARIABLE_BITRATE)
                    .with_protocol(Protocol::Mjpeg),
            ],
        );
        Self { devices: DeviceSpec::demo(), portraits, ..house }
    }

    /// Equal cameras for load: they share one reel that is encoded before the house opens, so that
    /// it costs next to nothing while something else is measured.
    pub fn bench(cameras: usize, width: usize, height: usize, fps: u32, bitrate: u32) -> Self {
        let mut scene = SceneSpec::new(SceneKind::Street, width, height, fps);
        scene.seconds = BENCH_LOOP_SECONDS;
        let camera =
            |number| CameraSpec::scene(&format!("bench-{number:02}"), scene.clone(), bitrate);
        let cameras = (1..=cameras).map(camera).collect();
        Self { encoded_ahead: true, ..Self::new("Simulated house under load", cameras) }
    }

    /// The same with cameras at doors to which nobody comes but whoever is told to, with these
    /// faces. At every second one it is night.
    #[must_use]
    pub fn with_doors(
        mut self,
        doors: usize,
        (width, height, fps): (usize, usize, u32),
        portraits: Vec<Arc<Portrait>>,
    ) -> Self {
        let door = |number: usize| {
            let light = if number.is_multiple_of(2) { Light::Night } else { Light::Day };
            let scene = SceneSpec {
                light,
                seconds: BENCH_LOOP_SECONDS,
                crossings: Some(Vec::new()),
                ..SceneSpec::new(SceneKind::FrontDoor, width, height, fps)
            };
            CameraSpec::scene(&format!("door-{number:02}"), scene, VARIABLE_BITRATE)
        };
        self.cameras.extend((1..=doors).map(door));
        self.portraits = portraits;
        self
    }
}

impl CameraSpec {
    /// A camera over RTSP with Digest that shows `main`.
    pub fn new(name: &str, main: Content) -> Self {
        Self {
            name: name.to_owned(),
            protocol: Protocol::Rtsp,
            offered: Offered::Both,
            session_timeout: SESSION_TIMEOUT,
            access: Access::Digest,
            username: "viewer".to_owned(),
            password: format!("simulated-{name}"),
            main,
            sub: None,
            speaker: None,
        }
    }

    /// A camera that draws and encodes a scene; a bitrate of 0 means constant quality.
    pub fn scene(name: &str, scene: SceneSpec, bitrate: u32) -> Self {
        Self::new(name, Content::Scene(ReelSpec::new(scene, bitrate)))
    }

    /// The same camera with another protocol; its scenes follow (JPEG or H.264).
    #[must_use]
    pub fn with_protocol(mut self, protocol: Protocol) -> Self {
        self.protocol = protocol;
        self
    }

    /// Whether it sends over UDP.
    pub(crate) fn offers_udp(&self) -> bool {
        self.offered != Offered::TcpOnly && self.protocol == Protocol::Rtsp
    }

    /// The same camera behind another lock.
    #[must_use]
    pub fn with_access(mut self, access: Access) -> Self {
        self.access = access;
        self
    }

    /// The same camera with sound to its scene; without effect on files and ready reels.
    #[must_use]
    pub fn with_sound(mut self, sound: Sound) -> Self {
        if let Content::Scene(reel) = &mut self.main {
            reel.sound = Some(sound);
        }
        self
    }

    /// The same camera with a loudspeaker; without effect on one that speaks no RTSP.
    #[must_use]
    pub fn with_speaker(mut self, takes: Sound) -> Self {
        self.speaker = Some(takes);
        self
    }

    /// The same camera with a second stream at `/sub`.
    #[must_use]
    pub fn with_sub(mut self, sub: Content) -> Self {
        self.sub = Some(sub);
        self
    }
}
