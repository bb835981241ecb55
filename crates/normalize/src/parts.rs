use crate::{
    bands::bands,
    canonical::{NAME_PARTS_MAX, NamePart},
    name_code, root_name,
};

/// Name words kept beyond the parts, for the second step.
const OTHER_NAMES_MAX: usize = 8;

/// What a record's name words give.
pub(crate) struct Name {
    pub(crate) parts: Vec<NamePart>,
    pub(crate) other_names: Vec<String>,
    pub(crate) bands: Vec<String>,
}

/// Chooses the parts: first forename, last surname, then the longest other word; one code only
/// once. When one side is empty the first and last word of the other side stand in.
pub(crate) fn name_of(forenames: &[String], surnames: &[String], others: &[String]) -> Name {
    let usable = |words: &[String]| -> Vec<String> {
        words.iter().filter(|w| w.len() > 1).cloned().collect()
    };
    let (forenames, surnames, others) = (usable(forenames), usable(surnames), usable(others));
    let core = core(&forenames, &surnames);
    let mut rest: Vec<&String> = forenames
        .iter()
        .skip(1)
        .chain(surnames.iter().rev().skip(1))
        .chain(&others)
        .filter(|word| !core.contains(word))
        .collect();
    rest.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));

    let mut words: Vec<&str> = Vec::new();
    for word in core.into_iter().chain(rest) {
        if !words.contains(&word.as_str()) {
            words.push(word);
        }
    }
    let roots: Vec<&str> = words.iter().map(|word| root_name(word)).collect();
    let (chosen, beyond) = roots.split_at(roots.len().min(NAME_PARTS_MAX));
    Name {
        parts: distinct_parts(chosen),
        other_names: beyond
            .iter()
            .take(OTHER_NAMES_MAX)
            .map(|w| (*w).to_owned())
            .collect(),
        bands: bands(chosen.iter().take(2).copied()),
    }
}

fn core<'w>(forenames: &'w [String], surnames: &'w [String]) -> Vec<&'w String> {
    let ends = |words: &'w [String]| match words {
        [first, .., last] => vec![first, last],
        _ => words.iter().collect(),
    };
    match (forenames.first(), surnames.last()) {
        (Some(first), Some(last)) => vec![first, last],
        (Some(_), None) => ends(forenames),
        _ => ends(surnames),
    }
}

fn distinct_parts(roots: &[&str]) -> Vec<NamePart> {
    let mut parts: Vec<NamePart> = Vec::with_capacity(roots.len());
    for root in roots {
        let code = name_code(root);
        if parts.iter().all(|part| part.code != code) {
            parts.push(NamePart {
                canon: (*root).to_owned(),
                code,
            });
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        crate::name_words(text)
    }

    fn canons(forenames: &str, surnames: &str, others: &str) -> Vec<String> {
        let name = name_of(&words(forenames), &words(surnames), &words(others));
        name.parts.iter().map(|p| p.canon.clone()).collect()
    }

    #[test]
    fn the_ends_come_first_then_the_longest() {
        assert_eq!(
            canons("Anna Li Magdalena", "Perez Garcia", ""),
            ["ann", "garcia", "magdalena"]
        );
        assert_eq!(canons("", "Tran Quoc Huy", ""), ["tran", "huy", "quoc"]);
        assert_eq!(canons("Tran", "", "Bogdanovic"), ["tran", "bogdanovic"]);
        assert_eq!(canons("J", "Williams", ""), ["williams"]);
        assert_eq!(
            canons("Ming Xiao Ming", "Wang", ""),
            ["ming", "wang", "xiao"]
        );
    }

    #[test]
    fn one_code_counts_once() {
        assert_eq!(canons("Muhammad", "Mohammed", ""), ["mohammed"]);
    }
}
