//! How the C library's allocator keeps free memory.
//!
//! Unless told otherwise, glibc gives each thread an arena of its own and keeps what is freed there.
//! The hub has a writer thread a camera, each of which puts together some 250 kB a second: with 16
//! cameras two thirds of the resident memory were free pieces in idle arenas.

/// All threads together take turns at these. Writers allocate a few times a second, so they do not
/// wait for one another.
#[cfg(target_env = "gnu")]
const ARENAS_MAX: libc::c_int = 2;

/// Larger pieces (fragments, and clips on their way out) are mapped by themselves and go back to the
/// system when they are freed. Without a fixed value the limit grows to the largest piece ever freed.
#[cfg(target_env = "gnu")]
const MAPPED_BYTES_MIN: libc::c_int = 64 << 10;

/// So much free memory at its end an arena keeps.
#[cfg(target_env = "gnu")]
const KEPT_BYTES_MAX: libc::c_int = 128 << 10;

/// Call it before the first thread starts.
#[cfg(target_env = "gnu")]
#[allow(unsafe_code, reason = "the standard library does not know the allocator's settings")]
pub(crate) fn keep_little() {
    // SAFETY: `mallopt` takes two integers and changes how the allocator finds memory from now on;
    // what was allocated before stays valid. A refusal (0) leaves everything as it was.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, ARENAS_MAX);
        libc::mallopt(libc::M_MMAP_THRESHOLD, MAPPED_BYTES_MIN);
        libc::mallopt(libc::M_TRIM_THRESHOLD, KEPT_BYTES_MAX);
    }
}

/// Other C libraries keep little by themselves.
#[cfg(not(target_env = "gnu"))]
pub(crate) fn keep_little() {}
