//! The agreement as people write it: TOML, with the officers' signatures at its end.

use sanctuary_trust::OfficerSignature;
use sanctuary_types::PartyId;
use serde::{Deserialize, Serialize};

use crate::{
    Agreement, Clocks, ContactRole, Day, Field, Gateway, Member, PolicyError, Purpose, Retention,
    Rule, firewall,
};

const FORMAT: u8 = 1;
/// Bytes of an agreement file.
const FILE_BYTES_MAX: usize = 512 * 1024;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AgreementFile {
    format: u8,
    id: String,
    version: u32,
    title: String,
    aim: String,
    made: Day,
    in_force: Day,
    review: Day,
    expires: Day,
    second_step: bool,
    fields_max: u8,
    contacts: Vec<ContactRole>,
    retention: Retention,
    clocks: Clocks,
    #[serde(rename = "party")]
    parties: Vec<Member>,
    #[serde(rename = "rule")]
    rules: Vec<RuleFile>,
    #[serde(rename = "signature", default, skip_serializing_if = "Vec::is_empty")]
    signatures: Vec<OfficerSignature>,
}

/// The purpose is read as text first, so that an unknown one is refused by its name.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    purpose: String,
    title: String,
    gateways: Vec<Gateway>,
    askers: Vec<PartyId>,
    owners: Vec<PartyId>,
    fields: Vec<Field>,
}

pub(crate) fn read(text: &str) -> Result<(Agreement, Vec<OfficerSignature>), PolicyError> {
    if text.len() > FILE_BYTES_MAX {
        return Err(PolicyError::Malformed(format!(
            "it is longer than {FILE_BYTES_MAX} bytes"
        )));
    }
    let file: AgreementFile =
        toml::from_str(text).map_err(|e| PolicyError::Toml(one_line(&e.to_string())))?;
    if file.format != FORMAT {
        return Err(PolicyError::Malformed(
            "its format is not 1; use a newer version of this program".to_owned(),
        ));
    }
    let agreement = Agreement {
        id: file.id,
        version: file.version,
        title: file.title,
        aim: file.aim,
        made: file.made,
        in_force: file.in_force,
        review: file.review,
        expires: file.expires,
        members: file.parties,
        rules: file.rules.into_iter().map(rule).collect::<Result<_, _>>()?,
        clocks: file.clocks,
        retention: file.retention,
        contacts: file.contacts,
        second_step: file.second_step,
        fields_max: file.fields_max,
    };
    agreement.check()?;
    Ok((agreement, file.signatures))
}

pub(crate) fn write(
    agreement: &Agreement,
    signatures: &[OfficerSignature],
) -> Result<String, PolicyError> {
    let a = agreement.clone();
    let file = AgreementFile {
        format: FORMAT,
        id: a.id,
        version: a.version,
        title: a.title,
        aim: a.aim,
        made: a.made,
        in_force: a.in_force,
        review: a.review,
        expires: a.expires,
        second_step: a.second_step,
        fields_max: a.fields_max,
        contacts: a.contacts,
        retention: a.retention,
        clocks: a.clocks,
        parties: a.members,
        rules: a
            .rules
            .into_iter()
            .map(|r| RuleFile {
                purpose: r.purpose.word().to_owned(),
                title: r.title,
                gateways: r.gateways,
                askers: r.askers,
                owners: r.owners,
                fields: r.fields,
            })
            .collect(),
        signatures: signatures.to_vec(),
    };
    toml::to_string_pretty(&file).map_err(|e| PolicyError::Toml(one_line(&e.to_string())))
}

fn rule(file: RuleFile) -> Result<Rule, PolicyError> {
    if !firewall::is_fit_for_agreement(&file.purpose) {
        return Err(PolicyError::ImmigrationEnforcement {
            text: file.purpose.chars().take(80).collect(),
        });
    }
    let purpose = file
        .purpose
        .parse()
        .map_err(|_| PolicyError::UnknownPurpose {
            purpose: file.purpose.chars().take(80).collect(),
            allowed: Purpose::ALL
                .iter()
                .map(|p| p.word())
                .collect::<Vec<_>>()
                .join(", "),
        })?;
    Ok(Rule {
        purpose,
        title: file.title,
        gateways: file.gateways,
        askers: file.askers,
        owners: file.owners,
        fields: file.fields,
    })
}

fn one_line(text: &str) -> String {
    let line: Vec<&str> = text.split_whitespace().collect();
    line.join(" ").chars().take(300).collect()
}
