use std::path::PathBuf;

use sanctuary_lab::synth::{Options, Profile, Sources, SourcesByCulture, generate};

use super::Failure;

/// Makes up a partnership: one CSV and mapping file an agency, truth.csv and people.csv.
#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  cargo lab synth --out out/durham --people 2000 --agencies 4 --seed 1"
)]
pub struct Args {
    /// Folder to write to; made when it is not there.
    #[arg(long)]
    out: PathBuf,
    /// People; each is known to one to four agencies.
    #[arg(long, default_value_t = 2_000)]
    people: usize,
    /// Agencies: police, council, board, charity, and again.
    #[arg(long, default_value_t = 4)]
    agencies: usize,
    /// Same seed, same bytes.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How much noise.
    #[arg(long, value_enum, default_value_t)]
    profile: Profile,
}

impl Args {
    /// Writes the files and says what they hold.
    pub fn run(self) -> Result<(), Failure> {
        let Self {
            out,
            people,
            agencies,
            seed,
            profile,
        } = self;
        let made = generate(&Options {
            people,
            agencies,
            seed,
            profile,
        })
        .map_err(Failure::BadInput)?;
        let written = made.write(&out).map_err(Failure::Failed)?;
        for agency in &made.agencies {
            println!("{:>9} records  {}.csv", agency.truth.len(), agency.name);
        }
        println!("{} files in {}", written.len(), out.display());
        if profile == Profile::Hard {
            show_spellings(&made.spellings);
        }
        Ok(())
    }
}

/// Which spellings nobody here chose.
fn show_spellings(by_culture: &SourcesByCulture) {
    println!("\nname words not spelt as their bearers do, by where the spelling comes from");
    println!("culture   words  public list  habit of a public list  own book");
    let show = |culture: &str, sources: &Sources| {
        let percent = |n: usize| 100.0 * n as f64 / sources.total().max(1) as f64;
        println!(
            "{culture:<7} {:>7} {:>10.0} % {:>21.0} % {:>7.0} %",
            sources.total(),
            percent(sources.public_list),
            percent(sources.public_habit),
            percent(sources.own_book),
        );
    };
    let mut all = Sources::default();
    for (culture, sources) in by_culture {
        show(culture, sources);
        all += *sources;
    }
    show("all", &all);
}
