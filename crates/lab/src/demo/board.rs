//! The board pack at the end of the demo's first day: counts from the nodes, an edition from the hub,
//! signed by two officers, or the rule that forbids it.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use sanctuary_boardpack::{Pack, csv, html, json, pdf};
use sanctuary_figures::{Figures, List, Product};
use sanctuary_policy::Day;
use sanctuary_rpc::{connect, endpoint_of, explain, now};
use sanctuary_trust::files::load_signing_key;
use sanctuary_types::{PartyId, Timestamp};
use sanctuary_wire::statistics::{
    OfficerSignature, PreviewRequest, ReleaseRequest, VerifyRequest,
    statistics_client::StatisticsClient,
};
use tonic::transport::Channel;

use super::agency::Agency;
use crate::partnership::LivePartnership;

/// Officers of the demo who sign.
const OFFICERS: [&str; 2] = ["officer-1", "officer-2"];

/// What came of it.
pub struct Board {
    /// Edition, if one was released.
    pub edition: Option<u32>,
    /// The rule's number and sentence, if none was.
    pub refused: Option<String>,
    /// Figures that the audit hid, beside the rules.
    pub hidden_by_audit: u32,
    /// The pack's files.
    pub files: Vec<PathBuf>,
}

/// Makes, signs, releases and verifies an edition. `quality` is the measured recall and precision.
pub(super) async fn board(
    live: &LivePartnership,
    agencies: &[Agency],
    quality: (f64, f64),
    folder: &Path,
) -> anyhow::Result<Board> {
    let mut client = client(live).await?;
    let request = request(agencies, quality)?;
    // The first request makes the hub ask the nodes for their counts.
    let _ = client.preview(request.clone()).await;
    for agency in agencies {
        agency.hand_in_counts().await?;
    }
    let made = match client.preview(request).await {
        Ok(made) => made.into_inner(),
        Err(status) => {
            return Ok(Board {
                edition: None,
                refused: Some(explain(&status)),
                hidden_by_audit: 0,
                files: Vec::new(),
            });
        }
    };
    let mut officers = Vec::new();
    for officer in OFFICERS {
        let key = load_signing_key(&live.folder(officer).join("signing.key"))?;
        officers.push(OfficerSignature {
            officer: key.public().to_vec().into(),
            signature: key.sign(&made.message).to_vec().into(),
        });
    }
    let released = client
        .release(ReleaseRequest {
            hash: made.hash.clone(),
            officers,
        })
        .await?
        .into_inner();
    let verified = client.verify(VerifyRequest {}).await?.into_inner();
    let figures: Figures = serde_json::from_slice(&released.figures)?;
    anyhow::ensure!(
        verified.editions == figures.number,
        "the hub verified another number of editions than it released"
    );
    for agency in agencies {
        let fetched = agency.fetch_editions().await?;
        anyhow::ensure!(
            fetched == figures.number && agency.fetch_editions().await? == 0,
            "a node did not fetch each released edition once"
        );
    }
    Ok(Board {
        edition: Some(figures.number),
        refused: None,
        hidden_by_audit: made.hidden,
        files: write(figures, folder)?,
    })
}

async fn client(live: &LivePartnership) -> anyhow::Result<StatisticsClient<Channel>> {
    let (hub, roster): (PartyId, _) = ("hub".parse()?, live.roster()?);
    let identity = live.identity(OFFICERS[0])?;
    let channel = connect(&endpoint_of(&roster, &hub)?, &hub, &identity, &roster).await?;
    Ok(StatisticsClient::new(channel))
}

/// Each agency a list of its own; this year up to the last month that is over.
fn request(agencies: &[Agency], (recall, precision): (f64, f64)) -> anyhow::Result<PreviewRequest> {
    let (from, to) = window(now())?;
    let lists: anyhow::Result<Vec<List>> = agencies
        .iter()
        .map(|agency| {
            Ok(List {
                name: capitalised(agency.name()),
                agencies: vec![agency.name().parse()?],
            })
        })
        .collect();
    let product = Product {
        area: "A made-up county".to_owned(),
        year_begins: from.1,
        lists: lists?,
    };
    Ok(PreviewRequest {
        from: from.0,
        to,
        product: serde_json::to_vec(&product)?.into(),
        recall: Some(recall),
        precision: Some(precision),
    })
}

type First = (String, (u8, u8));

/// The year begins on 1 January; in January the year before is shown.
fn window(now: Timestamp) -> anyhow::Result<(First, String)> {
    let (year, month, _) = now.date();
    let year_shown = if month == 1 { year - 1 } else { year };
    let this_month: Day = format!("{year:04}-{month:02}-01")
        .parse()
        .context("a month begins with a first day")?;
    let from = format!("{year_shown:04}-01-01");
    Ok(((from, (1, 1)), Day(this_month.0 - 1).to_string()))
}

fn write(figures: Figures, folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let pack = Pack::of(figures);
    std::fs::create_dir_all(folder)?;
    let forms = [
        ("board-pack.html", html(&pack).into_bytes()),
        ("board-pack.pdf", pdf(&pack)?),
        ("board-pack.csv", csv(&pack)?.into_bytes()),
        ("board-pack.json", json(&pack)?.into_bytes()),
    ];
    let mut files = Vec::new();
    for (name, bytes) in forms {
        let file = folder.join(name);
        std::fs::write(&file, bytes)?;
        files.push(file);
    }
    Ok(files)
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().collect::<String>() + letters.as_str())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_is_the_year_up_to_the_last_month_that_is_over() {
        let at = |day: &str| day.parse::<Day>().unwrap().start();
        let from = |day: &str| (day.to_owned(), (1, 1));
        assert_eq!(
            window(at("2026-11-24")).unwrap(),
            (from("2026-01-01"), "2026-10-31".to_owned())
        );
        assert_eq!(
            window(at("2027-01-02")).unwrap(),
            (from("2026-01-01"), "2026-12-31".to_owned())
        );
    }
}
