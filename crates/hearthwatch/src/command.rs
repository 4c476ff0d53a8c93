//! The commands, one file each, and how they are started.

mod alarm;
mod audit;
mod backup;
mod camera;
mod claim;
mod device;
mod device_rule;
mod direct;
mod doctor;
mod events;
mod export;
mod hold;
mod incident;
mod kasa;
mod key;
mod mcp;
mod measures;
mod netatmo;
mod notify;
mod onvif;
mod people;
mod privacy;
mod reply;
mod restore;
mod review;
mod rule;
mod search;
mod simulate;
mod snapshot;
mod timeline;
mod token;
mod user;
mod verify;
mod visit;

use std::{
    future::Future,
    path::{Path, PathBuf},
    time::Duration,
};

use hearth_model::{CameraId, CameraStatus};
use serde_json::Value;
use tokio::runtime::Builder;

use self::alarm::PinsGiven;
use crate::{
    arguments::{
        Arguments, CameraCommand, Command, KeyCommand, PeopleCommand, UserCommand,
        alarm::AlarmCommand, device::DeviceCommand,
    },
    client::Client,
    environment,
    failure::Failure,
    output,
    serve::{self, Secrets},
    stop_signal::StopSignal,
};

/// How long work that nobody waits for any more (a picture being encoded) may delay the end.
const LEFTOVERS_MAX: Duration = Duration::from_secs(1);

/// Runs one command to its end.
pub(crate) fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { data, json, command } = arguments;
    match command {
        Command::Serve(arguments) => {
            environment::forget_decoder_knobs();
            let secrets = Secrets::take(&arguments)?;
            let data = required(data)?;
            run_to_end(Builder::new_multi_thread(), serve::serve(&data, arguments, secrets))
        }
        Command::Restore(arguments) => {
            let secrets = restore::Secrets::take(&arguments)?;
            let data = if arguments.verify { None } else { Some(required(data)?) };
            let work = restore::run(data, arguments, secrets, json);
            run_to_end(Builder::new_multi_thread(), interruptible(work))
        }
        Command::Simulate(arguments) => {
            run_to_end(Builder::new_multi_thread(), simulate::run(arguments, json))
        }
        Command::Kasa(arguments) => {
            let password = arguments.password_env.as_deref().map(environment::take_named);
            let work = kasa::run(arguments, password.transpose()?, json);
            run_to_end(Builder::new_current_thread(), interruptible(work))
        }
        Command::Tapo(arguments) => {
            let password = arguments.reach.password_env.as_deref().map(environment::take_named);
            let work = direct::tapo(arguments, password.transpose()?, json);
            run_to_end(Builder::new_current_thread(), interruptible(work))
        }
        Command::Plug(arguments) => {
            let password = arguments.reach.password_env.as_deref().map(environment::take_named);
            let work = direct::plug(arguments, password.transpose()?, json);
            run_to_end(Builder::new_current_thread(), interruptible(work))
        }
        Command::Netatmo(arguments) => {
            let secrets = netatmo::Secrets::take(&arguments);
            let work = netatmo::run(arguments, secrets, json);
            run_to_end(Builder::new_current_thread(), interruptible(work))
        }
        Command::Onvif(arguments) => {
            let variable = arguments.reach.password_env.as_deref();
            let password = variable.map(environment::take_named).transpose()?;
            let work = onvif::run(*arguments, password, json);
            run_to_end(Builder::new_current_thread(), interruptible(work))
        }
        Command::Mcp(arguments) => {
            let token = arguments.token_env.as_deref().map(environment::take_named);
            let way = mcp::Way::of(&arguments, data, token.transpose()?)?;
            let work = mcp::run(way, arguments.allow_changes);
            run_to_end(Builder::new_current_thread(), interruptible(work))
        }
        Command::People(PeopleCommand::Eval(arguments)) => people::eval(&arguments, json),
        command => {
            let password = match &command {
                Command::Camera(CameraCommand::Add(add)) => add.password_env.as_deref(),
                Command::User(
                    UserCommand::Add { password_env, .. }
                    | UserCommand::ResetPassword { password_env, .. },
                ) => password_env.as_deref(),
                Command::Device(DeviceCommand::Add(add)) => add.password_env.as_deref(),
                Command::Device(DeviceCommand::Credentials { password_env, .. }) => {
                    Some(password_env.as_str())
                }
                Command::Backup(arguments) => arguments.passphrase_env.as_deref(),
                Command::Key(KeyCommand::SetPassphrase { passphrase_env }) => {
                    Some(passphrase_env.as_str())
                }
                _ => None,
            };
            let password = password.map(environment::take_named).transpose()?;
            let pins = pins_given(&command)?;
            let data = required(data)?;
            let client = Client::new(&data);
            let work = async move {
                match command {
                    Command::Camera(command) => camera::run(&client, command, password, json).await,
                    Command::Device(command) => device::run(&client, command, password, json).await,
                    Command::Energy(arguments) => measures::energy(&client, arguments, json).await,
                    Command::Climate(arguments) => {
                        measures::climate(&client, arguments, json).await
                    }
                    Command::Alarm(command) => alarm::run(&client, command, pins, json).await,
                    Command::Rule(command) => rule::run(&client, command, json).await,
                    Command::Privacy(command) => privacy::run(&client, command, json).await,
                    Command::Events(arguments) => events::run(&client, arguments, json).await,
                    Command::Search(arguments) => search::search(&client, arguments, json).await,
                    Command::Ask(arguments) => search::ask(&client, arguments, json).await,
                    Command::Timeline(arguments) => timeline::run(&client, arguments, json).await,
                    Command::Export(arguments) => export::run(&client, arguments, json).await,
                    Command::Snapshot(arguments) => snapshot::run(&client, arguments, json).await,
                    Command::Hold(command) => hold::run(&client, command, json).await,
                    Command::User(command) => user::run(&client, command, password, json).await,
                    Command::Token(command) => token::run(&client, command, json).await,
                    Command::Claim(command) => claim::run(&client, &command, json).await,
                    Command::Audit(arguments) => audit::run(&client, arguments, json).await,
                    Command::Incident(command) => incident::run(&client, command, json).await,
                    Command::People(command) => people::run(&client, command, json).await,
                    Command::Visit(command) => visit::run(&client, command, json).await,
                    Command::Reply(command) => reply::run(&client, command, json).await,
                    Command::Review(command) => review::run(&client, command, json).await,
                    Command::Notify(command) => notify::run(&client, command, json).await,
                    Command::Verify => verify::run(&client, json).await,
                    Command::Doctor => doctor::run(&client, json).await,
                    Command::Key(command) => key::run(&client, command, password, json).await,
                    Command::Backup(arguments) => {
                        backup::run(&client, &data, arguments, password, json).await
                    }
                    // Run above; they need no client.
                    Command::Serve(_)
                    | Command::Simulate(_)
                    | Command::Restore(_)
                    | Command::Tapo(_)
                    | Command::Plug(_)
                    | Command::Kasa(_)
                    | Command::Netatmo(_)
                    | Command::Mcp(_)
                    | Command::Onvif(_) => Ok(()),
                }
            };
            run_to_end(Builder::new_current_thread(), interruptible(work))
        }
    }
}

pub(crate) fn required(data: Option<PathBuf>) -> Result<PathBuf, Failure> {
    data.ok_or_else(|| {
        Failure::Usage(
            "Say which house: --data DIR, or the environment variable HEARTHWATCH_DATA.".to_owned(),
        )
    })
}

fn run_to_end(
    mut builder: Builder,
    work: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    let runtime = builder.enable_all().build().map_err(|error| Failure::start(&error))?;
    let result = runtime.block_on(work);
    runtime.shutdown_timeout(LEFTOVERS_MAX);
    result
}

/// Ends a command at SIGINT or SIGTERM by dropping it, so that half-written files are removed.
async fn interruptible(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let mut stop = StopSignal::catch()?;
    tokio::select! {
        result = work => result,
        () = stop.received() => Err(Failure::Broken("stopped")),
    }
}

/// All cameras.
#[derive(serde::Serialize, serde::Deserialize)]
struct CameraList {
    cameras: Vec<CameraStatus>,
}

/// The camera of that name or id.
async fn find_camera(client: &Client, named: &str) -> Result<CameraStatus, Failure> {
    let list: CameraList = client.get("/api/v1/cameras").await?;
    let is_it =
        |camera: &&CameraStatus| camera.name.as_str() == named || camera.id.to_string() == named;
    list.cameras.iter().find(is_it).cloned().ok_or_else(|| Failure::Refused {
        code: "no_such_camera".to_owned(),
        message: format!("There is no camera called {named:?}. See: hearthwatch camera list"),
    })
}

fn path_of(camera: CameraId, rest: &str) -> String {
    format!("/api/v1/cameras/{camera}{rest}")
}

/// Shows an answer of a device: as JSON, or line by line.
fn show(json: bool, answer: &Value) -> Result<(), Failure> {
    if json {
        output::json(answer)?
    } else {
        output::value(answer)?
    }
    Ok(())
}

/// Says what was done: as JSON, or in words.
/// The PINs that a command names by environment variables.
fn pins_given(command: &Command) -> Result<PinsGiven, Failure> {
    let (pin, duress_pin) = match command {
        Command::Alarm(AlarmCommand::Disarm { pin_env, .. }) => (pin_env.as_deref(), None),
        Command::Alarm(AlarmCommand::SetPin { pin_env, duress_pin_env, .. }) => {
            (Some(pin_env.as_str()), duress_pin_env.as_deref())
        }
        _ => (None, None),
    };
    let take = |name: Option<&str>| name.map(environment::take_named).transpose();
    Ok(PinsGiven { pin: take(pin)?, duress_pin: take(duress_pin)? })
}

/// What a person wrote into a file as JSON.
fn read_json_file(path: &Path) -> Result<Value, Failure> {
    let unreadable = |source| Failure::Unreadable { path: path.to_owned(), source };
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let wrong = |error| Failure::Usage(format!("{} is not JSON: {error}", path.display()));
    serde_json::from_slice(&bytes).map_err(wrong)
}

fn tell(json: bool, value: &impl serde::Serialize, words: &str) -> Result<(), Failure> {
    if json {
        output::json(value)?
    } else {
        output::line(words)?
    }
    Ok(())
}
