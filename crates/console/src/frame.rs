//! What every page has around it, and error pages: from what a handler gives to what is sent.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use flate2::Compression;
use minijinja::{Value, context, value::Serde};
use sanctuary_policy::Action;
use sanctuary_staff::IDLE_MS;
use serde::Serialize;

use crate::{
    Console, FaultKind, Page, Problem, RefusedAct, Reply, Route, Unread, Visit, assets, cookies,
    headers, live, oidc,
    serve::{Sent, plain, takes_gzip},
    visit::own_path,
    when,
};

/// An entry of the navigation.
#[derive(Serialize)]
struct NavItem {
    text: &'static str,
    href: &'static str,
    current: bool,
}

/// Parts of the console and whoever may see each.
const NAVIGATION: &[(&str, &str, &[Action])] = &[
    ("Possible matches", "/matches", &[Action::ReadAlerts]),
    (
        "Requests",
        "/requests",
        &[
            Action::ReadRelease,
            Action::ReadRequest,
            Action::AnswerSubjectAccess,
        ],
    ),
    ("Overview", "/supervisor", &[Action::ReadReviewFigures]),
    (
        "Data protection",
        "/data-protection",
        &[Action::AnswerSubjectAccess],
    ),
    ("Board pack", "/board-pack", &[Action::ReadFigures]),
    ("People", "/administration", &[Action::ManageStaff]),
    ("Connections", "/connections", &[Action::ManageStaff]),
    ("Data", "/data", &[Action::ReadStatus]),
    ("Alarms", "/alarms", &[Action::ReadStatus]),
    ("Ledger", "/ledger", &[Action::VerifyLedger]),
];

pub(crate) fn answer(
    console: &Arc<Console>,
    route: Option<&'static Route>,
    parts: Vec<(String, String)>,
    sent: &Sent,
) -> Response {
    let operation = hex::encode(rand::random::<[u8; 5]>());
    let (visit, fresh) = match console.visit(parts, sent) {
        Ok(found) => found,
        Err(problem) => return problem_page(console, None, route, problem, &operation, sent),
    };
    let reply = console.ask(route, &visit);
    let response = reply.and_then(|reply| send(console, &visit, sent, reply));
    let mut response = match response {
        Ok(response) => response,
        Err(problem) => problem_page(console, Some(&visit), route, problem, &operation, sent),
    };
    if visit.begun.is_some() && route.is_some_and(|r| r.path == oidc::RETURN) {
        set_cookie(&mut response, &cookies::forget(cookies::PROVIDER));
    }
    if let Some(fresh) = fresh {
        set_cookie(&mut response, &cookies::keep(cookies::BROWSER, &fresh));
    }
    log(route, response.status(), &operation);
    response
}

fn send(
    console: &Arc<Console>,
    visit: &Visit<'_>,
    sent: &Sent,
    reply: Reply,
) -> Result<Response, Problem> {
    Ok(match reply {
        Reply::Page(page) => {
            let (status, zips) = (
                page.status,
                page.echoes_nothing && takes_gzip(&sent.headers),
            );
            let talks = page.talks;
            let text = render(console, Some(visit), page)?;
            let mut response = if zips {
                zipped(status, &text)
            } else {
                html(status, text)
            };
            if talks {
                headers::let_talk(response.headers_mut());
            }
            response
        }
        Reply::To(path) => to(&path),
        Reply::Nothing => {
            let mut response = html(StatusCode::NO_CONTENT, Body::empty());
            response.headers_mut().remove(header::CONTENT_TYPE);
            response
        }
        Reply::Live(since) => live::tell(console, visit, since)?,
        Reply::Shown { html: page, style } => {
            let mut response = html(StatusCode::OK, page);
            headers::let_style(response.headers_mut(), style);
            response
        }
        Reply::SignedIn { session, to: path } => {
            let mut response = to(own_path(&path));
            set_cookie(&mut response, &cookies::keep(cookies::SESSION, &session));
            set_cookie(&mut response, &cookies::forget(cookies::BROWSER));
            response
        }
        Reply::Provider(start) => {
            let mut response = to(&start.url);
            let cookie = cookies::keep_for(cookies::PROVIDER, &start.cookie, oidc::PATIENCE_S);
            set_cookie(&mut response, &cookie);
            response
        }
        Reply::SignedOut => {
            let mut response = to("/sign-in?said=out");
            set_cookie(&mut response, &cookies::forget(cookies::SESSION));
            let all = HeaderValue::from_static("\"cache\", \"cookies\", \"storage\"");
            response.headers_mut().insert("clear-site-data", all);
            response
        }
        Reply::File { name, media, bytes } => {
            let mut response = Response::new(Body::from(bytes));
            let to = response.headers_mut();
            to.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
            let disposition = format!("attachment; filename=\"{name}\"");
            let disposition = HeaderValue::from_str(&disposition);
            let disposition = disposition.unwrap_or(HeaderValue::from_static("attachment"));
            to.insert(header::CONTENT_DISPOSITION, disposition);
            headers::secure(to);
            response
        }
    })
}

/// Renders a page in its frame.
fn render(
    console: &Console,
    visit: Option<&Visit<'_>>,
    page: Page,
) -> Result<String, minijinja::Error> {
    let house = visit.map_or_else(|| console.office.house(), |v| v.house.clone());
    let person = visit.and_then(|v| v.person.as_ref());
    let path = visit.map_or("", |v| v.path.as_str());
    let now = visit.map_or_else(|| console.office.now(), |v| v.now);
    let navigation: Vec<NavItem> = NAVIGATION
        .iter()
        .filter(|(_, _, acts)| visit.is_some_and(|v| acts.iter().any(|a| v.may(*a))))
        .map(|(text, href, _)| NavItem {
            text,
            href,
            current: path == *href || path.starts_with(&format!("{href}/")),
        })
        .collect();
    let frame = context! {
        agency => house.name_of(&house.party),
        person => person.map(|(p, _)| p.name.as_str()),
        roles => person.map(|(p, _)| {
            let words: Vec<&str> = p.actor.roles.iter().map(|r| r.text()).collect();
            words.join(", ")
        }),
        navigation => Serde(&navigation),
        token => visit.map(|v| v.token.as_str()),
        synthetic => console.settings.synthetic,
        idle_ms => IDLE_MS,
        path,
        hub_away => house.hub_away,
        hub_stale => house.is_stale(now),
        hub_heard => house.hub_heard.map(|at| when::moment(at, now)),
    };
    let values = context! { frame, ..page.values };
    console.pages.render(page.template, values)
}

fn problem_page(
    console: &Console,
    visit: Option<&Visit<'_>>,
    route: Option<&'static Route>,
    problem: Problem,
    operation: &str,
    sent: &Sent,
) -> Response {
    if matches!(problem, Problem::SignedOut | Problem::SignedOutWith(_)) {
        let mut back = match &problem {
            Problem::SignedOutWith(draft) => format!("{}?draft=1", draft.href()),
            _ if sent.is_post => "/".to_owned(),
            _ => sent.path.clone(),
        };
        if !sent.is_post && !sent.query.is_empty() {
            back = format!("{back}?{}", sent.query);
        }
        let back: String = form_urlencoded::byte_serialize(own_path(&back).as_bytes()).collect();
        let said = match &problem {
            Problem::SignedOutWith(_) => "&said=kept",
            _ if sent.is_post => "&said=ended",
            _ => "",
        };
        let mut response = to(&format!("/sign-in?back={back}{said}"));
        log(route, response.status(), operation);
        if cookies::read(&sent.headers, cookies::SESSION).is_some() {
            set_cookie(&mut response, &cookies::forget(cookies::SESSION));
        }
        return response;
    }
    if let (Problem::ProveAgain(what), Some(visit)) = (&problem, visit)
        && let Some(way) = to_prove(console, visit, what, sent.is_post)
    {
        log(route, StatusCode::SEE_OTHER, operation);
        return to(&way);
    }
    if let Some(visit) = visit {
        count(visit, route, &problem);
    }
    let status = problem.status();
    if let Problem::Template(error) = &problem {
        // Names of templates and values, never their content.
        tracing::error!(operation, kind = ?error.kind(), template = error.name(), line = error.line(), "a page did not render");
    } else {
        tracing::info!(
            operation,
            rule = problem.rule(),
            route = route.map_or("-", |r| r.path),
            "the console refused a request"
        );
    }
    // Nobody came in: back to where that begins.
    let again = visit.is_none_or(|v| v.person.is_none()) && route.is_some_and(Route::signs_in);
    let values = describe(&problem, again, operation);
    match render(console, visit, Page::new("problem.html", values)) {
        Ok(text) => html(status, text),
        Err(_) => plain(
            status,
            "this page could not be made; tell your administrator and go back\n",
        ),
    }
}

/// The page that asks for a fresh proof; a posted form waits meanwhile. None when there is no room for it.
fn to_prove(
    console: &Console,
    visit: &Visit<'_>,
    what: &'static str,
    is_post: bool,
) -> Option<String> {
    if is_post {
        let session = visit.session().ok()?.hash();
        let held = &console.signing.held;
        let name = held.keep(session, &visit.path, what, &visit.form, visit.now)?;
        return Some(format!("/prove?held={name}"));
    }
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(visit.query.pairs());
    let mut back = visit.path.clone();
    match query.finish() {
        query if query.is_empty() => {}
        query => back = format!("{back}?{query}"),
    }
    let back: String = form_urlencoded::byte_serialize(own_path(&back).as_bytes()).collect();
    Some(format!("/prove?back={back}"))
}

/// Counts what supervisors are shown of a refusal. A wrong address that holds nothing is a slip.
fn count(visit: &Visit<'_>, route: Option<&'static Route>, problem: &Problem) {
    match problem {
        Problem::NotAllowed(_) => visit.count_act(RefusedAct::Role),
        Problem::Fault(fault) if fault.kind == FaultKind::NotAllowed => {
            visit.count_act(RefusedAct::Role);
        }
        Problem::NotFound if route.is_some_and(|r| r.path.contains('{')) => {
            visit.count_act(RefusedAct::Address);
        }
        _ => {}
    }
}

/// What an error page says: what did not happen, and what to do.
fn describe(problem: &Problem, again: bool, operation: &str) -> Value {
    let (title, text): (&str, String) = match problem {
        Problem::NotFound => (
            "Page not found",
            "Check the address. A possible match or request that is not your agency’s, or that you may not see, is not found either.".to_owned(),
        ),
        Problem::NotAllowed(acts) => ("You cannot open this page", whose(acts)),
        Problem::NotOurForm => (
            "This form was not sent from this console",
            "Nothing was saved. Go back, load the page again and send it once more.".to_owned(),
        ),
        Problem::Unread(Unread::TooLarge) => (
            "This was too long to be saved",
            "Nothing was saved. Go back, shorten what you wrote and send it once more.".to_owned(),
        ),
        Problem::Unread(_) => (
            "This did not arrive",
            "Nothing was saved. Check your connection, go back and send it once more.".to_owned(),
        ),
        Problem::BadRequest | Problem::SignedOut | Problem::SignedOutWith(_) => (
            "This could not be read",
            "Nothing was saved. Go back, load the page again and send it once more.".to_owned(),
        ),
        Problem::ProveAgain(_) => (
            "Show once more that it is you",
            "What you had typed could not be kept while you do so. Go back, copy it, sign out and in again, and send it then.".to_owned(),
        ),
        Problem::Provider(refusal) => (refusal.title(), refusal.text().to_owned()),
        Problem::TooMany => (
            "Too many tries from your network",
            "Wait five minutes and try again. If it was not you, tell your administrator.".to_owned(),
        ),
        Problem::Template(_) => (
            "This page could not be made",
            "Nothing was lost. Try again in a minute; if it stays, tell your administrator and quote the reference below.".to_owned(),
        ),
        Problem::Fault(fault) if fault.rule == "unknown_here" => (
            "You are not in this agency’s register",
            sentence(&fault.text),
        ),
        Problem::Fault(fault) if fault.rule == "no_role" => {
            ("You have no role here", sentence(&fault.text))
        }
        Problem::Fault(fault) => match fault.kind {
            FaultKind::NotAllowed => ("You cannot do this", sentence(&fault.text)),
            FaultKind::Changed => ("This has changed", sentence(&fault.text)),
            FaultKind::Unavailable => ("Not possible just now", sentence(&fault.text)),
            FaultKind::Broken => ("The node has a problem", sentence(&fault.text)),
            _ => ("This was not done", sentence(&fault.text)),
        },
    };
    context! { title, text, operation, again }
}

fn whose(acts: &[Action]) -> String {
    let mut roles: Vec<&str> = Vec::new();
    for role in acts.iter().flat_map(|a| a.row().roles) {
        if !roles.contains(&role.text()) {
            roles.push(role.text());
        }
    }
    format!(
        "It is for: {}. Your administrator can tell you who that is.",
        roles.join(", ")
    )
}

/// A rule's text as a sentence.
pub(crate) fn sentence(text: &str) -> String {
    let mut text = crate::pages::capital(text);
    if !text.ends_with(['.', '?', '!']) {
        text.push('.');
    }
    text
}

fn zipped(status: StatusCode, text: &str) -> Response {
    let Some(bytes) = assets::compressed(text.as_bytes(), Compression::fast()) else {
        return html(status, text.to_owned());
    };
    let mut response = html(status, bytes);
    let to = response.headers_mut();
    to.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    to.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    response
}

fn html(status: StatusCode, text: impl Into<Body>) -> Response {
    let mut response = Response::new(text.into());
    *response.status_mut() = status;
    let to = response.headers_mut();
    let media = HeaderValue::from_static("text/html; charset=utf-8");
    to.insert(header::CONTENT_TYPE, media);
    headers::secure(to);
    response
}

fn to(path: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let place = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/"));
    let to = response.headers_mut();
    to.insert(header::LOCATION, place);
    headers::secure(to);
    response
}

fn set_cookie(response: &mut Response, cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// The route, never the address: a path may hold a number of a case, a query words.
fn log(route: Option<&'static Route>, status: StatusCode, operation: &str) {
    let route = route.map_or("-", |r| r.path);
    tracing::debug!(operation, route, status = status.as_u16(), "console");
}
