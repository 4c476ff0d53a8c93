//! What independent clients of the Model Context Protocol make of the program: PyPI's `mcp`, and the
//! inspector of the protocol's makers.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use crate::{
    devices::Furnished,
    mcp::{Elsewhere, add_camera, elsewhere},
    program::{PASSWORD, Program, json as json_of, text},
};

/// An interpreter with the `mcp` package, if there is one.
fn python() -> Option<PathBuf> {
    let python = std::env::var_os("HEARTHWATCH_PYTHON").unwrap_or_else(|| "python3".into());
    let has = Command::new(&python).args(["-c", "import mcp"]).output();
    has.is_ok_and(|output| output.status.success()).then(|| PathBuf::from(python))
}

/// Runs a script of that client; the two ways to a hub stand before it.
fn run(python: &Path, script: &str, program: &Program, there: &Elsewhere) -> Output {
    let script = [include_str!("mcp_ways.py"), script].concat();
    let mut command = Command::new(python);
    command.args(["-c", &script, env!("CARGO_BIN_EXE_hearthwatch")]).arg(program.data());
    command.args([&there.url, &there.fingerprint]).env("ORACLE_TOKEN", &there.token);
    command.env("ADMIN_PASSWORD", PASSWORD).output().expect("it starts")
}

fn check_said(output: &Output, wanted: &[&str]) {
    let (said, wrong) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{said}\n{wrong}");
    for line in wanted {
        assert!(said.contains(line), "{line}: {said}\n{wrong}");
    }
}

const NO_PYTHON: &str = "skipped: no Python with the package mcp; name one in HEARTHWATCH_PYTHON";

/// The client of PyPI lists, calls and reads everything, over both transports.
#[test]
fn the_python_client_lists_calls_and_reads_everything() {
    let Some(python) = python() else {
        eprintln!("{NO_PYTHON}");
        return;
    };
    let program = Program::new();
    let hub = program.serve(Some(PASSWORD));
    add_camera(&program);
    let there = elsewhere(&program, &hub);
    let output = run(&python, include_str!("mcp_client.py"), &program, &there);
    check_said(&output, &["stdio: all answered", "http: all answered"]);
    hub.stop();
}

/// The client of PyPI changes what it may over both transports: it arms, disarms by a PIN, switches a
/// plug, marks a visit and drafts a rule; and nothing over a connection that only looks, without a
/// person's yes, or with a token that may not.
#[test]
fn the_python_client_changes_what_it_may() {
    let Some(python) = python() else {
        eprintln!("{NO_PYTHON}");
        return;
    };
    let hub = Furnished::new();
    let program = &hub.program;
    add_camera(program);
    let mut set = program.command(&["alarm", "set-pin", "Anna", "--pin-env", "PIN"]);
    let set = set.env("PIN", "739105826417").env("HEARTHWATCH_DATA", program.data()).output();
    assert!(set.expect("it starts").status.success());
    let there = elsewhere(program, &hub.serving);
    let output = run(&python, include_str!("mcp_changes.py"), program, &there);
    let done =
        ["stdio: only looks", "stdio: changed", "http: may not", "http: changed", "http: asked"];
    check_said(&output, &done);
    assert!(!hub.plug.is_on(), "the last one switched it off");
    hub.serving.stop();
}

/// The inspector of the protocol's makers, if it is installed: see `packaging/mcp-inspector`.
fn inspector() -> Option<PathBuf> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(
        "../../packaging/mcp-inspector/node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js",
    );
    script.exists().then_some(script)
}

const NO_INSPECTOR: &str = "skipped: run `npm ci --ignore-scripts` in packaging/mcp-inspector";

/// The inspector lists tools, resources and prompts, calls and reads, over both transports.
#[test]
fn the_inspector_lists_calls_and_reads() {
    let Some(inspector) = inspector() else {
        eprintln!("{NO_INSPECTOR}");
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

/// The inspector arms a house over standard input and output that was started for changes; where it was
/// not, there is no such tool.
#[test]
fn the_inspector_changes_what_it_may() {
    let Some(inspector) = inspector() else {
        eprintln!("{NO_INSPECTOR}");
        return;
    };
    let program = Program::new();
    let hub = program.serve(Some(PASSWORD));
    let arm = |more: &[&str]| {
        let data = format!("HEARTHWATCH_DATA={}", program.data().display());
        let mut command = Command::new("node");
        command.arg(&inspector).args(["--cli", env!("CARGO_BIN_EXE_hearthwatch"), "mcp"]);
        command.args(more).args(["-e", &data, "--method", "tools/call"]);
        command.args(["--tool-name", "alarm_arm", "--tool-arg", "mode=night"]);
        command.args(["--tool-arg", "anyway=true", "--tool-arg", "confirm=true"]);
        command.env("HOME", program.data()).stdin(Stdio::null()).output().expect("node starts")
    };
    let alarm = || json_of(&program.run(&["alarm", "show", "--json"]));
    let refused = arm(&[]);
    assert!(text(&refused.stderr).contains("tool_not_found"), "{}", text(&refused.stderr));
    assert_eq!((refused.status.success(), &alarm()["state"]), (false, &"disarmed".into()));
    let armed = json_of(&arm(&["--allow-changes"]));
    assert_eq!(armed["structuredContent"]["facts"]["state"], "armed", "{armed}");
    assert_eq!(alarm()["mode"], "night");
    hub.stop();
}
