//! The health command: asks the service in the same container, without a shell or another program.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// Longer than this is as bad as no answer; below the health timeout of every spec.
const TIMEOUT: Duration = Duration::from_secs(2);
/// Longest answer that is read, bytes.
const LONGEST_ANSWER: u64 = 16 * 1024;

/// Asks `/health/ready` or `/health/live` on the loopback address; the answer's body when it is good.
///
/// # Errors
/// What was wrong, in a sentence: no connection, no answer in time, or a bad answer with its body.
pub fn ask(port: u16, ready: bool) -> Result<String, String> {
    let path = if ready { "/health/ready" } else { "/health/live" };
    let answer = exchange(port, path).map_err(|error| format!("port {port} does not answer: {error}"))?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((answer.as_str(), ""));
    let status = head.lines().next().unwrap_or_default();
    if status.split(' ').nth(1) == Some("200") {
        Ok(body.to_owned())
    } else {
        Err(format!("{path} answers `{status}` {body}"))
    }
}

fn exchange(port: u16, path: &str) -> std::io::Result<String> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.take(LONGEST_ANSWER).read_to_string(&mut answer)?;
    Ok(answer)
}
