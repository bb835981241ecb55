//! A browser without a screen, over the console as a service; and an operator who has set up both factors.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::collections::BTreeMap;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use tower::ServiceExt as _;

pub const HOST: &str = "hub.localhost:8450";
pub const PASSWORD: &str = "copper lantern over the weir";

/// A page as it came.
pub struct Page {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Page {
    pub fn location(&self) -> &str {
        let place = self.headers.get(header::LOCATION);
        place.and_then(|v| v.to_str().ok()).unwrap_or_default()
    }

    /// What stands between two words of the page.
    pub fn between(&self, before: &str, after: &str) -> String {
        let (_, rest) = self.text.split_once(before).expect(before);
        rest.split_once(after).expect(after).0.to_owned()
    }
}

/// One person's browser.
pub struct Browser {
    router: Router,
    pub cookies: BTreeMap<String, String>,
}

impl Browser {
    pub fn new(router: Router) -> Self {
        Self {
            router,
            cookies: BTreeMap::new(),
        }
    }

    /// The same console, for somebody else.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    pub async fn get(&mut self, path: &str) -> Page {
        let request = Request::get(path).header(header::HOST, HOST);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// Loads the page, then sends a form with its token.
    pub async fn post(&mut self, from: &str, path: &str, fields: &[(&str, &str)]) -> Page {
        let page = self.get(from).await;
        let token = page.between("name=\"token\" value=\"", "\"");
        self.post_with(&token, path, fields).await
    }

    pub async fn post_with(&mut self, token: &str, path: &str, fields: &[(&str, &str)]) -> Page {
        let escape = |text: &str| {
            text.replace('%', "%25")
                .replace('&', "%26")
                .replace(' ', "+")
        };
        let mut form = format!("token={token}");
        for (name, value) in fields {
            form.push_str(&format!("&{name}={}", escape(value)));
        }
        let request = Request::post(path)
            .header(header::HOST, HOST)
            .header(header::ORIGIN, format!("http://{HOST}"))
            .header("sec-fetch-site", "same-origin");
        self.send(request.body(Body::from(form)).unwrap()).await
    }

    pub async fn send(&mut self, mut request: Request<Body>) -> Page {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if !cookies.is_empty() {
            let line = cookies.join("; ").parse().unwrap();
            request.headers_mut().insert(header::COOKIE, line);
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        for line in head.headers.get_all(header::SET_COOKIE) {
            let line = line.to_str().unwrap();
            assert!(line.contains("; Secure; HttpOnly; SameSite=Lax"), "{line}");
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let bytes = to_bytes(body, 4 * 1024 * 1024).await.unwrap();
        Page {
            status: head.status,
            headers: head.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    /// Chooses a password with the start code, signs in and sets up an authenticator.
    pub async fn begin(&mut self, person: &str, start_code: &str) -> String {
        let fields = [
            ("person", person),
            ("password", start_code),
            ("new", PASSWORD),
            ("again", PASSWORD),
        ];
        let chosen = self
            .post("/choose-password", "/choose-password", &fields)
            .await;
        assert_eq!(chosen.location(), "/sign-in?said=chosen", "{}", chosen.text);
        let fields = [("person", person), ("password", PASSWORD), ("code", "")];
        let signed_in = self.post("/sign-in", "/sign-in", &fields).await;
        assert_eq!(signed_in.location(), "/", "{}", signed_in.text);
        // Nothing is shown before the second factor is there.
        assert_eq!(self.get("/").await.location(), "/code");
        let setup = self.post("/code", "/code", &[]).await;
        let secret = setup.between("<p class=\"app-pre\">", "</p>");
        let token = setup.between("name=\"token\" value=\"", "\"");
        let code = code(&secret, 0);
        let confirmed = self
            .post_with(&token, "/code/confirm", &[("code", &code)])
            .await;
        assert_eq!(confirmed.location(), "/", "{}", confirmed.text);
        secret
    }
}

/// What an authenticator shows, so many steps from now.
pub fn code(secret: &str, steps: u64) -> String {
    let totp = totp_rs::Builder::new()
        .with_algorithm(totp_rs::Algorithm::SHA1)
        .with_secret(totp_rs::Secret::try_from_base32(secret).unwrap())
        .build_noncompliant();
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    totp.generate(now.as_secs() + 30 * steps).to_string()
}
