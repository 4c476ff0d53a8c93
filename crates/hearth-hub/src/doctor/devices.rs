//! Devices: whether they answer, are who they were, and have passwords that are theirs alone.
//!
//! Passwords are opened and compared in here; what leaves is names of devices (promise K-05).

use std::sync::Arc;

use hearth_device::{Account, DeviceError, DeviceState, Family, Weakness};
use hearth_secret::SecretString;

use super::{Check, Outcome, check, verdict};
use crate::{devices::KeptDevice, house::House};

/// Accounts that makers give to every camera, from their manuals.
const FACTORY_ACCOUNTS: [(&str, &str); 18] = [
    ("666666", "666666"),
    ("888888", "888888"),
    ("Admin", "1234"),
    ("admin", ""),
    ("admin", "1111"),
    ("admin", "1234"),
    ("admin", "12345"),
    ("admin", "123456"),
    ("admin", "4321"),
    ("admin", "9999"),
    ("admin", "admin"),
    ("admin", "meinsm"),
    ("admin", "password"),
    ("root", ""),
    ("root", "camera"),
    ("root", "pass"),
    ("root", "root"),
    ("service", "service"),
];

/// Whose password it is.
struct Holder {
    /// What it is called.
    name: String,
    /// Devices of one account with their maker all have that account's password, and cannot have another.
    is_shared_by_design: bool,
    /// The camera of the hub that it belongs to: stream and control of one camera share an account.
    camera: Option<hearth_model::CameraId>,
    username: String,
    password: SecretString,
}

impl Holder {
    fn is_factory(&self) -> bool {
        is_factory_account(&self.username, self.password.expose())
    }

    /// Whether another thing has the same password, where each could have its own.
    fn shares_with(&self, other: &Self) -> bool {
        let is_one_camera = self.camera.is_some() && self.camera == other.camera;
        let is_one_account = self.is_shared_by_design && other.is_shared_by_design;
        !is_one_camera && !is_one_account && self.password.expose() == other.password.expose()
    }
}

fn is_factory_account(username: &str, password: &str) -> bool {
    FACTORY_ACCOUNTS.contains(&(username, password))
}

/// What there is to say of all devices.
pub(super) async fn devices(house: &House) -> Vec<Check> {
    let kept = house.devices.all();
    let mut accounts: Vec<Option<Account>> = Vec::new();
    for device in &kept {
        accounts.push(device.account(house).await);
    }
    let holders = holders(house, &kept, accounts).await;
    let mut checks = Vec::new();
    for device in &kept {
        checks.push(answers(device));
        checks.push(certificate(device));
        checks.push(login(device));
    }
    checks.extend(own_passwords(&holders));
    checks
}

/// Everything that has a password, with the id under which it is told.
async fn holders(
    house: &House,
    kept: &[Arc<KeptDevice>],
    accounts: Vec<Option<Account>>,
) -> Vec<(String, Holder)> {
    let of_devices = kept.iter().zip(accounts).filter_map(|(device, account)| {
        let Account { username, password } = account?;
        let settings = device.settings();
        let is_cloud = settings.family.is_remote()
            || matches!(settings.family, Family::TapoPlug | Family::KasaPlug)
            || (settings.family == Family::KasaCamera && username.contains('@'));
        let holder = Holder {
            name: device.name(),
            is_shared_by_design: is_cloud,
            camera: settings.camera,
            username,
            password,
        };
        Some((format!("device.{}.own_password", device.id()), holder))
    });
    let mut all: Vec<(String, Holder)> = of_devices.collect();
    for stored in house.store.cameras().await.unwrap_or_default() {
        let opened = stored.credentials.as_deref();
        let Some(credentials) = opened.and_then(|sealed| house.open_credentials(stored.id, sealed))
        else {
            continue;
        };
        let holder = Holder {
            name: stored.settings.name.to_string(),
            is_shared_by_design: false,
            camera: Some(stored.id),
            username: credentials.username,
            password: credentials.password,
        };
        all.push((format!("camera.{}.own_password", stored.id), holder));
    }
    all
}

fn own_passwords(holders: &[(String, Holder)]) -> Vec<Check> {
    let row = |(id, holder): &(String, Holder)| {
        let title = format!("{} has a password of its own", holder.name);
        let others: Vec<&str> = holders
            .iter()
            .filter(|(other, them)| other != id && holder.shares_with(them))
            .map(|(_, them)| them.name.as_str())
            .collect();
        let (outcome, detail) = if holder.is_factory() {
            let text = "it has the password that its maker gives to all: change it on the device, \
                        then enter the new one here";
            (Outcome::Failed, text.to_owned())
        } else if others.is_empty() {
            (Outcome::Ok, "no other device here has it".to_owned())
        } else {
            let others = others.join(", ");
            let text = format!(
                "{others} has the same: whoever learns one opens the other; give each its own on \
                 the device, then enter it here"
            );
            (Outcome::Failed, text)
        };
        check(id.clone(), title, Some("K-04"), outcome, detail)
    };
    holders.iter().map(row).collect()
}

fn answers(device: &KeptDevice) -> Check {
    let standing = device.supervised().standing();
    let title = format!("{} answers", device.name());
    let id = format!("device.{}.answers", device.id());
    match standing.state {
        DeviceState::Answering => check(id, title, Some("T-10"), Outcome::Ok, "it does"),
        DeviceState::NotAskedYet => {
            check(id, title, Some("T-10"), Outcome::Skipped, "it was not asked yet")
        }
        _ => {
            let reason = standing.reason().unwrap_or_default();
            let detail = format!("not since {}: {reason}", standing.since);
            check(id, title, Some("T-10"), Outcome::Failed, detail)
        }
    }
}

fn certificate(device: &KeptDevice) -> Check {
    let standing = device.supervised().standing();
    let title = format!("{} is the device it was", device.name());
    let id = format!("device.{}.certificate", device.id());
    let (outcome, detail) = match (&standing.failure, standing.memory.certificate) {
        (Some(DeviceError::CertificateChanged { shown, .. }), _) => (
            Outcome::Failed,
            format!(
                "it shows another certificate; compare it on the device, and if it is right: \
                 hearthwatch device trust {} --fingerprint {shown}",
                device.id()
            ),
        ),
        (Some(DeviceError::Downgrade), _) => (
            Outcome::Failed,
            "it offers less protection than before; if nobody reset it, somebody else answers in \
             its place"
                .to_owned(),
        ),
        (_, Some(pinned)) => (Outcome::Ok, format!("pinned to sha256:{pinned}")),
        (_, None) => (Outcome::Skipped, "it shows no certificate that could be pinned".to_owned()),
    };
    check(id, title, Some("K-01"), outcome, detail)
}

fn login(device: &KeptDevice) -> Check {
    let title = format!("{} is controlled safely", device.name());
    let id = format!("device.{}.login", device.id());
    let Some(look) = device.supervised().standing().look else {
        return check(id, title, Some("T-07"), Outcome::Skipped, "it has not answered yet");
    };
    let Some(weakness) = look.protection.weakness else {
        return check(id, title, Some("T-07"), verdict(!look.protection.is_insecure), "it is");
    };
    // What a device cannot do better is not the house's fault, but a person should know.
    let outcome = match weakness {
        Weakness::DefaultPassword => Outcome::Failed,
        _ => Outcome::Skipped,
    };
    check(id, title, Some("T-07"), outcome, words(weakness))
}

/// What is weak, and what to do.
fn words(weakness: Weakness) -> &'static str {
    match weakness {
        Weakness::PlainHttp => {
            "commands travel in the clear: switch HTTPS on in its settings, or keep it in a network \
             of its own"
        }
        Weakness::Xor => {
            "whoever reaches it commands it: update its firmware, or keep it in a network of its own"
        }
        Weakness::DefaultPassword => {
            "its password is the same in every such device: set one of its own if it can have one, \
             or keep it in a network of its own"
        }
        Weakness::LegacyMd5 => "its login uses MD5: update its firmware",
        Weakness::WeakEncryption => {
            "its login can be broken by somebody in the same network: update its firmware"
        }
        Weakness::ReusablePassword => {
            "it takes the password itself with every request, inside TLS: give it one that nothing \
             else has"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder(name: &str, password: &str) -> Holder {
        Holder {
            name: name.to_owned(),
            is_shared_by_design: false,
            camera: None,
            username: "me".to_owned(),
            password: password.into(),
        }
    }

    fn outcomes(holders: Vec<Holder>) -> Vec<Outcome> {
        let named = holders.into_iter().map(|holder| (holder.name.clone(), holder));
        let checks = own_passwords(&named.collect::<Vec<_>>());
        checks.iter().map(|check| check.outcome).collect()
    }

    /// promise: K-04. A password that two devices have is found, whatever they are called.
    #[test]
    fn the_same_password_twice_is_found() {
        use Outcome::{Failed, Ok};
        let three = vec![holder("A", "one"), holder("B", "two"), holder("C", "one")];
        assert_eq!(outcomes(three), [Failed, Ok, Failed]);
    }

    #[test]
    fn what_cannot_differ_is_no_fault() {
        let camera = Some(hearth_model::CameraId::new());
        let cloud = |name| Holder { is_shared_by_design: true, ..holder(name, "one") };
        let side = |name| Holder { camera, ..holder(name, "two") };
        let all = vec![cloud("Plug"), cloud("Lamp"), side("Stream"), side("Control")];
        assert_eq!(outcomes(all), [Outcome::Ok; 4]);
        // Something else that has the password of the account could have another.
        let mixed = vec![cloud("Plug"), holder("Camera", "one")];
        assert_eq!(outcomes(mixed), [Outcome::Failed; 2]);
    }

    /// promise: K-04, K-05. A factory password is found, and no password is in what is said.
    #[test]
    fn a_factory_password_is_found_and_never_shown() {
        let mut yard = holder("Yard", "meinsm");
        yard.username = "admin".to_owned();
        let checks = own_passwords(&[("yard".to_owned(), yard)]);
        assert_eq!(checks[0].outcome, Outcome::Failed);
        assert!(!format!("{checks:?}").contains("meinsm"));
        assert!(!is_factory_account("admin", "Pl4nted"));
    }
}
