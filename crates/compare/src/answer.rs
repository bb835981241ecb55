use curve25519_dalek::RistrettoPoint;
use sanctuary_linkage::Comparable;

use crate::{
    CompareError, Opening, Seed, Version,
    groups::{Form, Group},
    open::FORMAT,
    points::{POINT_BYTES, decoded, filled, multiplied},
};

/// Format, both forms, version, sizes.
const HEAD_BYTES: usize = 3 + 16 + SIZES;
/// One for each of two parts, three further names, address, date and sex.
const SIZES: usize = 8;
const SIZED: [Group; SIZES] = [
    Group::Name(0),
    Group::Name(1),
    Group::Name(2),
    Group::Name(3),
    Group::Name(4),
    Group::Address,
    Group::Birth,
    Group::Sex,
];

/// Stage 2: for every pair of groups, the opener's points once more multiplied and the answerer's
/// own blinded, under a scalar that is used for this pair alone. So the opener can count what the
/// two have in common and nothing across pairs.
///
/// Layout: format, opener's form, own form, version 16 as it came, true sizes of the eight groups,
/// then for each pair the two sets, 32 bytes a point.
#[must_use]
pub fn answer(own: &Comparable, opening: &Opening, seed: &Seed) -> Vec<u8> {
    let form = Form::of(own);
    let mut filling = seed.filling();
    let mut out = vec![FORMAT, opening.form.code(), form.code()];
    out.extend_from_slice(&opening.version.0);
    // At most 96, by the limits of a comparable record.
    out.extend(SIZED.map(|group| group.count(own) as u8));
    let pairs = Form::pairs(opening.form, form);
    for (number, (theirs, ours)) in pairs.into_iter().enumerate() {
        let scalar = seed.scalar(number);
        let crossed = multiplied(opening.set(theirs), &scalar);
        let size = form.size(ours);
        let blinded = filled(&ours.elements(own), &scalar, size, &mut filling);
        out.extend(crossed.into_iter().chain(blinded).flatten());
    }
    out
}

/// An answerer's message, checked.
pub struct Answer {
    pub(crate) opener: Form,
    /// What the opener had put into its opening.
    pub version: Version,
    sizes: [u8; SIZES],
    pub(crate) pairs: Vec<Counted>,
}

/// One pair of groups.
pub(crate) struct Counted {
    pub(crate) opener: Group,
    pub(crate) answerer: Group,
    /// The opener's, under both scalars.
    pub(crate) crossed: Vec<RistrettoPoint>,
    /// The answerer's, under the answerer's scalar: encodings, ascending.
    pub(crate) theirs: Vec<[u8; POINT_BYTES]>,
}

impl Answer {
    /// Decodes and checks.
    ///
    /// # Errors
    /// [`CompareError::Damaged`] unless it is exactly what [`answer`] makes.
    pub fn decode(bytes: &[u8]) -> Result<Self, CompareError> {
        let (head, body) = bytes
            .split_first_chunk::<HEAD_BYTES>()
            .ok_or(CompareError::Damaged("too short"))?;
        let [format, opener, answerer, rest @ ..] = head;
        let forms = Form::from_code(*opener).zip(Form::from_code(*answerer));
        let (opener, answerer) = forms
            .filter(|_| *format == FORMAT)
            .ok_or(CompareError::Damaged("a format or form that is not known"))?;
        let [version @ .., _, _, _, _, _, _, _, _] = rest;
        let [.., a, b, c, d, e, f, g, h] = rest;
        let sizes = [*a, *b, *c, *d, *e, *f, *g, *h];
        check_sizes(answerer, &sizes)?;
        let pairs = Form::pairs(opener, answerer);
        let size = |(own, theirs): &(Group, Group)| opener.size(*own) + answerer.size(*theirs);
        if body.len() != pairs.iter().map(size).sum::<usize>() * POINT_BYTES {
            return Err(CompareError::Damaged("a length that does not fit its form"));
        }
        let mut rest = body;
        let mut next = |points: usize| {
            let (set, after) = rest.split_at(points * POINT_BYTES);
            rest = after;
            decoded(set).map(|points| (points, set.as_chunks().0.to_vec()))
        };
        let pairs = pairs
            .into_iter()
            .map(|(own, theirs)| {
                Ok(Counted {
                    opener: own,
                    answerer: theirs,
                    crossed: next(opener.size(own))?.0,
                    theirs: next(answerer.size(theirs))?.1,
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            opener,
            version: Version(*version),
            sizes,
            pairs,
        })
    }

    /// Elements that the answerer has in a group.
    pub(crate) fn size(&self, group: Group) -> usize {
        let group = match group {
            Group::BirthSwapped => Group::Birth,
            group => group,
        };
        let place = SIZED.iter().position(|sized| *sized == group);
        place.map_or(0, |place| usize::from(self.sizes[place]))
    }
}

fn check_sizes(form: Form, sizes: &[u8; SIZES]) -> Result<(), CompareError> {
    let fits = SIZED.iter().zip(sizes).all(|(group, size)| {
        let size = usize::from(*size);
        match group {
            Group::Name(place) if *place >= form.names() => size == 0,
            Group::Birth | Group::Sex => size == 0 || size == form.size(*group),
            group => size <= form.size(*group),
        }
    });
    fits.then_some(())
        .ok_or(CompareError::Damaged("a size beyond its group"))
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Answer(<redacted>)")
    }
}
