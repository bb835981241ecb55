/// Joins `parts` unambiguously: each part is its length as a big-endian u32, then its bytes.
///
/// The one encoding under every signature, MAC, associated data and OPRF input. The first part is
/// always a label such as `sanctuary/v1/input`, so no two uses can be confused.
///
/// # Panics
/// Never in practice: a part of 4 GiB or more cannot be built under [`crate::limits`].
#[must_use]
pub fn lp(parts: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::with_capacity(parts.iter().map(|p| 4 + p.len()).sum());
    for part in parts {
        let len = u32::try_from(part.len()).unwrap_or(u32::MAX);
        out.extend_from_slice(&len.to_be_bytes());
        out.extend_from_slice(part);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::lp;

    #[test]
    fn parts_cannot_slide_into_each_other() {
        assert_ne!(lp(&[b"ab", b"c"]), lp(&[b"a", b"bc"]));
        assert_eq!(lp(&[b"a"]), [0, 0, 0, 1, b'a']);
    }
}
