//! The spellings, in the order in which they are rewritten.

/// Spellings tried together, the first that fits wins.
pub(super) type Pass = &'static [Spelling];

/// Letters that stand for a sound at a place.
pub(super) struct Spelling {
    pub(super) letters: &'static str,
    pub(super) sound: &'static str,
    place: Place,
    /// Any of these must follow; nothing listed = anything may.
    before: &'static [&'static str],
}

#[derive(Clone, Copy)]
enum Place {
    Anywhere,
    Start,
    End,
    AfterLetter,
}

impl Spelling {
    pub(super) fn fits(&self, sounds: &[u8], at: usize) -> bool {
        let Some(rest) = sounds[at..].strip_prefix(self.letters.as_bytes()) else {
            return false;
        };
        let placed = match self.place {
            Place::Anywhere => true,
            Place::Start => at == 0,
            Place::End => rest.is_empty(),
            Place::AfterLetter => at > 0 && sounds[at - 1].is_ascii_lowercase(),
        };
        placed
            && (self.before.is_empty()
                || self.before.iter().any(|b| rest.starts_with(b.as_bytes())))
    }
}

const fn any(letters: &'static str, sound: &'static str) -> Spelling {
    placed(Place::Anywhere, letters, sound)
}

const fn before(
    letters: &'static str,
    next: &'static [&'static str],
    sound: &'static str,
) -> Spelling {
    Spelling {
        letters,
        sound,
        place: Place::Anywhere,
        before: next,
    }
}

const fn placed(place: Place, letters: &'static str, sound: &'static str) -> Spelling {
    Spelling {
        letters,
        sound,
        place,
        before: &[],
    }
}

const VOWELS: &[&str] = &["a", "e", "i", "o", "u"];

pub(super) const PASSES: &[Pass] = &[
    &[any("ough", "o")],
    &[before("gh", VOWELS, "g")],
    &[any("gh", "")],
    &[
        any("tsch", "C"),
        any("tch", "C"),
        any("cz", "C"),
        Spelling {
            letters: "ti",
            sound: "C",
            place: Place::AfterLetter,
            before: &["ch"],
        },
    ],
    &[any("sch", "S"), any("sh", "S"), any("sz", "S")],
    &[before("ch", &["r", "l", "n", "m"], "k")],
    &[any("ch", "C")],
    &[
        any("xh", "j"),
        any("dj", "j"),
        any("gj", "j"),
        any("zh", "j"),
        any("dzh", "j"),
    ],
    &[any("rz", "j")],
    &[any("ph", "f")],
    &[any("th", "t")],
    &[any("dh", "d")],
    &[
        any("kh", "k"),
        any("qu", "k"),
        any("q", "k"),
        any("ck", "k"),
        any("cc", "k"),
    ],
    &[any("wh", "w")],
    &[any("wr", "r")],
    &[placed(Place::Start, "kn", "n")],
    &[placed(Place::Start, "ps", "s")],
    &[placed(Place::End, "mb", "m")],
    &[before("c", &["e", "i", "y"], "s")],
    &[any("c", "k")],
    &[any("x", "ks")],
    &[any("z", "s")],
    &[before("g", &["e", "i"], "j")],
    &[any("w", "f"), any("v", "f")],
    &[
        any("ij", "i"),
        any("yj", "i"),
        any("iy", "i"),
        any("ii", "i"),
        any("yi", "i"),
    ],
    &[
        placed(Place::Start, "y", "I"),
        placed(Place::Start, "j", "I"),
        Spelling {
            letters: "i",
            sound: "I",
            place: Place::Start,
            before: &["a", "o", "u"],
        },
    ],
    &[any("j", "J")],
];
