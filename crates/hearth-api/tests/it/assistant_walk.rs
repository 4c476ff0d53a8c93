//! Everything that an assistant can look at, looked at; and what is a fact in an answer.

use serde_json::{Map, Value, json};

use crate::assistant::Assistant;

/// Something that was asked for, and the whole answer.
pub(crate) struct Seen {
    /// A tool, an address or a prompt.
    pub(crate) place: String,
    pub(crate) answer: Value,
}

/// Calls every tool that changes nothing, reads every resource and begins every prompt. `given` says
/// what tools need, by the names of their parameters.
pub(crate) async fn everything(assistant: &Assistant<'_>, given: &Value) -> Vec<Seen> {
    let mut seen = Vec::new();
    let listed = assistant.ask("tools/list", json!({})).await;
    let tools = listed["result"]["tools"].as_array().expect("a list").clone();
    for tool in tools.iter().filter(|tool| tool["annotations"]["readOnlyHint"] == true) {
        let place = tool["name"].as_str().expect("a name").to_owned();
        let answer = assistant.call(&place, needed(tool, given)).await;
        let code = &answer["structuredContent"]["facts"]["error"]["code"];
        let unasked = ["bad_arguments", "denied", "too_many_requests"];
        assert!(!unasked.iter().any(|word| code == word), "{place}: {answer}");
        seen.push(Seen { place, answer });
    }
    for (method, list, name) in [
        ("resources/list", "resources", "uri"),
        ("resources/templates/list", "resourceTemplates", "uriTemplate"),
        ("prompts/list", "prompts", "name"),
    ] {
        let listed = assistant.ask(method, json!({})).await;
        for row in listed["result"][list].as_array().expect("a list") {
            let camera = given["camera"].as_str().expect("a camera");
            let place = row[name].as_str().expect("an address").replace("{camera}", camera);
            let answer = match list {
                "prompts" => assistant.ask("prompts/get", json!({ "name": place })).await,
                _ => assistant.ask("resources/read", json!({ "uri": place })).await,
            };
            seen.push(Seen { place, answer });
        }
    }
    seen
}

/// What a tool needs, of what is given.
fn needed(tool: &Value, given: &Value) -> Value {
    let names = tool["inputSchema"]["required"].as_array();
    let named = names.into_iter().flatten().filter_map(Value::as_str);
    let value = |name: &str| {
        assert!(!given[name].is_null(), "{} needs `{name}`", tool["name"]);
        (name.to_owned(), given[name].clone())
    };
    Value::Object(named.map(value).collect::<Map<_, _>>())
}

impl Seen {
    /// Facts and texts: of a tool, or of a resource that is a view.
    pub(crate) fn structured(&self) -> Option<Value> {
        let of_tool = self.answer.get("structuredContent").cloned();
        of_tool.or_else(|| {
            let text = self.answer["result"]["contents"][0]["text"].as_str()?;
            serde_json::from_str(text).ok()
        })
    }

    /// Whether a text from outside stands where such texts belong.
    pub(crate) fn keeps_apart(&self, text: &str) -> bool {
        let structured = self.structured().unwrap_or_default();
        let texts = structured["untrusted"]["texts"].as_object();
        texts.into_iter().flat_map(Map::values).any(|kept| kept == text)
    }
}

/// Every text in a value, and every name of a field.
pub(crate) fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::Object(fields) => {
            let inside = |(name, value)| [vec![String::as_str(name)], texts(value)].concat();
            fields.iter().flat_map(inside).collect()
        }
        _ => Vec::new(),
    }
}

/// An answer with every text from outside back in its place, as a person would read it.
pub(crate) fn read(answer: &Value) -> Value {
    let structured = &answer["structuredContent"];
    put_back(structured["facts"].clone(), &structured["untrusted"]["texts"])
}

fn put_back(value: Value, texts: &Value) -> Value {
    match value {
        Value::Object(fields) => match fields.get("untrusted").and_then(Value::as_u64) {
            Some(number) => texts[number.to_string()].clone(),
            None => fields.into_iter().map(|(name, one)| (name, put_back(one, texts))).collect(),
        },
        Value::Array(values) => values.into_iter().map(|one| put_back(one, texts)).collect(),
        plain => plain,
    }
}
