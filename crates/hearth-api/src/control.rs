//! The owner-only control socket: a Unix socket inside the data folder.
//!
//! Whoever reaches it could read the hub's files anyway: the folder is 0700, the socket 0600, and
//! the peer's user id, told by the kernel, must be our own. promise: D-05, T-09.

use std::{
    fs, io,
    os::unix::{
        fs::{FileTypeExt, PermissionsExt},
        net::UnixStream as BlockingUnixStream,
    },
    path::{Path, PathBuf},
};

use tokio::net::{UnixListener, UnixStream};

/// File name of the socket in the data folder.
pub const CONTROL_SOCKET: &str = "control.sock";

/// Why the socket cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// Another hub answers on it.
    #[error("another hub is running on {}", .0.display())]
    InUse(PathBuf),
    /// Something that is no socket has its name.
    #[error("{} is there already and is no socket", .0.display())]
    NoSocket(PathBuf),
    /// It could not be made.
    #[error("the control socket cannot be opened")]
    Io(#[from] io::Error),
}

/// Opens the socket. One that a crashed hub left behind is replaced, one that answers is not.
pub(crate) fn bind(path: &Path) -> Result<UnixListener, ControlError> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error.into()),
        Ok(metadata) if !metadata.file_type().is_socket() => {
            return Err(ControlError::NoSocket(path.to_owned()));
        }
        Ok(_) if BlockingUnixStream::connect(path).is_ok() => {
            return Err(ControlError::InUse(path.to_owned()));
        }
        Ok(_) => fs::remove_file(path)?,
    }
    let listener = UnixListener::bind(path)?;
    // Between the two calls the folder's 0700 keeps others out.
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Whether the peer runs as the same user as we do.
pub(crate) fn is_owner(stream: &UnixStream) -> bool {
    let own = rustix::process::geteuid().as_raw();
    stream.peer_cred().is_ok_and(|peer| peer.uid() == own)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// promise: D-05. Nobody but the owner can even open the socket.
    #[tokio::test]
    async fn the_socket_is_private_and_replaces_only_a_dead_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(CONTROL_SOCKET);
        let listener = bind(&path).expect("free");
        let mode = fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(matches!(bind(&path), Err(ControlError::InUse(_))));
        drop(listener);
        let _again = bind(&path).expect("nobody answers on the old one");
    }

    #[tokio::test]
    async fn a_file_of_that_name_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(CONTROL_SOCKET);
        fs::write(&path, "precious").expect("written");
        assert!(matches!(bind(&path), Err(ControlError::NoSocket(_))));
        assert_eq!(fs::read_to_string(&path).expect("still there"), "precious");
    }

    #[tokio::test]
    async fn our_own_connection_is_the_owners() {
        let (ours, _theirs) = UnixStream::pair().expect("a pair");
        assert!(is_owner(&ours));
    }
}
