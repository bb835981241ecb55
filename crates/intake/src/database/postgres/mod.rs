//! PostgreSQL behind the port: one read-only transaction for a view, rows by the batch from a portal at the
//! server, every value bound.

mod calendar;
mod connect;
mod reading;
mod text;

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sanctuary_node_core::{
    NodeError,
    readers::{Row, Rows},
};
use tokio::{runtime::Handle, sync::mpsc};

use super::{CaseDatabase, DatabaseFault, Mark, View};
use connect::Door;
use reading::{Ask, Batch, Reading};

/// What a PostgreSQL feed is told.
#[derive(Clone, Debug)]
pub struct PostgresSettings {
    /// `postgresql://user@host:port/database`, or with `?host=/folder` for a socket; without a password.
    pub url: String,
    /// A file with the password; read anew for each connection.
    pub password_file: Option<PathBuf>,
    /// The authority of the server's certificate (PEM). Needed unless the server is on this machine.
    pub tls_ca: Option<PathBuf>,
    /// What is read. With a watermark, `$1` stands for where to begin.
    pub query: String,
    /// The column that grows with every change; without it every reading reads everything.
    pub watermark: Option<String>,
    /// Rows in memory at once.
    pub batch: u16,
    /// How long the server may take for one batch.
    pub timeout: Duration,
}

/// One query of one PostgreSQL database.
pub struct Postgres {
    door: Door,
    query: Arc<Query>,
    runtime: Handle,
}

/// What a reading needs of the settings.
struct Query {
    sql: String,
    watermark: Option<String>,
    batch: i32,
    timeout: Duration,
}

impl Postgres {
    /// Checks the settings and reads the authority; connects to nothing yet.
    ///
    /// # Errors
    /// One sentence.
    pub fn new(settings: PostgresSettings, runtime: Handle) -> Result<Self, String> {
        let door = Door::new(&settings)?;
        Ok(Self {
            door,
            query: Arc::new(Query {
                sql: settings.query,
                watermark: settings.watermark,
                batch: i32::from(settings.batch.max(1)),
                timeout: settings.timeout,
            }),
            runtime,
        })
    }
}

impl CaseDatabase for Postgres {
    fn view(&mut self, since: Option<&Mark>) -> Result<Box<dyn View>, DatabaseFault> {
        let (to, asks) = mpsc::channel(1);
        let opening = Reading::open(self.door.clone(), Arc::clone(&self.query), since.cloned());
        let (header, reading) = self.runtime.block_on(opening)?;
        self.runtime.spawn(reading.attend(asks));
        Ok(Box::new(PostgresView {
            asks: to,
            header,
            mark: Arc::default(),
        }))
    }
}

/// An open transaction, attended to by a task; it ends when this and all its rows are dropped.
struct PostgresView {
    asks: mpsc::Sender<Ask>,
    header: Vec<String>,
    mark: Arc<Mutex<Option<Mark>>>,
}

impl View for PostgresView {
    fn rows(&mut self) -> Result<Box<dyn Rows>, NodeError> {
        Reading::ask(&self.asks, Ask::Begin)?;
        Ok(Box::new(PostgresRows {
            asks: self.asks.clone(),
            header: self.header.clone(),
            mark: Arc::clone(&self.mark),
            batch: Batch::default().into_iter(),
            number: 0,
            is_over: false,
        }))
    }

    fn mark(&self) -> Option<Mark> {
        let mark = self.mark.lock().unwrap_or_else(PoisonError::into_inner);
        mark.clone()
    }
}

struct PostgresRows {
    asks: mpsc::Sender<Ask>,
    header: Vec<String>,
    mark: Arc<Mutex<Option<Mark>>>,
    batch: std::vec::IntoIter<reading::Cells>,
    number: u64,
    is_over: bool,
}

impl Rows for PostgresRows {
    fn header(&self) -> &[String] {
        &self.header
    }

    fn bytes_read(&self) -> u64 {
        self.number
    }

    fn next_row(&mut self) -> Result<Option<Row>, NodeError> {
        loop {
            if let Some(cells) = self.batch.next() {
                self.number += 1;
                return Ok(Some(Row {
                    number: self.number,
                    cells,
                }));
            }
            if self.is_over {
                return Ok(None);
            }
            let next = Reading::ask(&self.asks, Ask::More)?;
            self.is_over = next.is_last;
            let mut mark = self.mark.lock().unwrap_or_else(PoisonError::into_inner);
            *mark = mark.take().max(next.mark.clone());
            drop(mark);
            self.batch = next.into_iter();
        }
    }
}
