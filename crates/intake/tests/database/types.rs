//! Every type becomes the text that a file would have had.

use crate::postgres::Postgres as Server;
use anyhow::ensure;

use crate::views::{Reader, settings};

#[test]
fn types_become_the_text_that_a_mapping_reads() -> anyhow::Result<()> {
    let Some(server) = Server::found()? else {
        return Ok(());
    };
    server.user("reader")?;
    server
        .sql("CREATE TYPE role AS ENUM ('suspect', 'witness'); CREATE DOMAIN reference AS text")?;
    let expected = [
        ("'Amal'::text", "Amal"),
        ("'Amal'::varchar(9)", "Amal"),
        ("'ab'::char(4)", "ab  "),
        ("'suspect'::role", "suspect"),
        ("'c1'::reference", "c1"),
        ("NULL::text", ""),
        ("true", "yes"),
        ("false", "no"),
        ("-7::int2", "-7"),
        ("2147483647::int4", "2147483647"),
        ("(-9223372036854775808)::int8", "-9223372036854775808"),
        ("1.5::float8", "1.5"),
        ("0.1::float4", "0.1"),
        ("date '1990-03-02'", "1990-03-02"),
        ("date '0044-03-15 BC'", "0044-03-15 BC"),
        ("date 'infinity'", "infinity"),
        ("NULL::date", ""),
        ("timestamp '1990-03-02'", "1990-03-02"),
        (
            "timestamp '1990-03-02 23:59:59.5'",
            "1990-03-02T23:59:59.500000",
        ),
        (
            "timestamptz '1990-03-02 00:00:00+02'",
            "1990-03-01T22:00:00Z",
        ),
        (
            "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid",
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        ),
        (
            "'{+44 7700 900123, NULL, \"a;b\"}'::text[]",
            "+44 7700 900123;a;b",
        ),
        ("'{}'::text[]", ""),
        ("'{1,2}'::int[]", "1;2"),
        ("'{1990-03-02}'::date[]", "1990-03-02"),
    ];
    let columns = expected
        .iter()
        .enumerate()
        .map(|(n, (sql, _))| format!("{sql} AS c{n}"));
    let query = format!("SELECT {}", columns.collect::<Vec<_>>().join(", "));
    let mut reader = Reader::new(settings(&server, &query, None)?)?;
    let (rows, _) = reader.read(None)?;
    for ((sql, wanted), read) in expected.iter().zip(&rows[0]) {
        ensure!(read == wanted, "{sql}: {read:?}, not {wanted:?}");
    }
    // Numbers and days of every size as the server itself writes them.
    let numbers = "SELECT n, n::text FROM (SELECT (random() * 10 ^ (e - 12))::numeric(40, 12) * s AS n FROM generate_series(0, 30) e, (VALUES (1), (-1), (0)) AS signs(s) \
        UNION ALL SELECT unnest('{0,0.0,-0.5,1e20,1e-20,10000,99999999,0.0001,NaN,Infinity,-Infinity,100000000.00010000}'::numeric[])) AS all_of_them";
    let days = "SELECT d, to_char(d, 'YYYY-MM-DD') FROM generate_series(date '1600-01-01', date '2400-12-31', interval '13 days') AS t(x), LATERAL (SELECT x::date AS d) AS days";
    for query in [numbers, days] {
        let mut asked = settings(&server, query, None)?;
        asked.batch = 500;
        asked.query = query.to_owned();
        let (rows, _) = Reader::new(asked)?.read(None)?;
        ensure!(rows.len() > 50);
        for row in rows {
            ensure!(row[0] == row[1], "{row:?}");
        }
    }
    for (sql, words) in [
        ("'\\xdeadbeef'::bytea", "is of type bytea"),
        ("'{}'::jsonb", "is of type jsonb"),
        ("'1 day'::interval", "make it text"),
        ("ARRAY['\\x00'::bytea]", "is of type _bytea"),
        ("ROW(1, 2)", "is of type record"),
    ] {
        let query = format!("SELECT {sql} AS picture");
        let told = Reader::new(settings(&server, &query, None)?)?.fault()?;
        ensure!(
            told.contains(words) && told.contains("\"picture\""),
            "{told}"
        );
    }
    let long = "SELECT 'a' AS id, repeat('x', 70000) AS note UNION ALL SELECT 'b', 'y'";
    let mut reader = Reader::new(settings(&server, long, None)?)?;
    let told = reader.fault()?;
    ensure!(told.contains("64 KiB"), "one row's fault: {told}");
    Ok(())
}
