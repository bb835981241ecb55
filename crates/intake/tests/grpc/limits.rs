//! Slow, silent and oversized callers.

use std::{
    io::Read as _,
    time::{Duration, Instant},
};

use sanctuary_intake::grpc::{PutRecordsRequest, RecordsClient};
use tokio_stream::StreamExt as _;
use tonic::{Code, Request};

use super::{
    asking::{Asking, details, record, row},
    node::{KEY, MemoryNode},
};

#[test]
fn a_caller_that_says_nothing_is_let_go() {
    let site = Asking::of(&MemoryNode::new());
    let mut silent = site.site.connect();
    let started = Instant::now();
    let mut rest = Vec::new();
    let _ = silent.read_to_end(&mut rest);
    assert!(started.elapsed() < Duration::from_secs(5));
    // And takes nobody's place.
    site.put("a1", &record("Haddad"), &[]).unwrap();
}

#[test]
fn a_stream_that_stands_still_ends_and_what_came_stays() {
    let node = MemoryNode::new();
    let site = Asking::of(&node);
    let first = PutRecordsRequest { columns: row("s1") };
    let slow = tokio_stream::iter([first]).chain(tokio_stream::pending());
    let mut request = Request::new(slow);
    let key = format!("Bearer {KEY}").parse().unwrap();
    request.metadata_mut().insert("authorization", key);
    let started = Instant::now();
    let refused = site.runtime.block_on(async {
        let mut client = RecordsClient::new(site.channel().await);
        client.put_records(request).await.unwrap_err()
    });
    assert_eq!(refused.code(), Code::DeadlineExceeded, "{refused:?}");
    assert_eq!(details(&refused).0, "TOO_SLOW");
    assert!(started.elapsed() < Duration::from_secs(10));
    assert!(node.record("s1").is_some());
}

#[test]
fn what_is_too_large_is_refused() {
    let node = MemoryNode::new();
    let site = Asking::of(&node);
    let mut large = record("Haddad");
    large.insert("note".to_owned(), "x".repeat(300 * 1024));
    let refused = site.put("a1", &large, &[]).unwrap_err();
    assert_eq!(refused.code(), Code::OutOfRange);
    let mut long_row = row("b2");
    long_row.insert("note".to_owned(), "x".repeat(1_100 * 1024));
    let (answers, summary) = site
        .put_many(&[row("b1"), long_row, row("b3")], &[])
        .unwrap();
    assert_eq!((summary.new, summary.not_imported), (2, 1));
    assert!(answers[1].problems[0].rule.contains("1 MiB"));
    let mut huge = row("b4");
    huge.insert("note".to_owned(), "x".repeat(5 * 1024 * 1024));
    let refused = site.put_many(&[row("b5"), huge], &[]).unwrap_err();
    assert_eq!(refused.code(), Code::OutOfRange, "{refused:?}");
    assert!(node.record("b5").is_some(), "rows before were taken in");
}
