//! The GOV.UK Design System's components, as macros for the pages: a vendored port for Jinja, rendered by minijinja.
//! They are read under the names that the package gives them, so its files stay unchanged.

use minijinja::{AutoEscape, Environment, UndefinedBehavior, syntax::SyntaxConfig};

macro_rules! vendored {
    ($($name:literal),* $(,)?) => {
        &[$((
            concat!("govuk_frontend_jinja/components/", $name, "/macro.html"),
            include_str!(concat!("../components/govuk/", $name, ".html")),
        )),*]
    };
}

const COMPONENTS: &[(&str, &str)] = vendored![
    "back-link",
    "breadcrumbs",
    "button",
    "character-count",
    "checkboxes",
    "date-input",
    "details",
    "error-message",
    "error-summary",
    "fieldset",
    "generic-header",
    "hint",
    "input",
    "inset-text",
    "label",
    "notification-banner",
    "pagination",
    "panel",
    "password-input",
    "radios",
    "select",
    "service-navigation",
    "skip-link",
    "summary-list",
    "table",
    "tabs",
    "tag",
    "task-list",
    "textarea",
    "warning-text",
];

const HELPERS: &[(&str, &str)] = &[
    (
        "govuk_frontend_jinja/macros/attributes.html",
        include_str!("../components/macros/attributes.html"),
    ),
    (
        "govuk_frontend_jinja/macros/i18n.html",
        include_str!("../components/macros/i18n.html"),
    ),
];

/// An environment that holds the components and renders as they expect: everything is escaped, and what a page
/// leaves out is nothing.
///
/// # Errors
/// When a vendored file is not a template.
pub fn environment() -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_syntax(
        SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .build()?,
    );
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
    for (name, source) in COMPONENTS.iter().chain(HELPERS) {
        environment.add_template(name, source)?;
    }
    Ok(environment)
}
