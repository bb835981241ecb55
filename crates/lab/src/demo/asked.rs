//! What the demo's people ask each other, and how it is answered. The people are made up; so is every word.

use std::collections::BTreeSet;

use anyhow::Context as _;
use sanctuary_node::Node;
use sanctuary_node_core::{is_child, ports::NodeStore as _};
use sanctuary_policy::Field;
use sanctuary_rpc::now;
use sanctuary_types::{AlertId, AlertKind, AlertState, EvidenceKind};
use serde_json::{Value, json};

/// One request and its answer.
pub(super) struct Asked {
    pub(super) asker: &'static str,
    pub(super) owner: &'static str,
    purpose: &'static str,
    gateway: &'static str,
    texts: [&'static str; 3],
    /// The detail, why it is wanted, and whether it is released.
    wanted: &'static [(Field, &'static str, bool)],
    pub(super) report: bool,
    pub(super) recalled: bool,
}

/// A refusal, a partial release that is recalled, a release that stays.
pub(super) fn all() -> [Asked; 3] {
    [
        Asked {
            asker: "police",
            owner: "charity",
            purpose: "investigate_exploitation",
            gateway: "dpa_2018_sch2_para2",
            texts: [
                "Forced labour at a car wash, offences under section 1 of the Modern Slavery Act 2015",
                "The enquiry has no witness who saw the sleeping quarters behind the car wash",
                "One account of one place; whom else she knows is not asked for",
            ],
            wanted: &[
                (
                    Field::Incident,
                    "What she said about the sleeping quarters decides whether a search is lawful",
                    false,
                ),
                (
                    Field::Associates,
                    "Who kept the keys of the quarters, by first name if she knows no other",
                    false,
                ),
            ],
            report: false,
            recalled: false,
        },
        Asked {
            asker: "police",
            owner: "council",
            purpose: "investigate_exploitation",
            gateway: "crime_and_disorder_act_1998_s115",
            texts: [
                "Cuckooing of two flats on one estate, reported by a neighbour",
                "Officers must know before Friday whether the tenant is exploited or exploits",
                "Two details of one tenancy matter; the housing file itself is not needed",
            ],
            wanted: &[
                (
                    Field::Risk,
                    "To plan the visit so that nobody is put in danger by it",
                    true,
                ),
                (
                    Field::Phone,
                    "To reach the tenant away from the flat, where others listen",
                    false,
                ),
            ],
            report: true,
            recalled: true,
        },
        Asked {
            asker: "council",
            owner: "police",
            purpose: "safeguard_adult",
            gateway: "care_act_2014_s42",
            texts: [
                "Safeguarding enquiry after a call from a food bank volunteer",
                "The social worker plans a first visit and must not cross a police operation",
                "Whom to phone and whether police are involved settle it; nothing else is asked",
            ],
            wanted: &[
                (
                    Field::Contact,
                    "The social worker wants to speak with the officer who knows the person",
                    true,
                ),
                (
                    Field::Involvement,
                    "To keep the visit from harming an investigation already under way",
                    true,
                ),
            ],
            report: true,
            recalled: false,
        },
    ]
}

impl Asked {
    /// Whether the answer has anything to release.
    pub(super) fn releases(&self) -> bool {
        self.wanted.iter().any(|(_, _, released)| *released)
    }

    /// What the officer writes.
    pub(super) fn draft(&self, alert: &str) -> Value {
        let wanted = self.wanted.iter();
        let wanted: Vec<Value> = wanted
            .map(|(field, reason, _)| json!({ "field": field, "reason": reason }))
            .collect();
        let call = json!({
            "at": now().0,
            "with": "Duty desk",
            "result": "Asked for the request in writing",
        });
        json!({
            "alert": alert,
            "purpose": self.purpose,
            "gateway": self.gateway,
            "enquiry": self.texts[0],
            "necessity": self.texts[1],
            "proportionality": self.texts[2],
            "wanted": wanted,
            "urgency": "routine",
            "contact_first": { "phoned": call },
        })
    }

    /// What the releaser writes, with what their own record holds.
    pub(super) fn proposal(&self, held: &Value) -> Value {
        let verdict = |(field, _, released): &(Field, &str, bool)| {
            let verdict = if *released {
                json!("release")
            } else {
                json!({ "withhold": "safety_of_person" })
            };
            json!([field, verdict])
        };
        let verdicts: Vec<Value> = self.wanted.iter().map(verdict).collect();
        let released = |field: Field| self.wanted.iter().any(|(f, _, r)| *f == field && *r);
        let contact = released(Field::Contact).then(|| {
            json!({
                "role": "single_point_of_contact",
                "name": "Modern slavery desk",
                "phone": "0191 498 0000",
                "hours": "8 to 18 on working days",
            })
        });
        json!({
            "verdicts": verdicts,
            "contact": contact,
            "report": self.report.then(|| self.report_of(held)),
            "views": { "recorded": "Was told what will be shared and with whom, and did not object" },
            "note": "Decided at the desk after reading the file",
        })
    }

    fn report_of(&self, held: &Value) -> Value {
        let told = |field: Field| match field {
            Field::Risk => {
                "Two men come to the flat every evening; the tenant is afraid of them and opens nobody else"
            }
            _ => "The neighbourhood team has an open enquiry and will not act before the visit",
        };
        let items = self.wanted.iter();
        let items: Vec<Value> = items
            .filter(|(field, _, released)| *released && *field != Field::Contact)
            .map(|(field, ..)| {
                let own = held[field.word()].as_str();
                json!({
                    "field": field,
                    "value": own.unwrap_or_else(|| told(*field)),
                    "opinion": false,
                    "sanitised": false,
                })
            })
            .collect();
        json!({
            "source": "1",
            "information": "B",
            "handling": { "conditional": {
                "codes": ["A1", "S2"],
                "text": "Not to be mentioned to anybody at the address; speak with us before acting",
            } },
            "onward": "ask_first",
            "items": items,
            "text": match self.owner {
                "council" => "A housing officer has visited twice and spoke with the tenant alone",
                _ => "An officer has spoken with the person once, alone and with an interpreter",
            },
        })
    }
}

/// A possible match of one adult with the other agency, of which both were told, and whom nobody suspects
/// of anything.
pub(super) fn alert(node: &Node, owner: &Node, other: &str) -> anyhow::Result<String> {
    let told: BTreeSet<AlertId> = owner.alerts()?.iter().map(|v| v.alert.alert_id).collect();
    let mut fits = Vec::new();
    for view in node.alerts()? {
        let alert = &view.alert;
        let candidate = alert.kind == AlertKind::SamePerson
            && alert.state == AlertState::Open
            && alert.other_agency.as_str() == other
            && told.contains(&alert.alert_id)
            && !alert.safeguarding_first
            && !alert.other_is_child
            && !alert.other_roles.is_suspect()
            // Linked through a third record alone, two nodes share nothing that they could prove.
            && alert.evidence.iter().all(|e| e.kind != EvidenceKind::ThirdRecord);
        if candidate {
            fits.push((alert.own, alert.alert_id));
        }
    }
    let mut chosen = None;
    node.store().for_each_record(&mut |record| {
        let Some(details) = &record.details else {
            return Ok(());
        };
        let adult = !is_child(&details.canonical, now()) && !details.roles.is_suspect();
        let of_record = fits.iter().find(|(own, _)| *own == record.pseudonym);
        if adult && chosen.is_none() {
            chosen = of_record.map(|(_, id)| id.to_string());
        }
        Ok(())
    })?;
    chosen.with_context(|| format!("no possible match with {other} to ask about"))
}
