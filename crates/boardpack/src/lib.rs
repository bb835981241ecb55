//! The board pack: nature and scale of modern slavery in one area, for people who decide.
//!
//! Owns: the words, tables and pictures of the pack, and how they become HTML, PDF, CSV and JSON. Must
//! never: see an exact count. All it is given is [`sanctuary_figures::Figures`], where every number has
//! been through disclosure control; bars and dots are drawn from the printed numbers.
//!
//! ```
//! # fn show(figures: sanctuary_figures::Figures) -> Result<(), sanctuary_boardpack::PackError> {
//! use sanctuary_boardpack::{Pack, csv, html, json, pdf};
//! let pack = Pack::of(figures);
//! let (page, tables, data) = (html(&pack), csv(&pack)?, json(&pack)?);
//! let paper = pdf(&pack)?;
//! # Ok(())
//! # }
//! ```

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod data;
mod drawing;
mod error;
mod html;
mod overlap;
mod pack;
mod pdf;
mod range;
mod sections;
mod svg;
mod table;
mod words;

pub use data::{csv, json};
pub use error::PackError;
pub use html::{STYLE, html};
pub use pack::{Block, Pack, Section, Tile};
pub use pdf::pdf;
pub use table::{Cell, Table};
