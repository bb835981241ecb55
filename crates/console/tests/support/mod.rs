//! A browser without a screen: keeps cookies, finds the token of the page it is on, posts forms.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use sanctuary_console::{Console, Settings, router};
use tower::ServiceExt as _;

use crate::{
    office::Desk,
    partnership::{Agency, Clock, found},
    seed,
};

pub const ORIGIN: &str = "https://console.police.example";
pub const HOST: &str = "console.police.example";

/// Two agencies with people of every role and possible matches: police first.
pub fn agencies(matches: usize) -> Vec<Arc<Agency>> {
    let clock = Arc::new(Clock::new());
    let mut agencies = found(&["police", "charity"], &clock).unwrap();
    for agency in &agencies {
        seed::staff(agency).unwrap();
    }
    seed::matches(&mut agencies, matches);
    agencies.into_iter().map(Arc::new).collect()
}

/// The console of an agency, under the same address for each: cookies are what the tests are about.
pub fn console(agency: &Arc<Agency>) -> Router {
    router(whole(agency, ORIGIN))
}

/// The same, not yet a service, under an address of its own.
pub fn whole(agency: &Arc<Agency>, url: &str) -> Arc<Console> {
    let settings = Settings {
        public_url: url.parse().unwrap(),
        behind_proxy: true,
        synthetic: true,
    };
    let desk = Arc::new(Desk(Arc::clone(agency)));
    Arc::new(Console::new(desk, settings).unwrap())
}

/// What came back.
pub struct Got {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Got {
    /// Where to, of a redirect.
    pub fn to(&self) -> &str {
        let place = self.headers.get(header::LOCATION);
        place.map_or("", |v| v.to_str().unwrap())
    }
}

/// A browser.
#[derive(Clone)]
pub struct Browser {
    pub console: Router,
    pub cookies: BTreeMap<String, String>,
    pub token: String,
    /// The address that the proxy writes.
    pub from: String,
}

impl Browser {
    pub fn new(console: &Router) -> Self {
        Self {
            console: console.clone(),
            cookies: BTreeMap::new(),
            token: String::new(),
            from: "192.0.2.1".to_owned(),
        }
    }

    fn request(&self, verb: &str, path: &str) -> axum::http::request::Builder {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(n, v)| format!("{n}={v}"))
            .collect();
        let mut request = Request::builder()
            .method(verb)
            .uri(path)
            .header(header::HOST, HOST)
            .header("x-forwarded-for", format!("203.0.113.9, {}", self.from));
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        request
    }

    pub async fn send(&mut self, request: Request<Body>) -> Got {
        let response = self.console.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        for cookie in head.headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (pair, rules) = cookie.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if rules.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let text = to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8_lossy(&text).into_owned();
        let mark = "name=\"token\" value=\"";
        if let Some(at) = text.find(mark) {
            self.token = text[at + mark.len()..][..64].to_owned();
        }
        Got {
            status: head.status,
            headers: head.headers,
            text,
        }
    }

    pub async fn get(&mut self, path: &str) -> Got {
        let request = self.request("GET", path).body(Body::empty()).unwrap();
        self.send(request).await
    }

    /// How many bytes a page takes to a browser that takes gzip.
    pub async fn sent_bytes(&self, path: &str) -> usize {
        let request = self
            .request("GET", path)
            .header(header::ACCEPT_ENCODING, "gzip, br");
        let request = request.body(Body::empty()).unwrap();
        let response = self.console.clone().oneshot(request).await.unwrap();
        assert_eq!(response.headers()[header::CONTENT_ENCODING], "gzip");
        to_bytes(response.into_body(), usize::MAX)
            .await
            .unwrap()
            .len()
    }

    /// Posts a form with the token of the last page.
    pub async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Got {
        let token = self.token.clone();
        self.post_with(path, form, &token, &[]).await
    }

    /// Posts a form with any token and more headers.
    pub async fn post_with(
        &mut self,
        path: &str,
        form: &[(&str, &str)],
        token: &str,
        more: &[(&str, &str)],
    ) -> Got {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.append_pair("token", token);
        body.extend_pairs(form);
        let mut request = self
            .request("POST", path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        for (name, value) in more {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.finish())).unwrap();
        self.send(request).await
    }

    /// Signs in as a person of the seed.
    pub async fn sign_in(console: &Router, person: &str) -> Self {
        let mut browser = Self::new(console);
        browser.get("/sign-in").await;
        let form = [("person", person), ("password", seed::PASSWORD)];
        let got = browser.post("/sign-in", &form).await;
        assert_eq!(got.status, StatusCode::SEE_OTHER, "{person}: {}", got.text);
        browser.get("/account").await;
        browser
    }
}

/// The value of an attribute that follows a mark in a page.
pub fn after<'a>(text: &'a str, mark: &str) -> &'a str {
    let at = text
        .find(mark)
        .unwrap_or_else(|| panic!("no {mark} in {text}"));
    let rest = &text[at + mark.len()..];
    rest.split('"').next().unwrap()
}
