use sanctuary_types::Timestamp;

use super::{
    Failure, JsonTarget,
    output::{print, write_json},
};
use crate::{
    ComparisonsView, Config,
    jobs::{Access, Answered, Job},
};

/// Shows the newest encrypted comparisons with other agencies' nodes and the day's counts.
///
/// # Errors
/// [`Failure`].
pub async fn comparisons(config: &Config, json: &JsonTarget) -> Result<(), Failure> {
    let mut access = Access::of(config).await?;
    let answered = access.perform(config, &Job::Comparisons, |_| {}).await?;
    let view: ComparisonsView = match answered {
        Answered::Done(view) => view,
        Answered::BadInput(problem) => return Err(Failure::BadInput(problem)),
    };
    if write_json(json, &view)? {
        return Ok(());
    }
    Ok(print(&text(&view))?)
}

fn text(view: &ComparisonsView) -> String {
    let mut text = match (view.agreed, view.switched_on) {
        (true, true) => "the second step is on\n".to_owned(),
        (true, false) => {
            "the partnership has agreed on the second step; this agency takes no part (second_step = \"off\")\n"
                .to_owned()
        }
        (false, _) => "the partnership has not agreed on the second step\n".to_owned(),
    };
    for (peer, totals) in &view.today {
        text.push_str(&format!(
            "today with {peer}: begun {}, answered {}, ended {} (limit {} begun or answered)\n",
            totals.opened, totals.answered, totals.finished, view.per_peer_and_day
        ));
    }
    if view.newest.is_empty() {
        text.push_str("no comparisons so far\n");
    }
    for line in &view.newest {
        let step = ["begun", "answered", "ended"][usize::from(line.entry.stage.number() - 1)];
        let id: String = line.entry.comparison[..4]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        text.push_str(&format!(
            "{}  {id}  {step} with {}: {}\n",
            utc(line.entry.at),
            line.entry.peer,
            line.record.as_deref().unwrap_or("a record no longer here"),
        ));
    }
    text
}

fn utc(at: Timestamp) -> String {
    let (year, month, day) = at.date();
    let minutes = at.0 / 60_000 % 1_440;
    format!(
        "{year:04}-{month:02}-{day:02} {:02}:{:02}",
        minutes / 60,
        minutes % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparing::ComparisonLine;
    use sanctuary_node_core::{ComparisonEntry, ComparisonStage, ComparisonTotals};
    use sanctuary_types::Pseudonym;

    #[test]
    fn the_log_is_shown_as_people_read_it() {
        let entry = ComparisonEntry {
            at: Timestamp(1_795_392_000_000 + 61_000),
            comparison: [0xab; 16],
            stage: ComparisonStage::Answer,
            peer: "council".parse().unwrap(),
            own: Pseudonym([1; 16]),
            made_of: [2; 16],
        };
        let mut view = ComparisonsView {
            agreed: true,
            switched_on: true,
            per_peer_and_day: 50,
            today: [(
                "council".parse().unwrap(),
                ComparisonTotals {
                    answered: 1,
                    ..ComparisonTotals::default()
                },
            )]
            .into(),
            newest: vec![ComparisonLine {
                entry,
                record: Some("p1".to_owned()),
            }],
        };
        assert_eq!(
            text(&view),
            "the second step is on\n\
             today with council: begun 0, answered 1, ended 0 (limit 50 begun or answered)\n\
             2026-11-23 00:01  abababab  answered with council: p1\n"
        );
        let json = serde_json::to_value(&view).unwrap();
        let back: ComparisonsView = serde_json::from_value(json).unwrap();
        assert_eq!(text(&back), text(&view));
        view.agreed = false;
        assert!(text(&view).starts_with("the partnership has not agreed"));
    }
}
