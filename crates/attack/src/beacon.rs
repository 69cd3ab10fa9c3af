//! A listener of the attacker's: what reaches it has left the sandbox.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::chance;

const PATIENCE: Duration = Duration::from_millis(800);
const MOST_BYTES: u64 = 4096;

/// Listens on the host's loopback address and on the address that it has in its network.
pub(crate) struct Beacon {
    pub(crate) addresses: Vec<SocketAddr>,
    /// What it says to whoever connects: who knows it was there.
    pub(crate) greeting: String,
    heard: Arc<Mutex<String>>,
    _tasks: JoinSet<()>,
}

impl Beacon {
    pub(crate) async fn start() -> Self {
        let (heard, greeting) = (Arc::new(Mutex::new(String::new())), format!("beacon-{}", chance::word()));
        let (mut addresses, mut tasks) = (Vec::new(), JoinSet::new());
        for ip in [Some(IpAddr::V4(Ipv4Addr::LOCALHOST)), own_address()].into_iter().flatten() {
            let Ok(listener) = TcpListener::bind((ip, 0)).await else { continue };
            addresses.extend(listener.local_addr().ok());
            tasks.spawn(listen(listener, greeting.clone(), Arc::clone(&heard)));
        }
        Self { addresses, greeting, heard, _tasks: tasks }
    }

    pub(crate) fn has_heard(&self, word: &str) -> bool {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).contains(word)
    }
}

/// The address that packets to elsewhere would carry; choosing one sends nothing (TEST-NET-1, RFC 5737).
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    socket.local_addr().ok().map(|address| address.ip()).filter(|ip| !ip.is_loopback() && !ip.is_unspecified())
}

async fn listen(listener: TcpListener, greeting: String, heard: Arc<Mutex<String>>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let (greeting, heard) = (greeting.clone(), Arc::clone(&heard));
        tokio::spawn(async move {
            // Whoever connects may go away at once: what was heard until then counts.
            drop(stream.write_all(greeting.as_bytes()).await);
            let mut bytes = Vec::new();
            drop(tokio::time::timeout(PATIENCE, stream.take(MOST_BYTES).read_to_end(&mut bytes)).await);
            heard.lock().unwrap_or_else(PoisonError::into_inner).push_str(&String::from_utf8_lossy(&bytes));
        });
    }
}
