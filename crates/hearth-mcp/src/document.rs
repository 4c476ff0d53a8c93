//! The reference of tools, resources and prompts, made from the same tables that answer.

use std::fmt::Write;

use hearth_auth::{Access, Action};
use serde_json::Value;

use crate::{
    alias::{ALIASES, GONE},
    prompts::PROMPTS,
    registry::Registry,
    resources::resources,
    tool::{Effect, Tool},
};

const BEGIN: &str = include_str!("document/begin.md");

/// `docs/mcp.md`: everything an assistant can do here, and what each asks for.
pub fn reference() -> String {
    let registry = Registry::new();
    let mut text = BEGIN.to_owned();
    text.push_str("\n## Tools\n");
    for tool in registry.all() {
        text.push_str(&described(tool));
    }
    text.push_str(
        "\n## Resources\n\n| address | what | asks for | told of changes |\n|---|---|---|---|\n",
    );
    for resource in resources() {
        let told = if resource.changes_with.is_some() { "yes" } else { "no" };
        let (uri, about, access) = (resource.uri, resource.about(), asked(resource.access));
        line(&mut text, &format!("| `{uri}` | {about} | {access} | {told} |"));
    }
    text.push_str("\n## Prompts\n\n| name | what | asks for |\n|---|---|---|\n");
    for prompt in PROMPTS {
        let (name, about, access) = (prompt.name, prompt.about(), asked(prompt.access));
        line(&mut text, &format!("| `{name}` | {about} | {access} |"));
    }
    text.push_str(
        "\n## Old names\n\nThese names of tapo-camera-mcp are answered, and not listed. Arguments \
         that chose among\nthings that are not chosen here are dropped; where the old tool took the \
         active camera, name\none; spans of time may be said as there (`7d`), and are a day if they \
         are not said.\n\n| old name | operation | is now |\n|---|---|---|\n",
    );
    for alias in ALIASES {
        let (old, new, operation) = (alias.old, alias.new, alias.operation.unwrap_or(""));
        line(&mut text, &format!("| `{old}` | {operation} | `{new}` |"));
    }
    text.push_str("\nThese are not answered:\n\n| old name | instead |\n|---|---|\n");
    for (names, instead) in GONE {
        line(&mut text, &format!("| {names} | {instead} |"));
    }
    text
}

/// `llms.txt`: the same in short, for assistants that look for it (llmstxt.org).
pub fn llms_txt() -> String {
    let mut text = "# Hearthwatch\n\n\
        > A private security system for a home, in one binary, with an MCP server. `hearthwatch mcp` \
        speaks it over stdio, and the hub at `/mcp` over streamable HTTP with a bearer token.\n\n\
        Answers keep `facts`, which the hub vouches for, apart from `untrusted` texts, which somebody \
        else wrote. Tools marked \"confirm\" need a person's yes first.\n\n## Tools\n\n"
        .to_owned();
    for tool in Registry::new().all() {
        let confirm = if tool.effect.needs_confirmation() { " (confirm)" } else { "" };
        line(&mut text, &format!("- `{}`{confirm}: {}", tool.name, tool.about));
    }
    text.push_str("\n## Resources\n\n");
    for resource in resources() {
        line(&mut text, &format!("- `{}`: {}", resource.uri, resource.about()));
    }
    text.push_str("\n## Docs\n\n");
    text.push_str("- [Reference of the MCP server](docs/mcp.md)\n");
    text.push_str("- [Reference of the REST API](openapi/hearthwatch.json)\n");
    text
}

fn described(tool: &Tool) -> String {
    let does = match tool.effect {
        Effect::Reads => "looks",
        Effect::Exports => "takes something out of the house; confirm",
        Effect::Sets => "changes something; confirm",
        Effect::Acts => "does something that counts each time; confirm",
    };
    let (name, about, access) = (tool.name, tool.about, asked(tool.access));
    let mut text = format!("\n### `{name}`\n\n{about}\n\nAsks for {access}; {does}.\n");
    let listed = tool.listed();
    let schema = &listed["inputSchema"];
    if let Some(properties) = schema["properties"].as_object() {
        text.push_str("\n| argument | takes | |\n|---|---|---|\n");
        // In the table's order, which JSON objects do not keep.
        for parameter in &tool.parameters {
            let property = &properties[parameter.name];
            let is_needed = schema["required"]
                .as_array()
                .is_some_and(|names| names.iter().any(|name| name == parameter.name));
            let needed = if is_needed { " **needed**" } else { "" };
            let (takes, about) = (takes(property), parameter.about);
            let usual = property.get("default").map_or(String::new(), usual);
            let row = format!("| `{}`{needed} | {takes}{usual} | {about} |", parameter.name);
            line(&mut text, &row);
        }
    }
    text
}

fn usual(default: &Value) -> String {
    let word = default.as_str().map_or_else(|| default.to_string(), str::to_owned);
    format!(", `{word}` unless given")
}

fn takes(property: &Value) -> String {
    if let Some(bound) = property.get("minimum").zip(property.get("maximum")) {
        return format!(
            "{} from {} to {}",
            property["type"].as_str().unwrap_or(""),
            bound.0,
            bound.1
        );
    }
    let words = property.get("enum").or_else(|| property["items"].get("enum"));
    if let Some(words) = words.and_then(Value::as_array) {
        let words: Vec<_> = words.iter().filter_map(Value::as_str).collect();
        let some = if property.get("items").is_some() { "some of" } else { "one of" };
        return format!("{some} {}", words.join(", "));
    }
    if property.get("format").is_some_and(|format| format == "date-time") {
        return "time (RFC 3339)".to_owned();
    }
    match (&property["type"], property.get("maxLength"), property.get("const")) {
        (_, _, Some(value)) => value.to_string(),
        (Value::String(kind), Some(most), _) => format!("{kind} of at most {most} characters"),
        (Value::String(kind), None, _) => kind.clone(),
        (Value::Array(kinds), _, _) => {
            let kinds: Vec<_> = kinds.iter().filter_map(Value::as_str).collect();
            kinds.join(" or ")
        }
        _ => String::new(),
    }
}

fn asked(access: Access) -> String {
    let word = |action: Action| match serde_json::to_value(action) {
        Ok(Value::String(word)) => format!("`{word}`"),
        _ => String::new(),
    };
    match access {
        Access::House(action) => word(action),
        Access::Camera(action) => format!("{} on the camera", word(action)),
        Access::Open | Access::SignedIn => "a sign-in or a token".to_owned(),
        Access::Account => "a person who is signed in".to_owned(),
        Access::Owner => "the owner of the process".to_owned(),
    }
}

fn line(text: &mut String, line: &str) {
    // Writing to a string cannot fail.
    writeln!(text, "{line}").unwrap_or_default();
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    /// promise: K-09. The documents cannot differ from what is served: they are made from it.
    #[test]
    fn the_documents_in_the_repository_are_made_from_the_registry() {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
        for (file, now) in [("docs/mcp.md", reference()), ("llms.txt", llms_txt())] {
            let file = root.join(file);
            if std::env::var_os("UPDATE_GOLDEN").is_some() {
                std::fs::write(&file, &now).expect("written");
            }
            let kept = std::fs::read_to_string(&file).unwrap_or_default();
            assert!(now == kept, "{} is old: run with UPDATE_GOLDEN=1", file.display());
        }
    }
}
