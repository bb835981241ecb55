//! The port against a real server: what is bound stays a value, what writes is refused, a view is one moment.

use std::time::Duration;

use crate::postgres::Postgres as Server;
use anyhow::{Context as _, ensure};
use sanctuary_intake::database::{CaseDatabase, Mark, Postgres, PostgresSettings};
use sanctuary_node_core::readers::Rows;
use tokio::runtime::Runtime;

/// A reader of one query.
pub struct Reader {
    pub database: Postgres,
    _runtime: Runtime,
}

pub fn settings(
    server: &Server,
    query: &str,
    watermark: Option<&str>,
) -> anyhow::Result<PostgresSettings> {
    Ok(PostgresSettings {
        url: server.on_socket("reader"),
        password_file: Some(server.password_file()?),
        tls_ca: None,
        query: query.to_owned(),
        watermark: watermark.map(str::to_owned),
        batch: 3,
        timeout: Duration::from_secs(1),
    })
}

impl Reader {
    pub fn new(settings: PostgresSettings) -> anyhow::Result<Self> {
        let runtime = Runtime::new()?;
        let handle = runtime.handle().clone();
        let database = Postgres::new(settings, handle).map_err(anyhow::Error::msg)?;
        Ok(Self {
            database,
            _runtime: runtime,
        })
    }

    /// Every row from a mark on, and the mark after them.
    pub fn read(
        &mut self,
        since: Option<&Mark>,
    ) -> anyhow::Result<(Vec<Vec<String>>, Option<Mark>)> {
        let mut view = self.database.view(since)?;
        let rows = all(view.rows()?.as_mut())?;
        Ok((rows, view.mark()))
    }

    pub fn fault(&mut self) -> anyhow::Result<String> {
        let told = self.read(None).err().context("it was read")?;
        Ok(told.to_string())
    }
}

pub fn all(rows: &mut dyn Rows) -> anyhow::Result<Vec<Vec<String>>> {
    let mut read = Vec::new();
    while let Some(row) = rows.next_row()? {
        let cells = row.cells.map_err(anyhow::Error::from)?;
        read.push(cells.iter().map(|cell| (**cell).clone()).collect());
    }
    Ok(read)
}

fn served() -> anyhow::Result<Option<Server>> {
    let Some(server) = Server::found()? else {
        return Ok(None);
    };
    server.user("reader")?;
    Ok(Some(server))
}

/// Values of the agency's that look like SQL come in as values and go out as values.
#[test]
fn hostile_values_and_names_stay_what_they_are() -> anyhow::Result<()> {
    const HOSTILE: &str = "zz'; DROP TABLE people; --";
    let Some(server) = served()? else {
        return Ok(());
    };
    server.sql("CREATE TABLE people (id text, \"na\"\"; DROP TABLE people; --\" text, version text); \
        GRANT ALL ON people TO reader; \
        INSERT INTO people VALUES ('a', '$1', 'a'), ('b', E'\\\\''; DELETE FROM people; --', 'zz''; DROP TABLE people; --')")?;
    let query = "SELECT * FROM people WHERE version >= $1 ORDER BY id";
    let mut reader = Reader::new(settings(&server, query, Some("version"))?)?;
    let (rows, mark) = reader.read(None)?;
    ensure!(rows.len() == 2 && rows[0][1] == "$1" && rows[1][1].contains("DELETE"));
    ensure!(mark == Some(Mark::Text(HOSTILE.to_owned())), "{mark:?}");
    let (rows, again) = reader.read(mark.as_ref())?;
    ensure!(
        rows.len() == 1 && rows[0][0] == "b" && again == mark,
        "{rows:?}"
    );
    // A mark of a column that has another type by now: from the beginning.
    let mut view = reader.database.view(Some(&Mark::Moment(5)))?;
    ensure!(all(view.rows()?.as_mut())?.len() == 2);
    ensure!(view.rows()?.header()[1] == "na\"; DROP TABLE people; --");
    ensure!(server.sql("SELECT count(*) FROM people")? == "2");
    Ok(())
}

#[test]
fn a_query_that_writes_or_is_none_is_refused() -> anyhow::Result<()> {
    let Some(server) = served()? else {
        return Ok(());
    };
    server.sql("CREATE TABLE t (id text); GRANT ALL ON t TO reader; INSERT INTO t VALUES ('secret-value'); \
        CREATE FUNCTION sneaky() RETURNS text LANGUAGE sql AS 'DELETE FROM t RETURNING id'; \
        GRANT CREATE ON SCHEMA public TO reader")?;
    for (query, words) in [
        (
            "INSERT INTO t VALUES ('b') RETURNING id",
            "would change the database",
        ),
        ("DELETE FROM t RETURNING id", "would change the database"),
        ("SELECT sneaky() AS id", "would change the database"),
        (
            "WITH gone AS (DELETE FROM t RETURNING id) SELECT id FROM gone",
            "would change the database",
        ),
        ("CREATE TABLE u (id text)", "would change the database"),
        ("SELECT id FROM t; DROP TABLE t", "does not understand"),
        ("SELECT nothing FROM t", "does not understand"),
        ("SELECT id FROM pg_authid, t", "may not read"),
        (
            "SELECT id::int FROM t",
            "stopped the reading (SQLSTATE 22P02)",
        ),
        ("SELECT pg_sleep(5)::text AS id", "query_timeout_s"),
        ("SELECT id FROM t WHERE id >= $1", "no watermark is named"),
    ] {
        let told = Reader::new(settings(&server, query, None)?)?.fault()?;
        ensure!(
            told.contains(words) && !told.contains("secret"),
            "{query}: {told}"
        );
    }
    for (query, words) in [
        ("SELECT id FROM t", "must say where to begin"),
        (
            "SELECT id AS other FROM t WHERE id >= $1",
            "does not give the column",
        ),
        (
            "SELECT 1.5::numeric AS id FROM t WHERE id >= $1",
            "must be a timestamp",
        ),
    ] {
        let told = Reader::new(settings(&server, query, Some("id"))?)?.fault()?;
        ensure!(told.contains(words), "{query}: {told}");
    }
    // Not even where the user of the database would be allowed to.
    let escape = "SELECT set_config('transaction_read_only', 'off', true) AS id";
    ensure!(
        Reader::new(settings(&server, escape, None)?)?
            .read(None)
            .is_err()
    );
    ensure!(server.sql("SELECT count(*) FROM t")? == "1");
    Ok(())
}

#[test]
fn a_view_is_one_moment_and_holds_a_batch_at_a_time() -> anyhow::Result<()> {
    let Some(server) = served()? else {
        return Ok(());
    };
    server.sql("CREATE TABLE t (id int, at timestamptz); GRANT SELECT ON t TO reader; \
        INSERT INTO t SELECT n, '2026-01-01'::timestamptz + n * interval '1 second' FROM generate_series(1, 10) n")?;
    let mut reader = Reader::new(settings(&server, "SELECT id FROM t ORDER BY id", None)?)?;
    let mut view = reader.database.view(None)?;
    let first = all(view.rows()?.as_mut())?;
    server.sql("DELETE FROM t WHERE id > 3")?;
    let second = all(view.rows()?.as_mut())?;
    ensure!(
        first.len() == 10 && first == second,
        "the second reading is of the same moment"
    );
    drop(view);
    ensure!(reader.read(None)?.0.len() == 3);
    // Only one batch was asked for so far.
    let endless = "SELECT generate_series(1, 2000000000) AS id";
    let mut reader = Reader::new(settings(&server, endless, None)?)?;
    let mut view = reader.database.view(None)?;
    let mut rows = view.rows()?;
    for wanted in 1..=7_u64 {
        ensure!(rows.next_row()?.context("a row")?.number == wanted);
    }
    drop((rows, view));
    let busy = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'sanctuary-node' AND state = 'active'";
    ensure!(server.sql(busy)? == "0");
    // Null and infinity are no marks.
    server.sql("INSERT INTO t VALUES (11, NULL), (12, 'infinity'), (13, '0044-03-15 BC')")?;
    let query = "SELECT id, at FROM t WHERE at >= $1 OR at IS NULL";
    let mut reader = Reader::new(settings(&server, query, Some("at"))?)?;
    let (rows, mark) = reader.read(None)?;
    ensure!(rows.len() == 6 && matches!(mark, Some(Mark::Moment(_))));
    ensure!(
        reader.read(mark.as_ref())?.0.len() == 3,
        "the last, null and infinity"
    );
    server.sql("DELETE FROM t WHERE id <> 13")?;
    let (_, ancient) = reader.read(None)?;
    ensure!(reader.read(ancient.as_ref())?.0.len() == 1, "{ancient:?}");
    server.stop("fast")?;
    let told = reader.fault()?;
    ensure!(told.starts_with("the database cannot be reached"), "{told}");
    Ok(())
}
