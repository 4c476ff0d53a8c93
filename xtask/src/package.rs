//! `cargo xtask package`: the product as a file that desktop assistants install with a click.
//!
//! An MCP bundle (`.mcpb`, manifest 0.3) is a zip with a manifest, the program and an icon. The
//! program speaks MCP on its standard streams and asks the house's hub elsewhere, with a token that
//! the host keeps; the bundle holds no secret and no address.

use std::{
    fs::{self, File},
    io::{Seek, Write},
    path::{Path, PathBuf},
};

use anyhow::Context;
use serde_json::{Value, json};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::{
    house::{Build, build_binary},
    root, ui,
};

/// The program, inside the bundle.
const PROGRAM: &str = "server/hearthwatch";

/// Where the host puts the token for the program.
const TOKEN: &str = "HEARTHWATCH_TOKEN";

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// A program that is built already; a release build is made without it.
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Where to write the bundle.
    #[arg(long, default_value = "target/hearthwatch.mcpb")]
    output: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let binary = match &arguments.binary {
        Some(binary) => binary.clone(),
        None => {
            ui::build()?;
            build_binary(Build::Release)?
        }
    };
    let path = root().join(&arguments.output);
    let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    bundle(file, &binary)?;
    println!("{} bytes in {}", fs::metadata(&path)?.len(), arguments.output.display());
    Ok(())
}

fn bundle(to: impl Write + Seek, binary: &Path) -> anyhow::Result<()> {
    let mut zip = ZipWriter::new(to);
    let manifest = serde_json::to_vec_pretty(&manifest())?;
    add(&mut zip, "manifest.json", &manifest, 0o644)?;
    add(&mut zip, "LICENSE-APACHE", &fs::read(root().join("LICENSE-APACHE"))?, 0o644)?;
    add(&mut zip, "LICENSE-MIT", &fs::read(root().join("LICENSE-MIT"))?, 0o644)?;
    let program = fs::read(binary).with_context(|| format!("cannot read {}", binary.display()))?;
    add(&mut zip, PROGRAM, &program, 0o755)?;
    zip.finish()?;
    Ok(())
}

/// Without a time, so that the same program gives the same bundle.
fn add(
    zip: &mut ZipWriter<impl Write + Seek>,
    name: &str,
    bytes: &[u8],
    mode: u32,
) -> anyhow::Result<()> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(mode);
    zip.start_file(name, options)?;
    zip.write_all(bytes)?;
    Ok(())
}

fn manifest() -> Value {
    json!({
        "manifest_version": "0.3",
        "name": "hearthwatch",
        "display_name": "Hearthwatch",
        "version": env!("CARGO_PKG_VERSION"),
        "description": "Ask your house what happened, and let it do things after you agreed.",
        "long_description":
            "Connects an assistant to the Hearthwatch hub of your house, with a token that you make \
             there under Assistant: it says which cameras, which actions, until when, and whether \
             you are asked before something is changed. Nothing goes anywhere but to your hub.",
        "author": { "name": "The Hearthwatch authors" },
        "license": "MIT OR Apache-2.0",
        "server": {
            "type": "binary",
            "entry_point": PROGRAM,
            "mcp_config": {
                "command": format!("${{__dirname}}/{PROGRAM}"),
                "args": [
                    "mcp",
                    "--url", "${user_config.url}",
                    "--token-env", TOKEN,
                    "--certificate", "${user_config.certificate}",
                    "--allow-changes",
                ],
                "env": { TOKEN: "${user_config.token}" },
            },
        },
        "tools_generated": true,
        "prompts_generated": true,
        "compatibility": { "platforms": ["linux"] },
        "user_config": {
            "url": {
                "type": "string",
                "title": "Address of the hub",
                "description": "As in the browser, e.g. https://hearthwatch.local:8443.",
                "required": true,
            },
            "certificate": {
                "type": "string",
                "title": "Fingerprint of its certificate",
                "description": "SHA-256, as the hub prints it when it starts.",
                "required": true,
            },
            "token": {
                "type": "string",
                "title": "Token",
                "description": "Make one in the dashboard under Assistant. It is kept by this program.",
                "sensitive": true,
                "required": true,
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read};

    use super::*;

    /// What is packed comes out again, the program can be run, and no other file is in it.
    #[test]
    fn a_bundle_holds_the_program_and_says_how_it_is_run() {
        let mut packed = Cursor::new(Vec::new());
        let binary = root().join("LICENSE-MIT");
        bundle(&mut packed, &binary).expect("packed");
        let mut again = Cursor::new(Vec::new());
        bundle(&mut again, &binary).expect("packed");
        assert_eq!(packed.get_ref(), again.get_ref(), "the same gives the same");
        let mut zip = zip::ZipArchive::new(packed).expect("a zip");
        let mut names: Vec<String> =
            zip.file_names().map(|name| name.expect("UTF-8").into_owned()).collect();
        names.sort();
        assert_eq!(names, ["LICENSE-APACHE", "LICENSE-MIT", "manifest.json", PROGRAM]);
        let mut program = zip.by_name(PROGRAM).expect("packed");
        assert_eq!(program.unix_mode().map(|mode| mode & 0o777), Some(0o755));
        let mut bytes = Vec::new();
        program.read_to_end(&mut bytes).expect("read");
        assert_eq!(bytes, fs::read(&binary).expect("read"));
    }

    /// Each setting that the command line takes is one that people are asked for, and the token is
    /// handed over where no list of processes shows it.
    #[test]
    fn the_manifest_asks_for_what_the_command_takes() {
        let manifest = manifest();
        let run = &manifest["server"]["mcp_config"];
        let used = run.to_string();
        for (name, setting) in manifest["user_config"].as_object().expect("settings") {
            assert!(used.contains(&format!("${{user_config.{name}}}")), "{name} is not used");
            assert_eq!(setting["sensitive"] == true, name == "token");
        }
        assert!(!run["args"].to_string().contains("user_config.token"));
    }
}
