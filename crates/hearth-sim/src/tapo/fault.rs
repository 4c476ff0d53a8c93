//! What a device does wrong on command.

/// A command to misbehave. All last until [`TapoFault::Recover`], unless they say otherwise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TapoFault {
    /// The proof that it knows the password is wrong.
    WrongProof,
    /// Ends the session, once; the next request learns it in this way.
    ExpireSession(Expiry),
    /// Ends every session at once, for as long as it lasts.
    ExpireAlways,
    /// Locked after too many failed logins, with so many seconds left.
    Lock {
        /// Seconds left.
        seconds: u32,
    },
    /// Answers are no JSON, or cannot be decrypted.
    Malformed,
    /// Answers are well encrypted nonsense.
    Nonsense,
    /// Each answer takes so long.
    Slow {
        /// How long.
        seconds: f64,
    },
    /// Closes all connections and shows a new certificate to the next ones, for good.
    NewCertificate,
    /// The answer's signature or tag is wrong (KLAP, TPAP).
    WrongSignature,
    /// Plays a camera of the first generation, as an attacker would; for good.
    PlayOldCamera,
    /// Refuses each command with this code.
    Refuse {
        /// The code.
        code: i32,
    },
    /// Ends everything that goes wrong.
    Recover,
}

/// How the end of a session shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// By the code for it.
    Code,
    /// By an HTTP status, 401, 403 or 500.
    Status(u16),
}

/// What is wrong at the moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Conditions {
    pub(super) wrong_proof: bool,
    pub(super) expire_once: Option<Expiry>,
    pub(super) expire_always: bool,
    pub(super) locked_seconds: Option<u32>,
    pub(super) malformed: bool,
    pub(super) nonsense: bool,
    pub(super) slow_seconds: f64,
    pub(super) wrong_signature: bool,
    pub(super) refuse: Option<i32>,
}

impl Conditions {
    /// What is wrong after another fault.
    pub(super) fn after(self, fault: TapoFault) -> Self {
        match fault {
            TapoFault::WrongProof => Self { wrong_proof: true, ..self },
            TapoFault::ExpireSession(how) => Self { expire_once: Some(how), ..self },
            TapoFault::ExpireAlways => Self { expire_always: true, ..self },
            TapoFault::Lock { seconds } => Self { locked_seconds: Some(seconds), ..self },
            TapoFault::Malformed => Self { malformed: true, ..self },
            TapoFault::Nonsense => Self { nonsense: true, ..self },
            TapoFault::Slow { seconds } => Self { slow_seconds: seconds, ..self },
            TapoFault::WrongSignature => Self { wrong_signature: true, ..self },
            TapoFault::Refuse { code } => Self { refuse: Some(code), ..self },
            TapoFault::NewCertificate | TapoFault::PlayOldCamera => self,
            TapoFault::Recover => Self::default(),
        }
    }
}
