//! `mcp`: an assistant on standard input and output.

use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio},
};

use serde_json::{Value, json};

use crate::program::{PASSWORD, Program, Serving, json as json_of, text};

/// A client of our own that speaks line by line.
pub(crate) struct Assistant {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Assistant {
    pub(crate) fn start(program: &Program, arguments: &[&str]) -> Self {
        let mut command = program.command(&[&["mcp"], arguments].concat());
        command.env("HEARTHWATCH_DATA", program.data());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self::of(command)
    }

    pub(crate) fn of(mut command: Command) -> Self {
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

    pub(crate) fn ask(&mut self, method: &str, params: Value) -> Value {
        let message = json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params });
        self.write(&message.to_string());
        self.read()
    }

    pub(crate) fn begin(&mut self) -> Value {
        let client = json!({ "name": "test", "version": "1" });
        self.ask(
            "initialize",
            json!({
                "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client,
            }),
        )
    }

    pub(crate) fn tools(&mut self) -> Vec<String> {
        let listed = self.ask("tools/list", json!({}));
        let tools = listed["result"]["tools"].as_array().expect("a list").iter();
        tools.map(|tool| tool["name"].as_str().expect("a name").to_owned()).collect()
    }

    /// Says goodbye, and returns what else it wrote.
    pub(crate) fn end(mut self) -> Vec<u8> {
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

/// A token, and the hub's address and certificate.
pub(crate) struct Elsewhere {
    pub(crate) url: String,
    pub(crate) token: String,
    pub(crate) fingerprint: String,
}

/// With a token to look at everything.
pub(crate) fn elsewhere(program: &Program, hub: &Serving) -> Elsewhere {
    let allowed = "live,playback,list_cameras,read_events,read_system,read_devices,manage_rules";
    elsewhere_for(program, hub, "oracle", &["--allow", allowed])
}

/// With a token of this name and these rights.
pub(crate) fn elsewhere_for(
    program: &Program,
    hub: &Serving,
    name: &str,
    rights: &[&str],
) -> Elsewhere {
    let create = ["token", "create", name, "--user", "admin", "--json"];
    let made = program.run(&[&create, rights].concat());
    let fingerprint = hub.line("certificate SHA-256 ").expect("it is told");
    Elsewhere {
        url: format!("https://{}", hub.address()),
        token: json_of(&made)["secret"].as_str().expect("a secret").to_owned(),
        fingerprint: fingerprint.to_owned(),
    }
}

impl Elsewhere {
    /// A client of that hub, if it has this certificate.
    pub(crate) fn assistant(&self, program: &Program, fingerprint: &str) -> Assistant {
        let way = ["mcp", "--url", &self.url, "--token-env", "ORACLE_TOKEN"];
        let mut command = program.command(&way);
        command.args(["--certificate", fingerprint]).env("ORACLE_TOKEN", &self.token);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Assistant::of(command)
    }
}

pub(crate) fn add_camera(program: &Program) {
    let added =
        program.run(&["camera", "add", "Front door", "--url", "rtsp://127.0.0.1:9/", "--force"]);
    assert!(added.status.success(), "{}", text(&added.stderr));
}

/// A hub elsewhere is reached with a token and its certificate; a wrong certificate ends it.
#[test]
fn a_hub_elsewhere_is_reached_with_a_token_and_its_certificate() {
    let program = Program::new();
    let hub = program.serve(Some(PASSWORD));
    let there = elsewhere(&program, &hub);
    let start = |fingerprint: &str| there.assistant(&program, fingerprint);
    let mut assistant = start(&there.fingerprint);
    assistant.begin();
    let tools = assistant.tools();
    assert!(tools.contains(&"camera_list".to_owned()) && !tools.contains(&"doctor_run".to_owned()));
    assert!(assistant.end().is_empty());
    let mut deceived = start(&"00".repeat(32));
    assert!(deceived.begin()["error"]["message"].is_string());
    deceived.end();
    hub.stop();
}
