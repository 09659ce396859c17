//! A service under test, started as its real program.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;

use crate::Child;

/// A line of the service's log.
pub type LogLine = Value;

/// A running service and its log.
pub struct Service {
    child: Child,
    port: u16,
    lines: Receiver<LogLine>,
    seen: Vec<LogLine>,
}

impl Service {
    /// Starts a program with nothing but these variables; `port` is where it serves health.
    ///
    /// Use `env!("CARGO_BIN_EXE_<name>")` for the program.
    ///
    /// # Panics
    /// The program cannot be started.
    #[must_use]
    pub fn start(program: &str, arguments: &[&str], environment: &[(&str, &str)], port: u16) -> Self {
        let mut command = Command::new(Path::new(program));
        command
            .args(arguments)
            .env_clear()
            .envs(environment.iter().copied());
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit());
        let mut child = Child::start(&mut command, "Build it with `cargo build`");
        let output = child.inner().stdout.take().expect("stdout");
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let parsed = serde_json::from_str(&line).unwrap_or(Value::String(line));
                let _ = sender.send(parsed);
            }
        });
        Self {
            child,
            port,
            lines,
            seen: Vec::new(),
        }
    }

    /// Waits for a line of the log; every line before it is kept in [`Service::log`].
    ///
    /// # Panics
    /// No such line came in time; the log so far is shown.
    pub fn wait_for(&mut self, what: &str, within: Duration, wanted: impl Fn(&LogLine) -> bool) -> LogLine {
        let deadline = Instant::now() + within;
        loop {
            match self
                .lines
                .recv_timeout(deadline.saturating_duration_since(Instant::now()))
            {
                Ok(line) => {
                    let found = wanted(&line);
                    self.seen.push(line.clone());
                    if found {
                        return line;
                    }
                }
                Err(RecvTimeoutError::Timeout) => panic!("no `{what}` in time; log:\n{}", self.shown()),
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("ended before `{what}`; log:\n{}", self.shown())
                }
            }
        }
    }

    /// Waits for a line whose `msg` is this.
    ///
    /// # Panics
    /// No such line came in time.
    pub fn wait_for_message(&mut self, message: &str, within: Duration) -> LogLine {
        self.wait_for(message, within, |line| line["msg"] == message)
    }

    /// Every line so far.
    pub fn log(&mut self) -> &[LogLine] {
        self.seen.extend(self.lines.try_iter());
        &self.seen
    }

    /// Status and body of `GET path`.
    ///
    /// # Errors
    /// The service does not answer.
    pub fn get(&self, path: &str) -> std::io::Result<(u16, String)> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|code| code.parse().ok())
            .unwrap_or(0);
        Ok((status, body.to_owned()))
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        self.child.signal(signal);
    }

    /// Its process id.
    pub fn pid(&mut self) -> u32 {
        self.child.inner().id()
    }

    /// Waits for the end: exit code, or 128 + the signal.
    ///
    /// # Panics
    /// It does not end in time.
    pub fn wait(&mut self, within: Duration) -> i32 {
        // The log closes when the process, and every process that inherited it, has ended.
        let deadline = Instant::now() + within;
        loop {
            match self
                .lines
                .recv_timeout(deadline.saturating_duration_since(Instant::now()))
            {
                Ok(line) => self.seen.push(line),
                Err(RecvTimeoutError::Disconnected) => return self.child.wait(),
                Err(RecvTimeoutError::Timeout) => panic!("did not end in time; log:\n{}", self.shown()),
            }
        }
    }

    fn shown(&self) -> String {
        self.seen
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n")
    }
}
