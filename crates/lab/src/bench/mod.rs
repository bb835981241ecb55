//! `cargo lab bench`: speed against the physical limit, in one run, ratios first.

mod hub;
mod keys;
mod load;
mod oprf;
mod process;

pub use hub::HubFigures;
pub use oprf::OprfFigures;
pub use process::serve_hub;

use serde::Serialize;

/// How much to measure.
pub struct Options {
    /// Stored records at which the hub is measured, ascending.
    pub at_records: Vec<u64>,
}

/// Everything measured.
#[derive(Serialize)]
pub struct Report {
    /// One token against one raw multiplication.
    pub oprf: OprfFigures,
    /// The hub with sled and mutual TLS, as a process of its own.
    pub hub: HubFigures,
    /// From sending a push that matches to the alert at the agency, one round included.
    pub alert_latency_ms: Percentiles,
}

/// Of a sample.
#[derive(Serialize)]
pub struct Percentiles {
    /// Half of the sample is at most this.
    pub p50: f64,
    /// 99 of 100 are at most this.
    pub p99: f64,
}

impl Percentiles {
    fn of(mut sample: Vec<f64>) -> Self {
        sample.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let last = sample.len().saturating_sub(1) as f64;
            sample
                .get((share * last).round() as usize)
                .copied()
                .unwrap_or(f64::NAN)
        };
        Self {
            p50: at(0.5),
            p99: at(0.99),
        }
    }
}

/// Runs everything; some minutes for a million records.
///
/// # Errors
/// When the hub cannot be started or refuses the load.
pub fn run(options: &Options, told: &impl Fn(&str)) -> anyhow::Result<Report> {
    told("OPRF at batch 1,024, two of three key holders");
    let oprf = oprf::measure()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let (hub, latencies_ms) = runtime.block_on(hub::measure(&options.at_records, told))?;
    Ok(Report {
        oprf,
        hub,
        alert_latency_ms: Percentiles::of(latencies_ms),
    })
}
