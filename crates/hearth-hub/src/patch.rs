//! Tells `null` from a field that is not there, in requests that change some parts of a thing.

/// For fields of the type `Option<Option<T>>` with a default: `null` takes away, absent stays.
pub(crate) fn given<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: serde::Deserialize<'de>,
{
    serde::Deserialize::deserialize(deserializer).map(Some)
}
