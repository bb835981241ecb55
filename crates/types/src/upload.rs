use crate::{BatchId, Epoch, PartyId, RulesVersion, lp};

/// The message an agency signs over one push, and the hub checks against the roster.
///
/// `digests` are the SHA-256 of, in this order: postings, cards, withdrawals, withdrawn cards and
/// the population's JSON (of the empty string where a part is absent). The agency stands inside,
/// so that a batch replayed by another agency does not verify; so do rules and epoch, so that a
/// relay cannot relabel it.
#[must_use]
pub fn upload_message(
    agency: &PartyId,
    batch_id: BatchId,
    rules: RulesVersion,
    epoch: Epoch,
    digests: &[[u8; 32]; 5],
) -> Vec<u8> {
    lp(&[
        b"sanctuary/v1/upload",
        agency.as_bytes(),
        &batch_id.0,
        &rules.0.to_be_bytes(),
        &epoch.0.to_be_bytes(),
        &digests[0],
        &digests[1],
        &digests[2],
        &digests[3],
        &digests[4],
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_under_the_signature() {
        let agency = |name: &str| name.parse::<PartyId>().unwrap();
        let base = upload_message(
            &agency("a"),
            BatchId([1; 16]),
            RulesVersion(1),
            Epoch(1),
            &[[0; 32]; 5],
        );
        // 10 length prefixes, label 19, agency 1, batch 16, rules 2, epoch 4, digests 160.
        assert_eq!(base.len(), 40 + 19 + 1 + 16 + 2 + 4 + 160);
        let mut others = vec![
            upload_message(
                &agency("b"),
                BatchId([1; 16]),
                RulesVersion(1),
                Epoch(1),
                &[[0; 32]; 5],
            ),
            upload_message(
                &agency("a"),
                BatchId([2; 16]),
                RulesVersion(1),
                Epoch(1),
                &[[0; 32]; 5],
            ),
            upload_message(
                &agency("a"),
                BatchId([1; 16]),
                RulesVersion(2),
                Epoch(1),
                &[[0; 32]; 5],
            ),
            upload_message(
                &agency("a"),
                BatchId([1; 16]),
                RulesVersion(1),
                Epoch(2),
                &[[0; 32]; 5],
            ),
        ];
        for part in 0..5 {
            let mut digests = [[0; 32]; 5];
            digests[part][31] = 1;
            others.push(upload_message(
                &agency("a"),
                BatchId([1; 16]),
                RulesVersion(1),
                Epoch(1),
                &digests,
            ));
        }
        assert!(others.iter().all(|message| *message != base));
    }
}
