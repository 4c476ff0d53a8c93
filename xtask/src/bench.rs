//! `cargo xtask bench NAME`: measurements of the release build.
//!
//! What is measured and how is in `crates/hearth-bench`; this only builds both and runs it.

use crate::{
    house::{self, Build},
    process, root,
};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// `record`, `gate`, `live`, `start`, `crash`, `devices`, `export`, `faces`, `flood`, `mcp`,
    /// `press`, `rules`, `search`, `sign-in` or `week`, with its options; `--json` prints one line
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    arguments: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let binary = house::build_binary(Build::Release)?;
    // By itself: built together, the product would get features that only measuring needs.
    let build = ["build", "--quiet", "--release", "--package", "hearth-bench"];
    process::run(&root(), "cargo", &build)?;
    let bench = binary.with_file_name("hearth-bench").display().to_string();
    let folder = root().join("target").join("house");
    let mut all = arguments.arguments.clone();
    all.extend(["--binary".to_owned(), binary.display().to_string()]);
    all.extend(["--folder".to_owned(), folder.display().to_string()]);
    process::run(&root(), &bench, &all)
}
