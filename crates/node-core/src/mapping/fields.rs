use sanctuary_types::IdentifierKind;

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident = $word:literal;)*) => {
        /// A field of a person's record that a mapping can fill from columns.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FieldName { $($(#[$doc])* $name,)* /** A strong identifier. */ Identifier(IdentifierKind) }

        impl FieldName {
            /// The fields that are not identifiers.
            const PLAIN: &'static [Self] = &[$(Self::$name),*];
            /// The key in the `[fields]` table.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* Self::Identifier(kind) => kind.label() }
            }
        }
    };
}

fields! {
    /// Given names; a cell may hold several, with `;` between.
    Forenames = "forenames";
    /// Family names; a cell may hold several, with `;` between.
    Surnames = "surnames";
    /// The whole name in one cell.
    FullName = "full_name";
    /// Other names; a cell may hold several, with `;` between.
    Aliases = "aliases";
    /// Date of birth, read by the `date_of_birth` formats.
    DateOfBirth = "date_of_birth";
    /// Year of birth alone.
    YearOfBirth = "year_of_birth";
    /// Age in years on the date in `age_at`.
    Age = "age";
    /// The date on which the age was right.
    AgeAt = "age_at";
    /// Sex.
    Sex = "sex";
    /// Nationality.
    Nationality = "nationality";
    /// Address; several columns are joined.
    Address = "address";
    /// Postcode.
    Postcode = "postcode";
    /// Town or district.
    Locality = "locality";
}

impl FieldName {
    /// Every field a mapping may name. `Address` as an identifier kind is made by normalisation
    /// from the address, so it is not a field of its own.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::PLAIN.iter().copied().chain(
            IdentifierKind::ALL
                .iter()
                .copied()
                .filter(|kind| *kind != IdentifierKind::Address)
                .map(Self::Identifier),
        )
    }

    /// The field of a key.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::all().find(|field| field.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_name_of_the_contract_is_known() {
        let contract = "forenames surnames full_name aliases date_of_birth year_of_birth age age_at sex \
            nationality phone email vehicle passport national_insurance nhs_number national_id bank_account \
            online_handle imei company_number address postcode uprn locality";
        for word in contract.split_whitespace() {
            let field = FieldName::from_word(word).unwrap();
            assert_eq!(field.word(), word);
        }
        assert_eq!(
            FieldName::all().count(),
            contract.split_whitespace().count()
        );
        assert_eq!(
            FieldName::from_word("address"),
            Some(FieldName::Address),
            "the address field is the raw one, not the derived identifier"
        );
    }
}
