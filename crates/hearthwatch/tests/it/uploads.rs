//! What people upload: photographs of faces over the API, and backups to restore.
//!
//! The program itself, with its router, its limits and its sandboxed worker; nothing is replaced.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::Shutdown,
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    time::Duration,
};

use flate2::{Compression, write::ZlibEncoder};
use serde_json::Value;

use crate::program::{PASSWORD, Program, text};

/// Something that would run if anybody served it as what it pretends to be.
const SCRIPT: &str = "<script>alert('planted-in-a-picture')</script>";

/// Whoever waits longer has failed; generous, because machines are shared.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running hub with one person who agreed to be known.
struct Hub {
    program: Program,
    serving: crate::program::Serving,
    person: String,
}

/// An answer: its status and its body.
type Answer = (u16, Value);

impl Hub {
    fn start() -> Self {
        let program = Program::new();
        let serving = program.serve(Some(PASSWORD));
        let mut hub = Self { program, serving, person: String::new() };
        let body = serde_json::json!({
            "name": "Anna",
            "consent": { "given_by": "Anna", "text": "I agree to be recognised." },
        });
        let (status, person) =
            hub.send("POST", "/api/v1/people", "application/json", "", body.to_string().as_bytes());
        assert_eq!(status, 201, "{person}");
        hub.person = person["id"].as_str().expect("an id").to_owned();
        hub
    }

    /// A request as its owner, over the socket; `more` are further lines of the head.
    fn send(&self, method: &str, target: &str, kind: &str, more: &str, body: &[u8]) -> Answer {
        let length = body.len();
        let head = format!(
            "{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             Content-Type: {kind}\r\nContent-Length: {length}\r\n{more}\r\n"
        );
        self.exchange(&head, body)
    }

    fn exchange(&self, head: &str, body: &[u8]) -> Answer {
        let socket = self.program.data().join("control.sock");
        let mut stream = UnixStream::connect(socket).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("set");
        stream.set_write_timeout(Some(PATIENCE)).expect("set");
        let mut answer = Vec::new();
        std::thread::scope(|scope| {
            let mut sending = stream.try_clone().expect("another handle");
            scope.spawn(move || {
                // A refusal may come before all of it was taken.
                sending.write_all(head.as_bytes()).and_then(|()| sending.write_all(body)).ok();
            });
            stream.read_to_end(&mut answer).ok();
            // Whoever still sends is not heard any more.
            stream.shutdown(Shutdown::Both).ok();
        });
        let answer = String::from_utf8_lossy(&answer);
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        let begin = body.find('{').unwrap_or(body.len());
        let end = body.rfind('}').map_or(begin, |end| end + 1);
        let json = body.get(begin..end).and_then(|json| serde_json::from_str(json).ok());
        (status.expect("an answer"), json.unwrap_or_default())
    }

    /// Uploads a photograph; answers status and code.
    fn upload(&self, kind: &str, more: &str, body: &[u8]) -> (u16, String) {
        let target = format!("/api/v1/people/{}/samples", self.person);
        let (status, answer) = self.send("POST", &target, kind, more, body);
        assert!(!answer.to_string().contains("planted"), "nothing is given back: {answer}");
        let code = answer.pointer("/error/code").and_then(Value::as_str).unwrap_or_default();
        (status, code.to_owned())
    }

    fn samples(&self) -> usize {
        let target = format!("/api/v1/people/{}", self.person);
        let (status, person) = self.send("GET", &target, "application/json", "", b"");
        assert_eq!(status, 200, "{person}");
        person["sample_list"].as_array().expect("a list").len()
    }

    /// Ends the hub and looks for what must be in no file.
    fn leaves_nothing(self, before: &[PathBuf]) {
        let data = self.program.data().to_owned();
        let of_uploads = |path: &PathBuf| !before.contains(path) && !grows_by_itself(path);
        let new: Vec<PathBuf> = files_below(&data).into_iter().filter(of_uploads).collect();
        assert_eq!(new, Vec::<PathBuf>::new(), "a file of somebody else's making");
        let (ended, out, log) = self.serving.stop();
        assert!(ended && !out.contains("planted") && !log.contains("planted"), "{out}\n{log}");
        for file in files_below(&data) {
            let bytes = fs::read(&file).unwrap_or_default();
            let found = bytes.windows(SCRIPT.len()).any(|window| window == SCRIPT.as_bytes());
            assert!(!found, "{}", file.display());
        }
    }
}

/// What a hub writes whatever is sent to it.
fn grows_by_itself(path: &Path) -> bool {
    let path = path.to_string_lossy();
    ["/audit/", "/log/", "index.db", ".sealed", ".sock"].iter().any(|own| path.contains(own))
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.flatten().map(|entry| entry.path());
    paths.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

/// A PNG file that says it has this size and holds these rows, packed (RFC 2083).
fn png(width: u32, height: u32, rows: &[u8]) -> Vec<u8> {
    let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
    // Eight bits of grey.
    header.extend([8, 0, 0, 0, 0]);
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
    packed.write_all(rows).expect("in memory");
    let packed = packed.finish().expect("in memory");
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, data) in [(b"IHDR", &header), (b"IDAT", &packed), (b"IEND", &Vec::new())] {
        file.extend(u32::try_from(data.len()).expect("short").to_be_bytes());
        let checked = [&kind[..], data].concat();
        file.extend(&checked);
        file.extend(crc32fast::hash(&checked).to_be_bytes());
    }
    file
}

/// A grey picture; a row begins with the number of its filter.
fn grey(side: usize) -> Vec<u8> {
    let rows = [&[0][..], &vec![128; side]].concat().repeat(side);
    png(u32::try_from(side).expect("small"), u32::try_from(side).expect("small"), &rows)
}

/// The head of a JPEG file of 65,500 by 65,500 pixels, and noise (ITU-T T.81, B.2.2).
fn huge_jpeg() -> Vec<u8> {
    let frame = [0xFF, 0xC0, 0, 11, 8, 0xFF, 0xDC, 0xFF, 0xDC, 1, 1, 0x11, 0];
    let scan = [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0];
    [&[0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 0, 0][..], &frame, &scan, &[0x5A; 500], &[0xFF, 0xD9]].concat()
}

/// promise: D-23, D-19. A body that is no photograph by its own word is refused unread: forms of
/// any number of parts, pages, compressed ones; and one that is longer than photographs are is given
/// up, whether it says how long it is or not.
#[test]
fn an_upload_of_another_kind_or_length_is_refused_unread() {
    let hub = Hub::start();
    let before = files_below(hub.program.data());
    for kind in [
        "text/html",
        "image/svg+xml",
        "image/gif",
        "application/octet-stream",
        "application/x-www-form-urlencoded",
        "image/jpeg; charset=utf-8",
        "image/jpeg, text/html",
    ] {
        let refused = hub.upload(kind, "", SCRIPT.as_bytes());
        assert_eq!(refused, (415, "not_a_picture".to_owned()), "{kind}");
    }
    let part = "--cut\r\nContent-Disposition: form-data; name=\"file\"; \
                filename=\"../../index.db\"\r\nContent-Type: image/png\r\n\r\nplanted\r\n";
    let parts = part.repeat(10_000) + "--cut--\r\n";
    let refused = hub.upload("multipart/form-data; boundary=cut", "", parts.as_bytes());
    assert_eq!(refused, (415, "not_a_picture".to_owned()));
    let encoded = hub.upload("image/png", "Content-Encoding: gzip\r\n", &grey(64));
    assert_eq!(encoded, (415, "not_a_picture".to_owned()));

    let long = vec![0; 17 << 20];
    assert_eq!(hub.upload("image/png", "", &long), (413, "body_too_large".to_owned()));
    let chunked = format!(
        "POST /api/v1/people/{}/samples HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n",
        hub.person
    );
    let endless = [format!("{:x}\r\n", 17 << 20).as_bytes(), &long, b"\r\n0\r\n\r\n"].concat();
    assert_eq!(hub.exchange(&chunked, &endless).0, 413, "without saying how long");
    assert_eq!(hub.samples(), 0);
    hub.leaves_nothing(&before);
}

/// promise: D-23, D-19, T-01. What pretends to be a photograph is looked at in the sandbox, with
/// bounds: another format, a cut one, one that says it is huge, one that unpacks to more than it
/// says. What is a picture and something else too is a picture: the rest is neither kept nor given
/// back. A name that is a path names nothing. Afterwards the eyes still look.
#[test]
fn an_upload_that_only_pretends_is_refused_and_nothing_of_it_is_kept() {
    let hub = Hub::start();
    let before = files_below(hub.program.data());
    let whole = grey(200);
    let probed = hub.upload("image/png", "", &whole);
    if probed.1 == "no_face_model" {
        return eprintln!("skipped: built without a face model (cargo xtask models)");
    }
    assert_eq!(probed.1, "no_face", "a picture without a face: {probed:?}");
    let bad = |what: &str, kind: &str, body: &[u8]| {
        let (status, code) = hub.upload(kind, "", body);
        assert_eq!((status, code.as_str()), (400, "bad_picture"), "{what}");
    };
    bad("nothing", "image/png", b"");
    bad("a page", "image/jpeg", SCRIPT.as_bytes());
    bad("a GIF", "image/png", b"GIF89a\x01\0\x01\0\0\0\0;");
    let svg = format!("<svg xmlns='http://www.w3.org/2000/svg'>{SCRIPT}</svg>");
    bad("an SVG", "image/png", svg.as_bytes());
    bad("an archive", "image/jpeg", b"PK\x03\x04planted");
    for part in [9, whole.len() / 2, whole.len() - 20] {
        bad("a cut picture", "image/png", &whole[..part]);
    }
    bad("a huge PNG", "image/png", &png(60_000, 60_000, &[0; 60_001]));
    bad("a long PNG", "image/png", &png(u32::MAX, 1, &[0; 100]));
    bad("an empty PNG", "image/png", &png(0, 0, &[]));
    bad("a PNG of too many pixels", "image/png", &png(16_000, 16_000, &[0; 16_001]));
    bad("a huge JPEG", "image/jpeg", &huge_jpeg());
    // A thousandth of what it unpacks to.
    let bomb = png(16, 16, &vec![0; 256 << 20]);
    assert!(bomb.len() < 1 << 20, "a small file");
    let (status, code) = hub.upload("image/png", "", &bomb);
    assert!(status < 500 && ["bad_picture", "no_face"].contains(&&*code), "{status} {code}");

    let both = [&whole[..], SCRIPT.as_bytes()].concat();
    for kind in ["image/png", "image/jpeg"] {
        let (status, code) = hub.upload(kind, "", &both);
        assert!(status < 500 && ["bad_picture", "no_face"].contains(&&*code), "{status} {code}");
    }
    let path = "Content-Disposition: attachment; filename=\"../../planted.html\"\r\n\
                Slug: ../../planted.html\r\nContent-Location: /etc/planted\r\n";
    assert_eq!(hub.upload("image/png", path, &whole).1, "no_face");
    let target = format!("/api/v1/people/{}/samples?name=..%2f..%2fplanted", hub.person);
    assert_eq!(hub.send("POST", &target, "image/png", "", &whole).0, 400, "no such parameter");
    for id in ["..%2f..%2findex.db", "%2e%2e", "per_..%2f"] {
        let target = format!("/api/v1/people/{id}/samples");
        assert_eq!(hub.send("POST", &target, "image/png", "", &whole).0, 404, "{id}");
    }
    assert_eq!(hub.upload("image/png", "", &whole).1, "no_face", "the eyes still look");
    assert_eq!(hub.samples(), 0);
    hub.leaves_nothing(&before);
}

/// promise: D-23, V-18. A file that is no backup, a cut one and one with another archive around it
/// restore nothing, and leave no folder.
#[test]
fn a_backup_that_only_pretends_restores_nothing() {
    let program = Program::new();
    let serving = program.serve(Some(PASSWORD));
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name).display().to_string();
    let backup = |to: &str| {
        let line = ["backup", "-o", to, "--passphrase-env", "BACKUP_PASSPHRASE"];
        let mut command = program.command(&line);
        command.env("HEARTHWATCH_DATA", program.data()).env("BACKUP_PASSPHRASE", PASSWORD);
        let output = command.output().expect("it runs");
        assert!(output.status.success(), "{}", text(&output.stderr));
    };
    backup(&file("whole"));
    let (ended, _, log) = serving.stop();
    assert!(ended, "{log}");
    let whole = fs::read(file("whole")).expect("a backup");
    let mut bent = whole.clone();
    let middle = bent.len() / 2;
    bent[middle] ^= 1;
    let tar = [&b"../../planted\0"[..], &[0; 498], b"planted"].concat();
    for (what, bytes) in [
        ("nothing", Vec::new()),
        ("a page", SCRIPT.as_bytes().to_vec()),
        ("an archive with a path", tar),
        ("a cut one", whole[..whole.len() - 40].to_vec()),
        ("a cut head", whole[..20].to_vec()),
        ("a bent one", bent),
        ("more behind it", [&whole[..], SCRIPT.as_bytes()].concat()),
    ] {
        fs::write(file("given"), bytes).expect("written");
        let target = folder.path().join("restored");
        let line = ["restore", &file("given"), "--passphrase-env", "BACKUP_PASSPHRASE"];
        let mut command = program.command(&line);
        command.arg("--data").arg(&target).env("BACKUP_PASSPHRASE", PASSWORD);
        let output = command.output().expect("it runs");
        assert_eq!(output.status.code(), Some(1), "{what}: {}", text(&output.stderr));
        assert!(!target.exists(), "{what} left a folder");
        let beside = folder.path().parent().expect("a folder").join("planted");
        assert!(!beside.exists() && !folder.path().join("planted").exists(), "{what}");
    }
}
