//! Generated protocol types. They stop at the edge: adapters convert them to shared words and
//! refuse what does not fit.

#![allow(missing_docs, clippy::all, clippy::pedantic)]

/// `sanctuary.keyholder.v1`
pub mod keyholder {
    tonic::include_proto!("sanctuary.keyholder.v1");
}
/// `sanctuary.ingest.v1`
pub mod ingest {
    tonic::include_proto!("sanctuary.ingest.v1");
}
/// `sanctuary.alerts.v1`
pub mod alerts {
    tonic::include_proto!("sanctuary.alerts.v1");
}
/// `sanctuary.compare.v1`
pub mod compare {
    tonic::include_proto!("sanctuary.compare.v1");
}
/// `sanctuary.directory.v1`
pub mod directory {
    tonic::include_proto!("sanctuary.directory.v1");
}
/// `sanctuary.ledger.v1`
pub mod ledger {
    tonic::include_proto!("sanctuary.ledger.v1");
}
/// `sanctuary.disclosure.v1`
pub mod disclosure {
    tonic::include_proto!("sanctuary.disclosure.v1");
}
/// `sanctuary.statistics.v1`
pub mod statistics {
    tonic::include_proto!("sanctuary.statistics.v1");
}
