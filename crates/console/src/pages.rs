//! Templates and how they are rendered. Own pages are strict: a value that is missing is an error, so that each
//! page's test finds it. The vendored components need a laxer environment and live in one of their own.

use std::sync::Arc;

use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value, context,
    syntax::SyntaxConfig, value::ValueKind,
};

use crate::{assets, components, when};

macro_rules! templates {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../templates/", $name)))),*]
    };
}

const TEMPLATES: &[(&str, &str)] = templates![
    "shell.html",
    "layout.html",
    "bits.html",
    "sign-in.html",
    "choose-password.html",
    "problem.html",
    "queue.html",
    "item.html",
    "cases.html",
    "case.html",
    "case-acts.html",
    "request.html",
    "answer.html",
    "report.html",
    "account.html",
    "code.html",
    "code-failed.html",
    "prove.html",
    "go-on.html",
    "refused.html",
    "supervisor.html",
    "refused-acts.html",
    "ledger.html",
    "ledger-entry.html",
    "health.html",
    "alarms.html",
    "connections.html",
    "editions.html",
    "dpo.html",
    "access.html",
    "access-lines.html",
    "access-report.html",
    "access-question.html",
    "administration.html",
    "person.html",
    "start-code.html",
    "tour.html",
];

/// Components that templates call by the names they have in the design system.
const COMPONENTS: &[(&str, &str)] = &[
    ("govukBackLink", "back-link"),
    ("govukButton", "button"),
    ("govukCharacterCount", "character-count"),
    ("govukCheckboxes", "checkboxes"),
    ("govukDetails", "details"),
    ("govukErrorMessage", "error-message"),
    ("govukErrorSummary", "error-summary"),
    ("govukInput", "input"),
    ("govukInsetText", "inset-text"),
    ("govukNotificationBanner", "notification-banner"),
    ("govukPagination", "pagination"),
    ("govukPanel", "panel"),
    ("govukPasswordInput", "password-input"),
    ("govukRadios", "radios"),
    ("govukSelect", "select"),
    ("govukSkipLink", "skip-link"),
    ("govukSummaryList", "summary-list"),
    ("govukTable", "table"),
    ("govukTag", "tag"),
    ("govukTextarea", "textarea"),
    ("govukWarningText", "warning-text"),
];

/// Every template, ready to render.
pub struct Pages(Environment<'static>);

impl Pages {
    /// Reads the templates and the components.
    ///
    /// # Errors
    /// When one of them is not a template.
    pub fn new() -> Result<Self, Error> {
        Self::with(&[])
    }

    /// With further templates beside the console's own, for pages of another kind in the same frame.
    ///
    /// # Errors
    /// When one of them is not a template.
    pub fn with(further: &[(&'static str, &'static str)]) -> Result<Self, Error> {
        let mut parts = components::environment()?;
        let mut pages = Environment::new();
        pages.set_syntax(
            SyntaxConfig::builder()
                .trim_blocks(true)
                .lstrip_blocks(true)
                .build()?,
        );
        pages.set_undefined_behavior(UndefinedBehavior::Strict);
        pages.set_auto_escape_callback(|_| AutoEscape::Html);
        pages.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        for (function, component) in COMPONENTS {
            let source = format!(
                "{{% from \"govuk_frontend_jinja/components/{component}/macro.html\" import {function} %}}{{{{ {function}(params) }}}}"
            );
            parts.add_template_owned(*function, source)?;
        }
        let parts = Arc::new(parts);
        for (function, _) in COMPONENTS {
            let parts = Arc::clone(&parts);
            pages.add_function(*function, move |params: Value| -> Result<Value, Error> {
                check_markup(&params)?;
                let html = parts.get_template(function)?.render(context! { params })?;
                Ok(Value::from_safe_string(html))
            });
        }
        pages.add_function("asset", |name: &str| {
            // A path of our own making, without any sign that would need escaping.
            assets::path_of(name)
                .map(Value::from_safe_string)
                .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "no such asset"))
        });
        pages.add_filter("date", |at: u64| when::date(at_ms(at)));
        pages.add_filter("date_time", |at: u64| when::date_time(at_ms(at)));
        pages.add_filter("machine", |at: u64| when::machine(at_ms(at)));
        pages.add_filter("capital", capital);
        for (name, source) in TEMPLATES.iter().chain(further) {
            pages.add_template(name, source)?;
        }
        Ok(Self(pages))
    }

    /// Renders a page.
    ///
    /// # Errors
    /// When a value is missing.
    pub fn render(&self, template: &str, values: Value) -> Result<String, Error> {
        self.0.get_template(template)?.render(values)
    }
}

const fn at_ms(at: u64) -> sanctuary_types::Timestamp {
    sanctuary_types::Timestamp(at)
}

/// The first letter large.
#[must_use]
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

/// What components take as `html` goes into the page as it is, so it must have come from a template, where it was
/// escaped. Text of a record that is given as `html` by mistake is an error, not markup.
fn check_markup(params: &Value) -> Result<(), Error> {
    match params.kind() {
        ValueKind::Map => {
            for key in params.try_iter()? {
                let value = params.get_item(&key)?;
                if key.as_str() == Some("html") && value.as_str().is_some() && !value.is_safe() {
                    return Err(Error::new(
                        ErrorKind::InvalidOperation,
                        "html given to a component must be made by a template",
                    ));
                }
                check_markup(&value)?;
            }
            Ok(())
        }
        ValueKind::Seq | ValueKind::Iterable => {
            params.try_iter()?.try_for_each(|item| check_markup(&item))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(source: &str, values: Value) -> Result<String, Error> {
        let mut pages = Pages::new().unwrap();
        pages.0.add_template_owned("t", source.to_owned())?;
        pages.render("t", values)
    }

    /// Browsers write what is typed into their files, to bring it back after a crash, unless the form says no.
    #[test]
    fn no_browser_keeps_what_is_typed() {
        // Password managers work there.
        let sign_in = [
            "sign-in.html",
            "choose-password.html",
            "prove.html",
            "code.html",
            "shell.html",
        ];
        for (name, source) in TEMPLATES.iter().filter(|(n, _)| !sign_in.contains(n)) {
            for form in source.split("<form method=\"post\"").skip(1) {
                assert!(
                    form.starts_with(" autocomplete=\"off\""),
                    "{name}: {}",
                    &form[..60]
                );
            }
        }
    }

    #[test]
    fn text_is_escaped_and_missing_values_are_errors() {
        let name = "<img src=x onerror=alert(1)>";
        let html = render("{{ name }}", context! { name }).unwrap();
        assert!(!html.contains('<'), "{html}");
        assert!(render("{{ nothing }}", context! {}).is_err());
    }

    #[test]
    fn components_take_text_escaped_and_refuse_made_up_markup() {
        let name = "<b>x</b>";
        let text = render("{{ govukTag({'text': name}) }}", context! { name }).unwrap();
        assert!(text.contains("&lt;b&gt;"), "{text}");
        assert!(render("{{ govukTag({'html': name}) }}", context! { name }).is_err());
        let nested =
            "{{ govukSummaryList({'rows': [{'key': {'text': 'a'}, 'value': {'html': name}}]}) }}";
        assert!(render(nested, context! { name }).is_err());
        let made = "{% set x %}<i>{{ name }}</i>{% endset %}{{ govukTag({'html': x}) }}";
        let made = render(made, context! { name }).unwrap();
        assert!(made.contains("<i>&lt;b&gt;"), "{made}");
    }
}
