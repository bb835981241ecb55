//! Everything hub and key holders received and wrote during a demo holds no raw identifier; the
//! same search finds them where they are.

use anyhow::{Context as _, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sanctuary_lab::{
    demo::{self, Demo, Options},
    leak::Searcher,
    partnership::HOLDERS,
    synth::{self, AgencyFile, Profile},
};
use sha1::{Digest as _, Sha1};
use sha2::Sha256;

const PEOPLE: usize = 250;
const SEED: u64 = 11;
/// A posting on the wire.
const POSTING_BYTES: u64 = 94;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_party_but_the_node_ever_has_a_raw_identifier() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let options = Options {
        dir: dir.path().join("demo"),
        people: PEOPLE,
        seed: SEED,
    };
    let demo = demo::run(&options, &|step| println!("{step}")).await?;
    let outcome = &demo.outcome;
    ensure!(
        (
            outcome.raw_identifiers_seen_by_hub,
            outcome.raw_identifiers_seen_by_key_holders
        ) == (0, 0),
        "raw identifiers were seen by the hub {} times, by the key holders {} times",
        outcome.raw_identifiers_seen_by_hub,
        outcome.raw_identifiers_seen_by_key_holders
    );

    // The people again: the same seed gives the same.
    let made = synth::generate(&synth::Options {
        people: PEOPLE,
        agencies: 4,
        seed: SEED,
        profile: Profile::default(),
    })?;
    let files = options.dir.join("files");
    let identifiers = demo::identifiers(&files, &made.agencies)?;
    let searcher = Searcher::new(&identifiers)?;
    println!("{} identifiers are looked for", identifiers.len());
    ensure!(identifiers.len() > 2_000 && identifiers.len() == outcome.identifiers_searched);

    everything_was_captured(&demo)?;
    the_search_finds_what_a_node_holds(&demo, &searcher, &made.agencies)?;
    the_search_finds_each_form(&demo, &searcher, &made.agencies)?;
    demo.stop().await
}

/// A capture of nothing would be free of identifiers too.
fn everything_was_captured(demo: &Demo) -> anyhow::Result<()> {
    let hub = demo.capture.of("hub").len() as u64;
    let least = demo.outcome.stored_postings * POSTING_BYTES;
    println!("the hub received {hub} bytes; its postings alone are {least}");
    ensure!(least > 100_000 && hub > least);
    let tokens: u64 = demo.outcome.agencies.iter().map(|a| a.tokens).sum();
    let received = HOLDERS.map(|holder| demo.capture.of(holder).len() as u64);
    println!("the key holders received {received:?} bytes for {tokens} tokens");
    // Every token is asked of two holders, 32 bytes each; equal ones of one batch only once.
    ensure!(received.iter().all(|bytes| *bytes > 10_000));
    ensure!(received.iter().sum::<u64>() > tokens * 32);
    for party in ["hub"].into_iter().chain(HOLDERS) {
        let data = demo.live.folder(party).join("data");
        ensure!(
            data.is_dir(),
            "{party} wrote nothing, so nothing was searched"
        );
    }
    Ok(())
}

fn the_search_finds_what_a_node_holds(
    demo: &Demo,
    searcher: &Searcher,
    agencies: &[AgencyFile],
) -> anyhow::Result<()> {
    let export = demo.node_export()?;
    let found = searcher.in_bytes("a node's own memory", &export).len();
    let records = agencies.first().context("an agency")?.truth.len();
    println!("{found} findings in the export of a node with {records} records");
    ensure!(
        found > records,
        "every record has at least a reference and a name"
    );
    Ok(())
}

/// One identifier, hidden in what the hub received, in every form.
fn the_search_finds_each_form(
    demo: &Demo,
    searcher: &Searcher,
    agencies: &[AgencyFile],
) -> anyhow::Result<()> {
    let captured = demo.capture.of("hub");
    for value in [
        longest(agencies, "LastName")?,
        longest(agencies, "EmailAddress")?,
    ] {
        for (form, bytes) in forms(&value) {
            let mut planted = captured.clone();
            let middle = planted.len() / 2;
            planted.splice(middle..middle, bytes);
            let found = searcher.in_bytes("planted", &planted);
            ensure!(
                found
                    .iter()
                    .any(|finding| finding.offset.abs_diff(middle) < 256),
                "an identifier as {form} is not found"
            );
        }
        println!(
            "an identifier of {} bytes is found in each form",
            value.len()
        );
    }
    Ok(())
}

/// The longest value of a column of the council's file.
fn longest(agencies: &[AgencyFile], column: &str) -> anyhow::Result<String> {
    for agency in agencies {
        let mut reader = csv::Reader::from_reader(agency.csv.as_slice());
        let header = reader.headers()?.clone();
        let Some(place) = header.iter().position(|name| name == column) else {
            continue;
        };
        let values = reader.records().flatten();
        let values = values.map(|row| row.get(place).unwrap_or("").to_owned());
        return values.max_by_key(String::len).context("a value");
    }
    anyhow::bail!("no agency has a column {column}")
}

fn forms(value: &str) -> Vec<(String, Vec<u8>)> {
    let mut forms = Vec::new();
    let mut add = |name: String, bytes: Vec<u8>| forms.push((name, bytes));
    for (fold, text) in [
        ("as written", value.to_owned()),
        ("lower case", value.to_lowercase()),
        ("upper case", value.to_uppercase()),
    ] {
        add(format!("UTF-8, {fold}"), text.clone().into_bytes());
        for (order, bytes) in [
            ("little", utf16(&text, u16::to_le_bytes)),
            ("big", utf16(&text, u16::to_be_bytes)),
        ] {
            add(format!("UTF-16 {order} endian, {fold}"), bytes);
        }
        add(format!("hex, {fold}"), hex::encode(&text).into_bytes());
        add(
            format!("HEX, {fold}"),
            hex::encode_upper(&text).into_bytes(),
        );
        for lead in ["", "x", "xy"] {
            let base64 = STANDARD.encode(format!("{lead}{text} and more"));
            add(
                format!("base64 at {}, {fold}", lead.len()),
                base64.into_bytes(),
            );
        }
        for (name, digest) in [
            ("SHA-1", Sha1::digest(&text).to_vec()),
            ("SHA-256", Sha256::digest(&text).to_vec()),
        ] {
            add(
                format!("{name} hex, {fold}"),
                hex::encode(&digest).into_bytes(),
            );
            add(
                format!("{name} base64, {fold}"),
                STANDARD.encode(&digest).into_bytes(),
            );
            add(format!("{name}, {fold}"), digest);
        }
    }
    forms
}

fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(order).collect()
}
