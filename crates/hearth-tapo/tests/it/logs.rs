//! What is written into the log: device, command, duration, result, and nothing secret.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
};

use hearth_sim::tapo::{PlugLogin, TapoFault};
use hearth_tapo::{Switch, camera::privacy};
use tracing_subscriber::fmt::MakeWriter;

use super::{GENERATIONS, OWNER, PASSWORD, camera, client_of, plug, plug_client, plug_spec};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// promise: K-06. Every command leaves a record with device, command, duration and result.
/// promise: K-07. No record, at any level, holds a password, its hashes or a session's token.
#[tokio::test]
async fn records_name_the_command_and_never_a_secret() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    for generation in GENERATIONS {
        let camera = camera(generation).await;
        let client = client_of(&camera);
        client.call(&privacy::set(Switch::On)).await.expect("acknowledged");
        camera.strike(TapoFault::Refuse { code: -64303 }).expect("a fault");
        client.call(&privacy::set(Switch::On)).await.expect_err("busy");
    }
    for login in [PlugLogin::KlapV2, PlugLogin::PassThroughSha1] {
        let plug = plug(login).await;
        plug_client(plug_spec(&plug, login)).switch(Switch::Off).await.expect("acknowledged");
    }
    let log = log.0.lock().unwrap_or_else(PoisonError::into_inner);
    let log = String::from_utf8_lossy(&log);
    for wanted in [
        "camera command done",
        "setLensMaskConfig",
        "device=\"yard\"",
        "duration_ms=",
        "camera command failed",
        "the motor is busy (-64303)",
        "plug command done",
    ] {
        assert!(log.contains(wanted), "{wanted}");
    }
    // MD5 and SHA-256 of the password as the protocols write them, and what paths and headers carry.
    let md5 = "3CB4E732631F47E6EB961F34554B7CDE";
    let sha256 = "4104D36F8DA2C254349F85836793EBE029E0C957063A34C91C2E9203187B5631";
    for secret in [PASSWORD, OWNER, md5, sha256, "stok=", "TP_SESSIONID", "digest_passwd"] {
        let found = log.to_lowercase().contains(&secret.to_lowercase());
        assert!(!found, "{secret}");
    }
}
