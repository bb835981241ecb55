use std::path::{Path, PathBuf};

use clap::Subcommand;
use sanctuary_boardpack::{Pack, csv, html, json as pack_json, pdf};
use sanctuary_figures::{Figures, Product, release_message};
use sanctuary_rpc::{connect, endpoint_of};
use sanctuary_trust::{
    SigningKey,
    files::{Layout, load_signing_key, read_limited, write_public},
};
use sanctuary_types::PartyId;
use sanctuary_wire::statistics::{
    OfficerSignature, PreviewRequest, PublishedRequest, ReleaseRequest, VerifyRequest,
    statistics_client::StatisticsClient,
};
use serde_json::{Value, json};
use tonic::transport::Channel;

use crate::{
    Failure, block_on,
    output::Output,
    whoami::{Caller, Whoami},
};

/// Bytes of a product file and of figures that are believed.
const FILE_BYTES_MAX: u64 = 256 * 1024;

#[derive(Subcommand)]
pub(crate) enum ReportCommand {
    /// Make the next edition of the board pack from what the agencies hand in, for officers to look at
    #[command(
        after_help = "Example:\n  sanctuary report preview --from 2026-04-01 --to 2026-10-31 --product product.toml --out preview --dir pilot --as officer-1\n\nThe first time the nodes are asked for counts: try again after a few minutes. The product is given with the first edition and fixed from then on."
    )]
    Preview {
        /// First day: the first of the partnership's year
        #[arg(long, value_name = "DAY")]
        from: String,
        /// Last day: the end of a month
        #[arg(long, value_name = "DAY")]
        to: String,
        /// Area, year and lists (TOML), for the first edition
        #[arg(long, value_name = "FILE")]
        product: Option<PathBuf>,
        /// Share of the true links that the service finds, where measured; else there is no estimate
        #[arg(long, requires = "precision", value_name = "0-1")]
        recall: Option<f64>,
        /// Share of its links that are true
        #[arg(long, requires = "recall", value_name = "0-1")]
        precision: Option<f64>,
        /// Folder for the pack: board-pack.html, .pdf, .csv and .json
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        #[command(flatten)]
        whoami: Whoami,
    },
    /// Release the previewed edition: two officers sign it
    #[command(
        after_help = "Example:\n  sanctuary report release --edition 3f6c... --sign officer-1,officer-2 --out pack --dir pilot --as officer-1"
    )]
    Release {
        /// Fingerprint of the preview, as `preview` printed it
        #[arg(long, value_name = "HEX")]
        edition: String,
        /// The officers who sign; their keys must be in DIR
        #[arg(long, value_name = "OFFICERS", value_delimiter = ',', required = true)]
        sign: Vec<PartyId>,
        /// Folder for the pack
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        #[command(flatten)]
        whoami: Whoami,
    },
    /// Write the pack of a released edition, or say one figure of it
    #[command(
        after_help = "Examples:\n  sanctuary report show --out pack --dir pilot --as police\n  sanctuary report show --statistic victims.two_or_more --dir pilot --as police\n\nThe codes of all statistics are in board-pack.csv. There are no others: smaller groups, and groups split by another, are refused."
    )]
    Show {
        /// Which edition; the newest without it
        #[arg(long, default_value_t = 0)]
        number: u32,
        /// Folder for the pack
        #[arg(long, value_name = "DIR", required_unless_present = "statistic")]
        out: Option<PathBuf>,
        /// Say this figure only
        #[arg(long, value_name = "CODE", conflicts_with = "out")]
        statistic: Option<String>,
        #[command(flatten)]
        whoami: Whoami,
    },
    /// Check every released edition again: hashes, signatures, rules, and the attacks of the audit
    #[command(after_help = "Example:\n  sanctuary report verify --dir pilot --as officer-1")]
    Verify {
        #[command(flatten)]
        whoami: Whoami,
    },
}

pub(crate) fn run(command: ReportCommand, output: &Output) -> Result<(), Failure> {
    match command {
        ReportCommand::Preview {
            from,
            to,
            product,
            recall,
            precision,
            out,
            whoami,
        } => {
            let product = product.as_deref().map(read_product).transpose()?;
            let request = PreviewRequest {
                from,
                to,
                product: product.unwrap_or_default().into(),
                recall,
                precision,
            };
            preview(request, &out, &whoami, output)
        }
        ReportCommand::Release {
            edition,
            sign,
            out,
            whoami,
        } => release(&edition, &sign, &out, &whoami, output),
        ReportCommand::Show {
            number,
            out,
            statistic,
            whoami,
        } => {
            let figures = published(number, &whoami)?;
            match (out, statistic) {
                (Some(out), _) => shown("edition", &figures, &out, output),
                (None, statistic) => figure(&figures, &statistic.unwrap_or_default(), output),
            }
        }
        ReportCommand::Verify { whoami } => verify(&whoami, output),
    }
}

fn preview(
    request: PreviewRequest,
    out: &Path,
    whoami: &Whoami,
    output: &Output,
) -> Result<(), Failure> {
    let caller = whoami.load()?;
    let made = block_on(async {
        let (mut client, hub) = client(&caller).await?;
        let answer = client.preview(request).await;
        Ok(answer
            .map_err(|status| Failure::refused(&hub, &status))?
            .into_inner())
    })?;
    let figures = figures(&made.figures)?;
    let files = write(&figures, out)?;
    let hash = hex::encode(&made.hash);
    let text = format!(
        "preview of edition {}\naudit        {} protected numbers, {} attackers, {} more figures hidden\nfingerprint  {hash}\nwritten      {}\nnext         two officers look at it, then: sanctuary report release --edition {hash} --sign OFFICER,OFFICER",
        figures.number,
        made.protected,
        made.attackers,
        made.hidden,
        files.join(", ")
    );
    output.result(
        &text,
        &json!({
            "edition": figures.number,
            "hash": hash,
            "released": false,
            "audit": { "protected": made.protected, "attackers": made.attackers, "hidden": made.hidden },
            "files": files,
        }),
    )
}

fn release(
    edition: &str,
    officers: &[PartyId],
    out: &Path,
    whoami: &Whoami,
    output: &Output,
) -> Result<(), Failure> {
    let bad = || Failure::usage("a fingerprint is the 64 hexadecimal digits that preview printed");
    let hash: [u8; 32] = hex::decode(edition)
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(bad)?;
    let layout = Layout(whoami.dir.clone());
    let mut signatures = Vec::new();
    for officer in officers {
        let key = load_signing_key(&layout.party(officer.as_str()).join("signing.key"))?;
        signatures.push(signature(&key, &hash));
    }
    let caller = whoami.load()?;
    let request = ReleaseRequest {
        hash: hash.to_vec().into(),
        officers: signatures,
    };
    let released = block_on(async {
        let (mut client, hub) = client(&caller).await?;
        let answer = client.release(request).await;
        Ok(answer
            .map_err(|status| Failure::refused(&hub, &status))?
            .into_inner())
    })?;
    shown("released", &figures(&released.figures)?, out, output)
}

fn signature(key: &SigningKey, hash: &[u8; 32]) -> OfficerSignature {
    OfficerSignature {
        officer: key.public().to_vec().into(),
        signature: key.sign(&release_message(hash)).to_vec().into(),
    }
}

fn published(number: u32, whoami: &Whoami) -> Result<Figures, Failure> {
    let caller = whoami.load()?;
    let published = block_on(async {
        let request = PublishedRequest { number };
        let (mut client, hub) = client(&caller).await?;
        let answer = client.published(request).await;
        Ok(answer
            .map_err(|status| Failure::refused(&hub, &status))?
            .into_inner())
    })?;
    if published.figures.is_empty() {
        return Err(Failure::failed("no such edition has been released yet"));
    }
    figures(&published.figures)
}

/// One figure as it is printed; nothing else can be asked for.
fn figure(figures: &Figures, code: &str, output: &Output) -> Result<(), Failure> {
    let figure = figures
        .figure(code)
        .map_err(|refusal| Failure::usage(refusal.to_string()))?;
    let held = figure.held_since;
    let since = held.map_or_else(String::new, |n| format!(", held since edition {n}"));
    output.result(
        &format!(
            "{code}: {}{since} (edition {})",
            figure.text, figures.number
        ),
        &json!({
            "statistic": code,
            "text": figure.text,
            "held_since": held,
            "edition": figures.number,
        }),
    )
}

fn verify(whoami: &Whoami, output: &Output) -> Result<(), Failure> {
    let caller = whoami.load()?;
    let verified = block_on(async {
        let (mut client, hub) = client(&caller).await?;
        let answer = client.verify(VerifyRequest {}).await;
        Ok(answer
            .map_err(|status| Failure::refused(&hub, &status))?
            .into_inner())
    })?;
    let editions = match verified.editions {
        0 => "no edition yet".to_owned(),
        1 => "1 edition: it is signed by two officers, keeps the rules and withstands the audit"
            .to_owned(),
        n => format!(
            "{n} editions: every one follows the one before it, is signed by two officers, keeps the rules and withstands the audit"
        ),
    };
    output.result(
        &editions,
        &json!({ "editions": verified.editions, "verified": true }),
    )
}

/// A client of the hub, and the hub's name for refusals.
async fn client(caller: &Caller) -> Result<(StatisticsClient<Channel>, PartyId), Failure> {
    let hub = caller
        .roster
        .current()
        .hub()
        .map(|hub| hub.id.clone())
        .ok_or_else(|| Failure::failed("there is no hub in the roster"))?;
    let endpoint = endpoint_of(&caller.roster, &hub)?;
    let channel = connect(&endpoint, &hub, &caller.identity, &caller.roster).await?;
    Ok((StatisticsClient::new(channel), hub))
}

fn shown(what: &str, figures: &Figures, out: &Path, output: &Output) -> Result<(), Failure> {
    let files = write(figures, out)?;
    let text = format!("{what} {}: {}", figures.number, files.join(", "));
    output.result(
        &text,
        &json!({
            "edition": figures.number,
            "hash": hex::encode(figures.hash),
            "released": true,
            "files": files,
        }),
    )
}

/// The pack in all its forms; gives the files' names.
fn write(figures: &Figures, out: &Path) -> Result<Vec<String>, Failure> {
    let failed = |error: sanctuary_boardpack::PackError| Failure::failed(error.to_string());
    let pack = Pack::of(figures.clone());
    std::fs::create_dir_all(out).map_err(|error| {
        Failure::failed(format!("cannot make the folder {}: {error}", out.display()))
    })?;
    let forms: [(&str, Vec<u8>); 4] = [
        ("board-pack.html", html(&pack).into_bytes()),
        ("board-pack.pdf", pdf(&pack).map_err(failed)?),
        ("board-pack.csv", csv(&pack).map_err(failed)?.into_bytes()),
        (
            "board-pack.json",
            pack_json(&pack).map_err(failed)?.into_bytes(),
        ),
    ];
    let mut files = Vec::new();
    for (name, bytes) in forms {
        let file = out.join(name);
        write_public(&file, &bytes)?;
        files.push(file.display().to_string());
    }
    Ok(files)
}

fn figures(bytes: &[u8]) -> Result<Figures, Failure> {
    serde_json::from_slice(bytes)
        .map_err(|_| Failure::failed("the hub's figures cannot be read; update this program"))
}

fn read_product(file: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = read_limited(file, FILE_BYTES_MAX)?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Failure::usage("the product is a text file (TOML)"))?;
    let product: Product = toml::from_str(&text)
        .map_err(|error| Failure::usage(format!("{} is not a product: {error}", file.display())))?;
    product
        .check()
        .map_err(|refusal| Failure::usage(refusal.to_string()))?;
    let value: Value = json!(product);
    Ok(value.to_string().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_product_in_the_documentation_is_one() {
        let docs = include_str!("../../../docs/board-pack.md");
        let toml = docs
            .split("```toml")
            .nth(1)
            .and_then(|rest| rest.split("```").next())
            .unwrap();
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("product.toml");
        std::fs::write(&file, toml).unwrap();
        let json = read_product(&file).unwrap();
        let product: Product = serde_json::from_slice(&json).unwrap();
        assert_eq!((product.year_begins, product.lists.len()), ((4, 1), 2));

        // An agency on two lists would count people twice.
        std::fs::write(&file, toml.replace("\"refuge\"", "\"police\"")).unwrap();
        let refused = read_product(&file).unwrap_err().to_string();
        assert!(refused.starts_with("Rule 9"), "{refused}");
    }
}
