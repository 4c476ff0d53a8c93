//! Programs that the tests and the dashboard's build need, and the one line that installs them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::ensure;

use crate::{process, root};

/// What Debian calls the packages; the continuous integration installs the same line.
const APT_LINE: &str = "apt-get install -y --no-install-recommends chromium ffmpeg g++ mosquitto \
    mosquitto-clients python3-venv python3-gst-1.0 gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base \
    gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly gstreamer1.0-libav";

/// Where Debian puts the browser.
pub(crate) const CHROMIUM: &str = "/usr/bin/chromium";

/// Node builds the dashboard.
pub(crate) fn require_node() -> anyhow::Result<()> {
    ensure!(
        runs("node") && runs("npm"),
        "Node.js with npm is needed to build the dashboard (version 20 or newer)."
    );
    Ok(())
}

/// The independent peers that the tests compare with.
pub(crate) fn require_test_peers() -> anyhow::Result<()> {
    let missing: Vec<&str> = [
        ("chromium", Path::new(CHROMIUM).exists()),
        ("g++", runs("g++")),
        ("ffmpeg", runs("ffmpeg") && runs("ffprobe")),
        ("gst-rtsp-server", has_gst_rtsp_server()),
    ]
    .into_iter()
    .filter_map(|(name, there)| (!there).then_some(name))
    .collect();
    ensure!(
        missing.is_empty(),
        "the tests need {} from Debian's packages. Install them with:\n\n    {APT_LINE}\n",
        missing.join(", ")
    );
    Ok(())
}

fn has_gst_rtsp_server() -> bool {
    let script = "import gi; gi.require_version('GstRtspServer', '1.0'); \
        from gi.repository import GstRtspServer";
    // Debian's bindings belong to Debian's Python, whatever `python3` the PATH finds first.
    Command::new("/usr/bin/python3")
        .args(["-c", script])
        .output()
        .is_ok_and(|output| output.status.success())
}

/// A Python with the independent clients of devices, in the versions that are pinned. Without a way to
/// the package registry there is none, and the tests that want it say that they are skipped.
pub(crate) fn python_peers() -> Option<PathBuf> {
    let folder = root().join("target/peers");
    let python = folder.join("bin/python");
    let pinned = root().join("packaging/test-peers.txt");
    let installed = folder.join("installed.txt");
    let is_fresh = || fs::read(&installed).ok() == fs::read(&pinned).ok();
    if is_fresh() {
        return Some(python);
    }
    let made =
        process::run(&root(), "python3", &["-m", "venv", "--clear", &folder.to_string_lossy()])
            .and_then(|()| {
                let list = pinned.to_string_lossy();
                let patience = ["--retries", "1", "--timeout", "20", "--disable-pip-version-check"];
                let install = ["-m", "pip", "install", "--quiet", "--no-input", "-r", &list];
                let args = [&install[..], &patience[..]].concat();
                process::run(&root(), &python.to_string_lossy(), &args)
            })
            .and_then(|()| Ok(fs::copy(&pinned, &installed)?));
    match made {
        Ok(_) => Some(python),
        Err(error) => {
            eprintln!("note: no independent Python clients: {error:#}");
            None
        }
    }
}

/// Whether a program is there.
pub(crate) fn runs(program: &str) -> bool {
    let flag = if program.starts_with("ff") { "-version" } else { "--version" };
    Command::new(program).arg(flag).output().is_ok_and(|output| output.status.success())
}
