//! `mcp`, as clap reads it.

use clap::Args;
use hearth_http::Fingerprint;

#[derive(Debug, Args)]
pub(crate) struct McpArguments {
    /// Address of a hub elsewhere, instead of the hub of --data
    #[arg(long, value_name = "URL", requires = "token_env")]
    pub(crate) url: Option<String>,
    /// Environment variable that holds the token made for this assistant
    #[arg(long, value_name = "VAR", requires = "url")]
    pub(crate) token_env: Option<String>,
    /// SHA-256 of that hub's certificate, if no public authority signed it
    #[arg(long, value_name = "SHA256", requires = "url")]
    pub(crate) certificate: Option<Fingerprint>,
    /// Let the assistant change things, each after a person agreed to it
    #[arg(long)]
    pub(crate) allow_changes: bool,
}
