//! An open file as SQLite sees it: ours, and behind it in the same memory the system's.
//!
//! Reads, writes and lengths go through [`Sealed`]; locks, shared memory and syncs go to the
//! system's file as they are. There is no memory-mapped access: version 2 of the functions has none.

use std::{
    ffi::{c_int, c_void},
    sync::Arc,
};

use libsqlite3_sys as ffi;

use crate::{
    geometry::FileKind,
    sealed::{Disk, Sealed},
    vfs::guarded,
    xts::Xts,
};

/// `iVersion` of functions with shared memory, and without memory-mapped files.
const METHODS_VERSION: c_int = 2;

/// What a device may promise through the cipher: that a write of some bytes leaves others alone
/// when power fails, and that files cannot be removed while open. Writes are not atomic, and not
/// appended safely, in any size.
const PROMISES: c_int =
    ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE | ffi::SQLITE_IOCAP_UNDELETABLE_WHEN_OPEN;

/// The beginning of an open file. The system's file follows it.
#[repr(C)]
struct OpenFile {
    base: ffi::sqlite3_file,
    /// From `Box::into_raw` in `begin`, given back in `close`.
    state: *mut State,
}

struct State {
    kind: FileKind,
    cipher: Arc<Xts>,
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: METHODS_VERSION,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// Bytes of a file with the system's of `system_bytes` in it.
pub(crate) fn bytes_with(system_bytes: c_int) -> c_int {
    // 16 bytes on every machine of today.
    size_of::<OpenFile>() as c_int + system_bytes
}

/// The system's file behind ours.
///
/// # Safety
/// `file` points to room for [`bytes_with`] bytes.
#[allow(unsafe_code, reason = "both files lie in memory that SQLite gives")]
// SAFETY: what callers promise is said above.
pub(crate) unsafe fn system_file(file: *mut ffi::sqlite3_file) -> *mut ffi::sqlite3_file {
    // SAFETY: the caller's promise; SQLite aligns the room to 8 bytes, and ours is a multiple of it.
    unsafe { file.cast::<OpenFile>().add(1).cast() }
}

/// Makes `file`, whose system's file is open, ours.
///
/// # Safety
/// As for [`system_file`]; nobody else uses the file yet.
#[allow(unsafe_code, reason = "the file lies in memory that SQLite gives")]
// SAFETY: what callers promise is said above.
pub(crate) unsafe fn begin(file: *mut ffi::sqlite3_file, kind: FileKind, cipher: Arc<Xts>) {
    let state = Box::into_raw(Box::new(State { kind, cipher }));
    // SAFETY: the caller's promise.
    unsafe { file.cast::<OpenFile>().write(OpenFile { base: base(), state }) };
}

fn base() -> ffi::sqlite3_file {
    ffi::sqlite3_file { pMethods: &METHODS }
}

/// Closes the system's file if opening it got that far.
///
/// # Safety
/// `system` points to a file that its VFS was asked to open.
#[allow(unsafe_code, reason = "the file lies in memory that SQLite gives")]
// SAFETY: what callers promise is said above.
pub(crate) unsafe fn close_system_file(system: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: the caller's promise; a file without functions is not open.
    unsafe {
        match (*system).pMethods.as_ref().and_then(|methods| methods.xClose) {
            Some(close) => close(system),
            None => ffi::SQLITE_OK,
        }
    }
}

/// The system's side of an open file.
struct SystemFile<'a> {
    file: *mut ffi::sqlite3_file,
    methods: &'a ffi::sqlite3_io_methods,
}

impl SystemFile<'_> {
    /// # Safety
    /// `file` was opened by us, is not closed, and is used by nobody else during the call.
    #[allow(unsafe_code, reason = "the file lies in memory that SQLite gives")]
    // SAFETY: what callers promise is said above.
    unsafe fn of(file: *mut ffi::sqlite3_file) -> Self {
        // SAFETY: the caller's promise; an open file's functions live as long as the program.
        unsafe {
            let file = system_file(file);
            Self { file, methods: &*(*file).pMethods }
        }
    }
}

impl Disk for SystemFile<'_> {
    type Error = c_int;

    #[allow(unsafe_code, reason = "the system's VFS is C")]
    fn length(&mut self) -> Result<u64, c_int> {
        let mut length = 0;
        let Some(ask) = self.methods.xFileSize else { return Err(ffi::SQLITE_IOERR_FSTAT) };
        // SAFETY: the file is open, and `length` is there to be written to.
        ok(unsafe { ask(self.file, &mut length) })?;
        u64::try_from(length).map_err(|_| ffi::SQLITE_IOERR_FSTAT)
    }

    #[allow(unsafe_code, reason = "the system's VFS is C")]
    fn read(&mut self, offset: u64, bytes: &mut [u8]) -> Result<usize, c_int> {
        let Some(read) = self.methods.xRead else { return Err(ffi::SQLITE_IOERR_READ) };
        let (length, at) = place(offset, bytes.len()).ok_or(ffi::SQLITE_IOERR_READ)?;
        // SAFETY: the file is open, and `bytes` has room for `length`.
        match unsafe { read(self.file, bytes.as_mut_ptr().cast(), length, at) } {
            ffi::SQLITE_OK => Ok(bytes.len()),
            ffi::SQLITE_IOERR_SHORT_READ => {
                let there = self.length()?.saturating_sub(offset);
                Ok(usize::try_from(there).unwrap_or(usize::MAX).min(bytes.len()))
            }
            code => Err(code),
        }
    }

    #[allow(unsafe_code, reason = "the system's VFS is C")]
    fn write(&mut self, offset: u64, bytes: &[u8]) -> Result<(), c_int> {
        let Some(write) = self.methods.xWrite else { return Err(ffi::SQLITE_IOERR_WRITE) };
        let (length, at) = place(offset, bytes.len()).ok_or(ffi::SQLITE_IOERR_WRITE)?;
        // SAFETY: the file is open, and `bytes` has `length`.
        ok(unsafe { write(self.file, bytes.as_ptr().cast(), length, at) })
    }

    #[allow(unsafe_code, reason = "the system's VFS is C")]
    fn truncate(&mut self, length: u64) -> Result<(), c_int> {
        let Some(cut) = self.methods.xTruncate else { return Err(ffi::SQLITE_IOERR_TRUNCATE) };
        let length = i64::try_from(length).map_err(|_| ffi::SQLITE_IOERR_TRUNCATE)?;
        // SAFETY: the file is open.
        ok(unsafe { cut(self.file, length) })
    }

    fn too_far(&self) -> c_int {
        ffi::SQLITE_IOERR_WRITE
    }
}

fn ok(code: c_int) -> Result<(), c_int> {
    if code == ffi::SQLITE_OK { Ok(()) } else { Err(code) }
}

fn place(offset: u64, length: usize) -> Option<(c_int, i64)> {
    Some((c_int::try_from(length).ok()?, i64::try_from(offset).ok()?))
}

/// What SQLite asked for, in our words.
fn wanted(length: c_int, offset: i64) -> Option<(usize, u64)> {
    let end = offset.checked_add(i64::from(length))?;
    (end < i64::MAX / 2).then_some(())?;
    Some((usize::try_from(length).ok()?, u64::try_from(offset).ok()?))
}

/// Works on an open file through its cipher.
///
/// # Safety
/// As for [`SystemFile::of`].
#[allow(unsafe_code, reason = "the file lies in memory that SQLite gives")]
// SAFETY: what callers promise is said above.
unsafe fn with_sealed(
    file: *mut ffi::sqlite3_file,
    on_panic: c_int,
    work: impl FnOnce(Sealed<'_, SystemFile<'_>>, FileKind) -> Result<(), c_int>,
) -> c_int {
    guarded(on_panic, || {
        // SAFETY: the caller's promise; the state lives until the file is closed.
        let (system, state) = unsafe { (SystemFile::of(file), &*(*file.cast::<OpenFile>()).state) };
        let sealed = Sealed::new(system, state.kind, &state.cipher);
        work(sealed, state.kind).err().unwrap_or(ffi::SQLITE_OK)
    })
}

#[allow(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn read(
    file: *mut ffi::sqlite3_file,
    out: *mut c_void,
    length: c_int,
    offset: ffi::sqlite3_int64,
) -> c_int {
    let Some((length, offset)) = wanted(length, offset) else { return ffi::SQLITE_IOERR_READ };
    if length == 0 {
        return ffi::SQLITE_OK;
    }
    // SAFETY: SQLite gives room for `length` bytes, and an open file that only it uses; the room
    // may hold anything, which bytes may.
    unsafe {
        out.cast::<u8>().write_bytes(0, length);
        let bytes = std::slice::from_raw_parts_mut(out.cast::<u8>(), length);
        with_sealed(file, ffi::SQLITE_IOERR_READ, |mut sealed, _| {
            match sealed.read(offset, bytes)? {
                got if got < length => Err(ffi::SQLITE_IOERR_SHORT_READ),
                _ => Ok(()),
            }
        })
    }
}

#[allow(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    bytes: *const c_void,
    length: c_int,
    offset: ffi::sqlite3_int64,
) -> c_int {
    let Some((length, offset)) = wanted(length, offset) else { return ffi::SQLITE_IOERR_WRITE };
    if length == 0 {
        return ffi::SQLITE_OK;
    }
    // SAFETY: SQLite gives `length` bytes, and an open file that only it uses.
    unsafe {
        let bytes = std::slice::from_raw_parts(bytes.cast::<u8>(), length);
        with_sealed(file, ffi::SQLITE_IOERR_WRITE, |mut sealed, kind| {
            if kind.admits(offset, bytes) {
                sealed.write(offset, bytes)
            } else {
                Err(ffi::SQLITE_IOERR_WRITE)
            }
        })
    }
}

#[allow(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, length: ffi::sqlite3_int64) -> c_int {
    let Some((_, length)) = wanted(0, length) else { return ffi::SQLITE_IOERR_TRUNCATE };
    // SAFETY: SQLite gives an open file that only it uses.
    unsafe {
        with_sealed(file, ffi::SQLITE_IOERR_TRUNCATE, |mut sealed, _| sealed.truncate(length))
    }
}

#[allow(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: SQLite closes an open file once and does not use it afterwards.
    unsafe {
        let code = close_system_file(system_file(file));
        let open = file.cast::<OpenFile>();
        let state = std::mem::replace(&mut (*open).state, std::ptr::null_mut());
        (*open).base.pMethods = std::ptr::null();
        // The cipher wipes its keys here if this was its last holder; that cannot panic.
        drop(Box::from_raw(state));
        code
    }
}

/// Asks the system's file.
///
/// # Safety
/// As for [`SystemFile::of`].
#[allow(unsafe_code, reason = "the file lies in memory that SQLite gives")]
// SAFETY: what callers promise is said above.
unsafe fn system<T>(
    file: *mut ffi::sqlite3_file,
    ask: impl FnOnce(&ffi::sqlite3_io_methods, *mut ffi::sqlite3_file) -> T,
) -> T {
    // SAFETY: the caller's promise.
    let system = unsafe { SystemFile::of(file) };
    ask(system.methods, system.file)
}

#[allow(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    // SAFETY: SQLite gives an open file; the arguments are passed on.
    unsafe {
        system(file, |methods, file| match methods.xSync {
            Some(sync) => sync(file, flags),
            None => ffi::SQLITE_IOERR_FSYNC,
        })
    }
}

#[allow(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn file_size(
    file: *mut ffi::sqlite3_file,
    out: *mut ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: SQLite gives an open file; the arguments are passed on.
    unsafe {
        system(file, |methods, file| match methods.xFileSize {
            Some(size) => size(file, out),
            None => ffi::SQLITE_IOERR_FSTAT,
        })
    }
}

#[allow(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn lock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    // SAFETY: SQLite gives an open file; the arguments are passed on.
    unsafe {
        system(file, |methods, file| match methods.xLock {
            Some(lock) => lock(file, level),
            None => ffi::SQLITE_IOERR_LOCK,
        })
    }
}

#[allow(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn unlock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    // SAFETY: SQLite gives an open file; the arguments are passed on.
    unsafe {
        system(file, |methods, file| match methods.xUnlock {
            Some(unlock) => unlock(file, level),
            None => ffi::SQLITE_IOERR_UNLOCK,
        })
    }
}

#[allow(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn check_reserved_lock(
    file: *mut ffi::sqlite3_file,
    answer: *mut c_int,
) -> c_int {
    // SAFETY: SQLite gives an open file; the arguments are passed on.
    unsafe {
        system(file, |methods, file| match methods.xCheckReservedLock {
            Some(check) => check(file, answer),
            None => ffi::SQLITE_IOERR_CHECKRESERVEDLOCK,
        })
    }
}

#[allow(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn file_control(
    file: *mut ffi::sqlite3_file,
    operation: c_int,
    argument: *mut c_void,
) -> c_int {
    match operation {
        // These would have the system's file mapped, or made larger with bytes that are not sealed.
        ffi::SQLITE_FCNTL_MMAP_SIZE
        | ffi::SQLITE_FCNTL_SIZE_HINT
        | ffi::SQLITE_FCNTL_CHUNK_SIZE
        | ffi::SQLITE_FCNTL_BEGIN_ATOMIC_WRITE
        | ffi::SQLITE_FCNTL_COMMIT_ATOMIC_WRITE
        | ffi::SQLITE_FCNTL_ROLLBACK_ATOMIC_WRITE => ffi::SQLITE_NOTFOUND,
        // SAFETY: SQLite gives an open file; the arguments are passed on.
        _ => unsafe {
            system(file, |methods, file| match methods.xFileControl {
                Some(control) => control(file, operation, argument),
                None => ffi::SQLITE_NOTFOUND,
            })
        },
    }
}

#[allow(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn sector_size(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: SQLite gives an open file.
    unsafe {
        system(file, |methods, file| match methods.xSectorSize {
            Some(size) => size(file),
            None => 0,
        })
    }
}

#[allow(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn device_characteristics(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: SQLite gives an open file.
    unsafe {
        system(file, |methods, file| match methods.xDeviceCharacteristics {
            Some(promises) => promises(file) & PROMISES,
            None => 0,
        })
    }
}

#[allow(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn shm_map(
    file: *mut ffi::sqlite3_file,
    region: c_int,
    bytes: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    // SAFETY: SQLite gives an open file; the arguments are passed on.
    unsafe {
        system(file, |methods, file| match methods.xShmMap {
            Some(map) => map(file, region, bytes, extend, out.cast()),
            None => ffi::SQLITE_IOERR_SHMMAP,
        })
    }
}

#[allow(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn shm_lock(
    file: *mut ffi::sqlite3_file,
    offset: c_int,
    count: c_int,
    flags: c_int,
) -> c_int {
    // SAFETY: SQLite gives an open file; the arguments are passed on.
    unsafe {
        system(file, |methods, file| match methods.xShmLock {
            Some(lock) => lock(file, offset, count, flags),
            None => ffi::SQLITE_IOERR_SHMLOCK,
        })
    }
}

#[allow(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn shm_barrier(file: *mut ffi::sqlite3_file) {
    // SAFETY: SQLite gives an open file.
    unsafe {
        system(file, |methods, file| {
            if let Some(barrier) = methods.xShmBarrier {
                barrier(file);
            }
        });
    }
}

#[allow(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn shm_unmap(file: *mut ffi::sqlite3_file, delete: c_int) -> c_int {
    // SAFETY: SQLite gives an open file; the arguments are passed on.
    unsafe {
        system(file, |methods, file| match methods.xShmUnmap {
            Some(unmap) => unmap(file, delete),
            None => ffi::SQLITE_IOERR_SHMOPEN,
        })
    }
}
