//! The hub itself: how it fares, whether it keeps what it promises, who did what.

use hearth_auth::{Access, Action, ask};
use hearth_hub::{AuditOutcome, AuditQuery};

use crate::{
    failure::ToolError,
    parameter::{Kind, Usual, may},
    tool::{Call, Output, Tool},
};

/// Lines of the audit log in an answer unless somebody asks for more.
const LINES_USUAL: Usual = Usual::Integer(50);

/// Most lines of an answer.
const LINES_MAX: i64 = 200;

#[rustfmt::skip]
pub(crate) fn tools() -> Vec<Tool> {
    vec![
        Tool::reads("system_status", "How the hub fares", Access::House(Action::ReadSystem),
            |call| Box::pin(status(call)),
            "Version, uptime, disk space, the worker that looks at pictures, clock.")
            .says(&["sandbox"]),
        Tool::reads("doctor_run", "Check the house", Access::House(Action::Maintain),
            |call| Box::pin(doctor(call)),
            "Checks everything that a person should know to be in order; says what failed and what to do.")
            .says(&["id"]).heavy(),
        Tool::reads("audit_search", "Search who did what", Access::House(Action::ReadAudit),
            |call| Box::pin(audit(call)),
            "Lines of the audit log, newest first. `next` continues a listing as `before`.")
            .takes(&[
                may("camera", Kind::Text(64), "Only about this camera, by name or id."),
                may("who", Kind::Text(64), "Only by this account or token: id or name."),
                may("result", Kind::Word(results), "Only how it ended."),
                may("from", Kind::Time, "Not before."),
                may("to", Kind::Time, "Before."),
                may("before", Kind::Integer(0, i64::MAX), ""),
                may("limit", Kind::Integer(1, LINES_MAX), "").usually(LINES_USUAL),
            ]),
    ]
}

fn results() -> Vec<&'static str> {
    AuditOutcome::ALL.iter().map(|one| one.name()).collect()
}

async fn status(call: Call) -> Result<Output, ToolError> {
    Output::of(&call.hub.system(call.house::<ask::ReadSystem>()?).await?)
}

async fn doctor(call: Call) -> Result<Output, ToolError> {
    let report = call.hub.doctor(call.house::<ask::Maintain>()?).await;
    Output::of(&report.with((call.more_checks)()))
}

async fn audit(call: Call) -> Result<Output, ToolError> {
    let grant = call.house::<ask::ReadAudit>()?;
    let arguments = &call.arguments;
    let query = AuditQuery {
        category: None,
        class: None,
        result: arguments.word("result").and_then(AuditOutcome::from_name),
        who: arguments.text("who").map(str::to_owned),
        camera: call.camera_id()?.map(|camera| camera.to_string()),
        from: arguments.time("from"),
        to: arguments.time("to"),
        before: arguments.integer("before").and_then(|number| u64::try_from(number).ok()),
        after: None,
    };
    let limit = arguments.limit() as usize;
    Output::of(&call.hub.audit_page(grant, query, limit).await?)
}
