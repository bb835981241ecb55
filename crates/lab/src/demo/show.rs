use sanctuary_node_core::AlertView;
use sanctuary_types::{AlertKind, AlertState};

use super::{Demo, PASSWORD, PEOPLE};

/// Alerts shown for each agency.
const SHOWN: usize = 3;

/// The table of what happened, some alerts as each agency sees them, and what to try.
///
/// # Errors
/// When a node's store cannot be read.
pub fn print(demo: &Demo) -> anyhow::Result<()> {
    let outcome = &demo.outcome;
    println!(
        "\n{:<10} {:>8} {:>9} {:>9} {:>12} {:>9}",
        "agency", "records", "take part", "with", "Duty to", "tokens"
    );
    println!(
        "{:<10} {:>8} {:>9} {:>9} {:>12} {:>9}",
        "", "", "", "errors", "Notify only", ""
    );
    for agency in &outcome.agencies {
        println!(
            "{:<10} {:>8} {:>9} {:>9} {:>12} {:>9}",
            agency.name,
            agency.records,
            agency.accepted,
            agency.rejected,
            agency.duty_to_notify_only,
            agency.tokens
        );
    }
    let alerts = outcome.alerts;
    println!(
        "\nPossible matches: {} same person, {} shared identifier, {} victim is suspect (safeguarding first).",
        alerts.same_person, alerts.shared_identifier, alerts.victim_is_suspect
    );
    println!(
        "People that three or more agencies may know: {}; the widest over {} agencies.",
        outcome.clusters, outcome.largest_cluster_agencies
    );
    println!(
        "Against the truth, which nobody here was told: {:.1} % of the possible matches are right, {:.1} % of the",
        100.0 * outcome.precision,
        100.0 * outcome.recall
    );
    println!("pairs were found.");
    println!(
        "Raw identifiers in everything the hub received and wrote: {} of {} looked for; at the key holders: {}.",
        outcome.raw_identifiers_seen_by_hub,
        outcome.identifiers_searched,
        outcome.raw_identifiers_seen_by_key_holders
    );
    match (&demo.board.refused, demo.board.files.first()) {
        (None, Some(file)) => println!(
            "Board pack: edition {} released by two officers, {} figures hidden by the audit: {}",
            demo.board.edition.unwrap_or_default(),
            demo.board.hidden_by_audit,
            file.display()
        ),
        (refused, _) => println!(
            "Board pack: none. {}",
            refused.as_deref().unwrap_or("The hub gave no reason.")
        ),
    }
    println!(
        "Disclosure: {} requests, {} answers with a release approved by two people, {} released, {} refused.",
        outcome.disclosure.requested,
        outcome.disclosure.approved,
        outcome.disclosure.released,
        outcome.disclosure.refused
    );
    for sentence in &demo.story.told {
        println!("  {sentence}");
    }
    if let Some(file) = demo.story.files.last() {
        println!(
            "  The release that is in force, as printed: {}",
            file.display()
        );
    }
    println!("Done in {:.0} s.", outcome.wall_s);

    for (agency, views) in demo.alerts()? {
        println!("\nWhat {agency} sees (its own names; of the other agency only who, and why):");
        for view in pick(&views) {
            println!("  {}", line(view));
            println!("      because {}", view.explanation.summary);
        }
    }
    Ok(())
}

/// What to do while the partnership is up.
pub fn print_next(demo: &Demo) {
    println!("\nThe partnership stays up until you press Ctrl-C.");
    println!("In a browser, one console for each agency:");
    for console in &demo.consoles {
        println!("  {}  {}", console.url, console.agency);
    }
    if let Some(hub) = &demo.operator {
        println!(
            "  {}  the hub's operators: {}, start code {}; choose a password, then set up an authenticator",
            hub.url, hub.person, hub.start_code
        );
    }
    println!("People of each agency, all with the password \"{PASSWORD}\":");
    for (number, name, role) in PEOPLE {
        println!("  {number}  {name}, {role}");
    }
    println!("  After signing in, /tour lists ten things to try.");
    println!("In another terminal, try:");
    let config = |agency: &str| demo.node_config(agency).display().to_string();
    let dir = demo.live.layout.0.display();
    println!("  cargo run --release --bin sanctuary -- status --dir {dir} --as police");
    println!("  cargo run --release --bin sanctuary -- alerts list --dir {dir} --as police");
    let node = "cargo run --release --bin sanctuary-node --";
    println!("  {node} sign-in --as io1001 --config {}", config("police"));
    println!("  {node} cases list --config {}", config("police"));
    println!(
        "Files, stores and configuration are in {dir}; the police node's is {}.",
        config("police")
    );
}

/// One alert of each kind first, then the strongest.
fn pick(views: &[AlertView]) -> Vec<&AlertView> {
    let standing: Vec<&AlertView> = views
        .iter()
        .filter(|v| v.alert.state == AlertState::Open)
        .collect();
    let kinds = [
        AlertKind::VictimIsSuspect,
        AlertKind::SamePerson,
        AlertKind::SharedIdentifier,
    ];
    kinds
        .iter()
        .filter_map(|kind| {
            standing
                .iter()
                .filter(|v| v.alert.kind == *kind)
                .max_by_key(|v| v.alert.band)
        })
        .take(SHOWN)
        .copied()
        .collect()
}

fn line(view: &AlertView) -> String {
    let alert = &view.alert;
    let kind = match alert.kind {
        AlertKind::SamePerson => "may be known to",
        AlertKind::SharedIdentifier => "shares an identifier with somebody known to",
        AlertKind::VictimIsSuspect => {
            "safeguarding first: victim here or there, suspect at the other; also known to"
        }
    };
    format!(
        "{} ({}) {kind} {} as {} [{:?}]",
        view.names.as_deref().unwrap_or("a record no longer here"),
        view.record.as_deref().unwrap_or("-"),
        alert.other_agency,
        view.other_roles_words.join(", "),
        alert.band
    )
}
