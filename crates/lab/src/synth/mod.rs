//! Synthetic partnership data with ground truth (`cargo lab synth`).
//!
//! The same seed gives the same bytes. Everybody is invented; telephone numbers come from the
//! ranges Ofcom keeps for drama, e-mail addresses from `.example`, NHS numbers from the test range.

mod agency;
mod culture;
mod dice;
mod forms;
mod identifier;
mod names;
mod noise;
mod person;
mod place;
mod population;
mod record;
mod slips;
mod spellings;
mod style;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

use agency::{agencies, knowing};
pub(crate) use dice::Dice;
use population::World;
use record::{Clerk, Record};

pub use agency::Kind;
pub use noise::Profile;
pub use spellings::{Sources, SourcesByCulture};

/// What to make up.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// People; each is known to one to four agencies.
    pub people: usize,
    /// Agencies: police, council, board, charity, and again.
    pub agencies: usize,
    /// Same seed, same bytes.
    pub seed: u64,
    /// How much overlap and noise.
    pub profile: Profile,
}

/// The files of a partnership, in memory.
pub struct Partnership {
    /// One file each.
    pub agencies: Vec<AgencyFile>,
    /// `person_id,culture`: for recall by culture; never read by the pipeline.
    pub people_csv: Vec<u8>,
    /// Where the spellings of names other than their bearers' come from, by culture.
    pub spellings: SourcesByCulture,
}

/// One agency's file.
pub struct AgencyFile {
    /// A party id and the stem of the file names.
    pub name: String,
    /// Kind of agency.
    pub kind: Kind,
    /// Its records as it would export them.
    pub csv: Vec<u8>,
    /// Its mapping file.
    pub mapping: &'static str,
    /// (its own reference, person) of each row, in order: the truth.
    pub truth: Rows,
}

/// (the agency's own reference, person) of each row of its file.
pub type Rows = Vec<(String, String)>;

/// Share of an agency's people it holds a second record of.
const SECOND_RECORD: f64 = 0.02;
/// The most a run makes: what fits in memory with room to spare.
const PEOPLE_MAX: usize = 5_000_000;
const AGENCIES_MAX: usize = 64;

/// Makes up a partnership.
///
/// # Errors
/// When a number is out of range.
pub fn generate(options: &Options) -> Result<Partnership> {
    ensure!(
        (1..=PEOPLE_MAX).contains(&options.people),
        "--people must be 1 to {PEOPLE_MAX}"
    );
    ensure!(
        (1..=AGENCIES_MAX).contains(&options.agencies),
        "--agencies must be 1 to {AGENCIES_MAX}"
    );
    let world = World::draw(
        options.people,
        options.profile,
        &mut Dice::new(options.seed, 0),
    );
    let agencies = agencies(options.agencies);
    let mut known = vec![Vec::new(); agencies.len()];
    let mut dice = Dice::new(options.seed, 1);
    for (index, person) in world.people.iter().enumerate() {
        for agency in knowing(person, &agencies, &mut dice) {
            known[agency].push(index);
        }
    }
    let mut files = Vec::with_capacity(agencies.len());
    let mut spellings = SourcesByCulture::new();
    for (number, (agency, known)) in agencies.into_iter().zip(known).enumerate() {
        let mut dice = Dice::new(options.seed, 2 + number as u64);
        let (records, sources) = records(&world, agency.kind, &known, options.profile, &mut dice);
        for (culture, sources) in sources {
            *spellings.entry(culture).or_default() += sources;
        }
        let (csv, truth) = file(agency.kind, &records, &mut dice)?;
        let mapping = agency.kind.style().mapping;
        files.push(AgencyFile {
            name: agency.name,
            kind: agency.kind,
            csv,
            mapping,
            truth,
        });
    }
    Ok(Partnership {
        agencies: files,
        people_csv: people_csv(&world)?,
        spellings,
    })
}

impl Partnership {
    /// `agency,record_id,person_id` of every record.
    ///
    /// # Errors
    /// Never in practice: writing to memory.
    pub fn truth_csv(&self) -> Result<Vec<u8>> {
        let mut out = csv::Writer::from_writer(Vec::new());
        out.write_record(["agency", "record_id", "person_id"])?;
        for agency in &self.agencies {
            for (record, person) in &agency.truth {
                out.write_record([&agency.name, record, person])?;
            }
        }
        Ok(out.into_inner()?)
    }

    /// Writes `<agency>.csv` and `<agency>.toml` of each agency, `truth.csv` and `people.csv`.
    ///
    /// # Errors
    /// When the folder cannot be made or written to.
    pub fn write(&self, dir: &Path) -> Result<Vec<PathBuf>> {
        fs::create_dir_all(dir)
            .with_context(|| format!("could not make the folder {}", dir.display()))?;
        let mut written = Vec::new();
        let mut put = |name: String, bytes: &[u8]| {
            let path = dir.join(name);
            fs::write(&path, bytes)
                .with_context(|| format!("could not write {}", path.display()))?;
            written.push(path);
            anyhow::Ok(())
        };
        for agency in &self.agencies {
            put(format!("{}.csv", agency.name), &agency.csv)?;
            put(format!("{}.toml", agency.name), agency.mapping.as_bytes())?;
        }
        put("truth.csv".to_owned(), &self.truth_csv()?)?;
        put("people.csv".to_owned(), &self.people_csv)?;
        Ok(written)
    }
}

fn records(
    world: &World,
    kind: Kind,
    known: &[usize],
    profile: Profile,
    dice: &mut Dice,
) -> (Vec<Record>, SourcesByCulture) {
    let mut clerk = Clerk {
        world,
        kind,
        noise: profile.noise(),
        dice,
        sources: SourcesByCulture::new(),
    };
    let mut records = Vec::with_capacity(known.len() + known.len() / 20);
    for person in known {
        let times = if clerk.dice.chance(SECOND_RECORD) {
            2
        } else {
            1
        };
        records.extend((0..times).map(|_| clerk.write(*person)));
    }
    // The order of a file must not say who is who.
    clerk.dice.shuffle(&mut records);
    (records, clerk.sources)
}

fn file(kind: Kind, records: &[Record], dice: &mut Dice) -> Result<(Vec<u8>, Rows)> {
    let style = kind.style();
    let start = if style.byte_order_mark {
        "\u{feff}"
    } else {
        ""
    };
    let mut out = csv::Writer::from_writer(start.as_bytes().to_vec());
    out.write_record(style.header)?;
    let mut truth = Vec::with_capacity(records.len());
    for (n, record) in records.iter().enumerate() {
        let reference = (style.reference)(n);
        truth.push((reference.clone(), person_id(record.person)));
        out.write_record((style.row)(reference, record, dice))?;
    }
    Ok((out.into_inner()?, truth))
}

fn people_csv(world: &World) -> Result<Vec<u8>> {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(["person_id", "culture"])?;
    for (index, person) in world.people.iter().enumerate() {
        out.write_record([person_id(index).as_str(), person.culture.code()])?;
    }
    Ok(out.into_inner()?)
}

fn person_id(index: usize) -> String {
    format!("p{index:07}")
}

#[cfg(test)]
mod tests;
