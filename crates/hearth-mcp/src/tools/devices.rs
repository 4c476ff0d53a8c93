//! Plugs, thermostats, and the control side of cameras: PTZ, presets, lights, lenses.

use hearth_auth::{Access, Action, ask};
use hearth_hub::{AuditClass, ControlValue, DeviceView};
use hearth_model::DeviceId;
use serde_json::{Value, json};

use crate::{
    failure::ToolError,
    parameter::{Kind, Parameter, Usual, may, needs},
    tool::{Call, Effect, Output, Tool},
};

/// Longest key of a control.
const KEY_MAX: usize = 64;

const DEVICE: Parameter = needs("device", Kind::Text(64), "Name or id of the device.");

#[rustfmt::skip]
pub(crate) fn tools() -> Vec<Tool> {
    let read = Access::House(Action::ReadDevices);
    let control = Access::House(Action::ControlDevices);
    vec![
        Tool::reads("device_list", "List devices", read, |call| Box::pin(list_all(call)),
            "Plugs, thermostats and the control side of cameras: state, room, controls, readings."),
        Tool::reads("device_read", "Show a device", read, |call| Box::pin(show(call)),
            "One device: state, what it measures, what can be set (`controls`) with its range.")
            .takes(&[DEVICE]),
        Tool::reads("device_set", "Set a control", control, |call| Box::pin(set(call)),
            "Sets a control of a device, e.g. `power` or a lens, as `device_read` shows it. Answers when the device acknowledged it.")
            .takes(&[
                DEVICE,
                needs("control", Kind::Text(KEY_MAX), "Key of the control."),
                needs("value", Kind::Setting, "true or false, a number, or one of its words."),
            ])
            .with_effect(Effect::Sets, AuditClass::Control).heavy(),
        Tool::reads("device_act", "Have a device do something", control, |call| Box::pin(act(call)),
            "Has a device do one of its actions, e.g. move, go to a preset, reboot. Answers when the device acknowledged it.")
            .takes(&[
                DEVICE,
                needs("action", Kind::Text(KEY_MAX), "Key of the action."),
                may("arguments", Kind::Settings, "What the action takes, by name.").usually(Usual::NoSettings),
            ])
            .with_effect(Effect::Acts, AuditClass::Control).heavy(),
        Tool::reads("room_switch", "Switch a room", control, |call| Box::pin(switch(call)),
            "Switches every plug and light of a room; says of each whether it acknowledged.")
            .takes(&[
                needs("room", Kind::Text(64), "Name of the room."),
                needs("on", Kind::Flag, ""),
            ])
            .with_effect(Effect::Sets, AuditClass::Control).heavy(),
    ]
}

async fn list_all(call: Call) -> Result<Output, ToolError> {
    Output::named("devices", &call.hub.devices(&call.house::<ask::ReadDevices>()?))
}

async fn show(call: Call) -> Result<Output, ToolError> {
    let grant = call.house::<ask::ReadDevices>()?;
    Output::of(&call.hub.device(&grant, device(&call)?)?)
}

async fn set(call: Call) -> Result<Output, ToolError> {
    let grant = call.house::<ask::ControlDevices>()?;
    let value = match call.arguments.json("value") {
        Some(Value::Bool(on)) => ControlValue::Switch(*on),
        Some(Value::String(word)) => ControlValue::Word(word.clone()),
        Some(value) => ControlValue::Number(value.as_f64().unwrap_or(f64::NAN)),
        None => return Err(ToolError::bad_arguments("`value` is missing.")),
    };
    let key = call.arguments.text("control").unwrap_or_default();
    Output::of(&call.hub.set_control(grant, device(&call)?, key, value).await?)
}

async fn act(call: Call) -> Result<Output, ToolError> {
    let grant = call.house::<ask::ControlDevices>()?;
    let key = call.arguments.text("action").unwrap_or_default();
    let arguments = call.arguments.json("arguments").cloned().unwrap_or_else(|| json!({}));
    call.hub.do_action(grant, device(&call)?, key, arguments).await?;
    Ok(Output::done())
}

async fn switch(call: Call) -> Result<Output, ToolError> {
    let grant = call.house::<ask::ControlDevices>()?;
    let room = call.arguments.text("room").unwrap_or_default();
    // The hub's own words for what a name of a room is, by the way every room is read.
    let room =
        serde_json::from_value(Value::from(room)).map_err(|_| ToolError::not_found("room"))?;
    let is_on = call.arguments.flag("on").unwrap_or(false);
    Output::named("devices", &call.hub.switch_room(grant, &room, is_on).await?)
}

/// The device that the call names by id, or by a name if whoever asks may list devices.
fn device(call: &Call) -> Result<DeviceId, ToolError> {
    let named = call.arguments.text("device").unwrap_or_default();
    let found = named.parse().ok().or_else(|| {
        let grant = call.hub.policy().house::<ask::ReadDevices>(&call.principal).ok()?;
        let is_it = |device: &DeviceView| device.name == named;
        call.hub.devices(&grant).into_iter().find(is_it).map(|device| device.id)
    });
    let found = found.ok_or_else(|| ToolError::not_found("device"))?;
    call.subjects.add("device", &found);
    Ok(found)
}
