//! "Who asked about me, on what basis, what was released": over all agencies that a possible match links to
//! the record, each answering for itself through its own data protection officer.

use rand_core::CryptoRng;
use sanctuary_disclosure::{Actor, Text};
use sanctuary_envelope::Header;
use sanctuary_ledger::EntryKind;
use sanctuary_policy::{Action, Field, Gateway, Purpose};
use sanctuary_types::{AlertId, CaseId, PartyId, Pseudonym, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Matter, MatterKind, Question, RightsMessage, put, random_id};
use crate::{
    Casework, CaseworkError, Change, Shelf,
    batch::Batch,
    codec,
    file::{Loaded, numbered},
    letter::{Content, Letter, LetterRow},
    receiving::Taken,
};

/// Lines of one answer, the newest: so many always fit the first size class.
pub const ACCESS_LINES_MAX: usize = 24;

/// One request about a person, as that person may be told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessLine {
    /// The case.
    pub case: CaseId,
    /// Who asked.
    pub asked_by: PartyId,
    /// Who was asked.
    pub asked: PartyId,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub purpose: Purpose,
    /// Under which law.
    pub gateway: Gateway,
    /// The details wanted.
    pub wanted: Vec<Field>,
    /// The details released.
    pub released: Vec<Field>,
}

/// What a person is told. It names no agency that has nothing to tell and no line that is held back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessReport {
    /// Until when it is complete.
    pub at: Timestamp,
    /// Newest first, each case once.
    pub lines: Vec<AccessLine>,
    /// What was asked and what could not be.
    pub statement: String,
}

/// How far a request for access is: for the data protection officer, never for the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccessState {
    /// Its number.
    pub id: CaseId,
    /// When it was opened.
    pub opened: Timestamp,
    /// What this agency itself has.
    pub own: Vec<AccessLine>,
    /// The agencies asked, and when each answered.
    pub agencies: Vec<(PartyId, Option<Timestamp>)>,
}

/// A question of another agency that waits for this agency's data protection officer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccessQuestionView {
    /// Its number.
    pub id: CaseId,
    /// Who asks.
    pub from: PartyId,
    /// The possible match that links the record.
    pub alert: AlertId,
    /// When it came.
    pub came: Timestamp,
    /// What this agency has: decide for each line whether telling it is safe.
    pub lines: Vec<AccessLine>,
}

impl Casework<'_> {
    /// Opens a person's request for access: gathers what this agency has and asks every agency that a
    /// possible match links to the record. Returns its number.
    ///
    /// # Errors
    /// [`CaseworkError`]; so of every use-case.
    pub fn open_access(
        &self,
        reference: &str,
        by: &Actor,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<CaseId, CaseworkError> {
        Self::need(by, Action::AnswerSubjectAccess)?;
        self.check_matters()?;
        let record = self.record_of(reference)?;
        let alerts = self.ports.alerts.of_record(&record)?;
        let questions: Vec<Question> = alerts
            .iter()
            .filter(|facts| facts.stands)
            .map(|facts| Question {
                id: random_id(rng),
                alert: facts.id,
                other: facts.other.clone(),
                answer: None,
            })
            .collect();
        let matter = Matter {
            id: random_id(rng),
            opened: now,
            by: Some(by.clone()),
            record,
            kind: MatterKind::Access {
                questions: questions.clone(),
                held: Vec::new(),
                reason: None,
            },
            done: None,
        };
        let mut batch = Batch::new(*self, vec![put(&matter)]);
        for question in &questions {
            let row = letter(
                question.id,
                &question.other,
                question.alert,
                RightsMessage::AccessQuestion,
            );
            // Sealed at the next tick, when the match is proven.
            let key = numbered(&question.id, 0);
            batch.push(Change::put(Shelf::Unconfirmed, key, codec::json(&row)));
        }
        let about = json!({ "matter": matter.id, "agencies": questions.len() });
        self.log(
            EntryKind::Consult,
            Some(Action::AnswerSubjectAccess),
            Some(by),
            &[],
            &about,
        )?;
        self.ports.store.commit(batch.done())?;
        Ok(matter.id)
    }

    /// How far a request for access is.
    ///
    /// # Errors
    /// [`CaseworkError`].
    pub fn access_state(&self, id: &CaseId, by: &Actor) -> Result<AccessState, CaseworkError> {
        let matter = self.matter(id)?;
        let MatterKind::Access { questions, .. } = &matter.kind else {
            return Err(CaseworkError::NoSuchMatter);
        };
        self.reading(by, Action::AnswerSubjectAccess, &json!({ "matter": id }))?;
        Ok(AccessState {
            id: *id,
            opened: matter.opened,
            own: self.lines_of(&matter.record)?,
            agencies: questions
                .iter()
                .map(|q| (q.other.clone(), q.answer.as_ref().map(|(at, _)| *at)))
                .collect(),
        })
    }

    /// What the person is told, without the cases that are held back for somebody's safety.
    ///
    /// # Errors
    /// [`CaseworkError`]; a hold needs its reason.
    pub fn access_report(
        &self,
        id: &CaseId,
        held: &[CaseId],
        reason: Option<&Text>,
        by: &Actor,
        now: Timestamp,
    ) -> Result<AccessReport, CaseworkError> {
        Self::need(by, Action::AnswerSubjectAccess)?;
        let mut matter = self.matter(id)?;
        let own = self.lines_of(&matter.record)?;
        let MatterKind::Access {
            questions,
            held: kept,
            reason: why,
        } = &mut matter.kind
        else {
            return Err(CaseworkError::NoSuchMatter);
        };
        check_hold(held, reason)?;
        *kept = held.to_vec();
        *why = reason.cloned();
        let told = questions.iter().filter_map(|q| q.answer.as_ref());
        let mut lines: Vec<AccessLine> = own;
        lines.extend(told.flat_map(|(_, lines)| lines.iter().cloned()));
        lines.retain(|line| !held.contains(&line.case));
        lines.sort_by_key(|line| (std::cmp::Reverse(line.at), line.case));
        let mut seen = std::collections::BTreeSet::new();
        lines.retain(|line| seen.insert(line.case));
        let about = json!({ "matter": id, "lines": lines.len(), "held": held.len() });
        self.log(
            EntryKind::Disclose,
            Some(Action::AnswerSubjectAccess),
            Some(by),
            &[],
            &about,
        )?;
        matter.done = Some(now);
        self.ports.store.commit(vec![put(&matter)])?;
        Ok(AccessReport {
            at: now,
            lines,
            statement: "This lists requests about you that this agency made or received, and those that \
                the agencies linked to your record by a possible match have told us of. Agencies without \
                such a link cannot be found or asked. Something may have been left out where telling it \
                would put somebody in danger or harm an investigation."
                .to_owned(),
        })
    }

    /// Questions of other agencies that wait for an answer.
    ///
    /// # Errors
    /// [`CaseworkError`].
    pub fn access_questions(&self, by: &Actor) -> Result<Vec<AccessQuestionView>, CaseworkError> {
        self.reading(
            by,
            Action::AnswerSubjectAccess,
            &json!({ "questions": true }),
        )?;
        let mut out = Vec::new();
        for matter in self.matters()?.into_iter().filter(|m| m.done.is_none()) {
            if let MatterKind::Asked { from, alert, .. } = matter.kind {
                out.push(AccessQuestionView {
                    id: matter.id,
                    from,
                    alert,
                    came: matter.opened,
                    lines: self.lines_of(&matter.record)?,
                });
            }
        }
        Ok(out)
    }

    /// Answers another agency's question, without the cases that are held back. An answer in which
    /// everything is held back is the same as one of an agency that has nothing.
    ///
    /// # Errors
    /// [`CaseworkError`]; a hold needs its reason, which stays here.
    pub fn answer_access(
        &self,
        id: &CaseId,
        held_back: &[CaseId],
        why: Option<&Text>,
        by: &Actor,
        now: Timestamp,
    ) -> Result<(), CaseworkError> {
        Self::need(by, Action::AnswerSubjectAccess)?;
        let mut matter = self.matter(id)?;
        if matter.done.is_some() {
            return Err(CaseworkError::Answered);
        }
        let mut lines = self.lines_of(&matter.record)?;
        let MatterKind::Asked {
            from,
            alert,
            held,
            reason,
        } = &mut matter.kind
        else {
            return Err(CaseworkError::NoSuchMatter);
        };
        check_hold(held_back, why)?;
        *held = held_back.to_vec();
        *reason = why.cloned();
        lines.retain(|line| !held_back.contains(&line.case));
        lines.truncate(ACCESS_LINES_MAX);
        let row = letter(*id, from, *alert, RightsMessage::AccessAnswer { lines });
        let concerned = [from.clone()];
        matter.done = Some(now);
        let about = json!({ "matter": id, "held": held_back.len() });
        let action = Some(Action::AnswerSubjectAccess);
        self.log(EntryKind::Disclose, action, Some(by), &concerned, &about)?;
        let key = numbered(id, 0);
        let letter = Change::put(Shelf::Unconfirmed, key, codec::json(&row));
        Ok(self.ports.store.commit(vec![put(&matter), letter])?)
    }

    pub(super) fn take_access_question(
        &self,
        from: &PartyId,
        header: &Header,
        mut with: Vec<Change>,
        now: Timestamp,
    ) -> Result<Taken, CaseworkError> {
        let facts = self.ports.alerts.alert(&header.match_id)?;
        let Some(facts) = facts.filter(|f| f.other == *from) else {
            return Ok(Taken::NotYet);
        };
        self.check_matters()?;
        let matter = Matter {
            id: header.case,
            opened: now,
            by: None,
            record: facts.own,
            kind: MatterKind::Asked {
                from: from.clone(),
                alert: header.match_id,
                held: Vec::new(),
                reason: None,
            },
            done: None,
        };
        let about = json!({ "matter": header.case });
        self.log(EntryKind::Collect, None, None, &[], &about)?;
        with.push(put(&matter));
        self.ports.store.commit(with)?;
        Ok(Taken::Now)
    }

    pub(super) fn take_access_answer(
        &self,
        from: &PartyId,
        header: &Header,
        mut lines: Vec<AccessLine>,
        mut with: Vec<Change>,
        now: Timestamp,
    ) -> Result<Taken, CaseworkError> {
        lines.truncate(ACCESS_LINES_MAX);
        for mut matter in self.matters()? {
            let MatterKind::Access { questions, .. } = &mut matter.kind else {
                continue;
            };
            let asked = |q: &&mut Question| q.id == header.case && q.other == *from;
            if let Some(question) = questions.iter_mut().find(asked) {
                question.answer = Some((now, lines));
                let about = json!({ "matter": matter.id });
                self.log(EntryKind::Collect, None, None, &[], &about)?;
                with.push(put(&matter));
                self.ports.store.commit(with)?;
                return Ok(Taken::Now);
            }
        }
        Err(sanctuary_disclosure::Refused::NotThisCase.into())
    }

    /// Every request about a record that this agency made or received, newest first.
    fn lines_of(&self, record: &Pseudonym) -> Result<Vec<AccessLine>, CaseworkError> {
        let cases = self.load_all()?.into_iter();
        let about = cases.filter(|file| file.head.own == *record && file.case.sent().is_some());
        let mut lines: Vec<AccessLine> = about.map(|file| line(&file)).collect();
        lines.sort_by_key(|line| (std::cmp::Reverse(line.at), line.case));
        Ok(lines)
    }

    pub(super) fn record_of(&self, reference: &str) -> Result<Pseudonym, CaseworkError> {
        let record = self.ports.records.find(reference)?;
        record.ok_or(CaseworkError::NoSuchRecord)
    }
}

fn line(file: &Loaded) -> AccessLine {
    let request = file.case.request();
    let answered = file.case.answer().is_some() || file.case.releases() > 0;
    let kept_back = |field: &Field| {
        let answer = file.case.answer();
        answer.is_none_or(|a| a.not_released.iter().any(|n| n.field == *field))
    };
    let released = |field: &Field| answered && file.case.releases() > 0 && !kept_back(field);
    AccessLine {
        case: request.case,
        asked_by: request.asker.clone(),
        asked: request.owner.clone(),
        at: file.case.sent().unwrap_or(file.head.opened),
        purpose: request.purpose,
        gateway: request.gateway,
        wanted: request.fields(),
        released: request.fields().into_iter().filter(released).collect(),
    }
}

fn check_hold(held: &[CaseId], reason: Option<&Text>) -> Result<(), CaseworkError> {
    if held.is_empty() || reason.is_some() {
        Ok(())
    } else {
        Err(sanctuary_disclosure::Refused::Text {
            max: sanctuary_disclosure::TEXT_CHARS_MAX,
        }
        .into())
    }
}

fn letter(case: CaseId, other: &PartyId, alert: AlertId, message: RightsMessage) -> LetterRow {
    LetterRow {
        letter: Letter {
            format: 1,
            serial: 0,
            content: Content::Rights(message),
        },
        case,
        other: other.clone(),
        alert,
        sealed: None,
        times: 0,
    }
}
