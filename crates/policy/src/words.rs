/// A closed list of words: an enum with a stable code (signatures), a word (files and wire) and a
/// text for people.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $what:literal, { $($(#[$vdoc:meta])* $variant:ident = $code:literal, $word:literal, $text:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// Every value, in the order of codes.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
            /// Stable code, under signatures.
            #[must_use]
            pub const fn code(self) -> u8 { match self { $(Self::$variant => $code),* } }
            /// Word in files and on the wire.
            #[must_use]
            pub const fn word(self) -> &'static str { match self { $(Self::$variant => $word),* } }
            /// What people read.
            #[must_use]
            pub const fn text(self) -> &'static str { match self { $(Self::$variant => $text),* } }
            /// The value of a code.
            #[must_use]
            pub fn from_code(code: u8) -> Option<Self> { Self::ALL.iter().copied().find(|v| v.code() == code) }
        }
        impl std::str::FromStr for $name {
            type Err = $crate::PolicyError;
            fn from_str(text: &str) -> Result<Self, $crate::PolicyError> {
                Self::ALL.iter().copied().find(|v| v.word() == text)
                    .ok_or($crate::PolicyError::UnknownWord { what: $what })
            }
        }
        impl TryFrom<String> for $name {
            type Error = $crate::PolicyError;
            fn try_from(text: String) -> Result<Self, $crate::PolicyError> { text.parse() }
        }
        impl From<$name> for String {
            fn from(value: $name) -> Self { value.word().to_owned() }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.text()) }
        }
    };
}

pub(crate) use words;
