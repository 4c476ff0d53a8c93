//! Certificates of an authority that issues them by itself, on the listener they are for.

use std::time::Duration;

use hearth_hub::{AcmeConfig, NetworkConfig};
use hearth_sim::Authority;
use tokio::time::{sleep, timeout};

use crate::house::House;

/// More than an order takes on a busy machine.
const ORDER_MAX: Duration = Duration::from_secs(60);
const LOOKED_EVERY: Duration = Duration::from_millis(50);

fn network(authority: &Authority) -> NetworkConfig {
    let described = authority.describe();
    let acme = AcmeConfig {
        directory: described.directory,
        names: vec!["hearth.test".to_owned()],
        contact: Some("mailto:anna@example.org".to_owned()),
        directory_certificate: Some(described.certificate_sha256.parse().expect("a fingerprint")),
    };
    NetworkConfig { acme: Some(acme), ..NetworkConfig::default() }
}

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let poll = async {
        while !holds().await {
            sleep(LOOKED_EVERY).await;
        }
    };
    timeout(ORDER_MAX, poll).await.expect(what);
}

/// promise: D-12, V-07, T-17. The authority finds its proof on the listener and issues; the listener
/// shows what was issued, also after a restart, and nothing of it lies in the clear.
#[tokio::test(flavor = "multi_thread")]
async fn the_authority_finds_its_proof_and_its_certificate_is_shown() {
    let authority = Authority::start().await.expect("an authority");
    let house = House::networked(network(&authority)).await;
    assert_eq!(house.tls().await.1, house.fingerprint, "its own until then");
    authority.look_at(house.server.address());
    until("another certificate", async || house.tls().await.1 != house.fingerprint).await;
    let issued = house.tls().await.1;
    let counts = authority.counts();
    assert_eq!((counts.accounts, counts.orders, counts.issued), (1, 1, 1));
    let kept = std::fs::read(house.data().join("acme.sealed")).expect("kept");
    for clear in ["PRIVATE", "BEGIN", "account", "hearth.test"] {
        assert!(!kept.windows(clear.len()).any(|window| window == clear.as_bytes()), "{clear}");
    }
    let house = house.restart_listener().await;
    until("the kept certificate", async || house.tls().await.1 == issued).await;
    assert_eq!(authority.counts(), counts, "nothing was ordered again");
}

/// promise: D-12. Who asks for a proof that nobody ordered sees none, and no page either.
#[tokio::test(flavor = "multi_thread")]
async fn a_proof_that_nobody_ordered_is_not_shown() {
    let authority = Authority::start().await.expect("an authority");
    let house = House::networked(network(&authority)).await;
    let elsewhere = House::start().await;
    // Where the authority looks, another hub answers, which knows of no order.
    authority.look_at(elsewhere.server.address());
    until("the authority looked", async || authority.counts().not_shown == 1).await;
    assert!(elsewhere.tls_by(&[b"acme-tls/1"]).await.is_err());
    assert_eq!(authority.counts().issued, 0);
    assert_eq!(house.tls().await.1, house.fingerprint, "its own goes on");
}
