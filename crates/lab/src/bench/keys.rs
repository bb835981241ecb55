use anyhow::Context;
use rand_chacha::ChaCha20Rng;
use sanctuary_keyshare::KeyShare;
use sanctuary_keyshare::dkg::{Ceremony, Member, Terms};
use sanctuary_toprf::CheckedKeys;
use sanctuary_types::{Epoch, KeyClass};

/// Shares and checked public keys of a real ceremony among `holders` in this process. Signatures
/// between holders are left out: nobody is between them here.
///
/// # Errors
/// When the ceremony fails.
pub fn deal_by_ceremony(
    threshold: u16,
    holders: u16,
    rng: &mut ChaCha20Rng,
) -> anyhow::Result<(Vec<KeyShare>, CheckedKeys)> {
    let members: Vec<Member> = (1..=holders)
        .map(|index| {
            Ok(Member {
                index,
                holder: format!("holder-{index}").parse()?,
            })
        })
        .collect::<anyhow::Result<_>>()?;
    let terms = Terms::new(KeyClass::Person, Epoch(1), threshold, members)?;
    let sign = |_: &[u8]| [0; 64];
    let (mut ceremonies, mut first) = (Vec::new(), Vec::new());
    for index in 1..=holders {
        let (ceremony, message) = Ceremony::start(terms.clone(), index, rng, sign)?;
        ceremonies.push(ceremony);
        first.push(message);
    }
    let echoes = ceremonies
        .iter_mut()
        .map(|c| c.echo(&first, sign, |_, _, _| true))
        .collect::<Result<Vec<_>, _>>()?;
    let mut packages = Vec::new();
    for ceremony in &mut ceremonies {
        packages.extend(ceremony.deal(&echoes, rng, sign, |_, _, _| true)?);
    }
    let outcomes = ceremonies
        .iter_mut()
        .map(|c| c.finish(&packages, |_, _, _| true))
        .collect::<Result<Vec<_>, _>>()?;
    let keys = outcomes
        .first()
        .context("a ceremony has holders")?
        .public_keys
        .check()?;
    Ok((outcomes.into_iter().map(|o| o.share).collect(), keys))
}
