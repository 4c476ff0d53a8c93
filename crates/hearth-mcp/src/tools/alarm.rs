//! The alarm, and the rules of the house. Rules are read here and written by people.

use hearth_auth::{Access, Action, ask};
use hearth_hub::{AuditClass, Mode, PinFor};

use crate::{
    failure::ToolError,
    parameter::{Kind, Usual, may, needs},
    tool::{Call, Effect, Output, Tool},
};

/// Runs of an answer unless somebody asks for more.
const RUNS_USUAL: Usual = Usual::Integer(20);

/// Most runs of an answer; each has its causes.
const RUNS_MAX: i64 = 100;

#[rustfmt::skip]
pub(crate) fn tools() -> Vec<Tool> {
    let (arm, rules) = (Access::House(Action::Arm), Access::House(Action::ManageRules));
    vec![
        Tool::reads(
            "alarm_show",
            "Show the alarm",
            Access::House(Action::ReadDevices),
            |call| Box::pin(show(call)),
            "Whether the house is armed and how, and what keeps each mode from being set.",
        ),
        Tool::reads(
            "alarm_arm",
            "Arm the house",
            arm,
            |call| Box::pin(set(call)),
            "Arms the house. Fails with `not_ready` and says what is not, unless `anyway`.",
        )
        .takes(&[
            needs("mode", Kind::Word(modes), "How."),
            may("anyway", Kind::Flag, "Although something is not ready.").usually(Usual::Flag(false)),
        ])
        .with_effect(Effect::Sets, AuditClass::Control),
        Tool::reads(
            "alarm_disarm",
            "Disarm the house",
            arm,
            |call| Box::pin(disarm(call)),
            "Disarms by the PIN of a person, which they have to say for it. Wrong ones lock the keypad.",
        )
        .takes(&[
            needs("pin", Kind::Secret(12), "Their PIN."),
            may("false_alarm", Kind::Flag, "The alarm was for nothing.").usually(Usual::Flag(false)),
        ])
        .with_effect(Effect::Acts, AuditClass::Control),
        Tool::reads(
            "alarm_acknowledge",
            "Acknowledge the alarm",
            arm,
            |call| Box::pin(acknowledge(call)),
            "Says that somebody looks into it; sirens fall silent.",
        )
        .with_effect(Effect::Sets, AuditClass::Control),
        Tool::reads(
            "rule_list",
            "List rules",
            rules,
            |call| Box::pin(list(call)),
            "What the house does by itself, as sentences, and when each ran last.",
        ),
        Tool::reads(
            "rule_draft",
            "Draft a rule",
            rules,
            |call| Box::pin(draft(call)),
            "Reads an English sentence as a rule and says what was not understood. Nothing is in force: a person makes rules.",
        )
        .takes(&[needs("sentence", Kind::Text(2_000), "E.g. When somebody rings at Front door, tell everybody.")]),
        Tool::reads(
            "rule_runs",
            "Show what rules did",
            rules,
            |call| Box::pin(runs(call)),
            "What rules did and why, newest first.",
        )
        .takes(&[
            may("rule", Kind::Text(64), "Only of this rule."),
            may("limit", Kind::Integer(1, RUNS_MAX), "").usually(RUNS_USUAL),
        ]),
    ]
}

/// Modes with their words.
const MODES: [(Mode, &str); 4] = [
    (Mode::Home, "home"),
    (Mode::Away, "away"),
    (Mode::Night, "night"),
    (Mode::Vacation, "vacation"),
];

fn modes() -> Vec<&'static str> {
    MODES.iter().map(|row| row.1).collect()
}

async fn show(call: Call) -> Result<Output, ToolError> {
    Output::of(&call.hub.alarm(&call.house::<ask::ReadDevices>()?).await)
}

async fn set(call: Call) -> Result<Output, ToolError> {
    let grant = call.house::<ask::Arm>()?;
    let word = call.arguments.word("mode");
    let mode = MODES.iter().find(|row| Some(row.1) == word).map(|row| row.0);
    let mode = mode.ok_or_else(|| ToolError::bad_arguments("`mode` is missing."))?;
    let anyway = call.arguments.flag("anyway") == Some(true);
    Output::of(&call.hub.arm(&grant, mode, anyway).await?)
}

async fn disarm(call: Call) -> Result<Output, ToolError> {
    let grant = call.house::<ask::Arm>()?;
    let pin = call.arguments.text("pin").unwrap_or_default();
    let is_false = call.arguments.flag("false_alarm") == Some(true);
    let purpose = if is_false { PinFor::FalseAlarm } else { PinFor::Disarm };
    Output::of(&call.hub.enter_pin(&grant, pin.into(), purpose).await?)
}

async fn acknowledge(call: Call) -> Result<Output, ToolError> {
    Output::of(&call.hub.acknowledge_alarm(&call.house::<ask::Arm>()?).await?)
}

async fn list(call: Call) -> Result<Output, ToolError> {
    Output::named("rules", &call.hub.rules(&call.house::<ask::ManageRules>()?))
}

async fn draft(call: Call) -> Result<Output, ToolError> {
    let sentence = call.arguments.text("sentence").unwrap_or_default();
    Output::of(&call.hub.draft_rule(&call.house::<ask::ManageRules>()?, sentence))
}

async fn runs(call: Call) -> Result<Output, ToolError> {
    let grant = call.house::<ask::ManageRules>()?;
    let rule = match call.arguments.text("rule") {
        Some(_) => Some(call.id("rule")?),
        None => None,
    };
    let limit = call.arguments.limit();
    Output::named("runs", &call.hub.rule_runs(&grant, rule, None, limit).await?)
}
