//! `restore`: a new house out of a backup, or only the check of one. Needs no hub.

use std::{
    fs::File,
    io::{BufReader, IsTerminal},
    path::PathBuf,
};

use hearth_hub::{BackupReport, RestoreConfig, RestoreError, restore_backup, verify_backup};
use hearth_secret::SecretString;
use hearth_vault::{BackupKey, MasterKeySource};
use indicatif::ProgressBar;

use super::tell;
use crate::{
    arguments::RestoreArguments, environment, failure::Failure, key_source, output::bytes,
};

/// Bytes read from the file at once.
const READ_BYTES: usize = 256 * 1024;

/// Secrets from the environment, taken before any thread could read it.
pub(crate) struct Secrets {
    backup: BackupKey,
    new_passphrase: Option<SecretString>,
}

impl Secrets {
    pub(crate) fn take(arguments: &RestoreArguments) -> Result<Self, Failure> {
        let named =
            |name: &Option<String>| name.as_deref().map(environment::take_named).transpose();
        let backup = match (named(&arguments.passphrase_env)?, named(&arguments.recovery_key_env)?)
        {
            (Some(passphrase), _) => BackupKey::Passphrase(passphrase),
            (None, Some(text)) => BackupKey::Recovery(key_source::recovery_key(&text)?),
            (None, None) => {
                let message = "Name what opens the backup: --passphrase-env or --recovery-key-env.";
                return Err(Failure::Usage(message.to_owned()));
            }
        };
        Ok(Self { backup, new_passphrase: named(&arguments.new_passphrase_env)? })
    }
}

/// `data` is `None` for a check only.
pub(crate) async fn run(
    data: Option<PathBuf>,
    arguments: RestoreArguments,
    secrets: Secrets,
    json: bool,
) -> Result<(), Failure> {
    let path = arguments.file;
    let failed = |source| Failure::Unreadable { path: path.clone(), source };
    let file = File::open(&path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    let bar = if json || !std::io::stderr().is_terminal() {
        ProgressBar::hidden()
    } else {
        super::export::byte_bar(length)
    };
    let input = bar.wrap_read(BufReader::with_capacity(READ_BYTES, file));
    let Secrets { backup, new_passphrase } = secrets;
    let Some(data) = data else {
        let checked = tokio::task::spawn_blocking(move || verify_backup(input, &backup)).await;
        let report = checked.map_err(|error| Failure::start(&error))?.map_err(failure)?;
        bar.finish_and_clear();
        return tell(json, &report, &format!("The backup is whole: {}.", words(&report)));
    };
    let key = new_passphrase
        .map(MasterKeySource::Passphrase)
        .or_else(|| arguments.key_file.map(MasterKeySource::KeyFile));
    let config = RestoreConfig { data: data.clone(), key };
    let report = restore_backup(input, backup, config).await.map_err(failure)?;
    bar.finish_and_clear();
    let start = format!("Start it with: hearthwatch serve --data {}", data.display());
    tell(json, &report, &format!("Restored {}. {start}", words(&report)))
}

fn failure(error: RestoreError) -> Failure {
    Failure::start(&error)
}

fn words(report: &BackupReport) -> String {
    format!(
        "the house of {}, {} in {} files, {} of them footage",
        crate::output::time(report.made_at),
        bytes(report.bytes),
        report.entries,
        report.segments
    )
}
