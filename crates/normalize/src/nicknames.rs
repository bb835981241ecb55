use std::{collections::HashMap, sync::LazyLock};

static ROOTS: LazyLock<HashMap<&'static str, &'static str>> =
    LazyLock::new(|| roots(include_str!("../data/nicknames.tsv")));

/// The spelling that stands for a name word and its nicknames and variants (`bill` is `william`).
/// A word that is not in the table stands for itself.
#[must_use]
pub fn root_name(word: &str) -> &str {
    ROOTS.get(word).copied().unwrap_or(word)
}

/// Follows each line `variant<TAB>towards` to its end. Where lines run in a ring (`sara`, `sarah`)
/// the first of the ring in the alphabet is the root, so that all of it meets.
fn roots(table: &'static str) -> HashMap<&'static str, &'static str> {
    let towards: HashMap<&str, &str> = table
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .collect();
    towards
        .keys()
        .map(|word| (*word, follow(word, &towards)))
        .collect()
}

fn follow<'t>(start: &'t str, towards: &HashMap<&'t str, &'t str>) -> &'t str {
    let mut path = vec![start];
    let mut word = start;
    while let Some(next) = towards.get(word).copied() {
        if let Some(at) = path.iter().position(|seen| *seen == next) {
            return path[at..].iter().copied().min().unwrap_or(next);
        }
        path.push(next);
        word = next;
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_and_rings_end_at_one_root() {
        assert_eq!(root_name("bill"), "william");
        assert_eq!(root_name("sally"), root_name("sarah"));
        assert_eq!(root_name("sara"), root_name("sarah"));
        assert_eq!(root_name("zzz"), "zzz");
        assert!(ROOTS.values().all(|root| root_name(root) == *root));
    }
}
