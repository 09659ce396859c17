//! Discoveries are shared and followed.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod support;

use support::System;

#[tokio::test]
async fn what_is_shared_is_seen_once_by_who_wants_it() {
    let system = System::start().await;
    let share = async |kind: &str, confidence: &str, content: &str| {
        let ended = system
            .msctl(&[
                "discoveries",
                "share",
                content,
                "--agent",
                "agent-7",
                "--type",
                kind,
                "--confidence",
                confidence,
                "--tag",
                "import",
            ])
            .await;
        assert_eq!(ended.code, 0, "{ended:?}");
        ended.out.trim().parse::<u64>().unwrap()
    };
    assert_eq!(share("pattern", "0.9", "first").await, 1);
    assert_eq!(share("question", "0.9", "second").await, 2);
    assert_eq!(share("pattern", "0.2", "third").await, 3);
    assert_eq!(share("pattern", "0.8", "fourth").await, 4);
    let seen = system
        .msctl(&[
            "discoveries",
            "watch",
            "--after",
            "0",
            "--count",
            "2",
            "--type",
            "pattern",
            "--min-confidence",
            "0.5",
            "--json",
        ])
        .await;
    let found: Vec<serde_json::Value> = seen
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(found.len(), 2);
    assert_eq!(
        (&found[0]["sequence"], &found[0]["content"]),
        (&1.into(), &"first".into())
    );
    assert_eq!(
        (&found[1]["sequence"], &found[1]["tags"][0]),
        (&4.into(), &"import".into())
    );
}

#[tokio::test]
async fn a_discovery_that_is_not_valid_is_refused() {
    let system = System::start().await;
    let share = [
        "discoveries",
        "share",
        "x",
        "--agent",
        "a",
        "--type",
        "insight",
        "--confidence",
        "1.5",
    ];
    let ended = system.msctl(&share).await;
    assert_eq!(ended.code, 1);
    assert!(ended.err.starts_with("MS-CTL-001"), "{}", ended.err);
}
