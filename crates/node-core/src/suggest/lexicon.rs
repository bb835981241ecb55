//! What columns are called. Phrases are written as people write them; [`super::header::words`]
//! brings both sides to the same form.

use std::sync::OnceLock;

use sanctuary_types::IdentifierKind as I;

use super::{
    header::words,
    target::{GovernanceKey as R, Target},
};
use crate::mapping::FieldName as F;

/// Phrases for a target; the number is how sure the phrase alone makes, in hundredths.
const PHRASES: &[(Target, u8, &str)] = &[
    (
        Target::RecordId,
        100,
        "record id|record number|record reference|case reference|case number|case id|client id|client reference|client number|person id|person reference|person number|unique id|unique reference|unique reference number|urn|system id|nominal id|nominal reference|nominal number|subject id|subject reference|crn|pid|uid|uuid|guid|mosaic id|lcs id|liquidlogic id|our reference|service user id|service user reference|service user number|victim id|entity id|source id|row id|file reference|file number|referral id|referral reference|custody record number|individual id|customer id|contact id|beneficiary id|survivor id|niche id|athena id|local id|internal id|internal reference",
    ),
    (
        Target::RecordId,
        85,
        "reference|reference number|id|id number|key|urn number|primary key|row number|identity|serial number|nominal",
    ),
    (
        Target::Field(F::Forenames),
        100,
        "forename|first name|given name|christian name|first forename|first and middle name|middle name|middle initial|forename 1|first given name",
    ),
    (
        Target::Field(F::Forenames),
        80,
        "second name|first|given|middle|initial|second forename|other forename|personal name",
    ),
    (
        Target::Field(F::Surnames),
        100,
        "surname|last name|family name|second surname|paternal surname|maternal surname|father surname",
    ),
    (Target::Field(F::Surnames), 75, "last|family|sirname"),
    (
        Target::Field(F::FullName),
        100,
        "full name|name surname|name last first|last first name|person name|whole name|complete name|name in full|name as given|client name|child name|victim name|service user name|subject name|nominal name|patient name|display name",
    ),
    (Target::Field(F::FullName), 90, "name"),
    (
        Target::Field(F::FullName),
        60,
        "client|service user|subject|young person|victim|person|individual",
    ),
    (
        Target::Field(F::Aliases),
        100,
        "alias|also known as|known as|other name|other name used|nickname|preferred name|former name|previous name|maiden name|birth name|name at birth|moniker|also called|goes by|alternative name|alt name|name used|known name|alias name|previous surname|former surname|other surname|nee|alias surname|alias forename|likes to be called|usual name|pseudonym",
    ),
    (
        Target::Field(F::DateOfBirth),
        100,
        "date of birth|date birth|born|date born|born on|birth",
    ),
    (
        Target::Field(F::YearOfBirth),
        100,
        "year of birth|birth year|year born",
    ),
    (
        Target::Field(F::Age),
        100,
        "age|age in year|approx age|approximate age|estimated age|apparent age|current age|age year",
    ),
    (
        Target::Field(F::Age),
        80,
        "age at referral|age at contact|age at first contact|age when seen|age when recorded|age when referred",
    ),
    (
        Target::Field(F::AgeAt),
        100,
        "age on|age as at|age recorded on|age recorded|date age recorded|age date|date of age|age at date|date age given|age correct at|age correct on|age taken on|age as of|age noted on",
    ),
    (
        Target::Field(F::Sex),
        100,
        "sex|gender|sex at birth|legal sex|registered sex|m f|sex code|gender code|sex gender|gender sex",
    ),
    (Target::Field(F::Sex), 70, "gender identity|mf"),
    (
        Target::Field(F::Nationality),
        100,
        "nationality|citizenship|country of nationality|country of citizenship|citizen of|nationality 1|nationality code|declared nationality|stated nationality",
    ),
    (
        Target::Field(F::Nationality),
        75,
        "country of origin|from country|nation|origin country|home country|national of",
    ),
    (
        Target::Field(F::Address),
        100,
        "address|address line|street|street address|road|house number|house name|house|flat|flat number|building|building name|building number|unit number|street name|street number|door number|property number|property name|home address|residential address|last known address|accommodation address|where living|where live|where staying|living at|lives at|staying at|stays at|resides at|resident at|residence|usual address|current address|address of residence|road name|thoroughfare|dwelling|place of residence|house number or name|sub building|apartment|apartment number|suite",
    ),
    (
        Target::Field(F::Address),
        70,
        "line|abode|location address|accommodation|premise|unit|whereabout",
    ),
    (
        Target::Field(F::Postcode),
        100,
        "postcode|postal code|eircode|postcode of residence|home postcode",
    ),
    (
        Target::Field(F::Locality),
        100,
        "town|city|suburb|village|locality|post town|town city|city town|town or city|municipality|hamlet|settlement|town village",
    ),
    (Target::Field(F::Locality), 70, "district|borough|place"),
    (
        Target::Field(F::Identifier(I::Phone)),
        100,
        "phone|mobile|landline|phone number|mobile number|contact number|contact phone|home phone|work phone|mobile phone|day phone|evening phone|msisdn|whatsapp number|contact phone number|phone home|phone mobile|phone number used|handset|sim number|other phone|second phone|burner phone|daytime phone",
    ),
    (
        Target::Field(F::Identifier(I::Phone)),
        75,
        "whatsapp|contact|call",
    ),
    (
        Target::Field(F::Identifier(I::Email)),
        100,
        "email|email address|mail address|contact email|electronic mail",
    ),
    (Target::Field(F::Identifier(I::Email)), 70, "mail"),
    (
        Target::Field(F::Identifier(I::Vehicle)),
        100,
        "vehicle registration|vehicle registration number|vehicle registration mark|registration mark|number plate|licence plate|license plate|plate number|car registration|vehicle|vehicle index|vehicle index number|van registration|car number plate|licence plate number|registration plate|vehicle plate",
    ),
    (
        Target::Field(F::Identifier(I::Vehicle)),
        75,
        "registration|registration number|plate|car|index mark|index number",
    ),
    (
        Target::Field(F::Identifier(I::BankAccount)),
        100,
        "bank account|bank account number|iban|bank detail|account iban|bank ac|bank account detail|sort code and account number|sort code account number",
    ),
    (
        Target::Field(F::Identifier(I::BankAccount)),
        75,
        "account number|account|bank",
    ),
    (
        Target::Field(F::Identifier(I::Passport)),
        100,
        "passport|passport number|passport id|travel document number|travel document|passport document number",
    ),
    (
        Target::Field(F::Identifier(I::NationalInsurance)),
        100,
        "national insurance|national insurance number|ni number",
    ),
    (
        Target::Field(F::Identifier(I::NhsNumber)),
        100,
        "nhs number|nhs|nhs id|health service number",
    ),
    (
        Target::Field(F::Identifier(I::NationalId)),
        100,
        "national id|national id number|id card|identity card|identity card number|id card number|national identity number|national identity card|social security number|social security id|social security|pesel|cnp|personal identity number|foreign id|foreign national id|national identity|citizen id|national number|foreign id number|overseas id|overseas id number|overseas identity number",
    ),
    (
        Target::Field(F::Identifier(I::NationalId)),
        75,
        "identity number|tax id|personal number|citizen number",
    ),
    (
        Target::Field(F::Identifier(I::OnlineHandle)),
        100,
        "online handle|handle|user name|social media|instagram|snapchat|facebook|telegram|tiktok|online id|online account|screen name|social media handle|social media account|online name|social media user name|online profile|social media name|social account|social handle|online user name|social media id|social media profile|insta|gamer tag",
    ),
    (
        Target::Field(F::Identifier(I::Imei)),
        100,
        "imei|imei number|handset id|handset imei|phone imei|device imei|mobile imei",
    ),
    (
        Target::Field(F::Identifier(I::CompanyNumber)),
        100,
        "company number|company registration number|company house number|company registration|registered company number|business registration number|company id|company house",
    ),
    (
        Target::Field(F::Identifier(I::Uprn)),
        100,
        "uprn|unique property reference number|property reference number|unique property reference",
    ),
    (
        Target::Field(F::Identifier(I::Uprn)),
        70,
        "property reference",
    ),
    (
        Target::Record(R::Role),
        100,
        "role|involvement|involvement role|nominal type|person type|person role|involvement type|how we know them|role in case|person status|type of person|victim or suspect|capacity|role type|case role",
    ),
    (
        Target::Record(R::Role),
        70,
        "status|classification|category|type",
    ),
    (
        Target::Record(R::Basis),
        100,
        "basis|legal basis|lawful basis|gateway|legal gateway|agreed basis|sharing basis|basis for sharing|lawful gateway|lawful basis for sharing",
    ),
    (
        Target::Record(R::Visibility),
        100,
        "visibility|sharing|sharing level|share level|who may be told|sharing status|sharing permission|who can see|visible to|share",
    ),
    (
        Target::Record(R::Expires),
        100,
        "review date|expiry date|expire|expires|expiry|retention date|retention review|keep until|review by|delete after|delete by|destroy by|disposal date|retain until|end of retention|review due|weeding date|retention review date|date of review|next review|retention end|destruction date|retention until|review on|retention expiry|mopi review date",
    ),
    (
        Target::Record(R::Exploitation),
        100,
        "exploitation type|type of exploitation|exploitation|abuse type|primary concern|form of exploitation|harm type|exploitation category|kind of exploitation|nature of exploitation|exploitation form|slavery type|type of slavery|trafficking type",
    ),
    (
        Target::Record(R::Exploitation),
        75,
        "concern|concern type|type of concern|type of harm|type of abuse|type",
    ),
    (
        Target::Record(R::DutyToNotifyOnly),
        100,
        "duty to notify only|duty to notify|ms1 only|duty notify flag",
    ),
    (
        Target::Nothing,
        100,
        "ip address|mac address|web address|place of birth|country of birth|birth country|birthplace|birth place|town of birth|city of birth|date of death|county|country|region|state|continent|ethnicity|ethnic origin|religion|language|first language|preferred language|main language|immigration status|marital status|employment status|created date|date created|updated date|date updated|last updated|referral date|date of referral|incident date|date of incident|first seen|last seen|date opened|date closed|start date|end date|case status|nrm reference|home office reference|crime number|crime reference|vehicle make|vehicle model|vehicle colour|make|model|colour|title|salutation|prefix|suffix|age group|age band|height|weight|occupation|disability|sexual orientation|local authority|ward|latitude|longitude|easting|northing|risk|risk level|priority|consent|consent given|count|total|bank name|sort code|phone type|address type|phone provider|number of child|country code|dialling code|address from|email opt in|company name|business name|trading name|time|date|entity|ent|account name|person count|upn|unique pupil number",
    ),
];

/// Words before or after a phrase that do not change what it means.
const NEUTRAL: &[&str] = &[
    "client",
    "person",
    "subject",
    "service",
    "user",
    "victim",
    "nominal",
    "individual",
    "child",
    "young",
    "adult",
    "resident",
    "patient",
    "citizen",
    "customer",
    "case",
    "suspect",
    "offender",
    "beneficiary",
    "survivor",
    "potential",
    "main",
    "primary",
    "current",
    "latest",
    "known",
    "recorded",
    "number",
    "detail",
    "information",
    "info",
    "value",
    "text",
    "full",
    "own",
    "personal",
    "uk",
    "pole",
    "home",
    "mobile",
    "other",
    "additional",
    "alternative",
    "declared",
    "stated",
    "confirmed",
    "legal",
    "actual",
    "participant",
    "member",
    "field",
    "col",
    "column",
    "code",
    "last",
    "secondary",
    "second",
    "usual",
    "given",
    "official",
    "official",
    "p",
];

/// Words that say a column is about somebody else than the person of the record.
const SOMEBODY_ELSE: &[&str] = &[
    "worker",
    "officer",
    "oic",
    "referrer",
    "referrer",
    "referring",
    "referred",
    "referral",
    "sw",
    "keyworker",
    "advocate",
    "solicitor",
    "interpreter",
    "kin",
    "nok",
    "emergency",
    "parent",
    "mother",
    "father",
    "mum",
    "dad",
    "guardian",
    "carer",
    "gp",
    "doctor",
    "school",
    "employer",
    "landlord",
    "reporter",
    "author",
    "created",
    "creator",
    "updated",
    "modified",
    "entered",
    "assigned",
    "allocated",
    "agency",
    "organisation",
    "organization",
    "team",
    "manager",
    "lead",
    "informant",
    "responder",
    "professional",
    "staff",
    "supervisor",
    "practitioner",
    "caseworker",
    "owner",
    "sibling",
    "partner",
    "spouse",
    "relative",
    "contractor",
    "provider",
    "practice",
    "surgery",
    "hospital",
    "court",
    "station",
    "force",
    "department",
    "by",
    "teacher",
    "next",
    "witnessed",
    "signed",
    "approver",
    "approved",
    "venue",
    "event",
    "file",
    "document",
    "project",
    "operation",
    "operator",
];

/// Words that say that people write what they like into a column.
const FREE_TEXT: &[&str] = &[
    "note",
    "comment",
    "narrative",
    "summary",
    "remark",
    "description",
    "background",
    "circumstance",
    "history",
    "observation",
    "story",
    "statement",
    "reason",
    "log",
    "message",
    "free",
    "assessment",
    "outcome",
    "synopsis",
    "allegation",
    "intelligence",
    "chronology",
    "warning",
    "marker",
    "feature",
    "mark",
    "memo",
    "explanation",
];

/// A phrase in the common form.
pub struct Phrase {
    pub target: Target,
    pub sure: f32,
    pub words: Vec<String>,
}

/// Every phrase.
pub fn phrases() -> &'static [Phrase] {
    static ALL: OnceLock<Vec<Phrase>> = OnceLock::new();
    ALL.get_or_init(|| {
        PHRASES
            .iter()
            .flat_map(|(target, sure, list)| {
                list.split('|').map(|phrase| Phrase {
                    target: *target,
                    sure: f32::from(*sure) / 100.0,
                    words: words(phrase),
                })
            })
            .collect()
    })
}

pub fn is_neutral(word: &str) -> bool {
    NEUTRAL.contains(&word) || word.bytes().all(|b| b.is_ascii_digit())
}

/// Also as the beginning or the end of a word that people ran together (`ownerid`, `keyworker`).
pub fn is_about_somebody_else(word: &str) -> bool {
    SOMEBODY_ELSE.contains(&word) || runs_together(word, SOMEBODY_ELSE, 5)
}

/// As [`is_about_somebody_else`], for words of free text (`casenotes`).
pub fn is_free_text(word: &str) -> bool {
    FREE_TEXT.contains(&word) || word.ends_with("note") || runs_together(word, FREE_TEXT, 6)
}

fn runs_together(word: &str, list: &[&str], letters_min: usize) -> bool {
    list.iter()
        .filter(|part| part.len() >= letters_min)
        .any(|part| word.starts_with(part) || word.ends_with(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_phrase_is_empty_or_for_two_targets_with_equal_certainty() {
        for (at, phrase) in phrases().iter().enumerate() {
            assert!(!phrase.words.is_empty());
            for other in phrases().iter().skip(at + 1) {
                assert!(
                    phrase.words != other.words
                        || phrase.target == other.target
                        || phrase.sure != other.sure
                        || phrase.words == ["type"],
                    "{:?} is for {:?} and {:?}",
                    phrase.words,
                    phrase.target,
                    other.target
                );
            }
        }
    }
}
