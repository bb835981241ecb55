use std::fmt;

use serde::{Deserialize, Serialize};

const PLACE: &str = "{reference}";

/// Where the agency's own system shows a record: an address with `{reference}` in it, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CaseUrl {
    before: String,
    after: String,
}

impl CaseUrl {
    /// The address of one record. What could end a part of an address is written as %XX, so a reference leads
    /// nowhere else.
    #[must_use]
    pub fn of(&self, reference: &str) -> String {
        let mut url = self.before.clone();
        for byte in reference.bytes() {
            // Unreserved in RFC 3986; a dot alone could mean the folder above.
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~') {
                url.push(char::from(byte));
            } else {
                url.push_str(&format!("%{byte:02X}"));
            }
        }
        url.push_str(&self.after);
        url
    }
}

impl TryFrom<String> for CaseUrl {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let wrong = "case_url must be https://HOST/… with {reference} once, behind the host";
        let host = text.strip_prefix("https://").ok_or(wrong)?;
        let (before, after) = text.split_once(PLACE).ok_or(wrong)?;
        let sane = !text
            .chars()
            .any(|c| c.is_control() || c.is_whitespace() || "\"<>\\".contains(c));
        // The reference must not become a part of the host.
        let behind_host = host.find(['/', '?', '#']).is_some_and(|end| {
            end > 0 && before.len() > "https://".len() + end && !host[..end].contains('@')
        });
        if sane && behind_host && !after.contains(PLACE) {
            Ok(Self {
                before: before.to_owned(),
                after: after.to_owned(),
            })
        } else {
            Err(wrong)
        }
    }
}

impl From<CaseUrl> for String {
    fn from(url: CaseUrl) -> Self {
        url.to_string()
    }
}

impl fmt::Display for CaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{PLACE}{}", self.before, self.after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_stays_one_part_of_the_address() {
        let url = CaseUrl::try_from("https://cases.example/open/{reference}?tab=1".to_owned());
        let url = url.unwrap();
        assert_eq!(url.of("C-1042"), "https://cases.example/open/C-1042?tab=1");
        assert_eq!(
            url.of("../a b/ü?#%"),
            "https://cases.example/open/%2E%2E%2Fa%20b%2F%C3%BC%3F%23%25?tab=1"
        );
    }

    #[test]
    fn what_could_lead_elsewhere_is_refused() {
        for wrong in [
            "http://cases.example/{reference}",
            "https://cases.example/",
            "https://{reference}.example/",
            "https://cases.example{reference}/",
            "https://user@cases.example/{reference}",
            "https://cases.example/{reference}/{reference}",
            "https://cases.example/\"{reference}",
            "javascript:{reference}",
        ] {
            assert!(CaseUrl::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }
}
