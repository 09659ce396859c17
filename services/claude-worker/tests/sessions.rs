//! A session goes on at any worker.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod support;

use mistersmith_common::messages::{Job, Outcome};
use support::{API_KEY, System, job};

/// Where the CLI keeps the transcript of its working directory.
const TRANSCRIPT: &str = "projects=$HOME/.claude/projects/$(pwd | tr -c 'a-zA-Z0-9\\n' -); id=$(echo \"$arguments\" | grep -o '[0-9a-f-]\\{36\\}'); file=$projects/$id.jsonl";

#[tokio::test]
async fn what_one_worker_kept_another_one_resumes() {
    let system = System::start().await;
    let first = system.ready_worker("worker-1", &[]);
    let begin = job(&format!(
        "{TRANSCRIPT}; mkdir -p $projects; echo 'remember me {API_KEY}' > $file; result ok"
    ));
    let result = system.run(&begin).await;
    assert_eq!(result.outcome, Outcome::Succeeded, "{:?}", result.error);
    let session_id = result.session_id.expect("a session");
    drop(first);

    let _second = system.ready_worker("worker-2", &[]);
    let go_on = Job {
        session_id: Some(session_id),
        ..job(&format!(
            "{TRANSCRIPT}; case \"$arguments\" in *--resume*) result \"$(cat $file)\";; esac"
        ))
    };
    let result = system.run(&go_on).await;
    assert_eq!(result.session_id, Some(session_id), "{:?}", result.error);
    assert_eq!(result.result.as_deref(), Some("remember me ***"));
    let again = Job {
        job_id: format!("{}-2", go_on.task_id),
        ..go_on
    };
    assert_eq!(
        system.run(&again).await.result.as_deref(),
        Some("remember me ***")
    );
}

#[tokio::test]
async fn a_session_that_is_not_there_fails_the_job() {
    let system = System::start().await;
    let _worker = system.ready_worker("worker-1", &[]);
    let job = Job {
        session_id: Some(uuid::Uuid::from_u128(5)),
        ..job("result ok")
    };
    let result = system.run(&job).await;
    assert_eq!(result.outcome, Outcome::Failed);
    assert_eq!(result.error.unwrap().code, "MS-WORK-010");
}
