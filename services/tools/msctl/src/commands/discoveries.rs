//! `msctl discoveries`.

use async_nats::jetstream::consumer::DeliverPolicy;
use futures_util::StreamExt;
use mistersmith_common::fault::Fault;
use mistersmith_common::messages::{Discovery, DiscoveryType, Envelope, Payload};
use mistersmith_common::publish::publish;
use mistersmith_common::trace::Trace;
use serde_json::json;

use crate::command_line::{DiscoveryKind, ShareArgs, WatchArgs};
use crate::connection::Connection;
use crate::error::{ARGUMENT, no_answer};
use crate::screen::{Screen, word};
use crate::stream_reader::{follow, place};

/// The stream of discoveries.
const STREAM: &str = "DISCOVERIES";

/// Prints discoveries as they come.
///
/// # Errors
/// NATS does not answer.
pub(crate) async fn watch(connection: &Connection, screen: Screen, wanted: &WatchArgs) -> Result<(), Fault> {
    let from = match wanted.after {
        Some(sequence) => DeliverPolicy::ByStartSequence {
            start_sequence: sequence.saturating_add(1),
        },
        None => DeliverPolicy::New,
    };
    let mut messages = follow(connection, STREAM, vec!["discoveries.*.*".to_owned()], from).await?;
    let mut left = wanted.count.unwrap_or(u64::MAX);
    while left > 0 {
        let Some(message) = messages.next().await else {
            break;
        };
        let message = message.map_err(|error| no_answer("stream DISCOVERIES", &error))?;
        let Ok(envelope) = Envelope::<Discovery>::decode(&message.payload) else {
            continue;
        };
        if !matches(wanted, &envelope.payload) {
            continue;
        }
        print(screen, place(&message)?.0, &envelope);
        left -= 1;
    }
    Ok(())
}

/// Shares a discovery.
///
/// # Errors
/// It is not valid, or NATS does not answer.
pub(crate) async fn share(connection: &Connection, screen: Screen, given: &ShareArgs) -> Result<(), Fault> {
    let discovery = Discovery {
        agent_id: given.agent.clone(),
        role: None,
        kind: kind(given.kind),
        content: given.content.clone(),
        confidence: given.confidence,
        task_id: None,
        tags: (!given.tag.is_empty()).then(|| given.tag.clone()),
        related_to: None,
    };
    discovery
        .check()
        .map_err(|reason| Fault::new(ARGUMENT, format!("the discovery is not valid: {reason}")))?;
    let subject = format!("discoveries.{}.{}", given.agent, word(discovery.kind));
    let message = Envelope::new(discovery).from_agent(&given.agent);
    let stored = publish(&connection.jetstream, subject, &message, &Trace::start())
        .await
        .map_err(|error| no_answer("stream DISCOVERIES", &error))?;
    screen.one(
        &json!({ "sequence": stored.sequence }),
        &stored.sequence.to_string(),
    );
    Ok(())
}

fn matches(wanted: &WatchArgs, discovery: &Discovery) -> bool {
    let agent = wanted.agent.is_empty() || wanted.agent.contains(&discovery.agent_id);
    let kinds = &wanted.kind;
    let kind = kinds.is_empty() || kinds.iter().any(|wanted| kind(*wanted) == discovery.kind);
    agent && kind && discovery.confidence >= wanted.min_confidence
}

fn print(screen: Screen, sequence: u64, envelope: &Envelope<Discovery>) {
    let discovery = &envelope.payload;
    let mut item = json!(discovery);
    item["sequence"] = json!(sequence);
    item["timestamp"] = json!(envelope.timestamp);
    let text = format!(
        "{sequence}  {}  {}  {} ({:.2})  {}",
        envelope.timestamp,
        discovery.agent_id,
        word(discovery.kind),
        discovery.confidence,
        discovery.content
    );
    screen.one(&item, &text);
}

const fn kind(kind: DiscoveryKind) -> DiscoveryType {
    match kind {
        DiscoveryKind::Pattern => DiscoveryType::Pattern,
        DiscoveryKind::Anomaly => DiscoveryType::Anomaly,
        DiscoveryKind::Connection => DiscoveryType::Connection,
        DiscoveryKind::Solution => DiscoveryType::Solution,
        DiscoveryKind::Question => DiscoveryType::Question,
        DiscoveryKind::Insight => DiscoveryType::Insight,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted() -> WatchArgs {
        WatchArgs {
            agent: Vec::new(),
            kind: Vec::new(),
            min_confidence: 0.0,
            after: None,
            count: None,
        }
    }

    #[test]
    fn empty_filters_match_all_and_others_must_all_match() {
        let example = include_bytes!("../../../../contracts/examples/discovery.valid.json");
        let discovery = Envelope::<Discovery>::decode(example).unwrap().payload;
        assert!(matches(&wanted(), &discovery));
        let other = mistersmith_common::messages::Name::new("agent-9").unwrap();
        let refused = [
            WatchArgs {
                agent: vec![other],
                ..wanted()
            },
            WatchArgs {
                kind: vec![DiscoveryKind::Insight],
                ..wanted()
            },
            WatchArgs {
                min_confidence: 0.81,
                ..wanted()
            },
        ];
        for filter in refused {
            assert!(!matches(&filter, &discovery), "{filter:?}");
        }
        let exact = WatchArgs {
            agent: vec![discovery.agent_id.clone()],
            kind: vec![DiscoveryKind::Insight, DiscoveryKind::Pattern],
            min_confidence: 0.8,
            ..wanted()
        };
        assert!(matches(&exact, &discovery));
    }
}
