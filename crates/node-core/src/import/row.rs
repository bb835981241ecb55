use sanctuary_normalize::{
    Birth, Canonical, Field, RawIdentifier, Source, canonicalise, parse_birth, year_from_age,
    year_of_birth,
};
use sanctuary_types::{Basis, IdentifierKind, Month, Roles, Timestamp, Visibility};

use crate::{
    Consent, Details, Mapping,
    mapping::{Bound, Date, FieldName, Given, parse_roles, parse_yes_no},
    readers::Cell,
};

/// Months a record stays when nothing says how long.
const EXPIRES_MONTHS: u16 = 12;
/// Bytes of an agency's own reference.
const REFERENCE_BYTES_MAX: usize = 256;
/// Characters of a name kept for display at the node.
const NAMES_CHARS_MAX: usize = 200;
const HAS_EXPIRED: &str = "the expiry date has passed; review the record before it is shared";

/// What a row gave: a record, or the reasons why not; with a record, what was left out.
pub struct Read {
    pub record: Option<ReadRecord>,
    /// Column and rule.
    pub problems: Vec<(String, String)>,
    /// The reference of a row that is refused because its expiry has passed.
    pub expired: Option<String>,
}

pub struct ReadRecord {
    pub reference: String,
    /// `None` when the record is known only from a Duty to Notify report.
    pub details: Option<Details>,
    pub notify_only: bool,
    /// The row itself says when the record expires.
    pub own_expiry: bool,
}

impl Read {
    pub fn refused(column: &str, rule: String) -> Self {
        Self {
            record: None,
            problems: vec![(column.to_owned(), rule)],
            expired: None,
        }
    }
}

/// Reads rows of one file by its mapping.
pub struct RowReader<'a> {
    mapping: &'a Mapping,
    bound: &'a Bound,
    birth_formats: Vec<String>,
    other_formats: Vec<String>,
    now: Timestamp,
}

type Problems = Vec<(String, String)>;

impl<'a> RowReader<'a> {
    pub fn new(
        mapping: &'a Mapping,
        bound: &'a Bound,
        dates_are_iso: bool,
        now: Timestamp,
    ) -> Self {
        let iso = dates_are_iso.then(|| "%Y-%m-%d".to_owned());
        let with_iso = |formats: &[String]| formats.iter().cloned().chain(iso.clone()).collect();
        Self {
            mapping,
            bound,
            birth_formats: with_iso(&mapping.formats.date_of_birth),
            other_formats: with_iso(&mapping.formats.other_dates),
            now,
        }
    }

    /// One row. Missing reference and governance refuse the row; a bad value of the person is left
    /// out and reported.
    pub fn read(&self, cells: &[Cell]) -> Read {
        let id_column = &self.mapping.record_id;
        let Some(reference) = reference(self.bound.cell(cells, id_column)) else {
            return Read::refused(
                id_column,
                "a record id of 1 to 256 bytes without control characters is needed in every row"
                    .to_owned(),
            );
        };
        match self.notify_only(cells) {
            Ok(false) => {}
            Ok(true) => {
                // Nothing else of the row is looked at: it must not be stored or tokenised.
                return Read {
                    record: Some(ReadRecord {
                        reference: reference.to_owned(),
                        details: None,
                        notify_only: true,
                        own_expiry: false,
                    }),
                    problems: Vec::new(),
                    expired: None,
                };
            }
            Err((column, rule)) => return Read::refused(&column, rule),
        }
        self.read_person(cells, reference)
            .unwrap_or_else(|(column, rule)| Read::refused(&column, rule))
    }

    fn read_person(&self, cells: &[Cell], reference: &str) -> Result<Read, (String, String)> {
        let governance = &self.mapping.governance;
        let roles = self.given(&governance.role, cells, parse_roles, &one_of_roles())?;
        let basis: Basis = self.given(
            &governance.basis,
            cells,
            |t| t.parse().ok(),
            &one_of_bases(),
        )?;
        let visibility: Visibility = self.given(
            &governance.visibility,
            cells,
            |t| t.parse().ok(),
            &one_of_visibilities(),
        )?;
        let consent = self.consent(cells)?;
        let visibility = consent.visibility(visibility, governance.on_objection);
        let mut problems = Vec::new();
        let expiry = match self.expiry(cells, &mut problems) {
            Ok(expiry) => expiry,
            Err(column) => {
                return Ok(Read {
                    expired: Some(reference.to_owned()),
                    ..Read::refused(&column, HAS_EXPIRED.to_owned())
                });
            }
        };
        let exploitation = self.exploitation(cells);
        let source = self.source(cells, &mut problems);
        let (canonical, found) =
            canonicalise(&source, self.now, &self.mapping.formats.phone_region);
        problems.extend(
            found
                .into_iter()
                .map(|(field, rule)| (self.column_of(field), rule.to_string())),
        );
        let review = self.review(cells, &mut problems);
        let mut details = self.details(
            cells,
            reference,
            canonical,
            roles,
            basis,
            visibility,
            expiry,
            exploitation,
        );
        (details.consent, details.review) = (consent, review);
        Ok(Read {
            record: Some(ReadRecord {
                reference: reference.to_owned(),
                details: Some(details),
                notify_only: false,
                own_expiry: expiry.is_some(),
            }),
            problems,
            expired: None,
        })
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one call, one place: the parts of a record"
    )]
    fn details(
        &self,
        cells: &[Cell],
        reference: &str,
        canonical: Canonical,
        roles: Roles,
        basis: Basis,
        visibility: Visibility,
        expiry: Option<Month>,
        exploitation: Option<String>,
    ) -> Details {
        Details {
            reference: reference.to_owned(),
            names: self.display_names(cells),
            canonical,
            roles,
            basis,
            visibility,
            expires: expiry.unwrap_or_else(|| Month::at(self.now).plus(EXPIRES_MONTHS)),
            exploitation,
            consent: Consent::default(),
            review: None,
        }
    }

    /// Consent is no reason to refuse a row, but a word that is not in the lists is: an objection must not
    /// be lost in a slip of the pen.
    fn consent(&self, cells: &[Cell]) -> Result<Consent, (String, String)> {
        let governance = &self.mapping.governance;
        let agreed = "must be empty or one of: yes, no, not_asked";
        let views = "the views on sharing must be empty or one of: agrees, objects, not_sought";
        Ok(Consent {
            nrm: self.recorded(governance.nrm_consent.as_ref(), cells, agreed)?,
            support: self.recorded(governance.support_consent.as_ref(), cells, agreed)?,
            views: self.recorded(governance.views.as_ref(), cells, views)?,
        })
    }

    fn recorded<T: Copy + std::str::FromStr>(
        &self,
        given: Option<&Given<T>>,
        cells: &[Cell],
        allowed: &str,
    ) -> Result<Option<T>, (String, String)> {
        match given {
            None => Ok(None),
            Some(Given::Constant(value)) => Ok(Some(*value)),
            Some(Given::Column(column)) => {
                let cell = self.bound.cell(cells, column).trim().to_ascii_lowercase();
                if cell.is_empty() {
                    return Ok(None);
                }
                let parsed = cell.parse().ok();
                parsed
                    .map(Some)
                    .ok_or_else(|| (column.clone(), allowed.to_owned()))
            }
        }
    }

    /// The review date; a bad one is left out and reported, because nothing happens by it.
    fn review(&self, cells: &[Cell], problems: &mut Problems) -> Option<Date> {
        match self.mapping.governance.review.as_ref()? {
            Given::Constant(date) => Some(*date),
            Given::Column(column) => {
                let parsed = parse_birth(self.bound.cell(cells, column), &self.other_formats);
                if let Some(rule) = parsed.problem {
                    problems.push((column.clone(), rule.to_string()));
                }
                let birth = parsed.birth;
                Some((birth.year?, birth.month?, birth.day?))
            }
        }
    }

    fn notify_only(&self, cells: &[Cell]) -> Result<bool, (String, String)> {
        match &self.mapping.governance.duty_to_notify_only {
            Given::Constant(only) => Ok(*only),
            Given::Column(column) => {
                parse_yes_no(self.bound.cell(cells, column)).ok_or_else(|| {
                    (
                        column.clone(),
                        "whether the record is known only from a Duty to Notify report must be yes or no"
                            .to_owned(),
                    )
                })
            }
        }
    }

    fn given<T: Copy>(
        &self,
        given: &Given<T>,
        cells: &[Cell],
        parse: impl Fn(&str) -> Option<T>,
        allowed: &str,
    ) -> Result<T, (String, String)> {
        match given {
            Given::Constant(value) => Ok(*value),
            Given::Column(column) => parse(self.bound.cell(cells, column))
                .ok_or_else(|| (column.clone(), allowed.to_owned())),
        }
    }

    /// The month of expiry, when the mapping or the row gives one; the column of a past one, which
    /// refuses the row.
    fn expiry(&self, cells: &[Cell], problems: &mut Problems) -> Result<Option<Month>, String> {
        let (column, year, month) = match &self.mapping.governance.expires {
            None => return Ok(None),
            Some(Given::Constant((year, month, _))) => (String::new(), *year, *month),
            Some(Given::Column(column)) => {
                let parsed = parse_birth(self.bound.cell(cells, column), &self.other_formats);
                match (parsed.problem, parsed.birth) {
                    (
                        None,
                        Birth {
                            year: Some(year),
                            month: Some(month),
                            ..
                        },
                    ) => (column.clone(), year, month),
                    (None, _) => return Ok(None),
                    (Some(rule), _) => {
                        problems.push((column.clone(), rule.to_string()));
                        return Ok(None);
                    }
                }
            }
        };
        let month = Month::of(year, month);
        if year < 2000 || month < Month::at(self.now) {
            return Err(column);
        }
        Ok(Some(month))
    }

    fn exploitation(&self, cells: &[Cell]) -> Option<String> {
        match self.mapping.governance.exploitation.as_ref()? {
            Given::Constant(word) => Some(word.clone()),
            Given::Column(column) => Some(self.bound.cell(cells, column))
                .filter(|word| !word.is_empty())
                .map(|word| word.chars().take(64).collect()),
        }
    }

    fn source(&self, cells: &[Cell], problems: &mut Problems) -> Source {
        let all = |field| -> Vec<RawIdentifier> {
            self.cells(cells, field).map(RawIdentifier::from).collect()
        };
        let first = |field| self.cells(cells, field).next().map(RawIdentifier::from);
        let joined = |field| {
            let parts: Vec<&str> = self.cells(cells, field).collect();
            (!parts.is_empty()).then(|| RawIdentifier::from(parts.join(" ")))
        };
        let identifiers = IdentifierKind::ALL.iter().flat_map(|kind| {
            self.cells(cells, FieldName::Identifier(*kind))
                .map(|cell| (*kind, RawIdentifier::from(cell)))
        });
        Source {
            forenames: all(FieldName::Forenames),
            surnames: all(FieldName::Surnames),
            full_name: joined(FieldName::FullName),
            aliases: all(FieldName::Aliases),
            birth: self.birth(cells, problems),
            sex: first(FieldName::Sex),
            nationality: first(FieldName::Nationality),
            identifiers: identifiers.collect(),
            address: joined(FieldName::Address),
            postcode: first(FieldName::Postcode),
            locality: first(FieldName::Locality),
        }
    }

    /// Date of birth; failing that the year of birth; failing that the age.
    fn birth(&self, cells: &[Cell], problems: &mut Problems) -> Birth {
        let mut birth = Birth::default();
        let mut take = |field: FieldName, parsed: sanctuary_normalize::ParsedBirth| {
            if let Some(rule) = parsed.problem {
                problems.push((self.columns_of(field), rule.to_string()));
            }
            parsed.birth
        };
        if let Some(cell) = self.cells(cells, FieldName::DateOfBirth).next() {
            birth = take(
                FieldName::DateOfBirth,
                parse_birth(cell, &self.birth_formats),
            );
        }
        if birth.year.is_none()
            && let Some(cell) = self.cells(cells, FieldName::YearOfBirth).next()
        {
            birth.year = take(FieldName::YearOfBirth, year_of_birth(cell)).year;
        }
        if birth.year.is_none()
            && let Some(cell) = self.cells(cells, FieldName::Age).next()
        {
            let at = self.cells(cells, FieldName::AgeAt).next().unwrap_or("");
            let at = take(FieldName::AgeAt, parse_birth(at, &self.other_formats));
            birth.year = take(FieldName::Age, year_from_age(cell, at)).year;
        }
        birth
    }

    /// Names as written, for display at this node only.
    fn display_names(&self, cells: &[Cell]) -> String {
        let words: Vec<&str> = [
            FieldName::FullName,
            FieldName::Forenames,
            FieldName::Surnames,
        ]
        .into_iter()
        .flat_map(|field| self.cells(cells, field))
        .collect();
        // Control characters would steer the screen that shows the name.
        let joined = words.join(" ");
        let shown = joined.chars().filter(|letter| !letter.is_control());
        shown.take(NAMES_CHARS_MAX).collect()
    }

    fn cells<'c>(
        &'c self,
        cells: &'c [Cell],
        field: FieldName,
    ) -> impl Iterator<Item = &'c str> + 'c {
        let columns = self
            .mapping
            .fields
            .get(&field)
            .map_or(&[][..], Vec::as_slice);
        columns
            .iter()
            .map(|column| self.bound.cell(cells, column))
            .filter(|cell| !cell.is_empty())
    }

    fn column_of(&self, field: Field) -> String {
        self.columns_of(match field {
            Field::Forenames => FieldName::Forenames,
            Field::Surnames => FieldName::Surnames,
            Field::FullName => FieldName::FullName,
            Field::Aliases => FieldName::Aliases,
            Field::Birth => [
                FieldName::DateOfBirth,
                FieldName::YearOfBirth,
                FieldName::Age,
            ]
            .into_iter()
            .find(|name| self.mapping.fields.contains_key(name))
            .unwrap_or(FieldName::DateOfBirth),
            Field::Sex => FieldName::Sex,
            Field::Nationality => FieldName::Nationality,
            Field::Identifier(kind) => FieldName::Identifier(kind),
            Field::Address => FieldName::Address,
            Field::Postcode => FieldName::Postcode,
            Field::Locality => FieldName::Locality,
        })
    }

    /// The columns of a field, as one text for a reject.
    fn columns_of(&self, field: FieldName) -> String {
        self.mapping
            .fields
            .get(&field)
            .map_or_else(|| field.word().to_owned(), |columns| columns.join(" + "))
    }
}

/// An agency's own reference, if the cell is one.
pub fn reference(cell: &str) -> Option<&str> {
    let fits = !cell.is_empty() && cell.len() <= REFERENCE_BYTES_MAX;
    (fits && !cell.chars().any(char::is_control)).then_some(cell)
}

fn one_of_roles() -> String {
    "the role must be one or more of: potential_victim, confirmed_victim, suspect, convicted, witness, associate"
        .to_owned()
}

fn one_of_bases() -> String {
    let words: Vec<&str> = Basis::ALL.iter().map(|basis| basis.word()).collect();
    format!("the basis must be one of: {}", words.join(", "))
}

fn one_of_visibilities() -> String {
    "the visibility must be one of: open, owner_first, silent".to_owned()
}
