//! How the eyes are started, and the object model they use.

use std::{fmt, path::PathBuf};

use bytes::Bytes;
use sha2::{Digest, Sha256};

/// How to start the worker and what it looks with.
#[derive(Clone, Debug)]
pub struct EyesConfig {
    /// The program that calls [`worker_main`](crate::worker_main); the hub's own executable.
    pub program: PathBuf,
    /// Its arguments, e.g. `eyes-worker`.
    pub args: Vec<String>,
    /// The object model; without one the eyes see motion only, and say so.
    pub model: Option<Model>,
}

/// An ONNX detector with a YOLOX head over the COCO classes.
#[derive(Clone)]
pub struct Model {
    name: String,
    bytes: Bytes,
    sha256: [u8; 32],
}

impl Model {
    /// No detector for a home machine is larger; also the largest message on the worker's pipe.
    pub const BYTES_MAX: usize = 64 * 1024 * 1024;

    /// A model from the bytes of its file; `None` if it is empty or over [`Self::BYTES_MAX`].
    /// Whether it can be used is found out by the worker, behind the sandbox.
    pub fn new(name: impl Into<String>, bytes: Bytes) -> Option<Self> {
        let fits = !bytes.is_empty() && bytes.len() <= Self::BYTES_MAX;
        let sha256 = Sha256::digest(&bytes).into();
        fits.then(|| Self { name: name.into(), bytes, sha256 })
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// SHA-256 of the file, so that anyone can check which model is at work.
    pub fn sha256(&self) -> [u8; 32] {
        self.sha256
    }

    /// The file.
    pub(crate) fn bytes(&self) -> &Bytes {
        &self.bytes
    }
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Model({}, {} bytes)", self.name, self.bytes.len())
    }
}
