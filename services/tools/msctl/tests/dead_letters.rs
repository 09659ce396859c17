//! Dead letters are shown, and sent again once.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod support;

use mistersmith_common::dead_letter::{Buried, copy};
use mistersmith_common::fault::{Code, Fault};
use support::System;

#[tokio::test]
async fn a_letter_is_sent_again_and_leaves_the_list() {
    let system = System::start().await;
    let reason = Fault::new(Code::NATS_INVALID_MESSAGE, "the job is not valid");
    for sequence in [11, 12] {
        let mut headers = async_nats::HeaderMap::new();
        headers.insert("Nats-Msg-Id", "the-old-one");
        let buried = Buried {
            stream: "WORK",
            subject: "work.claude",
            sequence,
            attempts: 3,
            headers: Some(&headers),
            data: b"{}",
        };
        copy(&system.nats.jetstream, buried, &reason).await.unwrap();
    }
    let listed = system.msctl(&["dlq", "list", "--json"]).await.json();
    assert_eq!(listed.as_array().unwrap().len(), 2);
    assert_eq!(
        (&listed[0]["dlq_sequence"], &listed[0]["reason"]["code"]),
        (&1.into(), &"MS-NATS-002".into())
    );
    let table = system.msctl(&["dlq", "list"]).await.out;
    assert!(
        table.contains("work.claude") && table.contains("the job is not valid"),
        "{table}"
    );

    let replayed = system.msctl(&["dlq", "replay", "2"]).await;
    assert_eq!(
        (replayed.code, replayed.out.as_str()),
        (0, "2 sent to work.claude\n"),
        "{replayed:?}"
    );
    let work = system.nats.jetstream.get_stream("WORK").await.unwrap();
    let again = work.get_last_raw_message_by_subject("work.claude").await.unwrap();
    assert_eq!(&again.payload[..], b"{}");
    assert!(
        again
            .headers
            .get("Nats-Msg-Id")
            .unwrap()
            .as_str()
            .starts_with("replay-")
    );
    assert_eq!(system.msctl(&["dlq", "replay", "--all"]).await.code, 0);
    assert_eq!(
        system.msctl(&["dlq", "list", "--json"]).await.json(),
        serde_json::json!([])
    );

    let gone = system.msctl(&["dlq", "replay", "2"]).await;
    assert_eq!(gone.code, 1);
    assert!(gone.err.starts_with("MS-CTL-004"), "{}", gone.err);
}
