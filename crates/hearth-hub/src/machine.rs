//! What the operating system says of this process: memory, processor, open files, connections.
//! Everything here may be missing; what can't be read is told as zero or nothing.

use std::{
    collections::{BTreeSet, HashSet},
    fs,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    path::Path,
};

use hearth_audit::FileStamp;
use rustix::process::{Resource, getrlimit};

/// Open files looked at: the limit of a service that was not told otherwise is far below.
const FILES_LOOKED_AT_MAX: usize = 65_536;

/// State of a connection that is up, and of a socket that listens (Linux, `net/tcp_states.h`).
const ESTABLISHED: &str = "01";
const LISTENS: &str = "0A";

/// Memory of this process in bytes.
pub(crate) fn memory_bytes() -> u64 {
    let pages = fs::read_to_string("/proc/self/statm").ok();
    let resident = pages.as_deref().and_then(|text| text.split(' ').nth(1)?.parse::<u64>().ok());
    resident.unwrap_or(0).saturating_mul(rustix::param::page_size() as u64)
}

/// Processor time of this process in seconds, all threads together.
pub(crate) fn processor_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name in brackets may hold anything; fields are counted behind it.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = |field: usize| -> f64 {
        fields.split_whitespace().nth(field).and_then(|text| text.parse().ok()).unwrap_or(0.0)
    };
    (ticks(11) + ticks(12)) / rustix::param::clock_ticks_per_second() as f64
}

/// How many processors there are.
pub(crate) fn processors() -> f64 {
    std::thread::available_parallelism().map_or(1.0, |count| count.get() as f64)
}

/// How many files and sockets are open, and how many may be.
pub(crate) fn open_files() -> (u64, u64) {
    let open = fs::read_dir("/proc/self/fd").map_or(0, |entries| entries.count() as u64);
    let limit = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    (open, limit)
}

/// Addresses that this process is connected to by calls of its own.
pub(crate) fn called_addresses() -> Vec<IpAddr> {
    let own = own_sockets();
    let tables = ["/proc/self/net/tcp", "/proc/self/net/tcp6"];
    let tables = tables.map(|path| fs::read_to_string(path).unwrap_or_default());
    called(&tables, &own)
}

/// Numbers of this process's sockets.
fn own_sockets() -> HashSet<u64> {
    let Ok(entries) = fs::read_dir("/proc/self/fd") else { return HashSet::new() };
    let links = entries.take(FILES_LOOKED_AT_MAX).flatten();
    let links = links.filter_map(|entry| fs::read_link(entry.path()).ok());
    let number = |link: std::path::PathBuf| {
        link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
    };
    links.filter_map(number).collect()
}

/// One line of `/proc/net/tcp`.
struct Socket {
    local_port: u16,
    remote: IpAddr,
    state: String,
    number: u64,
}

/// Of connections that are up: those whose own port is none that this process listens on.
fn called(tables: &[String], own: &HashSet<u64>) -> Vec<IpAddr> {
    let lines = tables.iter().flat_map(|table| table.lines().skip(1));
    let sockets: Vec<Socket> =
        lines.filter_map(socket).filter(|socket| own.contains(&socket.number)).collect();
    let listens = sockets.iter().filter(|socket| socket.state == LISTENS);
    let ports: HashSet<u16> = listens.map(|socket| socket.local_port).collect();
    let calls = sockets
        .iter()
        .filter(|socket| socket.state == ESTABLISHED && !ports.contains(&socket.local_port));
    let addresses: BTreeSet<IpAddr> = calls.map(|socket| socket.remote.to_canonical()).collect();
    addresses.into_iter().collect()
}

fn socket(line: &str) -> Option<Socket> {
    let mut fields = line.split_whitespace().skip(1);
    let local = fields.next()?;
    let remote = fields.next()?;
    let state = fields.next()?.to_owned();
    let number = fields.nth(5)?.parse().ok()?;
    let (_, port) = local.split_once(':')?;
    let (remote, _) = remote.split_once(':')?;
    Some(Socket {
        local_port: u16::from_str_radix(port, 16).ok()?,
        remote: address(remote)?,
        state,
        number,
    })
}

/// Hexadecimal words in the machine's byte order, each of four bytes.
fn address(digits: &str) -> Option<IpAddr> {
    let word = |at: usize| -> Option<[u8; 4]> {
        Some(u32::from_str_radix(digits.get(at * 8..at * 8 + 8)?, 16).ok()?.to_ne_bytes())
    };
    match digits.len() {
        8 => Some(IpAddr::V4(Ipv4Addr::from(word(0)?))),
        32 => {
            let mut bytes = [0; 16];
            for (at, chunk) in bytes.chunks_exact_mut(4).enumerate() {
                chunk.copy_from_slice(&word(at)?);
            }
            Some(IpAddr::V6(Ipv6Addr::from(bytes)))
        }
        _ => None,
    }
}

/// What a file looks like from outside; `None` if it is not there.
pub(crate) fn stamp(path: &Path, is_public: bool) -> Option<FileStamp> {
    use std::os::unix::fs::MetadataExt as _;
    const NANOS: i128 = 1_000_000_000;
    let metadata = fs::symlink_metadata(path).ok()?;
    let at = |seconds: i64, nanos: i64| i128::from(seconds) * NANOS + i128::from(nanos);
    Some(FileStamp {
        length: metadata.len(),
        modified: at(metadata.mtime(), metadata.mtime_nsec()),
        changed: at(metadata.ctime(), metadata.ctime_nsec()),
        inode: metadata.ino(),
        mode: metadata.mode() & 0o7777,
        is_public,
    })
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    /// promise: D-28. Calls out of this process are told from calls into it.
    #[test]
    fn calls_out_are_told_from_calls_in() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
            0: 00000000:20FB 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 11 1\n\
            1: 0A0200C0:20FB 090200C0:C001 01 00000000:00000000 00:00000000 00000000  1000        0 12 1\n\
            2: 0A0200C0:C002 070200C0:022A 01 00000000:00000000 00:00000000 00000000  1000        0 13 1\n\
            3: 0A0200C0:C003 0100007F:022A 01 00000000:00000000 00:00000000 00000000  1000        0 99 1\n\
            broken line\n"
            .to_owned();
        let own = HashSet::from([11, 12, 13]);
        if cfg!(target_endian = "little") {
            assert_eq!(called(&[table], &own), [IpAddr::from([192, 0, 2, 7])]);
        }
        assert_eq!(address("0000000000000000FFFF00000100007F").map(|ip| ip.is_ipv6()), Some(true));
        assert_eq!(address("01"), None);
    }

    #[test]
    fn this_process_is_seen() {
        assert!(memory_bytes() > 1 << 20 && processors() >= 1.0);
        let (open, limit) = open_files();
        assert!(open > 2 && limit > open);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("bound");
        let _call = TcpStream::connect(address).expect("it listens");
        assert!(called_addresses().contains(&address.ip()));
    }
}
