//! Between the network and the screens: where a request comes from, whose it is, whether the form is ours.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{RawPathParams, Request},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::Response,
    routing::get,
};
use minijinja::{Value, context};
use sanctuary_console::{Form, Limiter, Pages, Peer, Settings, assets, cookies, headers};
use sanctuary_disclosure::Actor;
use sanctuary_health::StatusNote;
use sanctuary_staff::{IDLE_MS, Register, SessionToken};
use sanctuary_types::Timestamp;

use crate::{
    OperatorTables,
    pages::{self, Access, Screen},
};

/// Bytes of a form.
const FORM_BYTES_MAX: usize = 16 * 1024;
/// A page that takes longer is given up.
const PATIENCE: Duration = Duration::from_secs(30);

/// The operators' console.
pub struct Desk {
    pub(crate) register: Register<OperatorTables>,
    pub(crate) note: StatusNote,
    settings: Settings,
    pages: Pages,
    limiter: Limiter,
}

impl Desk {
    /// A console over these operators and the hub's note.
    ///
    /// # Errors
    /// When a template does not read; a test reads them all.
    pub fn new(
        register: Register<OperatorTables>,
        note: StatusNote,
        settings: Settings,
    ) -> Result<Self, minijinja::Error> {
        Ok(Self {
            register,
            note,
            settings,
            pages: Pages::with(pages::templates())?,
            limiter: Limiter::default(),
        })
    }
}

/// Who asks, and what they sent.
pub(crate) struct Visit<'a> {
    pub(crate) desk: &'a Desk,
    pub(crate) person: Option<(Actor, String, SessionToken)>,
    pub(crate) has_code: bool,
    pub(crate) path: String,
    pub(crate) form: Form,
    pub(crate) query: Form,
    token: String,
    pub(crate) now: Timestamp,
}

/// What a screen gives.
pub(crate) enum Answer {
    /// A page: its status, template and values.
    Page(StatusCode, &'static str, Value),
    /// Go on there.
    To(&'static str),
    /// A session has begun.
    SignedIn(String),
    /// It has ended.
    SignedOut,
}

/// The console as a service.
pub fn router(desk: Arc<Desk>) -> Router {
    let files = Arc::clone(&desk);
    let asset = move |parts: RawPathParams, request: Request| {
        let name = parts.iter().next().map_or("", |(_, v)| v).to_owned();
        let fits = files.settings.public_url.is_asked_for(request.headers());
        async move { send_asset(&name, fits) }
    };
    Router::new()
        .route("/assets/{name}", get(asset))
        .fallback(move |request: Request| answer(Arc::clone(&desk), request))
}

/// The clock of this machine.
pub(crate) fn now() -> Timestamp {
    let elapsed = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX))
}

async fn answer(desk: Arc<Desk>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    if !desk.settings.public_url.is_asked_for(&head.headers) {
        let text = "this console is reached under another address\n";
        return plain(StatusCode::MISDIRECTED_REQUEST, text);
    }
    let body = match tokio::time::timeout(PATIENCE, to_bytes(body, FORM_BYTES_MAX)).await {
        Ok(Ok(body)) => body,
        _ => {
            return plain(
                StatusCode::BAD_REQUEST,
                "this could not be read; go back and try again\n",
            );
        }
    };
    let peer = head.extensions.get::<Peer>().map(|peer| peer.0);
    let sent = Sent {
        from: address(&desk.settings, &head.headers, peer),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        is_get: head.method == Method::GET,
        is_post: head.method == Method::POST,
        is_ours: desk
            .settings
            .public_url
            .is_where_it_comes_from(&head.headers),
        headers: head.headers,
        body,
    };
    let work = tokio::task::spawn_blocking(move || respond(&desk, &sent));
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(Ok(response)) => response,
        _ => plain(
            StatusCode::SERVICE_UNAVAILABLE,
            "this took too long; try again in a minute\n",
        ),
    }
}

/// A request, read to its end.
struct Sent {
    from: IpAddr,
    path: String,
    query: String,
    is_get: bool,
    is_post: bool,
    is_ours: bool,
    headers: HeaderMap,
    body: Bytes,
}

fn respond(desk: &Desk, sent: &Sent) -> Response {
    let cookie = cookies::read(&sent.headers, cookies::SESSION);
    let token = cookie
        .as_deref()
        .and_then(|c| c.parse::<SessionToken>().ok());
    let now = now();
    let person = token.and_then(|token| {
        let who = desk.register.who(&token, now).ok()?;
        Some((who.actor, who.name, token))
    });
    // Before anybody is signed in, forms are tied to the browser.
    let known = cookies::read(&sent.headers, cookies::BROWSER);
    let (secret, fresh) = match (&person, cookie, known) {
        (Some(_), Some(cookie), _) => (cookie, None),
        (_, _, Some(known)) => (known, None),
        _ => {
            let fresh = cookies::random();
            (fresh.clone(), Some(fresh))
        }
    };
    let has_code = person.as_ref().is_some_and(|(actor, ..)| {
        let people = desk.register.people(actor).unwrap_or_default();
        people
            .iter()
            .any(|p| p.person == actor.person && p.has_code)
    });
    let visit = Visit {
        desk,
        person,
        has_code,
        path: sent.path.clone(),
        form: Form::read(&sent.body)
            .filter(|_| sent.is_post)
            .unwrap_or_default(),
        query: Form::read(sent.query.as_bytes()).unwrap_or_default(),
        token: cookies::form_token(&secret),
        now,
    };
    let is_form =
        sent.is_ours && fresh.is_none() && cookies::fits(visit.form.raw("token"), &secret);
    let answered = match pages::find(&sent.path, sent.is_get, sent.is_post) {
        None => problem(
            StatusCode::NOT_FOUND,
            "Page not found",
            "Check the address.",
        ),
        Some(_) if sent.is_post && !is_form => problem(
            StatusCode::FORBIDDEN,
            "This form was not sent from this console",
            "Nothing was saved. Go back, load the page again and send it once more.",
        ),
        Some(screen) => admit(&visit, screen, sent.from),
    };
    let mut response = send(&visit, answered);
    if let Some(fresh) = fresh {
        set_cookie(&mut response, &cookies::keep(cookies::BROWSER, &fresh));
    }
    response
}

/// Lets the screen answer, if this visitor may: nobody sees anything before both factors are set up.
fn admit(visit: &Visit<'_>, screen: &Screen, from: IpAddr) -> Answer {
    match screen.access {
        Access::AnybodySlowly if !visit.desk.limiter.admit(from, visit.now) => problem(
            StatusCode::TOO_MANY_REQUESTS,
            "Too many tries from your network",
            "Wait five minutes and try again.",
        ),
        Access::Anybody | Access::AnybodySlowly => (screen.handler)(visit),
        _ if visit.person.is_none() => Answer::To("/sign-in"),
        Access::BothFactors if !visit.has_code => Answer::To("/code"),
        Access::SignedIn | Access::BothFactors => (screen.handler)(visit),
    }
}

/// A page that says what was not done and what to do.
pub(crate) fn problem(status: StatusCode, title: &str, text: &str) -> Answer {
    Answer::Page(status, "operator-problem.html", context! { title, text })
}

fn send(visit: &Visit<'_>, answer: Answer) -> Response {
    match answer {
        Answer::Page(status, template, values) => match render(visit, template, values) {
            Ok(text) => html(status, text),
            Err(error) => {
                tracing::error!(kind = ?error.kind(), template, line = error.line(), "a page did not render");
                plain(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "this page could not be made; see the log\n",
                )
            }
        },
        Answer::To(path) => to(path),
        Answer::SignedIn(session) => {
            let mut response = to("/");
            set_cookie(&mut response, &cookies::keep(cookies::SESSION, &session));
            set_cookie(&mut response, &cookies::forget(cookies::BROWSER));
            response
        }
        Answer::SignedOut => {
            let mut response = to("/sign-in?said=out");
            set_cookie(&mut response, &cookies::forget(cookies::SESSION));
            let data = HeaderValue::from_static("\"cache\", \"cookies\", \"storage\"");
            response.headers_mut().insert("clear-site-data", data);
            response
        }
    }
}

fn render(visit: &Visit<'_>, template: &str, values: Value) -> Result<String, minijinja::Error> {
    let signed_in = visit.person.as_ref().map(|(_, name, _)| name.clone());
    let navigation: Vec<Value> = pages::NAVIGATION
        .iter()
        .filter(|_| visit.has_code)
        .map(|(text, href)| context! { text => *text, href => *href, current => *href == visit.path })
        .collect();
    let frame = context! {
        person => signed_in,
        token => &visit.token,
        navigation => navigation,
        idle_ms => IDLE_MS,
    };
    visit
        .desk
        .pages
        .render(template, context! { frame, ..values })
}

fn address(settings: &Settings, headers: &HeaderMap, peer: Option<SocketAddr>) -> IpAddr {
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
    if !settings.behind_proxy {
        return peer;
    }
    // The last one is the proxy's own word; those before it are anybody's.
    let last = headers.get_all("x-forwarded-for").iter().next_back();
    let last = last.and_then(|v| v.to_str().ok()?.rsplit(',').next());
    last.and_then(|v| v.trim().parse().ok()).unwrap_or(peer)
}

fn send_asset(name: &str, host_fits: bool) -> Response {
    let Some(asset) = assets::find(name).filter(|_| host_fits) else {
        return plain(StatusCode::NOT_FOUND, "there is no such file\n");
    };
    let bytes: &'static [u8] = &asset.bytes;
    let mut response = Response::new(Body::from(bytes));
    let to = response.headers_mut();
    to.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.media));
    to.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static(headers::KEEP),
    );
    headers::secure(to);
    response
}

fn html(status: StatusCode, text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let media = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, media);
    headers::secure(response.headers_mut());
    response
}

fn to(path: &'static str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let to = response.headers_mut();
    to.insert(header::LOCATION, HeaderValue::from_static(path));
    headers::secure(to);
    response
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let media = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, media);
    headers::secure(response.headers_mut());
    response
}

fn set_cookie(response: &mut Response, cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}
