//! One plain HTTP request, for the health of the gateway.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use url::Url;

/// Longest wait for each step.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longest answer that is read, bytes.
const LONGEST: u64 = 64 * 1024;

/// Status and body of an address.
///
/// # Errors
/// What was wrong, in a sentence.
pub(crate) fn get(address: &Url) -> Result<(u16, String), String> {
    if address.scheme() != "http" {
        return Err(format!(
            "only http addresses can be asked, not {}",
            address.scheme()
        ));
    }
    let host = address.host_str().ok_or("the address has no host")?;
    let port = address.port_or_known_default().ok_or("the address has no port")?;
    let answer = exchange(host, port, address.path()).map_err(|error| error.to_string())?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((answer.as_str(), ""));
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.ok_or("the answer is not HTTP")?;
    Ok((status, body.trim().to_owned()))
}

fn exchange(host: &str, port: u16, path: &str) -> std::io::Result<String> {
    let mut last = std::io::Error::other("the name has no address");
    for address in (host, port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(mut stream) => {
                stream.set_read_timeout(Some(PATIENCE))?;
                stream.set_write_timeout(Some(PATIENCE))?;
                // In one piece: who answers early may close before a second one.
                let request =
                    format!("GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n");
                stream.write_all(request.as_bytes())?;
                let mut answer = String::new();
                stream.take(LONGEST).read_to_string(&mut answer)?;
                return Ok(answer);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}
