//! The card before sending: what each side will and will not learn.

use sanctuary_policy::{Clock, Field};
use serde::Serialize;

use crate::Request;

/// Sentences for the screen, for one side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WillAndWillNotLearn {
    /// What this side will learn.
    pub will: Vec<String>,
    /// What it will not learn.
    pub will_not: Vec<String>,
}

/// The card of both sides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CardBeforeSending {
    /// The agency that asks.
    pub you: WillAndWillNotLearn,
    /// The agency that is asked.
    pub they: WillAndWillNotLearn,
    /// The hub.
    pub hub: WillAndWillNotLearn,
}

/// What sending this request tells whom; `owner` is the name by which people know the agency that is asked.
#[must_use]
pub fn card_before_sending(request: &Request, clock: &Clock, owner: &str) -> CardBeforeSending {
    let list = |fields: &mut dyn Iterator<Item = Field>| {
        let names: Vec<&str> = fields.map(Field::text).collect();
        names.join(", ")
    };
    let wanted = list(&mut request.wanted.iter().map(|w| w.field));
    let shielded = list(
        &mut request
            .wanted
            .iter()
            .map(|w| w.field)
            .filter(|f| f.is_shielded()),
    );
    let mut you = WillAndWillNotLearn {
        will: vec![
            format!("what {owner} decides to release of: {wanted}"),
            format!(
                "an answer within {}",
                duration_text(clock.answer_minutes)
            ),
        ],
        will_not: vec![
            format!("anything you did not ask for, even when {owner} holds it"),
            "whether a detail that is not released is held and withheld, or not held at all, unless they choose to say"
                .to_owned(),
        ],
    };
    if !shielded.is_empty() {
        you.will_not.push(format!(
            "{shielded}, unless two people at {owner} find a reason to release it and your own statement rules out that the alleged perpetrator could be reached through your people"
        ));
    }
    let mut they = WillAndWillNotLearn {
        will: vec![
            "that your agency holds a record of this person, and in which roles".to_owned(),
            format!(
                "the purpose ({}), the law ({}), your enquiry and every reason you have written, word for word",
                request.purpose.text(),
                request.gateway.text()
            ),
            format!("that you want: {wanted}"),
        ],
        will_not: vec![
            "anything from your record that you have not written into the request".to_owned(),
            "your reference number, and who else you have asked".to_owned(),
        ],
    };
    if !request.is_contact_only() {
        they.will
            .push("what came of phoning first, as you have written it".to_owned());
    }
    let hub = WillAndWillNotLearn {
        will: vec![
            format!(
                "that your agency and {owner} have a case, its number, and when it is open, answered and closed"
            ),
            "the rough size of each sealed message".to_owned(),
        ],
        will_not: vec![
            "who it is about, what is asked, why, and whether anything was released".to_owned(),
        ],
    };
    CardBeforeSending { you, they, hub }
}

fn duration_text(minutes: u32) -> String {
    match minutes {
        m if m >= 2_880 => format!("{} days", m / 1_440),
        m if m >= 120 => format!("{} hours", m / 60),
        m => format!("{m} minutes"),
    }
}
