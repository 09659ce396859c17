//! What is no job is set aside, and the worker goes on.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod support;

use mistersmith_common::messages::{DeadLetter, Envelope, Job, Outcome};
use support::{System, job, metric, wait_until};

#[tokio::test]
async fn is_set_aside_with_its_reason() {
    let system = System::start().await;
    let worker = system.ready_worker("worker-1", &[]);
    let escape = Job {
        job_id: "../../etc".to_owned(),
        ..job("result ok")
    };
    let example = include_bytes!("../../contracts/examples/job.invalid.json").to_vec();
    let bad: [Vec<u8>; 4] = [
        b"not json".to_vec(),
        b"{}".to_vec(),
        example,
        Envelope::new(escape).encode().to_vec(),
    ];
    for data in &bad {
        let stored = system.nats.jetstream.publish("work.claude", data.clone().into());
        stored.await.unwrap().await.unwrap();
    }
    let letters: Vec<DeadLetter> = system.wait_for("DLQ", "dlq.WORK", bad.len()).await;
    assert!(letters.iter().all(|letter| letter.reason.code == "MS-WORK-002"));
    assert_eq!(letters[0].subject, "work.claude");
    assert_eq!(letters[0].data_base64, "bm90IGpzb24=");
    assert_eq!(system.run(&job("result ok")).await.outcome, Outcome::Succeeded);
    assert_eq!(metric(&worker, "dead_letters_total"), 4.0);
    let mut work = system.nats.jetstream.get_stream("WORK").await.unwrap();
    let left = work.info().await.unwrap().state.messages;
    wait_until("the queue is empty", || left == 0);
}
