//! One view: a read-only transaction at one moment of the database, attended to by a task of its own.

use std::{error::Error as _, io, sync::Arc, time::Duration};

use sanctuary_node_core::readers::{Cell, RowFault};
use sanctuary_types::limits::CELL_BYTES_MAX;
use tokio::sync::{mpsc, oneshot};
use tokio_postgres::{
    Client, IsolationLevel, Portal, Row, Statement, Transaction,
    error::SqlState,
    types::{Format, IsNull, ToSql, Type, to_sql_checked},
};

use super::{
    DatabaseFault, Mark, Query, calendar,
    connect::Door,
    text::{Position, Text, refusal},
};

/// Beyond the server's own limit, for the way there and back.
const BEYOND: Duration = Duration::from_secs(15);
/// Microseconds from 1970 to 2000.
const SINCE_1970: i64 = 946_684_800_000_000;

/// PostgreSQL's first day, in 4714 BC, from the beginning of 2000.
const FIRST_DAY: i64 = -2_451_507;

/// Cells of one row.
pub(super) type Cells = Result<Vec<Cell>, RowFault>;

/// Some rows.
#[derive(Default)]
pub(super) struct Batch {
    rows: Vec<Cells>,
    /// The highest among them.
    pub mark: Option<Mark>,
    pub is_last: bool,
}

impl IntoIterator for Batch {
    type Item = Cells;
    type IntoIter = std::vec::IntoIter<Cells>;
    fn into_iter(self) -> Self::IntoIter {
        self.rows.into_iter()
    }
}

type Reply<T> = oneshot::Sender<Result<T, DatabaseFault>>;

/// What a view's task is asked.
pub(super) enum Ask {
    /// To read from the first row on.
    Begin(Reply<()>),
    /// For the next rows.
    More(Reply<Batch>),
}

/// A connection whose query is understood; the transaction is opened by the task.
pub(super) struct Reading {
    client: Client,
    query: Arc<Query>,
    since: Option<Mark>,
    watermark: Option<usize>,
}

impl Reading {
    /// Connects, sets the session's limits and looks at the query without running it; gives its columns.
    pub async fn open(
        door: Door,
        query: Arc<Query>,
        since: Option<Mark>,
    ) -> Result<(Vec<String>, Self), DatabaseFault> {
        let client = door.connect().await?;
        let timeout = query.timeout;
        let looking = async {
            limit(&client, timeout).await?;
            client.prepare(&query.sql).await.map_err(|e| fault(&e))
        };
        let statement = in_time(timeout, looking).await?;
        let watermark = check(&statement, &query)?;
        let columns = statement.columns().iter().map(|c| c.name().to_owned());
        let reading = Self {
            client,
            watermark,
            since,
            query: Arc::clone(&query),
        };
        Ok((columns.collect(), reading))
    }

    /// Asks the task of a view and waits. Blocks.
    pub fn ask<T>(to: &mpsc::Sender<Ask>, ask: fn(Reply<T>) -> Ask) -> Result<T, DatabaseFault> {
        let gone = || DatabaseFault::Unreachable("the connection was cut".to_owned());
        let (reply, replied) = oneshot::channel();
        to.blocking_send(ask(reply)).map_err(|_| gone())?;
        replied.blocking_recv().map_err(|_| gone())?
    }

    /// Answers until nobody asks any more; the transaction ends with it.
    pub async fn attend(self, mut asks: mpsc::Receiver<Ask>) {
        let Self {
            mut client,
            query,
            since,
            watermark,
        } = self;
        let (batch, timeout) = (query.batch, query.timeout);
        let opening = async {
            let builder = client.build_transaction();
            let transaction = builder
                .isolation_level(IsolationLevel::RepeatableRead)
                .read_only(true)
                .start()
                .await?;
            let statement = transaction.prepare(&query.sql).await?;
            let now = transaction.query_one("SELECT now()", &[]).await?;
            Ok::<_, tokio_postgres::Error>((transaction, statement, now))
        };
        let opening = in_time(timeout, async { opening.await.map_err(|e| fault(&e)) });
        let opened = opening.await;
        let mut portal: Option<Portal> = None;
        while let Some(ask) = asks.recv().await {
            let (transaction, statement, now) = match &opened {
                Ok(opened) => (&opened.0, &opened.1, &opened.2),
                Err(fault) => return fail(ask, fault),
            };
            match ask {
                Ask::Begin(reply) => {
                    let binding = bind(transaction, statement, since.as_ref());
                    let bound = in_time(timeout, binding).await;
                    let _ = reply.send(bound.map(|bound| portal = Some(bound)));
                }
                Ask::More(reply) => {
                    let fetched = match &portal {
                        Some(portal) => in_time(timeout, async {
                            let rows = transaction.query_portal(portal, batch).await;
                            rows.map_err(|e| fault(&e))
                        })
                        .await
                        .and_then(|rows| read(&rows, batch, watermark, now)),
                        None => Err(DatabaseFault::Watermark("nothing is read yet")),
                    };
                    let _ = reply.send(fetched);
                }
            }
        }
    }
}

fn fail(ask: Ask, fault: &DatabaseFault) {
    match ask {
        Ask::Begin(reply) => drop(reply.send(Err(fault.clone()))),
        Ask::More(reply) => drop(reply.send(Err(fault.clone()))),
    }
}

/// For the whole session: nothing may be written, no batch may take too long, moments are told in UTC.
async fn limit(client: &Client, timeout: Duration) -> Result<(), DatabaseFault> {
    let ms = timeout.as_millis().to_string();
    let limits = [
        ("default_transaction_read_only", "on"),
        ("statement_timeout", ms.as_str()),
        ("timezone", "UTC"),
    ];
    for (name, value) in limits {
        client
            .execute("SELECT set_config($1, $2, false)", &[&name, &value])
            .await
            .map_err(|e| fault(&e))?;
    }
    Ok(())
}

/// The columns can all be text, and the watermark is one of them; gives its place.
fn check(statement: &Statement, query: &Query) -> Result<Option<usize>, DatabaseFault> {
    for column in statement.columns() {
        if let Some(advice) = refusal(column.type_()) {
            return Err(DatabaseFault::Type {
                column: column.name().to_owned(),
                kind: column.type_().name().to_owned(),
                advice,
            });
        }
    }
    let Some(name) = &query.watermark else {
        return if statement.params().is_empty() {
            Ok(None)
        } else {
            Err(DatabaseFault::Watermark(
                "the query has a $1, but no watermark is named; name its column as watermark",
            ))
        };
    };
    let columns = statement.columns();
    let place = columns.iter().position(|column| column.name() == name);
    let place = place.ok_or(DatabaseFault::Watermark(
        "the query does not give the column that watermark names; select it",
    ))?;
    let is_one = |kind: &Type| <Position as tokio_postgres::types::FromSql>::accepts(kind);
    if !columns.get(place).is_some_and(|c| is_one(c.type_())) {
        return Err(DatabaseFault::Watermark(
            "a watermark must be a timestamp, a date, a whole number or text; cast it in the query",
        ));
    }
    match statement.params() {
        [one] if is_one(one) => Ok(Some(place)),
        _ => Err(DatabaseFault::Watermark(
            "with a watermark the query must say where to begin, as in: WHERE changed_at >= $1",
        )),
    }
}

async fn bind(
    transaction: &Transaction<'_>,
    statement: &Statement,
    since: Option<&Mark>,
) -> Result<Portal, DatabaseFault> {
    let bound = match statement.params() {
        [kind] => {
            // The column may be of another type by now.
            let since = since.filter(|mark| fits(kind, mark));
            let from = since.map_or_else(|| beginning(kind), |mark| written(kind, mark));
            transaction.bind(statement, &[&Bound(from)]).await
        }
        _ => transaction.bind(statement, &[]).await,
    };
    bound.map_err(|e| fault(&e))
}

/// Before everything of a type.
fn beginning(kind: &Type) -> String {
    match *kind {
        Type::INT2 => i16::MIN.to_string(),
        Type::INT4 => i32::MIN.to_string(),
        Type::INT8 => i64::MIN.to_string(),
        Type::DATE | Type::TIMESTAMP | Type::TIMESTAMPTZ => "-infinity".to_owned(),
        _ => String::new(),
    }
}

fn fits(kind: &Type, mark: &Mark) -> bool {
    match mark {
        Mark::Moment(_) | Mark::Day(_) => {
            matches!(*kind, Type::DATE | Type::TIMESTAMP | Type::TIMESTAMPTZ)
        }
        Mark::Whole(_) => matches!(*kind, Type::INT2 | Type::INT4 | Type::INT8),
        Mark::Text(_) => matches!(*kind, Type::TEXT | Type::VARCHAR | Type::BPCHAR),
    }
}

/// As the server reads it; what lies before everything of the type is its beginning.
fn written(kind: &Type, mark: &Mark) -> String {
    match mark {
        Mark::Moment(at) if *at < FIRST_DAY * 86_400_000_000 => beginning(kind),
        Mark::Day(day) if i64::from(*day) < FIRST_DAY => beginning(kind),
        Mark::Moment(at) => calendar::exact(*at, "Z"),
        Mark::Day(day) => calendar::date(*day),
        Mark::Whole(number) => {
            let least = match *kind {
                Type::INT2 => i16::MIN.into(),
                Type::INT4 => i32::MIN.into(),
                _ => i64::MIN,
            };
            least.max(*number).to_string()
        }
        Mark::Text(text) => text.clone(),
    }
}

/// A parameter in its text form, which the server reads as its type; never part of the query.
#[derive(Debug)]
struct Bound(String);

impl ToSql for Bound {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut bytes::BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        out.extend_from_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    to_sql_checked!();
}

fn read(
    rows: &[Row],
    batch: i32,
    watermark: Option<usize>,
    now: &Row,
) -> Result<Batch, DatabaseFault> {
    let broken = |_| DatabaseFault::Stopped("08P01".to_owned());
    let now: std::time::SystemTime = now.try_get(0).map_err(broken)?;
    let since_1970 = now
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    let now = i64::try_from(since_1970.as_micros()).unwrap_or(i64::MAX) - SINCE_1970;
    let mut told = Batch {
        is_last: i32::try_from(rows.len()).unwrap_or(i32::MAX) < batch,
        ..Batch::default()
    };
    for row in rows {
        if let Some(place) = watermark {
            let position: Position = row.try_get(place).map_err(broken)?;
            told.mark = told.mark.max(position.0.map(|mark| mark.at_most(now)));
        }
        let mut cells = Ok(Vec::with_capacity(row.len()));
        for place in 0..row.len() {
            let text: Text = row.try_get(place).map_err(broken)?;
            if text.0.len() > CELL_BYTES_MAX {
                cells = Err(RowFault::CellTooLong);
            } else if let Ok(cells) = &mut cells {
                cells.push(text.0);
            }
        }
        told.rows.push(cells);
    }
    Ok(told)
}

/// A server that hangs is one that cannot be reached.
async fn in_time<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, DatabaseFault>>,
) -> Result<T, DatabaseFault> {
    match tokio::time::timeout(limit + BEYOND, work).await {
        Ok(done) => done,
        Err(_) => Err(DatabaseFault::Unreachable("it does not answer".to_owned())),
    }
}

/// In our own words: the server's messages quote values.
pub(super) fn fault(error: &tokio_postgres::Error) -> DatabaseFault {
    let Some(state) = error.code() else {
        return DatabaseFault::Unreachable(transport(error));
    };
    let code = state.code().to_owned();
    match *state {
        SqlState::READ_ONLY_SQL_TRANSACTION => DatabaseFault::Writes,
        SqlState::INSUFFICIENT_PRIVILEGE => DatabaseFault::NotAllowed(code),
        SqlState::QUERY_CANCELED => DatabaseFault::TooLong,
        SqlState::INVALID_CATALOG_NAME => {
            DatabaseFault::Unreachable("there is no database of that name".to_owned())
        }
        _ => match code.get(..2) {
            Some("28") => DatabaseFault::Refused(code),
            Some("08" | "57" | "53") => {
                DatabaseFault::Unreachable(format!("it is not serving, SQLSTATE {code}"))
            }
            Some("42") => DatabaseFault::Query(code),
            _ => DatabaseFault::Stopped(code),
        },
    }
}

/// What went wrong on the way, without what was on it.
fn transport(error: &tokio_postgres::Error) -> String {
    let mut cause = error.source();
    while let Some(source) = cause {
        if let Some(tls) = source.downcast_ref::<rustls::Error>() {
            return match tls {
                rustls::Error::InvalidCertificate(_) => {
                    "its certificate is not one of tls_ca for that host".to_owned()
                }
                _ => "TLS 1.3 is not possible with it".to_owned(),
            };
        }
        if let Some(io) = source.downcast_ref::<io::Error>() {
            if let Some(inner) = io.get_ref().and_then(|e| e.downcast_ref::<rustls::Error>())
                && matches!(inner, rustls::Error::InvalidCertificate(_))
            {
                return "its certificate is not one of tls_ca for that host".to_owned();
            }
            return io.kind().to_string();
        }
        cause = source.source();
    }
    "the connection was cut".to_owned()
}
