//! `msctl cost`.

use std::collections::BTreeMap;

use mistersmith_common::fault::Fault;
use mistersmith_common::messages::Cost;
use serde::Serialize;
use serde_json::json;

use crate::command_line::CostKey;
use crate::connection::Connection;
use crate::screen::Screen;
use crate::stream_reader::all;

/// Sums of ledger records.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
struct Sum {
    jobs: u64,
    unfinished: u64,
    cost_usd: f64,
    input_tokens: u64,
    output_tokens: u64,
    cache_read_tokens: u64,
    cache_write_tokens: u64,
}

impl Sum {
    fn add(&mut self, record: &Cost) {
        self.jobs += u64::from(record.is_final);
        self.unfinished += u64::from(!record.is_final);
        self.cost_usd += record.cost_usd;
        self.input_tokens += record.input_tokens.unwrap_or(0);
        self.output_tokens += record.output_tokens.unwrap_or(0);
        self.cache_read_tokens += record.cache_read_tokens.unwrap_or(0);
        self.cache_write_tokens += record.cache_write_tokens.unwrap_or(0);
    }

    fn row(&self, name: &str) -> Vec<String> {
        vec![
            name.to_owned(),
            self.jobs.to_string(),
            self.unfinished.to_string(),
            format!("{:.4}", self.cost_usd),
            self.input_tokens.to_string(),
            self.output_tokens.to_string(),
            self.cache_read_tokens.to_string(),
            self.cache_write_tokens.to_string(),
        ]
    }
}

/// Adds up the ledger; an attempt that could not tell its own total counts as unfinished.
///
/// # Errors
/// NATS does not answer.
pub(crate) async fn show(connection: &Connection, screen: Screen, by: CostKey) -> Result<(), Fault> {
    let records: Vec<Cost> = all::<Cost>(connection, "LEDGER", "cost.*")
        .await?
        .into_iter()
        .map(|stored| stored.envelope.payload)
        .collect();
    let (sums, total) = add_up(&records, by);
    let items: Vec<_> = sums
        .iter()
        .map(|(name, sum)| {
            let mut item = json!(sum);
            item["name"] = json!(name);
            item
        })
        .collect();
    let mut rows: Vec<_> = sums.iter().map(|(name, sum)| sum.row(name)).collect();
    rows.push(total.row("total"));
    let headers = [
        "",
        "JOBS",
        "UNFINISHED",
        "COST USD",
        "INPUT",
        "OUTPUT",
        "CACHE READ",
        "CACHE WRITE",
    ];
    screen.list(&items, &headers, &rows);
    Ok(())
}

fn add_up(records: &[Cost], by: CostKey) -> (BTreeMap<String, Sum>, Sum) {
    let mut sums: BTreeMap<String, Sum> = BTreeMap::new();
    let mut total = Sum::default();
    for record in records {
        let key = match by {
            CostKey::Worker => record.worker_id.to_string(),
            CostKey::Agent => record.agent_id.to_string(),
            CostKey::Model => record.model.clone().unwrap_or_else(|| "unknown".to_owned()),
        };
        sums.entry(key).or_default().add(record);
        total.add(record);
    }
    (sums, total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mistersmith_common::messages::Envelope;

    #[test]
    fn records_are_added_up_by_what_is_asked() {
        let example = include_bytes!("../../../../contracts/examples/cost.valid.json");
        let first = Envelope::<Cost>::decode(example).unwrap().payload;
        let second = Cost {
            model: None,
            is_final: false,
            ..first.clone()
        };
        let (sums, total) = add_up(&[first.clone(), second], CostKey::Model);
        assert_eq!(sums.len(), 2);
        assert_eq!((total.jobs, total.unfinished), (1, 1));
        assert!((total.cost_usd - 2.0 * first.cost_usd).abs() < 1e-12);
        assert_eq!(sums["unknown"].jobs, 0);
    }
}
