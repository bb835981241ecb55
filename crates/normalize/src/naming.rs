//! What a nationality tells about the shape of a name. It decides which words go together and which
//! pairs of words are worth a token; a record without a nationality is read like any other.
//!
//! Sources: *A guide to names and naming practices* (UK, 2006) for father-name chains, Vietnamese
//! and Chinese names; the surnames are the commonest of the Chinese census of 2020, in pinyin,
//! Wade-Giles and the usual Cantonese spelling.

use std::{collections::BTreeSet, sync::LazyLock};

use crate::{Canonical, root_name, vietnamese};

/// How the words of a full name stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Naming {
    /// Given names and a family name, and whatever is not known.
    FamilyName,
    /// Own, father's and grandfather's name. Which of them a form calls the surname, and which it
    /// leaves out, differs from agency to agency.
    FatherChain,
    /// Family name, middle word, given name: in this order or the other way round, often without
    /// the middle.
    Vietnamese,
    /// Family name and a given name of one or two syllables, written apart or together.
    Chinese,
}

/// Beginnings of the words for a country's people, and its ISO 3166 codes.
type Countries = (&'static [&'static str], &'static [&'static str]);

const FATHER_CHAIN: Countries = (
    &[
        "eritrea",
        "ethiopia",
        "somal",
        "sudan",
        "djibouti",
        "egypt",
        "iraq",
        "syria",
        "yemen",
        "libya",
        "jordan",
        "palestin",
        "leban",
        "saudi",
        "kuwait",
        "emirat",
        "qatar",
        "bahrain",
        "oman",
        "morocc",
        "algeria",
        "tunisia",
        "mauritania",
        "chad",
        "afghan",
    ],
    &[
        "er", "eri", "et", "eth", "so", "som", "sd", "sdn", "ss", "ssd", "dj", "dji", "eg", "egy",
        "iq", "irq", "sy", "syr", "ye", "yem", "ly", "lby", "jo", "jor", "ps", "pse", "lb", "lbn",
        "sa", "sau", "kw", "kwt", "ae", "are", "qa", "qat", "bh", "bhr", "om", "omn", "ma", "mar",
        "dz", "dza", "tn", "tun", "mr", "mrt", "td", "tcd", "af", "afg",
    ],
);
const VIETNAMESE: Countries = (&["viet"], &["vn", "vnm"]);
const CHINESE: Countries = (
    &["chin", "taiwan", "hongkong", "hong"],
    &["cn", "chn", "tw", "twn", "hk", "hkg"],
);

const CHINESE_SURNAMES: &[&str] = &[
    "wang", "wong", "li", "lee", "zhang", "chang", "cheung", "liu", "lau", "chen", "chan", "yang",
    "yeung", "huang", "wong", "zhao", "chao", "chiu", "wu", "ng", "zhou", "chou", "chow", "xu",
    "hsu", "tsui", "sun", "suen", "ma", "zhu", "chu", "hu", "woo", "guo", "kuo", "kwok", "he",
    "ho", "lin", "lam", "gao", "kao", "ko", "luo", "lo", "law", "zheng", "cheng", "liang", "leung",
    "xie", "hsieh", "tse", "song", "sung", "tang", "tong", "han", "hon", "feng", "fung", "deng",
    "teng", "cao", "tsao", "peng", "pang", "zeng", "tseng", "tsang", "xiao", "hsiao", "siu",
    "tian", "tien", "tin", "dong", "tung", "pan", "poon", "yuan", "yuen", "cai", "tsai", "choi",
    "choy", "jiang", "chiang", "yu", "yue", "du", "to", "ye", "yeh", "yip", "wei", "ngai", "su",
    "so", "lu", "lui", "ding", "ting", "shen", "shum", "ren", "yao", "yiu", "zhong", "chung",
    "cui", "tan", "fan", "jin", "shi", "liao", "jia", "xia", "fu", "bai", "zou", "meng", "qin",
    "qiu", "hou", "yin", "xue", "duan", "lei", "long", "tao", "qian", "hao", "kong", "mao",
];
/// Men's names common across the Arab countries and the Horn of Africa, where a father's name
/// follows the own; names that Europeans also bear are left out.
const FATHERS_NAMES: &[&str] = &[
    "mohammed",
    "mohamud",
    "mahmoud",
    "ahmed",
    "ali",
    "hassan",
    "hussein",
    "ibrahim",
    "osman",
    "omar",
    "yusuf",
    "yousef",
    "ismail",
    "adan",
    "idris",
    "abdullah",
    "abdullahi",
    "abdi",
    "abdrahman",
    "abdirahman",
    "abdiaziz",
    "abdulaziz",
    "abdulkadir",
    "abdiqadir",
    "abdkarim",
    "abdisalam",
    "abdirashid",
    "abdirahim",
    "abdirizak",
    "abdifatah",
    "khalid",
    "khaled",
    "salih",
    "saleh",
    "salah",
    "musa",
    "mousa",
    "moussa",
    "isa",
    "issa",
    "isse",
    "jama",
    "farah",
    "warsame",
    "nur",
    "noor",
    "hersi",
    "said",
    "saeed",
    "mustafa",
    "hamid",
    "hamad",
    "bashir",
    "yasin",
    "yassin",
    "yaqub",
    "yagoub",
    "haroun",
    "suleiman",
    "sulaiman",
    "dawood",
    "daud",
    "sharif",
    "jamal",
    "kamal",
    "karim",
    "rashid",
    "faisal",
    "tariq",
    "hamza",
    "bilal",
    "walid",
    "nasser",
    "nasir",
    "abubakar",
    "abukar",
    "elmi",
    "guled",
    "hashi",
    "muse",
    "roble",
    "samatar",
    "shire",
    "duale",
    "egal",
    "liban",
    "tahir",
    "zakaria",
    "yahya",
    "younis",
    "tesfay",
    "tesfaye",
    "berhane",
    "kidane",
    "haile",
    "tekle",
    "mehari",
    "yohannes",
    "yonas",
    "goitom",
    "hagos",
    "kahsay",
    "kiflom",
    "kifle",
    "ghirmay",
    "girma",
    "habte",
    "habtom",
    "mebrahtu",
    "mengistu",
    "mulugeta",
    "negash",
    "negasi",
    "okbay",
    "ogbay",
    "semere",
    "tadesse",
    "bekele",
    "abebe",
    "weldu",
    "woldu",
    "yemane",
    "zerai",
    "zeray",
    "asmerom",
    "gebremedhin",
    "gebremeskel",
    "gebremariam",
    "weldemariam",
    "weldemichael",
    "tewolde",
    "teklay",
    "desta",
    "alemu",
    "kebede",
    "dawit",
    "efrem",
    "filmon",
    "isaac",
    "abraha",
    "araya",
    "fessehaye",
    "beyene",
];

/// Longest syllable that a Chinese given name has (`zhuang`), in letters.
const SYLLABLE_MAX: usize = 6;

impl Naming {
    /// Of a folded nationality: a country, its adjective, or its ISO 3166 code.
    pub(crate) fn of(nationality: Option<&str>) -> Self {
        let whole = nationality.unwrap_or_default();
        let any = |(stems, codes): Countries| {
            let mut words = whole.split(' ');
            codes.contains(&whole)
                || words.any(|word| stems.iter().any(|stem| word.starts_with(stem)))
        };
        if any(FATHER_CHAIN) {
            Self::FatherChain
        } else if any(VIETNAMESE) {
            Self::Vietnamese
        } else if any(CHINESE) {
            Self::Chinese
        } else {
            Self::FamilyName
        }
    }
}

/// Pairs of parts, besides the first two, by which the bearer of a three-word name is known where
/// another agency has two of the words: part numbers.
pub(crate) fn other_pairs(record: &Canonical) -> &'static [[u8; 2]] {
    let [_, _, _] = record.parts.as_slice() else {
        return &[];
    };
    match Naming::of(record.nationality.as_deref()) {
        Naming::FatherChain | Naming::Vietnamese => &[[0, 2], [1, 2]],
        Naming::FamilyName if tell_of_themselves(record) => &[[0, 2], [1, 2]],
        _ => &[],
    }
}

/// Whether the names show their shape without a nationality: two that fathers in countries of name
/// chains most often bear, or a Vietnamese family name.
fn tell_of_themselves(record: &Canonical) -> bool {
    static FATHERS: LazyLock<BTreeSet<&str>> =
        LazyLock::new(|| FATHERS_NAMES.iter().map(|name| root_name(name)).collect());
    let of = |known: &dyn Fn(&str) -> bool| record.parts.iter().filter(|p| known(&p.canon)).count();
    of(&|name| FATHERS.contains(name)) >= 2 || of(&vietnamese::is_surname) >= 1
}

/// A Chinese name of three words, given name first or last: (given name as one word, family name).
/// `None` for any other shape. Where both ends could be the family name, the last word is it when
/// a form said so, else the first.
pub(crate) fn chinese_name(words: &[String], surname_is_last: bool) -> Option<(String, String)> {
    let [first, middle, last] = words else {
        return None;
    };
    let is_surname = |word: &String| CHINESE_SURNAMES.contains(&word.as_str());
    let family_last = match (is_surname(first), is_surname(last)) {
        (true, false) => false,
        (false, true) => true,
        (true, true) => surname_is_last,
        (false, false) => return None,
    };
    let (given, family) = if family_last {
        ([first, middle], last)
    } else {
        ([middle, last], first)
    };
    let syllables = given
        .iter()
        .all(|word| (2..=SYLLABLE_MAX).contains(&word.len()));
    syllables.then(|| (given.map(String::as_str).concat(), family.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nationalities_in_many_words_are_understood() {
        let all = [
            (
                Naming::FatherChain,
                ["eritrean", "sudan", "south sudanese", "som", "iraqi"],
            ),
            (
                Naming::Vietnamese,
                ["vietnamese", "viet nam", "vn", "vnm", "vietnam"],
            ),
            (
                Naming::Chinese,
                ["chinese", "china", "hong kong", "taiwanese", "chn"],
            ),
            (
                Naming::FamilyName,
                ["british", "romanian", "", "nigerian", "roma"],
            ),
        ];
        for (naming, words) in all {
            for word in words {
                assert_eq!(Naming::of(Some(word)), naming, "{word}");
            }
        }
        assert_eq!(Naming::of(None), Naming::FamilyName);
    }

    #[test]
    fn syllables_of_a_chinese_given_name_go_together() {
        let name = |text: &str, surname_is_last| {
            let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
            chinese_name(&words, surname_is_last)
        };
        let xiaoming = Some(("xiaoming".to_owned(), "wang".to_owned()));
        assert_eq!(name("wang xiao ming", false), xiaoming);
        assert_eq!(name("xiao ming wang", true), xiaoming);
        // Both ends are surnames: the form decides.
        assert_eq!(
            name("li jian wei", false),
            Some(("jianwei".into(), "li".into()))
        );
        assert_eq!(
            name("li jian wei", true),
            Some(("lijian".into(), "wei".into()))
        );
        assert_eq!(name("wang xiaoming", false), None);
        assert_eq!(name("anna maria kowalska", true), None);
        assert_eq!(name("wang alexander ming", false), None);
    }
}
