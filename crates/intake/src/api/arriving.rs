//! Bodies: limits of size and pace, and lines of a stream that an import reads as rows.

use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use sanctuary_node_core::readers::{Object, RowFault};
use sanctuary_types::limits::ROW_BYTES_MAX;
use tokio::{
    sync::mpsc,
    time::{Instant, timeout_at},
};
use tokio_stream::StreamExt as _;
use zeroize::Zeroizing;

use super::{acts::RowSource, idempotency::Print, problem::Problem};

/// Bytes of one record.
pub const RECORD_BYTES_MAX: usize = 256 * 1024;
/// Rows of one bulk request.
pub const ROWS_MAX: u64 = 500_000;

/// How slowly a body may come.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Time for everything that is small.
    pub grace: Duration,
    /// Beyond the grace, at least so many bytes a second.
    pub bytes_per_second: u64,
}

impl Pace {
    /// When the next bytes must have come, after so many.
    pub(crate) fn latest(self, started: Instant, bytes: u64) -> Instant {
        let earned = Duration::from_secs(bytes / self.bytes_per_second.max(1));
        started + self.grace + earned
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            grace: Duration::from_secs(15),
            bytes_per_second: 4 * 1024,
        }
    }
}

/// A body under its limits.
pub(super) struct Arriving {
    stream: BodyDataStream,
    pace: Pace,
    started: Instant,
    bytes: u64,
}

impl Arriving {
    pub fn new(body: Body, pace: Pace) -> Self {
        Self {
            stream: body.into_data_stream(),
            pace,
            started: Instant::now(),
            bytes: 0,
        }
    }

    /// The next bytes; `None` at the end.
    async fn next(&mut self) -> Result<Option<Bytes>, Problem> {
        let latest = self.pace.latest(self.started, self.bytes);
        match timeout_at(latest, self.stream.next()).await {
            Err(_) => Err(Problem::too_slow()),
            Ok(None) => Ok(None),
            Ok(Some(Ok(bytes))) => {
                self.bytes += bytes.len() as u64;
                Ok(Some(bytes))
            }
            Ok(Some(Err(_))) => Err(Problem::bad_request(
                "the request was cut off; send it again",
            )),
        }
    }

    /// All of a small body.
    pub async fn whole(mut self) -> Result<Zeroizing<Vec<u8>>, Problem> {
        let mut all = Zeroizing::new(Vec::new());
        while let Some(bytes) = self.next().await? {
            if all.len() + bytes.len() > RECORD_BYTES_MAX {
                return Err(Problem::too_large("a record is at most 256 KiB of JSON"));
            }
            all.extend_from_slice(&bytes);
        }
        Ok(all)
    }
}

impl RowSource for Arriving {
    async fn hand_over(
        mut self,
        mut lines: Option<mpsc::Sender<Result<Object, RowFault>>>,
        mut print: Print,
    ) -> Result<Print, Problem> {
        let mut line = Zeroizing::new(Vec::new());
        let (mut too_long, mut rows) = (false, 0);
        loop {
            let bytes = self.next().await?;
            let is_last = bytes.is_none();
            let bytes = bytes.unwrap_or_else(|| Bytes::from_static(b"\n"));
            if !is_last {
                print.add(&bytes);
            }
            for (n, part) in bytes.split(|byte| *byte == b'\n').enumerate() {
                if n > 0 {
                    if let Some(row) = row_of(&line, too_long) {
                        rows += 1;
                        if rows > ROWS_MAX {
                            return Err(Problem::too_many_rows());
                        }
                        // The import has ended early: its own error is told.
                        if let Some(to) = &lines
                            && to.send(row).await.is_err()
                        {
                            lines = None;
                        }
                    }
                    line.clear();
                    too_long = false;
                }
                let room = ROW_BYTES_MAX.saturating_sub(line.len());
                too_long |= part.len() > room;
                line.extend_from_slice(part.get(..room.min(part.len())).unwrap_or_default());
            }
            if is_last {
                return Ok(print);
            }
        }
    }
}

/// `None` for an empty line.
fn row_of(line: &[u8], too_long: bool) -> Option<Result<Object, RowFault>> {
    if too_long {
        return Some(Err(RowFault::RowTooLong));
    }
    if line.iter().all(u8::is_ascii_whitespace) {
        return None;
    }
    Some(serde_json::from_slice(line).map_err(|_| RowFault::NotAnObject))
}
