//! What all answers of Netatmo have in common. promise: N-11.
//!
//! Pure. `{"status":"ok","time_server":..,"body":..}`, or `{"error":{"code":..,"message":..}}`.

use serde::{Deserialize, de::DeserializeOwned};

use crate::Error;

#[derive(Deserialize)]
struct Envelope<T> {
    body: T,
    #[serde(default)]
    time_server: Option<u64>,
}

/// Reads the body of an answer, and what Netatmo's clock showed (seconds since 1970).
pub(crate) fn body<T: DeserializeOwned>(
    bytes: &[u8],
    what: &'static str,
) -> Result<(T, Option<u64>), Error> {
    let read = serde_json::from_slice::<Envelope<T>>(bytes);
    read.map(|envelope| (envelope.body, envelope.time_server)).map_err(|_| Error::Malformed(what))
}

/// Whether a command was done.
pub(crate) fn done(bytes: &[u8]) -> Result<Option<u64>, Error> {
    #[derive(Deserialize)]
    struct Done {
        status: String,
        #[serde(default)]
        time_server: Option<u64>,
    }
    match serde_json::from_slice::<Done>(bytes) {
        Ok(Done { status, time_server }) if status == "ok" => Ok(time_server),
        Ok(_) => Err(Error::Vendor { status: 200, code: code(bytes) }),
        Err(_) => Err(Error::Malformed("it does not say whether it was done")),
    }
}

/// Netatmo's own code for what went wrong, if the answer holds one.
pub(crate) fn code(bytes: &[u8]) -> Option<i64> {
    let answer: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    answer.get("error")?.get("code")?.as_i64()
}
