//! The console of the hub's operators, beside the demo's hub, for a browser on this machine.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
};

use sanctuary_health::{LogFormat, StatusNote};
use sanctuary_operator::{Config, add_first};

use super::consoles::free_from;

/// Whoever looks after the demo's hub.
const OPERATOR: (&str, &str) = ("op1", "Ola Price");
const FIRST_PORT: u16 = 8850;

/// Where the hub's operators sign in, and with what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoOperator {
    /// What to type into the browser.
    pub url: String,
    /// Staff number.
    pub person: String,
    /// With this a password is chosen, once.
    pub start_code: String,
}

/// Plans the console of this hub on a free port and adds the operator; `folder` keeps what it writes.
pub(super) fn plan(
    hub: &sanctuary_hub::Config,
    folder: &Path,
) -> anyhow::Result<(DemoOperator, Config, TcpListener)> {
    let port = free_from(FIRST_PORT)?;
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let url = format!("http://hub.localhost:{port}");
    let config = Config {
        hub_data_dir: hub.data_dir.clone(),
        status_key: StatusNote::key_beside(&hub.root_key),
        data_dir: folder.join("data"),
        root_key: folder.join("root.key"),
        listen,
        public_url: url.clone(),
        certificate: None,
        key: None,
        behind_proxy: false,
        log: LogFormat::default(),
    };
    let start_code = add_first(&config, OPERATOR.0, OPERATOR.1)?;
    let listener = TcpListener::bind(listen)?;
    let person = OPERATOR.0.to_owned();
    let operator = DemoOperator {
        url,
        person,
        start_code,
    };
    Ok((operator, config, listener))
}
