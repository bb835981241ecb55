use ring::hmac;
use sanctuary_types::{AlertId, CardId, PartyId, Pseudonym, Tag, lp};

/// A tag as the hub stores it: HMAC-SHA256(pepper, tag), first 16 bytes. A stolen database without
/// the pepper cannot be compared with tags from anywhere else.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoredTag(pub(crate) [u8; 16]);

/// The hub's secret: keys stored tags, alert ids and cluster ids. The daemon derives it from its root
/// key, which lies outside the data directory.
pub struct Pepper(hmac::Key);

impl Pepper {
    /// Length in bytes.
    pub const BYTES: usize = 32;

    /// The pepper of `bytes`.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; Self::BYTES]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    /// The 16 bytes stored in place of `tag`: for the laboratory, which attacks a hub's store with
    /// all that its operator has.
    #[must_use]
    pub fn peppered(&self, tag: &Tag) -> [u8; 16] {
        self.stored_tag(&tag.0).0
    }

    /// What is stored in place of `tag`.
    pub(crate) fn stored_tag(&self, tag: &[u8]) -> StoredTag {
        StoredTag(self.first_16(tag))
    }

    /// Where a card is looked up: keyed, so that nobody can choose ids that crowd one place.
    pub(crate) fn card_place(&self, id: CardId) -> StoredTag {
        StoredTag(self.first_16(&lp(&[b"sanctuary/v1/card-place", &id.0])))
    }

    /// The id of the alert on two records: the same after every restart, in either order.
    pub(crate) fn alert_id(&self, a: (&PartyId, Pseudonym), b: (&PartyId, Pseudonym)) -> AlertId {
        let (first, second) = if (a.1, a.0) <= (b.1, b.0) {
            (a, b)
        } else {
            (b, a)
        };
        AlertId(self.first_16(&lp(&[
            b"sanctuary/v1/alert",
            &first.1.0,
            first.0.as_bytes(),
            &second.1.0,
            second.0.as_bytes(),
        ])))
    }

    /// The id of the comparison of two record versions that begins on `day`.
    pub(crate) fn comparison_id(&self, alert: AlertId, cards: [CardId; 2], day: u32) -> [u8; 16] {
        self.first_16(&lp(&[
            b"sanctuary/v1/comparison",
            &alert.0,
            &cards[0].0,
            &cards[1].0,
            &day.to_be_bytes(),
        ]))
    }

    /// The id of the cluster that `member` stands for.
    pub(crate) fn cluster_id(&self, agency: &PartyId, member: Pseudonym) -> [u8; 16] {
        self.first_16(&lp(&[
            b"sanctuary/v1/cluster",
            &member.0,
            agency.as_bytes(),
        ]))
    }

    fn first_16(&self, message: &[u8]) -> [u8; 16] {
        let mut out = [0; 16];
        out.copy_from_slice(&hmac::sign(&self.0, message).as_ref()[..16]);
        out
    }
}

impl StoredTag {
    /// The stored form of bytes read from the log.
    pub(crate) fn read(bytes: &[u8]) -> Self {
        let mut out = [0; Tag::BYTES];
        out.copy_from_slice(&bytes[..Tag::BYTES]);
        Self(out)
    }
}

impl std::fmt::Debug for Pepper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pepper(<redacted>)")
    }
}

impl std::fmt::Debug for StoredTag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StoredTag(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_id_knows_both_records_and_no_order() {
        let pepper = Pepper::from_bytes(&[3; 32]);
        let (police, council) = ("police".parse().unwrap(), "council".parse().unwrap());
        let a = (&police, Pseudonym([1; 16]));
        let b = (&council, Pseudonym([2; 16]));
        assert_eq!(pepper.alert_id(a, b), pepper.alert_id(b, a));
        let same_pseudonym_elsewhere = (&police, Pseudonym([2; 16]));
        assert_ne!(
            pepper.alert_id(a, b),
            pepper.alert_id(a, same_pseudonym_elsewhere)
        );
        let other = Pepper::from_bytes(&[4; 32]);
        assert_ne!(pepper.alert_id(a, b), other.alert_id(a, b));
        assert_ne!(pepper.stored_tag(&[9; 16]), other.stored_tag(&[9; 16]));
        assert!(!format!("{pepper:?}").contains('3'));
    }
}
