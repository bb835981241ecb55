use std::{pin::Pin, sync::Arc};

use prost::Message as _;
use sanctuary_node_core::readers::{Object, RowFault};
use sanctuary_types::limits::ROW_BYTES_MAX;
use serde::de::DeserializeOwned;
use tokio::sync::mpsc;
use tokio_stream::{Stream, StreamExt as _};
use tonic::{Request, Response, Status, Streaming};
use zeroize::Zeroizing;

use super::{
    convert::object,
    status::status_of,
    wire::{
        DeleteRecordRequest, DeleteRecordResponse, PutRecordRequest, PutRecordResponse,
        PutRecordsRequest, PutRecordsResponse, StatusRequest, StatusResponse,
        records_server::Records,
    },
};
use crate::api::{
    Answer, App, BulkSummary, Caller, Intake, Many, Print, Problem, RECORD_BYTES_MAX, ROWS_MAX,
    RowSource, Stored, Withdrawn, blocking, fitting, key_of, once, put_many, store, withdraw,
};

pub(super) struct Service<I>(Arc<App<I>>);

impl<I> Service<I> {
    pub fn of(app: &Arc<App<I>>) -> Self {
        Self(Arc::clone(app))
    }
}

type Answers = Pin<Box<dyn Stream<Item = Result<PutRecordsResponse, Status>> + Send>>;

#[tonic::async_trait]
impl<I: Intake> Records for Service<I> {
    async fn put_record(
        &self,
        request: Request<PutRecordRequest>,
    ) -> Result<Response<PutRecordResponse>, Status> {
        let (caller, key) = asked(&request)?;
        let message = request.into_inner();
        if message.encoded_len() > RECORD_BYTES_MAX {
            return Err(refuse(Problem::too_large("a record is at most 256 KiB")));
        }
        fitting(&message.reference).map_err(refuse)?;
        let mut print = Print::new("PutRecord", &message.reference);
        print.add(&Zeroizing::new(message.encode_to_vec()));
        let done = once(&self.0, caller, key, print, move |node, caller| {
            store(node, caller, &message.reference, object(message.columns))
        });
        answer::<Stored, _>(done.await)
    }

    async fn delete_record(
        &self,
        request: Request<DeleteRecordRequest>,
    ) -> Result<Response<DeleteRecordResponse>, Status> {
        let (caller, key) = asked(&request)?;
        let reference = request.into_inner().reference;
        fitting(&reference).map_err(refuse)?;
        let print = Print::new("DeleteRecord", &reference);
        let done = once(&self.0, caller, key, print, move |node, caller| {
            withdraw(node, caller, &reference)
        });
        answer::<Withdrawn, _>(done.await)
    }

    type PutRecordsStream = Answers;

    async fn put_records(
        &self,
        request: Request<Streaming<PutRecordsRequest>>,
    ) -> Result<Response<Answers>, Status> {
        let (caller, key) = asked(&request)?;
        let rows = Arriving(request.into_inner());
        let print = Print::new("PutRecords", "");
        let many = put_many(&self.0, caller, key, rows, print).await;
        match many.map_err(refuse)? {
            Many::Now(taken) => {
                let (rows, summary) = taken.told();
                let rows = rows.map(PutRecordsResponse::from);
                let all = rows.chain(std::iter::once_with(|| summary.summary.into()));
                let told = tokio_stream::iter(all.map(Ok));
                Ok(Response::new(Box::pin(told)))
            }
            Many::Before(before) => {
                let told: BulkSummary = parsed(&before)?;
                let told = tokio_stream::once(Ok(told.summary.into()));
                Ok(replayed(Response::new(Box::pin(told))))
            }
        }
    }

    async fn status(&self, _: Request<StatusRequest>) -> Result<Response<StatusResponse>, Status> {
        let node = Arc::clone(&self.0.node);
        let counts = blocking(move || node.counts()).await.map_err(refuse)?;
        Ok(Response::new(counts.into()))
    }
}

/// Who asks, and under which idempotency key.
fn asked<T>(request: &Request<T>) -> Result<(Caller, Option<String>), Status> {
    // Put there by the check in front of this service.
    let caller = request.extensions().get::<Caller>().cloned();
    let caller = caller.ok_or_else(|| refuse(Problem::unauthorised()))?;
    let key = key_of(request.metadata().as_ref()).map_err(refuse)?;
    Ok((caller, key))
}

fn refuse(problem: Problem) -> Status {
    status_of(&problem)
}

/// The stored answer as a message; what a record was refused for is remembered as a problem.
fn answer<T: DeserializeOwned, M: From<T>>(
    done: Result<(Answer, bool), Problem>,
) -> Result<Response<M>, Status> {
    let (answer, is_replayed) = done.map_err(refuse)?;
    if answer.status >= 400 {
        let problem: Problem = parsed(&answer)?;
        return Err(refuse(problem));
    }
    let response = Response::new(M::from(parsed::<T>(&answer)?));
    Ok(if is_replayed {
        replayed(response)
    } else {
        response
    })
}

fn parsed<T: DeserializeOwned>(answer: &Answer) -> Result<T, Status> {
    serde_json::from_slice(&answer.body)
        .map_err(|_| Status::internal("an answer of before cannot be read; see the node's log"))
}

fn replayed<T>(mut response: Response<T>) -> Response<T> {
    let yes = tonic::metadata::AsciiMetadataValue::from_static("true");
    response.metadata_mut().insert("idempotent-replayed", yes);
    response
}

impl From<Withdrawn> for DeleteRecordResponse {
    fn from(done: Withdrawn) -> Self {
        Self {
            withdrawn: done.withdrawn,
        }
    }
}

/// Rows of a stream of messages.
struct Arriving(Streaming<PutRecordsRequest>);

impl RowSource for Arriving {
    async fn hand_over(
        mut self,
        mut rows: Option<mpsc::Sender<Result<Object, RowFault>>>,
        mut print: Print,
    ) -> Result<Print, Problem> {
        let mut count = 0;
        while let Some(message) = self.0.next().await {
            let message = message.map_err(|status| match status.code() {
                tonic::Code::DeadlineExceeded => Problem::too_slow(),
                tonic::Code::OutOfRange => Problem::too_large("a row is at most 1 MiB"),
                _ => Problem::bad_request("the stream was cut off; send it again"),
            })?;
            count += 1;
            if count > ROWS_MAX {
                return Err(Problem::too_many_rows());
            }
            let bytes = Zeroizing::new(message.encode_to_vec());
            print.add(&(bytes.len() as u64).to_be_bytes());
            print.add(&bytes);
            let row = if bytes.len() > ROW_BYTES_MAX {
                Err(RowFault::RowTooLong)
            } else {
                Ok(object(message.columns))
            };
            // The import has ended early: its own error is told.
            if let Some(to) = &rows
                && to.send(row).await.is_err()
            {
                rows = None;
            }
        }
        Ok(print)
    }
}
