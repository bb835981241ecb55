//! Every call of the system, made by every kind of caller: what the matrix does not name is refused
//! before a service sees it.

mod partners;

use std::time::Duration;

use partners::Partners;
use sanctuary_policy::Rpc;
use sanctuary_rpc::ErrorCode;
use sanctuary_trust::PartyKind;
use sanctuary_wire::directory::StatusRequest;
use tonic::{
    Code, Request, Status, client::Grpc, codegen::http::uri::PathAndQuery, transport::Channel,
};
use tonic_prost::ProstCodec;

/// Calls a path with an empty message, whatever it takes.
async fn call(channel: &Channel, path: &'static str) -> Result<(), Status> {
    let mut client = Grpc::new(channel.clone());
    client.ready().await.unwrap();
    // An empty message decodes as any message, and any message decodes as an empty one.
    let codec = ProstCodec::<StatusRequest, StatusRequest>::default();
    let path = PathAndQuery::from_static(path);
    let mut request = Request::new(StatusRequest {});
    request.set_timeout(Duration::from_secs(20));
    let answer = client.unary(request, path, codec).await;
    answer.map(|_| ())
}

fn is_refused(outcome: &Result<(), Status>) -> bool {
    outcome.as_ref().is_err_and(|status| {
        let code = ErrorCode::of(status);
        code == ErrorCode::NotAllowed || code == ErrorCode::NotEnrolled
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_call_is_for_the_parties_that_the_matrix_names() {
    let partners = Partners::new();
    let running = partners.start();
    let callers = [
        ("police", PartyKind::Agency),
        ("alder", PartyKind::KeyHolder),
        ("officer-1", PartyKind::Officer),
        ("hub", PartyKind::Hub),
    ];
    let mut refused = 0;
    for (caller, kind) in callers {
        let channel = partners.channel(caller).await;
        for rpc in Rpc::ALL {
            let outcome = call(&channel, rpc.path()).await;
            assert_eq!(
                is_refused(&outcome),
                !rpc.permits(kind),
                "{caller} calls {}: {outcome:?}",
                rpc.path()
            );
            refused += usize::from(!rpc.permits(kind));
        }
    }
    assert!(refused > Rpc::ALL.len(), "{refused} refusals");

    // Nobody: a certificate of the partnership's authority whose key is no longer on the roster.
    let nobody = partners.channel("refuge").await;
    call(&nobody, Rpc::DirectoryStatus.path()).await.unwrap();
    partners.revoke("refuge");
    for rpc in Rpc::ALL {
        let mut outcome = call(&nobody, rpc.path()).await;
        for _ in 0..100 {
            if is_refused(&outcome) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            outcome = call(&nobody, rpc.path()).await;
        }
        let status = outcome.expect_err(rpc.path());
        assert_eq!(
            ErrorCode::of(&status),
            ErrorCode::NotEnrolled,
            "{}",
            rpc.path()
        );
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_without_a_row_does_not_exist_for_anybody() {
    let partners = Partners::new();
    let running = partners.start();
    for caller in ["police", "officer-1"] {
        let channel = partners.channel(caller).await;
        for path in [
            "/sanctuary.directory.v1.Directory/Everything",
            "/sanctuary.alerts.v1.Alerts/watch",
            "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        ] {
            let status = call(&channel, path).await.unwrap_err();
            assert_eq!(status.code(), Code::Unimplemented, "{path}");
        }
    }
    running.stop().await;
}
