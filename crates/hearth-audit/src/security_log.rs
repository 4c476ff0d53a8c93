//! The security log for collectors: one JSON object a line, rotated by size, owner-only.
//!
//! It says what the audit log says, in a form that any log collector takes up; the audit log is the
//! one that proves something. Lines hold ids and words, never a picture, a template or a secret,
//! and in anonymised mode no name and no address. promise: V-14, D-25, D-26, D-27, D-33.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use hearth_model::{Severity, WallTime};
use hearth_vault::{create_private_directory, create_private_file};

use crate::{
    entry::{Actor, Category, Class, Outcome, Recorded},
    pseudonym::{Anonymous, Pseudonyms},
};

/// File name of the newest file; older ones have `.1` to `.4` behind it.
pub const SECURITY_LOG_FILE: &str = "security.log";

/// Bytes of one file.
pub const SECURITY_LOG_BYTES_MAX: u64 = 10_000_000;

/// Files, the newest one included.
pub const SECURITY_LOG_FILES_MAX: u32 = 5;

/// One line.
#[derive(serde::Serialize)]
struct Line<'a> {
    time: WallTime,
    seq: u64,
    severity: Severity,
    category: Category,
    class: Class,
    action: &'a str,
    result: Outcome,
    who: &'a Actor,
    from: &'a str,
    what: &'a std::collections::BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    #[serde(skip_serializing_if = "is_none")]
    more: u64,
}

fn is_none(count: &u64) -> bool {
    *count == 0
}

/// The open log.
pub(crate) struct SecurityLog {
    folder: PathBuf,
    bytes_max: u64,
    anonymous: Option<Pseudonyms>,
    open: Option<(File, u64)>,
}

impl SecurityLog {
    pub(crate) fn new(folder: &Path, anonymous: Option<Pseudonyms>) -> Self {
        let (folder, bytes_max) = (folder.to_owned(), SECURITY_LOG_BYTES_MAX);
        Self { folder, bytes_max, anonymous, open: None }
    }

    /// Writes a line. What a full disk refuses is lost here; the audit log still has it.
    pub(crate) fn write(&mut self, recorded: &Recorded) -> io::Result<()> {
        let line = self.line(recorded);
        let (mut file, bytes) = match self.open.take() {
            Some(open) => open,
            None => self.open_newest()?,
        };
        let length = line.len() as u64;
        if bytes > 0 && bytes.saturating_add(length) > self.bytes_max {
            drop(file);
            self.rotate()?;
            (file, _) = self.open_newest()?;
            file.write_all(&line)?;
            self.open = Some((file, length));
            return Ok(());
        }
        file.write_all(&line)?;
        self.open = Some((file, bytes.saturating_add(length)));
        Ok(())
    }

    fn line(&self, Recorded { seq, entry }: &Recorded) -> Vec<u8> {
        let hidden = self.anonymous.as_ref().map(|pseudonyms| pseudonyms.anonymous(entry));
        let plain = hidden.unwrap_or_else(|| Anonymous {
            who: entry.who.clone(),
            from: entry.from.to_string(),
            what: entry.what.clone(),
            detail: entry.detail.clone(),
        });
        let line = Line {
            time: entry.at,
            seq: *seq,
            severity: entry.severity,
            category: entry.category,
            class: entry.class,
            action: &entry.action,
            result: entry.result,
            who: &plain.who,
            from: &plain.from,
            what: &plain.what,
            duration_ms: entry.duration_ms,
            detail: plain.detail.as_deref(),
            more: entry.more,
        };
        // Plain data: JSON can always say it.
        let mut line = serde_json::to_vec(&line).unwrap_or_default();
        line.push(b'\n');
        line
    }

    fn open_newest(&self) -> io::Result<(File, u64)> {
        create_private_directory(&self.folder)?;
        let path = self.folder.join(SECURITY_LOG_FILE);
        let opened = OpenOptions::new().append(true).mode(0o600).open(&path);
        let file = match opened {
            Err(error) if error.kind() == io::ErrorKind::NotFound => create_private_file(&path)?,
            opened => opened?,
        };
        let bytes = file.metadata()?.len();
        Ok((file, bytes))
    }

    /// Gives each file the next number; the last one goes.
    fn rotate(&self) -> io::Result<()> {
        let newest = self.folder.join(SECURITY_LOG_FILE);
        let numbered = |number: u32| newest.with_file_name(format!("{SECURITY_LOG_FILE}.{number}"));
        for number in (1..SECURITY_LOG_FILES_MAX.saturating_sub(1)).rev() {
            rename(&numbered(number), &numbered(number + 1))?;
        }
        rename(&newest, &numbered(1))
    }
}

fn rename(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        renamed => renamed,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use hearth_vault::{KeyScope, MasterKeySource, Vault};
    use tempfile::TempDir;

    use super::*;
    use crate::entry::{ActorKind, Entry, Origin};

    fn recorded(seq: u64) -> Recorded {
        let who = Actor::named(ActorKind::User, "usr_77", "annabelle");
        let from = Origin::Address([192, 0, 2, 77].into());
        let at = WallTime::from_micros(0);
        let entry = Entry::new(at, Class::Control, "put_light", who, from, Outcome::Ok)
            .about("camera", "cam_1")
            .about("person", "per_9")
            .detail("switched on by annabelle")
            .lasted(41);
        Recorded { seq, entry }
    }

    fn pseudonyms(folder: &TempDir, outside: &TempDir) -> Pseudonyms {
        let key = MasterKeySource::KeyFile(outside.path().join("key"));
        let vault = Vault::create(folder.path(), &key).expect("a vault");
        Pseudonyms::new(vault.mac_key(&KeyScope::House, b"test").expect("a key"))
    }

    fn lines(folder: &Path) -> Vec<serde_json::Value> {
        let text = fs::read_to_string(folder.join(SECURITY_LOG_FILE)).expect("there");
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    /// promise: V-14, D-25, K-06. A line is a JSON object with category, actor, device, command,
    /// duration and result.
    #[test]
    fn a_line_says_device_command_duration_and_result() {
        let folder = TempDir::new().expect("a folder");
        let mut log = SecurityLog::new(folder.path(), None);
        log.write(&recorded(1)).expect("written");
        let [line] = lines(folder.path()).try_into().expect("one line");
        assert_eq!(line["what"]["camera"], "cam_1");
        assert_eq!((&line["action"], &line["result"]), (&"put_light".into(), &"ok".into()));
        assert_eq!((&line["duration_ms"], &line["category"]), (&41.into(), &"system".into()));
        assert_eq!(
            (&line["who"]["name"], &line["from"]),
            (&"annabelle".into(), &"192.0.2.77".into())
        );
        assert_eq!(line["time"], "1970-01-01T00:00:00.000Z");
    }

    /// promise: D-26. It grows to five files of ten megabytes and no further, and nobody else reads
    /// any of them.
    #[test]
    fn it_is_rotated_bounded_and_owner_only() {
        let folder = TempDir::new().expect("a folder");
        let mut log = SecurityLog::new(folder.path(), None);
        assert_eq!((log.bytes_max, SECURITY_LOG_FILES_MAX), (10_000_000, 5));
        log.bytes_max = 2_000;
        for seq in 0..200 {
            log.write(&recorded(seq)).expect("written");
        }
        let mut names = Vec::new();
        for entry in fs::read_dir(folder.path()).expect("listed") {
            let entry = entry.expect("an entry");
            let metadata = entry.metadata().expect("there");
            assert!(metadata.len() <= 2_000);
            assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        let expected = ["", ".1", ".2", ".3", ".4"].map(|end| format!("{SECURITY_LOG_FILE}{end}"));
        assert_eq!(names, expected);
        assert_eq!(lines(folder.path()).last().expect("the newest")["seq"], 199);
    }

    #[test]
    fn it_goes_on_in_the_file_that_is_there() {
        let folder = TempDir::new().expect("a folder");
        for seq in 0..3 {
            SecurityLog::new(folder.path(), None).write(&recorded(seq)).expect("written");
        }
        assert_eq!(lines(folder.path()).len(), 3);
    }

    /// promise: D-27, D-33. Anonymised, a line names nobody and no address, and lines of the same
    /// party still belong together; another house's pseudonyms are others.
    #[test]
    fn an_anonymised_log_names_nobody() {
        let (folder, data, outside) = (
            TempDir::new().expect("one"),
            TempDir::new().expect("two"),
            TempDir::new().expect("3"),
        );
        let mut log = SecurityLog::new(folder.path(), Some(pseudonyms(&data, &outside)));
        log.write(&recorded(1)).expect("written");
        log.write(&recorded(2)).expect("written");
        let text = fs::read_to_string(folder.path().join(SECURITY_LOG_FILE)).expect("there");
        for name in ["annabelle", "192.0.2.77", "usr_77", "per_9"] {
            assert!(!text.contains(name), "{text}");
        }
        let [one, two] = lines(folder.path()).try_into().expect("two lines");
        assert_eq!((&one["who"], &one["from"]), (&two["who"], &two["from"]));
        assert_eq!(one["what"]["camera"], "cam_1");
        assert!(one["who"]["name"].as_str().is_some_and(|name| name.starts_with("name-")));

        let (other, key) = (TempDir::new().expect("4"), TempDir::new().expect("5"));
        let (here, there) = (one["who"]["name"].clone(), pseudonyms(&other, &key));
        assert_ne!(here, there.of("name", "annabelle"));
    }
}
