//! The command line explains itself.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod support;

use support::{ended, msctl};

#[test]
fn without_settings_everything_that_is_missing_is_told() {
    let told = ended(&mut msctl(&["pool"]));
    assert_eq!(told.code, 78);
    assert!(
        told.err.starts_with("MS-CONF-002 NATS_URL is not set"),
        "{}",
        told.err
    );
}

#[test]
fn a_command_that_is_not_one_is_told_with_the_next_step() {
    let told = ended(&mut msctl(&["dance"]));
    assert_eq!(told.code, 64);
    assert!(told.err.starts_with("MS-CTL-001"), "{}", told.err);
    assert!(told.err.contains("msctl help"));
}

#[test]
fn help_settings_and_completions_need_no_system() {
    let help = ended(&mut msctl(&["--help"]));
    assert_eq!(help.code, 0);
    for command in [
        "task",
        "pool",
        "workers",
        "discoveries",
        "cost",
        "dlq",
        "token",
        "keys",
        "doctor",
    ] {
        assert!(help.out.contains(command), "{command} in {}", help.out);
    }
    let table = ended(&mut msctl(&["config", "--json"])).json();
    assert_eq!(table[0]["name"], "NATS_URL");
    let script = ended(&mut msctl(&["completions", "bash"]));
    assert!(script.out.contains("complete -F _msctl"), "{}", script.out);
}

#[tokio::test]
async fn a_wrong_identity_is_refused() {
    let system = support::System::start().await;
    let mut command = msctl(&["workers"]);
    command.env("NATS_URL", system.server.url());
    let told = tokio::task::spawn_blocking(move || ended(&mut command))
        .await
        .unwrap();
    assert_eq!(told.code, 1);
    assert!(told.err.starts_with("MS-NATS-003"), "{}", told.err);
}
