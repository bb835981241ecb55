//! What is told, to whom, when and in which order, with a clock of the test.

mod channels;
mod mails;
mod order;
mod place;
mod telling;
