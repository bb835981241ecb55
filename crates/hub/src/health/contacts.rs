//! When each agency was last met, and from when on its silence is an alert. No clock and no disk in here.

use std::collections::BTreeMap;

use sanctuary_health::{AgencyStatus, Silence, SilenceOf};
use sanctuary_types::{PartyId, Timestamp};

const HOUR_MS: u64 = 3_600_000;
/// Pushes nearer to each other are one delivery.
const PAUSE_MIN_MS: u64 = HOUR_MS;
/// Pauses from which an agency's rhythm is learnt.
const PAUSES_KEPT: usize = 12;
const PAUSES_NEEDED: usize = 4;
/// A silence of pushes is at least so long, whatever was learnt: weekends and holidays.
const PUSH_SILENCE_MIN_MS: u64 = 96 * HOUR_MS;
/// So many of its longest pauses make a silence.
const PAUSES_OF_A_SILENCE: u64 = 3;

/// From when on a silence is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SilenceRules {
    /// Without any call.
    pub(crate) contact_ms: u64,
    /// Agencies with rules of their own: without a call, without a push.
    pub(crate) own: BTreeMap<PartyId, (Option<u64>, Option<u64>)>,
}

/// Every agency that was ever met. What is shown to the operator is what is kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct Contacts(BTreeMap<PartyId, AgencyStatus>);

impl Contacts {
    /// As an earlier run of the hub kept them.
    pub(crate) fn of(kept: Vec<AgencyStatus>) -> Self {
        let known = kept
            .into_iter()
            .filter_map(|status| Some((status.agency.parse().ok()?, status)));
        Self(known.collect())
    }

    /// The agencies on the roster now; those that are no longer on it are forgotten.
    pub(crate) fn enrolled<'a>(
        &mut self,
        agencies: impl Iterator<Item = &'a PartyId>,
        now: Timestamp,
    ) {
        let mut gone = std::mem::take(&mut self.0);
        for agency in agencies {
            let known = gone.remove(agency).unwrap_or_else(|| AgencyStatus {
                agency: agency.to_string(),
                known_since: now,
                ..AgencyStatus::default()
            });
            self.0.insert(agency.clone(), known);
        }
    }

    /// Its node has called, with a certificate that holds until then.
    pub(crate) fn called(&mut self, agency: &PartyId, until: Timestamp, now: Timestamp) {
        let known = self.of_agency(agency, now);
        known.last_call = Some(now);
        known.certificate_until = Some(until);
    }

    /// Its node has been sent what is new in its stream.
    pub(crate) fn followed(&mut self, agency: &PartyId, now: Timestamp) {
        let known = self.of_agency(agency, now);
        (known.last_call, known.last_followed) = (Some(now), Some(now));
    }

    /// It has pushed a batch.
    pub(crate) fn pushed(&mut self, agency: &PartyId, now: Timestamp) {
        let known = self.of_agency(agency, now);
        if let Some(last) = known.last_push {
            let pause_ms = now.0.saturating_sub(last.0);
            if pause_ms >= PAUSE_MIN_MS {
                known.pauses_ms.push(pause_ms);
                let surplus = known.pauses_ms.len().saturating_sub(PAUSES_KEPT);
                known.pauses_ms.drain(..surplus);
            }
        }
        known.last_push = Some(now);
        known.last_call = Some(now);
        known.batches += 1;
    }

    /// Something of it was refused.
    pub(crate) fn refused(&mut self, agency: &PartyId, code: &'static str, now: Timestamp) {
        let known = self.of_agency(agency, now);
        *known.refusals.entry(code.to_owned()).or_default() += 1;
    }

    /// Each agency with its silence, if it is silent, in the order of names.
    pub(crate) fn told(&self, rules: &SilenceRules, now: Timestamp) -> Vec<AgencyStatus> {
        let told = self.0.iter().map(|(agency, known)| {
            let mut known = known.clone();
            begin_day(&mut known, now);
            known.silence = silence(agency, &known, rules, now);
            known
        });
        told.collect()
    }

    fn of_agency(&mut self, agency: &PartyId, now: Timestamp) -> &mut AgencyStatus {
        let known = self
            .0
            .entry(agency.clone())
            .or_insert_with(|| AgencyStatus {
                agency: agency.to_string(),
                known_since: now,
                ..AgencyStatus::default()
            });
        begin_day(known, now);
        known
    }
}

/// Counts of the day begin anew with it.
fn begin_day(known: &mut AgencyStatus, now: Timestamp) {
    if known.day != now.day() {
        known.day = now.day();
        known.batches = 0;
        known.refusals.clear();
    }
}

/// Whether an agency is silent, and since when.
fn silence(
    agency: &PartyId,
    known: &AgencyStatus,
    rules: &SilenceRules,
    now: Timestamp,
) -> Option<Silence> {
    let (own_contact, own_push) = rules.own.get(agency).copied().unwrap_or_default();
    let silent = |since: Timestamp, longest_ms: u64, of: SilenceOf| {
        (now.0.saturating_sub(since.0) > longest_ms).then_some(Silence { since, of })
    };
    let met = known.last_call.unwrap_or(known.known_since);
    let calls = silent(
        met,
        own_contact.unwrap_or(rules.contact_ms),
        SilenceOf::Calls,
    );
    calls.or_else(|| {
        let longest_ms = own_push.or_else(|| usual_pause(&known.pauses_ms))?;
        silent(
            known.last_push.unwrap_or(known.known_since),
            longest_ms,
            SilenceOf::Pushes,
        )
    })
}

/// How long an agency may push nothing, learnt from how long it did before; none while that is not known.
fn usual_pause(pauses_ms: &[u64]) -> Option<u64> {
    let longest = pauses_ms.iter().max().copied()?;
    (pauses_ms.len() >= PAUSES_NEEDED)
        .then(|| (longest * PAUSES_OF_A_SILENCE).max(PUSH_SILENCE_MIN_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp(1_795_392_000_000);

    fn at(hours: u64) -> Timestamp {
        Timestamp(START.0 + hours * HOUR_MS)
    }

    fn police() -> PartyId {
        "police".parse().unwrap()
    }

    fn rules() -> SilenceRules {
        SilenceRules {
            contact_ms: 24 * HOUR_MS,
            own: BTreeMap::new(),
        }
    }

    fn silence_at(contacts: &Contacts, rules: &SilenceRules, hours: u64) -> Option<Silence> {
        contacts.told(rules, at(hours)).remove(0).silence
    }

    #[test]
    fn an_agency_that_does_not_call_for_a_day_is_silent_since_its_last_call() {
        let mut contacts = Contacts::default();
        contacts.enrolled([police()].iter(), at(0));
        contacts.called(&police(), at(9_000), at(2));
        assert_eq!(silence_at(&contacts, &rules(), 26), None);
        let silent = silence_at(&contacts, &rules(), 27).unwrap();
        assert_eq!((silent.since, silent.of), (at(2), SilenceOf::Calls));
        contacts.followed(&police(), at(28));
        assert_eq!(silence_at(&contacts, &rules(), 29), None);
    }

    #[test]
    fn one_that_never_called_is_silent_since_it_was_enrolled() {
        let mut contacts = Contacts::default();
        contacts.enrolled([police()].iter(), at(1));
        assert_eq!(silence_at(&contacts, &rules(), 20), None);
        assert_eq!(silence_at(&contacts, &rules(), 30).unwrap().since, at(1));
        contacts.enrolled([].iter(), at(31));
        assert!(
            contacts.told(&rules(), at(31)).is_empty(),
            "no longer on the roster"
        );
    }

    #[test]
    fn a_silence_of_pushes_is_learnt_from_the_agency_itself() {
        let mut contacts = Contacts::default();
        contacts.enrolled([police()].iter(), at(0));
        // Each day at nine, over a weekend not.
        for hours in [9, 33, 57, 129, 153] {
            contacts.pushed(&police(), at(hours));
            contacts.pushed(&police(), at(hours));
        }
        let silent = |contacts: &mut Contacts, hours: u64| {
            contacts.called(&police(), at(9_000), at(hours));
            silence_at(contacts, &rules(), hours)
        };
        assert_eq!(silent(&mut contacts, 153 + 216), None, "three weekends");
        let told = silent(&mut contacts, 153 + 217).unwrap();
        assert_eq!((told.since, told.of), (at(153), SilenceOf::Pushes));
    }

    #[test]
    fn too_few_pushes_teach_nothing_and_what_is_configured_counts() {
        let mut contacts = Contacts::default();
        contacts.enrolled([police()].iter(), at(0));
        contacts.pushed(&police(), at(1));
        contacts.pushed(&police(), at(9));
        contacts.called(&police(), at(9_000), at(2_000));
        assert_eq!(silence_at(&contacts, &rules(), 2_000), None);
        let mut own = rules();
        own.own
            .insert(police(), (Some(72 * HOUR_MS), Some(48 * HOUR_MS)));
        let told = silence_at(&contacts, &own, 2_000).unwrap();
        assert_eq!(told.of, SilenceOf::Pushes);
        assert_eq!(
            silence_at(&contacts, &own, 2_071).unwrap().of,
            SilenceOf::Pushes
        );
        assert_eq!(
            silence_at(&contacts, &own, 2_073).unwrap().of,
            SilenceOf::Calls
        );
    }

    #[test]
    fn counts_are_of_today_and_survive_a_restart() {
        let mut contacts = Contacts::default();
        contacts.pushed(&police(), at(1));
        contacts.refused(&police(), "stale_epoch", at(1));
        let told = contacts.told(&rules(), at(2));
        assert_eq!((told[0].batches, told[0].refusals["stale_epoch"]), (1, 1));
        let again = Contacts::of(told);
        assert_eq!(again.told(&rules(), at(3))[0].batches, 1);
        let tomorrow = &again.told(&rules(), at(25))[0];
        assert_eq!((tomorrow.batches, tomorrow.refusals.len()), (0, 0));
        assert_eq!(tomorrow.last_push, Some(at(1)));
    }
}
