//! The released report as data, on the names of the police POLE catalogue: person, object, location,
//! event, and the links between them.

use sanctuary_policy::{Day, Field};
use serde::Serialize;

use crate::{Item, Report};

/// The document. `version` is 1; fields are only ever added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PoleDocument {
    /// `sanctuary-pole`.
    pub format: &'static str,
    /// 1.
    pub version: u8,
    /// Security marking.
    pub marking: &'static str,
    /// The 3x5x2 grading.
    pub grading: PoleGrading,
    /// Agency that releases.
    pub originator: String,
    /// Agency that receives.
    pub recipient: String,
    /// `case / release`.
    pub reference: String,
    /// The release that this one replaces.
    pub corrects: Option<u32>,
    /// Every copy is to be destroyed by this day, `2026-11-30`.
    pub destroy_by: String,
    /// Uses that are forbidden, whatever else is permitted.
    pub not_for: Vec<&'static str>,
    /// Onward sharing.
    pub onward: &'static str,
    /// Traces this copy.
    pub watermark: Option<String>,
    /// Categories of the person (Data Protection Act 2018 s38).
    pub categories: Vec<&'static str>,
    /// Under 18.
    pub child: bool,
    /// What is known of whom and what.
    pub entities: Vec<PoleEntity>,
    /// Each object, location and event belongs to the person, in a role.
    pub links: Vec<PoleLink>,
    /// The sanitised text.
    pub text: String,
}

/// 3x5x2.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PoleGrading {
    /// 1 to 3.
    pub source: &'static str,
    /// A to E.
    pub information: &'static str,
    /// P or C.
    pub handling: &'static str,
    /// Condition codes of C.
    pub conditions: Vec<&'static str>,
    /// Conditions in words.
    pub condition_text: Option<String>,
}

/// One entity with its attributes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PoleEntity {
    /// Its number in this document.
    pub id: u32,
    /// `Person`, `Object`, `Location` or `Event`.
    pub kind: &'static str,
    /// Kind of object, location or event: `Telephone`, `Vehicle`, `Address`, `Incident` ...
    pub sub_kind: &'static str,
    /// Its attributes.
    pub attributes: Vec<PoleAttribute>,
}

/// One attribute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PoleAttribute {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: String,
    /// An opinion, not a fact.
    pub opinion: bool,
    /// Parts were taken out.
    pub sanitised: bool,
    /// Must not reach the alleged perpetrator.
    pub shielded: bool,
}

/// A link from the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PoleLink {
    /// Entity.
    pub from: u32,
    /// Entity.
    pub to: u32,
    /// In what role.
    pub role: &'static str,
}

/// The report on POLE names; serialise it with `serde_json`.
#[must_use]
pub fn pole(report: &Report) -> PoleDocument {
    let mut entities = vec![PoleEntity {
        id: 0,
        kind: "Person",
        sub_kind: "Person",
        attributes: Vec::new(),
    }];
    let mut links = Vec::new();
    for item in &report.items {
        let place = place(item.field);
        let attribute = attribute(item, place.name);
        if place.kind == "Person" {
            entities[0].attributes.push(attribute);
            continue;
        }
        let id = entities.len() as u32;
        links.push(PoleLink {
            from: 0,
            to: id,
            role: place.role,
        });
        entities.push(PoleEntity {
            id,
            kind: place.kind,
            sub_kind: place.sub_kind,
            attributes: vec![attribute],
        });
    }
    PoleDocument {
        format: "sanctuary-pole",
        version: 1,
        marking: report.marking.code(),
        grading: grading(report),
        originator: report.owner_name.clone(),
        recipient: report.recipient_name.clone(),
        reference: format!("{} / {}", report.case, report.number),
        corrects: report.corrects,
        destroy_by: Day::at(report.expires).to_string(),
        not_for: vec!["immigration enforcement"],
        onward: report.onward.code(),
        watermark: report.watermark.as_ref().map(ToString::to_string),
        categories: report.category.iter().map(|r| r.word()).collect(),
        child: report.child,
        entities,
        links,
        text: report.text.expose().to_owned(),
    }
}

fn grading(report: &Report) -> PoleGrading {
    let (conditions, condition_text) = match &report.handling {
        crate::Handling::Permitted => (Vec::new(), None),
        crate::Handling::Conditional { codes, text } => (
            codes.iter().map(|c| c.code()).collect(),
            Some(text.expose().to_owned()),
        ),
    };
    PoleGrading {
        source: report.source.code(),
        information: report.information.code(),
        handling: report.handling.code(),
        conditions,
        condition_text,
    }
}

fn attribute(item: &Item, name: &'static str) -> PoleAttribute {
    PoleAttribute {
        name,
        value: item.value.expose().to_owned(),
        opinion: item.opinion,
        sanitised: item.sanitised,
        shielded: item.field.is_shielded(),
    }
}

struct Place {
    kind: &'static str,
    sub_kind: &'static str,
    name: &'static str,
    role: &'static str,
}

/// Where a detail stands in the catalogue.
fn place(field: Field) -> Place {
    let (kind, sub_kind, name, role) = match field {
        Field::Contact => ("Person", "", "contact", ""),
        Field::Involvement => ("Person", "", "agencyInvolvement", ""),
        Field::Name => ("Person", "", "personName", ""),
        Field::Aliases => ("Person", "", "alias", ""),
        Field::DateOfBirth => ("Person", "", "dateOfBirth", ""),
        Field::Sex => ("Person", "", "sex", ""),
        Field::Nationality => ("Person", "", "nationality", ""),
        Field::SupportNeeds => ("Person", "", "supportNeeds", ""),
        Field::Views => ("Person", "", "viewsOnSharing", ""),
        Field::Health => ("Person", "", "health", ""),
        Field::Counselling => ("Person", "", "counsellingRecord", ""),
        Field::Risk => ("Person", "", "risk", ""),
        Field::Phone => ("Object", "Telephone", "telephoneNumber", "user"),
        Field::OnlineContact => ("Object", "OnlineAccount", "accountName", "user"),
        Field::Vehicle => ("Object", "Vehicle", "registrationMark", "user"),
        Field::Document => ("Object", "IdentityDocument", "documentNumber", "holder"),
        Field::BankAccount => ("Object", "BankAccount", "accountNumber", "holder"),
        Field::Address => ("Location", "Address", "address", "resident"),
        Field::Location => ("Location", "Whereabouts", "description", "present at"),
        Field::Refuge => ("Location", "Refuge", "address", "resident"),
        Field::Exploitation => ("Event", "Exploitation", "description", "concerned"),
        Field::Incident => ("Event", "Incident", "description", "concerned"),
        Field::Intelligence => ("Event", "Intelligence", "description", "concerned"),
        Field::Associates => ("Event", "Association", "description", "concerned"),
    };
    Place {
        kind,
        sub_kind,
        name,
        role,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::tests::report;

    #[test]
    fn the_document_carries_marks_conditions_and_shield() {
        let json = serde_json::to_value(pole(&report("text"))).unwrap();
        assert_eq!(json["marking"], "OFFICIAL-SENSITIVE");
        assert_eq!(json["grading"]["source"], "2");
        assert_eq!(json["grading"]["conditions"][0], "S2");
        assert_eq!(json["entities"][0]["attributes"][0]["name"], "personName");
        assert_eq!(json["entities"][1]["kind"], "Location");
        assert_eq!(json["entities"][1]["attributes"][0]["shielded"], true);
        assert_eq!(json["links"][0]["role"], "resident");
        assert_eq!(json["destroyBy"], "2026-12-24");
        assert_eq!(json["notFor"][0], "immigration enforcement");
        assert_eq!(json["categories"][0], "potential_victim");
    }
}
