//! The VFS as SQLite sees it: how files are opened. What is done with open ones is in `vfs_file`.
//!
//! All but opening and looking for journals goes to the system's VFS as it is. Registered once and
//! never taken back: a connection keeps its pointer to it until the very end of its closing.

use std::{
    ffi::{CStr, c_char, c_double, c_int, c_void},
    panic::{AssertUnwindSafe, catch_unwind},
    ptr::null_mut,
    sync::{Arc, OnceLock},
};

use libsqlite3_sys as ffi;

use crate::{geometry::FileKind, keyring, vfs_file, xts::Xts};

/// The name by which connections ask for it: `?vfs=` in a database's address.
pub const VFS_NAME: &str = "hearthwatch-sealed";

const NAME: &CStr = c"hearthwatch-sealed";
const SYSTEM: &CStr = c"unix";

/// `iVersion` of a VFS with the time in milliseconds, and without replaceable system calls.
const VFS_VERSION: c_int = 2;

static REGISTERED: OnceLock<Result<(), c_int>> = OnceLock::new();

/// Tells SQLite of the VFS, once.
///
/// # Errors
/// SQLite's code if it refuses, now and ever after.
pub(crate) fn register() -> Result<(), c_int> {
    *REGISTERED.get_or_init(register_once)
}

#[allow(unsafe_code, reason = "SQLite is told of a table of functions")]
fn register_once() -> Result<(), c_int> {
    // SAFETY: initialising may be asked for at any time from any thread, and names are C strings.
    // SQLite's answer is null or a VFS that is never taken back.
    let system = unsafe {
        match ffi::sqlite3_initialize() {
            ffi::SQLITE_OK => ffi::sqlite3_vfs_find(SYSTEM.as_ptr()).as_ref(),
            code => return Err(code),
        }
    };
    let Some(system) = system else { return Err(ffi::SQLITE_NOTFOUND) };
    let vfs = Box::leak(Box::new(ffi::sqlite3_vfs {
        iVersion: VFS_VERSION,
        szOsFile: vfs_file::bytes_with(system.szOsFile),
        zName: NAME.as_ptr(),
        pAppData: std::ptr::from_ref(system).cast_mut().cast(),
        pNext: null_mut(),
        xOpen: Some(open),
        xAccess: Some(access),
        xDelete: Some(delete),
        xFullPathname: Some(full_pathname),
        // Extensions are programs, and there are none.
        xDlOpen: Some(no_extension),
        xDlError: Some(no_extension_error),
        xDlSym: None,
        xDlClose: None,
        xRandomness: Some(randomness),
        xSleep: Some(sleep),
        xCurrentTime: Some(current_time),
        xGetLastError: Some(last_error),
        xCurrentTimeInt64: Some(current_time_int64),
        ..*system
    }));
    // SAFETY: `vfs` is filled and lives for ever; its version says which of its functions exist.
    match unsafe { ffi::sqlite3_vfs_register(vfs, 0) } {
        ffi::SQLITE_OK => Ok(()),
        code => Err(code),
    }
}

/// Runs code that must not unwind into SQLite.
pub(crate) fn guarded(on_panic: c_int, run: impl FnOnce() -> c_int) -> c_int {
    // What a panic could leave half done is one file's; SQLite gives the file up after the error.
    catch_unwind(AssertUnwindSafe(run)).unwrap_or(on_panic)
}

/// What a file is, by the flags that SQLite opens it with; `None` for what must not be on the disk.
fn kind_of(flags: c_int) -> Option<FileKind> {
    let has = |flag| flags & flag != 0;
    if has(ffi::SQLITE_OPEN_DELETEONCLOSE) {
        return None;
    }
    match () {
        () if has(ffi::SQLITE_OPEN_MAIN_DB) => Some(FileKind::Database),
        () if has(ffi::SQLITE_OPEN_WAL) => Some(FileKind::Log),
        () if has(ffi::SQLITE_OPEN_MAIN_JOURNAL) => Some(FileKind::Journal),
        () => None,
    }
}

fn suffix_of(kind: FileKind) -> &'static [u8] {
    match kind {
        FileKind::Database => b"",
        FileKind::Log => b"-wal",
        FileKind::Journal => b"-journal",
    }
}

/// The kind and the cipher of a file that may be opened.
fn admit(name: Option<&CStr>, flags: c_int) -> Option<(FileKind, Arc<Xts>)> {
    let kind = kind_of(flags)?;
    let database = name?.to_bytes().strip_suffix(suffix_of(kind))?;
    Some((kind, keyring::cipher_of(database)?))
}

#[allow(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    flags_out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite gives room for a file of `szOsFile` bytes. Without functions it is not closed,
    // which is what must happen unless opening succeeds.
    unsafe { (*file).pMethods = std::ptr::null() };
    guarded(ffi::SQLITE_CANTOPEN, || {
        // SAFETY: a name is null or a C string that outlives the file.
        let path = unsafe { name.as_ref().map(|name| CStr::from_ptr(name)) };
        let Some((kind, cipher)) = admit(path, flags) else { return ffi::SQLITE_CANTOPEN };
        // SAFETY: `file` has room for ours and, behind it, for the system's.
        unsafe {
            let system_file = vfs_file::system_file(file);
            let code = call(vfs, |system, vfs| match system.xOpen {
                Some(open) => open(vfs, name, system_file, flags, flags_out),
                None => ffi::SQLITE_CANTOPEN,
            });
            if code != ffi::SQLITE_OK {
                vfs_file::close_system_file(system_file);
                return code;
            }
            vfs_file::begin(file, kind, cipher);
        }
        ffi::SQLITE_OK
    })
}

/// Calls one of the system's functions.
///
/// # Safety
/// `vfs` is the VFS that `register` made.
#[allow(unsafe_code, reason = "SQLite keeps the system's VFS behind a pointer")]
unsafe fn call<T>(
    vfs: *mut ffi::sqlite3_vfs,
    ask: impl FnOnce(&ffi::sqlite3_vfs, *mut ffi::sqlite3_vfs) -> T,
) -> T {
    // SAFETY: the data of the VFS that `register` made is the system's VFS; both live for ever and
    // are not written to.
    unsafe {
        let system = (*vfs).pAppData.cast::<ffi::sqlite3_vfs>();
        ask(&*system, system)
    }
}

#[allow(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn access(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    flags: c_int,
    answer: *mut c_int,
) -> c_int {
    // SAFETY: the VFS is ours; the caller's arguments are passed on.
    unsafe {
        call(vfs, |system, vfs| match system.xAccess {
            Some(access) => access(vfs, name, flags, answer),
            None => ffi::SQLITE_IOERR_ACCESS,
        })
    }
}

#[allow(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn delete(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    sync_folder: c_int,
) -> c_int {
    // SAFETY: the VFS is ours; the caller's arguments are passed on.
    unsafe {
        call(vfs, |system, vfs| match system.xDelete {
            Some(delete) => delete(vfs, name, sync_folder),
            None => ffi::SQLITE_IOERR_DELETE,
        })
    }
}

#[allow(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn full_pathname(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    room: c_int,
    out: *mut c_char,
) -> c_int {
    // SAFETY: the VFS is ours, `mxPathname` is the system's; the caller's arguments are passed on.
    unsafe {
        call(vfs, |system, vfs| match system.xFullPathname {
            Some(full) => full(vfs, name, room, out),
            None => ffi::SQLITE_CANTOPEN,
        })
    }
}

#[allow(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn no_extension(
    _vfs: *mut ffi::sqlite3_vfs,
    _name: *const c_char,
) -> *mut c_void {
    null_mut()
}

#[allow(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn no_extension_error(
    _vfs: *mut ffi::sqlite3_vfs,
    room: c_int,
    out: *mut c_char,
) {
    if room > 0 {
        // SAFETY: SQLite gives room for `room` bytes; the text is empty.
        unsafe { *out = 0 };
    }
}

#[allow(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn randomness(
    vfs: *mut ffi::sqlite3_vfs,
    room: c_int,
    out: *mut c_char,
) -> c_int {
    // SAFETY: the VFS is ours; the caller's arguments are passed on.
    unsafe {
        call(vfs, |system, vfs| match system.xRandomness {
            Some(randomness) => randomness(vfs, room, out),
            None => 0,
        })
    }
}

#[allow(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn sleep(vfs: *mut ffi::sqlite3_vfs, micros: c_int) -> c_int {
    // SAFETY: the VFS is ours; the caller's arguments are passed on.
    unsafe {
        call(vfs, |system, vfs| match system.xSleep {
            Some(sleep) => sleep(vfs, micros),
            None => 0,
        })
    }
}

#[allow(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn current_time(vfs: *mut ffi::sqlite3_vfs, out: *mut c_double) -> c_int {
    // SAFETY: the VFS is ours; the caller's arguments are passed on.
    unsafe {
        call(vfs, |system, vfs| match system.xCurrentTime {
            Some(now) => now(vfs, out),
            None => ffi::SQLITE_ERROR,
        })
    }
}

#[allow(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn current_time_int64(
    vfs: *mut ffi::sqlite3_vfs,
    out: *mut ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: the VFS is ours; the caller's arguments are passed on.
    unsafe {
        call(vfs, |system, vfs| match system.xCurrentTimeInt64 {
            Some(now) => now(vfs, out),
            None => ffi::SQLITE_ERROR,
        })
    }
}

#[allow(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn last_error(
    vfs: *mut ffi::sqlite3_vfs,
    room: c_int,
    out: *mut c_char,
) -> c_int {
    // SAFETY: the VFS is ours; the caller's arguments are passed on.
    unsafe {
        call(vfs, |system, vfs| match system.xGetLastError {
            Some(last) => last(vfs, room, out),
            None => 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// promise: T-16, V-07. What SQLite would spill to the disk is refused.
    #[test]
    fn only_databases_with_their_logs_and_journals_are_opened() {
        let opened = |flag| kind_of(flag | ffi::SQLITE_OPEN_READWRITE | ffi::SQLITE_OPEN_CREATE);
        assert_eq!(opened(ffi::SQLITE_OPEN_MAIN_DB), Some(FileKind::Database));
        assert_eq!(opened(ffi::SQLITE_OPEN_WAL), Some(FileKind::Log));
        assert_eq!(opened(ffi::SQLITE_OPEN_MAIN_JOURNAL), Some(FileKind::Journal));
        for refused in [
            ffi::SQLITE_OPEN_TEMP_DB,
            ffi::SQLITE_OPEN_TRANSIENT_DB,
            ffi::SQLITE_OPEN_TEMP_JOURNAL,
            ffi::SQLITE_OPEN_SUBJOURNAL,
            ffi::SQLITE_OPEN_SUPER_JOURNAL,
            ffi::SQLITE_OPEN_MAIN_DB | ffi::SQLITE_OPEN_DELETEONCLOSE,
        ] {
            assert_eq!(opened(refused), None, "{refused:#x}");
        }
    }

    /// promise: D-35. What nobody unlocked is not opened, not even in clear.
    #[test]
    fn a_file_without_a_key_is_not_admitted() {
        let flags = ffi::SQLITE_OPEN_MAIN_DB | ffi::SQLITE_OPEN_READWRITE;
        assert!(admit(Some(c"/nobody/unlocked/this.db"), flags).is_none());
        assert!(admit(None, flags).is_none());
        assert!(admit(Some(c"/a/log/without/suffix"), ffi::SQLITE_OPEN_WAL).is_none());
    }
}
