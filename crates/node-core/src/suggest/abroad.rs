//! Column names in other languages, as the English words that the lexicon knows. Spelt without accents,
//! as [`super::header::words`] folds them.

/// A phrase in another language and what it says.
type Phrase = (&'static str, &'static str);

/// Wherever they stand in a name; longer phrases first where one begins like another.
const ANYWHERE: &[Phrase] = &[
    // Welsh
    ("enw cyntaf", "first name"),
    ("enw llawn", "full name"),
    ("enw arall", "other name"),
    ("cyfenw", "surname"),
    ("dyddiad geni", "date birth"),
    ("dyddiad adolygu", "review date"),
    ("rhyw", "sex"),
    ("cenedligrwydd", "nationality"),
    ("cyfeiriad", "address"),
    ("cod post", "postcode"),
    ("ffon symudol", "mobile phone"),
    ("ffon", "phone"),
    ("e bost", "email"),
    ("ebost", "email"),
    ("nodiadau", "note"),
    ("cyfeirnod", "reference"),
    ("rhif yswiriant gwladol", "national insurance number"),
    ("rhif gig", "nhs number"),
    // French
    ("nom de famille", "surname"),
    ("nom de naissance", "birth name"),
    ("nom complet", "full name"),
    ("prenom", "forename"),
    ("prenoms", "forename"),
    ("date de naissance", "date birth"),
    ("lieu de naissance", "place birth"),
    ("sexe", "sex"),
    ("nationalite", "nationality"),
    ("adresse", "address"),
    ("code postal", "postcode"),
    ("ville", "town"),
    ("portable", "mobile"),
    ("courriel", "email"),
    ("plaque dimmatriculation", "vehicle registration"),
    ("immatriculation", "vehicle registration"),
    ("passeport", "passport"),
    ("remarque", "remark"),
    ("remarques", "remark"),
    // Romanian
    ("nume de familie", "surname"),
    ("nume si prenume", "full name"),
    ("nume prenume", "full name"),
    ("prenume", "forename"),
    ("data nasterii", "date birth"),
    ("cetatenie", "nationality"),
    ("cetatenia", "nationality"),
    ("nationalitate", "nationality"),
    ("adresa", "address"),
    ("localitate", "town"),
    ("localitatea", "town"),
    ("cod postal", "postcode"),
    ("telefon", "phone"),
    ("pasaport", "passport"),
    ("inmatriculare", "vehicle registration"),
    ("observatii", "remark"),
    // Polish
    ("imie i nazwisko", "full name"),
    ("imie", "forename"),
    ("nazwisko", "surname"),
    ("data urodzenia", "date birth"),
    ("plec", "sex"),
    ("obywatelstwo", "nationality"),
    ("narodowosc", "nationality"),
    ("adres", "address"),
    ("kod pocztowy", "postcode"),
    ("miejscowosc", "town"),
    ("miasto", "town"),
    ("uwagi", "remark"),
    // Spanish and Portuguese
    ("nombre completo", "full name"),
    ("apellido", "surname"),
    ("apellidos", "surname"),
    ("apelido", "surname"),
    ("fecha de nacimiento", "date birth"),
    ("data de nascimento", "date birth"),
    ("sexo", "sex"),
    ("nacionalidad", "nationality"),
    ("nacionalidade", "nationality"),
    ("direccion", "address"),
    ("domicilio", "address"),
    ("morada", "address"),
    ("endereco", "address"),
    ("codigo postal", "postcode"),
    ("ciudad", "town"),
    ("cidade", "town"),
    ("telefono", "phone"),
    ("telefone", "phone"),
    ("telemovel", "mobile phone"),
    ("movil", "mobile"),
    ("correo", "email"),
    ("matricula", "vehicle registration"),
    ("pasaporte", "passport"),
    ("passaporte", "passport"),
    ("observaciones", "remark"),
    ("observacoes", "remark"),
    ("notas", "note"),
    // German and Italian
    ("vorname", "forename"),
    ("nachname", "surname"),
    ("familienname", "surname"),
    ("geburtsdatum", "date birth"),
    ("geschlecht", "sex"),
    ("staatsangehorigkeit", "nationality"),
    ("anschrift", "address"),
    ("plz", "postcode"),
    ("kennzeichen", "vehicle registration"),
    ("reisepass", "passport"),
    ("bemerkung", "remark"),
    ("bemerkungen", "remark"),
    ("cognome", "surname"),
    ("data di nascita", "date birth"),
    ("sesso", "sex"),
    ("cittadinanza", "nationality"),
    ("indirizzo", "address"),
    ("cellulare", "mobile phone"),
    ("passaporto", "passport"),
    // Albanian and Vietnamese
    ("emri", "forename"),
    ("mbiemri", "surname"),
    ("datelindja", "date birth"),
    ("gjinia", "sex"),
    ("shtetesia", "nationality"),
    ("ho va ten", "full name"),
    ("ngay sinh", "date birth"),
    ("quoc tich", "nationality"),
];

/// Only as the whole of a name: short words that mean something else in English names.
const WHOLE: &[Phrase] = &[
    ("nom", "surname"),
    ("nume", "surname"),
    ("nombre", "forename"),
    ("nome", "forename"),
    ("enw", "name"),
    ("ort", "town"),
];

/// The words of a name with what is known in other languages put into English.
pub fn translated(words: Vec<String>) -> Vec<String> {
    let whole = words.join(" ");
    if let Some((_, english)) = WHOLE.iter().find(|(phrase, _)| *phrase == whole) {
        return english.split(' ').map(str::to_owned).collect();
    }
    let mut out = Vec::with_capacity(words.len());
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let rest = words.get(at..).unwrap_or_default();
        let begins = |phrase: &str| {
            let count = phrase.split(' ').count();
            let same = phrase.split(' ').zip(rest).all(|(a, b)| a == b);
            (same && rest.len() >= count).then_some(count)
        };
        let found = ANYWHERE
            .iter()
            .filter_map(|(phrase, english)| Some((begins(phrase)?, *english)))
            .max_by_key(|(count, _)| *count);
        match found {
            Some((count, english)) => {
                out.extend(english.split(' ').map(str::to_owned));
                at += count;
            }
            None => {
                out.push(word.clone());
                at += 1;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::header::words;

    #[test]
    fn names_in_other_languages_are_the_same_words() {
        for header in [
            "Data nașterii",
            "Date de naissance",
            "DYDDIAD GENI",
            "Geburtsdatum",
            "Ngày sinh",
        ] {
            assert_eq!(words(header), ["date", "birth"], "{header}");
        }
        assert_eq!(words("Nume"), ["surname"]);
        assert_eq!(words("Nume și prenume"), ["full", "name"]);
        // A police system's nominal stays one.
        assert_eq!(words("Nom ID"), ["nom", "id"]);
    }
}
