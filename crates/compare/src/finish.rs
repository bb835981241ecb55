use curve25519_dalek::Scalar;
use sanctuary_linkage::{Comparable, Overlap, OverlapCounts};
use sanctuary_types::ComparedLevels;
use zeroize::Zeroizing;

use crate::{
    Answer, CompareError, Seed,
    answer::Counted,
    groups::{Form, Group},
    points::{multiplied, shared},
};

/// Stage 3: takes the opener's scalars off and counts. `own` and `seed` must be those of
/// [`crate::open`]; compare [`Answer::version`] before.
///
/// # Errors
/// [`CompareError::Changed`] when `own` has another form than the record that was opened;
/// [`CompareError::Damaged`] when the answer says of itself what cannot be.
pub fn finish(
    own: &Comparable,
    answer: &Answer,
    seed: &Seed,
) -> Result<ComparedLevels, CompareError> {
    if Form::of(own) != answer.opener {
        return Err(CompareError::Changed);
    }
    let unblinding = Unblinding::new(answer.opener, seed);
    let mut counts = OverlapCounts::default();
    let mut birth = [None; 2];
    for pair in &answer.pairs {
        let Some(overlap) = overlap(own, answer, pair, &unblinding)? else {
            continue;
        };
        match (pair.opener, pair.answerer) {
            (Group::Name(i), Group::Name(j)) => counts.names[i][j] = Some(overlap),
            (Group::Address, _) => counts.address = Some(overlap),
            (Group::Birth, Group::BirthSwapped) => birth[1] = Some(overlap.shared as u8),
            (Group::Birth, _) => birth[0] = Some(overlap.shared as u8),
            (Group::Sex, _) => counts.sex = Some(overlap.shared == 1),
            _ => return Err(CompareError::Damaged("groups that are not compared")),
        }
    }
    counts.birth = birth[0].zip(birth[1]);
    Ok(counts.levels())
}

/// None where one of the two lacks the field.
fn overlap(
    own: &Comparable,
    answer: &Answer,
    pair: &Counted,
    unblinding: &Unblinding,
) -> Result<Option<Overlap>, CompareError> {
    let (ours, theirs) = (pair.opener.count(own), answer.size(pair.answerer));
    if ours == 0 || theirs == 0 {
        return Ok(None);
    }
    let known = multiplied(&pair.crossed, unblinding.scalar(pair.opener)?);
    let shared = shared(&known, &pair.theirs);
    if shared > ours.min(theirs) {
        return Err(CompareError::Damaged("more in common than there is"));
    }
    Ok(Some(Overlap {
        own: ours as u32,
        theirs: theirs as u32,
        shared: shared as u32,
    }))
}

/// What takes the opener's scalar and three of the four doublings of its points off again: two of
/// the way there and one of the way back; [`multiplied`] adds one, and the answerer's own points
/// have one. So `2 * (4a)^-1 * (2b * 2a * P) = 2b * P`.
struct Unblinding {
    groups: Vec<Group>,
    scalars: Zeroizing<Vec<Scalar>>,
}

impl Unblinding {
    fn new(form: Form, seed: &Seed) -> Self {
        let groups = form.groups();
        let four = Scalar::from(4u8);
        let mut scalars: Zeroizing<Vec<Scalar>> = Zeroizing::new(
            (0..groups.len())
                .map(|group| *seed.scalar(group) * four)
                .collect(),
        );
        Scalar::invert_batch_alloc(&mut scalars);
        Self { groups, scalars }
    }

    fn scalar(&self, group: Group) -> Result<&Scalar, CompareError> {
        let place = self.groups.iter().position(|of| *of == group);
        place
            .and_then(|place| self.scalars.get(place))
            .ok_or(CompareError::Damaged("groups that are not compared"))
    }
}
