//! Every address of the operators' console, in one table, and the templates.

use crate::{
    screens::{account, hub, people},
    serve::{Answer, Visit},
};

/// Who may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Anybody.
    Anybody,
    /// Anybody, so many times from one address.
    AnybodySlowly,
    /// Whoever is signed in, also before an authenticator is set up.
    SignedIn,
    /// An operator who has set up an authenticator.
    BothFactors,
}

/// One address.
pub(crate) struct Screen {
    is_post: bool,
    path: &'static str,
    pub(crate) access: Access,
    pub(crate) handler: fn(&Visit<'_>) -> Answer,
}

const fn get(path: &'static str, access: Access, handler: fn(&Visit<'_>) -> Answer) -> Screen {
    Screen {
        is_post: false,
        path,
        access,
        handler,
    }
}

const fn post(path: &'static str, access: Access, handler: fn(&Visit<'_>) -> Answer) -> Screen {
    Screen {
        is_post: true,
        path,
        access,
        handler,
    }
}

use Access::{Anybody, AnybodySlowly, BothFactors, SignedIn};

const SCREENS: &[Screen] = &[
    get("/", BothFactors, hub::overview),
    get("/agencies", BothFactors, hub::agencies),
    get("/keys", BothFactors, hub::keys),
    get("/ledger", BothFactors, hub::ledger),
    get("/editions", BothFactors, hub::editions),
    get("/refusals", BothFactors, hub::refusals),
    get("/operators", BothFactors, people::show),
    post("/operators", BothFactors, people::add),
    post("/operators/leave", BothFactors, people::leave),
    post("/operators/reset", BothFactors, people::reset),
    get("/sign-in", Anybody, account::show_sign_in),
    post("/sign-in", AnybodySlowly, account::sign_in),
    get("/choose-password", Anybody, account::show_choose),
    post("/choose-password", AnybodySlowly, account::choose),
    get("/code", SignedIn, account::show_code),
    post("/code", SignedIn, account::begin_code),
    post("/code/confirm", SignedIn, account::confirm_code),
    post("/sign-out", SignedIn, account::sign_out),
];

/// Every path that is shown to a signed-in operator, for tests that look at all of them.
pub const PATHS: &[&str] = &[
    "/",
    "/agencies",
    "/keys",
    "/ledger",
    "/editions",
    "/refusals",
    "/operators",
    "/code",
];

/// Parts of the console.
pub(crate) const NAVIGATION: &[(&str, &str)] = &[
    ("Overview", "/"),
    ("Agencies", "/agencies"),
    ("Keys", "/keys"),
    ("Ledger", "/ledger"),
    ("Board pack", "/editions"),
    ("Refusals", "/refusals"),
    ("Operators", "/operators"),
];

pub(crate) fn find(path: &str, is_get: bool, is_post: bool) -> Option<&'static Screen> {
    let fits = |s: &&Screen| s.path == path && (s.is_post && is_post || !s.is_post && is_get);
    SCREENS.iter().find(fits)
}

macro_rules! own {
    ($($name:literal),* $(,)?) => {
        &[$((concat!("operator-", $name), include_str!(concat!("../templates/", $name)))),*]
    };
}

/// Its templates by name, beside those of the agencies' console.
#[must_use]
pub fn templates() -> &'static [(&'static str, &'static str)] {
    own![
        "layout.html",
        "problem.html",
        "overview.html",
        "agencies.html",
        "keys.html",
        "ledger.html",
        "editions.html",
        "refusals.html",
        "people.html",
        "start-code.html",
        "sign-in.html",
        "choose-password.html",
        "code.html",
    ]
}
