//! JSON-RPC 2.0 as far as the Model Context Protocol uses it: no batches, ids are texts or whole
//! numbers, parameters are objects. Pure.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

/// What was sent is no JSON.
pub const PARSE_ERROR: i64 = -32_700;
/// What was sent is no message.
pub(crate) const INVALID_REQUEST: i64 = -32_600;
/// There is no such method.
pub(crate) const METHOD_NOT_FOUND: i64 = -32_601;
/// The method does not take these parameters.
pub(crate) const INVALID_PARAMS: i64 = -32_602;

/// There is nothing to read at this address.
pub(crate) const RESOURCE_NOT_FOUND: i64 = -32_002;
/// It could not be read; the text says why.
pub const NOT_SERVED: i64 = -32_000;

/// Longest id that is echoed; programs count, or make a UUID.
const ID_BYTES_MAX: usize = 128;

/// A message of a client.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// Wants an answer.
    Request {
        /// Under which the answer is told; a text or a whole number.
        id: Value,
        /// What is wanted.
        method: String,
        /// With what.
        params: Map<String, Value>,
    },
    /// Wants none.
    Notification {
        /// What is told.
        method: String,
    },
    /// Answers something. Nothing is ever asked of a client, so it is not looked at.
    Answer,
}

/// Why something is no message.
#[derive(Clone, Debug, PartialEq)]
pub struct Malformed {
    /// The id, if it had one.
    pub id: Option<Value>,
    /// What is wrong.
    pub message: &'static str,
}

impl Message {
    /// Reads a message.
    ///
    /// # Errors
    /// [`Malformed`], for example for a batch: the revisions that are spoken have none.
    pub fn read(value: Value) -> Result<Self, Malformed> {
        let malformed = |id, message| Err(Malformed { id, message });
        let Value::Object(mut fields) = value else {
            return malformed(None, "A message is one object.");
        };
        let sent_id = fields.remove("id");
        let id = sent_id.clone().filter(is_id);
        if fields.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
            return malformed(id, "A message says that it is JSON-RPC 2.0.");
        }
        let method = match fields.remove("method") {
            Some(Value::String(method)) => method,
            None if fields.contains_key("result") || fields.contains_key("error") => {
                return Ok(Self::Answer);
            }
            _ => return malformed(id, "A message names a method."),
        };
        let params = match fields.remove("params") {
            None => Map::new(),
            Some(Value::Object(params)) => params,
            Some(_) => return malformed(id, "Parameters are an object."),
        };
        match (sent_id, id) {
            (None, _) => Ok(Self::Notification { method }),
            (Some(_), Some(id)) => Ok(Self::Request { id, method, params }),
            (Some(_), None) => malformed(None, "An id is a text or a whole number."),
        }
    }
}

fn is_id(id: &Value) -> bool {
    match id {
        Value::String(text) => text.len() <= ID_BYTES_MAX,
        Value::Number(number) => number.is_i64() || number.is_u64(),
        _ => false,
    }
}

/// The answer to a request.
pub(crate) fn result(id: &Value, result: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "result": result })
}

/// Why a request cannot be served.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: i64,
    pub(crate) message: Cow<'static, str>,
    /// More of it for programs.
    pub(crate) data: Option<Value>,
}

impl<T: Into<Cow<'static, str>>> From<(i64, T)> for Failure {
    fn from((code, message): (i64, T)) -> Self {
        Self { code, message: message.into(), data: None }
    }
}

impl Failure {
    pub(crate) fn told(self, id: &Value) -> Value {
        let mut told = failure(Some(id), self.code, &self.message);
        if let Some(data) = self.data {
            told["error"]["data"] = data;
        }
        told
    }
}

/// The answer to a request that cannot be served.
pub fn failure(id: Option<&Value>, code: i64, message: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } })
}

/// Something told without having been asked.
pub(crate) fn notification(method: &str, params: Value) -> Value {
    json!({ "jsonrpc": "2.0", "method": method, "params": params })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn requests_notifications_and_answers_are_told_apart() {
        let read = |value| Message::read(value).expect("a message");
        let request = json!({ "jsonrpc": "2.0", "id": 7, "method": "ping" });
        let params = Map::new();
        let expected = Message::Request { id: json!(7), method: "ping".to_owned(), params };
        assert_eq!(read(request), expected);
        let told = json!({ "jsonrpc": "2.0", "method": "notifications/initialized", "params": {} });
        assert!(matches!(read(told), Message::Notification { .. }));
        let answer = json!({ "jsonrpc": "2.0", "id": "a", "result": {} });
        assert_eq!(read(answer), Message::Answer);
    }

    #[test]
    fn what_is_no_message_is_refused_under_its_id() {
        for (sent, id) in [
            (json!([]), None),
            (json!("ping"), None),
            (json!({ "id": 1, "method": "ping" }), Some(json!(1))),
            (json!({ "jsonrpc": "2.0", "id": 1 }), Some(json!(1))),
            (json!({ "jsonrpc": "2.0", "id": 1, "method": 5 }), Some(json!(1))),
            (json!({ "jsonrpc": "2.0", "id": 1, "method": "x", "params": [1] }), Some(json!(1))),
            (json!({ "jsonrpc": "2.0", "id": 1.5, "method": "ping" }), None),
            (json!({ "jsonrpc": "2.0", "id": null, "method": "ping" }), None),
            (json!({ "jsonrpc": "2.0", "id": "x".repeat(200), "method": "ping" }), None),
        ] {
            assert_eq!(Message::read(sent.clone()).expect_err("no message").id, id, "{sent}");
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".{0,20}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            let names = prop_oneof![
                "jsonrpc|id|method|params|result|error".prop_map(String::from),
                ".{0,8}".prop_map(String::from)
            ];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map(names, inner, 0..6)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_json_is_read_without_a_panic(value in any_json()) {
            Message::read(value).ok();
        }

        #[test]
        fn a_request_is_read_as_it_was_meant(id: i64, method in ".{0,40}") {
            let sent = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": { "a": 1 } });
            let read = Message::read(sent);
            let params = json!({ "a": 1 }).as_object().cloned().unwrap_or_default();
            prop_assert_eq!(read, Ok(Message::Request { id: json!(id), method, params }));
        }
    }
}
