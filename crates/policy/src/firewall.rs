//! The immigration firewall in words. The real firewall is that [`crate::Purpose`] and
//! [`crate::Sector`] have no such variant; this catches the same thing written as free text.

/// Stems that have no place in a purpose title, party name or rule, wherever they stand in it.
const STEMS: &[&str] = &[
    "immigration",
    "immigrant",
    "deport",
    "homeofficeenforcement",
    "borderforce",
    "bordercontrol",
    "hostileenvironment",
    "hostiledata",
    "compliantenvironment",
    "illegalentry",
    "illegalworking",
    "overstay",
    "righttoremain",
    "leavetoremain",
    "removalfromtheuk",
    "removalfromuk",
    "removaldirections",
    "visacheck",
    "visastatus",
    "asylumenforcement",
    "returnsandenforcement",
    "ukvi",
];

/// Phrases by which a request says that it is for immigration enforcement. Narrower than [`STEMS`]:
/// a caseworker must be able to write that an exploiter threatened somebody with deportation.
const PHRASES: &[&str] = &[
    "immigrationenforcement",
    "enforceimmigration",
    "immigrationoffence",
    "immigrationpurposes",
    "checkimmigrationstatus",
    "confirmimmigrationstatus",
    "establishimmigrationstatus",
    "verifyimmigrationstatus",
    "homeofficeenforcement",
    "hostileenvironment",
    "hostiledatasharing",
    "removalfromtheuk",
    "removalfromtheunitedkingdom",
    "administrativeremoval",
    "illegalimmigrant",
    "illegalworking",
    "deportationorder",
    "refertoimmigration",
    "passtoimmigration",
    "reporttoimmigration",
];

/// Whether the free text of a request says that the answer is wanted for immigration enforcement.
/// Spaces, signs and case do not hide a phrase.
#[must_use]
pub fn asks_for_immigration_enforcement(text: &str) -> bool {
    let squeezed = squeeze(text);
    PHRASES.iter().any(|phrase| squeezed.contains(phrase))
}

/// Whether a title or name in an agreement may stand there: printable ASCII only, so that no letter
/// can be a look-alike, and no stem of immigration enforcement.
pub(crate) fn is_fit_for_agreement(text: &str) -> bool {
    let squeezed = squeeze(text);
    text.bytes().all(|b| (b' '..=b'~').contains(&b))
        && !STEMS.iter().any(|stem| squeezed.contains(stem))
}

fn squeeze(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            '0' => 'o',
            '1' => 'i',
            '3' => 'e',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_of_enforcement_are_refused_however_they_are_spelt() {
        for bad in [
            "Immigration enforcement",
            "IMMI-GRATION checks",
            "i m m i g r a t i o n",
            "1mm1grat10n",
            "Home Office enforcement",
            "Hostile data sharing",
            "support removal from the UK",
            "Deportations",
            "Border Force liaison",
            "visa status checks",
            "immіgration with a Cyrillic letter",
        ] {
            assert!(!is_fit_for_agreement(bad), "{bad}");
        }
        for good in [
            "Safeguarding adults at risk",
            "Slavery and exploitation",
            "Home Office counting rules reference",
        ] {
            assert!(is_fit_for_agreement(good), "{good}");
        }
    }

    #[test]
    fn a_request_may_tell_of_a_threat_but_not_be_for_enforcement() {
        assert!(asks_for_immigration_enforcement(
            "To check immigration-status of the household"
        ));
        assert!(asks_for_immigration_enforcement("Pass to Immigration"));
        assert!(!asks_for_immigration_enforcement(
            "The exploiter keeps her passport and threatens deportation"
        ));
    }
}
