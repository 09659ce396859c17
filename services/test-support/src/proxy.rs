//! A TCP proxy that can be cut, to take a server away without touching it.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Forwards a loopback port to an address.
pub struct Proxy {
    port: u16,
    state: Arc<Mutex<State>>,
}

struct State {
    open: bool,
    streams: Vec<TcpStream>,
}

impl Proxy {
    /// Begins to forward.
    ///
    /// # Panics
    /// There is no free port.
    #[must_use]
    pub fn to(target: String) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        let state = Arc::new(Mutex::new(State {
            open: true,
            streams: Vec::new(),
        }));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let mut state = shared.lock().expect("a lock");
                if !state.open {
                    continue;
                }
                if let Ok(server) = TcpStream::connect(&target) {
                    join(&mut state, &client, &server);
                }
            }
        });
        Self { port, state }
    }

    /// Port to connect to.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Ends every connection and refuses new ones.
    ///
    /// # Panics
    /// The accepting thread panicked.
    pub fn cut(&self) {
        let mut state = self.state.lock().expect("a lock");
        state.open = false;
        for stream in state.streams.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Accepts connections again.
    ///
    /// # Panics
    /// The accepting thread panicked.
    pub fn restore(&self) {
        self.state.lock().expect("a lock").open = true;
    }
}

fn join(state: &mut State, client: &TcpStream, server: &TcpStream) {
    for (from, to) in [(client, server), (server, client)] {
        let mut from = from.try_clone().expect("a socket");
        let mut to = to.try_clone().expect("a socket");
        state.streams.push(from.try_clone().expect("a socket"));
        std::thread::spawn(move || {
            copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Both);
        });
    }
}

fn copy(from: &mut TcpStream, to: &mut TcpStream) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        if to.write_all(&buffer[..count]).is_err() {
            return;
        }
    }
}
