//! Unpredictable numbers, for nonces and message names.

/// There is no randomness, so there is no proof and no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no random numbers")]
pub struct NoRandomness;

/// 16 bytes.
pub(crate) fn bytes() -> Result<[u8; 16], NoRandomness> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// A name that nobody used before: `urn:uuid:...`.
pub(crate) fn urn() -> Result<String, NoRandomness> {
    Ok(uuid::Builder::from_random_bytes(bytes()?).into_uuid().urn().to_string())
}
