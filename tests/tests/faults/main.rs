//! Dead parties, expired and revoked ones, other versions, full disks: each ends in a clear error,
//! and nothing that was accepted is lost.

mod disks;
mod parties;
mod scene;
mod versions;
