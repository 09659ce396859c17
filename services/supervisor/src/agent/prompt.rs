//! The prompt of a job: the role, what operators said, what other agents found out, and the task.

use std::fmt::Write;

use mistersmith_common::messages::{Discovery, Name};

/// Longest prompt of a job in the contract, characters; fewer bytes have fewer characters.
const LONGEST: usize = 262_144;
/// Room for what is added to the task, bytes.
const PREAMBLE: usize = 16 * 1024;
/// Longest excerpt of one discovery, characters.
const EXCERPT: usize = 600;

/// A discovery with its sequence, which is how others name it.
#[derive(Clone, Debug)]
pub struct Found {
    /// Sequence in the stream.
    pub sequence: u64,
    /// What was found.
    pub discovery: Discovery,
}

/// What a prompt is made of.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a> {
    /// Who works.
    pub agent: &'a Name,
    /// As what.
    pub role: &'a Name,
    /// Texts of operators.
    pub inbox: &'a [String],
    /// Relevant discoveries, the best first.
    pub discoveries: &'a [Found],
    /// The task.
    pub task: &'a str,
}

/// The whole prompt. A part that does not fit is left out, the task never is.
#[must_use]
pub fn build(parts: Parts<'_>) -> String {
    let room = PREAMBLE.min(LONGEST.saturating_sub(parts.task.chars().count() + 64));
    let mut text = String::new();
    push(
        &mut text,
        room,
        &format!("You are agent {} with the role {}.\n", parts.agent, parts.role),
    );
    for note in parts.inbox {
        push(&mut text, room, &format!("\nThe operator says: {note}\n"));
    }
    if !parts.discoveries.is_empty() {
        push(
            &mut text,
            room,
            "\nOther agents found out (number, kind, confidence):\n",
        );
    }
    for found in parts.discoveries {
        push(&mut text, room, &line(found));
    }
    if text.is_empty() {
        return parts.task.to_owned();
    }
    text.push_str("\nYour task:\n");
    text.push_str(parts.task);
    text
}

fn push(text: &mut String, room: usize, part: &str) {
    if text.len() + part.len() <= room {
        text.push_str(part);
    }
}

fn line(found: &Found) -> String {
    let Found { sequence, discovery } = found;
    let mut line = format!(
        "- #{sequence} {} {:.2}: ",
        discovery.kind.as_str(),
        discovery.confidence
    );
    let mut characters = discovery
        .content
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c });
    line.extend(characters.by_ref().take(EXCERPT));
    let more = if characters.next().is_some() { "…" } else { "" };
    // Writing into a string cannot fail.
    let _ = writeln!(line, "{more} ({})", discovery.agent_id);
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use mistersmith_common::messages::DiscoveryType;
    use proptest::prelude::*;

    fn found(content: &str) -> Found {
        let discovery = Discovery {
            agent_id: Name::new("agent-2").unwrap(),
            role: None,
            kind: DiscoveryType::Pattern,
            content: content.to_owned(),
            confidence: 0.8,
            task_id: None,
            tags: None,
            related_to: None,
        };
        Found {
            sequence: 17,
            discovery,
        }
    }

    fn prompt(inbox: &[String], discoveries: &[Found], task: &str) -> String {
        let (agent, role) = (Name::new("agent-1").unwrap(), Name::new("critic").unwrap());
        build(Parts {
            agent: &agent,
            role: &role,
            inbox,
            discoveries,
            task,
        })
    }

    #[test]
    fn names_role_notes_discoveries_and_task_in_this_order() {
        let text = prompt(&["Be brief.".to_owned()], &[found("Imports are\nslow.")], "Why?");
        assert_eq!(
            text,
            "You are agent agent-1 with the role critic.\n\nThe operator says: Be brief.\n\n\
             Other agents found out (number, kind, confidence):\n\
             - #17 pattern 0.80: Imports are slow. (agent-2)\n\nYour task:\nWhy?"
        );
    }

    #[test]
    fn the_longest_task_still_fits() {
        let task = "x".repeat(LONGEST);
        assert_eq!(prompt(&[], &[found("y")], &task), task);
    }

    proptest! {
        #[test]
        fn never_longer_than_the_contract_allows_and_ends_with_the_task(
            task in ".{1,400}", contents in proptest::collection::vec(".{0,3000}", 0..40),
        ) {
            let discoveries: Vec<Found> = contents.iter().map(|content| found(content)).collect();
            let text = prompt(&[], &discoveries, &task);
            prop_assert!(text.ends_with(&task));
            prop_assert!(text.len() <= PREAMBLE + task.len() + 64);
        }
    }
}
