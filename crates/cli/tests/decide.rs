//! An agency's decision, on its way to a hub that answers by the book.

mod common;

use std::{
    net::TcpListener,
    pin::Pin,
    sync::{Arc, Mutex},
};

use common::{found, sanctuary};
use sanctuary_rpc::{ErrorCode, Identity, RosterWatch, serve};
use sanctuary_trust::files::{Layout, load_anchors};
use sanctuary_wire::alerts::{
    AlertEvent, DecideRequest, DecideResponse, WatchRequest,
    alerts_server::{Alerts, AlertsServer},
};
use tonic::{Request, Response, Status, service::Routes};

/// Tells of one possible match at version 3, and takes decisions on that version only.
#[derive(Clone, Default)]
struct Hub(Arc<Mutex<Vec<DecideRequest>>>);

#[tonic::async_trait]
impl Alerts for Hub {
    type WatchStream = Pin<Box<dyn futures::Stream<Item = Result<AlertEvent, Status>> + Send>>;

    async fn watch(&self, _: Request<WatchRequest>) -> Result<Response<Self::WatchStream>, Status> {
        let event = AlertEvent {
            alert_id: vec![0xab; 16].into(),
            own_pseudonym: vec![1; 16].into(),
            version: 3,
            ..AlertEvent::default()
        };
        Ok(Response::new(Box::pin(futures::stream::iter([Ok(event)]))))
    }

    async fn decide(
        &self,
        request: Request<DecideRequest>,
    ) -> Result<Response<DecideResponse>, Status> {
        let request = request.into_inner();
        if request.version != 3 {
            return Err(ErrorCode::Conflict.status("the alert is at version 3 now"));
        }
        self.0.lock().unwrap().push(request);
        Ok(Response::new(DecideResponse { version: 4 }))
    }
}

#[test]
fn a_decision_names_its_version_and_tells_the_new_one() {
    let dir = tempfile::tempdir().unwrap();
    let port = found(dir.path());
    let hub = Hub::default();
    let layout = Layout(dir.path().join("pilot"));
    let anchors = load_anchors(&layout.anchors()).unwrap();
    let identity = Identity::load(&layout.party("hub"), &anchors).unwrap();
    let roster = RosterWatch::open(&layout.roster(), anchors, None).unwrap();
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let routes = Routes::new(AlertsServer::new(hub.clone()));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.spawn(serve(
        listener,
        identity,
        roster,
        routes,
        std::future::pending::<()>(),
    ));
    let decide = |id: &str, more: &[&str]| {
        let words = ["alerts", "decide", id, "--dir", "pilot", "--as", "police"];
        sanctuary(dir.path(), &[&words, more].concat())
    };
    let whole = "ab".repeat(16);
    let not_the_same = ["--version", "3", "--decision", "not_the_same"];
    let done = decide(
        &whole,
        &[&not_the_same[..], &["--reason", "other_dob"]].concat(),
    );
    assert!(done.assert_done().out.contains("now at version 4"));
    let json = decide("abab", &[&not_the_same[..], &["--json", "-"]].concat());
    assert_eq!(
        json.assert_done().json(),
        serde_json::json!({"alert_id": whole, "decision": "not_the_same", "version": 4})
    );
    decide("abab", &["--version", "2", "--decision", "reopen"]).assert_failed(1, "version 3 now");
    decide("cd", &not_the_same).assert_failed(2, "no possible match with that id");
    assert_eq!(
        decide("ab", &["--version", "3", "--decision", "perhaps"]).code,
        2
    );
    let sent = hub.0.lock().unwrap();
    let sent: Vec<(&[u8], &str, &str)> = sent
        .iter()
        .map(|d| (&d.alert_id[..], &d.decision[..], &d.reason[..]))
        .collect();
    assert_eq!(
        sent,
        [
            (&[0xab; 16][..], "not_the_same", "other_dob"),
            (&[0xab; 16][..], "not_the_same", "")
        ]
    );
}
