//! The screens.

pub(crate) mod account;
pub(crate) mod hub;
pub(crate) mod people;
