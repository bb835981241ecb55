//! Envelopes and announcements as bytes, for a node's own store. The wire has its own form.

use sanctuary_types::{AlertId, CaseId, Epoch, PartyId, Timestamp, lp};

use crate::{Envelope, EnvelopeError, Header, KeyAnnouncement, KeyId, Suite, header::VERSION};

impl Envelope {
    /// `lp(header as it is bound, encapsulated key, sealed bytes, signature)`.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        lp(&[
            &self.header.to_bytes(),
            &self.encapsulated,
            &self.sealed,
            &self.signature,
        ])
    }

    /// Reads [`Self::to_bytes`]; verifies nothing.
    ///
    /// # Errors
    /// [`EnvelopeError::Malformed`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        read_envelope(bytes).ok_or(EnvelopeError::Malformed("envelope"))
    }
}

impl KeyAnnouncement {
    /// `lp(party, suite, public key, from when, fresh until, signature)`.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        lp(&[
            self.party.as_bytes(),
            &[self.suite.code()],
            &self.public,
            &self.not_before.0.to_be_bytes(),
            &self.fresh_until.0.to_be_bytes(),
            &self.signature,
        ])
    }

    /// Reads [`Self::to_bytes`]; verifies nothing.
    ///
    /// # Errors
    /// [`EnvelopeError::Malformed`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        read_announcement(bytes).ok_or(EnvelopeError::Malformed("key announcement"))
    }
}

fn read_envelope(bytes: &[u8]) -> Option<Envelope> {
    let mut parts = Parts(bytes);
    let mut head = Parts(parts.next()?);
    let known = head.next()? == b"sanctuary/v1/envelope" && head.next()? == VERSION.to_be_bytes();
    let header = Header {
        suite: Suite::from_code(head.array::<1>()?[0])?,
        case: CaseId(head.array()?),
        from: head.party()?,
        to: head.party()?,
        match_id: AlertId(head.array()?),
        epoch: Epoch(u32::from_be_bytes(head.array()?)),
        agreement_version: u32::from_be_bytes(head.array()?),
        key_id: KeyId(head.array()?),
        created: head.time()?,
        expires: head.time()?,
    };
    let envelope = Envelope {
        header,
        encapsulated: parts.next()?.to_vec(),
        sealed: parts.next()?.to_vec(),
        signature: parts.array()?,
    };
    (known && head.0.is_empty() && parts.0.is_empty()).then_some(envelope)
}

fn read_announcement(bytes: &[u8]) -> Option<KeyAnnouncement> {
    let mut parts = Parts(bytes);
    let party = parts.party()?;
    let suite = Suite::from_code(parts.array::<1>()?[0])?;
    let public = parts.next()?.to_vec();
    let announcement = KeyAnnouncement {
        party,
        suite,
        key_id: KeyId::of(suite, &public),
        public,
        not_before: parts.time()?,
        fresh_until: parts.time()?,
        signature: parts.array()?,
    };
    parts.0.is_empty().then_some(announcement)
}

/// The parts of an `lp` encoding, from the front.
struct Parts<'a>(&'a [u8]);

impl<'a> Parts<'a> {
    fn next(&mut self) -> Option<&'a [u8]> {
        let (length, rest) = self.0.split_first_chunk::<4>()?;
        let (part, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        self.0 = rest;
        Some(part)
    }
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.next()?.try_into().ok()
    }
    fn time(&mut self) -> Option<Timestamp> {
        self.array()
            .map(|bytes| Timestamp(u64::from_be_bytes(bytes)))
    }
    fn party(&mut self) -> Option<PartyId> {
        std::str::from_utf8(self.next()?).ok()?.parse().ok()
    }
}
