use std::collections::HashMap;

use prometheus::{
    Encoder, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts,
    Registry, TextEncoder, core::Collector,
};
use sanctuary_types::PartyId;

/// Seconds that a duration is sorted by: from a write on a fast disk to a round over a whole region.
const SECONDS: &[f64] = &[0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 60.0, 300.0];

/// Figures that cannot be kept; a mistake of the program.
#[derive(Debug, thiserror::Error)]
#[error("a figure cannot be kept ({0}); report this")]
pub struct FigureError(#[from] prometheus::Error);

/// The figures of one daemon. Cheap to clone. Each carries the daemon's own party id, and at most one word
/// of its program more: a part of it, or an error code.
#[derive(Clone)]
pub struct Figures {
    registry: Registry,
}

impl Figures {
    /// No figures yet, of this party.
    ///
    /// # Errors
    /// [`FigureError`]; so of every method.
    pub fn new(party: &PartyId) -> Result<Self, FigureError> {
        let own = HashMap::from([("party".to_owned(), party.to_string())]);
        let registry = Registry::new_custom(Some("sanctuary".to_owned()), Some(own))?;
        Ok(Self { registry })
    }

    /// What only grows; by convention its name ends in `_total`.
    pub fn counter(&self, name: &str, help: &str) -> Result<IntCounter, FigureError> {
        self.keep(IntCounter::new(name, help)?)
    }

    /// What goes up and down.
    pub fn gauge(&self, name: &str, help: &str) -> Result<IntGauge, FigureError> {
        self.keep(IntGauge::new(name, help)?)
    }

    /// What only grows, for each error code.
    pub fn counter_by_code(&self, name: &str, help: &str) -> Result<IntCounterVec, FigureError> {
        self.keep(IntCounterVec::new(Opts::new(name, help), &["code"])?)
    }

    /// What goes up and down, for each part of the program.
    pub fn gauge_by_part(&self, name: &str, help: &str) -> Result<IntGaugeVec, FigureError> {
        self.keep(IntGaugeVec::new(Opts::new(name, help), &["part"])?)
    }

    /// How long something takes, in seconds.
    pub fn durations(&self, name: &str, help: &str) -> Result<Histogram, FigureError> {
        let options = HistogramOpts::new(name, help).buckets(SECONDS.to_vec());
        self.keep(Histogram::with_opts(options)?)
    }

    /// Everything in the text format that a Prometheus reads.
    pub fn text(&self) -> Result<String, FigureError> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    fn keep<C: Collector + Clone + 'static>(&self, figure: C) -> Result<C, FigureError> {
        self.registry.register(Box::new(figure.clone()))?;
        Ok(figure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_carry_the_own_party_and_one_word_more() {
        let figures = Figures::new(&"hub".parse().unwrap()).unwrap();
        figures
            .counter("batches_total", "Batches.")
            .unwrap()
            .inc_by(3);
        let refused = figures
            .counter_by_code("refusals_total", "Refusals.")
            .unwrap();
        refused.with_label_values(&["stale_epoch"]).inc();
        figures
            .durations("round_seconds", "A round.")
            .unwrap()
            .observe(0.3);
        let text = figures.text().unwrap();
        for line in [
            "sanctuary_batches_total{party=\"hub\"} 3",
            "sanctuary_refusals_total{code=\"stale_epoch\",party=\"hub\"} 1",
            "sanctuary_round_seconds_bucket{party=\"hub\",le=\"0.5\"} 1",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
        assert!(figures.counter("batches_total", "Twice.").is_err());
    }
}
