use std::net::TcpListener;

use anyhow::bail;
use rand::RngExt as _;

/// Linux hands out ports from here upwards to whoever connects; a listener there could find its
/// port taken after a restart.
const EPHEMERAL_FROM: u16 = 32_768;
const FIRST: u16 = 10_000;
/// A partnership's ports: the hub's, and the key holders' from 11 above it.
const USED: [u16; 4] = [0, 11, 12, 13];

/// A port with the eleven to thirteen above it free too, as `sanctuary init partnership` uses them.
///
/// # Errors
/// When this machine has none.
pub fn free_ports() -> anyhow::Result<u16> {
    let mut rng = rand::rng();
    for _ in 0..200 {
        let port = rng.random_range(FIRST..EPHEMERAL_FROM - 16);
        let bound: Vec<_> = USED
            .iter()
            .filter_map(|n| TcpListener::bind(("127.0.0.1", port + n)).ok())
            .collect();
        if bound.len() == USED.len() {
            return Ok(port);
        }
    }
    bail!("no four free ports on this machine")
}
