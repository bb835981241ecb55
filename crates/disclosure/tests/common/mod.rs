//! Police asks the charity about a possible match, under the example agreement.
#![allow(dead_code)]

use std::collections::BTreeSet;

use rand::{SeedableRng, rngs::StdRng};
use sanctuary_disclosure::{
    About, Actor, Call, Case, ConfirmedAlert, ContactCard, ContactFirst, Event, Handling,
    InformationGrade, Item, Marking, Message, Onward, Proposal, Reach, ReachAnswer, ReasonPrint,
    RefusalReason, Refused, Report, Request, SafeguardingTalk, Setting, ShieldGround, Side,
    SourceGrade, Step, Terms, Text, Verdict, Views, Wanted, Watermark,
};
use sanctuary_policy::{
    Agreement, ContactRole, Field, Gateway, Purpose, SignedAgreement, StaffRole, Urgency,
};
use sanctuary_trust::SigningKey;
use sanctuary_types::{AlertId, AlertKind, CaseId, PartyId, Role, Roles, Timestamp};

pub const NOW: Timestamp = Timestamp(1_795_478_400_000);
pub const HOUR_MS: u64 = 3_600_000;
pub const DAY_MS: u64 = 24 * HOUR_MS;
pub const CASE: CaseId = CaseId([1; 16]);
const EXAMPLE: &str = include_str!("../../../../deploy/agreement/example.toml");

pub fn agreement() -> Agreement {
    SignedAgreement::from_toml(EXAMPLE)
        .unwrap()
        .proposal()
        .clone()
}

pub fn id(text: &str) -> PartyId {
    text.parse().unwrap()
}
pub fn text(text: &str) -> Text {
    Text::new(text).unwrap()
}
pub fn later(ms: u64) -> Timestamp {
    Timestamp(NOW.0 + ms)
}
pub fn actor(person: &str, roles: &[StaffRole]) -> Actor {
    Actor {
        person: person.parse().unwrap(),
        account: format!("{person}@example"),
        session: format!("session of {person}"),
        roles: roles.to_vec(),
    }
}

pub fn officer() -> Actor {
    actor("officer", &[StaffRole::IntelligenceOfficer])
}
pub fn inspector() -> Actor {
    actor("inspector", &[StaffRole::Authoriser])
}
pub fn releaser() -> Actor {
    actor("releaser", &[StaffRole::Releaser])
}
pub fn approver() -> Actor {
    actor("approver", &[StaffRole::SecondApprover])
}
pub fn dpo() -> Actor {
    actor("dpo", &[StaffRole::DataProtectionOfficer])
}
pub fn reviewer() -> Actor {
    actor("reviewer", &[StaffRole::Authoriser])
}

pub fn police_key() -> SigningKey {
    SigningKey::generate(&mut StdRng::from_seed([2; 32])).unwrap()
}

pub fn request(fields: &[Field]) -> Request {
    Request {
        case: CASE,
        asker: id("police"),
        owner: id("charity"),
        alert: Some(ConfirmedAlert {
            id: AlertId([7; 16]),
            version: 1,
            kind: AlertKind::SamePerson,
            confirmed: Timestamp(NOW.0 - DAY_MS),
        }),
        about: About {
            asker_roles: Roles::default().with(Role::Witness),
            owner_roles: Roles::default().with(Role::PotentialVictim),
            child: false,
        },
        purpose: Purpose::InvestigateExploitation,
        gateway: Gateway::CrimeAndTaxation,
        enquiry: text("Operation against forced labour at a car wash, crime number held"),
        necessity: text("The suspect leaves the country on Friday and we cannot reach the witness"),
        proportionality: text(
            "Two details for one witness, after a telephone call brought nothing",
        ),
        line_of_enquiry: None,
        wanted: fields
            .iter()
            .map(|f| Wanted {
                field: *f,
                reason: text(&format!(
                    "We need her {} so that our officer can safely arrange a visit",
                    f.text()
                )),
            })
            .collect(),
        urgency: Urgency::Routine,
        contact_first: ContactFirst::Phoned(call()),
        victim_notice: None,
        counselling: None,
    }
}

pub fn life_request(fields: &[Field]) -> Request {
    Request {
        purpose: Purpose::ProtectLife,
        gateway: Gateway::VitalInterests,
        urgency: Urgency::ThreatToLife,
        ..request(fields)
    }
}

pub fn call() -> Call {
    Call {
        at: NOW,
        with: text("Duty worker"),
        result: text("Asked us to send a request"),
    }
}

pub fn talk() -> SafeguardingTalk {
    SafeguardingTalk {
        at: NOW,
        advice: text("Treat as a victim first; no arrest before a strategy meeting"),
        section_45: text("Compelled by debt bondage; no realistic alternative considered likely"),
    }
}

pub fn contact() -> ContactCard {
    ContactCard {
        role: ContactRole::CaseWorker,
        name: text("Outreach team"),
        phone: text("0191 498 0001"),
        hours: text("9am to 5pm"),
    }
}

pub fn reach_answer(reach: Reach, at: Timestamp) -> ReachAnswer {
    ReachAnswer::sign(
        CASE,
        &id("police"),
        &id("charity"),
        reach,
        at,
        &police_key(),
    )
}

/// A proposal that decides `verdicts`, with the report and contact they need.
pub fn proposal(
    request: &Request,
    verdicts: &[(Field, Verdict)],
    number: u32,
    at: Timestamp,
) -> Proposal {
    let released = |f: &Field| verdicts.iter().any(|(field, v)| field == f && v.releases());
    let items: Vec<Item> = verdicts
        .iter()
        .filter(|(f, v)| v.releases() && *f != Field::Contact)
        .map(|(f, v)| Item {
            field: *f,
            value: text(&format!("SECRETVALUE of {}", f.word())),
            opinion: false,
            sanitised: *v == Verdict::Sanitise,
        })
        .collect();
    let report = (!items.is_empty()).then(|| Report {
        case: request.case,
        number,
        corrects: (number > 1).then(|| number - 1),
        owner: request.owner.clone(),
        owner_name: "Victim care charity".to_owned(),
        recipient: request.asker.clone(),
        recipient_name: "Constabulary".to_owned(),
        category: request.about.owner_roles,
        child: request.about.child,
        made: at,
        expires: Timestamp(at.0 + 30 * DAY_MS),
        marking: Marking::OfficialSensitive,
        source: SourceGrade::Reliable,
        information: InformationGrade::KnownDirectly,
        handling: Handling::Permitted,
        onward: Onward::AskFirst,
        items,
        text: text("Seen by our worker this month."),
        watermark: None,
    });
    Proposal {
        verdicts: verdicts.to_vec(),
        neither_confirm_nor_deny: false,
        tell: Vec::new(),
        contact: released(&Field::Contact).then(contact),
        report,
        shield: verdicts
            .iter()
            .any(|(f, v)| f.is_shielded() && v.releases())
            .then(|| {
                (
                    ShieldGround::ReachBeforeHarm,
                    text("He knows where she works"),
                )
            }),
        child_ground: None,
        views: Some(Views::Recorded(text("She agrees that the police may call"))),
        note: None,
    }
}

pub fn refuse_all(request: &Request, reason: RefusalReason) -> Proposal {
    let verdicts: Vec<_> = request
        .fields()
        .into_iter()
        .map(|f| (f, Verdict::Withhold(reason)))
        .collect();
    proposal(request, &verdicts, 1, NOW)
}

pub fn watermark_for(proposal: &Proposal) -> Option<Watermark> {
    let report = proposal.report.as_ref()?;
    Some(Watermark::of(
        &[9; 32],
        &report.recipient,
        report.case,
        report.number,
    ))
}

/// A case, its stored events, and the setting it runs in.
pub struct Desk {
    pub case: Case,
    pub events: Vec<Event>,
    pub agreement: Agreement,
    pub key: [u8; 32],
    pub earlier: BTreeSet<ReasonPrint>,
}

impl Desk {
    pub fn open(event: Event, agreement: Agreement) -> Result<Self, Refused> {
        let key = police_key().public();
        let earlier = BTreeSet::new();
        let case = Case::open(
            &event,
            &Setting {
                agreement: &agreement,
                earlier: &earlier,
                asker_key: &key,
            },
        )?;
        Ok(Self {
            case,
            events: vec![event],
            agreement,
            key,
            earlier,
        })
    }

    /// The requester's desk with a draft.
    pub fn draft(request: &Request, at: Timestamp) -> Result<Self, Refused> {
        let agreement = agreement();
        let terms = Terms::of(&agreement, request.urgency);
        let step = Step::Draft {
            request: Box::new(request.clone()),
            terms,
        };
        Self::open(event(at, Some(officer()), step), agreement)
    }

    /// The owner's desk with a request that came in.
    pub fn arrive(
        request: &Request,
        reach: Option<ReachAnswer>,
        at: Timestamp,
    ) -> Result<Self, Refused> {
        let agreement = agreement();
        let terms = Terms::of(&agreement, request.urgency);
        let step = Step::Arrive {
            request: Box::new(request.clone()),
            reach,
            terms,
        };
        Self::open(event(at, None, step), agreement)
    }

    pub fn act(
        &mut self,
        at: Timestamp,
        by: Option<Actor>,
        step: Step,
    ) -> Result<Option<Message>, Refused> {
        let event = event(at, by, step);
        let message = self.case.act(
            &event,
            &Setting {
                agreement: &self.agreement,
                earlier: &self.earlier,
                asker_key: &self.key,
            },
        )?;
        self.events.push(event);
        Ok(message)
    }

    /// Takes in what the other node sent, as the node would: through bytes.
    pub fn take(&mut self, at: Timestamp, message: &Message) -> Result<Option<Message>, Refused> {
        let message = Message::from_bytes(&message.to_bytes())?;
        assert_ne!(message.sender(), self.case.side());
        let terms = Terms::of(&self.agreement, self.case.request().urgency);
        self.act(at, None, message.into_step(terms))
    }

    pub fn file(&self) -> sanctuary_disclosure::CaseFile {
        sanctuary_disclosure::CaseFile {
            format: 1,
            side: self.case.side(),
            events: self.events.clone(),
        }
    }
}

pub fn event(at: Timestamp, by: Option<Actor>, step: Step) -> Event {
    Event { at, by, step }
}

pub fn approve(proposal: &Proposal) -> Step {
    Step::Approve {
        digest: proposal
            .digest()
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect(),
    }
}

/// Acknowledged, decided, approved; returns when it may leave.
pub fn decided(desk: &mut Desk, proposal: &Proposal, at: Timestamp) -> Timestamp {
    desk.act(at, Some(releaser()), Step::Acknowledge).unwrap();
    propose_and_approve(desk, proposal, at)
}

pub fn propose_and_approve(desk: &mut Desk, proposal: &Proposal, at: Timestamp) -> Timestamp {
    let decide = Step::Decide {
        proposal: Box::new(proposal.clone()),
    };
    desk.act(at, Some(releaser()), decide).unwrap();
    desk.act(at, Some(approver()), approve(proposal)).unwrap();
    desk.case.leaves_at().unwrap()
}

pub fn leave(desk: &mut Desk, proposal: &Proposal, at: Timestamp) -> Message {
    let step = Step::Leave {
        watermark: watermark_for(proposal),
    };
    desk.act(at, None, step).unwrap().unwrap()
}

pub const BOTH_SIDES: [Side; 2] = Side::ALL;
