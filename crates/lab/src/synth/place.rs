//! Addresses of an imagined county: real-looking, with made-up streets, each with its own postcode.

use super::dice::Dice;

/// One dwelling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    pub flat: Option<u32>,
    pub house: u32,
    pub street: String,
    pub town: &'static str,
    pub postcode: String,
    pub uprn: String,
}

const TOWNS: &[(&str, &str, f64)] = &[
    ("Durham", "DH1", 14.0),
    ("Chester-le-Street", "DH2", 8.0),
    ("Houghton-le-Spring", "DH4", 6.0),
    ("Consett", "DH8", 7.0),
    ("Stanley", "DH9", 7.0),
    ("Darlington", "DL1", 13.0),
    ("Darlington", "DL3", 9.0),
    ("Newton Aycliffe", "DL5", 6.0),
    ("Barnard Castle", "DL12", 2.0),
    ("Bishop Auckland", "DL14", 7.0),
    ("Crook", "DL15", 4.0),
    ("Spennymoor", "DL16", 5.0),
    ("Ferryhill", "DL17", 3.0),
    ("Seaham", "SR7", 5.0),
    ("Peterlee", "SR8", 7.0),
    ("Hartlepool", "TS24", 5.0),
    ("Gateshead", "NE8", 4.0),
    ("Sunderland", "SR1", 5.0),
];

const STREET_NAMES: &[&str] = &[
    "Alder",
    "Ash",
    "Beechwood",
    "Birch",
    "Bramble",
    "Bridge",
    "Brook",
    "Castle",
    "Cedar",
    "Chapel",
    "Church",
    "Clayton",
    "Colliery",
    "Cross",
    "Dale",
    "Deneside",
    "Elm",
    "Fell",
    "Ferndale",
    "Front",
    "Garden",
    "Gladstone",
    "Grange",
    "Hawthorn",
    "Hazel",
    "Heather",
    "High",
    "Hollin",
    "Ivy",
    "Jubilee",
    "Kirk",
    "Laburnum",
    "Lambton",
    "Lilac",
    "Lime",
    "Lowther",
    "Maple",
    "Meadow",
    "Mill",
    "Moor",
    "Neville",
    "North",
    "Oakfield",
    "Orchard",
    "Park",
    "Pine",
    "Pit Row",
    "Poplar",
    "Primrose",
    "Quarry",
    "Railway",
    "Rowan",
    "Salvin",
    "School",
    "South",
    "Spring",
    "Station",
    "Sycamore",
    "Tees",
    "Thornhill",
    "Vane",
    "Victoria",
    "Vine",
    "Wear",
    "West",
    "Willow",
    "Woodland",
    "York",
];

const STREET_KINDS: &[(&str, f64)] = &[
    ("Street", 30.0),
    ("Road", 22.0),
    ("Avenue", 14.0),
    ("Terrace", 14.0),
    ("Close", 7.0),
    ("Crescent", 5.0),
    ("Drive", 5.0),
    ("Court", 2.0),
    ("Lane", 2.0),
    ("Grove", 3.0),
];

impl Address {
    /// A dwelling somewhere in the county.
    pub fn draw(dice: &mut Dice) -> Self {
        let weights: Vec<f64> = TOWNS.iter().map(|(.., weight)| *weight).collect();
        let town = dice.weighted(&weights);
        let name = dice.below(STREET_NAMES.len());
        let kinds: Vec<f64> = STREET_KINDS.iter().map(|(_, weight)| *weight).collect();
        let kind = dice.weighted(&kinds);
        let house = dice.between(1, 120);
        let flat = dice.chance(0.12).then(|| dice.between(1, 12));
        let (name_of_town, outward, _) = TOWNS[town];
        let street =
            town * STREET_NAMES.len() * STREET_KINDS.len() + name * STREET_KINDS.len() + kind;
        // One postcode for about forty houses.
        let postcode = format!("{outward} {}", inward(street * 3 + house as usize / 41));
        let uprn = format!("99{:06}{:03}{:1}", street, house, flat.unwrap_or(0) % 10);
        Self {
            flat,
            house,
            street: format!("{} {}", STREET_NAMES[name], STREET_KINDS[kind].0),
            town: name_of_town,
            postcode,
            uprn,
        }
    }

    /// House and street on one line.
    pub fn line(&self) -> String {
        match self.flat {
            Some(flat) => format!("Flat {flat}, {} {}", self.house, self.street),
            None => format!("{} {}", self.house, self.street),
        }
    }
}

/// A digit and two letters that postcodes use, spread over streets.
fn inward(number: usize) -> String {
    const LETTERS: &[u8; 20] = b"ABDEFGHJLNPQRSTUWXYZ";
    let mixed = number.wrapping_mul(2_654_435_761) % 4_000;
    let letter = |n: usize| char::from(LETTERS[n % 20]);
    format!("{}{}{}", mixed / 400, letter(mixed / 20), letter(mixed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_street_keeps_its_postcode() {
        let mut dice = Dice::new(3, 3);
        let mut seen = std::collections::BTreeMap::new();
        for _ in 0..20_000 {
            let a = Address::draw(&mut dice);
            let key = (
                a.town,
                a.postcode[..4].to_owned(),
                a.street.clone(),
                a.house / 41,
            );
            assert_eq!(*seen.entry(key).or_insert(a.postcode.clone()), a.postcode);
        }
        assert!(seen.len() > 1_000);
    }
}
