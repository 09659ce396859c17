//! What ends is reaped: agents with their group, and orphans of theirs.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use supervisor::reaper::{Exit, Reaper};

/// A child whose group has one more member, and an orphan that left the group; their ids are printed.
const FAMILY: &str = "sleep 1000 & echo $!; setsid sh -c 'echo $$; exec sleep 0.2' & exit 3";

#[tokio::test]
async fn an_exit_arrives_once_its_group_is_killed_and_orphans_leave_nothing() {
    let reaper = Reaper::start().unwrap();
    let (read, write) = std::io::pipe().unwrap();
    let mut command = Command::new("sh");
    command
        .args(["-c", FAMILY])
        .process_group(0)
        .stdout(Stdio::from(write));
    let (_, exit) = reaper.spawn(&mut command).unwrap();
    drop(command);
    assert_eq!(exit.await.unwrap(), Exit::Code(3));
    let lines = tokio::task::spawn_blocking(move || {
        BufReader::new(read)
            .lines()
            .take(2)
            .collect::<Result<Vec<_>, _>>()
    });
    for pid in lines.await.unwrap().unwrap() {
        let gone = async {
            while Path::new(&format!("/proc/{pid}")).exists() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(5), gone)
            .await
            .unwrap_or_else(|_| panic!("{pid} is still there"));
    }
    let (pid, exit) = reaper
        .spawn(Command::new("sleep").arg("1000").process_group(0))
        .unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    assert_eq!(exit.await.unwrap(), Exit::Signal(9));
}
