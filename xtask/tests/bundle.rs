//! The bundle for desktop assistants, taken as their hosts take it.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
};

use serde_json::{Value, json};
use tempfile::TempDir;
use zip::ZipArchive;

const XTASK: &str = env!("CARGO_BIN_EXE_xtask");

/// The program, if it was built beside this one: `cargo xtask test` builds both.
fn program() -> Option<PathBuf> {
    let program = Path::new(XTASK).with_file_name("hearthwatch");
    program.exists().then_some(program)
}

/// A child that does not outlive its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// A hub with what a person would read off it: its address, its certificate, a token they made.
struct House {
    _hub: Running,
    data: TempDir,
    settings: Value,
}

impl House {
    fn start(program: &Path) -> Self {
        let data = TempDir::new().expect("a folder");
        let mut serve = command(program, data.path());
        serve.args(["serve", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped());
        serve.env("HEARTHWATCH_ADMIN_PASSWORD", "lantern over the quiet harbour 41");
        let mut hub = Running(serve.spawn().expect("it starts"));
        let mut out = BufReader::new(hub.0.stdout.take().expect("piped"));
        let mut said = String::new();
        while !said.contains("ready https://") {
            assert_ne!(out.read_line(&mut said).expect("text"), 0, "it ended: {said}");
        }
        let after = |word: &str| {
            let found = said.lines().find_map(|line| line.strip_prefix(word));
            found.expect("it is told").to_owned()
        };
        let mut create = command(program, data.path());
        create.args(["token", "create", "desktop", "--user", "admin", "--json"]);
        let made = create.args(["--allow", "list_cameras,arm"]).output().expect("it starts");
        let made: Value = serde_json::from_slice(&made.stdout).expect("JSON");
        let settings = json!({
            "url": after("ready "), "certificate": after("certificate SHA-256 "),
            "token": made["secret"],
        });
        Self { _hub: hub, data, settings }
    }
}

/// The program with folders of its own, in an environment that holds nothing of the developer's own.
fn command(program: &Path, data: &Path) -> Command {
    let mut command = Command::new(program);
    // The key lies beside the data and not in it.
    command.env_clear().env("XDG_CONFIG_HOME", data.join("settings"));
    command.arg("--data").arg(data.join("data"));
    command.stdin(Stdio::null()).stderr(Stdio::null());
    command
}

/// Packs the program, and unpacks what came of it; gives the manifest.
fn unpacked(program: &Path, into: &Path) -> Value {
    let bundle = into.join("hearthwatch.mcpb");
    let mut pack = Command::new(XTASK);
    pack.arg("package").arg("--binary").arg(program).arg("--output").arg(&bundle);
    assert!(pack.stdout(Stdio::null()).status().expect("it starts").success());
    let mut zip = ZipArchive::new(fs::File::open(bundle).expect("made")).expect("a zip");
    for at in 0..zip.len() {
        let mut packed = zip.by_index(at).expect("a file");
        let name = packed.enclosed_name().expect("a place inside");
        let path = into.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        let mode = packed.unix_mode().expect("a mode");
        let mut file = fs::OpenOptions::new();
        let mut file = file.write(true).create_new(true).mode(mode).open(path).expect("made");
        std::io::copy(&mut packed, &mut file).expect("written");
    }
    let manifest = fs::read(into.join("manifest.json")).expect("packed");
    serde_json::from_slice(&manifest).expect("JSON")
}

/// A line of the manifest with what the host puts into it.
fn filled(text: &Value, folder: &Path, settings: &Value) -> String {
    let mut text = text.as_str().expect("a text").to_owned();
    text = text.replace("${__dirname}", folder.to_str().expect("UTF-8"));
    for (name, value) in settings.as_object().expect("settings") {
        text = text.replace(&format!("${{user_config.{name}}}"), value.as_str().expect("a text"));
    }
    assert!(!text.contains("${"), "nobody is asked for {text}");
    text
}

fn started(manifest: &Value, folder: &Path, settings: &Value) -> Child {
    let run = &manifest["server"]["mcp_config"];
    let filled = |text: &Value| filled(text, folder, settings);
    let arguments = run["args"].as_array().expect("a list").iter().map(filled);
    let mut server = Command::new(filled(&run["command"]));
    server.args(arguments).env_clear();
    for (name, value) in run["env"].as_object().expect("an environment") {
        server.env(name, filled(value));
    }
    server.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    server.spawn().expect("it starts")
}

fn answer(from: &mut BufReader<ChildStdout>) -> Value {
    let mut line = String::new();
    from.read_line(&mut line).expect("text");
    serde_json::from_str(&line).expect("each line is JSON")
}

/// A host unpacks the bundle, asks a person for the settings that its manifest names, and starts what
/// the manifest says, with nothing else in the environment: it answers, and offers what the token may.
#[test]
fn the_bundle_is_started_as_its_manifest_says() {
    let Some(program) = program() else {
        eprintln!("skipped: build the program first, with `cargo build --package hearthwatch`");
        return;
    };
    let house = House::start(&program);
    let folder = TempDir::new().expect("a folder");
    let manifest = unpacked(&program, folder.path());
    for (name, setting) in manifest["user_config"].as_object().expect("settings") {
        let has = house.settings[name].is_string();
        assert!(has || setting["required"] == false, "a person does not know {name}");
    }
    let mut server = started(&manifest, folder.path(), &house.settings);
    let mut to = server.stdin.take().expect("piped");
    let mut from = BufReader::new(server.stdout.take().expect("piped"));
    let mut server = Running(server);
    let client = json!({ "name": "host", "version": "1" });
    let hello = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client,
    } });
    writeln!(to, "{hello}").expect("it reads");
    let begun = answer(&mut from);
    assert_eq!(begun["result"]["serverInfo"]["name"], manifest["name"], "{begun}");
    assert_eq!(begun["result"]["serverInfo"]["version"], manifest["version"]);
    let told = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    let list = json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/list" });
    writeln!(to, "{told}\n{list}").expect("it reads");
    let listed = answer(&mut from);
    let tools = listed["result"]["tools"].as_array().expect("a list").iter();
    let names: Vec<&str> = tools.filter_map(|tool| tool["name"].as_str()).collect();
    assert_eq!(names, ["camera_list", "alarm_arm", "alarm_disarm", "alarm_acknowledge"]);
    drop(to);
    let mut rest = String::new();
    from.read_to_string(&mut rest).expect("text");
    assert!(rest.is_empty() && server.0.wait().expect("it ends").success(), "{rest}");
    let data = house.data.path().display().to_string();
    assert!(!manifest.to_string().contains(&data), "nothing of this machine is packed");
}
