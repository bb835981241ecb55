//! A column's name as plain words, so that `D.O.B.`, `DateOfBirth` and `date_birth` are the same.

/// Words that carry no meaning in a column's name.
const EMPTY_WORDS: &[&str] = &[
    "of", "the", "a", "an", "if", "any", "and", "or", "in", "their", "his", "her", "s", "is",
    "for", "to",
];

/// Short forms and the words they stand for, after plural endings are gone.
const SHORT_FORMS: &[(&str, &str)] = &[
    ("no", "number"),
    ("num", "number"),
    ("nr", "number"),
    ("nbr", "number"),
    ("numb", "number"),
    ("tel", "phone"),
    ("telephone", "phone"),
    ("telno", "phone number"),
    ("ph", "phone"),
    ("mob", "mobile"),
    ("mobi", "mobile"),
    ("cell", "mobile"),
    ("cellphone", "mobile phone"),
    ("addr", "address"),
    ("add", "address"),
    ("adr", "address"),
    ("ln", "line"),
    ("pcode", "postcode"),
    ("postalcode", "postcode"),
    ("postcd", "postcode"),
    ("pcd", "postcode"),
    ("emailaddress", "email address"),
    ("phonenumber", "phone number"),
    ("mobilenumber", "mobile number"),
    ("mobilephone", "mobile phone"),
    ("homephone", "home phone"),
    ("dateofbirth", "date birth"),
    ("birthyear", "year birth"),
    ("pc", "postcode"),
    ("pstcd", "postcode"),
    ("zip", "postcode"),
    ("zipcode", "postcode"),
    ("reg", "registration"),
    ("regn", "registration"),
    ("veh", "vehicle"),
    ("vrm", "vehicle registration"),
    ("vrn", "vehicle registration"),
    ("nat", "nationality"),
    ("natl", "national"),
    ("ins", "insurance"),
    ("ni", "national insurance"),
    ("nino", "national insurance number"),
    ("dob", "date birth"),
    ("dofb", "date birth"),
    ("birthdate", "date birth"),
    ("birthday", "date birth"),
    ("dt", "date"),
    ("yob", "year birth"),
    ("yr", "year"),
    ("acct", "account"),
    ("acc", "account"),
    ("identifier", "id"),
    ("identification", "id"),
    ("ident", "id"),
    ("ref", "reference"),
    ("rvw", "review"),
    ("refno", "reference number"),
    ("rec", "record"),
    ("fname", "first name"),
    ("firstname", "first name"),
    ("lname", "last name"),
    ("lastname", "last name"),
    ("sname", "surname"),
    ("mname", "middle name"),
    ("middlename", "middle name"),
    ("givenname", "given name"),
    ("familyname", "family name"),
    ("fullname", "full name"),
    ("fore", "forename"),
    ("passp", "passport"),
    ("ppt", "passport"),
    ("aka", "also known as"),
    ("numberplate", "number plate"),
    ("medium", "media"),
    ("eml", "email"),
    ("username", "user name"),
    ("nationalid", "national id"),
    ("dtn", "duty notify"),
    ("su", "service user"),
    ("yp", "young person"),
    ("pv", "potential victim"),
    ("ssn", "social security number"),
    ("soc", "social"),
    ("sec", "security"),
];

/// The words of a column's name: camel case and separators split, short forms written out, plural
/// endings and empty words dropped.
pub fn words(header: &str) -> Vec<String> {
    let pieces = join_letters(&join_halves(&super::abroad::translated(split(header))));
    let mut out = Vec::new();
    for piece in pieces {
        let single = singular(&piece);
        let long = SHORT_FORMS
            .iter()
            .find(|(short, _)| *short == single)
            .map_or(single.as_str(), |(_, long)| long);
        for word in long.split(' ') {
            if !EMPTY_WORDS.contains(&word) {
                out.push(word.to_owned());
            }
        }
    }
    out
}

/// At separators, between lower and upper case, and between letters and digits.
fn split(header: &str) -> Vec<String> {
    let marked = header.replace('#', " number ").replace(['\'', '’'], "");
    let letters: Vec<char> = marked.chars().collect();
    let mut out: Vec<String> = Vec::new();
    let mut word = String::new();
    for (at, &letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|i| letters.get(i)).copied();
        let after = letters.get(at + 1).copied();
        if !letter.is_alphanumeric() || starts_word(before, letter, after) {
            out.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
        }
        if letter.is_alphanumeric() {
            word.extend(letter.to_lowercase());
        }
    }
    out.extend((!word.is_empty()).then_some(word));
    out.iter()
        .map(|word| sanctuary_normalize::fold(word))
        .filter(|word| !word.is_empty())
        .collect()
}

fn starts_word(before: Option<char>, letter: char, after: Option<char>) -> bool {
    let Some(before) = before.filter(|c| c.is_alphanumeric()) else {
        return false;
    };
    let camel = before.is_lowercase() && letter.is_uppercase();
    let after_capitals =
        before.is_uppercase() && letter.is_uppercase() && after.is_some_and(char::is_lowercase);
    camel || after_capitals || before.is_ascii_digit() != letter.is_ascii_digit()
}

/// `sur name`, `post code`, `e mail` and the like are one word each.
fn join_halves(pieces: &[String]) -> Vec<String> {
    const HALVES: &[(&str, &str, &str)] = &[
        ("sur", "name", "surname"),
        ("sur", "names", "surname"),
        ("fore", "name", "forename"),
        ("fore", "names", "forename"),
        ("post", "code", "postcode"),
        ("postal", "code", "postcode"),
        ("zip", "code", "postcode"),
        ("e", "mail", "email"),
        ("nick", "name", "nickname"),
        ("tele", "phone", "phone"),
        ("birth", "date", "dob"),
        ("nat", "ins", "ni"),
        ("nat", "insurance", "ni"),
        ("f", "name", "forename"),
        ("l", "name", "surname"),
        ("s", "name", "surname"),
        ("tel", "no", "telno"),
        ("i", "d", "id"),
    ];
    let mut out: Vec<String> = Vec::new();
    for piece in pieces {
        let joined = out.last().and_then(|last| {
            HALVES
                .iter()
                .find(|(first, second, _)| first == last && second == piece)
        });
        match joined {
            Some((_, _, whole)) => {
                out.pop();
                out.push((*whole).to_owned());
            }
            None => out.push(piece.clone()),
        }
    }
    out
}

/// Letters that stand alone are one short form: `d o b` is `dob`.
fn join_letters(pieces: &[String]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut run = String::new();
    for piece in pieces {
        let is_letter = piece.len() == 1 && piece.bytes().all(|b| b.is_ascii_lowercase());
        if !is_letter {
            out.extend((!run.is_empty()).then(|| std::mem::take(&mut run)));
            out.push(piece.clone());
        } else {
            run.push_str(piece);
        }
    }
    out.extend((!run.is_empty()).then_some(run));
    out
}

fn singular(word: &str) -> String {
    for (plural, single) in [("sses", "ss"), ("iases", "ias"), ("ies", "y")] {
        if let Some(stem) = word.strip_suffix(plural) {
            return format!("{stem}{single}");
        }
    }
    let keeps = ["ss", "us", "is", "as"];
    match word.strip_suffix('s') {
        Some(stem) if word.len() > 3 && !keeps.iter().any(|end| word.ends_with(end)) => {
            stem.to_owned()
        }
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_in_many_styles() {
        for header in [
            "D.O.B.",
            "dob",
            "DOB",
            "Date of Birth",
            "DateOfBirth",
            "date_of_birth",
            "BIRTH DATE",
            "birth-date",
            "Birthdate",
            "d o b",
        ] {
            assert_eq!(words(header), ["date", "birth"], "{header}");
        }
        assert_eq!(words("NHSNumber"), ["nhs", "number"]);
        assert_eq!(words("N.I. No."), ["national", "insurance", "number"]);
        assert_eq!(words("Forename(s)"), ["forename"]);
        assert_eq!(words("Addr1"), ["address", "1"]);
        assert_eq!(words("Aliases"), ["alias"]);
        assert_eq!(words("Tel. No"), ["phone", "number"]);
        assert_eq!(words("A.K.A."), ["also", "known", "as"]);
    }
}
