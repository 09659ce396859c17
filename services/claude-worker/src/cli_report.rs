//! What the lines of the CLI's stream-json output add up to. Pure.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Map, Value};

/// Everything of the lines that counts at the end.
#[derive(Debug, Default)]
pub(crate) struct CliReport {
    result: Option<CliResult>,
    reported: Spend,
    messages: HashMap<String, MessageUsage>,
    model: Option<String>,
}

/// The CLI's own summary of its run.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct CliResult {
    /// `success`, `error_max_budget_usd`, `error_during_execution` ...
    pub(crate) subtype: String,
    /// An error of the API comes as `success` with this mark.
    pub(crate) is_error: bool,
    /// The answer.
    pub(crate) text: Option<String>,
    /// What went wrong, as the CLI words it.
    pub(crate) errors: Vec<String>,
}

/// Money and tokens.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Spend {
    pub(crate) cost_usd: f64,
    pub(crate) model: Option<String>,
    pub(crate) input_tokens: u64,
    pub(crate) output_tokens: u64,
    pub(crate) cache_read_tokens: u64,
    pub(crate) cache_write_tokens: u64,
    pub(crate) turns: u64,
    /// Whether the CLI itself told the cost.
    pub(crate) is_final: bool,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
struct MessageUsage {
    input_tokens: u64,
    output_tokens: u64,
    cache_read_input_tokens: u64,
    cache_creation_input_tokens: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ModelUsage {
    input_tokens: u64,
    output_tokens: u64,
    cache_read_input_tokens: u64,
    cache_creation_input_tokens: u64,
    #[serde(rename = "costUSD")]
    cost_usd: f64,
}

impl CliReport {
    /// Takes a line into account.
    pub(crate) fn observe(&mut self, event: &Map<String, Value>) {
        match event.get("type").and_then(Value::as_str) {
            Some("assistant") => self.observe_message(event),
            Some("result") => self.observe_result(event),
            _ => {}
        }
    }

    /// The CLI's last summary; a run that goes on in the background can have several.
    pub(crate) const fn result(&self) -> Option<&CliResult> {
        self.result.as_ref()
    }

    /// What the run cost. Without a summary, the tokens of the messages that came.
    pub(crate) fn spend(&self) -> Spend {
        if self.result.is_some() {
            return self.reported.clone();
        }
        let mut spend = Spend {
            model: self.model.clone(),
            turns: self.messages.len() as u64,
            ..Spend::default()
        };
        for usage in self.messages.values() {
            spend.input_tokens += usage.input_tokens;
            spend.output_tokens += usage.output_tokens;
            spend.cache_read_tokens += usage.cache_read_input_tokens;
            spend.cache_write_tokens += usage.cache_creation_input_tokens;
        }
        spend
    }

    /// A message comes in one line per part, each with the usage so far; the last one counts.
    fn observe_message(&mut self, event: &Map<String, Value>) {
        let Some(message) = event.get("message") else {
            return;
        };
        let usage = message
            .get("usage")
            .and_then(|usage| MessageUsage::deserialize(usage).ok());
        if let (Some(id), Some(usage)) = (message.get("id").and_then(Value::as_str), usage) {
            self.messages.insert(id.to_owned(), usage);
        }
        if let Some(model) = message.get("model").and_then(Value::as_str) {
            self.model = Some(model.to_owned());
        }
    }

    fn observe_result(&mut self, event: &Map<String, Value>) {
        let text = |name: &str| event.get(name).and_then(Value::as_str).map(str::to_owned);
        let errors = event.get("errors").and_then(Value::as_array);
        self.result = Some(CliResult {
            subtype: text("subtype").unwrap_or_default(),
            is_error: event.get("is_error").and_then(Value::as_bool).unwrap_or(false),
            text: text("result"),
            errors: errors
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
        });
        self.reported.is_final = true;
        self.reported.turns += event.get("num_turns").and_then(Value::as_u64).unwrap_or(0);
        self.observe_cost(event);
    }

    /// In a resumed session `total_cost_usd` and `modelUsage` include every earlier run; only the usage since the
    /// last result is this run's. A CLI without that field is one that never resumed what it added up.
    fn observe_cost(&mut self, event: &Map<String, Value>) {
        let since = event
            .get("model_usage_since_last_result")
            .and_then(Value::as_object);
        let Some(models) = since else {
            let total = event.get("total_cost_usd").and_then(Value::as_f64);
            self.reported.cost_usd = total.unwrap_or(self.reported.cost_usd).max(0.0);
            return;
        };
        let mut most = -1.0;
        for (name, usage) in models {
            let Ok(usage) = ModelUsage::deserialize(usage) else {
                continue;
            };
            let spend = &mut self.reported;
            spend.cost_usd += usage.cost_usd.max(0.0);
            spend.input_tokens += usage.input_tokens;
            spend.output_tokens += usage.output_tokens;
            spend.cache_read_tokens += usage.cache_read_input_tokens;
            spend.cache_write_tokens += usage.cache_creation_input_tokens;
            if usage.cost_usd > most {
                most = usage.cost_usd;
                spend.model = Some(name.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn report(lines: &[Value]) -> CliReport {
        let mut report = CliReport::default();
        for line in lines {
            report.observe(line.as_object().unwrap());
        }
        report
    }

    fn usage(cost: f64, tokens: u64) -> Value {
        json!({ "costUSD": cost, "inputTokens": tokens, "outputTokens": 2, "cacheReadInputTokens": 3 })
    }

    #[test]
    fn a_resumed_session_is_charged_for_this_run_only() {
        let line = json!({
            "type": "result", "subtype": "success", "is_error": false, "result": "done", "num_turns": 1,
            "total_cost_usd": 0.9, "modelUsage": { "m": usage(0.9, 900) },
            "model_usage_since_last_result": { "m": usage(0.1, 100), "small": usage(0.01, 5) },
        });
        let report = report(&[line]);
        let spend = report.spend();
        assert!((spend.cost_usd - 0.11).abs() < 1e-9);
        assert_eq!(
            (spend.input_tokens, spend.output_tokens, spend.turns),
            (105, 4, 1)
        );
        assert_eq!(spend.model.as_deref(), Some("m"));
        assert!(spend.is_final);
        assert_eq!(report.result().unwrap().text.as_deref(), Some("done"));
    }

    #[test]
    fn several_summaries_add_up() {
        let line = json!({ "type": "result", "subtype": "success", "num_turns": 2,
            "model_usage_since_last_result": { "m": usage(0.1, 100) } });
        let spend = report(&[line.clone(), line]).spend();
        assert!((spend.cost_usd - 0.2).abs() < 1e-9);
        assert_eq!((spend.input_tokens, spend.turns), (200, 4));
    }

    #[test]
    fn an_older_summary_tells_its_total() {
        let line = json!({ "type": "result", "subtype": "success", "total_cost_usd": 0.5 });
        assert!((report(&[line]).spend().cost_usd - 0.5).abs() < 1e-9);
    }

    #[test]
    fn without_a_summary_the_messages_are_counted_once_each() {
        let message = |id: &str, tokens: u64| {
            json!({ "type": "assistant", "message": { "id": id, "model": "m",
                "usage": { "input_tokens": 10, "output_tokens": tokens, "cache_creation_input_tokens": 4 } } })
        };
        let spend = report(&[message("a", 1), message("a", 5), message("b", 2)]).spend();
        assert_eq!(
            (spend.input_tokens, spend.output_tokens, spend.cache_write_tokens),
            (20, 7, 8)
        );
        assert_eq!((spend.turns, spend.is_final), (2, false));
    }

    #[test]
    fn strange_lines_are_passed_over() {
        let strange = [
            json!({}),
            json!({ "type": 7 }),
            json!({ "type": "assistant" }),
            json!({ "type": "assistant", "message": { "usage": "many" } }),
        ];
        assert!(report(&strange).result().is_none());
        assert_eq!(
            report(&[json!({ "type": "result" })]).result().unwrap().subtype,
            ""
        );
    }
}
