//! The worker for tests: the real one, and variants that try to break out or that crash on purpose.

use std::{fs::File, io::ErrorKind, net::TcpStream, os::unix::net::UnixStream, process::ExitCode};

use hearth_eyes::{WorkerHooks, worker_main_with};

/// It was denied with an error.
const DENIED: i32 = 10;
/// It worked: the sandbox leaks.
const LEAKED: i32 = 11;

/// Bytes that make the crashing variant crash.
const POISON: &[u8] = b"hearthwatch poison";

fn main() -> ExitCode {
    let variant = std::env::args().nth(1).unwrap_or_default();
    let plain = WorkerHooks::default();
    let hooks = match variant.as_str() {
        "" => plain,
        "poison" => WorkerHooks { before_decode: crash_on_poison, ..plain },
        "files" => WorkerHooks { files_denied: || finish(File::open("/etc/passwd")), ..plain },
        "own-file" => {
            WorkerHooks { files_denied: || finish(File::open("/proc/self/exe")), ..plain }
        }
        "open" => locked_in(|| finish(File::open("/etc/passwd"))),
        "tcp" => locked_in(|| finish(TcpStream::connect("127.0.0.1:9"))),
        "socket" => locked_in(|| finish(UnixStream::pair())),
        "process" => locked_in(|| finish(std::process::Command::new("/bin/true").spawn())),
        "thread" => locked_in(|| finish(std::thread::Builder::new().spawn(|| ()))),
        "kill" => locked_in(|| {
            let parent = rustix::process::getppid();
            finish(parent.map_or(Ok(()), rustix::process::test_kill_process));
        }),
        "nothing" => locked_in(|| std::process::exit(0)),
        _ => return ExitCode::from(2),
    };
    worker_main_with(hooks)
}

fn locked_in(probe: fn()) -> WorkerHooks {
    WorkerHooks { locked_in: probe, ..WorkerHooks::default() }
}

fn finish<T, E: Into<std::io::Error>>(result: Result<T, E>) {
    let error = result.err().map(Into::<std::io::Error>::into);
    let denied = error.is_some_and(|error| error.kind() == ErrorKind::PermissionDenied);
    let code = if denied { DENIED } else { LEAKED };
    std::process::exit(code);
}

fn crash_on_poison(data: &[u8]) {
    if data.windows(POISON.len()).any(|window| window == POISON) {
        std::process::abort();
    }
}
