//! The envelopes of camera requests: batches, single requests, and requests to a hub's children.

use serde_json::{Value, json};

use crate::{
    AnswerError, Call, Code, Malformed,
    call::{Envelope, at, code_of},
};

/// Requests in one batch. Encrypted hubs answer long ones with broken JSON, other clients send 5 to 80.
pub const ENTRIES_MAX: usize = 5;

static NOTHING: Value = Value::Null;

/// A call to a camera.
pub type CameraCall<T> = Call<Request, T>;

/// What a single request does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Reads.
    Get,
    /// Changes a setting.
    Set,
    /// Acts.
    Do,
}

/// One request to a camera.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// A method with parameters, sent as a batch of one, which every generation takes.
    Entry {
        /// The method.
        method: &'static str,
        /// Its parameters.
        params: Value,
    },
    /// A verb and a module, for what has no method.
    Single {
        /// What to do.
        verb: Verb,
        /// To what.
        module: &'static str,
        /// How.
        body: Value,
    },
    /// A request to a device behind a hub.
    Child {
        /// The device.
        device_id: String,
        /// The request.
        inner: Box<Request>,
    },
}

impl Request {
    /// The JSON that is encrypted and sent.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Entry { method, params } => wrapped(vec![entry(method, params.clone())]),
            Self::Single { verb, module, body } => {
                let verb = match verb {
                    Verb::Get => "get",
                    Verb::Set => "set",
                    Verb::Do => "do",
                };
                json!({"method": verb, *module: body})
            }
            Self::Child { device_id, inner } => {
                let control = json!({"childControl": {
                    "device_id": device_id, "request_data": inner.to_json(),
                }});
                wrapped(vec![entry("controlChild", control)])
            }
        }
    }
}

impl Envelope for Request {
    fn method(&self) -> &str {
        match self {
            Self::Entry { method, .. } => method,
            Self::Single { module, .. } => module,
            Self::Child { inner, .. } => inner.method(),
        }
    }

    fn result<'a>(&self, answer: &'a Value) -> Result<&'a Value, AnswerError> {
        match self {
            Self::Entry { method, .. } => {
                let responses = responses(answer, method)?;
                // By name, because hubs reorder; the only one may lack its name.
                let named = responses.iter().find(|response| response["method"] == *method);
                let only = match responses {
                    [only] if only.get("method").is_none() => Some(only),
                    _ => None,
                };
                let response = named.or(only).ok_or(Malformed::new("no answer to the request"))?;
                acknowledged(response, method)?;
                Ok(response.get("result").unwrap_or(&NOTHING))
            }
            Self::Single { module, .. } => {
                acknowledged(answer, module)?;
                Ok(answer)
            }
            Self::Child { inner, .. } => {
                let control = Self::Entry { method: "controlChild", params: Value::Null };
                inner.result(at(control.result(answer)?, &["response_data"])?)
            }
        }
    }
}

fn entry(method: &str, params: Value) -> Value {
    json!({"method": method, "params": params})
}

fn wrapped(entries: Vec<Value>) -> Value {
    json!({"method": "multipleRequest", "params": {"requests": entries}})
}

fn acknowledged(response: &Value, method: &str) -> Result<(), AnswerError> {
    let code = code_of(response, "error_code")?;
    if code == Code::SUCCESS {
        return Ok(());
    }
    Err(AnswerError::Refused { method: method.to_owned(), code })
}

fn responses<'a>(answer: &'a Value, method: &str) -> Result<&'a [Value], AnswerError> {
    let list = answer.get("result").and_then(|result| result.get("responses"));
    match list.and_then(Value::as_array) {
        Some(list) if list.len() <= ENTRIES_MAX => Ok(list),
        Some(_) => Err(Malformed::new("more answers than requests").into()),
        None => {
            acknowledged(answer, method)?;
            Err(Malformed::new("no list of answers").into())
        }
    }
}

/// Several reads in one request; the answer's parts are read one by one with each call's own
/// [`Call::read`], so that one unsupported feature does not spoil the others.
pub fn batch<'a>(requests: impl IntoIterator<Item = &'a Request>) -> Result<Value, Malformed> {
    let entries: Option<Vec<Value>> = requests
        .into_iter()
        .map(|request| match request {
            Request::Entry { method, params } => Some(entry(method, params.clone())),
            Request::Single { .. } | Request::Child { .. } => None,
        })
        .collect();
    let entries = entries.ok_or(Malformed::new("a request that cannot be part of a batch"))?;
    if entries.is_empty() || entries.len() > ENTRIES_MAX {
        return Err(Malformed::new("an empty or too long batch"));
    }
    Ok(wrapped(entries))
}

impl<T> CameraCall<T> {
    /// The same for a device behind a hub.
    #[must_use]
    pub fn to_child(self, device_id: &super::hub::ChildId) -> Self {
        let device_id = device_id.as_str().to_owned();
        self.rewrap(|inner| Request::Child { device_id, inner: Box::new(inner) })
    }
}

/// Reads `path` of the answer to a method.
pub(super) fn get<T: serde::de::DeserializeOwned>(
    method: &'static str,
    params: Value,
    path: &'static [&'static str],
) -> CameraCall<T> {
    let request = Request::Entry { method, params };
    Call::new(request, move |result| crate::call::read_at(result, path))
}

/// Changes a setting; the answer is the acknowledgement.
pub(super) fn set(method: &'static str, params: Value) -> CameraCall<()> {
    Call::acknowledged(Request::Entry { method, params })
}

/// Reads lists of the form `[{"name_1": {...}}, {"name_2": {...}}]`, as well as plain ones.
pub(super) fn unnested<T: serde::de::DeserializeOwned>(
    list: &Value,
    entries_max: usize,
) -> Result<Vec<T>, Malformed> {
    let list = list.as_array().ok_or(Malformed::new("no list"))?;
    if list.len() > entries_max {
        return Err(Malformed::new("the list is too long"));
    }
    list.iter()
        .map(|item| {
            let inner = item.as_object().filter(|object| object.len() == 1);
            let inner = inner.and_then(|object| object.values().next());
            crate::call::read(inner.filter(|inner| inner.is_object()).unwrap_or(item))
        })
        .collect()
}
