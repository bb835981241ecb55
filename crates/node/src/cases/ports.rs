//! Casework's ports over this node: its records, its alerts, the roster, the agreement and the hub.

use std::collections::{BTreeMap, BTreeSet};

use sanctuary_casework::{AlertFacts, Alerts, Directory, PortError, Records, Salts, SharedTokens};
use sanctuary_disclosure::{ReachFacts, Text};
use sanctuary_ledger::EntryId;
use sanctuary_node_core::{
    Details, Ended, Kept, NodeError, PublishedToken, StoredAlert, StoredRecord, is_child,
    ports::{ImportedRecord, NodeStore},
};
use sanctuary_normalize::{Birth, RawIdentifier, Source, canonicalise};
use sanctuary_policy::{Agreement, Denial, Field};
use sanctuary_rpc::now;
use sanctuary_trust::{PartyKind, SigningKey};
use sanctuary_types::{AlertId, AlertState, Epoch, Handle, IdentifierKind, PartyId, Pseudonym};
use sanctuary_wire::disclosure::SharedRequest;
use zeroize::Zeroizing;

use super::courier;
use crate::{Node, acts};

/// Tokens that the hub may name.
const SHARED_MAX: usize = 64;

/// All the ports that are not the store's or the log's.
pub(super) struct Adapters<'a> {
    pub(super) node: &'a Node,
}

impl Alerts for Adapters<'_> {
    fn alert(&self, id: &AlertId) -> Result<Option<AlertFacts>, PortError> {
        let alert = self.node.inner.store.alert(id).map_err(port)?;
        alert.map(|alert| self.facts(&alert)).transpose()
    }

    fn of_record(&self, own: &Pseudonym) -> Result<Vec<AlertFacts>, PortError> {
        let alerts = self.node.inner.store.alerts().map_err(port)?;
        let of_own = alerts.iter().filter(|alert| alert.own == *own);
        of_own.map(|alert| self.facts(alert)).collect()
    }

    fn shared(&self, id: &AlertId) -> Result<SharedTokens, PortError> {
        let alert = self.node.inner.store.alert(id).map_err(port)?;
        let alert = alert.ok_or_else(|| unavailable("this possible match is not known here"))?;
        let record = self.record(&alert.own)?;
        let (peers, alert_id) = (&self.node.inner.peers, id.0.to_vec().into());
        let asked = async {
            let (hub, mut client) = courier::client(peers)?;
            let request = SharedRequest { alert_id };
            let shared = client.shared(request).await;
            shared.map_err(|status| crate::peers::hub_fault(&hub, &status))
        };
        let shared = self.node.inner.cases.runtime.block_on(asked);
        let shared = shared.map_err(port)?.into_inner();
        if shared.own_handles.len() > SHARED_MAX {
            return Err(unavailable("the hub named too many tokens; report this"));
        }
        let published = record.as_ref().and_then(|record| record.published.as_ref());
        let tokens = published.map_or(&[][..], |published| &published.tokens);
        let secrets = shared.own_handles.iter().map(|handle| {
            let handle = Handle::try_from(&handle[..]).ok()?;
            let named = |token: &&PublishedToken| token.handle == handle;
            Some(tokens.iter().find(named)?.match_secret.clone())
        });
        // A token that is not this record's: it was published anew since, or the hub makes it up.
        let secrets: Option<Vec<_>> = secrets.collect();
        let secrets = secrets.ok_or_else(|| {
            unavailable("the own record has just been published anew; the node tries again")
        })?;
        Ok(SharedTokens {
            epoch: Epoch(shared.epoch),
            other: shared
                .other_agency
                .parse()
                .map_err(|_| unavailable("the hub named no agency; report this"))?,
            secrets,
        })
    }
}

impl Records for Adapters<'_> {
    fn find(&self, reference: &str) -> Result<Option<Pseudonym>, PortError> {
        let inner = &self.node.inner;
        let key = inner.secret.record_key(reference);
        let record = inner.store.record(&key).map_err(port)?;
        Ok(record
            .filter(|record| record.details.is_some())
            .map(|record| record.pseudonym))
    }

    fn items(
        &self,
        record: &Pseudonym,
        fields: &[Field],
    ) -> Result<BTreeMap<Field, Text>, PortError> {
        let record = self.record(record)?;
        let Some(details) = record.as_ref().and_then(|r| r.details.as_ref()) else {
            return Ok(BTreeMap::new());
        };
        let held = fields.iter().filter_map(|field| {
            let text = Zeroizing::new(item(details, *field)?);
            Some((*field, Text::new(&text).ok()?))
        });
        Ok(held.collect())
    }

    /// Alleged perpetrators in connection with the record: own records of suspects that share an
    /// identifier or an exact address with it. Nobody is taken for unconnected because nothing is known.
    fn reach(&self, record: &Pseudonym) -> Result<ReachFacts, PortError> {
        let people = self.node.staff().declared();
        let people = people.map_err(|error| PortError::Unavailable(error.to_string()))?;
        let mut prints = BTreeSet::new();
        let record = self.record(record)?;
        if let Some(own) = record.as_ref().and_then(|r| r.details.as_ref()) {
            let visit = &mut |other: StoredRecord| {
                if let Some(details) = &other.details
                    && details.roles.is_suspect()
                    && meets(own, details)
                {
                    prints.extend(self.prints(details));
                }
                Ok(())
            };
            self.node.inner.store.for_each_record(visit).map_err(port)?;
        }
        Ok(ReachFacts {
            perpetrator: (!prints.is_empty()).then_some(prints),
            people,
        })
    }

    fn erase(&self, record: &Pseudonym) -> Result<bool, PortError> {
        let inner = &self.node.inner;
        let at = now();
        let mut counts = self.node.counts();
        let Some(old) = self.record(record)?.filter(|r| r.details.is_some()) else {
            return Ok(true);
        };
        if old.kept.is_held(at) {
            if old.takes_part() {
                let withdrawn = Some(at);
                let kept = Kept {
                    withdrawn,
                    ..old.kept
                };
                inner.store.keep(&[(old.key, kept)]).map_err(port)?;
            }
            return Ok(false);
        }
        let act = acts::of_gone(Ended::Erased, at, 1);
        self.node.ledger().note_blocking(act).map_err(port)?;
        let erased = ImportedRecord::ending(&old, Ended::Erased, at);
        inner.store.commit_import(vec![erased]).map_err(port)?;
        counts.remove(&old);
        Ok(true)
    }
}

impl Directory for Adapters<'_> {
    fn own(&self) -> &PartyId {
        self.node.party()
    }

    fn signing(&self) -> &SigningKey {
        self.node.inner.peers.identity().signing()
    }

    fn agency_key(&self, agency: &PartyId) -> Option<[u8; 32]> {
        let roster = self.node.roster().current();
        let party = roster.party(agency);
        party
            .filter(|party| party.kind == PartyKind::Agency)
            .map(|party| party.signing_key)
    }

    fn agreement(&self) -> Result<Agreement, PortError> {
        let agreement = self.node.agreement();
        agreement.ok_or_else(|| PortError::Unavailable(Denial::NoAgreement.to_string()))
    }
}

impl Salts for Adapters<'_> {
    fn erase(&self, entry: &EntryId) -> Result<(), PortError> {
        self.node.ledger().erase(entry).map_err(port)
    }
}

impl Adapters<'_> {
    fn record(&self, record: &Pseudonym) -> Result<Option<StoredRecord>, PortError> {
        self.node.inner.store.record_of(record).map_err(port)
    }

    fn facts(&self, alert: &StoredAlert) -> Result<AlertFacts, PortError> {
        let record = self.record(&alert.own)?;
        let details = record.as_ref().and_then(|r| r.details.as_ref());
        let own_child = details.is_some_and(|d| is_child(&d.canonical, now()));
        let gone = matches!(alert.state, AlertState::NotTheSame | AlertState::Lapsed);
        Ok(AlertFacts {
            id: alert.alert_id,
            version: alert.version,
            kind: alert.kind,
            stands: !gone && details.is_some(),
            own: alert.own,
            other: alert.other_agency.clone(),
            own_roles: details.map(|d| d.roles).unwrap_or_default(),
            other_roles: alert.other_roles,
            child: own_child || alert.other_is_child,
        })
    }

    fn prints(&self, details: &Details) -> impl Iterator<Item = [u8; 32]> {
        let identifiers = details.canonical.identifiers.iter();
        identifiers.map(|(kind, value)| self.node.print_of(*kind, value))
    }
}

impl Node {
    /// Prints of an identifier as somebody wrote it, to be compared with the prints of others at this
    /// node alone; empty when it is no valid identifier of its kind.
    #[must_use]
    pub fn identifier_prints(&self, kind: IdentifierKind, value: &str) -> Vec<[u8; 32]> {
        let source = Source {
            identifiers: vec![(kind, RawIdentifier::from(value))],
            ..Source::default()
        };
        let (canonical, _) = canonicalise(&source, now(), "GB");
        let identifiers = canonical.identifiers.iter();
        identifiers
            .map(|(kind, value)| self.print_of(*kind, value))
            .collect()
    }

    fn print_of(&self, kind: IdentifierKind, value: &str) -> [u8; 32] {
        let parts: [&[u8]; 2] = [kind.label().as_bytes(), value.as_bytes()];
        let secret = &self.inner.secret;
        secret.mac("sanctuary/v1/node/identifier-print", &parts)
    }
}

fn meets(a: &Details, b: &Details) -> bool {
    let (a, b) = (&a.canonical, &b.canonical);
    let identifiers = a.identifiers.iter().any(|one| b.identifiers.contains(one));
    identifiers || a.fines.iter().any(|place| b.fines.contains(place))
}

/// What the record says of a detail, for somebody to read, correct and decide on.
pub(crate) fn item(details: &Details, field: Field) -> Option<String> {
    use IdentifierKind as Kind;
    let canonical = &details.canonical;
    let of = |kinds: &[Kind]| {
        let values: Vec<&str> = canonical
            .identifiers
            .iter()
            .filter(|(kind, _)| kinds.contains(kind))
            .map(|(_, value)| value.as_str())
            .collect();
        (!values.is_empty()).then(|| values.join(", "))
    };
    match field {
        Field::Name => Some(details.names.clone()).filter(|names| !names.is_empty()),
        Field::Aliases => {
            (!canonical.other_names.is_empty()).then(|| canonical.other_names.join(", "))
        }
        Field::DateOfBirth => birth(&canonical.birth),
        Field::Sex => canonical.sex.map(|sex| sex.to_string()),
        Field::Nationality => canonical.nationality.clone(),
        Field::Phone => of(&[Kind::Phone]),
        Field::OnlineContact => of(&[Kind::Email, Kind::OnlineHandle]),
        Field::Vehicle => of(&[Kind::Vehicle]),
        Field::Document => of(&[Kind::Passport, Kind::NationalId]),
        Field::BankAccount => of(&[Kind::BankAccount]),
        Field::Exploitation => details.exploitation.clone(),
        Field::Address => {
            (!canonical.address_words.is_empty()).then(|| canonical.address_words.join(" "))
        }
        _ => None,
    }
}

fn birth(birth: &Birth) -> Option<String> {
    let year = birth.year?;
    Some(match (birth.month, birth.day) {
        (Some(month), Some(day)) => format!("{year:04}-{month:02}-{day:02}"),
        (Some(month), None) => format!("{year:04}-{month:02}"),
        _ => format!("{year:04}"),
    })
}

fn unavailable(text: &str) -> PortError {
    PortError::Unavailable(text.to_owned())
}

fn port(error: NodeError) -> PortError {
    match error {
        NodeError::Damaged(what) => PortError::Damaged(what),
        other => PortError::Unavailable(other.to_string()),
    }
}
