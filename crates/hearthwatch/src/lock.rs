//! One hub a data folder: a lock that the operating system releases even after a crash.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use rustix::fs::{FlockOperation, flock};

use crate::failure::Failure;

const LOCK_FILE: &str = "hub.lock";

/// Held as long as the hub runs.
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of a data folder.
    ///
    /// # Errors
    /// If another process holds it, with its process id.
    pub(crate) fn take(data: &Path) -> Result<Self, Failure> {
        let path = data.join(LOCK_FILE);
        let failed = |source| Failure::File { path: path.clone(), source };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(failed)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(error) if error == rustix::io::Errno::WOULDBLOCK => return Err(held(data, &file)),
            Err(error) => return Err(failed(error.into())),
        }
        write_own_id(&mut file).map_err(failed)?;
        Ok(Self { _file: file })
    }
}

/// The id is for people only; the lock is the kernel's.
fn write_own_id(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    writeln!(file, "{}", std::process::id())
}

fn held(data: &Path, file: &File) -> Failure {
    let mut text = String::new();
    let read = file.take(20).read_to_string(&mut text);
    let who = match (read, text.trim()) {
        (Ok(_), id) if !id.is_empty() => format!(" (process {id})"),
        _ => String::new(),
    };
    Failure::Start(format!(
        "Another hub{who} is running on {}. Stop it first, or use another folder.",
        data.display()
    ))
}
