use sanctuary_node_core::NodeError;

/// Why a database cannot be read for now. Says what to do and never repeats what the database said: its own
/// messages quote values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseFault {
    /// Nothing answers.
    #[error(
        "the database cannot be reached ({0}); nothing is lost, and it is asked again by itself"
    )]
    Unreachable(String),
    /// The file with the password.
    #[error("password_file cannot be read ({0}); let the node's account read it")]
    PasswordFile(String),
    /// User or password.
    #[error(
        "the database refuses the user or the password (SQLSTATE {0}); correct url or password_file"
    )]
    Refused(String),
    /// The user may not read what the query names.
    #[error(
        "the database's user may not read what the query names (SQLSTATE {0}); grant it SELECT on exactly that"
    )]
    NotAllowed(String),
    /// The query is not one.
    #[error(
        "the database does not understand the query (SQLSTATE {0}); correct it by running it there"
    )]
    Query(String),
    /// The query writes.
    #[error("the query would change the database and was stopped; it may only read")]
    Writes,
    /// Longer than the limit.
    #[error(
        "the query took longer than query_timeout_s; make it quicker with an index on the watermark, or raise the limit"
    )]
    TooLong,
    /// Anything else that it says.
    #[error(
        "the database stopped the reading (SQLSTATE {0}); nothing is lost, and it is read again by itself"
    )]
    Stopped(String),
    /// A column that cannot be text.
    #[error("the column \"{column}\" is of type {kind}, which is not read; {advice}")]
    Type {
        /// The column.
        column: String,
        /// Its type.
        kind: String,
        /// What to do.
        advice: &'static str,
    },
    /// The query and its watermark do not fit.
    #[error("{0}")]
    Watermark(&'static str),
}

impl From<DatabaseFault> for NodeError {
    fn from(fault: DatabaseFault) -> Self {
        Self::Feed(fault.to_string())
    }
}
