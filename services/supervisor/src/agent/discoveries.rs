//! Which discoveries of other agents a task's prompt should mention.

use std::collections::HashSet;
use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use futures_util::StreamExt;
use mistersmith_common::messages::{Discovery, Envelope, Name};
use mistersmith_common::nats::Nats;

use super::prompt::Found;

const STREAM: &str = "DISCOVERIES";
/// Newest discoveries that are looked at.
const LOOKED_AT: u64 = 100;
/// Discoveries that are mentioned.
const MENTIONED: usize = 8;
/// A prompt without discoveries is better than a late one.
const TIMEOUT: Duration = Duration::from_secs(2);
/// Words that say something are longer.
const SHORTEST_WORD: usize = 4;

/// The discoveries of others that fit a task best; none when they cannot be read in time.
pub async fn relevant(nats: &Nats, agent: &Name, task: &str) -> Vec<Found> {
    match tokio::time::timeout(TIMEOUT, recent(nats)).await {
        Ok(Ok(found)) => select(found, agent, task),
        Ok(Err(error)) => {
            tracing::debug!(%error, "discoveries are not read");
            Vec::new()
        }
        Err(_) => Vec::new(),
    }
}

async fn recent(nats: &Nats) -> Result<Vec<Found>, async_nats::Error> {
    let stream = nats.jetstream.get_stream(STREAM).await?;
    let state = &stream.cached_info().state;
    if state.messages == 0 {
        return Ok(Vec::new());
    }
    let first = state
        .last_sequence
        .saturating_sub(LOOKED_AT - 1)
        .max(state.first_sequence)
        .max(1);
    let consumer = stream
        .create_consumer(pull::Config {
            deliver_policy: DeliverPolicy::ByStartSequence {
                start_sequence: first,
            },
            ack_policy: AckPolicy::None,
            memory_storage: true,
            inactive_threshold: TIMEOUT * 2,
            ..pull::Config::default()
        })
        .await?;
    let mut batch = consumer
        .fetch()
        .max_messages(LOOKED_AT as usize)
        .messages()
        .await?;
    let mut found = Vec::new();
    while let Some(message) = batch.next().await {
        let message = message?;
        let sequence = message.info()?.stream_sequence;
        // What is not valid was not checked by the gateway and is none of our business.
        if let Ok(envelope) = Envelope::<Discovery>::decode(&message.payload) {
            found.push(Found {
                sequence,
                discovery: envelope.payload,
            });
        }
    }
    Ok(found)
}

/// Shared words count most, then confidence; of two that are equal the newer one wins.
fn select(mut found: Vec<Found>, agent: &Name, task: &str) -> Vec<Found> {
    let wanted = words(task);
    found.retain(|found| found.discovery.agent_id != *agent);
    let score = |found: &Found| {
        let discovery = &found.discovery;
        let tags = discovery
            .tags
            .iter()
            .flatten()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" ");
        let shared = words(&format!("{} {tags}", discovery.content))
            .intersection(&wanted)
            .count();
        (shared, (discovery.confidence * 100.0) as u64, found.sequence)
    };
    found.sort_by_cached_key(|found| std::cmp::Reverse(score(found)));
    found.truncate(MENTIONED);
    found
}

fn words(text: &str) -> HashSet<String> {
    text.split(|character: char| !character.is_alphanumeric())
        .filter(|word| word.chars().count() >= SHORTEST_WORD)
        .map(str::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use mistersmith_common::messages::DiscoveryType;

    fn found(sequence: u64, agent: &str, content: &str, confidence: f64) -> Found {
        let discovery = Discovery {
            agent_id: Name::new(agent).unwrap(),
            role: None,
            kind: DiscoveryType::Insight,
            content: content.to_owned(),
            confidence,
            task_id: None,
            tags: None,
            related_to: None,
        };
        Found { sequence, discovery }
    }

    #[test]
    fn shared_words_before_confidence_before_age_and_nothing_of_its_own() {
        let all = vec![
            found(1, "agent-2", "The nightly import reads twice", 0.1),
            found(2, "agent-2", "Something else", 0.9),
            found(3, "agent-3", "Nothing alike", 0.9),
            found(4, "agent-1", "The nightly import is mine", 1.0),
        ];
        let me = Name::new("agent-1").unwrap();
        let order: Vec<u64> = select(all, &me, "Why is the nightly IMPORT slow?")
            .iter()
            .map(|found| found.sequence)
            .collect();
        assert_eq!(order, [1, 3, 2]);
    }

    #[test]
    fn no_more_than_are_mentioned() {
        let many = (1..50)
            .map(|sequence| found(sequence, "agent-2", "text", 0.5))
            .collect();
        assert_eq!(
            select(many, &Name::new("agent-1").unwrap(), "task").len(),
            MENTIONED
        );
    }
}
