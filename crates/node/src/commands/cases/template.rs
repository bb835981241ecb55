//! Files to fill in, so that nobody writes one from memory: what is known already stands in them.

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

use sanctuary_disclosure::{Request, Text};
use sanctuary_policy::{ContactRole, Field, Gateway, Purpose, Urgency};
use sanctuary_types::{AlertId, CaseId};
use zeroize::Zeroizing;

use super::{
    perform::{Desk, write_private},
    shown,
};
use crate::{
    CaseRequest,
    commands::{Failure, output::print},
};

/// A request about a possible match.
pub(super) fn request(alert: &AlertId, out: &Path) -> Result<(), Failure> {
    write_private(out, request_text(alert).as_bytes())?;
    Ok(print(&format!(
        "fill in {0}, then:\n  sanctuary-node cases draft {0} --config node.toml\n",
        out.display()
    ))?)
}

/// An answer to a case. Nothing is ticked; what the own record holds stands beside each detail.
pub(super) async fn answer(desk: &mut Desk<'_>, case: CaseId, out: &Path) -> Result<(), Failure> {
    let shown = desk.ask(CaseRequest::Show { case }).await?;
    let shown: shown::Shown = serde_json::from_value(shown).map_err(anyhow::Error::from)?;
    let held = desk.ask(CaseRequest::Suggest { case }).await?;
    let held: BTreeMap<Field, Text> = serde_json::from_value(held).map_err(anyhow::Error::from)?;
    write_private(out, answer_text(&shown.request, &held).as_bytes())?;
    Ok(print(&format!(
        "fill in {0}, then propose it and delete the file:\n  sanctuary-node cases propose {case} {0} --config node.toml\n",
        out.display()
    ))?)
}

fn request_text(alert: &AlertId) -> String {
    let mut text = format!(
        "# A request about a possible match. What stands between quotes is yours to write; # begins a remark.\nalert = \"{alert}\"\n\n# Why, and under which law. The agreement says which go together:\n"
    );
    for purpose in Purpose::ALL {
        let _ = writeln!(text, "#   {:<26} {}", purpose.word(), purpose.text());
    }
    text.push_str("purpose = \"\"\n");
    for gateway in Gateway::ALL {
        let _ = writeln!(text, "#   {:<34} {}", gateway.word(), gateway.text());
    }
    text.push_str(
        "gateway = \"\"\n\n# The offence or the enquiry; why it is needed; why no less will do. In your own words, each its own.\nenquiry = \"\"\nnecessity = \"\"\nproportionality = \"\"\n",
    );
    let urgencies: Vec<&str> = Urgency::ALL.iter().map(|u| u.word()).collect();
    let _ = writeln!(text, "\n# {}\nurgency = \"routine\"", urgencies.join(", "));
    text.push_str(
        "\n# Phone first. One of the three:\n#   \"this_is_it\"                     (this request asks whom to phone, and no more)\n#   { phoned = { at = 2026-12-01T09:30:00Z, with = \"Duty worker\", result = \"What was said\" } }\n#   { not_possible = \"Why\" }\ncontact_first = \"this_is_it\"\n\n# Victim information requests (pcsc_act_2022_s44a) only:\n# line_of_enquiry = \"\"\n# victim_notice = { given = { at = 2026-12-01T09:30:00Z, to = \"victim\" } }\n# victim_notice = { withheld = { ground = \"risk_of_serious_harm\", why = \"\" } }\n# counselling = { probative_value = \"\" }\n\n# The details wanted, one by one, each with its own reason:\n",
    );
    for field in Field::ALL {
        let _ = writeln!(text, "#   {:<16} {}", field.word(), field.text());
    }
    text.push_str("[[wanted]]\nfield = \"contact\"\nreason = \"\"\n");
    text
}

fn answer_text(request: &Request, held: &BTreeMap<Field, Text>) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::from(
        "# An answer. Nothing is ticked: each detail is withheld until you decide. Delete this file after proposing.\n\n# What the person said about sharing; needed when something about a victim is released. One of the two:\n# views = { recorded = \"\" }\n# views = { not_sought = \"Why not\" }\n\n# Details for which the requester is told the true reason; it stays here otherwise:\ntell = []\n# neither_confirm_nor_deny = true\n",
    ));
    if request.wants_shielded() {
        text.push_str("# Where somebody can be found leaves only with a ground (reach_before_harm, safe_visit, child_in_danger,\n# court_order), the second approver, and the requester's own \"no\" on reach:\n# shield = [\"reach_before_harm\", \"Why\"]\n");
    }
    if request.about.child {
        text.push_str("# About a child: needed when anything is withheld, why sharing would harm the child more:\n# child_ground = \"\"\n");
    }
    text.push_str(
        "\n# \"release\", \"sanitise\" (without what shows a source or somebody else), \"not_held\", or { withhold = \"REASON\" }:\n# no_lawful_basis, not_necessary, wider_than_needed, not_held, legal_privilege, counselling_presumption,\n# safety_of_person, safety_of_source, live_case, court_order, identity_not_sure, other_controller,\n# shielded_by_default\n[verdicts]\n",
    );
    for field in request.fields() {
        let reason = if field.is_shielded() {
            "shielded_by_default"
        } else {
            "not_necessary"
        };
        let _ = writeln!(*text, "{} = {{ withhold = \"{reason}\" }}", field.word());
    }
    if request.fields().contains(&Field::Contact) {
        let roles: Vec<&str> = ContactRole::ALL.iter().map(|r| r.word()).collect();
        let _ = writeln!(
            *text,
            "\n# When contact is released: whom to phone at your agency ({}).\n# [contact]\n# role = \"case_worker\"\n# name = \"\"\n# phone = \"\"\n# hours = \"\"",
            roles.join(", ")
        );
    }
    text.push_str(
        "\n# When anything else is released: the 3x5x2 report. Source 1 to 3, information A to E, handling \"permitted\" or\n# { conditional = { codes = [\"A1\", \"S2\"], text = \"\" } }; onward not_further, ask_first, within_organisation.\n# [report]\n# source = \"2\"\n# information = \"B\"\n# handling = \"permitted\"\n# onward = \"ask_first\"\n# text = \"The sanitised text\"\n",
    );
    for field in request
        .fields()
        .into_iter()
        .filter(|f| *f != Field::Contact)
    {
        let value = held.get(&field).map(Text::expose);
        let note = match value {
            Some(_) => "what your record holds",
            None => "your record holds none",
        };
        // A string of JSON is a basic string of TOML.
        let value = serde_json::Value::from(value.unwrap_or_default());
        let _ = writeln!(
            *text,
            "# [[report.items]]                 ({note})\n# field = \"{}\"\n# value = {value}\n# opinion = false\n# sanitised = false",
            field.word()
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A template as somebody fills it in: remarks taken off, the gaps filled.
    fn uncommented(text: &str, lines: &[&str]) -> String {
        let bare = |line: &str| match line.strip_prefix("# ") {
            Some(rest) if lines.iter().any(|l| rest.starts_with(l)) => {
                rest.split("   (").next().unwrap_or(rest).to_owned()
            }
            _ => line.to_owned(),
        };
        text.lines().map(|l| bare(l) + "\n").collect()
    }

    #[test]
    fn the_request_reads_back_when_filled_in() {
        let alert: AlertId = "5f0c9a7d11e20b435f0c9a7d11e20b43".parse().unwrap();
        let text = request_text(&alert)
            .replace("purpose = \"\"", "purpose = \"investigate_exploitation\"")
            .replace("gateway = \"\"", "gateway = \"dpa_2018_sch2_para2\"")
            .replace(" = \"\"", " = \"words\"");
        let path = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&path, text).unwrap();
        let draft: sanctuary_casework::RequestDraft =
            super::super::files::read(path.path()).unwrap();
        assert_eq!(draft.alert, alert);
        assert_eq!(draft.wanted.len(), 1);
    }

    #[test]
    fn the_answer_reads_back_as_it_is_and_when_filled_in() {
        let request: Request = serde_json::from_value(serde_json::json!({
            "case": "5f0c9a7d11e20b435f0c9a7d11e20b43", "asker": "police", "owner": "council",
            "alert": null, "about": { "asker_roles": 0, "owner_roles": 0, "child": true },
            "purpose": "protect_life", "gateway": "vital_interests", "enquiry": "a", "necessity": "b",
            "proportionality": "c", "line_of_enquiry": null,
            "wanted": [{ "field": "contact", "reason": "d" }, { "field": "address", "reason": "e" }],
            "urgency": "routine", "contact_first": "this_is_it", "victim_notice": null, "counselling": null,
        }))
        .unwrap();
        let held = [(Field::Address, Text::new("4 \"Mill\" Row").unwrap())].into();
        let text = answer_text(&request, &held);
        let path = tempfile::NamedTempFile::new().unwrap();
        let read = |text: &str| -> sanctuary_casework::ProposalDraft {
            std::fs::write(&path, text).unwrap();
            super::super::files::read(path.path()).unwrap()
        };
        let draft = read(&text);
        assert!(
            draft
                .verdicts
                .iter()
                .all(|(_, verdict)| !verdict.releases())
        );
        let filled = uncommented(
            &text,
            &[
                "[contact]",
                "role =",
                "name =",
                "phone =",
                "hours =",
                "[report]",
                "source =",
                "information =",
                "handling =",
                "onward =",
                "text =",
                "[[report",
                "field =",
                "value =",
                "opinion =",
                "sanitised =",
                "views = { rec",
                "shield =",
                "child_ground",
            ],
        );
        let draft = read(&filled.replace("= \"\"", "= \"words\""));
        let report = draft.report.unwrap();
        assert_eq!(report.items[0].value.expose(), "4 \"Mill\" Row");
        assert!(draft.contact.is_some() && draft.shield.is_some() && draft.child_ground.is_some());
    }
}
