//! Attacks on the console, over HTTP on a real port: each is refused, changes nothing, and leaves a line in the log
//! that says which rule refused it and nothing of anybody.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, dead_code)]

#[path = "../../examples/fake/office.rs"]
mod office;
#[path = "../../examples/fake/overseer.rs"]
mod overseer;
#[path = "../../examples/fake/partnership.rs"]
mod partnership;
#[path = "../../examples/fake/records.rs"]
mod records;
#[path = "../../examples/fake/seed.rs"]
mod seed;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/wire.rs"]
mod wire;

mod browsing;
mod forgery;
mod headers;
mod host;
mod log;
mod markup;
mod redirects;
mod sessions;
mod size;

use std::sync::Arc;

use partnership::Agency;
use wire::Server;

/// The first possible match, which both agencies have.
const MATCH: &str = "/matches/01010101010101010101010101010101";

/// Police and charity, and the console of the police.
async fn town() -> (Vec<Arc<Agency>>, Server) {
    log::listen();
    let agencies = support::agencies(6);
    let server = Server::start(&agencies[0]).await;
    (agencies, server)
}

/// A value of the page: what stands between a mark and a quote.
fn value<'a>(page: &'a str, mark: &str) -> &'a str {
    support::after(page, mark)
}
