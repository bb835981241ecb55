//! The API over a real socket, on a node in memory.

mod limits;
mod node;

use std::sync::atomic::Ordering;

use node::{MemoryNode, Site};

const GOOD: &str = r#"{"first":"Amal","last":"Haddad","born":"1990-03-02","role":"potential_victim","note":"unread"}"#;

#[test]
fn a_record_is_stored_replaced_and_withdrawn() {
    let node = MemoryNode::new();
    let site = Site::of(&node);
    let said = site.put("a%2F1", &[], GOOD);
    assert_eq!(said.status, 201, "{said:?}");
    assert_eq!(said.json()["outcome"], "new");
    assert!(said.head.contains("cache-control: no-store"));
    let details = node.record("a/1").unwrap().details.clone().unwrap();
    assert_eq!(details.names, "Amal Haddad");
    let again = site.put("a%2F1", &[], GOOD);
    assert_eq!(
        (again.status, &again.json()["outcome"]),
        (200, &"unchanged".into())
    );
    let changed = site.put("a%2F1", &[], &GOOD.replace("Haddad", "Haddadi"));
    assert_eq!(changed.json()["outcome"], "changed");
    let gone = site.ask("DELETE", "/v1/records/a%2F1", &[], b"");
    assert_eq!(
        (gone.status, &gone.json()["withdrawn"]),
        (200, &true.into())
    );
    assert!(node.record("a/1").is_none());
    let twice = site.ask("DELETE", "/v1/records/a%2F1", &[], b"");
    assert_eq!(
        (twice.status, &twice.json()["withdrawn"]),
        (200, &false.into())
    );
    let status = site.ask("GET", "/v1/status", &[], b"").json();
    assert_eq!(status["records"], 0);
}

#[test]
fn what_is_wrong_is_told_by_field_and_rule_and_never_by_value() {
    let node = MemoryNode::new();
    let site = Site::of(&node);
    let said = site.put("a1", &[], &GOOD.replace("1990-03-02", "31 Smarch"));
    assert_eq!(said.status, 201);
    assert_eq!(said.json()["problems"][0]["field"], "born");
    assert!(!said.body.contains("Smarch"));
    let said = site.put("a2", &[], &GOOD.replace("potential_victim", "zebra"));
    let problem = said.problem(422, "record-refused");
    assert_eq!(problem["errors"][0]["field"], "role");
    assert!(!said.body.contains("zebra"));
    let other = GOOD.replace("{", "{\"id\":\"b7\",");
    let said = site.put("a3", &[], &other);
    let problem = said.problem(422, "record-refused");
    assert_eq!(problem["errors"][0]["field"], "id");
    assert!(!said.body.contains("b7"));
    let nested = GOOD.replace("\"unread\"", "{\"a\":1}");
    site.put("a4", &[], &nested).problem(422, "record-refused");
    assert!(node.record("a2").is_none() && node.record("a4").is_none());
    for body in ["", "[]", "{", "\"a\"", "null"] {
        site.put("a5", &[], body).problem(400, "bad-request");
    }
    let counted = site.put("d1", &[], &GOOD.replace("{", "{\"dtn\":true,"));
    assert_eq!(counted.json()["outcome"], "counted");
    assert!(node.record("d1").unwrap().details.is_none());
    node.is_broken.store(true, Ordering::Release);
    let said = site.put("a6", &[], GOOD);
    said.problem(500, "node");
    assert!(!said.body.contains("secret"), "{said:?}");
}

#[test]
fn many_records_are_answered_row_by_row() {
    let node = MemoryNode::new();
    let site = Site::of(&node);
    let row = |n: usize| GOOD.replace('{', &format!("{{\"id\":\"r{n}\","));
    let rows: Vec<String> = (0..2_000).map(row).collect();
    let mut body = rows.join("\n");
    body += "\n\n";
    body += &row(2_000).replace("potential_victim", "zebra");
    body += "\nnot json\n";
    body += &row(5);
    let said = site.bulk(&[], &body);
    assert_eq!(said.status, 200, "{}", said.body);
    let lines = said.lines();
    assert_eq!(lines.len(), 2_004);
    assert_eq!(
        (&lines[0]["row"], &lines[0]["outcome"]),
        (&1.into(), &"imported".into())
    );
    assert_eq!(lines[2_000]["outcome"], "not_imported");
    assert_eq!(lines[2_000]["problems"][0]["field"], "role");
    assert!(
        lines[2_002]["problems"][0]["rule"]
            .as_str()
            .unwrap()
            .contains("repeated")
    );
    let summary = &lines[2_003]["summary"];
    assert_eq!(
        (&summary["rows"], &summary["new"]),
        (&2_003.into(), &2_000.into())
    );
    assert_eq!(summary["not_imported"], 3);
    assert!(!said.body.contains("zebra"));
    assert!(node.record("r1999").is_some());
}

#[test]
fn a_request_is_done_once_under_its_idempotency_key() {
    let node = MemoryNode::new();
    let site = Site::of(&node);
    let key = &["Idempotency-Key: first"][..];
    assert_eq!(site.put("a1", key, GOOD).status, 201);
    let newer = GOOD.replace("Haddad", "Haddadi");
    assert_eq!(site.put("a1", &[], &newer).status, 200);
    // A retry that comes late does not put the old record back.
    let late = site.put("a1", key, GOOD);
    assert_eq!((late.status, &late.json()["outcome"]), (201, &"new".into()));
    assert!(late.head.contains("idempotent-replayed: true"));
    let names = |r: &str| {
        node.record(r)
            .unwrap()
            .details
            .clone()
            .unwrap()
            .names
            .clone()
    };
    assert_eq!(names("a1"), "Amal Haddadi");
    site.put("a1", key, &newer)
        .problem(422, "idempotency-key-reused");
    site.put("a2", key, GOOD)
        .problem(422, "idempotency-key-reused");
    let bad = GOOD.replace("potential_victim", "zebra");
    let refused = &["Idempotency-Key: second"][..];
    for _ in 0..2 {
        site.put("a3", refused, &bad).problem(422, "record-refused");
    }
    let bulk = &["Idempotency-Key: third"][..];
    let rows = format!("{}\n", GOOD.replace('{', "{\"id\":\"b1\","));
    let first = site.bulk(bulk, &rows);
    let imports = *node.imports.lock().unwrap();
    let again = site.bulk(bulk, &rows);
    assert_eq!(again.lines(), first.lines()[1..]);
    assert!(again.head.contains("application/x-ndjson"));
    assert_eq!(*node.imports.lock().unwrap(), imports);
    let other = rows.replace("Amal", "Amel");
    site.bulk(bulk, &other)
        .problem(422, "idempotency-key-reused");
    assert_eq!(names("b1"), "Amal Haddad");
    site.put("a4", &["Idempotency-Key: a b"], GOOD)
        .problem(400, "bad-request");
}

#[test]
fn nobody_comes_in_without_a_key() {
    let site = Site::of(&MemoryNode::new());
    for headers in [
        &[][..],
        &["Authorization: Bearer wrong"],
        &["Authorization: Basic dGhlLWtleQ=="],
        &["Authorization: Bearer"],
    ] {
        let said = site.ask_as("GET", "/v1/status", headers, b"");
        said.problem(401, "unauthorised");
        assert!(said.head.contains("www-authenticate: bearer"));
    }
    site.ask("GET", "/v1/nothing", &[], b"")
        .problem(404, "no-such-path");
    site.ask("PATCH", "/v1/status", &[], b"")
        .problem(405, "no-such-method");
    let said = site.ask("PUT", "/v1/records/a1", &["Content-Type: text/csv"], b"");
    said.problem(415, "media-type");
    let document = site.ask_as("GET", "/v1/openapi.json", &[], b"").json();
    assert_eq!(document["openapi"], "3.1.0");
    let paths = document["paths"].as_object().unwrap();
    assert_eq!(paths.len(), 4);
    assert!(document["components"]["securitySchemes"]["key"].is_object());
    let body = &document["paths"]["/v1/records/{reference}"]["put"]["requestBody"];
    assert_eq!(body["required"], true, "{body}");
    let record = &document["components"]["schemas"]["Record"];
    let values = &record["additionalProperties"]["anyOf"];
    assert_eq!(values.as_array().map(Vec::len), Some(2), "{record}");
}
