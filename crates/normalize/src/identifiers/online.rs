use crate::Rule;
use unicode_normalization::UnicodeNormalization;

/// Local parts typed to get past a form.
const FILLERS: &[&str] = &[
    "none", "noemail", "nomail", "no", "unknown", "test", "na", "noreply",
];

/// Lower case, one `@`, a domain of at least two labels.
pub(super) fn email(text: &str) -> Result<String, Rule> {
    let lower = plain(text);
    let bare = lower.trim_matches(['<', '>']);
    let address = bare.strip_prefix("mailto:").unwrap_or(bare);
    let (local, domain) = address.split_once('@').ok_or(Rule::Email)?;
    if FILLERS.contains(&local) {
        return Err(Rule::Placeholder);
    }
    let sane =
        |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '@' | ',' | '<' | '>');
    let local_fits = (1..=64).contains(&local.len()) && local.chars().all(sane);
    if local_fits && is_domain(domain) {
        Ok(address.to_owned())
    } else {
        Err(Rule::Email)
    }
}

/// Lower case without a leading `@`; of a link, the account's part.
pub(super) fn handle(text: &str) -> Result<String, Rule> {
    let lower = plain(text);
    let link = lower.contains("://") || lower.starts_with("www.");
    let name = match lower
        .split(['?', '#'])
        .next()
        .map(|l| l.trim_end_matches('/'))
    {
        Some(path) if link => path.rsplit('/').next().unwrap_or_default(),
        _ => &lower,
    };
    let name = name.trim_start_matches('@');
    let fits = (2..=64).contains(&name.len())
        && !name.chars().any(|c| c.is_whitespace() || c.is_control());
    if fits {
        Ok(name.to_owned())
    } else {
        Err(Rule::OnlineHandle)
    }
}

/// Compatibility letters (full width and such) made plain, lower case, ends trimmed.
fn plain(text: &str) -> String {
    let lower: String = text.nfkc().flat_map(char::to_lowercase).collect();
    lower.trim().to_owned()
}

fn is_domain(domain: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    domain.contains('.') && domain.len() <= 253 && domain.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::super::canonical_for_tests as canonical;
    use crate::Rule;
    use sanctuary_types::IdentifierKind::*;

    #[test]
    fn accounts_have_one_spelling() {
        assert_eq!(
            canonical(Email, " Jo.Bloggs@Example.CO.UK ").as_deref(),
            Ok("jo.bloggs@example.co.uk")
        );
        assert_eq!(
            canonical(Email, "<mailto:a+b@x.org>").as_deref(),
            Ok("a+b@x.org")
        );
        assert_eq!(
            canonical(OnlineHandle, "@Xia_3034").as_deref(),
            Ok("xia_3034")
        );
        assert_eq!(
            canonical(OnlineHandle, "https://example.com/u/Xia_3034/?x=1").as_deref(),
            Ok("xia_3034")
        );
    }

    #[test]
    fn others_are_named_by_rule() {
        for bad in [
            "a@b",
            "a b@c.org",
            "a@@c.org",
            "@c.org",
            "a@-c.org",
            "a@c..org",
            "plain",
        ] {
            assert_eq!(canonical(Email, bad), Err(Rule::Email), "{bad}");
        }
        assert_eq!(canonical(Email, "none@none.com"), Err(Rule::Placeholder));
        for bad in ["@", "two words", "x"] {
            assert_eq!(
                canonical(OnlineHandle, bad),
                Err(Rule::OnlineHandle),
                "{bad}"
            );
        }
    }
}
