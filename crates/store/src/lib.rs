//! Durable storage on sled 0.34.7, done the way measurement found it safe.
//!
//! Owns: opening a data directory, rows sealed under the key of their generation, a real `fdatasync`
//! after each flush, the one committer thread, row sequences, values sealed at rest, and the rewrite
//! after which nothing that was erased is in any file.
//! Must never: call `flush_async` (it hangs under concurrency), acknowledge before [`Store::sync`],
//! let a value grow until sled puts it in its never-synced `blobs/` folder, log a key or a value.
//!
//! ```
//! # let dir = tempfile::tempdir().unwrap();
//! use sanctuary_store::{Options, Store};
//! let store = Store::open(dir.path(), Options::default()).unwrap();
//! let table = store.table("quota").unwrap();
//! table.insert(b"k", b"v").unwrap();
//! store.sync().unwrap(); // only now may anybody be told that it is kept
//! assert_eq!(&*table.get(b"k").unwrap().unwrap(), b"v");
//! ```

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod batch;
mod committer;
mod erased;
mod error;
mod generation;
mod key_file;
mod rewrite;
mod row;
mod sealer;
mod sequence;
mod store;
mod table;

pub use batch::Batch;
pub use committer::{Committer, GroupLimits, Reply};
pub use error::StoreError;
pub use row::{KEY_BYTES_MAX, Row, VALUE_BYTES_MAX};
pub use sealer::{SEALED_OVERHEAD_BYTES, Sealer};
pub use sequence::Sequence;
pub use store::{Options, Store};
pub use table::{Rows, Table};
