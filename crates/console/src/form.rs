//! What a browser sent: pairs of a query or a form, in order, several of one name allowed.

/// Pairs of one query or form.
#[derive(Clone, Default)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Pairs of most names and values a form here has; more is not one of ours.
    const PAIRS_MAX: usize = 2_000;

    /// Reads `a=1&b=2`; `None` for more pairs than any form here has.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let pairs: Vec<_> = form_urlencoded::parse(bytes)
            .take(Self::PAIRS_MAX + 1)
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        (pairs.len() <= Self::PAIRS_MAX).then_some(Self(pairs))
    }

    /// The first value of a name, without spaces around it; empty when there is none.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// The first value of a name as it was typed: for passwords.
    #[must_use]
    pub fn raw(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(n, _)| n == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// Every value of a name that is not empty.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(n, value)| n == name && !value.trim().is_empty())
            .map(|(_, value)| value.trim())
    }

    /// Whether a box of this name is ticked.
    #[must_use]
    pub fn ticked(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// Whether it has this name with this value.
    #[must_use]
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.all(name).any(|v| v == value)
    }

    /// The pairs in order.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }

    /// The same without a name.
    #[must_use]
    pub fn without(&self, name: &str) -> Self {
        self.0.iter().filter(|(n, _)| n != name).cloned().collect()
    }

    /// Bytes of all of it.
    #[must_use]
    pub fn letters(&self) -> usize {
        self.0.iter().map(|(n, v)| n.len() + v.len()).sum()
    }

    /// A value read as a word, number or id.
    #[must_use]
    pub fn parse<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.text(name).parse().ok()
    }
}

impl FromIterator<(String, String)> for Form {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

/// Forms hold what people typed.
impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Form(<{} pairs>)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_read_in_order() {
        let form = Form::read(b"kind=a&kind=b+c&note=%20hello%20&empty=").unwrap();
        assert_eq!(form.all("kind").collect::<Vec<_>>(), ["a", "b c"]);
        assert_eq!(form.text("note"), "hello");
        assert_eq!(form.raw("note"), " hello ");
        assert!(!form.ticked("empty"));
        assert!(form.has("kind", "b c"));
        assert_eq!(form.parse::<u32>("kind"), None);
        assert!(!format!("{form:?}").contains("hello"));
        assert!(Form::read("a=1&".repeat(3_000).as_bytes()).is_none());
    }
}
