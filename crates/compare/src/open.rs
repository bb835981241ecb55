use curve25519_dalek::RistrettoPoint;
use sanctuary_linkage::Comparable;

use crate::{
    CompareError, Seed,
    groups::{Form, Group},
    points::{POINT_BYTES, decoded, filled},
};

pub(crate) const FORMAT: u8 = 2;
const HEAD_BYTES: usize = 2 + 16;

/// Names the version of the opener's record, to nobody but the opener: a keyed hash. It comes back
/// in the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version(pub [u8; 16]);

/// Stage 1: the opener's message, 105, 153 or 265 points by the form of the record.
///
/// Layout: format, form, version 16, then the groups, 32 bytes a point.
#[must_use]
pub fn open(own: &Comparable, version: Version, seed: &Seed) -> Vec<u8> {
    let form = Form::of(own);
    let mut filling = seed.filling();
    let mut out = vec![FORMAT, form.code()];
    out.extend_from_slice(&version.0);
    for (number, group) in form.groups().into_iter().enumerate() {
        let scalar = seed.scalar(number);
        let points = filled(
            &group.elements(own),
            &scalar,
            form.size(group),
            &mut filling,
        );
        out.extend(points.into_iter().flatten());
    }
    out
}

/// An opener's message, checked.
pub struct Opening {
    pub(crate) form: Form,
    pub(crate) version: Version,
    sets: Vec<(Group, Vec<RistrettoPoint>)>,
}

impl Opening {
    /// Decodes and checks.
    ///
    /// # Errors
    /// [`CompareError::Damaged`] unless it is exactly what [`open`] makes: length, forms, canonical
    /// points that are not the identity, each once and in order.
    pub fn decode(bytes: &[u8]) -> Result<Self, CompareError> {
        let (head, body) = bytes
            .split_first_chunk::<HEAD_BYTES>()
            .ok_or(CompareError::Damaged("too short"))?;
        let [format, form, version @ ..] = head;
        let form = Form::from_code(*form).filter(|_| *format == FORMAT);
        let form = form.ok_or(CompareError::Damaged("a format or form that is not known"))?;
        let sets = form
            .groups()
            .into_iter()
            .map(|group| (group, form.size(group)));
        let sizes: usize = sets.clone().map(|(_, size)| size).sum();
        if body.len() != sizes * POINT_BYTES {
            return Err(CompareError::Damaged("a length that does not fit its form"));
        }
        let mut rest = body;
        let sets = sets
            .map(|(group, size)| {
                let (set, after) = rest.split_at(size * POINT_BYTES);
                rest = after;
                Ok((group, decoded(set)?))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            form,
            version: Version(*version),
            sets,
        })
    }

    pub(crate) fn set(&self, group: Group) -> &[RistrettoPoint] {
        let found = self.sets.iter().find(|(of, _)| *of == group);
        found.map_or(&[], |(_, set)| set)
    }
}

impl std::fmt::Debug for Opening {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Opening(<redacted>)")
    }
}
