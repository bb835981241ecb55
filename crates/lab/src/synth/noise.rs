//! How badly things get written down.

/// How much overlap and noise a partnership's files have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Profile {
    /// An imitation of a northern English partnership.
    #[default]
    Durham,
    /// Names written badly twice as often, spellings from public lists, everything else missing or
    /// wrong half as often again, and as many people of each culture.
    Hard,
    /// Hardly any noise: what differs between agencies is the style of their columns.
    Clean,
}

/// Probabilities, each for one chance to go wrong.
#[derive(Clone, Copy, Debug)]
pub struct Noise {
    /// A name word in another transliteration, with other diacritics, or as its short form.
    pub respelt: f64,
    /// Where a name is written otherwise and a public list knows the name: the spelling is one of
    /// that list and not of our own book.
    pub public_spelling: f64,
    /// A liberty with a name of another shape than the form's: syllables joined or parted, `bin`
    /// put in, half of a double surname, a woman under the men's form.
    pub liberty: f64,
    /// A slip of the keyboard in a name word.
    pub typo: f64,
    /// Family and given name in each other's column; a quarter of it for names that stand in the
    /// order the form asks for.
    pub swapped: f64,
    /// A forename or surname is missing.
    pub part_missing: f64,
    /// Known by another family name (marriage, an assumed name).
    pub renamed: f64,
    /// Only a street name is known.
    pub alias_only: f64,
    /// Words of a name of three or more cut or placed differently.
    pub recut: f64,
    /// No date of birth.
    pub birth_missing: f64,
    /// The agency guessed a year: 1 January.
    pub birth_guessed: f64,
    /// Day and month changed about.
    pub birth_swapped: f64,
    /// One part of the date wrong.
    pub birth_slip: f64,
    /// Lives elsewhere by now, or did then.
    pub moved: f64,
    /// No address, or no postcode with it.
    pub address_missing: f64,
    /// A slip or an abbreviation in the address.
    pub address_slip: f64,
    /// A field that the agency usually fills is empty.
    pub field_missing: f64,
    /// One character of an identifier wrong.
    pub identifier_slip: f64,
}

/// The hard profile is about names: they are written badly twice as often as in Durham.
const HARD_NAMES: f64 = 2.0;
/// Everything else is missing or wrong half as often again. Were it more, most of what is missed
/// would be two records that hold nothing but a common name, which says nothing about linking.
const HARD_REST: f64 = 1.5;

impl Profile {
    /// The profile's probabilities.
    pub const fn noise(self) -> Noise {
        match self {
            Self::Durham => Noise {
                respelt: 0.11,
                public_spelling: 0.0,
                liberty: 0.0,
                typo: 0.03,
                swapped: 0.12,
                part_missing: 0.012,
                renamed: 0.012,
                alias_only: 0.012,
                recut: 0.25,
                birth_missing: 0.05,
                birth_guessed: 0.03,
                birth_swapped: 0.025,
                birth_slip: 0.035,
                moved: 0.28,
                address_missing: 0.16,
                address_slip: 0.12,
                field_missing: 0.15,
                identifier_slip: 0.012,
            },
            Self::Hard => {
                let durham = Self::Durham.noise();
                Noise {
                    respelt: HARD_NAMES * durham.respelt,
                    public_spelling: 0.75,
                    liberty: 0.15,
                    typo: HARD_NAMES * durham.typo,
                    swapped: HARD_NAMES * durham.swapped,
                    recut: HARD_NAMES * durham.recut,
                    part_missing: HARD_REST * durham.part_missing,
                    renamed: HARD_REST * durham.renamed,
                    alias_only: HARD_REST * durham.alias_only,
                    birth_missing: HARD_REST * durham.birth_missing,
                    birth_guessed: HARD_REST * durham.birth_guessed,
                    birth_swapped: HARD_REST * durham.birth_swapped,
                    birth_slip: HARD_REST * durham.birth_slip,
                    moved: HARD_REST * durham.moved,
                    address_missing: HARD_REST * durham.address_missing,
                    address_slip: HARD_REST * durham.address_slip,
                    field_missing: HARD_REST * durham.field_missing,
                    identifier_slip: HARD_REST * durham.identifier_slip,
                }
            }
            Self::Clean => Noise {
                respelt: 0.005,
                public_spelling: 0.0,
                liberty: 0.0,
                typo: 0.002,
                swapped: 0.0,
                part_missing: 0.0,
                renamed: 0.0,
                alias_only: 0.0,
                recut: 0.0,
                birth_missing: 0.005,
                birth_guessed: 0.0,
                birth_swapped: 0.0,
                birth_slip: 0.003,
                moved: 0.05,
                address_missing: 0.03,
                address_slip: 0.02,
                field_missing: 0.03,
                identifier_slip: 0.001,
            },
        }
    }
}
