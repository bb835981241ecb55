use std::net::SocketAddr;

use serde::Deserialize;

/// `[metrics]`: figures for a Prometheus, and whether the daemon is alive and ready.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricsConfig {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Figures go out in clear, so they stay on this machine; true = on a network of your own as well.
    /// Default false.
    #[serde(default)]
    pub beyond_loopback: bool,
}

impl MetricsConfig {
    /// What is wrong with it, if anything.
    #[must_use]
    pub fn problem(&self) -> Option<&'static str> {
        (!self.listen.ip().is_loopback() && !self.beyond_loopback).then_some(
            "metrics go out in clear: listen on loopback, or set beyond_loopback = true on a network of your own",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_stay_on_the_machine_unless_somebody_says_otherwise() {
        let read = |text: &str| toml::from_str::<MetricsConfig>(text).unwrap();
        assert_eq!(read("listen = '127.0.0.1:9464'").problem(), None);
        assert_eq!(read("listen = '[::1]:9464'").problem(), None);
        let open = read("listen = '0.0.0.0:9464'").problem().unwrap();
        assert!(open.contains("beyond_loopback"));
        let meant = read("listen = '10.0.0.4:9464'\nbeyond_loopback = true");
        assert_eq!(meant.problem(), None);
    }
}
