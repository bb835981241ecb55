//! The people of a county and the networks that exploit them.

use super::{
    culture::Culture,
    dice::Dice,
    identifier::{self, Phones},
    names::{Book, Word},
    noise::Profile,
    person::{BirthKnown, Date, Exploitation, Name, Part, Person, Sex},
    place::Address,
};

/// Everybody, and what they share.
pub struct World {
    pub people: Vec<Person>,
    pub networks: Vec<Network>,
    /// Safe houses: many victims, one address, no link between them.
    pub refuges: Vec<Address>,
}

/// What exploiters use and victims are seen with.
pub struct Network {
    pub phones: Vec<String>,
    pub vehicles: Vec<String>,
    pub addresses: Vec<Address>,
    pub bank_account: Option<String>,
}

/// People for each network.
const PEOPLE_PER_NETWORK: usize = 9;
/// Share of people with a telephone of their own.
const OWNS_PHONE: f64 = 0.8;
/// The year in which ages are counted.
const THIS_YEAR: u32 = 2026;

impl World {
    /// `people` people.
    pub fn draw(people: usize, profile: Profile, dice: &mut Dice) -> Self {
        let mut phones = Phones::shuffled(dice);
        let networks = (0..people.div_ceil(PEOPLE_PER_NETWORK))
            .map(|_| Network::draw(&mut phones, dice))
            .collect::<Vec<_>>();
        let refuges = (0..3 + people / 500).map(|_| Address::draw(dice)).collect();
        let mut maker = Maker {
            phones,
            networks: networks.len(),
            profile,
            dice,
        };
        let mut all = Vec::with_capacity(people);
        while all.len() < people {
            let size = maker
                .dice
                .of_table(&[(1, 0.8), (2, 0.1), (3, 0.06), (4, 0.04)]);
            maker.family(size.min(people - all.len()), &mut all);
        }
        Self {
            people: all,
            networks,
            refuges,
        }
    }
}

impl Network {
    fn draw(phones: &mut Phones, dice: &mut Dice) -> Self {
        let count = |dice: &mut Dice, low, high| dice.between(low, high);
        Self {
            phones: (0..count(dice, 1, 2))
                .filter_map(|_| phones.deal())
                .collect(),
            vehicles: (0..count(dice, 0, 2))
                .map(|_| identifier::vehicle(dice))
                .collect(),
            addresses: (0..count(dice, 1, 2))
                .map(|_| Address::draw(dice))
                .collect(),
            bank_account: dice.chance(0.4).then(|| identifier::bank_account(dice)),
        }
    }
}

struct Maker<'a> {
    phones: Phones,
    networks: usize,
    profile: Profile,
    dice: &'a mut Dice,
}

impl Maker<'_> {
    /// Relatives: one family word, one home, sometimes one telephone.
    fn family(&mut self, size: usize, all: &mut Vec<Person>) {
        let culture = self.culture();
        let home = Address::draw(self.dice);
        let home_phone = if size > 1 && self.dice.chance(0.3) {
            self.phones.deal()
        } else {
            None
        };
        let mut shared: Vec<Word> = Vec::new();
        let mut eldest: Option<Date> = None;
        for _ in 0..size {
            let mut person = self.person(culture, &shared, eldest);
            if shared.is_empty() {
                shared = person.name.shared_words();
            }
            eldest = eldest.or(Some(person.born));
            if size > 1 {
                person.homes[0] = home.clone();
                person.phones.extend(home_phone.clone());
            }
            all.push(person);
        }
    }

    fn culture(&mut self) -> Culture {
        let shares = Culture::ALL.iter().map(|c| match self.profile {
            Profile::Hard => 1.0,
            Profile::Durham | Profile::Clean => c.share(),
        });
        Culture::ALL[self.dice.weighted(&shares.collect::<Vec<_>>())]
    }

    fn person(&mut self, culture: Culture, shared: &[Word], near: Option<Date>) -> Person {
        let dice = &mut *self.dice;
        let part = dice.of_table(&[
            (Part::Victim, 0.74),
            (Part::Exploiter, 0.14),
            (Part::Witness, 0.05),
            (Part::Associate, 0.07),
        ]);
        let exploitation = culture.exploitation(dice);
        let sex = sex(exploitation, dice);
        let name = Name::draw(culture, sex, shared, dice);
        let born = born(culture, part, near, dice);
        let birth_known = if dice.chance(culture.estimated_birth()) {
            dice.of_table(&[(BirthKnown::Estimated, 0.85), (BirthKnown::Never, 0.15)])
        } else {
            BirthKnown::Exactly
        };
        let given = name.given[0].text.clone();
        let family = name.family[0].text.clone();
        let adult = born.year <= THIS_YEAR - 16;
        let settled = matches!(culture, Culture::Gb | Culture::Ro | Culture::Pl);
        let street_name = if part == Part::Exploiter { 0.3 } else { 0.08 };
        let drives = if part == Part::Exploiter { 0.5 } else { 0.12 };
        let known_as = (0..2).filter(|_| dice.chance(street_name)).count();
        let aliases = (0..known_as).map(|_| alias(culture, sex, dice)).collect();
        Person {
            culture,
            nationality: dice.of_table(culture.nationalities()),
            sex,
            aliases,
            born,
            birth_known,
            part,
            exploitation,
            homes: vec![Address::draw(dice), Address::draw(dice)],
            phones: (0..2)
                .filter(|n| {
                    dice.chance(if *n == 0 {
                        OWNS_PHONE
                    } else {
                        OWNS_PHONE * 0.3
                    })
                })
                .filter_map(|_| self.phones.deal())
                .collect(),
            email: dice
                .chance(0.45)
                .then(|| identifier::email(&given, &family, dice)),
            vehicle: (adult && dice.chance(drives)).then(|| identifier::vehicle(dice)),
            passport: dice.chance(0.45).then(|| identifier::passport(dice)),
            national_insurance: (adult && dice.chance(if settled { 0.85 } else { 0.3 }))
                .then(|| identifier::national_insurance(dice)),
            nhs_number: dice.chance(0.75).then(|| identifier::nhs_number(dice)),
            bank_account: (adult && dice.chance(0.45)).then(|| identifier::bank_account(dice)),
            online_handle: dice
                .chance(0.35)
                .then(|| identifier::online_handle(&given, dice)),
            network: dice.chance(0.75).then(|| dice.below(self.networks)),
            name,
        }
    }
}

fn sex(exploitation: Exploitation, dice: &mut Dice) -> Sex {
    let men = match exploitation {
        Exploitation::Labour | Exploitation::Criminal => 0.88,
        Exploitation::Sexual => 0.12,
        Exploitation::Domestic => 0.3,
        Exploitation::Organ => 0.6,
    };
    if dice.chance(men) {
        Sex::Male
    } else {
        Sex::Female
    }
}

fn born(culture: Culture, part: Part, near: Option<Date>, dice: &mut Dice) -> Date {
    // Exploiters are grown up; nobody else on file is younger than a schoolchild.
    let youngest = match part {
        Part::Exploiter => THIS_YEAR - 18,
        Part::Witness | Part::Associate => THIS_YEAR - 14,
        Part::Victim => THIS_YEAR - 8,
    };
    if let Some(twin) = near.filter(|sibling| sibling.year <= youngest)
        && dice.chance(0.04)
    {
        return twin;
    }
    let child = part == Part::Victim && dice.chance(culture.children());
    let year = match near {
        Some(sibling) => sibling.year + dice.between(0, 20) - 10,
        None if child => THIS_YEAR - dice.between(10, 17),
        // The sum of two draws: most people are in their twenties and thirties.
        None => THIS_YEAR - 18 - (dice.below(46) + dice.below(26)) as u32 / 2,
    };
    let month = dice.between(1, 12);
    let longest = match month {
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    Date {
        year: year.min(youngest),
        month,
        day: dice.between(1, longest),
    }
}

fn alias(culture: Culture, sex: Sex, dice: &mut Dice) -> String {
    const STREET: &[&str] = &[
        "Ace", "Badger", "Biggs", "Blade", "Boxer", "Casper", "Chef", "Doc", "Dusty", "Flash",
        "Ginger", "Junior", "Lanky", "Mouse", "Nails", "Panda", "Ranger", "Rocky", "Shadow",
        "Smiler", "Sparky", "Tiny", "Whisper", "Ziggy",
    ];
    if dice.chance(0.5) {
        return (*dice.pick(STREET)).to_owned();
    }
    let book = Book::of(culture);
    let given = book.given(sex, dice).text;
    format!("{given} {}", book.family(culture, dice).text)
}
