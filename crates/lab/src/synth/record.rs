//! What one agency writes down of one person, before its own column style.

use super::{
    agency::{Holds, Kind},
    culture::{Culture, Pattern},
    dice::Dice,
    forms::Words,
    names::{Book, Word},
    noise::Noise,
    person::{Date, Part, Person, Sex},
    place::Address,
    population::World,
    slips::{misread, slip, written_birth},
    spellings::{SourcesByCulture, respelt},
};

/// One record.
#[derive(Clone, Debug)]
pub struct Record {
    /// Index of the person it is about: the truth, which the pipeline never sees.
    pub person: usize,
    pub forenames: Vec<String>,
    pub surnames: Vec<String>,
    /// The whole name in the order it was said.
    pub full_name: String,
    pub aliases: Vec<String>,
    pub born: Option<Date>,
    pub sex: Option<Sex>,
    pub nationality: Option<&'static str>,
    pub phones: Vec<String>,
    pub email: Option<String>,
    pub vehicle: Option<String>,
    pub passport: Option<String>,
    pub national_insurance: Option<String>,
    pub nhs_number: Option<String>,
    pub bank_account: Option<String>,
    pub online_handle: Option<String>,
    /// House and street.
    pub line: String,
    pub town: Option<&'static str>,
    pub postcode: Option<String>,
    pub uprn: Option<String>,
    pub role: &'static str,
    pub basis: &'static str,
    pub visibility: &'static str,
    pub exploitation: &'static str,
    pub review: Date,
    pub duty_to_notify_only: bool,
}

/// Writes people down for one agency.
pub struct Clerk<'a> {
    pub world: &'a World,
    pub kind: Kind,
    pub noise: Noise,
    pub dice: &'a mut Dice,
    /// Where spellings came from so far.
    pub sources: SourcesByCulture,
}

impl Clerk<'_> {
    /// The record of person number `index`.
    pub fn write(&mut self, index: usize) -> Record {
        let world = self.world;
        let person = &world.people[index];
        let holds = self.kind.holds();
        let (forenames, surnames, full_name) = self.name(person, &holds);
        let address = self.address(person);
        let duty_to_notify_only = self.kind.duty_to_notify_only(person, self.dice);
        let mut record = Record {
            person: index,
            forenames,
            surnames,
            full_name,
            aliases: person
                .aliases
                .iter()
                .filter(|_| self.dice.chance(0.6))
                .cloned()
                .collect(),
            born: written_birth(person, &self.noise, self.dice),
            sex: (!self.missing()).then_some(person.sex),
            nationality: (!self.missing()).then_some(person.nationality),
            phones: self.phones(person, holds.phone),
            email: self.held(person.email.as_ref(), holds.email),
            vehicle: self.vehicle(person, holds.vehicle),
            passport: self.held(person.passport.as_ref(), holds.passport),
            national_insurance: self
                .held(person.national_insurance.as_ref(), holds.national_insurance),
            nhs_number: self.held(person.nhs_number.as_ref(), holds.nhs_number),
            bank_account: self.bank_account(person, holds.bank_account),
            online_handle: self.held(person.online_handle.as_ref(), holds.online_handle),
            line: String::new(),
            town: None,
            postcode: None,
            uprn: None,
            role: self.kind.role(person, self.dice),
            basis: self.kind.basis(person, self.dice),
            visibility: self.kind.visibility(self.dice),
            exploitation: person.exploitation.word(),
            review: Date {
                year: 2028 + self.dice.below(2) as u32,
                month: self.dice.between(1, 12),
                day: self.dice.between(1, 28),
            },
            duty_to_notify_only,
        };
        if duty_to_notify_only {
            record.role = "potential_victim";
        }
        if let Some(address) = address {
            self.place(&address, &mut record);
        }
        record
    }

    fn missing(&mut self) -> bool {
        self.dice.chance(self.noise.field_missing)
    }

    fn held(&mut self, value: Option<&String>, share: f64) -> Option<String> {
        let value = value?;
        if !self.dice.chance(share) || self.missing() {
            return None;
        }
        let wrong = self.dice.chance(self.noise.identifier_slip);
        Some(if wrong {
            misread(value, self.dice)
        } else {
            value.clone()
        })
    }

    fn phones(&mut self, person: &Person, share: f64) -> Vec<String> {
        let mut phones: Vec<String> = person
            .phones
            .iter()
            .filter_map(|p| self.held(Some(p), share))
            .collect();
        // The number a victim was told to ring; the number on the suspect's file.
        let shared = match person.part {
            Part::Exploiter => 0.65,
            Part::Victim => 0.18,
            Part::Associate => 0.2,
            Part::Witness => 0.05,
        };
        if let Some(network) = person.network.map(|n| &self.world.networks[n])
            && !network.phones.is_empty()
            && self.dice.chance(shared)
        {
            phones.push(self.dice.pick(&network.phones).clone());
        }
        phones
    }

    fn vehicle(&mut self, person: &Person, share: f64) -> Option<String> {
        let of_network = person.network.map(|n| &self.world.networks[n].vehicles);
        let seen = if person.part == Part::Exploiter {
            0.4
        } else {
            0.06
        };
        if let Some(vehicles) = of_network.filter(|v| !v.is_empty())
            && share > 0.0
            && self.dice.chance(seen)
        {
            return Some(self.dice.pick(vehicles).clone());
        }
        self.held(person.vehicle.as_ref(), share)
    }

    fn bank_account(&mut self, person: &Person, share: f64) -> Option<String> {
        let of_network = person
            .network
            .and_then(|n| self.world.networks[n].bank_account.clone());
        if let Some(account) = of_network
            && share > 0.0
            && self.dice.chance(0.08)
        {
            return Some(account);
        }
        self.held(person.bank_account.as_ref(), share)
    }

    fn address(&mut self, person: &Person) -> Option<Address> {
        if self.dice.chance(self.noise.address_missing) {
            return None;
        }
        let victim = person.part == Part::Victim;
        let refuge = match self.kind {
            Kind::Charity => 0.2,
            Kind::Council | Kind::Board => 0.08,
            Kind::Police => 0.03,
        };
        if victim && self.dice.chance(refuge) {
            return Some(self.dice.pick(&self.world.refuges).clone());
        }
        let worked_at = if person.part == Part::Exploiter {
            0.35
        } else {
            0.12
        };
        if let Some(network) = person.network.map(|n| &self.world.networks[n])
            && self.dice.chance(worked_at)
        {
            return Some(self.dice.pick(&network.addresses).clone());
        }
        let earlier = usize::from(self.dice.chance(self.noise.moved));
        Some(person.homes[earlier].clone())
    }

    fn place(&mut self, address: &Address, record: &mut Record) {
        record.line = address.line();
        record.town = Some(address.town);
        if self.dice.chance(self.noise.address_slip) {
            record.line = match self.dice.below(3) {
                0 => slip(&record.line, self.dice),
                _ => shortened(&record.line),
            };
        }
        if !self.dice.chance(self.noise.address_missing) {
            let close_up = self.dice.chance(self.noise.address_slip);
            let code = &address.postcode;
            record.postcode = Some(if close_up {
                code.replace(' ', "")
            } else {
                code.clone()
            });
        }
        record.uprn = (!self.missing()).then(|| address.uprn.clone());
    }

    /// (forenames, surnames, whole name as said).
    fn name(&mut self, person: &Person, holds: &Holds) -> (Vec<String>, Vec<String>, String) {
        if let Some(alias) = person.aliases.first()
            && self.dice.chance(self.noise.alias_only)
        {
            return (vec![alias.clone()], Vec::new(), alias.clone());
        }
        let name = &person.name;
        let culture = person.culture;
        let given = self.words(&name.given, culture);
        let mut middle = self.words(&name.middle, culture);
        let mut family = self.words(&name.family, culture);
        if person.sex == Sex::Female && self.dice.chance(self.noise.renamed) {
            family = vec![
                Book::of(person.culture)
                    .family(person.culture, self.dice)
                    .feminine()
                    .text,
            ];
        }
        if name.pattern == Pattern::Patronymic {
            // Which of the three words counts as the surname is anybody's guess.
            if self.dice.chance(self.noise.recut) {
                match self.dice.below(3) {
                    0 => family = std::mem::take(&mut middle),
                    1 => family.splice(0..0, middle.drain(..)).for_each(drop),
                    _ => middle.clear(),
                }
            }
        } else if !self.dice.chance(holds.middle_names) {
            middle.clear();
        }
        let mut words = Words {
            given,
            middle,
            family,
        };
        self.take_liberties(person, &mut words);
        let Words {
            mut given,
            middle,
            mut family,
        } = words;
        let family_first = matches!(
            name.pattern,
            Pattern::FamilyMiddleGiven | Pattern::FamilyGiven
        );
        let western = family_first && self.dice.chance(0.35);
        let mut said: Vec<String> = if family_first && !western {
            family
                .iter()
                .chain(&middle)
                .chain(&given)
                .cloned()
                .collect()
        } else {
            given
                .iter()
                .chain(&middle)
                .chain(&family)
                .cloned()
                .collect()
        };
        let unusual = family_first || name.pattern == Pattern::Patronymic;
        if self
            .dice
            .chance(self.noise.swapped * if unusual { 1.0 } else { 0.25 })
        {
            std::mem::swap(&mut given, &mut family);
            said.rotate_left(1);
        }
        if self.dice.chance(self.noise.part_missing) {
            let gone = if self.dice.chance(0.5) {
                &mut given
            } else {
                &mut family
            };
            said.retain(|word| !gone.contains(word));
            gone.clear();
        }
        // Vietnamese forms put the middle word before the given name.
        let forenames = if name.pattern == Pattern::FamilyMiddleGiven {
            middle.into_iter().chain(given).collect()
        } else {
            given.into_iter().chain(middle).collect()
        };
        (forenames, family, said.join(" "))
    }

    fn words(&mut self, words: &[Word], culture: Culture) -> Vec<String> {
        let sources = self.sources.entry(culture.code()).or_default();
        let known = |word: &Word| self.noise.public_spelling > 0.0 || !word.variants.is_empty();
        let mut write = |word: &Word| {
            let mut text = word.text.clone();
            if known(word)
                && self.dice.chance(self.noise.respelt)
                && let Some((other, source)) = respelt(word, culture, &self.noise, self.dice)
            {
                text = other;
                sources.count(source);
            }
            if self.dice.chance(self.noise.typo) {
                text = slip(&text, self.dice);
            }
            text
        };
        words.iter().map(&mut write).collect()
    }
}

fn shortened(line: &str) -> String {
    const SHORT: [(&str, &str); 6] = [
        ("Street", "St"),
        ("Road", "Rd"),
        ("Avenue", "Ave"),
        ("Terrace", "Terr"),
        ("Crescent", "Cres"),
        ("Drive", "Dr"),
    ];
    SHORT.iter().fold(line.to_owned(), |line, (long, short)| {
        line.replace(long, short)
    })
}
