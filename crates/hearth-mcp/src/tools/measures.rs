//! What plugs use, and how warm rooms are.

use hearth_auth::{Access, Action, ask};
use hearth_hub::EnergyStep;

use crate::{
    failure::ToolError,
    parameter::{FROM, Kind, TO, Usual, may},
    tool::{Call, Output, Tool},
};

#[rustfmt::skip]
pub(crate) fn tools() -> Vec<Tool> {
    let read = Access::House(Action::ReadDevices);
    vec![
        Tool::reads("energy_use", "What plugs use", read, |call| Box::pin(energy(call)),
            "Power now and energy over a time, by plug, with what it costs if a tariff is set. Where nothing was kept there is null.")
            .takes(&[FROM, TO, may("step", Kind::Word(steps), "").usually(Usual::Word("day"))]),
        Tool::reads("climate_rooms", "How warm rooms are", read, |call| Box::pin(climate(call)),
            "Temperature, set point and other readings of each room, with history where it is kept.")
            .takes(&[FROM, TO]),
    ]
}

/// Steps with their words.
const STEPS: [(EnergyStep, &str); 3] =
    [(EnergyStep::Hour, "hour"), (EnergyStep::Day, "day"), (EnergyStep::Month, "month")];

fn steps() -> Vec<&'static str> {
    STEPS.iter().map(|row| row.1).collect()
}

async fn energy(call: Call) -> Result<Output, ToolError> {
    let (grant, range) = (call.house::<ask::ReadDevices>()?, call.arguments.range()?);
    let word = call.arguments.word("step");
    let step = STEPS.iter().find(|row| Some(row.1) == word).map_or(EnergyStep::Day, |row| row.0);
    Output::of(&call.hub.energy(grant, range.from(), range.to(), step).await?)
}

async fn climate(call: Call) -> Result<Output, ToolError> {
    let (grant, range) = (call.house::<ask::ReadDevices>()?, call.arguments.range()?);
    Output::of(&call.hub.climate(grant, range.from(), range.to()).await?)
}
