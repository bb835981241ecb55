//! What ordinary tools find out by themselves: which services there are, and whether they serve.

use std::collections::BTreeSet;

use tokio_stream::StreamExt as _;
use tonic::Code;
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};
use tonic_reflection::pb::{v1, v1alpha};

use super::{asking::Asking, node::MemoryNode};

const RECORDS: &str = "sanctuary.intake.v1.Records";

#[test]
fn reflection_lists_the_services_without_a_key() {
    let site = Asking::of(&MemoryNode::new());
    let listed: BTreeSet<String> = site.runtime.block_on(async {
        use v1::{
            ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
            server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
        };
        let mut client = ServerReflectionClient::new(site.channel().await);
        let ask = |message| ServerReflectionRequest {
            host: String::new(),
            message_request: Some(message),
        };
        let asked = [
            ask(MessageRequest::ListServices(String::new())),
            ask(MessageRequest::FileContainingSymbol(RECORDS.to_owned())),
        ];
        let answers = client
            .server_reflection_info(tokio_stream::iter(asked))
            .await;
        let mut answers = answers.unwrap().into_inner();
        let Some(MessageResponse::ListServicesResponse(list)) =
            answers.next().await.unwrap().unwrap().message_response
        else {
            panic!("no list");
        };
        let Some(MessageResponse::FileDescriptorResponse(file)) =
            answers.next().await.unwrap().unwrap().message_response
        else {
            panic!("no description");
        };
        let described = file.file_descriptor_proto.concat();
        let text = String::from_utf8_lossy(&described);
        assert!(text.contains("PutRecords") && text.contains("DeleteRecordRequest"));
        list.service.into_iter().map(|s| s.name).collect()
    });
    assert!(listed.contains(RECORDS), "{listed:?}");
    assert!(listed.contains("grpc.health.v1.Health"), "{listed:?}");
    assert!(!listed.iter().any(|name| name.contains("ingest")));
}

#[test]
fn older_tools_find_them_by_the_older_name() {
    let site = Asking::of(&MemoryNode::new());
    site.runtime.block_on(async {
        use v1alpha::{
            ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
            server_reflection_request::MessageRequest,
        };
        let mut client = ServerReflectionClient::new(site.channel().await);
        let asked = ServerReflectionRequest {
            host: String::new(),
            message_request: Some(MessageRequest::ListServices(String::new())),
        };
        let answers = client
            .server_reflection_info(tokio_stream::iter([asked]))
            .await;
        let first = answers.unwrap().into_inner().next().await;
        assert!(format!("{first:?}").contains(RECORDS));
    });
}

#[test]
fn health_says_that_records_are_served() {
    let site = Asking::of(&MemoryNode::new());
    site.runtime.block_on(async {
        let mut client = HealthClient::new(site.channel().await);
        let check = |service: &str| HealthCheckRequest {
            service: service.to_owned(),
        };
        for service in ["", RECORDS] {
            let answer = client.check(check(service)).await.unwrap().into_inner();
            assert_eq!(answer.status(), ServingStatus::Serving, "{service}");
        }
        let unknown = client.check(check("other")).await.unwrap_err();
        assert_eq!(unknown.code(), Code::NotFound);
    });
}
