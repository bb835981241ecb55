//! A small identity provider for tests: OpenID Connect as it should be, and each way in which it should not be.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
    time::{SystemTime, UNIX_EPOCH},
};

use axum::{
    Form, Router,
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub const CLIENT: &str = "sanctuary";
pub const SECRET: &str = "a secret of the client";

/// How the provider misbehaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Twist {
    None,
    WrongNonce,
    NoNonce,
    WrongAudience,
    MoreAudiences,
    OtherParty,
    WrongIssuer,
    Expired,
    FromTheFuture,
    LongPast,
    Unsigned,
    Hmac,
    OtherKey,
    NewKey,
    Changed,
    NoToken,
    CodeRefused,
    ClientRefused,
    Broken,
    Elsewhere,
    Large,
}

/// What the provider knows.
pub struct World {
    pub issuer: String,
    pub twist: Twist,
    /// Claims beside those of the protocol.
    pub claims: Value,
    /// What the discovery document says instead.
    pub says: Value,
    key: EcdsaKeyPair,
    kid: String,
    /// Nonce and challenge of each code.
    codes: BTreeMap<String, (String, String)>,
}

#[derive(Clone)]
pub struct Provider(Arc<Mutex<World>>);

/// As axum's `Json`, a feature that the console does without.
fn said(value: &Value) -> Response {
    let media = [(header::CONTENT_TYPE, "application/json")];
    (media, value.to_string()).into_response()
}

fn key() -> EcdsaKeyPair {
    let (algorithm, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
    let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
    EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).unwrap()
}

pub fn now_s() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs()
}

impl Provider {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let world = World {
            issuer,
            twist: Twist::None,
            claims: json!({ "staff_number": "A100", "amr": ["pwd", "otp"], "auth_time": now_s() }),
            says: json!({}),
            key: key(),
            kid: "one".to_owned(),
            codes: BTreeMap::new(),
        };
        let provider = Self(Arc::new(Mutex::new(world)));
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        provider
    }

    pub fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap()
    }

    /// The person agrees at the address where the console sent the browser: where the provider sends it back to.
    pub fn agree(&self, sent_to: &str) -> String {
        let uri: Uri = sent_to.parse().unwrap();
        let asked: BTreeMap<String, String> =
            form_urlencoded::parse(uri.query().unwrap().as_bytes())
                .into_owned()
                .collect();
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["client_id"], CLIENT);
        assert_eq!(asked["code_challenge_method"], "S256");
        assert!(asked["scope"].split(' ').any(|s| s == "openid"));
        let mut world = self.world();
        let code = format!("code{}", world.codes.len());
        let kept = (asked["nonce"].clone(), asked["code_challenge"].clone());
        world.codes.insert(code.clone(), kept);
        let mut back = form_urlencoded::Serializer::new(String::new());
        back.append_pair("code", &code);
        back.append_pair("state", &asked["state"]);
        back.append_pair("iss", &world.issuer);
        format!("/sign-in/return?{}", back.finish())
    }
}

async fn discovery(State(provider): State<Provider>) -> Response {
    let world = provider.world();
    let issuer = &world.issuer;
    let mut says = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "authorization_response_iss_parameter_supported": true,
        "end_session_endpoint": format!("{issuer}/leave"),
    });
    for (name, value) in world.says.as_object().unwrap() {
        says[name] = value.clone();
    }
    if world.twist == Twist::Large {
        says["padding"] = json!("x".repeat(400_000));
    }
    said(&says)
}

async fn keys(State(provider): State<Provider>) -> Response {
    let world = provider.world();
    let point = world.key.public_key().as_ref();
    said(&json!({ "keys": [{
        "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": world.kid,
        "x": URL_SAFE_NO_PAD.encode(&point[1..33]),
        "y": URL_SAFE_NO_PAD.encode(&point[33..65]),
    }] }))
}

async fn token(
    State(provider): State<Provider>,
    headers: HeaderMap,
    Form(form): Form<BTreeMap<String, String>>,
) -> Response {
    let refuse =
        |error: &str| (StatusCode::BAD_REQUEST, said(&json!({ "error": error }))).into_response();
    let mut world = provider.world();
    match world.twist {
        Twist::CodeRefused => return refuse("invalid_grant"),
        Twist::ClientRefused => return refuse("invalid_client"),
        Twist::Broken => return (StatusCode::OK, "<html>out of order</html>").into_response(),
        Twist::Elsewhere => {
            return (
                StatusCode::FOUND,
                [(header::LOCATION, "http://evil.example/")],
            )
                .into_response();
        }
        _ => {}
    }
    let basic = headers[header::AUTHORIZATION].to_str().unwrap();
    let basic = STANDARD
        .decode(basic.strip_prefix("Basic ").unwrap())
        .unwrap();
    let escaped: String = form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
    assert_eq!(
        String::from_utf8(basic).unwrap(),
        format!("{CLIENT}:{escaped}")
    );
    assert_eq!(
        form["redirect_uri"],
        "https://console.police.example/sign-in/return"
    );
    let Some((nonce, challenge)) = world.codes.remove(&form["code"]) else {
        return refuse("invalid_grant");
    };
    let hash = Sha256::digest(form["code_verifier"].as_bytes());
    if URL_SAFE_NO_PAD.encode(hash) != challenge {
        return refuse("invalid_grant");
    }
    let mut answer = json!({ "access_token": "unused", "token_type": "Bearer", "expires_in": 60 });
    if world.twist != Twist::NoToken {
        answer["id_token"] = json!(id_token(&mut world, &nonce));
    }
    said(&answer)
}

/// What only a provider may say, twisted.
fn id_token(world: &mut World, nonce: &str) -> String {
    let (twist, now) = (world.twist, now_s());
    let mut claims = json!({
        "iss": world.issuer, "aud": CLIENT, "sub": "248289761001", "nonce": nonce,
        "iat": now, "exp": now + 300,
    });
    for (name, value) in world.claims.as_object().unwrap() {
        claims[name] = value.clone();
    }
    match twist {
        Twist::WrongNonce => claims["nonce"] = json!("another"),
        Twist::NoNonce => drop(claims.as_object_mut().unwrap().remove("nonce")),
        Twist::WrongAudience => claims["aud"] = json!("another"),
        Twist::MoreAudiences => claims["aud"] = json!([CLIENT, "another"]),
        Twist::OtherParty => claims["azp"] = json!("another"),
        Twist::WrongIssuer => claims["iss"] = json!("https://evil.example"),
        Twist::Expired => claims["exp"] = json!(now - 120),
        Twist::FromTheFuture => claims["iat"] = json!(now + 600),
        Twist::LongPast => claims["iat"] = json!(now - 3_600),
        _ => {}
    }
    if twist == Twist::NewKey {
        (world.key, world.kid) = (key(), "two".to_owned());
    }
    let algorithm = match twist {
        Twist::Unsigned => "none",
        Twist::Hmac => "HS256",
        _ => "ES256",
    };
    let head = json!({ "alg": algorithm, "typ": "JWT", "kid": world.kid });
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&head), part(&claims));
    let other = key();
    let key = if twist == Twist::OtherKey {
        &other
    } else {
        &world.key
    };
    let signature = match twist {
        Twist::Unsigned => String::new(),
        Twist::Hmac => {
            let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, SECRET.as_bytes());
            URL_SAFE_NO_PAD.encode(ring::hmac::sign(&key, signed.as_bytes()))
        }
        _ => {
            let made = key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
            URL_SAFE_NO_PAD.encode(made)
        }
    };
    if twist == Twist::Changed {
        claims["staff_number"] = json!("m700");
        return format!("{}.{}.{signature}", part(&head), part(&claims));
    }
    format!("{signed}.{signature}")
}
