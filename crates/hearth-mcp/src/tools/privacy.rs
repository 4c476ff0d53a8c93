//! The house's privacy switch.

use hearth_auth::{Access, Action, ask};
use hearth_hub::AuditClass;

use crate::{
    failure::ToolError,
    parameter::{Kind, may, needs},
    tool::{Call, Effect, Output, Tool},
};

#[rustfmt::skip]
pub(crate) fn tools() -> Vec<Tool> {
    vec![
        Tool::reads(
            "privacy_show",
            "Show the privacy switch",
            Access::House(Action::ReadDevices),
            |call| Box::pin(show(call)),
            "Whether the house is closed: nothing is watched or kept then; and what became of each camera.",
        ),
        Tool::reads(
            "privacy_set",
            "Set the privacy switch",
            Access::House(Action::ControlDevices),
            |call| Box::pin(set(call)),
            "Closes every camera, or opens them again. Answers when each did or failed to.",
        )
        .takes(&[
            needs("on", Kind::Flag, "Whether the house is closed."),
            may("until", Kind::Time, "When it opens by itself."),
        ])
        .with_effect(Effect::Sets, AuditClass::Control)
        .heavy(),
    ]
}

async fn show(call: Call) -> Result<Output, ToolError> {
    Output::of(&call.hub.privacy(&call.house::<ask::ReadDevices>()?))
}

async fn set(call: Call) -> Result<Output, ToolError> {
    let grant = call.house::<ask::ControlDevices>()?;
    let (on, until) = (call.arguments.flag("on"), call.arguments.time("until"));
    let on = on.ok_or_else(|| ToolError::bad_arguments("`on` is missing."))?;
    Output::of(&call.hub.set_privacy(grant, on, until).await?)
}
