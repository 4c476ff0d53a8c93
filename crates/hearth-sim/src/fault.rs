//! What can be made to go wrong with a camera, and what is wrong with it right now.
//!
//! Pure: a [`Fault`] is a command, [`Conditions`] is the sum of all commands so far. Connections
//! watch the conditions of their camera and behave accordingly.
//! Not here: the timers that end a fault (`camera`), the misbehaviour itself (`connection`).

use std::time::Duration;

/// A command to misbehave. Those with `seconds` recover by themselves after that time; without, they
/// last until [`Fault::Recover`].
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// Connections stay open and requests are answered, but no media is sent.
    Stall {
        /// How long.
        #[serde(default)]
        seconds: Option<f64>,
    },
    /// Connections stay open, but nothing is read, written or closed any more, not even by
    /// recovering: only new connections work then.
    HalfOpen {
        /// How long.
        #[serde(default)]
        seconds: Option<f64>,
    },
    /// Closes all connections, once. New ones are welcome.
    Drop,
    /// Closes all connections and refuses new ones, for half of every period.
    Flap {
        /// Length of one period of being reachable and being gone.
        period_seconds: f64,
        /// How long.
        #[serde(default)]
        seconds: Option<f64>,
    },
    /// The camera's clock jumps by so many seconds, forth or back; RTP timestamps with it.
    ClockStep {
        /// By how much.
        seconds: f64,
    },
    /// The main stream changes its size at the next key frame, with new parameter sets.
    ResolutionChange {
        /// New width in pixels, rounded up to an even number.
        width: u16,
        /// New height in pixels, rounded up to an even number.
        height: u16,
    },
    /// RTP packets get lost: over UDP for real, over TCP as gaps in the sequence numbers.
    PacketLoss {
        /// How many of a hundred.
        percent: f64,
        /// How long.
        #[serde(default)]
        seconds: Option<f64>,
    },
    /// UDP packets overtake each other.
    Reorder {
        /// How many of a hundred.
        percent: f64,
        /// How long.
        #[serde(default)]
        seconds: Option<f64>,
    },
    /// Every tenth packet is broken.
    Malformed {
        /// In which way.
        #[serde(default)]
        breakage: Breakage,
        /// How long.
        #[serde(default)]
        seconds: Option<f64>,
    },
    /// Every packet is sent again and again, as fast as the receiver takes them.
    Flood {
        /// How long.
        #[serde(default)]
        seconds: Option<f64>,
    },
    /// Closes all connections, and describes the pictures as VP8 from then on.
    WrongCodec {
        /// How long.
        #[serde(default)]
        seconds: Option<f64>,
    },
    /// Closes all connections and shows a new certificate to the next ones. Stays after
    /// [`Fault::Recover`], as a replaced device would.
    WrongCertificate,
    /// Closes all connections and the port.
    Refuse {
        /// How long.
        #[serde(default)]
        seconds: Option<f64>,
    },
    /// Closes all connections and no longer accepts the password, as if its owner changed it.
    WrongPassword {
        /// How long.
        #[serde(default)]
        seconds: Option<f64>,
    },
    /// Ends everything that goes wrong.
    Recover,
}

/// How packets are broken by [`Fault::Malformed`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Breakage {
    /// One of the others, by chance.
    #[default]
    Any,
    /// Random bytes instead of the payload.
    Payload,
    /// An RTP header with a wrong version, lengths that point outside, or cut short.
    Rtp,
    /// NAL unit types that do not exist, fragments without beginning or end.
    Nal,
}

/// Longest time a fault may be asked to last; longer ones last until recovery.
const FAULT_SECONDS_MAX: f64 = 86_400.0;

impl Fault {
    /// After which time it ends by itself.
    pub(crate) fn duration(&self) -> Option<Duration> {
        match *self {
            Self::Stall { seconds }
            | Self::HalfOpen { seconds }
            | Self::Flap { seconds, .. }
            | Self::PacketLoss { seconds, .. }
            | Self::Reorder { seconds, .. }
            | Self::Malformed { seconds, .. }
            | Self::Flood { seconds }
            | Self::WrongCodec { seconds }
            | Self::Refuse { seconds }
            | Self::WrongPassword { seconds } => seconds,
            Self::Drop
            | Self::ClockStep { .. }
            | Self::ResolutionChange { .. }
            | Self::WrongCertificate
            | Self::Recover => None,
        }
        .filter(|seconds| (0.0..=FAULT_SECONDS_MAX).contains(seconds))
        .map(Duration::from_secs_f64)
    }
}

/// What is wrong with a camera at the moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Conditions {
    /// No media is sent.
    pub(crate) stalled: bool,
    /// Nothing at all happens on any connection.
    pub(crate) half_open: bool,
    /// The port is closed.
    pub(crate) refused: bool,
    /// How many of a hundred packets get lost.
    pub(crate) loss_percent: f64,
    /// How many of a hundred UDP packets are overtaken.
    pub(crate) reorder_percent: f64,
    /// Every tenth packet is broken.
    pub(crate) breakage: Option<Breakage>,
    /// Packets are repeated without end.
    pub(crate) flooding: bool,
    /// The description names a codec that nobody has.
    pub(crate) wrong_codec: bool,
    /// No password is right.
    pub(crate) wrong_password: bool,
    /// How far the camera's clock is off, in microseconds.
    pub(crate) clock_offset_us: i64,
    /// Connections that were opened under a smaller number are closed.
    pub(crate) generation: u64,
}

impl Conditions {
    /// The conditions once `fault` has struck as well.
    pub(crate) fn after(self, fault: &Fault) -> Self {
        let closed = Self { generation: self.generation + 1, ..self };
        match *fault {
            Fault::Stall { .. } => Self { stalled: true, ..self },
            Fault::HalfOpen { .. } => Self { half_open: true, ..self },
            Fault::Drop | Fault::WrongCertificate => closed,
            Fault::Flap { .. } | Fault::Refuse { .. } => Self { refused: true, ..closed },
            Fault::ClockStep { seconds } => Self {
                // The cast saturates, and a step beyond any clock is a step all the same.
                clock_offset_us: self.clock_offset_us.saturating_add((seconds * 1e6) as i64),
                ..self
            },
            Fault::ResolutionChange { .. } => self,
            Fault::PacketLoss { percent, .. } => Self { loss_percent: percent, ..self },
            Fault::Reorder { percent, .. } => Self { reorder_percent: percent, ..self },
            Fault::Malformed { breakage, .. } => Self { breakage: Some(breakage), ..self },
            Fault::Flood { .. } => Self { flooding: true, ..self },
            Fault::WrongCodec { .. } => Self { wrong_codec: true, ..closed },
            Fault::WrongPassword { .. } => Self { wrong_password: true, ..closed },
            Fault::Recover => self.recovered(),
        }
    }

    /// The conditions once `fault` has ended by itself.
    pub(crate) fn without(self, fault: &Fault) -> Self {
        match fault {
            Fault::Stall { .. } => Self { stalled: false, ..self },
            Fault::HalfOpen { .. } => Self { half_open: false, ..self },
            Fault::Flap { .. } | Fault::Refuse { .. } => Self { refused: false, ..self },
            Fault::PacketLoss { .. } => Self { loss_percent: 0.0, ..self },
            Fault::Reorder { .. } => Self { reorder_percent: 0.0, ..self },
            Fault::Malformed { .. } => Self { breakage: None, ..self },
            Fault::Flood { .. } => Self { flooding: false, ..self },
            Fault::WrongCodec { .. } => {
                Self { wrong_codec: false, generation: self.generation + 1, ..self }
            }
            Fault::WrongPassword { .. } => Self { wrong_password: false, ..self },
            Fault::Drop
            | Fault::ClockStep { .. }
            | Fault::ResolutionChange { .. }
            | Fault::WrongCertificate
            | Fault::Recover => self,
        }
    }

    /// A camera that works again; its clock stays where it is, and peers that were shown a wrong
    /// description have to come again.
    fn recovered(self) -> Self {
        Self {
            generation: self.generation + u64::from(self.wrong_codec),
            clock_offset_us: self.clock_offset_us,
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_read_from_json_with_and_without_its_length() {
        let read = |text| serde_json::from_str::<Fault>(text).expect("a fault");
        let stall = read(r#"{"kind":"stall","seconds":10}"#);
        assert_eq!(stall.duration(), Some(Duration::from_secs(10)));
        assert_eq!(read(r#"{"kind":"stall"}"#).duration(), None);
        assert_eq!(
            read(r#"{"kind":"malformed"}"#),
            Fault::Malformed { breakage: Breakage::Any, seconds: None }
        );
        assert!(serde_json::from_str::<Fault>(r#"{"kind":"explode"}"#).is_err());
        assert!(serde_json::from_str::<Fault>(r#"{"kind":"stall","secs":1}"#).is_err());
    }

    #[test]
    fn absurd_lengths_last_until_recovery() {
        for seconds in [-1.0, f64::NAN, f64::INFINITY, 1e12] {
            assert_eq!(Fault::Stall { seconds: Some(seconds) }.duration(), None);
        }
    }

    #[test]
    fn recovery_ends_everything_but_the_clock() {
        let broken = Conditions::default()
            .after(&Fault::Stall { seconds: None })
            .after(&Fault::PacketLoss { percent: 5.0, seconds: None })
            .after(&Fault::ClockStep { seconds: -3.0 });
        let well = broken.after(&Fault::Recover);
        assert_eq!(well, Conditions { clock_offset_us: -3_000_000, ..Conditions::default() });
    }
}
