//! Reading columns: what is stored in a way we never write is damage, not a panic.

use hearth_auth::TokenHash;
use hearth_model::{
    CameraId, ConversationId, DeviceId, DeviceRuleId, EventId, FamilyId, GroupId, HoldId, Label,
    NotificationId, PasskeyId, PersonId, RecipientId, ReplyId, ReviewId, RuleId, SampleId,
    SavedSearchId, SegmentId, SessionId, TokenId, UserId, VisitId, WallTime, WatchedId,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::StoreError;

/// A value that a column can hold, and how it is read from there.
pub(crate) trait Column: Sized {
    fn read(row: &AnyRow, name: &str) -> Result<Self, StoreError>;
}

/// Reads one column.
pub(crate) fn get<T: Column>(row: &AnyRow, name: &str) -> Result<T, StoreError> {
    T::read(row, name)
}

macro_rules! plain {
    ($($type:ty),*) => {$(
        impl Column for $type {
            fn read(row: &AnyRow, name: &str) -> Result<Self, StoreError> {
                Ok(row.try_get(name)?)
            }
        }
    )*};
}

plain!(i64, f64, String, Vec<u8>, Option<i64>, Option<f64>, Option<String>, Option<Vec<u8>>);

macro_rules! ids {
    ($($type:ty),*) => {$(
        impl Column for $type {
            fn read(row: &AnyRow, name: &str) -> Result<Self, StoreError> {
                Option::<Self>::read(row, name)?.ok_or_else(|| StoreError::corrupt("an id is missing"))
            }
        }

        impl Column for Option<$type> {
            fn read(row: &AnyRow, name: &str) -> Result<Self, StoreError> {
                let bytes: Option<Vec<u8>> = row.try_get(name)?;
                let id = |bytes: Vec<u8>| {
                    let bytes = bytes.try_into().map_err(|_| StoreError::corrupt("an id is cut"))?;
                    Ok(<$type>::from_bytes(bytes))
                };
                bytes.map(id).transpose()
            }
        }
    )*};
}

ids!(
    CameraId,
    ConversationId,
    DeviceId,
    DeviceRuleId,
    EventId,
    FamilyId,
    GroupId,
    HoldId,
    NotificationId,
    PasskeyId,
    PersonId,
    RecipientId,
    ReplyId,
    ReviewId,
    RuleId,
    SampleId,
    SavedSearchId,
    SegmentId,
    SessionId,
    TokenId,
    UserId,
    VisitId,
    WatchedId
);

impl Column for TokenHash {
    fn read(row: &AnyRow, name: &str) -> Result<Self, StoreError> {
        let bytes: Vec<u8> = get(row, name)?;
        let bytes = bytes.try_into().map_err(|_| StoreError::corrupt("a hash is cut"))?;
        Ok(Self::from_bytes(bytes))
    }
}

impl Column for WallTime {
    fn read(row: &AnyRow, name: &str) -> Result<Self, StoreError> {
        Ok(Self::from_micros(get(row, name)?))
    }
}

impl Column for Option<WallTime> {
    fn read(row: &AnyRow, name: &str) -> Result<Self, StoreError> {
        Ok(get::<Option<i64>>(row, name)?.map(WallTime::from_micros))
    }
}

impl Column for Option<Label> {
    fn read(row: &AnyRow, name: &str) -> Result<Self, StoreError> {
        let unfit = || StoreError::corrupt("an unfit label");
        let label = |text: String| Label::new(&text).ok_or_else(unfit);
        get::<Option<String>>(row, name)?.map(label).transpose()
    }
}

impl Column for Option<f32> {
    fn read(row: &AnyRow, name: &str) -> Result<Self, StoreError> {
        Ok(get::<Option<f64>>(row, name)?.map(|score| score as f32))
    }
}

impl Column for bool {
    fn read(row: &AnyRow, name: &str) -> Result<Self, StoreError> {
        match get::<i64>(row, name)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(StoreError::corrupt("a flag is neither 0 nor 1")),
        }
    }
}

impl Column for u64 {
    fn read(row: &AnyRow, name: &str) -> Result<Self, StoreError> {
        get::<i64>(row, name)?.try_into().map_err(StoreError::corrupt)
    }
}

impl Column for u32 {
    fn read(row: &AnyRow, name: &str) -> Result<Self, StoreError> {
        get::<i64>(row, name)?.try_into().map_err(StoreError::corrupt)
    }
}

/// A number as the database holds it.
pub(crate) fn stored(value: u64) -> Result<i64, StoreError> {
    let message = "a number is larger than the index can hold";
    value.try_into().map_err(|_| StoreError::Invalid { message })
}

/// Reads a JSON column.
pub(crate) fn json<T: DeserializeOwned>(row: &AnyRow, name: &str) -> Result<T, StoreError> {
    serde_json::from_str(&get::<String>(row, name)?).map_err(StoreError::corrupt)
}

/// A value as JSON text.
pub(crate) fn to_json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Internal(error.into()))
}

/// Reads a variant by its name.
pub(crate) fn word<T: DeserializeOwned>(row: &AnyRow, name: &str) -> Result<T, StoreError> {
    let text = serde_json::Value::String(get(row, name)?);
    serde_json::from_value(text).map_err(StoreError::corrupt)
}

/// A variant without fields by its name: the same as on the wire, so a database can be read by eye.
pub(crate) fn to_word<T: Serialize>(value: &T) -> Result<String, StoreError> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        Ok(_) => Err(StoreError::Internal("a variant without a name".into())),
        Err(error) => Err(StoreError::Internal(error.into())),
    }
}
