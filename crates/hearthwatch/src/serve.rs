//! `serve`: the hub from its first file to its last.
//!
//! Order matters: the folder is private and locked before anything is read from it; the hub runs
//! before the listener opens; `ready` is said when both do. At the end the listener closes first,
//! so that no request meets a hub that is going away.

use std::{
    net::{IpAddr, SocketAddr},
    path::Path,
    sync::Arc,
};

use hearth_api::{
    AcmeSettings, CONTROL_SOCKET, Certificate, CertificateSource, Limits, Seal, Server,
    ServerConfig,
};
use hearth_hub::{HouseConfig, Hub, HubConfig, NetworkConfig};
use hearth_secret::{SecretBytes, SecretString};
use hearth_vault::{RecoveryKey, create_private_directory};

use crate::{
    EYES_WORKER, arguments::ServeArguments, environment, failure::Failure, key_source, lock::Lock,
    log, output, stop_signal::StopSignal,
};

/// Environment variable with the first administrator's password.
const ADMIN_PASSWORD: &str = "HEARTHWATCH_ADMIN_PASSWORD";

/// File of the self-signed certificate in the data folder, sealed.
const CERTIFICATE_FILE: &str = "certificate.sealed";

/// File name in the data directory of what an authority issued.
const ACME_FILE: &str = "acme.sealed";

/// Secrets from the environment, taken before any thread could read it.
pub(crate) struct Secrets {
    admin_password: Option<SecretString>,
    passphrase: Option<SecretString>,
    recovery: Option<RecoveryKey>,
}

impl Secrets {
    pub(crate) fn take(arguments: &ServeArguments) -> Result<Self, Failure> {
        let passphrase = arguments.passphrase_env.as_deref().map(environment::take_named);
        let recovery = arguments.recovery_key_env.as_deref().map(environment::take_named);
        let recovery = recovery.transpose()?.as_ref().map(key_source::recovery_key);
        Ok(Self {
            admin_password: environment::take(ADMIN_PASSWORD),
            passphrase: passphrase.transpose()?,
            recovery: recovery.transpose()?,
        })
    }
}

/// Runs the hub until SIGINT or SIGTERM.
pub(crate) async fn serve(
    data: &Path,
    arguments: ServeArguments,
    secrets: Secrets,
) -> Result<(), Failure> {
    let mut stop = StopSignal::catch()?;
    create_private_directory(data)
        .map_err(|source| Failure::File { path: data.to_owned(), source })?;
    let _lock = Lock::take(data)?;
    let settings = HouseConfig::read(data).map_err(|error| Failure::start(&error))?;
    let short_forms = log::start(settings.log.anonymise)?;
    let network = settings.network.clone();
    let hub = start_hub(data, &arguments, secrets, settings).await?;
    short_forms.learn(hub.pseudonyms());
    let serving = match start_server(data, &arguments, network, &hub).await {
        Ok(serving) => serving,
        Err(failure) => {
            hub.shutdown().await;
            return Err(failure);
        }
    };
    // From here on everything has to be closed again, whatever happens to the terminal.
    let announced = announce(&hub, &serving);
    if announced.is_ok() {
        stop.received().await;
    }
    tracing::info!("stopping");
    serving.server.shutdown().await;
    hub.shutdown().await;
    Ok(announced?)
}

async fn start_hub(
    data: &Path,
    arguments: &ServeArguments,
    secrets: Secrets,
    settings: HouseConfig,
) -> Result<Hub, Failure> {
    let Secrets { admin_password, passphrase, recovery } = secrets;
    let key_file = arguments.key_file.clone();
    let key = key_source::choose(key_file, passphrase, recovery, arguments.key_source)?;
    let program = std::env::current_exe().map_err(|error| Failure::start(&error))?;
    let config = HubConfig {
        data: data.to_owned(),
        key,
        admin_password,
        eyes_program: settings.eyes.enabled.then(|| (program, vec![EYES_WORKER.to_owned()])),
        settings,
        simulated: arguments.simulated,
        board: None,
        wall: None,
    };
    Hub::start(config).await.map_err(|error| Failure::start(&error))
}

struct Serving {
    server: Server,
    fingerprint: String,
}

async fn start_server(
    data: &Path,
    arguments: &ServeArguments,
    mut network: NetworkConfig,
    hub: &Hub,
) -> Result<Serving, Failure> {
    network.names.extend(host_name());
    let acme = network.acme.clone().map(|config| AcmeSettings {
        config,
        path: data.join(ACME_FILE),
        seal: Arc::new(HouseSeal(hub.clone())),
    });
    network.names.extend(acme.iter().flat_map(|acme| acme.config.names.clone()));
    let source = match (&arguments.cert, &arguments.key) {
        (Some(certificate), Some(key)) => {
            CertificateSource::Files { certificate: certificate.clone(), key: key.clone() }
        }
        _ => CertificateSource::SelfSigned {
            path: data.join(CERTIFICATE_FILE),
            names: certificate_names(&network.names, arguments.listen),
            seal: Arc::new(HouseSeal(hub.clone())),
        },
    };
    let now = hub.welcome().time;
    let certificate = tokio::task::spawn_blocking(move || Certificate::open(source, now))
        .await
        .map_err(|error| Failure::start(&error))?
        .map_err(|error| Failure::start(&error))?;
    let fingerprint = certificate.fingerprint();
    let config = ServerConfig {
        listen: arguments.listen,
        control: Some(data.join(CONTROL_SOCKET)),
        certificate,
        acme,
        network,
        limits: Limits::default(),
    };
    let server =
        Server::start(hub.clone(), config).await.map_err(|error| Failure::start(&error))?;
    Ok(Serving { server, fingerprint })
}

/// Names beside the loopback ones, and the address if it is one particular address.
fn certificate_names(names: &[String], listen: SocketAddr) -> Vec<String> {
    let address = listen.ip();
    let particular = !address.is_unspecified() && !address.is_loopback();
    let mut all = names.to_vec();
    all.extend(particular.then(|| address.to_string()));
    all
}

/// What the machine calls itself, if that can stand in a certificate.
fn host_name() -> Option<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
    let name = name.trim().to_ascii_lowercase();
    let fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    (!name.is_empty() && name != "localhost" && name.chars().all(fit)).then_some(name)
}

/// The lines that a person, or the script that started us, waits for.
fn announce(hub: &Hub, serving: &Serving) -> std::io::Result<()> {
    if let Some(code) = hub.claim_code() {
        output::line(&format!("claim code {}", code.expose()))?;
    }
    output::line(&format!("certificate SHA-256 {}", serving.fingerprint))?;
    output::line(&format!("ready https://{}", shown(serving.server.address())))
}

/// An address that can be opened on this machine: nobody can visit "any address".
fn shown(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(v4) if v4.is_unspecified() => IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
        IpAddr::V6(v6) if v6.is_unspecified() => IpAddr::V6(std::net::Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// Seals the certificate's key with the house's key.
struct HouseSeal(Hub);

impl Seal for HouseSeal {
    fn seal(&self, context: &[u8], plain: &[u8]) -> Option<Vec<u8>> {
        self.0.seal_house(context, plain).ok()
    }

    fn unseal(&self, context: &[u8], sealed: &[u8]) -> Option<SecretBytes> {
        self.0.unseal_house(context, sealed).ok()
    }
}
