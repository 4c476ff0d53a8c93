//! The program in private folders.

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, ChildStdout, Command, Output, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

pub(crate) const PASSWORD: &str = "lantern over the quiet harbour 41";

/// A data folder and a configuration folder of one test.
pub(crate) struct Program {
    data: TempDir,
    config: TempDir,
}

impl Program {
    pub(crate) fn new() -> Self {
        Self { data: TempDir::new().expect("a folder"), config: TempDir::new().expect("a folder") }
    }

    pub(crate) fn data(&self) -> &Path {
        self.data.path()
    }

    /// A command line, in an environment that holds nothing of the developer's own.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hearthwatch"));
        command
            .args(arguments)
            .env_remove("HEARTHWATCH_DATA")
            .env_remove("HEARTHWATCH_ADMIN_PASSWORD")
            .env_remove("CREDENTIALS_DIRECTORY")
            .env("XDG_CONFIG_HOME", self.config.path())
            .stdin(Stdio::null());
        command
    }

    /// Runs a command against this data folder to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        command.env("HEARTHWATCH_DATA", self.data()).output().expect("the program starts")
    }

    /// Starts the hub on a free port, and waits until it serves.
    pub(crate) fn serve(&self, admin_password: Option<&str>) -> Serving {
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0", "--data"]);
        command.arg(self.data()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if let Some(password) = admin_password {
            command.env("HEARTHWATCH_ADMIN_PASSWORD", password);
        }
        Serving::wait(command.spawn().expect("the program starts"))
    }

    /// The same for a simulated house, of which as much is logged as can be, into a file: nobody
    /// reads a pipe while the hub runs, and a full one would stop it.
    pub(crate) fn serve_talkative(&self, log: std::fs::File) -> Serving {
        let mut command = self.command(&["serve", "--simulated", "--listen", "127.0.0.1:0"]);
        command.arg("--data").arg(self.data()).env("HEARTHWATCH_ADMIN_PASSWORD", PASSWORD);
        command.env("HEARTHWATCH_LOG", "trace").stdout(Stdio::piped()).stderr(log);
        Serving::wait(command.spawn().expect("the program starts"))
    }

    /// The same for a simulated house.
    pub(crate) fn serve_simulated(&self, admin_password: &str) -> Serving {
        let mut command = self.command(&["serve", "--simulated", "--listen", "127.0.0.1:0"]);
        command.arg("--data").arg(self.data()).env("HEARTHWATCH_ADMIN_PASSWORD", admin_password);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Serving::wait(command.spawn().expect("the program starts"))
    }
}

impl Program {
    /// Starts the hub by a whole command line, with a secret in the environment.
    pub(crate) fn serve_as(&self, line: &[&str], variable: &str, secret: &str) -> Serving {
        let mut command = self.command(line);
        command.env(variable, secret).stdout(Stdio::piped()).stderr(Stdio::piped());
        Serving::wait(command.spawn().expect("the program starts"))
    }
}

/// A program that runs until it is told to stop.
pub(crate) struct Serving {
    child: Child,
    out: BufReader<ChildStdout>,
    /// What it said until it was ready.
    pub(crate) said: Vec<String>,
}

impl Serving {
    fn wait(mut child: Child) -> Self {
        let mut out = BufReader::new(child.stdout.take().expect("piped"));
        let mut said = Vec::new();
        loop {
            let mut line = String::new();
            if out.read_line(&mut line).expect("text") == 0 {
                let mut log = String::new();
                child.stderr.take().expect("piped").read_to_string(&mut log).expect("text");
                unreachable!("it ended before it was ready: {said:?}\n{log}");
            }
            said.push(line.trim_end().to_owned());
            if line.starts_with("ready ") {
                return Self { child, out, said };
            }
        }
    }

    /// The line that begins with a word.
    pub(crate) fn line(&self, word: &str) -> Option<&str> {
        self.said.iter().find_map(|line| line.strip_prefix(word))
    }

    /// The rest of the line `ready https://`.
    pub(crate) fn address(&self) -> &str {
        self.line("ready https://").expect("it is ready")
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends SIGTERM, and waits for the end. Answers the rest of stdout and the whole log.
    pub(crate) fn stop(mut self) -> (bool, String, String) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, Signal::TERM).expect("it runs");
        let (mut out, mut log) = (String::new(), String::new());
        self.out.read_to_string(&mut out).expect("text");
        if let Some(mut stderr) = self.child.stderr.take() {
            stderr.read_to_string(&mut log).expect("text");
        }
        (self.child.wait().expect("it ends").success(), out, log)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // Only after a failed test; a stopped child is gone already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

pub(crate) fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("UTF-8")
}

pub(crate) fn json(output: &Output) -> serde_json::Value {
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one JSON value")
}
