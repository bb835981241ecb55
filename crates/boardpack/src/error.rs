/// Why a pack was not written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PackError {
    /// A writer failed.
    #[error("the {0} could not be written; try again, and keep the HTML if it fails again")]
    Writer(&'static str),
}
