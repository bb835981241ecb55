use sanctuary_types::{PartyId, Timestamp};

use crate::{Agreement, Clock, Day, Field, Gateway, Member, Purpose, Urgency};

/// "May this be asked?", put to the agreement by both nodes before a request is sent, taken,
/// answered or released.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Who asks.
    pub asker: &'a PartyId,
    /// Who is asked.
    pub owner: &'a PartyId,
    /// Why.
    pub purpose: Purpose,
    /// Under which law.
    pub gateway: Gateway,
    /// Which details.
    pub fields: &'a [Field],
    /// How soon.
    pub urgency: Urgency,
    /// Whether the person is under 18.
    pub child: bool,
    /// When.
    pub now: Timestamp,
}

/// Proof that the agreement permits a question; only [`Agreement::permits`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    agreement_version: u32,
    agreement_sha256: [u8; 32],
    clock: Clock,
    review_overdue: bool,
}

impl Permission {
    /// Version of the agreement that permits.
    #[must_use]
    pub const fn agreement_version(&self) -> u32 {
        self.agreement_version
    }
    /// Its SHA-256.
    #[must_use]
    pub const fn agreement_sha256(&self) -> &[u8; 32] {
        &self.agreement_sha256
    }
    /// The promise for this urgency.
    #[must_use]
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }
    /// Whether the parties should have looked at the agreement again by now.
    #[must_use]
    pub const fn is_review_overdue(&self) -> bool {
        self.review_overdue
    }
}

/// Why the agreement does not permit something. Default deny: what no rule permits is denied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Denial {
    /// There is none.
    #[error(
        "no sharing agreement has been put in force: nothing may be asked or released until the officers sign one and put it at the hub"
    )]
    NoAgreement,
    /// Its last day is over.
    #[error(
        "the sharing agreement ended on {}: nothing may be asked or released until the officers sign a new one",
        .ended.long()
    )]
    Expired {
        /// Its last day.
        ended: Day,
    },
    /// Its first day is still to come.
    #[error("the sharing agreement begins on {}: nothing may be asked or released before", .begins.long())]
    NotYetInForce {
        /// Its first day.
        begins: Day,
    },
    /// A party asks itself.
    #[error("an agency cannot send a request to itself")]
    OwnRecord,
    /// Not a party.
    #[error("{party} is not a party of the sharing agreement, so it can neither ask nor be asked")]
    NotAParty {
        /// The party.
        party: PartyId,
    },
    /// The law does not serve the purpose.
    #[error("{} does not serve the purpose to {}; choose the law that does", .gateway.text(), .purpose.text())]
    GatewayDoesNotServe {
        /// The law.
        gateway: Gateway,
        /// The purpose.
        purpose: Purpose,
    },
    /// The law is not for this kind of organisation.
    #[error("an organisation of this kind may not ask under {}; choose another law or ask through a partner", .gateway.text())]
    GatewayNotForAsker {
        /// The law.
        gateway: Gateway,
    },
    /// A children's law for an adult.
    #[error("{} is for children; choose the law for an adult", .gateway.text())]
    GatewayForChildren {
        /// The law.
        gateway: Gateway,
    },
    /// Urgency 1 for another purpose than protecting life.
    #[error(
        "urgency 1 is for a threat to life; choose urgency 2 to 4 or the purpose to protect life"
    )]
    UrgencyNeedsThreatToLife,
    /// No details at all.
    #[error("name at least one detail that is needed")]
    NoFields,
    /// More details than one request may ask for.
    #[error("a request may ask for {max} details at most; keep those that are needed")]
    TooManyFields {
        /// The limit.
        max: u8,
    },
    /// A detail twice.
    #[error("{} is asked for twice; ask once", .0.text())]
    FieldTwice(Field),
    /// No rule for asker, owner, purpose and gateway.
    #[error("no rule of the sharing agreement lets this agency ask that one to {} under this law", .purpose.text())]
    NoRule {
        /// The purpose.
        purpose: Purpose,
    },
    /// Rules, but none that names this detail.
    #[error("the sharing agreement does not let {} be asked for here; remove it", .0.text())]
    FieldNotCovered(Field),
}

impl Denial {
    /// The rule that denies, as a stable word for logs, figures and screens.
    #[must_use]
    pub const fn rule(&self) -> &'static str {
        match self {
            Self::NoAgreement => "no_agreement",
            Self::Expired { .. } => "agreement_expired",
            Self::NotYetInForce { .. } => "agreement_not_yet_in_force",
            Self::OwnRecord => "own_record",
            Self::NotAParty { .. } => "not_a_party",
            Self::GatewayDoesNotServe { .. } => "gateway_does_not_serve_purpose",
            Self::GatewayNotForAsker { .. } => "gateway_not_for_asker",
            Self::GatewayForChildren { .. } => "gateway_for_children",
            Self::UrgencyNeedsThreatToLife => "urgency_needs_threat_to_life",
            Self::NoFields => "no_fields",
            Self::TooManyFields { .. } => "too_many_fields",
            Self::FieldTwice(_) => "field_twice",
            Self::NoRule { .. } => "no_rule",
            Self::FieldNotCovered(_) => "field_not_covered",
        }
    }
}

impl Agreement {
    /// Whether the question may be asked. One rule must cover asker, owner, purpose and law; each
    /// detail must stand in such a rule.
    ///
    /// # Errors
    /// [`Denial`] with the first rule that denies.
    pub fn permits(&self, question: &Question<'_>) -> Result<Permission, Denial> {
        let Question {
            asker,
            owner,
            purpose,
            gateway,
            fields,
            urgency,
            child,
            now,
        } = *question;
        let (asking, _) = self.parties(asker, owner, now)?;
        if !gateway.purposes().contains(&purpose) {
            return Err(Denial::GatewayDoesNotServe { gateway, purpose });
        }
        if !gateway.askers().contains(&asking.sector) {
            return Err(Denial::GatewayNotForAsker { gateway });
        }
        if gateway.is_for_children() && !child {
            return Err(Denial::GatewayForChildren { gateway });
        }
        if urgency == Urgency::ThreatToLife && purpose != Purpose::ProtectLife {
            return Err(Denial::UrgencyNeedsThreatToLife);
        }
        self.check_fields(fields)?;
        let covering = || {
            self.rules.iter().filter(|r| {
                r.purpose == purpose
                    && r.gateways.contains(&gateway)
                    && r.askers.contains(asker)
                    && r.owners.contains(owner)
            })
        };
        if covering().next().is_none() {
            return Err(Denial::NoRule { purpose });
        }
        if let Some(field) = fields
            .iter()
            .find(|f| !covering().any(|r| r.fields.contains(f)))
        {
            return Err(Denial::FieldNotCovered(*field));
        }
        Ok(Permission {
            agreement_version: self.version,
            agreement_sha256: self.sha256(),
            clock: *self.clocks.of(urgency),
            review_overdue: self.is_review_overdue(now),
        })
    }

    /// Whether the hub may carry anything between the two: both are parties and the agreement is in
    /// force. The hub knows no more of a request than that.
    ///
    /// # Errors
    /// [`Denial`] with the first rule that denies.
    pub fn permits_carriage(
        &self,
        from: &PartyId,
        to: &PartyId,
        now: Timestamp,
    ) -> Result<(), Denial> {
        self.parties(from, to, now).map(|_| ())
    }

    /// Whether the agreement is in force.
    ///
    /// # Errors
    /// [`Denial::Expired`] or [`Denial::NotYetInForce`].
    pub fn check_in_force(&self, now: Timestamp) -> Result<(), Denial> {
        if now >= self.expires.end() {
            return Err(Denial::Expired {
                ended: self.expires,
            });
        }
        if now < self.in_force.start() {
            return Err(Denial::NotYetInForce {
                begins: self.in_force,
            });
        }
        Ok(())
    }

    fn parties(
        &self,
        asker: &PartyId,
        owner: &PartyId,
        now: Timestamp,
    ) -> Result<(&Member, &Member), Denial> {
        self.check_in_force(now)?;
        let member = |id: &PartyId| {
            self.member(id)
                .ok_or_else(|| Denial::NotAParty { party: id.clone() })
        };
        let pair = (member(asker)?, member(owner)?);
        if asker == owner {
            return Err(Denial::OwnRecord);
        }
        Ok(pair)
    }

    fn check_fields(&self, fields: &[Field]) -> Result<(), Denial> {
        if fields.is_empty() {
            return Err(Denial::NoFields);
        }
        if fields.len() > usize::from(self.fields_max) {
            return Err(Denial::TooManyFields {
                max: self.fields_max,
            });
        }
        let twice = fields
            .iter()
            .enumerate()
            .find(|(i, f)| fields.iter().take(*i).any(|earlier| earlier == *f));
        match twice {
            Some((_, field)) => Err(Denial::FieldTwice(*field)),
            None => Ok(()),
        }
    }
}
