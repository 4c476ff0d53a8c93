//! What `doctor` says about the listener: where it can be reached, by which TLS, with which
//! certificate, and what else this process listens on. promise: T-09, V-08, D-15, D-16, D-32.

use std::{
    fs,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::{Duration, SystemTime},
};

use hearth_hub::{Check, ClientCertificate, NetworkConfig, Outcome};
use hearth_model::AddressKind;

/// A certificate that ends sooner should have been renewed by whoever renews it.
const ENDS_SOON: Duration = Duration::from_secs(14 * 86_400);

/// What the listener was started with.
pub(crate) struct Facts {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// Whether clients must or may show a certificate; `None` asks for none.
    pub(crate) client_certificate: Option<ClientCertificate>,
    /// Some range of proxies holds addresses of strangers.
    pub(crate) trusts_strangers: bool,
    /// Other sites that may use the API.
    pub(crate) origins: usize,
}

impl Facts {
    pub(crate) fn of(address: SocketAddr, network: &NetworkConfig) -> Self {
        // Addresses that no house owns: whoever trusts these trusts everybody.
        let strangers: [IpAddr; 2] = [
            Ipv4Addr::new(8, 8, 8, 8).into(),
            Ipv6Addr::new(0x2001, 0x4860, 0x4860, 0, 0, 0, 0, 0x8888).into(),
        ];
        let trusts =
            |address: &IpAddr| network.trusted_proxies.iter().any(|range| range.contains(*address));
        Self {
            address,
            client_certificate: network.client_ca.as_ref().map(|_| network.client_certificate),
            trusts_strangers: strangers.iter().any(trusts),
            origins: network.origins.len(),
        }
    }
}

/// All checks of the listener. `validity` is that of its certificate, `is_claimed` whether the hub
/// has an account.
pub(crate) fn checks(
    facts: &Facts,
    is_claimed: bool,
    validity: Option<(SystemTime, SystemTime)>,
    now: SystemTime,
) -> Vec<Check> {
    vec![
        reachable(facts, is_claimed),
        believed(facts),
        tls(facts),
        certificate(validity, now),
        ports(facts.address),
    ]
}

fn check(
    id: &str,
    title: &str,
    promise: &'static str,
    outcome: Outcome,
    detail: impl Into<String>,
) -> Check {
    let id = format!("listener.{id}");
    Check { id, title: title.to_owned(), promise: Some(promise), outcome, detail: detail.into() }
}

fn reachable(facts: &Facts, is_claimed: bool) -> Check {
    let title = "Nobody reaches the hub who should not";
    let place = match AddressKind::of(facts.address.ip()) {
        AddressKind::Loopback => "from this machine only",
        AddressKind::Private => "from the private network",
        AddressKind::Unspecified => "from every network this machine is in",
        _ => "from the internet, if nothing stands in between",
    };
    let asks = match facts.client_certificate {
        Some(ClientCertificate::Required) => "with a client certificate",
        Some(ClientCertificate::Optional) => "with or without a client certificate",
        None => "without a client certificate",
    };
    let is_local = facts.address.ip().is_loopback();
    let detail = format!("{} can be reached {place}, {asks}", facts.address);
    if is_local || is_claimed {
        return check("address", title, "T-09", Outcome::Ok, detail);
    }
    let detail = format!("{detail}, and has no account yet: claim it, or listen on 127.0.0.1");
    check("address", title, "T-09", Outcome::Failed, detail)
}

fn believed(facts: &Facts) -> Check {
    let title = "Only proxies and sites of the house are believed";
    let (outcome, detail) = if facts.trusts_strangers {
        let detail = "`trusted_proxies` holds addresses of the internet: anybody may claim to be \
                      anybody; name the proxy's own address";
        (Outcome::Failed, detail.to_owned())
    } else {
        (Outcome::Ok, format!("{} other sites are allowed", facts.origins))
    };
    check("trust", title, "D-16", outcome, detail)
}

fn tls(facts: &Facts) -> Check {
    let detail = match facts.client_certificate {
        Some(_) => "TLS 1.2 and 1.3, clients' certificates are checked",
        None => "TLS 1.2 and 1.3",
    };
    check("tls", "The listener speaks current TLS only", "V-08", Outcome::Ok, detail)
}

fn certificate(validity: Option<(SystemTime, SystemTime)>, now: SystemTime) -> Check {
    let title = "The listener's certificate is valid";
    let days = |time: Duration| time.as_secs() / 86_400;
    let (outcome, detail) = match validity {
        None => (Outcome::Skipped, "its times could not be read".to_owned()),
        Some((begins, _)) if begins > now => {
            (Outcome::Failed, "it is not valid yet; check the machine's clock".to_owned())
        }
        Some((begins, ends)) => match ends.duration_since(now) {
            Err(_) => (Outcome::Failed, "it has ended; renew it".to_owned()),
            Ok(left) => {
                let age = days(now.duration_since(begins).unwrap_or_default());
                let detail = format!("{age} days old, {} days left", days(left));
                let outcome = if left < ENDS_SOON { Outcome::Failed } else { Outcome::Ok };
                (outcome, detail)
            }
        },
    };
    check("certificate", title, "D-12", outcome, detail)
}

/// What this process listens on, by the kernel's word.
fn ports(address: SocketAddr) -> Check {
    let title = "Nothing but the listener is open";
    match listening() {
        None => check("ports", title, "D-15", Outcome::Skipped, "the kernel does not say"),
        Some(ports) => {
            let good = ports.iter().all(|port| *port == address.port());
            let outcome = if good { Outcome::Ok } else { Outcome::Failed };
            let shown: Vec<String> = ports.iter().map(u16::to_string).collect();
            check("ports", title, "D-15", outcome, format!("TCP ports: {}", shown.join(", ")))
        }
    }
}

/// TCP ports on which sockets of this process listen.
fn listening() -> Option<Vec<u16>> {
    let own: Vec<String> = fs::read_dir("/proc/self/fd")
        .ok()?
        .filter_map(|entry| {
            let link = fs::read_link(entry.ok()?.path()).ok()?;
            Some(link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned())
        })
        .collect();
    let mut ports = Vec::new();
    let mut is_known = false;
    for table in ["/proc/self/net/tcp", "/proc/self/net/tcp6"] {
        // A kernel without IPv6 has no second table.
        let Ok(table) = fs::read_to_string(table) else { continue };
        is_known = true;
        ports.extend(table.lines().skip(1).filter_map(|line| listening_port(line, &own)));
    }
    ports.sort_unstable();
    ports.dedup();
    is_known.then_some(ports)
}

/// The port in a line of the kernel's table (proc(5), `/proc/net/tcp`), if one of our sockets listens
/// on it.
fn listening_port(line: &str, own: &[String]) -> Option<u16> {
    const LISTEN: &str = "0A";
    let fields: Vec<&str> = line.split_whitespace().collect();
    let (local, state, inode) = (fields.get(1)?, fields.get(3)?, fields.get(9)?);
    if *state != LISTEN || !own.iter().any(|one| one == inode) {
        return None;
    }
    u16::from_str_radix(local.rsplit(':').next()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(address: &str, proxies: &[&str]) -> Facts {
        let trusted_proxies = proxies.iter().map(|text| text.parse().expect("a range")).collect();
        let network = NetworkConfig { trusted_proxies, ..NetworkConfig::default() };
        Facts::of(address.parse().expect("an address"), &network)
    }

    /// promise: D-32. An address that others reach is a finding as long as nobody owns the hub.
    #[test]
    fn an_unclaimed_hub_in_the_network_is_a_finding() {
        let outcome = |address, claimed| reachable(&facts(address, &[]), claimed).outcome;
        assert_eq!(outcome("127.0.0.1:8443", false), Outcome::Ok);
        assert_eq!(outcome("[::1]:8443", false), Outcome::Ok);
        assert_eq!(outcome("0.0.0.0:8443", false), Outcome::Failed);
        assert_eq!(outcome("192.168.1.2:8443", false), Outcome::Failed);
        assert_eq!(outcome("192.168.1.2:8443", true), Outcome::Ok);
    }

    /// promise: D-16, D-32. Whoever trusts the internet as a proxy is told so.
    #[test]
    fn trusting_everybody_is_a_finding() {
        let outcome = |proxies: &[&str]| believed(&facts("127.0.0.1:1", proxies)).outcome;
        assert_eq!(outcome(&[]), Outcome::Ok);
        assert_eq!(outcome(&["10.0.0.0/8", "fd00::/8"]), Outcome::Ok);
        assert_eq!(outcome(&["0.0.0.0/0"]), Outcome::Failed);
        assert_eq!(outcome(&["10.0.0.0/8", "::/0"]), Outcome::Failed);
    }

    /// promise: D-32. A certificate that has ended, soon ends or has not begun is a finding.
    #[test]
    fn a_certificate_out_of_time_is_a_finding() {
        let day = Duration::from_secs(86_400);
        let now = SystemTime::UNIX_EPOCH + day * 20_000;
        let outcome = |begins, ends| certificate(Some((begins, ends)), now).outcome;
        assert_eq!(outcome(now - day, now + day * 90), Outcome::Ok);
        assert_eq!(outcome(now - day, now + day * 7), Outcome::Failed);
        assert_eq!(outcome(now - day * 9, now - day), Outcome::Failed);
        assert_eq!(outcome(now + day, now + day * 90), Outcome::Failed);
        assert_eq!(certificate(None, now).outcome, Outcome::Skipped);
    }

    #[test]
    fn the_kernels_table_is_read_by_its_columns() {
        let own = ["77".to_owned()];
        let line = "   0: 0100007F:20FB 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0        0 77 1";
        assert_eq!(listening_port(line, &own), Some(8443));
        assert_eq!(listening_port(&line.replace(" 0A ", " 01 "), &own), None);
        assert_eq!(listening_port(line, &[]), None);
        assert_eq!(listening_port("", &own), None);
    }
}
