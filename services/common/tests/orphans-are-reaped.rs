//! What ends is reaped: children with their group, and orphans of theirs.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use mistersmith_common::reaper::Reaper;
use rustix::process::{Signal, getpgid, kill_process};

/// A child whose group has one more member, and an orphan that left the group; their ids are printed.
const FAMILY: &str = "sleep 1000 & echo $!; setsid sh -c 'echo $$; exec sleep 0.2' & exit 3";

#[tokio::test]
async fn an_end_arrives_once_its_group_is_killed_and_orphans_leave_nothing() {
    let reaper = Reaper::start().unwrap();
    let (read, write) = std::io::pipe().unwrap();
    let mut command = Command::new("sh");
    command.args(["-c", FAMILY]).stdout(Stdio::from(write));
    let family = reaper.spawn(&mut command).unwrap();
    drop(command);
    assert_eq!(family.exit.await.unwrap().code(), Some(3));
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

    let mut command = Command::new("cat");
    command.stdin(Stdio::piped());
    let alone = reaper.spawn(&mut command).unwrap();
    assert!(alone.child.stdin.is_some());
    assert_eq!(getpgid(Some(alone.pid)).unwrap(), alone.pid);
    kill_process(alone.pid, Signal::KILL).unwrap();
    assert_eq!(alone.exit.await.unwrap().signal(), Some(9));

    assert!(reaper.spawn(&mut Command::new("/nowhere")).is_err());
    let next = reaper.spawn(&mut Command::new("true")).unwrap();
    assert!(next.exit.await.unwrap().success());
}

/// A service that is killed without being able to say anything takes its processes with it.
#[test]
fn a_child_ends_with_the_thread_that_started_it() {
    let (sender, pids) = std::sync::mpsc::channel();
    let service = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let _entered = runtime.enter();
        let started = Reaper::start()
            .unwrap()
            .spawn(Command::new("sleep").arg("1000"))
            .unwrap();
        sender.send(started.pid).unwrap();
    });
    let pid = pids.recv().unwrap();
    service.join().unwrap();
    let deadline = std::time::Instant::now() + Duration::from_secs(5);
    // Nobody reaps it any more: it stays as a zombie until this program ends.
    while !ended(&format!("/proc/{}/stat", pid.as_raw_pid())) {
        assert!(std::time::Instant::now() < deadline, "it is still there");
        std::thread::yield_now();
    }
}

fn ended(stat: &str) -> bool {
    std::fs::read_to_string(stat)
        .ok()
        .is_none_or(|text| text.contains(") Z "))
}
