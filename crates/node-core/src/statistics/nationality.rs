use sanctuary_figures::Nationality;

/// Countries, adjectives and ISO 3166 codes as records write them, folded, by broad group. What is not
/// here is "not known": a wrong group would be worse.
const GROUPS: [(Nationality, &str); 5] = [
    (
        Nationality::Uk,
        "uk gb gbr united kingdom britain british great britain england english scotland scottish wales welsh northern ireland northern irish",
    ),
    (
        Nationality::Europe,
        "albania albanian al alb romania romanian ro rou poland polish pl pol bulgaria bulgarian bg lithuania lithuanian lt latvia latvian lv slovakia slovak sk hungary hungarian hu czechia czech cz ukraine ukrainian ua moldova moldovan md kosovo kosovan serbia serbian rs ireland irish ie portugal portuguese pt italy italian it spain spanish es france french fr germany german de greece greek gr estonia estonian ee russia russian ru belarus belarusian by croatia croatian hr turkey turkish tr",
    ),
    (
        Nationality::Africa,
        "nigeria nigerian ng eritrea eritrean er somalia somali so sudan sudanese sd ethiopia ethiopian et ghana ghanaian gh gambia gambian gm kenya kenyan ke uganda ugandan ug zimbabwe zimbabwean zw cameroon cameroonian cm guinea guinean gn egypt egyptian eg algeria algerian dz morocco moroccan ma libya libyan ly namibia namibian na south africa south african za sierra leone sierra leonean sl ivory coast ivorian ci chad chadian td mali malian ml senegal senegalese sn",
    ),
    (
        Nationality::Asia,
        "vietnam vietnamese vn vnm china chinese cn chn india indian in pakistan pakistani pk bangladesh bangladeshi bd sri lanka sri lankan lk nepal nepalese np afghanistan afghan af iran iranian ir iraq iraqi iq syria syrian sy kuwait kuwaiti kw philippines filipino ph thailand thai th malaysia malaysian my indonesia indonesian id mongolia mongolian mn myanmar burmese mm hong kong hk taiwan taiwanese tw",
    ),
    (
        Nationality::Americas,
        "jamaica jamaican jm brazil brazilian br colombia colombian co venezuela venezuelan ve el salvador salvadoran sv trinidad trinidadian tt usa us american canada canadian ca mexico mexican mx australia australian au new zealand nz bolivia bolivian bo ecuador ecuadorian ec peru peruvian pe",
    ),
];

/// The broad group of a folded nationality.
pub(super) fn group(folded: Option<&str>) -> Nationality {
    let text = folded.unwrap_or_default().to_lowercase();
    let text = text.trim();
    if text.is_empty() {
        return Nationality::NotKnown;
    }
    // Whole words in sequence: "south african" but not "south".
    let wanted = format!(" {text} ");
    GROUPS
        .iter()
        .find(|(_, words)| format!(" {words} ").contains(&wanted) && !HALVES.contains(&text))
        .map_or(Nationality::NotKnown, |(group, _)| *group)
}

/// Words that name no country by themselves.
const HALVES: [&str; 18] = [
    "united", "kingdom", "great", "northern", "south", "sierra", "leone", "leonean", "ivory",
    "coast", "sri", "lanka", "lankan", "hong", "kong", "el", "new", "zealand",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_fall_into_broad_groups_and_the_rest_is_not_known() {
        for (text, group_of) in [
            ("polish", Nationality::Europe),
            ("vietnamese", Nationality::Asia),
            ("VN", Nationality::Asia),
            ("south african", Nationality::Africa),
            ("british", Nationality::Uk),
            ("brazilian", Nationality::Americas),
            ("south", Nationality::NotKnown),
            ("atlantean", Nationality::NotKnown),
            ("", Nationality::NotKnown),
        ] {
            assert_eq!(group(Some(text)), group_of, "{text}");
        }
        assert_eq!(group(None), Nationality::NotKnown);
    }
}
