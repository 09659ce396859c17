//! The golden messages of the contracts: the valid ones are read and written as they are, the invalid ones refused.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

use std::path::{Path, PathBuf};

use mistersmith_common::messages::{
    AgentEvent, AgentOutput, AgentStatus, Control, ControlReply, Cost, DeadLetter, Discovery, Envelope, Job,
    JobResult, JobTokenReply, JobTokenRequest, Payload, Task, TaskProgress, TaskResult, WorkerPresence,
};
use serde_json::Value;

type Read = fn(&[u8]) -> Result<Vec<u8>, String>;

fn read<P: Payload>(data: &[u8]) -> Result<Vec<u8>, String> {
    let message = Envelope::<P>::decode(data).map_err(|error| error.to_string())?;
    Ok(message.encode().to_vec())
}

fn reader(kind: &str) -> Read {
    match kind {
        "agent-event" => read::<AgentEvent>,
        "agent-output" => read::<AgentOutput>,
        "agent-status" => read::<AgentStatus>,
        "control" => read::<Control>,
        "control-reply" => read::<ControlReply>,
        "cost" => read::<Cost>,
        "dead-letter" => read::<DeadLetter>,
        "discovery" => read::<Discovery>,
        "job" => read::<Job>,
        "job-result" => read::<JobResult>,
        "job-token-reply" => read::<JobTokenReply>,
        "job-token-request" => read::<JobTokenRequest>,
        "task" => read::<Task>,
        "task-progress" => read::<TaskProgress>,
        "task-result" => read::<TaskResult>,
        "worker-presence" => read::<WorkerPresence>,
        other => panic!("no reader of {other}"),
    }
}

fn examples() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../contracts/examples");
    let files = std::fs::read_dir(directory).unwrap();
    files.map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn the_valid_ones_are_read_and_the_invalid_ones_refused() {
    let mut seen = (0, 0);
    for path in examples() {
        let name = path.file_name().unwrap().to_str().unwrap();
        let (kind, rest) = name.split_once('.').unwrap();
        let data = std::fs::read(&path).unwrap();
        let result = reader(kind)(&data);
        if rest == "valid.json" {
            let written = result.unwrap_or_else(|error| panic!("{name}: {error}"));
            let (before, after): (Value, Value) = (
                serde_json::from_slice(&data).unwrap(),
                serde_json::from_slice(&written).unwrap(),
            );
            assert_eq!(before, after, "{name}");
            seen.0 += 1;
        } else {
            assert_eq!(rest, "invalid.json");
            assert!(result.is_err(), "{name} is read");
            seen.1 += 1;
        }
    }
    assert!(seen.0 >= 14 && seen.1 >= 6, "{seen:?}");
}

#[test]
fn a_job_id_is_made_of_letters_digits_and_dashes() {
    let example = include_str!("../../contracts/examples/job.valid.json");
    let mut message: Value = serde_json::from_str(example).unwrap();
    let mut read_with = |id: &str| {
        message["payload"]["job_id"] = id.into();
        Envelope::<Job>::decode(message.to_string().as_bytes())
    };
    for good in ["a", "A-1", &"x".repeat(80)] {
        assert_eq!(read_with(good).unwrap().payload.job_id, good);
    }
    for bad in [
        "",
        "a.b",
        "a b",
        "*",
        ">",
        "../x",
        "ä",
        "a\n",
        "a_b",
        &"x".repeat(81),
    ] {
        let refused = read_with(bad).unwrap_err().to_string();
        assert!(refused.contains("job_id"), "{bad}: {refused}");
    }
}
