use std::hint::black_box;
use std::time::Instant;

use curve25519_dalek::{RistrettoPoint, Scalar};
use rand::SeedableRng as _;
use rand_chacha::ChaCha20Rng;
use sanctuary_toprf::{Answer, Blinded};
use serde::Serialize;

use super::keys::deal_by_ceremony;

/// Elements of a batch, as nodes send them.
const BATCH: usize = 1_024;
/// Rounds, of which the best of each figure counts: the machine may be busy with other things.
const ROUNDS: usize = 40;

/// Cost of one token against one raw variable-base multiplication, all on one thread.
#[derive(Serialize)]
pub struct OprfFigures {
    raw_mult_us: f64,
    node_token_us: f64,
    node_ratio: f64,
    holder_token_us: f64,
    holder_ratio: f64,
}

/// Measures a node and a key holder at batch 1,024, two of three.
///
/// # Errors
/// When the protocol itself fails.
pub fn measure() -> anyhow::Result<OprfFigures> {
    let mut rng = ChaCha20Rng::seed_from_u64(6);
    let (shares, keys) = deal_by_ceremony(2, 3, &mut rng)?;
    let inputs: Vec<Vec<u8>> = (0..BATCH)
        .map(|i| format!("{i:040}").into_bytes())
        .collect();
    let mut best = [f64::INFINITY; 3];
    for _ in 0..ROUNDS {
        best[0] = best[0].min(raw_mult_us(&mut rng));

        let started = Instant::now();
        let blinded = Blinded::new(&keys, &inputs, &mut rng)?;
        let blind_us = us_per_token(started);

        let mut answers = Vec::new();
        for share in &shares[..2] {
            let started = Instant::now();
            let (elements, proof) = share.evaluate(&[1, 2], 2, blinded.elements(), &mut rng)?;
            best[2] = best[2].min(us_per_token(started));
            answers.push(Answer {
                holder: share.index(),
                elements,
                proof,
            });
        }

        let started = Instant::now();
        black_box(blinded.finish(&keys, &[1, 2], &answers)?);
        best[1] = best[1].min(blind_us + us_per_token(started));
    }
    let [raw_mult_us, node_token_us, holder_token_us] = best;
    Ok(OprfFigures {
        raw_mult_us,
        node_token_us,
        node_ratio: node_token_us / raw_mult_us,
        holder_token_us,
        holder_ratio: holder_token_us / raw_mult_us,
    })
}

/// One variable-base multiplication: the physical limit that both sides are held against.
fn raw_mult_us(rng: &mut ChaCha20Rng) -> f64 {
    let scalar = Scalar::random(rng);
    let mut point = RistrettoPoint::random(rng);
    let started = Instant::now();
    for _ in 0..BATCH {
        point = black_box(scalar) * black_box(point);
    }
    black_box(point);
    us_per_token(started)
}

fn us_per_token(started: Instant) -> f64 {
    started.elapsed().as_secs_f64() * 1e6 / BATCH as f64
}
