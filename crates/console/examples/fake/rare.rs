//! What people cannot bring about on the console alone: a request for where somebody can be found, which is written
//! after a call and not on the form.

use sanctuary_casework::RequestDraft;
use sanctuary_console::Office as _;
use sanctuary_disclosure::{Actor, Call, ContactFirst, Text, Wanted};
use sanctuary_policy::{Field, Gateway, Purpose, StaffRole, Urgency};
use sanctuary_types::{AlertId, CaseId, Timestamp};

use crate::office::Desk;

fn text(words: &str) -> Text {
    Text::new(words).expect("a text")
}

/// An officer's draft that asks for the address; gives its case.
pub fn ask_for_address(desk: &Desk, alert: AlertId) -> anyhow::Result<CaseId> {
    let by = Actor {
        person: "i200".parse()?,
        account: "i200".to_owned(),
        session: "rare".to_owned(),
        roles: vec![StaffRole::IntelligenceOfficer],
    };
    let confirm = sanctuary_casework::CaseRequest::Confirm { alert };
    desk.step(&by, &confirm)?;
    let call = Call {
        at: Timestamp(desk.now().0 - 3_600_000),
        with: text("Duty worker"),
        result: text("Said that she has moved and asked us to put the question in writing"),
    };
    let draft = RequestDraft {
        alert,
        purpose: Purpose::SafeguardAdult,
        gateway: Gateway::CrimeAndDisorder,
        enquiry: text("Unpaid work at a car wash, crime number held"),
        necessity: text("She may be met on her way to work by the people she fears"),
        proportionality: text("One detail for one person, after a call that settled nothing"),
        line_of_enquiry: None,
        wanted: vec![Wanted {
            field: Field::Address,
            reason: text("To take her to a safe place before Friday evening"),
        }],
        urgency: Urgency::Routine,
        contact_first: ContactFirst::Phoned(call),
        victim_notice: None,
        counselling: None,
    };
    Ok(desk.draft(&by, &draft)?)
}
