//! A gRPC client for tests that are not asynchronous.

use std::{collections::BTreeMap, sync::Arc};

use sanctuary_intake::{
    api::Protocol,
    grpc::{
        DeleteRecordRequest, DeleteRecordResponse, PutRecordRequest, PutRecordResponse,
        PutRecordsRequest, RecordsClient, RowAnswer, StatusRequest, StatusResponse, Summary, Told,
    },
};
use tokio::runtime::Runtime;
use tokio_stream::StreamExt as _;
use tonic::{Request, Response, Status, metadata::MetadataMap, transport::Channel};
use tonic_types::StatusExt as _;

use super::node::{KEY, MemoryNode, Site};

pub type Columns = BTreeMap<String, String>;

pub struct Asking {
    pub site: Site,
    pub runtime: Runtime,
}

pub fn record(last: &str) -> Columns {
    let columns = [
        ("first", "Amal"),
        ("last", last),
        ("born", "1990-03-02"),
        ("role", "potential_victim"),
        ("note", "unread"),
    ];
    columns.map(|(k, v)| (k.to_owned(), v.to_owned())).into()
}

pub fn row(reference: &str) -> Columns {
    let mut row = record("Haddad");
    row.insert("id".to_owned(), reference.to_owned());
    row
}

/// Reason and fields of an error.
pub fn details(status: &Status) -> (String, Vec<String>) {
    let details = status.get_error_details();
    let reason = details.error_info().map(|info| {
        assert_eq!(info.domain, "sanctuary-node");
        info.reason.clone()
    });
    let fields = details.bad_request().map(|bad| {
        let violations = bad.field_violations.iter();
        violations.map(|v| v.field.clone()).collect()
    });
    (reason.unwrap_or_default(), fields.unwrap_or_default())
}

impl Asking {
    pub fn of(node: &Arc<MemoryNode>) -> Self {
        Self {
            site: Site::speaking(node, Protocol::Http2),
            runtime: Runtime::new().unwrap(),
        }
    }

    pub async fn channel(&self) -> Channel {
        let address = format!("http://{}", self.site.address);
        Channel::from_shared(address)
            .unwrap()
            .connect()
            .await
            .unwrap()
    }

    fn ask<T>(&self, message: T, metadata: &[(&'static str, &str)]) -> Request<T> {
        let mut request = Request::new(message);
        let key = format!("Bearer {KEY}");
        let all = [("authorization", key.as_str())];
        for (name, value) in all.iter().chain(metadata) {
            request.metadata_mut().insert(*name, value.parse().unwrap());
        }
        request
    }

    pub fn put_raw(
        &self,
        reference: &str,
        columns: &Columns,
        metadata: &[(&'static str, &str)],
    ) -> Result<Response<PutRecordResponse>, Status> {
        let message = PutRecordRequest {
            reference: reference.to_owned(),
            columns: columns.clone(),
        };
        let request = self.ask(message, metadata);
        self.runtime.block_on(async {
            let mut client = RecordsClient::new(self.channel().await);
            client.put_record(request).await
        })
    }

    pub fn put(
        &self,
        reference: &str,
        columns: &Columns,
        metadata: &[(&'static str, &str)],
    ) -> Result<PutRecordResponse, Status> {
        let done = self.put_raw(reference, columns, metadata);
        done.map(Response::into_inner)
    }

    /// With this authorization, or none.
    pub fn put_as(&self, authorization: Option<&str>, reference: &str) -> Result<(), Status> {
        let mut request = Request::new(PutRecordRequest {
            reference: reference.to_owned(),
            columns: record("Haddad"),
        });
        if let Some(value) = authorization {
            let metadata: &mut MetadataMap = request.metadata_mut();
            metadata.insert("authorization", value.parse().unwrap());
        }
        self.runtime.block_on(async {
            let mut client = RecordsClient::new(self.channel().await);
            client.put_record(request).await.map(drop)
        })
    }

    pub fn delete(
        &self,
        reference: &str,
        metadata: &[(&'static str, &str)],
    ) -> Result<DeleteRecordResponse, Status> {
        let reference = reference.to_owned();
        let request = self.ask(DeleteRecordRequest { reference }, metadata);
        self.runtime.block_on(async {
            let mut client = RecordsClient::new(self.channel().await);
            client
                .delete_record(request)
                .await
                .map(Response::into_inner)
        })
    }

    pub fn status(&self) -> Result<StatusResponse, Status> {
        let request = self.ask(StatusRequest {}, &[]);
        self.runtime.block_on(async {
            let mut client = RecordsClient::new(self.channel().await);
            client.status(request).await.map(Response::into_inner)
        })
    }

    pub fn put_many(
        &self,
        rows: &[Columns],
        metadata: &[(&'static str, &str)],
    ) -> Result<(Vec<RowAnswer>, Summary), Status> {
        let messages = rows.iter().cloned();
        let messages: Vec<_> = messages
            .map(|columns| PutRecordsRequest { columns })
            .collect();
        let request = self.ask(tokio_stream::iter(messages), metadata);
        self.runtime.block_on(async {
            let mut client = RecordsClient::new(self.channel().await);
            let mut told = client.put_records(request).await?.into_inner();
            let (mut answers, mut summary) = (Vec::new(), None);
            while let Some(message) = told.next().await {
                match message?.told {
                    Some(Told::Row(row)) => answers.push(row),
                    Some(Told::Summary(counts)) => summary = Some(counts),
                    None => {}
                }
            }
            Ok((answers, summary.unwrap()))
        })
    }

    /// Any call, with the key.
    pub fn call(&self, path: &'static str) -> Result<(), Status> {
        let request = self.ask(StatusRequest {}, &[]);
        self.runtime.block_on(async {
            let mut client = tonic::client::Grpc::new(self.channel().await);
            client.ready().await.unwrap();
            let codec = tonic_prost::ProstCodec::<StatusRequest, StatusResponse>::default();
            let path = path.parse().unwrap();
            client.unary(request, path, codec).await.map(drop)
        })
    }
}
