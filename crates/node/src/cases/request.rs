//! What a person may ask of the node about possible matches and cases.

pub use sanctuary_casework::CaseRequest;
