//! `search` and `ask`.

use clap::Args;
use hearth_model::ConversationId;

#[derive(Debug, Args)]
pub(crate) struct SearchArguments {
    /// Cameras, zones, devices, people, things seen, kinds and times; what is left must be in a text
    #[arg(required = true, num_args = 1..)]
    pub(crate) words: Vec<String>,
    /// The newest so many
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub(crate) limit: u32,
}

#[derive(Debug, Args)]
pub(crate) struct AskArguments {
    /// In English, e.g. "How many people were at the front door yesterday?"
    #[arg(required = true, num_args = 1..)]
    pub(crate) question: Vec<String>,
    /// Go on with this conversation
    #[arg(long, value_name = "ID")]
    pub(crate) conversation: Option<ConversationId>,
}
