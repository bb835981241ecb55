use rand_core::CryptoRng;
use sanctuary_types::{PartyId, Timestamp};
use zeroize::Zeroizing;

use crate::{
    Anchors, Authority, Leaf, LeafNames, Party, PartyKind, Roster, SealingKey, SignedRoster,
    SigningKey, TrustError, ca, ca::LEAF_DAYS, spki_sha256,
};

/// Clocks of other machines may be this much behind: certificates begin earlier.
const CLOCK_SLACK_MS: u64 = 3_600_000;

/// One party to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedParty {
    /// Its id.
    pub id: PartyId,
    /// The organisation's name for people.
    pub name: String,
    /// `host:port`; the hub and key holders need one.
    pub endpoint: Option<String>,
    /// Further names of its certificate.
    pub names: LeafNames,
}

impl PlannedParty {
    /// A party by its id, with nothing else known.
    ///
    /// # Errors
    /// [`TrustError::Malformed`] when the id is not one.
    pub fn new(id: &str, endpoint: Option<String>) -> Result<Self, TrustError> {
        let id: PartyId = id.parse().map_err(|_| TrustError::Malformed {
            what: "plan",
            reason: "a party's name must be 1 to 32 characters of a-z, 0-9 and -",
        })?;
        Ok(Self {
            name: id.to_string(),
            id,
            endpoint,
            names: LeafNames::default(),
        })
    }
}

/// What a new partnership shall consist of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The hub.
    pub hub: PlannedParty,
    /// The key holders in the order of their share indices.
    pub holders: Vec<PlannedParty>,
    /// The agencies.
    pub agencies: Vec<PlannedParty>,
    /// How many officers there are.
    pub officers: u8,
    /// How many of them must sign.
    pub sign: u8,
    /// Days the first certificates hold.
    pub certificate_days: u32,
    /// Whether nodes may compare two records, encrypted, where the tokens leave doubt.
    pub second_step: bool,
}

impl Plan {
    /// A plan on this machine with three officers of whom two must sign and with the second step
    /// agreed: the hub on port 7400, the key holders from 7411 upwards.
    ///
    /// # Errors
    /// [`TrustError::Malformed`] for a name that is not an id.
    pub fn new(hub: &str, holders: &[&str], agencies: &[&str]) -> Result<Self, TrustError> {
        let local = |port: usize| Some(format!("127.0.0.1:{port}"));
        Ok(Self {
            hub: PlannedParty::new(hub, local(7400))?,
            holders: (7411..)
                .zip(holders)
                .map(|(port, id)| PlannedParty::new(id, local(port)))
                .collect::<Result<_, _>>()?,
            agencies: agencies
                .iter()
                .map(|id| PlannedParty::new(id, None))
                .collect::<Result<_, _>>()?,
            officers: 3,
            sign: 2,
            certificate_days: LEAF_DAYS,
            second_step: true,
        })
    }
}

/// One party with its secrets.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its roster entry.
    pub party: Party,
    /// TLS key, PKCS#8 DER.
    pub tls_key: Zeroizing<Vec<u8>>,
    /// Certificates, leaf first, without the root.
    pub chain: Vec<Vec<u8>>,
    /// Ed25519 key.
    pub signing: SigningKey,
    /// X25519 key of key holders.
    pub sealing: Option<SealingKey>,
}

/// A whole partnership's key material, made in one place: for a pilot, the lab and tests. In
/// production each party makes its own keys and enrols ([`crate::enrol`]).
#[derive(Debug)]
pub struct Partnership {
    /// What everybody is told out of band.
    pub anchors: Anchors,
    /// The certificate authority.
    pub authority: Authority,
    /// Signed by as many officers as needed; version 1.
    pub roster: SignedRoster,
    /// The officers `officer-1`, `officer-2`, ...
    pub officers: Vec<Member>,
    /// The hub.
    pub hub: Member,
    /// The key holders in the order of the plan.
    pub holders: Vec<Member>,
    /// The agencies in the order of the plan.
    pub agencies: Vec<Member>,
}

impl Partnership {
    /// Makes every key, certificate and the signed roster.
    ///
    /// # Errors
    /// [`TrustError`] when the plan is impossible.
    pub fn generate(
        plan: &Plan,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, TrustError> {
        let not_before = Timestamp(now.0.saturating_sub(CLOCK_SLACK_MS));
        let authority = Authority::generate(not_before, rng)?;
        let mut make = |planned: &PlannedParty, kind| {
            let leaf = Leaf {
                party: planned.id.clone(),
                kind,
                names: planned.names.clone(),
                not_before,
                days: plan.certificate_days,
            };
            Member::generate(planned, &leaf, &authority, rng)
        };
        let hub = make(&plan.hub, PartyKind::Hub)?;
        let holders: Vec<Member> = plan
            .holders
            .iter()
            .map(|p| make(p, PartyKind::KeyHolder))
            .collect::<Result<_, _>>()?;
        let agencies: Vec<Member> = plan
            .agencies
            .iter()
            .map(|p| make(p, PartyKind::Agency))
            .collect::<Result<_, _>>()?;
        let officers: Vec<Member> = (1..=plan.officers)
            .map(|n| {
                make(
                    &PlannedParty::new(&format!("officer-{n}"), None)?,
                    PartyKind::Officer,
                )
            })
            .collect::<Result<_, _>>()?;
        let anchors = Anchors::new(
            officers.iter().map(|o| o.signing.public()).collect(),
            plan.sign,
            authority.certificate().to_vec(),
        )?;
        let parties = std::iter::once(&hub)
            .chain(&holders)
            .chain(&agencies)
            .chain(&officers)
            .map(|m| m.party.clone())
            .collect();
        let mut roster = Roster::new(1, now, parties)?;
        roster.second_step = plan.second_step;
        let mut roster = SignedRoster::unsigned(roster);
        for officer in officers.iter().take(usize::from(plan.sign)) {
            roster.sign(&anchors, &officer.signing)?;
        }
        Ok(Self {
            anchors,
            authority,
            roster,
            officers,
            hub,
            holders,
            agencies,
        })
    }

    /// Every member, the hub first and the officers last.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        std::iter::once(&self.hub)
            .chain(&self.holders)
            .chain(&self.agencies)
            .chain(&self.officers)
    }

    /// The member of that id.
    #[must_use]
    pub fn member(&self, id: &str) -> Option<&Member> {
        self.members().find(|m| m.party.id.as_str() == id)
    }

    /// A roster signed by as many officers as needed.
    ///
    /// # Errors
    /// [`TrustError`] when signing fails.
    pub fn sign(&self, roster: Roster) -> Result<SignedRoster, TrustError> {
        let mut signed = SignedRoster::unsigned(roster);
        for officer in self.officers.iter().take(usize::from(self.anchors.k)) {
            signed.sign(&self.anchors, &officer.signing)?;
        }
        Ok(signed)
    }
}

impl Member {
    /// Fresh keys and a certificate for one planned party.
    ///
    /// # Errors
    /// [`TrustError`] when the plan is impossible.
    pub fn generate(
        planned: &PlannedParty,
        leaf: &Leaf,
        authority: &Authority,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, TrustError> {
        let tls_key = SigningKey::generate(rng)?.to_pkcs8();
        let signing = SigningKey::generate(rng)?;
        let sealing = (leaf.kind == PartyKind::KeyHolder).then(|| SealingKey::generate(rng));
        let certificate = authority.issue(&ca::request(&tls_key)?, leaf, rng)?;
        Ok(Self {
            party: Party {
                id: planned.id.clone(),
                kind: leaf.kind,
                name: planned.name.clone(),
                spki_sha256: spki_sha256(&certificate)?,
                signing_key: signing.public(),
                sealing_key: sealing.as_ref().map(SealingKey::public),
                endpoint: planned.endpoint.clone(),
            },
            tls_key,
            chain: vec![certificate],
            signing,
            sealing,
        })
    }
}
