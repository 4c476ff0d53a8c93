//! `onvif ptz`: pan, tilt, zoom.

use std::time::Duration;

use hearth_onvif::{
    Device, OutOfRange, Token,
    ptz::{
        AbsoluteMove, ContinuousMove, GetNodes, GetPresets, GetStatus, GotoHomePosition,
        GotoPreset, Node, RelativeMove, RemovePreset, SetPreset, Stop, Vector,
    },
};
use serde_json::json;

use super::{profile, tell};
use crate::{
    arguments::onvif::{PtzCommand, VectorArguments},
    failure::Failure,
    output,
};

impl From<OutOfRange> for Failure {
    fn from(error: OutOfRange) -> Self {
        Self::Usage(format!("{error}."))
    }
}

pub(super) async fn run(
    device: &Device,
    wanted: Option<Token>,
    command: PtzCommand,
    json: bool,
) -> Result<(), Failure> {
    let chosen = profile(device, wanted, |one| one.ptz_node.is_some()).await?;
    let profile = chosen.token;
    let done = |words: &str| tell(json, &json!({ "done": true }), words);
    match command {
        PtzCommand::Status => {
            let node = node(device, chosen.ptz_node.as_ref()).await?;
            status(device, profile, &node, json).await
        }
        PtzCommand::Move { speed, seconds } => {
            let node = node(device, chosen.ptz_node.as_ref()).await?;
            let time = Duration::try_from_secs_f32(seconds)
                .map_err(|_| Failure::Usage("--seconds is no length of time.".to_owned()))?;
            let command = ContinuousMove::new(profile, &node, vector(speed)?, time)?;
            device.ask(&command).await?;
            done("It moves.")
        }
        PtzCommand::To { position } => {
            let node = node(device, chosen.ptz_node.as_ref()).await?;
            device.ask(&AbsoluteMove::new(profile, &node, vector(position)?)?).await?;
            done("It moves.")
        }
        PtzCommand::Step { step } => {
            let node = node(device, chosen.ptz_node.as_ref()).await?;
            device.ask(&RelativeMove::new(profile, &node, vector(step)?)?).await?;
            done("It moves.")
        }
        PtzCommand::Stop => {
            device.ask(&Stop { profile }).await?;
            done("It stands still.")
        }
        PtzCommand::Home => {
            device.ask(&GotoHomePosition { profile }).await?;
            done("It goes home.")
        }
        PtzCommand::Presets => presets(device, profile, json).await,
        PtzCommand::Goto { preset } => {
            device.ask(&GotoPreset { profile, preset }).await?;
            done("It moves.")
        }
        PtzCommand::Save { name, preset } => {
            let preset = device.ask(&SetPreset { profile, name, preset }).await?;
            tell(json, &json!({ "preset": preset }), preset.as_str())
        }
        PtzCommand::Forget { preset } => {
            device.ask(&RemovePreset { profile, preset }).await?;
            done("It is forgotten.")
        }
    }
}

/// Speeds and positions mean nothing without the limits of the node.
async fn node(device: &Device, wanted: Option<&Token>) -> Result<Node, Failure> {
    let nodes = device.ask(&GetNodes).await?;
    let found = nodes.into_iter().find(|node| wanted.is_none_or(|token| node.token == *token));
    found.ok_or_else(|| Failure::Refused {
        code: "not_supported".to_owned(),
        message: "That profile cannot be moved.".to_owned(),
    })
}

/// Pan without tilt is pan with a tilt of zero.
fn vector(arguments: VectorArguments) -> Result<Vector, Failure> {
    let VectorArguments { pan, tilt, zoom } = arguments;
    let pan_tilt = match (pan, tilt) {
        (None, None) => None,
        (pan, tilt) => Some((pan.unwrap_or(0.0), tilt.unwrap_or(0.0))),
    };
    if pan_tilt.is_none() && zoom.is_none() {
        return Err(Failure::Usage("Say where to: --pan X, --tilt Y or --zoom Z.".to_owned()));
    }
    Ok(Vector { pan_tilt, zoom })
}

async fn status(device: &Device, profile: Token, node: &Node, json: bool) -> Result<(), Failure> {
    let status = device.ask(&GetStatus { profile }).await?;
    if json {
        return Ok(output::json(&json!({ "status": status, "node": node }))?);
    }
    let number = |number: Option<f32>| {
        number.map_or_else(|| "unknown".to_owned(), |one| format!("{one:.3}"))
    };
    let position = status.position.unwrap_or_default();
    output::line(&format!("pan       {}", number(position.pan_tilt.map(|one| one.0))))?;
    output::line(&format!("tilt      {}", number(position.pan_tilt.map(|one| one.1))))?;
    output::line(&format!("zoom      {}", number(position.zoom)))?;
    let moves = match status.is_panning.or(status.is_zooming) {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unknown",
    };
    Ok(output::line(&format!("moving    {moves}"))?)
}

async fn presets(device: &Device, profile: Token, json: bool) -> Result<(), Failure> {
    let presets = device.ask(&GetPresets { profile }).await?;
    if json {
        return Ok(output::json(&json!({ "presets": presets }))?);
    }
    let rows: Vec<Vec<String>> =
        presets.into_iter().map(|one| vec![one.token.to_string(), one.name]).collect();
    Ok(output::table(&["TOKEN", "NAME"], &rows)?)
}
