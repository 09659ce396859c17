//! One line of the CLI's output as an event without secrets. Pure.

use serde_json::{Map, Value, json};

use crate::line_reader::Line;
use crate::redact::Redactor;

/// The event of a line; what is no JSON object is wrapped in one.
pub(crate) fn event_of(line: &Line, redactor: &Redactor) -> Map<String, Value> {
    let bytes = match line {
        Line::Whole(bytes) => bytes,
        Line::TooLong(length) => return object(json!({ "type": "omitted", "bytes": length })),
    };
    let text = String::from_utf8_lossy(bytes);
    let clean = redactor.clean(&text);
    match serde_json::from_str(&clean) {
        Ok(Value::Object(event)) => event,
        _ => object(json!({ "type": "text", "text": clean })),
    }
}

/// MCP servers that the CLI could not use, as its first line tells.
pub(crate) fn failed_servers(event: &Map<String, Value>) -> Vec<String> {
    let servers = event.get("mcp_servers").and_then(Value::as_array);
    let field = |server: &Value, name: &str| server[name].as_str().unwrap_or_default().to_owned();
    servers
        .into_iter()
        .flatten()
        .filter(|server| matches!(server["status"].as_str(), Some("failed" | "needs-auth")))
        .map(|server| format!("{} ({})", field(server, "name"), field(server, "status")))
        .collect()
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn event(line: &'static str) -> Value {
        let line = Line::Whole(Bytes::from_static(line.as_bytes()));
        Value::Object(event_of(&line, &Redactor::new(&["sk-canary-1"])))
    }

    #[test]
    fn an_object_is_taken_as_it_is_but_for_secrets() {
        assert_eq!(
            event(r#"{"type":"user","x":"key sk-canary-1"}"#),
            json!({ "type": "user", "x": "key ***" })
        );
    }

    #[test]
    fn servers_that_failed_are_found() {
        let line = r#"{"type":"system","mcp_servers":[{"name":"a","status":"connected"},{"name":"b","status":"failed"}]}"#;
        let event = event(line);
        assert_eq!(failed_servers(event.as_object().unwrap()), ["b (failed)"]);
        assert!(failed_servers(&Map::new()).is_empty());
    }

    #[test]
    fn everything_else_is_wrapped() {
        assert_eq!(event("[1]"), json!({ "type": "text", "text": "[1]" }));
        assert_eq!(
            event("Warning: x"),
            json!({ "type": "text", "text": "Warning: x" })
        );
        let long = event_of(&Line::TooLong(7), &Redactor::new(&[]));
        assert_eq!(Value::Object(long), json!({ "type": "omitted", "bytes": 7 }));
    }
}
