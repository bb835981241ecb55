//! The released report on paper: the same marking, grading, conditions and watermark on every page of
//! every rendering.

mod html;
mod paper;
mod pdf;

pub use html::html;
pub use pdf::pdf;

#[cfg(test)]
pub(crate) mod tests {
    pub(crate) use super::pdf::tests::report;
}
