//! Databases of the agency's: what a real PostgreSQL server holds becomes records, whatever happens to the
//! server, the way to it, or the node.

mod site;

use std::time::Duration;

use anyhow::ensure;
use site::Site;

/// Rows of the first load.
const ROWS: usize = 4_000;

#[test]
fn what_changes_in_a_table_is_read_and_nothing_is_lost_or_told_twice() -> anyhow::Result<()> {
    let Some(mut site) =
        Site::found("mode = \"delta\"\nwatermark = \"changed_at\"\noverlap_s = 3600\n")?
    else {
        return Ok(());
    };
    site.insert(0..ROWS)?;
    site.start()?;
    site.until_records(ROWS as u64)?;
    // The same moment for many rows: none is lost at the mark.
    site.server.sql("INSERT INTO people SELECT 't' || n, 'Tia', 'Tie', '1990-01-01', 'suspect', date_trunc('second', now()) FROM generate_series(1, 300) n")?;
    site.until_records(ROWS as u64 + 300)?;
    // Begun before the mark and committed after it.
    site.server.sql("INSERT INTO people VALUES ('late', 'Lea', 'Late', '1990-01-01', 'suspect', now() - interval '20 minutes')")?;
    site.until_records(ROWS as u64 + 301)?;
    // A clock that runs ahead hides nobody.
    site.server.sql("INSERT INTO people VALUES ('ahead', 'Abe', 'Ahead', '1990-01-01', 'suspect', now() + interval '10 years')")?;
    site.until_records(ROWS as u64 + 302)?;
    site.server.sql(
        "INSERT INTO people VALUES ('after', 'Ann', 'After', '1990-01-01', 'suspect', now())",
    )?;
    site.until_records(ROWS as u64 + 303)?;
    site.server
        .sql("UPDATE people SET last = 'Changed', changed_at = now() WHERE id = 'r7'")?;
    site.until_said("changed=1")?;
    site.server
        .sql("INSERT INTO people VALUES ('bad', 'Bea', 'Bad', '1990-01-01', 'zebra', now())")?;
    let report = site.until_report(|told| told["rejected"] == 1)?;
    ensure!(report["feed"] == "cases", "{report}");
    let rejects = std::fs::read_to_string(site.town.path("reports/cases.rejects.csv"))?;
    ensure!(
        rejects.contains("role") && !rejects.contains("zebra"),
        "{rejects}"
    );
    let standing = site.stop_and_read()?;
    ensure!(standing.len() == ROWS + 303, "{}", standing.len());
    ensure!(standing["r7"].ends_with("Changed"), "{}", standing["r7"]);
    Ok(())
}

/// Connections cut, the server gone and back, the node killed: in the middle of reading, again and again.
#[test]
fn cuts_in_the_middle_lose_nothing_and_double_nothing() -> anyhow::Result<()> {
    const CUTS: usize = 6;
    let Some(mut site) = Site::found("watermark = \"changed_at\"\nbatch = 50\n")? else {
        return Ok(());
    };
    site.insert(0..ROWS)?;
    site.start()?;
    for cut in 0..CUTS {
        site.insert(ROWS + cut * 500..ROWS + (cut + 1) * 500)?;
        std::thread::sleep(Duration::from_millis(150 + 130 * cut as u64));
        match cut % 3 {
            0 => drop(site.server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sanctuary-node'")?),
            1 => {
                site.server.stop("immediate")?;
                site.town.until_problem(site::AGENCY, "cannot be reached")?;
                site.server.start()?;
            }
            _ => {
                let node = site.town.process(site::AGENCY)?;
                node.kill_9()?;
                node.restart()?;
                site.town.until_up()?;
            }
        }
    }
    site.until_records((ROWS + CUTS * 500) as u64)?;
    site.until_well()?;
    let standing = site.stop_and_read()?;
    ensure!(standing.len() == ROWS + CUTS * 500);
    Ok(())
}

#[test]
fn a_full_reading_withdraws_what_is_gone_and_the_brake_holds() -> anyhow::Result<()> {
    let Some(mut site) = Site::found("mode = \"full\"\npoll_s = 1\n")? else {
        return Ok(());
    };
    site.insert(0..500)?;
    site.start()?;
    site.until_records(500)?;
    site.server
        .sql("DELETE FROM people WHERE id IN ('r1', 'r2', 'r3')")?;
    site.until_records(497)?;
    site.server
        .sql("DELETE FROM people WHERE substr(id, 2)::int < 300")?;
    let told = site
        .town
        .until_problem(site::AGENCY, "are missing in this full snapshot")?;
    ensure!(told.contains("297 of the feed's 497 records"), "{told}");
    ensure!(site.records()? == 497, "nothing was changed");
    let said = site.node_says(&["feeds", "allow", "cases", "--withdrawals", "297"])?;
    ensure!(said.code == Some(0), "{said:?}");
    site.until_records(200)?;
    site.until_well()?;
    site.server.sql("DELETE FROM people")?;
    site.town
        .until_problem(site::AGENCY, "200 of the feed's 200 records")?;
    ensure!(site.records()? == 200, "it was for once");
    site.town.stop_all()
}

/// What is wrong is told, nothing else stops, and it goes on by itself once it is put right.
#[test]
fn a_wrong_password_and_a_wrong_query_are_told_and_put_right() -> anyhow::Result<()> {
    let Some(mut site) = Site::found("watermark = \"changed_at\"\n")? else {
        return Ok(());
    };
    site.insert(0..20)?;
    let password = site.server.path("reader.password");
    std::fs::write(&password, "wrong\n")?;
    site.start()?;
    let told = site
        .town
        .until_problem(site::AGENCY, "refuses the user or the password")?;
    ensure!(
        told.contains("feed cases") && !told.contains("wrong"),
        "{told}"
    );
    site.server.password_file()?;
    site.until_records(20)?;
    site.server.sql("REVOKE SELECT ON people FROM reader")?;
    site.town.until_problem(site::AGENCY, "may not read")?;
    site.server.sql("GRANT SELECT ON people TO reader")?;
    site.until_well()?;
    site.server
        .sql("ALTER TABLE people RENAME COLUMN born TO birthday")?;
    site.town
        .until_problem(site::AGENCY, "does not understand the query")?;
    ensure!(site.records()? == 20, "what was read stays");
    site.town.stop_all()
}
