//! Hand-set and measured numbers the model starts from. Sources: the linkage specification's
//! sections 4 and 12.4 (m measured on labelled synthetic records; associates and identifiers set
//! by hand), LINKAGE field values for identifiers.

use sanctuary_types::IdentifierKind;

use crate::{detail::DetailTables, level::LevelTables};

/// Chance of each level for one and the same person, before a partnership's own data speak.
pub(crate) const SAME_PERSON: LevelTables = LevelTables {
    name: [
        0.086_869_584_536_769_6,
        0.353_921_350_810_930_9,
        0.093_534_770_051_099_75,
        0.180_182_181_737_391_7,
        0.048_433_681_404_132_414,
        0.061_097_533_881_359_696,
        0.049_322_372_806_043_104,
        0.051_544_101_310_819_816,
        0.059_320_151_077_538_325,
        0.002_221_728_504_776_716,
        0.006_220_839_813_374_806,
        0.006_665_185_514_330_148_5,
        0.000_666_518_551_433_014_9,
    ],
    name_single: [
        0.869_230_769_230_769_3,
        0.030_769_230_769_230_77,
        0.038_461_538_461_538_464,
        0.038_461_538_461_538_464,
        0.023_076_923_076_923_078,
    ],
    birth: [
        0.910_577_971_646_674,
        0.080_334_423_845_874_23,
        0.001_454_016_721_192_293_6,
        0.000_363_504_180_298_073_4,
        0.000_363_504_180_298_073_4,
        0.001_817_520_901_490_367_2,
        0.005_089_058_524_173_028,
    ],
    birth_year: [0.857_931_034_482_758_6, 0.12, 0.022_068_965_517_241_378],
    place: [
        0.654_368_932_038_835,
        0.000_388_349_514_563_106_8,
        0.005_048_543_689_320_388,
        0.340_194_174_757_281_53,
    ],
    area: [0.45, 0.25, 0.30],
    sex: [0.98, 0.02],
};

/// Chance of each level for an associate: a relative, a housemate, somebody on the same
/// trafficker's phone. Two entries of a row may stand for "as by chance": see [`ASSOCIATE_BY_CHANCE`].
pub(crate) const ASSOCIATE: LevelTables = LevelTables {
    name: [
        0.002, 0.002, 0.003, 0.007, 0.06, 0.05, 0.02, 0.06, 0.32, 0.02, 0.05, 0.06, 0.346,
    ],
    name_single: [0.30, 0.02, 0.05, 0.06, 0.57],
    birth: [
        0.004,
        ASSOCIATE_BY_CHANCE,
        ASSOCIATE_BY_CHANCE,
        ASSOCIATE_BY_CHANCE,
        ASSOCIATE_BY_CHANCE,
        ASSOCIATE_BY_CHANCE,
        ASSOCIATE_BY_CHANCE,
    ],
    birth_year: [ASSOCIATE_BY_CHANCE; 3],
    place: [0.70, 0.05, 0.05, 0.20],
    area: [0.50, 0.25, 0.25],
    sex: [ASSOCIATE_BY_CHANCE; 2],
};

/// What the second step finds of the names of associates, by group of name levels: relatives share
/// a whole name and have another of their own. None where it is as by chance.
pub(crate) const ASSOCIATE_NAME: [Option<[f64; 10]>; 6] = [
    Some([
        0.03, 0.01, 0.01, 0.85, 0.005, 0.005, 0.03, 0.005, 0.03, 0.025,
    ]),
    None,
    Some([
        0.002, 0.02, 0.03, 0.80, 0.002, 0.01, 0.08, 0.004, 0.035, 0.017,
    ]),
    Some([
        0.001, 0.004, 0.02, 0.85, 0.001, 0.004, 0.06, 0.003, 0.04, 0.017,
    ]),
    None,
    None,
];

/// Marks a level where associates are like strangers.
pub(crate) const ASSOCIATE_BY_CHANCE: f64 = -1.0;

/// Most that a fitted m may say for two people who differ in day, month and year.
pub(crate) const BIRTH_NONE_MAX: f64 = 0.03;

/// Most that a fitted m may say for two things that are wholly unlike where tokens found nothing
/// in common either.
pub(crate) const UNLIKE_MAX: f64 = 0.5;

/// Chance of what the second step finds given what tokens found, for one person.
pub(crate) const SAME_PERSON_DETAILS: DetailTables = DetailTables {
    name: [
        [
            0.80, 0.09, 0.05, 0.045, 0.004, 0.004, 0.003, 0.001, 0.002, 0.001,
        ],
        [
            0.002, 0.42, 0.32, 0.17, 0.03, 0.035, 0.008, 0.006, 0.007, 0.002,
        ],
        [
            0.002, 0.18, 0.28, 0.34, 0.025, 0.065, 0.038, 0.025, 0.03, 0.015,
        ],
        [
            0.002, 0.006, 0.07, 0.74, 0.002, 0.02, 0.04, 0.01, 0.07, 0.04,
        ],
        [0.002, 0.01, 0.01, 0.01, 0.15, 0.42, 0.09, 0.15, 0.148, 0.01],
        [
            0.002, 0.005, 0.005, 0.006, 0.03, 0.11, 0.25, 0.12, 0.27, 0.202,
        ],
    ],
    name_single: [
        [0.84, 0.06, 0.04, 0.06],
        [0.05, 0.60, 0.25, 0.10],
        [0.01, 0.20, 0.29, 0.50],
    ],
    birth: [
        [0.966, 0.031, 0.001, 0.001, 0.001],
        [0.001, 0.89, 0.10, 0.006, 0.003],
        [0.001, 0.80, 0.08, 0.11, 0.009],
        [0.001, 0.65, 0.28, 0.059, 0.01],
        [0.001, 0.15, 0.50, 0.319, 0.03],
        [0.001, 0.05, 0.40, 0.349, 0.20],
        [0.001, 0.349, 0.25, 0.20, 0.20],
    ],
    address: [
        [0.62, 0.35, 0.02, 0.008, 0.002],
        [0.07, 0.16, 0.60, 0.16, 0.01],
        [0.002, 0.008, 0.03, 0.25, 0.71],
    ],
    address_of_area: [
        [0.70, 0.22, 0.05, 0.02, 0.01],
        [0.07, 0.45, 0.35, 0.11, 0.02],
        [0.02, 0.12, 0.10, 0.20, 0.56],
    ],
    middle: [[0.90, 0.04, 0.06], [0.68, 0.12, 0.20]],
};

/// The same for two different people.
pub(crate) const CHANCE_DETAILS: DetailTables = DetailTables {
    name: [
        [0.35, 0.07, 0.05, 0.42, 0.005, 0.005, 0.02, 0.01, 0.02, 0.05],
        [
            0.001, 0.007, 0.04, 0.85, 0.001, 0.003, 0.06, 0.001, 0.03, 0.007,
        ],
        [
            0.001, 0.004, 0.035, 0.63, 0.001, 0.004, 0.055, 0.007, 0.12, 0.143,
        ],
        [
            0.000_5, 0.000_5, 0.001, 0.45, 0.000_5, 0.000_5, 0.055, 0.001, 0.13, 0.361,
        ],
        [
            0.000_3, 0.000_3, 0.001, 0.002, 0.000_5, 0.001_5, 0.055, 0.004, 0.19, 0.745_4,
        ],
        [
            0.000_1, 0.000_1, 0.000_2, 0.000_5, 0.000_1, 0.000_2, 0.001_5, 0.000_3, 0.015, 0.982,
        ],
    ],
    name_single: [
        [0.65, 0.08, 0.09, 0.18],
        [0.007, 0.14, 0.45, 0.403],
        [0.000_2, 0.000_8, 0.009, 0.99],
    ],
    birth: [
        [0.75, 0.247, 0.001, 0.001, 0.001],
        [0.001, 0.65, 0.27, 0.05, 0.029],
        [0.001, 0.09, 0.38, 0.22, 0.309],
        [0.001, 0.40, 0.45, 0.139, 0.01],
        [0.001, 0.01, 0.19, 0.60, 0.199],
        [0.000_5, 0.000_5, 0.039, 0.31, 0.65],
        [0.000_1, 0.000_2, 0.006_7, 0.083, 0.91],
    ],
    address: [
        [0.60, 0.25, 0.10, 0.045, 0.005],
        [0.001, 0.10, 0.70, 0.19, 0.009],
        [0.000_2, 0.000_8, 0.029, 0.26, 0.71],
    ],
    address_of_area: [
        [0.55, 0.30, 0.10, 0.045, 0.005],
        [0.01, 0.20, 0.60, 0.18, 0.01],
        [0.000_2, 0.000_8, 0.029, 0.26, 0.71],
    ],
    middle: [[0.90, 0.06, 0.04], [0.035, 0.025, 0.94]],
};

/// What is known of one kind of identifier.
pub(crate) struct IdentifierPrior {
    /// Chance that two records of one person, both with the kind, share a value.
    pub same_person: f64,
    /// The same for associates.
    pub associate: f64,
    /// Other people expected to hold the same value.
    pub sharers: f64,
}

/// The priors of a kind. Places have none: they never speak for "same person".
pub(crate) const fn identifier(kind: IdentifierKind) -> Option<IdentifierPrior> {
    use IdentifierKind as K;
    let (same_person, associate, sharers) = match kind {
        K::Phone => (0.6, 0.15, 0.6),
        K::Email => (0.95, 0.02, 0.02),
        K::Vehicle => (0.9, 0.15, 0.6),
        K::BankAccount => (0.95, 0.10, 0.3),
        K::Passport | K::NationalInsurance | K::NhsNumber | K::NationalId => (0.95, 0.0005, 0.01),
        K::OnlineHandle => (0.95, 0.01, 0.05),
        K::Imei => (0.8, 0.10, 0.05),
        // One company has many directors; one person, many companies.
        K::CompanyNumber => (0.5, 0.15, 3.0),
        K::Uprn | K::Address => return None,
    };
    Some(IdentifierPrior {
        same_person,
        associate,
        sharers,
    })
}

/// Chance agreement where an agency has too few records to measure it. `universe` is the number
/// of records the rarity gate was set for, which fixes how rare a gated pair is.
///
/// Rows sum to one.
pub(crate) fn chance(universe: u64) -> LevelTables {
    let pairs: f64 = 2.44e-4;
    let per_record = 1.0 / universe.max(1_000) as f64;
    let rare = (0.1 * per_record).clamp(1e-7, pairs * 0.3);
    let medium = (0.4 * per_record).clamp(1e-7, pairs * 0.3);
    let mut name = [
        4.87e-6,
        rare,
        medium,
        pairs - rare - medium,
        3.71e-4,
        1.1e-3,
        2.04e-4,
        1.41e-3,
        1.04e-2,
        3.27e-5,
        2.31e-3,
        0.255,
        0.0,
    ];
    name[12] = 1.0 - name.iter().sum::<f64>();
    let mut name_single = [1.37e-2, 3.27e-5, 2.31e-3, 0.255, 0.0];
    name_single[4] = 1.0 - name_single.iter().sum::<f64>();
    let mut birth = [1.2e-4, 5.74e-4, 3.59e-3, 3.4e-3, 2.61e-2, 1.083e-1, 0.0];
    birth[6] = 1.0 - birth.iter().sum::<f64>();
    let mut birth_year = [2.95e-2, 1.083e-1, 0.0];
    birth_year[2] = 1.0 - birth_year.iter().sum::<f64>();
    let mut place = [4.43e-4, 1.74e-4, 6.15e-3, 0.0];
    place[3] = 1.0 - place.iter().sum::<f64>();
    LevelTables {
        name,
        name_single,
        birth,
        birth_year,
        place,
        area: [6.17e-4, 6.15e-3, 1.0 - 6.17e-4 - 6.15e-3],
        sex: [0.5, 0.5],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Field;

    #[test]
    fn rows_are_distributions() {
        for tables in [
            SAME_PERSON,
            chance(1),
            chance(30_000),
            chance(1_000_000_000),
        ] {
            for field in Field::ALL {
                let row = tables.row(field);
                assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{field:?}");
                assert!(row.iter().all(|p| *p > 0.0), "{field:?} {row:?}");
            }
        }
    }

    #[test]
    fn rows_of_associates_are_distributions() {
        let rows = ASSOCIATE_NAME.iter().flatten().map(|row| row.iter().sum());
        for sum in rows.chain([ASSOCIATE.name.iter().sum::<f64>()]) {
            assert!((sum - 1.0).abs() < 1e-9, "{sum}");
        }
    }

    #[test]
    fn a_shared_value_never_speaks_more_for_an_associate() {
        for prior in IdentifierKind::ALL.iter().filter_map(|k| identifier(*k)) {
            assert!(prior.same_person > prior.associate);
        }
    }
}
