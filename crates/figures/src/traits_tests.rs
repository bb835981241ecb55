use super::*;

#[test]
fn a_card_of_zeros_says_nothing_and_every_code_round_trips() {
    assert_eq!(Traits::from_code(0), Traits::UNKNOWN);
    assert_eq!(Traits::UNKNOWN.code(), 0);
    let mut seen = 0;
    for code in 0..0x8000_u16 {
        let traits = Traits::from_code(code);
        // A code that no value has reads as not known; every other one comes back as it was.
        let again = Traits::from_code(traits.code());
        assert_eq!(again, traits);
        seen += usize::from(traits.code() == code);
    }
    assert_eq!(seen, 32 * 2 * 3 * 3 * 4 * 6);
}

#[test]
fn records_of_one_person_are_put_together() {
    let police = Traits {
        exploitation: vec![Exploitation::Criminal],
        county: County::Flagged,
        age: Age::Adult,
        sex: Sex::Male,
        nationality: Nationality::Uk,
        place: Place::Uk,
    };
    let charity = Traits {
        exploitation: vec![Exploitation::Labour],
        county: County::NotFlagged,
        age: Age::Child,
        sex: Sex::Female,
        nationality: Nationality::NotKnown,
        place: Place::Overseas,
    };
    let both = police.merged(&charity);
    assert_eq!(both, charity.merged(&police));
    assert_eq!(
        both.cells(),
        [
            7,
            Age::Child as usize,
            Sex::NotKnown as usize,
            0,
            Place::Both as usize
        ]
    );
    assert_eq!(police.cells()[0], 3);
    assert_eq!(police.merged(&Traits::UNKNOWN), police);
}

#[test]
fn traits_cover_every_cell_and_types_do_not_overlap() {
    for family in Family::ALL {
        let of: Vec<_> = Trait::ALL
            .iter()
            .filter(|t| t.family() == *family && **t != Trait::CountyLines)
            .collect();
        let mut cells: Vec<usize> = of.iter().flat_map(|t| t.cells().iter().copied()).collect();
        cells.sort_unstable();
        assert_eq!(cells, (0..family.cells()).collect::<Vec<_>>());
    }
}
