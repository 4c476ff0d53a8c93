//! The command line, as clap reads it. Names and meanings are a contract with scripts.

pub(crate) mod alarm;
pub(crate) mod device;
pub(crate) mod device_rule;
pub(crate) mod direct;
mod kasa;
pub(crate) mod mcp;
pub(crate) mod measures;
mod netatmo;
pub(crate) mod notify;
mod people;
mod reply;
pub(crate) mod review;
pub(crate) mod search;

pub(crate) use kasa::{ClockSetting, KasaArguments, KasaCommand};
pub(crate) use netatmo::{
    NetatmoArguments, NetatmoCommand, SetTrueTemperatureArguments, StationsArguments,
};
pub(crate) use people::{
    EnrolArguments, EvalArguments, GroupCommand, PeopleCommand, VisitCommand, WatchArguments,
    WatchCommand,
};
pub(crate) use reply::ReplyCommand;
pub(crate) mod onvif;

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use hearth_auth::Action;
use hearth_model::{CameraName, EventKind, HoldId, IncidentId, Role, SessionId, WallTime};

/// A private security system for a home, in one program.
#[derive(Debug, Parser)]
#[command(name = "hearthwatch", version, propagate_version = true)]
pub(crate) struct Arguments {
    /// The hub's data folder
    #[arg(long, global = true, value_name = "DIR", env = "HEARTHWATCH_DATA")]
    pub(crate) data: Option<PathBuf>,
    /// Print JSON instead of text for people
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// What to do
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the hub
    Serve(ServeArguments),
    /// Add, list, watch over and remove cameras
    #[command(subcommand)]
    Camera(CameraCommand),
    /// Find, add, control and remove plugs, thermostats and the control side of cameras
    #[command(subcommand)]
    Device(device::DeviceCommand),
    /// What plugs use, and what that costs
    Energy(measures::EnergyArguments),
    /// How warm rooms are, and were where that is kept
    Climate(measures::ClimateArguments),
    /// Arm and disarm the house, and say what its alarm watches
    #[command(subcommand)]
    Alarm(alarm::AlarmCommand),
    /// What the house does by itself when something is so
    #[command(subcommand)]
    Rule(alarm::RuleCommand),
    /// The house's privacy switch: closes every camera
    #[command(subcommand)]
    Privacy(measures::PrivacyCommand),
    /// List what happened, oldest first
    Events(EventsArguments),
    /// Find what happened by words, newest first
    Search(search::SearchArguments),
    /// Ask about the house in a sentence
    Ask(search::AskArguments),
    /// Show what there is of one camera: footage, holes, activity
    Timeline(TimelineArguments),
    /// Save footage as an MP4 file
    Export(ExportArguments),
    /// Save one picture
    Snapshot(SnapshotArguments),
    /// Protect footage from retention
    #[command(subcommand)]
    Hold(HoldCommand),
    /// Add, change and remove accounts
    #[command(subcommand)]
    User(UserCommand),
    /// Make, list, rotate and revoke tokens for programs
    #[command(subcommand)]
    Token(TokenCommand),
    /// The code that makes the first account
    #[command(subcommand)]
    Claim(ClaimCommand),
    /// Show who did what, oldest first
    Audit(AuditArguments),
    /// Look into what was noticed, and settle it
    #[command(subcommand)]
    Incident(IncidentCommand),
    /// Serve an AI assistant on standard input and output (Model Context Protocol); it only looks
    /// unless told otherwise
    Mcp(mcp::McpArguments),
    /// Try who is told what, and see what became of it
    #[command(subcommand)]
    Notify(notify::NotifyCommand),
    /// Check index, files and records; exits with 1 if something is wrong
    Verify,
    /// Check what the house promises; exits with 1 if something fails
    Doctor,
    /// Renew, recover and change what opens the vault
    #[command(subcommand)]
    Key(KeyCommand),
    /// Save the whole house, sealed, while it goes on
    Backup(BackupArguments),
    /// Make a house out of a backup, in the new folder --data, or only check it
    Restore(RestoreArguments),
    /// Run a simulated house and print how to reach its cameras
    Simulate(SimulateArguments),
    /// Control a Tapo camera directly, without a hub
    Tapo(direct::TapoArguments),
    /// Control a Tapo or Kasa plug directly, without a hub
    Plug(direct::PlugArguments),
    /// Control a Kasa camera directly, without a hub
    Kasa(KasaArguments),
    /// Read and correct Netatmo rooms directly, without a hub
    Netatmo(NetatmoArguments),
    /// Find, ask and control ONVIF devices; needs no hub
    Onvif(Box<onvif::OnvifArguments>),
    /// Make people known who agreed to it, erase them, and measure how well faces are recognised
    #[command(subcommand)]
    People(PeopleCommand),
    /// See who came to the door
    #[command(subcommand)]
    Visit(VisitCommand),
    /// What the house says at a door, through the camera's loudspeaker
    #[command(subcommand)]
    Reply(ReplyCommand),
    /// Look at what the detector was unsure of, and take it along to learn from
    #[command(subcommand)]
    Review(review::ReviewCommand),
}

#[derive(Debug, Args)]
pub(crate) struct SimulateArguments {
    /// Photographs whose faces those have who come to the front door, in turn
    #[arg(long = "visitor", value_name = "FILE")]
    pub(crate) visitors: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ServeArguments {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8443")]
    pub(crate) listen: SocketAddr,
    /// PEM file with the certificate chain, instead of a self-signed certificate
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(crate) cert: Option<PathBuf>,
    /// PEM file with the certificate's private key
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(crate) key: Option<PathBuf>,
    /// File that holds the master key; made with the vault if it does not exist
    #[arg(long, value_name = "FILE", conflicts_with = "passphrase_env")]
    pub(crate) key_file: Option<PathBuf>,
    /// Environment variable that holds the passphrase of the vault
    #[arg(long, value_name = "VAR")]
    pub(crate) passphrase_env: Option<String>,
    /// Environment variable that holds the recovery key, when every other key is lost
    #[arg(long, value_name = "VAR", conflicts_with_all = ["key_file", "passphrase_env"])]
    pub(crate) recovery_key_env: Option<String>,
    /// Insist on one source of the vault's key
    #[arg(long, value_enum, default_value_t = KeySource::Auto,
        conflicts_with_all = ["key_file", "passphrase_env", "recovery_key_env"])]
    pub(crate) key_source: KeySource,
    /// Show everywhere that the cameras of this house are simulated
    #[arg(long)]
    pub(crate) simulated: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum KeySource {
    /// A credential if there is one, else the user's key file
    Auto,
    /// A credential of the service manager, and nothing else
    Credential,
    /// The TPM: through a credential that systemd-creds encrypted with it
    Tpm,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Show how the keys stand
    Status,
    /// Make a new master key; recording goes on
    Rotate {
        /// Also replace the key in the key file: copies of it, and of the data folder, from before
        /// open nothing any more
        #[arg(long)]
        renew_key_file: bool,
    },
    /// Make the recovery key and print it, once
    Recovery {
        /// Replace the one there is
        #[arg(long)]
        replace: bool,
    },
    /// Open the vault with a passphrase from now on
    SetPassphrase {
        /// Environment variable that holds the passphrase
        #[arg(long, value_name = "VAR")]
        passphrase_env: String,
    },
    /// Open the vault with a key file from now on; made if it does not exist
    SetKeyFile {
        /// Outside the data folder
        file: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct BackupArguments {
    /// File to write; it is there completely or not at all
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// Which footage and pictures
    #[arg(long, value_enum, default_value_t = Media::None)]
    pub(crate) media: Media,
    /// Footage from this time on (RFC 3339)
    #[arg(long, requires = "to", conflicts_with = "media")]
    pub(crate) from: Option<WallTime>,
    /// Footage until this time (RFC 3339)
    #[arg(long, requires = "from")]
    pub(crate) to: Option<WallTime>,
    /// Environment variable that holds a passphrase for the backup; the recovery key opens it too
    #[arg(long, value_name = "VAR")]
    pub(crate) passphrase_env: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Media {
    /// None: index, keys and settings
    None,
    /// What is protected from retention
    Held,
    /// All there is
    All,
}

#[derive(Debug, Args)]
pub(crate) struct RestoreArguments {
    /// The backup
    pub(crate) file: PathBuf,
    /// Environment variable that holds the backup's passphrase
    #[arg(long, value_name = "VAR", required_unless_present = "recovery_key_env")]
    pub(crate) passphrase_env: Option<String>,
    /// Environment variable that holds the recovery key
    #[arg(long, value_name = "VAR", conflicts_with = "passphrase_env")]
    pub(crate) recovery_key_env: Option<String>,
    /// Check all of it and write nothing
    #[arg(long)]
    pub(crate) verify: bool,
    /// File that holds the new house's key; made if it does not exist
    #[arg(long, value_name = "FILE", conflicts_with = "verify")]
    pub(crate) key_file: Option<PathBuf>,
    /// Environment variable that holds a passphrase for the new house, instead of a key file
    #[arg(long, value_name = "VAR", conflicts_with_all = ["verify", "key_file"])]
    pub(crate) new_passphrase_env: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CameraCommand {
    /// Add a camera; it must answer unless --force is given
    Add(CameraAddArguments),
    /// List the cameras
    List,
    /// Show how the cameras fare
    Status {
        /// Name or id; without it, all
        camera: Option<String>,
    },
    /// Let a camera look at a door: who comes there is a visit
    Door {
        /// Name or id
        camera: String,
        /// Compare faces with those of people who agreed to it
        #[arg(long, conflicts_with = "off")]
        faces: bool,
        /// It looks at no door any more
        #[arg(long)]
        off: bool,
    },
    /// Remove a camera and erase its footage for good
    Remove {
        /// Name or id
        camera: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct CameraAddArguments {
    /// What to call it
    #[arg(value_parser = camera_name)]
    pub(crate) name: CameraName,
    /// Where its stream comes from: rtsp://, rtsps://, http://, https://, file:// or v4l2://
    #[arg(long)]
    pub(crate) url: String,
    /// A smaller stream of the same picture for the eyes
    #[arg(long, value_name = "URL")]
    pub(crate) sub_url: Option<String>,
    /// User name on the camera
    #[arg(long, value_name = "U", requires = "password_env")]
    pub(crate) username: Option<String>,
    /// Environment variable that holds the password on the camera
    #[arg(long, value_name = "VAR", requires = "username")]
    pub(crate) password_env: Option<String>,
    /// When it records
    #[arg(long, value_enum, default_value_t = Record::Continuous)]
    pub(crate) record: Record,
    /// How its packets travel
    #[arg(long, value_enum, default_value_t = Travel::Tcp)]
    pub(crate) transport: Travel,
    /// Add it although it does not answer now
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Record {
    /// Always
    Continuous,
    /// Around activity
    Event,
    /// Never: live only
    Off,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Travel {
    /// Inside the RTSP connection
    Tcp,
    /// In datagrams
    Udp,
}

#[derive(Debug, Args)]
pub(crate) struct EventsArguments {
    /// Go on and print what happens until stopped
    #[arg(long)]
    pub(crate) follow: bool,
    /// Only these kinds, separated by commas
    #[arg(long, value_delimiter = ',', value_parser = event_kind)]
    pub(crate) kind: Vec<EventKind>,
    /// Only this camera
    #[arg(long)]
    pub(crate) camera: Option<String>,
    /// Only this label
    #[arg(long)]
    pub(crate) label: Option<String>,
    /// Not before this time (RFC 3339)
    #[arg(long)]
    pub(crate) from: Option<WallTime>,
    /// Before this time (RFC 3339)
    #[arg(long)]
    pub(crate) to: Option<WallTime>,
    /// The newest so many
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) limit: u32,
}

#[derive(Debug, Args)]
pub(crate) struct TimelineArguments {
    /// Name or id
    pub(crate) camera: String,
    /// From this time (RFC 3339); without it, a day before the end
    #[arg(long)]
    pub(crate) from: Option<WallTime>,
    /// Until this time (RFC 3339); without it, now
    #[arg(long)]
    pub(crate) to: Option<WallTime>,
}

#[derive(Debug, Args)]
pub(crate) struct ExportArguments {
    /// Name or id
    pub(crate) camera: String,
    /// From this time (RFC 3339)
    #[arg(long)]
    pub(crate) from: WallTime,
    /// Until this time (RFC 3339)
    #[arg(long)]
    pub(crate) to: WallTime,
    /// File to write; it is there completely or not at all
    #[arg(short, long, value_name = "FILE.mp4")]
    pub(crate) output: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct SnapshotArguments {
    /// Name or id
    pub(crate) camera: String,
    /// When (RFC 3339); without it, now
    #[arg(long)]
    pub(crate) at: Option<WallTime>,
    /// File to write; it is there completely or not at all
    #[arg(short, long, value_name = "FILE.jpg")]
    pub(crate) output: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct AuditArguments {
    /// Go on and print what is recorded until stopped
    #[arg(long, conflicts_with = "export")]
    pub(crate) follow: bool,
    /// Save all of it as lines of JSON; the file is there completely or not at all
    #[arg(long, value_name = "FILE")]
    pub(crate) export: Option<PathBuf>,
    /// Only this category: authentication, authorization, data_access, system, security
    #[arg(long)]
    pub(crate) category: Option<String>,
    /// Only by this party: id, name, or kind
    #[arg(long)]
    pub(crate) who: Option<String>,
    /// Only about this camera, by name or id
    #[arg(long)]
    pub(crate) camera: Option<String>,
    /// Not before this time (RFC 3339)
    #[arg(long)]
    pub(crate) from: Option<WallTime>,
    /// Before this time (RFC 3339)
    #[arg(long)]
    pub(crate) to: Option<WallTime>,
    /// The newest so many
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) limit: u32,
}

#[derive(Debug, Subcommand)]
pub(crate) enum IncidentCommand {
    /// List what was noticed, newest first
    List {
        /// Also what is resolved
        #[arg(long)]
        all: bool,
    },
    /// Show one with its timeline
    Show {
        /// Its id
        incident: IncidentId,
    },
    /// Say that you look into it: it is told no more
    Acknowledge {
        /// Its id
        incident: IncidentId,
    },
    /// Settle it
    Resolve {
        /// Its id
        incident: IncidentId,
        /// What it was
        #[arg(long, default_value = "")]
        text: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum HoldCommand {
    /// Protect footage
    Add(HoldAddArguments),
    /// List what is protected
    List,
    /// End a protection
    Remove {
        /// Its id
        hold: HoldId,
    },
}

#[derive(Debug, Args)]
pub(crate) struct HoldAddArguments {
    /// Name or id
    pub(crate) camera: String,
    /// From this time (RFC 3339)
    #[arg(long)]
    pub(crate) from: WallTime,
    /// Until this time (RFC 3339)
    #[arg(long)]
    pub(crate) to: WallTime,
    /// Why
    #[arg(long)]
    pub(crate) reason: String,
    /// When the protection itself ends (RFC 3339); without it, when it is removed
    #[arg(long)]
    pub(crate) until: Option<WallTime>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Add an account; without a password, one is made and printed, to be changed at sign-in
    Add {
        /// What it signs in with
        name: String,
        /// What it may do: admin, operator, viewer, guest or service
        #[arg(long, value_parser = role, default_value = "viewer")]
        role: Role,
        /// Environment variable that holds its password
        #[arg(long, value_name = "VAR")]
        password_env: Option<String>,
        /// When it ends by itself (RFC 3339); guests end after a week
        #[arg(long)]
        expires: Option<WallTime>,
    },
    /// List the accounts
    List,
    /// Remove an account
    Remove {
        /// Name or id
        user: String,
    },
    /// Disable an account and end its sign-ins
    Disable {
        /// Name or id
        user: String,
    },
    /// Let a disabled account sign in again
    Enable {
        /// Name or id
        user: String,
    },
    /// Give an account another role and end its sign-ins
    Role {
        /// Name or id
        user: String,
        /// admin, operator, viewer, guest or service
        #[arg(value_parser = role)]
        role: Role,
    },
    /// Say what an account may do with one camera, or with cameras that are not listed
    Grant(GrantArguments),
    /// List an account's sign-ins
    Sessions {
        /// Name or id
        user: String,
    },
    /// End an account's sign-ins, or one of them
    SignOut {
        /// Name or id
        user: String,
        /// Only this one
        #[arg(long)]
        session: Option<SessionId>,
    },
    /// Give an account another password and end its sign-ins
    ResetPassword {
        /// Name or id
        user: String,
        /// Environment variable that holds the password; without it, one is made and printed
        #[arg(long, value_name = "VAR")]
        password_env: Option<String>,
        /// Remove its authenticator app and passkeys too, because they are lost
        #[arg(long)]
        remove_second_factors: bool,
    },
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true))]
pub(crate) struct GrantArguments {
    /// Name or id
    pub(crate) user: String,
    /// The camera, by name or id
    #[arg(long, group = "what")]
    pub(crate) camera: Option<String>,
    /// Exactly what may be done with it, separated by commas: live, playback, export, control,
    /// configure, faces
    #[arg(long, value_delimiter = ',', value_parser = camera_action, requires = "camera")]
    pub(crate) allow: Vec<Action>,
    /// Leave the camera to the role again
    #[arg(long, requires = "camera", conflicts_with = "allow")]
    pub(crate) clear: bool,
    /// Whether cameras without a rule do not exist for this account
    #[arg(long, group = "what", value_name = "true|false")]
    pub(crate) only_listed: Option<bool>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a token and print it; it is not shown again
    Create(TokenCreateArguments),
    /// List the tokens
    List,
    /// Give a token another secret and print it; the old one ends
    Rotate {
        /// Name or id
        token: String,
    },
    /// Revoke a token
    Revoke {
        /// Name or id
        token: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct TokenCreateArguments {
    /// What to call it
    pub(crate) name: String,
    /// Whose it is: it never may more than this account
    #[arg(long)]
    pub(crate) user: String,
    /// What it may do, separated by commas, e.g. live,playback,list_cameras
    #[arg(long, required = true, value_delimiter = ',', value_parser = program_action)]
    pub(crate) allow: Vec<Action>,
    /// Only with this camera; may be given again
    #[arg(long)]
    pub(crate) camera: Vec<String>,
    /// Only from this network, e.g. 192.168.1.0/24; may be given again
    #[arg(long)]
    pub(crate) network: Vec<hearth_auth::Network>,
    /// When it ends (RFC 3339); without it, in 90 days
    #[arg(long)]
    pub(crate) expires: Option<WallTime>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ClaimCommand {
    /// Make a new code, because the one that was printed is no longer valid
    Renew,
}

fn role(text: &str) -> Result<Role, &'static str> {
    serde_json::from_value(text.into())
        .map_err(|_| "the roles are: admin, operator, viewer, guest, service")
}

fn action(text: &str, fits: fn(Action) -> bool) -> Result<Action, String> {
    let names = || {
        let names = Action::ALL.into_iter().filter(|action| fits(*action));
        let names: Vec<String> = names
            .filter_map(|action| Some(serde_json::to_value(action).ok()?.as_str()?.to_owned()))
            .collect();
        format!("the actions are: {}", names.join(", "))
    };
    let read: Option<Action> = serde_json::from_value(text.into()).ok();
    read.filter(|action| fits(*action)).ok_or_else(names)
}

fn camera_action(text: &str) -> Result<Action, String> {
    action(text, |action| Action::OF_CAMERAS.contains(&action))
}

fn program_action(text: &str) -> Result<Action, String> {
    action(text, Action::is_for_programs)
}

fn camera_name(text: &str) -> Result<CameraName, &'static str> {
    CameraName::new(text)
        .ok_or("a name is one line of 1 to 64 characters without control characters")
}

fn event_kind(text: &str) -> Result<EventKind, String> {
    EventKind::from_name(text).ok_or_else(|| {
        let names: Vec<&str> = EventKind::ALL.iter().map(|row| row.1).collect();
        format!("the kinds are: {}", names.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_data_folder_may_stand_before_or_behind_the_command() {
        for line in [
            &["hearthwatch", "--data", "d", "camera", "list", "--json"][..],
            &["hearthwatch", "camera", "list", "--data", "d", "--json"],
        ] {
            let arguments = Arguments::try_parse_from(line).expect("valid");
            assert_eq!(arguments.data, Some(PathBuf::from("d")));
            assert!(arguments.json);
        }
    }

    /// promise: T-09. The hub listens on the loopback address until told otherwise.
    #[test]
    fn the_hub_listens_on_the_loopback_address_by_default() {
        let arguments = Arguments::try_parse_from(["hearthwatch", "serve"]).expect("valid");
        let Command::Serve(serve) = arguments.command else { unreachable!("serve was asked for") };
        assert!(serve.listen.ip().is_loopback());
    }

    /// What stands between double quotes is one word; the documents use no other quoting.
    fn words(line: &str) -> Vec<String> {
        let mut words = vec![String::new()];
        let mut is_quoted = false;
        for c in line.chars() {
            match c {
                '"' => is_quoted = !is_quoted,
                ' ' if !is_quoted => words.push(String::new()),
                _ => words.last_mut().expect("never empty").push(c),
            }
        }
        words
    }

    /// promise: V-21. Whoever follows the documents in an emergency types commands that exist.
    #[test]
    fn every_command_in_the_documents_is_understood() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut seen = 0;
        for document in ["docs/incident-runbook.md", "packaging/README.md"] {
            let text = std::fs::read_to_string(root.join(document)).expect("there");
            // Blocks of commands stand between fences; the parts of a line between `-- ` and others.
            let blocks = text.split("```sh").skip(1).filter_map(|rest| rest.split("```").next());
            for line in blocks.flat_map(str::lines).filter(|line| line.starts_with("hearthwatch "))
            {
                seen += 1;
                if let Err(error) = Arguments::try_parse_from(words(line)) {
                    unreachable!("{document}: {line}: {error}");
                }
            }
        }
        assert!(seen >= 15, "the commands were found");
    }

    /// promise: N-01. There is no way to put a password on the command line.
    #[test]
    fn a_password_comes_by_environment_only() {
        let line = ["hearthwatch", "camera", "add", "x", "--url", "rtsp://h/", "--password", "p"];
        assert!(Arguments::try_parse_from(line).is_err());
    }
}
