use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The 64-byte result of one evaluation: equal for equal inputs under one key. Whoever holds it
/// can test whether an input is this one, so it stays in the node and is wiped after use.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct OprfOutput([u8; 64]);

impl OprfOutput {
    /// Length in bytes.
    pub const BYTES: usize = 64;

    /// An output from its bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }
    /// The bytes, for key derivation only.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }
}

impl PartialEq for OprfOutput {
    /// In constant time.
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}
impl Eq for OprfOutput {}

impl fmt::Debug for OprfOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OprfOutput(<redacted>)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_does_not_print_itself() {
        let output = OprfOutput::from_bytes([0xAB; 64]);
        assert_eq!(format!("{output:?}"), "OprfOutput(<redacted>)");
        assert_ne!(output, OprfOutput::from_bytes([0xAC; 64]));
    }
}
