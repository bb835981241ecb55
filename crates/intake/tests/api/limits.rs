//! Slow, giant and broken requests.

use std::{
    io::{Read as _, Write as _},
    time::{Duration, Instant},
};

use sanctuary_intake::api::RECORD_BYTES_MAX;

use crate::node::{KEY, MemoryNode, Said, Site};

#[test]
fn a_giant_record_is_refused() {
    let site = Site::of(&MemoryNode::new());
    let body = format!("{{\"first\":\"{}\"}}", "a".repeat(RECORD_BYTES_MAX));
    site.put("a1", &[], &body).problem(413, "too-large");
    let cell = format!(
        "{{\"first\":\"{}\",\"role\":\"suspect\"}}",
        "a".repeat(70_000)
    );
    site.put("a1", &[], &cell).problem(422, "record-refused");
    // Deep nesting is no way to the stack.
    let deep = format!(
        "{{\"first\":{}1{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    site.put("a1", &[], &deep).problem(400, "bad-request");
    let line = format!(
        "{{\"id\":\"{}\"}}\n{{\"id\":\"r2\",\"role\":\"suspect\"}}\n",
        "a".repeat(1_200_000)
    );
    let lines = site.bulk(&[], &line).lines();
    assert_eq!(lines[0]["outcome"], "not_imported");
    assert_eq!(lines[1]["outcome"], "imported");
}

#[test]
fn a_reference_that_cannot_be_one_is_refused() {
    let node = MemoryNode::new();
    let site = Site::of(&node);
    let long = "a".repeat(65);
    for reference in ["%00", "%20a", "%ff", "a%0Ab", &long] {
        site.put(reference, &[], "{}").problem(400, "bad-request");
    }
    // It is a name and no path.
    let said = site.put("..%2F..%2Fetc%2Fpasswd", &[], "{\"role\":\"suspect\"}");
    assert_eq!(said.status, 201, "{said:?}");
    assert!(node.record("../../etc/passwd").is_some());
}

#[test]
fn slow_clients_lose_their_connection_and_others_do_not_wait() {
    let site = Site::of(&MemoryNode::new());
    let started = Instant::now();
    // A head that never ends, and one that never begins.
    let mut head = site.connect();
    head.write_all(b"GET /v1/status HTTP/1.1\r\nHost: a\r\n")
        .unwrap();
    let mut nothing = site.connect();
    // A body that comes letter by letter.
    let mut body = site.connect();
    let request = format!(
        "PUT /v1/records/a1 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {KEY}\r\n\
         Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{"
    );
    body.write_all(request.as_bytes()).unwrap();
    let mut dripping = body.try_clone().unwrap();
    std::thread::spawn(move || {
        while dripping.write_all(b" ").is_ok() {
            std::thread::sleep(Duration::from_millis(50));
        }
    });
    assert_eq!(site.ask("GET", "/v1/status", &[], b"").status, 200);
    let mut left = Vec::new();
    let _ = head.read_to_end(&mut left);
    let _ = nothing.read_to_end(&mut left);
    let said = Said::read(body);
    assert!([0, 408].contains(&said.status), "{said:?}");
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[test]
fn one_connection_too_many_is_closed_and_the_others_live() {
    let site = Site::of(&MemoryNode::new());
    let held: Vec<_> = (0..8).map(|_| site.connect()).collect();
    std::thread::sleep(Duration::from_millis(100));
    let mut ninth = site.connect();
    let _ = ninth.write_all(b"GET /v1/openapi.json HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(Said::read(ninth).status, 0);
    // Those that say nothing lose their place.
    std::thread::sleep(Duration::from_millis(700));
    assert_eq!(site.ask("GET", "/v1/status", &[], b"").status, 200);
    drop(held);
}

#[test]
fn a_request_that_is_cut_off_leaves_what_came_before() {
    let node = MemoryNode::new();
    let site = Site::of(&node);
    let row = "{\"id\":\"r1\",\"role\":\"suspect\"}\n";
    let mut stream = site.connect();
    let request = format!(
        "POST /v1/records HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {KEY}\r\nIdempotency-Key: k\r\n\
         Content-Type: application/x-ndjson\r\nContent-Length: 9000\r\n\r\n{row}{{\"id\":\"r2"
    );
    stream.write_all(request.as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(100));
    drop(stream);
    let started = Instant::now();
    while node.record("r1").is_none() {
        assert!(started.elapsed() < Duration::from_secs(10));
        std::thread::sleep(Duration::from_millis(20));
    }
    // Not answered, so not remembered: the same key does all of it.
    let mut said = site.bulk(&["Idempotency-Key: k"], row);
    while said.status == 409 {
        said = site.bulk(&["Idempotency-Key: k"], row);
    }
    assert_eq!(said.lines()[1]["summary"]["unchanged"], 1);
    assert!(node.record("r2").is_none());
}
