//! `mcp`: an assistant on standard input and output, and what independent clients make of it.

use std::{
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio},
};

use serde_json::{Value, json};

use crate::program::{PASSWORD, Program, Serving, json as json_of, text};

/// A client of our own that speaks line by line.
struct Assistant {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Assistant {
    fn start(program: &Program, arguments: &[&str]) -> Self {
        let mut command = program.command(&[&["mcp"], arguments].concat());
        command.env("HEARTHWATCH_DATA", program.data());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self::of(command)
    }

    fn of(mut command: Command) -> Self {
        let mut child = command.spawn().expect("the program starts");
        let to = child.stdin.take().expect("piped");
        let from = BufReader::new(child.stdout.take().expect("piped"));
        Self { child, to, from }
    }

    fn write(&mut self, line: &str) {
        writeln!(self.to, "{line}").expect("it reads");
    }

    fn read(&mut self) -> Value {
        let mut line = String::new();
        self.from.read_line(&mut line).expect("it writes");
        serde_json::from_str(&line).expect("each line is JSON")
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        let message = json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params });
        self.write(&message.to_string());
        self.read()
    }

    fn begin(&mut self) -> Value {
        let client = json!({ "name": "test", "version": "1" });
        self.ask(
            "initialize",
            json!({
                "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client,
            }),
        )
    }

    fn tools(&mut self) -> Vec<String> {
        let listed = self.ask("tools/list", json!({}));
        let tools = listed["result"]["tools"].as_array().expect("a list").iter();
        tools.map(|tool| tool["name"].as_str().expect("a name").to_owned()).collect()
    }

    /// Says goodbye, and returns what else it wrote.
    fn end(mut self) -> Vec<u8> {
        drop(self.to);
        let mut rest = Vec::new();
        self.from.read_to_end(&mut rest).expect("it ends");
        assert!(self.child.wait().expect("it ends").success());
        rest
    }
}

/// Standard output carries JSON-RPC and nothing else, byte by byte: whatever is sent, with a hub and
/// without one.
#[test]
fn standard_output_carries_messages_only() {
    let program = Program::new();
    let hub = program.serve(Some(PASSWORD));
    let mut command = program.command(&["mcp"]);
    command.env("HEARTHWATCH_DATA", program.data()).env("RUST_LOG", "trace");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let sent = [
        r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
        "this is no JSON",
        r#"{"jsonrpc":"2.0","id":2,"method":"tools/list"}"#,
        r#"[1,2,3]"#,
        r#"{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"doctor_run"}}"#,
        r#"{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"camera_snapshot","arguments":{"camera":"x\ny"}}}"#,
    ];
    let output = spoken(command.spawn().expect("the program starts"), &sent);
    let mut ids: Vec<Value> =
        messages(&output.stdout).iter().map(|one| one["id"].clone()).collect();
    ids.sort_by_key(ToString::to_string);
    assert_eq!(ids, [json!(1), json!(2), json!(3), json!(4), Value::Null, Value::Null]);
    hub.stop();
    let mut command = program.command(&["mcp"]);
    command.env("HEARTHWATCH_DATA", program.data());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = spoken(command.spawn().expect("the program starts"), &sent[3..4]);
    let said = messages(&output.stdout);
    let error = said[0]["error"]["message"].as_str().expect("an error");
    assert!(error.contains("not running"), "{error}");
}

/// Writes these lines, and waits for the end.
fn spoken(mut child: Child, lines: &[&str]) -> Output {
    let mut to = child.stdin.take().expect("piped");
    for line in lines {
        writeln!(to, "{line}").expect("it reads");
    }
    drop(to);
    child.wait_with_output().expect("it ends")
}

/// Every byte belongs to a message on a line of its own.
fn messages(bytes: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(bytes).expect("UTF-8");
    assert!(text.is_empty() || text.ends_with('\n'));
    let messages: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect();
    for message in &messages {
        assert_eq!(message["jsonrpc"], "2.0", "{message}");
    }
    messages
}

/// The owner's assistant only looks, unless the owner said otherwise at its start.
#[test]
fn an_assistant_of_the_owner_only_looks_unless_told() {
    let program = Program::new();
    let hub = program.serve(Some(PASSWORD));
    let mut looking = Assistant::start(&program, &[]);
    assert_eq!(looking.begin()["result"]["serverInfo"]["name"], "hearthwatch");
    let tools = looking.tools();
    assert!(tools.contains(&"camera_list".to_owned()));
    assert!(!tools.contains(&"privacy_set".to_owned()));
    let arguments = json!({ "on": true, "confirm": true });
    let params = json!({ "name": "privacy_set", "arguments": arguments });
    let refused = looking.ask("tools/call", params.clone());
    assert_eq!(refused["result"]["structuredContent"]["facts"]["error"]["code"], "read_only");
    assert!(looking.end().is_empty());
    let mut changing = Assistant::start(&program, &["--allow-changes"]);
    changing.begin();
    let done = changing.ask("tools/call", params);
    assert_eq!(done["result"]["structuredContent"]["facts"]["is_on"], true, "{done}");
    assert!(changing.end().is_empty());
    hub.stop();
}

/// A hub that was restarted meanwhile goes on answering: the session is begun again.
#[test]
fn a_restart_of_the_hub_is_not_noticed() {
    let program = Program::new();
    let hub = program.serve(Some(PASSWORD));
    let mut assistant = Assistant::start(&program, &[]);
    assistant.begin();
    let before = assistant.tools();
    hub.stop();
    let gone = assistant.ask("ping", json!({}));
    assert!(gone["error"]["message"].as_str().is_some_and(|text| text.contains("not running")));
    let hub = program.serve(None);
    assert_eq!(assistant.tools(), before);
    assistant.end();
    hub.stop();
}

/// An interpreter with the `mcp` package, if there is one.
fn python() -> Option<PathBuf> {
    let python = std::env::var_os("HEARTHWATCH_PYTHON").unwrap_or_else(|| "python3".into());
    let has = Command::new(&python).args(["-c", "import mcp"]).output();
    has.is_ok_and(|output| output.status.success()).then(|| PathBuf::from(python))
}

/// A token for everything, and the hub's address and certificate.
struct Elsewhere {
    url: String,
    token: String,
    fingerprint: String,
}

fn elsewhere(program: &Program, hub: &Serving) -> Elsewhere {
    let allowed = "live,playback,list_cameras,read_events,read_system,read_devices,manage_rules";
    let made = program
        .run(&["token", "create", "oracle", "--user", "admin", "--allow", allowed, "--json"]);
    let fingerprint = hub.line("certificate SHA-256 ").expect("it is told");
    Elsewhere {
        url: format!("https://{}", hub.address()),
        token: json_of(&made)["secret"].as_str().expect("a secret").to_owned(),
        fingerprint: fingerprint.to_owned(),
    }
}

fn add_camera(program: &Program) {
    let added =
        program.run(&["camera", "add", "Front door", "--url", "rtsp://127.0.0.1:9/", "--force"]);
    assert!(added.status.success(), "{}", text(&added.stderr));
}

/// A hub elsewhere is reached with a token and its certificate; a wrong certificate ends it.
#[test]
fn a_hub_elsewhere_is_reached_with_a_token_and_its_certificate() {
    let program = Program::new();
    let hub = program.serve(Some(PASSWORD));
    let Elsewhere { url, token, fingerprint } = elsewhere(&program, &hub);
    let start = |fingerprint: &str| {
        let mut command = program.command(&["mcp", "--url", &url, "--token-env", "ORACLE_TOKEN"]);
        command.args(["--certificate", fingerprint]).env("ORACLE_TOKEN", &token);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Assistant::of(command)
    };
    let mut assistant = start(&fingerprint);
    assistant.begin();
    let tools = assistant.tools();
    assert!(tools.contains(&"camera_list".to_owned()) && !tools.contains(&"doctor_run".to_owned()));
    assert!(assistant.end().is_empty());
    let mut deceived = start(&"00".repeat(32));
    assert!(deceived.begin()["error"]["message"].is_string());
    deceived.end();
    hub.stop();
}

/// The client of PyPI lists, calls and reads everything, over both transports.
#[test]
fn the_python_client_lists_calls_and_reads_everything() {
    let Some(python) = python() else {
        eprintln!("skipped: no Python with the package mcp; name one in HEARTHWATCH_PYTHON");
        return;
    };
    let program = Program::new();
    let hub = program.serve(Some(PASSWORD));
    add_camera(&program);
    let mut command = Command::new(python);
    command.args(["-c", include_str!("mcp_client.py")]);
    command.arg(env!("CARGO_BIN_EXE_hearthwatch")).arg(program.data());
    let Elsewhere { url, token, fingerprint } = elsewhere(&program, &hub);
    command.arg(url).arg(fingerprint).env("ORACLE_TOKEN", token);
    let output = command.output().expect("it starts");
    let (said, wrong) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{said}\n{wrong}");
    for way in ["stdio", "http"] {
        assert!(said.contains(&format!("{way}: all answered")), "{said}\n{wrong}");
    }
    hub.stop();
}

/// The inspector of the protocol's makers, if it is installed: see `packaging/mcp-inspector`.
fn inspector() -> Option<PathBuf> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(
        "../../packaging/mcp-inspector/node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js",
    );
    script.exists().then_some(script)
}

/// The inspector lists tools, resources and prompts, calls and reads, over both transports.
#[test]
fn the_inspector_lists_calls_and_reads() {
    let Some(inspector) = inspector() else {
        eprintln!("skipped: run `npm ci --ignore-scripts` in packaging/mcp-inspector");
        return;
    };
    let program = Program::new();
    let hub = program.serve(Some(PASSWORD));
    add_camera(&program);
    let Elsewhere { url, token, .. } = elsewhere(&program, &hub);
    let data = format!("HEARTHWATCH_DATA={}", program.data().display());
    let stdio = [env!("CARGO_BIN_EXE_hearthwatch"), "mcp", "-e", &data].map(str::to_owned);
    let bearer = format!("Authorization: Bearer {token}");
    let http =
        [format!("{url}/mcp"), "--transport".into(), "http".into(), "--header".into(), bearer];
    for way in [&stdio[..], &http] {
        let run = |more: &[&str]| {
            let mut command = Command::new("node");
            command.arg(&inspector).arg("--cli").args(way).args(more).stdin(Stdio::null());
            // Its settings do not belong in anybody's home; the hub signed its certificate itself.
            command.env("HOME", program.data()).env("NODE_TLS_REJECT_UNAUTHORIZED", "0");
            let output = command.output().expect("node starts");
            let wrong = text(&output.stderr);
            assert!(output.status.success(), "{more:?}: {}\n{wrong}", text(&output.stdout));
            json_of(&output)
        };
        let tools = run(&["--method", "tools/list"]);
        assert!(tools["tools"].as_array().is_some_and(|tools| tools.len() > 10), "{tools}");
        let called = run(&["--method", "tools/call", "--tool-name", "camera_list"]);
        assert!(called.to_string().contains("Front door"), "{called}");
        let listed = run(&["--method", "resources/list"]);
        assert!(listed["resources"].as_array().is_some_and(|all| all.len() >= 4), "{listed}");
        let read = run(&["--method", "resources/read", "--uri", "hearthwatch://cameras"]);
        assert!(read.to_string().contains("Front door"), "{read}");
        let prompts = run(&["--method", "prompts/list"]);
        assert_eq!(prompts["prompts"].as_array().map(Vec::len), Some(4), "{prompts}");
    }
    hub.stop();
}
