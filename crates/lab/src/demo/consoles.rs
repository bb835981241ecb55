//! Each agency's web console on a port of its own, for a browser on this machine.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use sanctuary_node::ConsoleConfig;

/// Where one agency's console is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoConsole {
    /// The agency.
    pub agency: String,
    /// What to type into the browser.
    pub url: String,
}

/// The first port tried; the agencies follow.
const FIRST_PORT: u16 = 8801;

/// A free port for each agency, and the console's configuration on it. Each has a host name of its own under
/// `localhost`, so that the browser keeps their cookies apart as it would in earnest.
pub(super) fn plan(agencies: &[String]) -> anyhow::Result<Vec<(DemoConsole, ConsoleConfig)>> {
    let mut planned = Vec::new();
    let mut port = FIRST_PORT;
    for agency in agencies {
        port = free_from(port)?;
        let url = format!("http://{agency}.localhost:{port}");
        let config = ConsoleConfig {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
            public_url: url.clone(),
            certificate: None,
            key: None,
            behind_proxy: false,
            synthetic: true,
            oidc: None,
        };
        let agency = agency.clone();
        planned.push((DemoConsole { agency, url }, config));
        port += 1;
    }
    Ok(planned)
}

/// The first free port from this one on, else any.
pub(super) fn free_from(port: u16) -> anyhow::Result<u16> {
    let wanted = (port..port.saturating_add(50)).chain([0]);
    let mut tried = wanted.filter_map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok());
    let listener = tried
        .next()
        .ok_or_else(|| anyhow::anyhow!("there is no free port on this machine"))?;
    Ok(listener.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_agency_has_a_host_name_and_a_port_of_its_own() {
        let planned = plan(&["police".to_owned(), "council".to_owned()]).unwrap();
        let urls: Vec<&str> = planned.iter().map(|(c, _)| c.url.as_str()).collect();
        assert!(urls[0].starts_with("http://police.localhost:"));
        assert!(urls[1].starts_with("http://council.localhost:"));
        assert_ne!(planned[0].1.listen, planned[1].1.listen);
    }
}
