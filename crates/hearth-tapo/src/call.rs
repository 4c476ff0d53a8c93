//! A command as a value: what is sent, and how the answer is read.
//!
//! Pure. A call succeeds only if the device acknowledged it with `error_code` 0 and the answer has
//! the shape that the protocol says; anything else is an error that names what is wrong (K-03).

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{Code, CodeClass};

/// An answer that is not what the protocol says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a malformed answer: {what}")]
pub struct Malformed {
    /// What is wrong with it; never a part of it.
    pub what: &'static str,
}

impl Malformed {
    pub(crate) const fn new(what: &'static str) -> Self {
        Self { what }
    }
}

/// Why an answer is no success.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// The device says no.
    #[error("refused {method}: {code}")]
    Refused {
        /// The command.
        method: String,
        /// The reason.
        code: Code,
    },
    /// The device says something strange.
    #[error(transparent)]
    Malformed(#[from] Malformed),
}

impl AnswerError {
    /// Whether the device does not know the command at all.
    pub fn is_unsupported(&self) -> bool {
        matches!(self, Self::Refused { code, .. } if code.class() == CodeClass::Unsupported)
    }
}

type Reader<T> = Box<dyn Fn(&Value) -> Result<T, Malformed> + Send + Sync>;

/// A request in one of the vendor's command languages.
pub trait Envelope {
    /// The command's name.
    fn method(&self) -> &str;

    /// Finds the command's result in a whole answer and checks that the device acknowledged it.
    fn result<'a>(&self, answer: &'a Value) -> Result<&'a Value, AnswerError>;
}

/// What is sent, and how the answer to it is read.
pub struct Call<R, T> {
    request: R,
    reader: Reader<T>,
}

impl<R: Envelope, T> Call<R, T> {
    pub(crate) fn new(
        request: R,
        reader: impl Fn(&Value) -> Result<T, Malformed> + Send + Sync + 'static,
    ) -> Self {
        Self { request, reader: Box::new(reader) }
    }

    /// What is sent.
    pub fn request(&self) -> &R {
        &self.request
    }

    /// Reads a whole answer, decrypted.
    pub fn read(&self, answer: &Value) -> Result<T, AnswerError> {
        let result = self.request.result(answer)?;
        (self.reader)(result).map_err(AnswerError::Malformed)
    }

    /// The same request as part of another envelope.
    pub(crate) fn rewrap<S: Envelope>(self, wrap: impl FnOnce(R) -> S) -> Call<S, T> {
        Call { request: wrap(self.request), reader: self.reader }
    }
}

impl<R: Envelope> Call<R, ()> {
    /// A command whose only answer is the acknowledgement.
    pub(crate) fn acknowledged(request: R) -> Self {
        Self::new(request, |_| Ok(()))
    }
}

impl<R: std::fmt::Debug, T> std::fmt::Debug for Call<R, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call").field("request", &self.request).finish_non_exhaustive()
    }
}

/// Follows keys into an answer.
pub(crate) fn at<'a>(value: &'a Value, path: &[&str]) -> Result<&'a Value, Malformed> {
    path.iter()
        .try_fold(value, |value, key| value.get(key))
        .ok_or(Malformed::new("a part is missing"))
}

/// Follows keys and reads what is there.
pub(crate) fn read_at<T: DeserializeOwned>(value: &Value, path: &[&str]) -> Result<T, Malformed> {
    read(at(value, path)?)
}

/// Reads a type out of JSON.
pub(crate) fn read<T: DeserializeOwned>(value: &Value) -> Result<T, Malformed> {
    T::deserialize(value).map_err(|_| Malformed::new("a value has another type or range"))
}

/// The `error_code` (or `err_code`) of an object; absent means success, as some hubs leave it out.
pub(crate) fn code_of(value: &Value, key: &str) -> Result<Code, Malformed> {
    match value.get(key) {
        None => Ok(Code::SUCCESS),
        Some(code) => code
            .as_i64()
            .and_then(|code| i32::try_from(code).ok())
            .map(Code)
            .ok_or(Malformed::new("the error code is no number")),
    }
}
