use std::collections::BTreeSet;
use std::fmt;

use rand_core::CryptoRng;
use sanctuary_disclosure::PersonId;
use sanctuary_policy::StaffRole;
use sanctuary_types::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    Change, Member, Register, SessionToken, SignInWay, SignedIn, StaffActKind, StaffError,
    StaffStore, member::check_roles, session::FRESH_MS, sign_in::Opening,
};

/// One account at one identity provider: a hash of issuer and subject, which are never reused, unlike names.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderSubject(String);

impl ProviderSubject {
    /// The account `subject` of `issuer`.
    #[must_use]
    pub fn new(issuer: &str, subject: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"sanctuary/v1/provider-subject\0");
        hash.update(issuer.as_bytes());
        hash.update([0]);
        hash.update(subject.as_bytes());
        Self(hex::encode(hash.finalize()))
    }
}

impl fmt::Debug for ProviderSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProviderSubject(<redacted>)")
    }
}

/// Roles by an identity provider's claims.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProviderRoles {
    /// Roles that the agency's mapping names: only these follow the claims.
    pub named: BTreeSet<StaffRole>,
    /// Those of them that this person's claims give.
    pub given: BTreeSet<StaffRole>,
}

/// Somebody whom the identity provider vouches for; whoever makes one has checked its token.
#[derive(Clone, Debug)]
pub struct ProviderProof {
    /// Staff number, by the claim that the agency chose.
    pub person: PersonId,
    /// The account at the provider.
    pub subject: ProviderSubject,
    /// What the claims say of roles; none when the register alone decides.
    pub roles: Option<ProviderRoles>,
    /// When they last typed what only they know; none when the provider does not say.
    pub proven: Option<Timestamp>,
}

impl<S: StaffStore> Register<S> {
    /// Signs a person in whom the identity provider vouches for. They must be in the register: the agency
    /// admits people, the provider only says that it is them and, where the mapping names a role, whether
    /// they have it.
    ///
    /// # Errors
    /// [`StaffError::UnknownHere`], [`StaffError::OtherAccount`], [`StaffError::AdministratorAlone`],
    /// [`StaffError::NoRole`]; each is logged.
    pub fn sign_in_by_provider(
        &self,
        proof: &ProviderProof,
        from: &str,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<SignedIn, StaffError> {
        let _one = self.writer();
        let (member, changed) = self.admitted(proof, now)?;
        let person = Some(&member.person);
        self.note(StaffActKind::SignedInByProvider, person, person, now)?;
        let opening = Opening {
            from,
            way: SignInWay::Provider,
            proven: proof.proven.unwrap_or_default(),
            now,
        };
        let (signed_in, opened) = self.opened(&member, &opening, rng)?;
        // No session goes on with roles of before.
        let mut sessions = if changed {
            self.ended(&member.person)?
        } else {
            Vec::new()
        };
        sessions.extend(opened);
        self.store.commit(Change {
            members: vec![member],
            sessions,
            ..Change::default()
        })?;
        Ok(signed_in)
    }

    /// The person of a session has shown once more that it is them, by the identity provider: the session
    /// goes on under a new token.
    ///
    /// # Errors
    /// [`StaffError::NoSession`], [`StaffError::OtherPerson`], [`StaffError::NotFresh`], and as
    /// [`Register::sign_in_by_provider`].
    pub fn prove_again_by_provider(
        &self,
        token: &SessionToken,
        proof: &ProviderProof,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<SignedIn, StaffError> {
        let _one = self.writer();
        let (session, _) = self.live(&token.hash(), now)?;
        let refuse = |error| {
            self.note(StaffActKind::Refused, None, Some(&session.person), now)?;
            Err(error)
        };
        if session.person != proof.person {
            return refuse(StaffError::OtherPerson);
        }
        let proven = match proof.proven {
            Some(at) if now.0.saturating_sub(at.0) < FRESH_MS => at,
            _ => return refuse(StaffError::NotFresh),
        };
        let (member, changed) = self.admitted(proof, now)?;
        let mut more = if changed {
            self.ended(&member.person)?
        } else {
            Vec::new()
        };
        let signed_in = self.renewed(token, &member, proven, now, rng, &mut more)?;
        self.store.commit(Change {
            members: vec![member],
            sessions: more,
            ..Change::default()
        })?;
        Ok(signed_in)
    }

    /// The entry of whoever the provider vouches for, with the roles that they now have, and whether these
    /// have changed. Logged and refused where the register stands against it.
    fn admitted(
        &self,
        proof: &ProviderProof,
        now: Timestamp,
    ) -> Result<(Member, bool), StaffError> {
        let member = self.store.member(&proof.person)?;
        let refused = |about: Option<&PersonId>, error| {
            self.note(StaffActKind::Refused, None, about, now)?;
            Err(error)
        };
        let Some(mut member) = member.filter(Member::is_active) else {
            return refused(None, StaffError::UnknownHere);
        };
        let about = member.person.clone();
        if member.subject.as_ref().is_some_and(|s| *s != proof.subject) {
            return refused(Some(&about), StaffError::OtherAccount);
        }
        let roles = match &proof.roles {
            None => member.roles.clone(),
            Some(by) => {
                let own = member.roles.difference(&by.named);
                own.chain(by.given.intersection(&by.named))
                    .copied()
                    .collect()
            }
        };
        if roles.is_empty() {
            return refused(Some(&about), StaffError::NoRole);
        }
        // A claim makes nobody an administrator, and takes the role from nobody.
        let keeps = roles.contains(&StaffRole::Administrator) == member.is_administrator();
        if check_roles(&roles).is_err() || !keeps {
            return refused(Some(&about), StaffError::AdministratorAlone);
        }
        let changed = roles != member.roles;
        if changed {
            self.note(StaffActKind::RolesByProvider, None, Some(&about), now)?;
            member.roles = roles;
            member.changed = now;
        }
        member.subject = Some(proof.subject.clone());
        Ok((member, changed))
    }
}
