use std::fmt;

use crate::Value;

macro_rules! shelves {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        /// A kind of row. A store keeps each shelf apart (a key is unique in its shelf) and in the order of
        /// keys; it understands no row.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Shelf { $($(#[$doc])* $name = $code,)* }
        impl Shelf {
            /// Every shelf.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
            /// Stable code for the store's keys, 1 to 255.
            #[must_use]
            pub const fn code(self) -> u8 { self as u8 }
        }
    };
}

shelves! {
    /// Head of a case; key: case.
    Case = 1;
    /// Steps of a case; key: case, number u32.
    Step = 2;
    /// Proof of match; key: alert, 1 as asker or 2 as owner.
    Match = 3;
    /// What is to leave; key: sequence u64.
    Outbox = 4;
    /// Parcels that cannot be taken in yet; key: parcel.
    Aside = 5;
    /// Envelopes taken in; key: envelope id.
    Once = 6;
    /// Letters taken in; key: case, other agency's serial u32.
    Taken = 7;
    /// Letters whose effect at the other agency is not confirmed; key: case, serial u32.
    Unconfirmed = 8;
    /// Prints of reasons; key: asker, print.
    Reason = 9;
    /// Own envelope keys, other agencies' announcements, the watermark key; key: name.
    Key = 10;
    /// Possible matches that this agency has confirmed; key: alert.
    Confirmed = 11;
    /// Printed and exported copies of a release; key: case, number u32.
    Copy = 12;
    /// Who said what to us, signed; key: case, envelope id.
    Evidence = 13;
    /// What was refused on arrival; key: time u64, number u32.
    Alarm = 14;
    /// People's rights under way; key: matter.
    Matter = 15;
    /// Entries of the log about a case; key: case, entry.
    Logged = 16;
    /// Counters; key: name.
    Counter = 17;
}

/// One change of a row. A commit takes all its changes or none.
#[derive(Clone, PartialEq, Eq)]
pub enum Change {
    /// A new row; the whole commit is refused with [`crate::PortError::Conflict`] when the key exists.
    Add {
        /// Where.
        shelf: Shelf,
        /// Key.
        key: Vec<u8>,
        /// Content, to be sealed.
        value: Value,
    },
    /// A row, new or replaced.
    Put {
        /// Where.
        shelf: Shelf,
        /// Key.
        key: Vec<u8>,
        /// Content, to be sealed.
        value: Value,
    },
    /// No row of that key; nothing when there is none.
    Remove {
        /// Where.
        shelf: Shelf,
        /// Key.
        key: Vec<u8>,
    },
}

impl Change {
    pub(crate) fn add(shelf: Shelf, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) -> Self {
        let (key, value) = (key.into(), Value::new(value.into()));
        Self::Add { shelf, key, value }
    }
    pub(crate) fn put(shelf: Shelf, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) -> Self {
        let (key, value) = (key.into(), Value::new(value.into()));
        Self::Put { shelf, key, value }
    }
    pub(crate) fn remove(shelf: Shelf, key: impl Into<Vec<u8>>) -> Self {
        let key = key.into();
        Self::Remove { shelf, key }
    }
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, shelf) = match self {
            Self::Add { shelf, .. } => ("add", shelf),
            Self::Put { shelf, .. } => ("put", shelf),
            Self::Remove { shelf, .. } => ("remove", shelf),
        };
        write!(f, "{word} {shelf:?} <redacted>")
    }
}
