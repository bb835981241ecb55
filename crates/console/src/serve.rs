//! Between the network and the handlers: checks where a request comes from, who it is from and whether they may,
//! calls the handler on a thread that may block, and turns what it gives into a reply.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{ConnectInfo, RawPathParams, Request},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::Response,
    routing::{MethodFilter, on},
};
use sanctuary_staff::SessionToken;
use tokio::sync::Semaphore;

use crate::{
    Access, Form, Limiter, Office, Pages, Peer, Problem, ROUTES, Refusals, RefusedAct, Reply,
    Route, Settings, Signing, Verb, Visit, Why, assets, cookies, frame, headers, live::Listening,
    oidc::Provider, screens,
};

/// Bytes of a form: the longest request with every detail and reason is far below it.
const FORM_BYTES_MAX: usize = 256 * 1024;
/// A page that takes longer is given up; what it had begun to change is done or not done as a whole.
const PATIENCE: Duration = Duration::from_secs(30);
/// For a form to come: the largest takes a second on a poor line.
const FORM_PATIENCE: Duration = Duration::from_secs(15);

/// Passwords that are worked out at once: each takes 19 MiB and a core for a moment.
const HASHING_MAX: usize = 6;

/// One agency's console.
pub struct Console {
    pub(crate) office: Arc<dyn Office>,
    pub(crate) settings: Settings,
    pub(crate) pages: Pages,
    pub(crate) signing: Signing,
    refusals: Refusals,
    limiter: Limiter,
    ways: Limiter,
    hashing: Arc<Semaphore>,
    pub(crate) listening: Listening,
}

impl Console {
    /// A console over this node.
    ///
    /// # Errors
    /// When a template does not read; a test reads them all.
    pub fn new(office: Arc<dyn Office>, settings: Settings) -> Result<Self, minijinja::Error> {
        Ok(Self {
            office,
            settings,
            pages: Pages::new()?,
            signing: Signing::default(),
            refusals: Refusals::default(),
            limiter: Limiter::default(),
            ways: Limiter::new(crate::limiter::WAYS),
            hashing: Arc::new(Semaphore::new(HASHING_MAX)),
            listening: Listening::default(),
        })
    }

    /// The same, where people sign in by the agency's identity provider, and by local accounts only if `local`.
    #[must_use]
    pub fn with_provider(mut self, provider: Provider, local: bool) -> Self {
        self.signing.provider = Some(provider);
        self.signing.local = local;
        self
    }
}

/// The console as a service.
pub fn router(console: Arc<Console>) -> Router {
    let mut router = Router::new();
    for route in ROUTES {
        let console = Arc::clone(&console);
        let filter = match route.verb {
            Verb::Get => MethodFilter::GET,
            Verb::Post => MethodFilter::POST,
        };
        let handler = move |parts: RawPathParams, request: Request| {
            let parts = parts
                .iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
            answer(Arc::clone(&console), Some(route), parts, request)
        };
        router = router.route(route.path, on(filter, handler));
    }
    let asset_console = Arc::clone(&console);
    let asset = move |parts: RawPathParams, request: Request| {
        let name = parts.iter().next().map_or("", |(_, v)| v).to_owned();
        let host_fits = asset_console
            .settings
            .public_url
            .is_asked_for(request.headers());
        async move { send_asset(&name, host_fits, request.headers()) }
    };
    let lost = Arc::clone(&console);
    router
        .route("/assets/{name}", on(MethodFilter::GET, asset))
        .fallback(move |request: Request| answer(Arc::clone(&lost), None, Vec::new(), request))
        .method_not_allowed_fallback(move |request: Request| {
            answer(Arc::clone(&console), None, Vec::new(), request)
        })
}

async fn answer(
    console: Arc<Console>,
    route: Option<&'static Route>,
    parts: Vec<(String, String)>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    if !console.settings.public_url.is_asked_for(&head.headers) {
        // Another name for this address is an attack on the browser's idea of where it is.
        tracing::info!(rule = "wrong_host", "the console refused a request");
        let text = "this console is reached under another address; ask your administrator for it\n";
        return plain(StatusCode::MISDIRECTED_REQUEST, text);
    }
    let peer = head.extensions.get::<Peer>().map(|peer| peer.0);
    let asked = head.extensions.get::<ConnectInfo<SocketAddr>>();
    let peer = peer.or_else(|| asked.map(|info| info.0));
    let from = address(&console.settings, &head.headers, peer);
    let sent = Sent {
        from,
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        is_post: head.method == Method::POST,
        is_ours: console
            .settings
            .public_url
            .is_where_it_comes_from(&head.headers),
        headers: head.headers,
        body: read(body).await,
    };
    let unread = sent.body.is_err();
    // Whoever sends many passwords waits for their turn; others do not wait for them.
    let hashes = route.is_some_and(|r| r.verb == Verb::Post && r.hashes());
    let turn = Arc::clone(&console.hashing).acquire_owned();
    let turn = match hashes {
        true => match tokio::time::timeout(PATIENCE, turn).await {
            Ok(Ok(turn)) => Some(turn),
            _ => {
                let text = "too many people sign in at once; go back and try again in a minute\n";
                return plain(StatusCode::SERVICE_UNAVAILABLE, text);
            }
        },
        false => None,
    };
    let work = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        frame::answer(&console, route, parts, &sent)
    });
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(Ok(mut response)) => {
            if unread {
                // What is still to come is read by nobody.
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(header::CONNECTION, close);
            }
            response
        }
        _ => {
            tracing::warn!("a page of the console took too long or failed");
            plain(
                StatusCode::SERVICE_UNAVAILABLE,
                "the node did not answer in time; go back and try again in a minute\n",
            )
        }
    }
}

/// Why a body was not read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// More than any form here has.
    TooLarge,
    /// It did not come in time.
    TooSlow,
    /// It broke off, or is not as its head says.
    Broken,
}

async fn read(body: Body) -> Result<Bytes, Unread> {
    use axum::body::HttpBody as _;
    use std::error::Error as _;

    if body.size_hint().lower() > FORM_BYTES_MAX as u64 {
        return Err(Unread::TooLarge);
    }

    match tokio::time::timeout(FORM_PATIENCE, to_bytes(body, FORM_BYTES_MAX)).await {
        Err(_) => Err(Unread::TooSlow),
        Ok(Ok(body)) => Ok(body),
        Ok(Err(error)) => {
            let cause = error.source();
            match cause.is_some_and(|c| c.is::<http_body_util::LengthLimitError>()) {
                true => Err(Unread::TooLarge),
                false => Err(Unread::Broken),
            }
        }
    }
}

/// A request, read to its end.
pub(crate) struct Sent {
    pub(crate) from: IpAddr,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) is_post: bool,
    /// By what the browser says, it comes from a page of this console.
    pub(crate) is_ours: bool,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Result<Bytes, Unread>,
}

impl Console {
    /// Who the visitor is and what they sent; may ask the node.
    pub(crate) fn visit(
        &self,
        parts: Vec<(String, String)>,
        sent: &Sent,
    ) -> Result<(Visit<'_>, Option<String>), Problem> {
        let cookie = cookies::read(&sent.headers, cookies::SESSION);
        let token = cookie
            .as_deref()
            .and_then(|c| c.parse::<SessionToken>().ok());
        let person = match token {
            None => None,
            Some(token) => match self.office.person_of(&token) {
                Ok(person) => Some((person, token)),
                Err(fault) if fault.kind == crate::FaultKind::SignedOut => None,
                Err(fault) => return Err(fault.into()),
            },
        };
        // Before anybody is signed in, forms are tied to the browser.
        let known = cookies::read(&sent.headers, cookies::BROWSER);
        let lapsed = cookie.clone().filter(|_| person.is_none());
        let (secret, fresh) = match (&person, cookie, known) {
            (Some(_), Some(cookie), _) => (cookie, None),
            (_, _, Some(known)) => (known, None),
            _ => {
                let fresh = cookies::random();
                (fresh.clone(), Some(fresh))
            }
        };
        let form = match &sent.body {
            Ok(body) if sent.is_post => {
                Form::read(body).ok_or(Problem::Unread(Unread::TooLarge))?
            }
            Ok(_) => Form::default(),
            Err(why) => return Err(Problem::Unread(*why)),
        };
        let is_form = !sent.is_post
            || sent.is_ours && fresh.is_none() && cookies::fits(form.raw("token"), &secret);
        let token = form.raw("token").to_owned();
        let is_of = |cookie: &String| sent.is_ours && cookies::fits(&token, cookie);
        let visit = Visit {
            office: self.office.as_ref(),
            house: self.office.house(),
            person,
            parts,
            path: sent.path.clone(),
            query: Form::read(sent.query.as_bytes()).ok_or(Problem::BadRequest)?,
            form,
            token: cookies::form_token(&secret),
            browser: browser(&sent.headers),
            now: self.office.now(),
            from: sent.from,
            signing: &self.signing,
            refusals: &self.refusals,
            begun: cookies::read(&sent.headers, cookies::PROVIDER),
        };
        if is_form {
            Ok((visit, fresh))
        } else if let Some(cookie) = lapsed.filter(|c| is_of(c)) {
            // A session that ended while the form was open: what was typed waits for its person.
            let place = screens::drafts::keep_of_lapsed(&visit, &cookie);
            Err(place.map_or(Problem::SignedOut, Problem::SignedOutWith))
        } else if visit.person.is_none() && fresh.is_none() {
            Err(Problem::SignedOut)
        } else {
            visit.count_act(RefusedAct::Form);
            Err(Problem::NotOurForm)
        }
    }

    /// Lets the handler answer, if this visitor may.
    pub(crate) fn ask(
        &self,
        route: Option<&'static Route>,
        visit: &Visit<'_>,
    ) -> Result<Reply, Problem> {
        let route = route.ok_or(Problem::NotFound)?;
        let roles = visit.person.as_ref().map(|(p, _)| p.actor.roles.as_slice());
        if !route.access.admits(roles) {
            return Err(match (route.access, roles) {
                (_, None) => Problem::SignedOut,
                (Access::Any(acts), Some(_)) => Problem::NotAllowed(acts.to_vec()),
                _ => Problem::NotFound,
            });
        }
        let limiter = match route.verb {
            Verb::Post => &self.limiter,
            Verb::Get => &self.ways,
        };
        if route.access == Access::AnybodySlowly && !limiter.admit(visit.from, visit.now) {
            visit.count_refused(Why::Network);
            return Err(Problem::TooMany);
        }
        if let Some(what) = route.proof {
            visit.need_proof(what)?;
            // It goes its way now; nothing waits for it any longer.
            self.signing
                .held
                .forget(visit.session()?.hash(), Some(&visit.path));
        }
        (route.handler)(visit)
    }
}

fn address(settings: &Settings, headers: &HeaderMap, peer: Option<SocketAddr>) -> IpAddr {
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
    if !settings.behind_proxy {
        return peer;
    }
    // The last one is the proxy's own word; those before it are anybody's.
    let mut lines = headers.get_all("x-forwarded-for").iter();
    let last = lines.next_back().and_then(|v| v.to_str().ok());
    let last = last.and_then(|v| v.rsplit(',').next());
    last.and_then(|v| v.trim().parse().ok()).unwrap_or(peer)
}

/// A few words for the list of sessions: nothing that would tell one browser from another.
fn browser(headers: &HeaderMap) -> String {
    let agent = headers
        .get(header::USER_AGENT)
        .and_then(|v| v.to_str().ok());
    let agent = agent.unwrap_or_default();
    let kinds = [
        ("Edg/", "Edge"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    let systems = [
        ("Windows", "Windows"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("Mac OS", "a Mac"),
        ("Linux", "Linux"),
    ];
    let find = |of: &[(&str, &'static str)], other: &'static str| {
        let found = of.iter().find(|(mark, _)| agent.contains(mark));
        found.map_or(other, |(_, word)| word)
    };
    format!(
        "{} on {}",
        find(&kinds, "a browser"),
        find(&systems, "another system")
    )
}

/// Whether the browser takes gzip.
pub(crate) fn takes_gzip(asked: &HeaderMap) -> bool {
    let accepts = asked.get(header::ACCEPT_ENCODING);
    let accepts = accepts.and_then(|v| v.to_str().ok());
    accepts.is_some_and(|v| v.contains("gzip"))
}

fn send_asset(name: &str, host_fits: bool, asked: &HeaderMap) -> Response {
    let Some(asset) = assets::find(name).filter(|_| host_fits) else {
        return plain(StatusCode::NOT_FOUND, "there is no such file\n");
    };
    let zips = takes_gzip(asked) && !asset.gzip.is_empty();
    let bytes: &'static [u8] = if zips { &asset.gzip } else { &asset.bytes };
    let mut response = Response::new(Body::from(bytes));
    let to = response.headers_mut();
    to.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.media));
    to.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if zips {
        to.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    to.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static(headers::KEEP),
    );
    headers::secure(to);
    response
}

pub(crate) fn plain(status: StatusCode, text: &'static str) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let to = response.headers_mut();
    let media = HeaderValue::from_static("text/plain; charset=utf-8");
    to.insert(header::CONTENT_TYPE, media);
    headers::secure(to);
    response
}
