//! The queue as the console sends it: an analyst asks the bench's node over HTTP.

use std::{
    collections::BTreeSet,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    time::{Duration, Instant},
};

use sanctuary_disclosure::Actor;
use sanctuary_node::{ConsoleConfig, Node, run_console};
use sanctuary_policy::StaffRole;
use sanctuary_rpc::now;
use sanctuary_staff::{NewMember, Secret, SignIn};
use tokio::runtime::Runtime;

/// The promise of issue 5: bytes on the wire, heads included.
const FIRST_MAX: usize = 150_000;
const AFTER_MAX: usize = 40_000;
const PASSWORD: &str = "bench harbour lantern 42";
const FILTERS: [&str; 8] = [
    "/matches",
    "/matches?every=1",
    "/matches?who=nobody",
    "/matches?child=1",
    "/matches?kind=victim_is_suspect",
    "/matches?band=strong&agency=agency-3",
    "/matches?overdue=1",
    "/matches?state=new&band=likely",
];
const TIMES: usize = 15;

/// Signs in and asks; prints what it took and what it weighed.
pub fn measure(runtime: &Runtime, node: &Node) {
    add_analyst(node);
    let place = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = place.local_addr().unwrap();
    drop(place);
    let config = format!("listen = \"{address}\"\npublic_url = \"http://{address}\"\n");
    let config: ConsoleConfig = toml::from_str(&config).unwrap();
    let node = node.clone();
    runtime.spawn(async move { run_console(node, &config, std::future::pending()).await });
    let mut analyst = Analyst::sign_in(address);

    let mut filters = Vec::new();
    for path in FILTERS {
        for _ in 0..TIMES {
            let began = Instant::now();
            assert!(
                analyst.get(path, true).starts_with(b"HTTP/1.1 200"),
                "{path}"
            );
            filters.push(began.elapsed());
        }
    }
    let mut paging = Vec::new();
    let mut path = "/matches?every=1".to_owned();
    for _ in 0..FILTERS.len() * TIMES {
        let began = Instant::now();
        let page = analyst.get(&path, false);
        paging.push(began.elapsed());
        let page = String::from_utf8_lossy(&page).into_owned();
        // Deeper each time, from the front again at the end.
        let next = page.split("<a class=\"govuk-link govuk-pagination__link\" href=\"");
        let next = next
            .skip(1)
            .find(|l| l.contains("rel=\"next\"") && l.find("rel=\"next\"") < l.find('>'));
        path = next.map_or("/matches?every=1".to_owned(), |l| {
            l.split('"').next().unwrap().replace("&amp;", "&")
        });
    }
    tell("console: filter, whole page by HTTP", &mut filters);
    tell("console: paging, whole page by HTTP", &mut paging);

    let first = analyst.get("/matches", true).len() + analyst.assets();
    let after = analyst.get("/matches?every=1", true).len();
    println!("console: page weight, first load     {first:>8} bytes (promised {FIRST_MAX})");
    println!("console: page weight, after          {after:>8} bytes (promised {AFTER_MAX})");
    assert!(first <= FIRST_MAX, "the first load weighs {first} bytes");
    assert!(after <= AFTER_MAX, "a later page weighs {after} bytes");
}

/// Prints p50 and p95.
fn tell(name: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)];
    println!("{name:<36} p50 {:>8.2?}  p95 {:>8.2?}", at(50), at(95));
}

fn add_analyst(node: &Node) {
    let rng = &mut rand::rng();
    let new = |person: &str, roles: &[StaffRole]| NewMember {
        person: person.parse().unwrap(),
        name: person.to_owned(),
        email: None,
        roles: roles.iter().copied().collect(),
        functions: BTreeSet::new(),
    };
    let staff = node.staff();
    let first = staff.add_first(new("admin", &[]), now(), rng);
    drop(first.unwrap());
    let by = Actor {
        person: "admin".parse().unwrap(),
        account: "admin".to_owned(),
        session: "bench".to_owned(),
        roles: vec![StaffRole::Administrator],
    };
    let code = staff.add(&by, new("ann", &[StaffRole::Analyst]), now(), rng);
    let code = code.unwrap();
    let typed = SignIn {
        person: "ann",
        password: &code.0,
        code: None,
    };
    let password = Secret::new(PASSWORD.to_owned());
    staff
        .choose_password(&typed, &password, now(), rng)
        .unwrap();
}

/// A browser as far as the bench needs one.
struct Analyst {
    address: SocketAddr,
    cookie: String,
}

impl Analyst {
    fn sign_in(address: SocketAddr) -> Self {
        let mut analyst = Self {
            address,
            cookie: String::new(),
        };
        let began = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(began.elapsed() < Duration::from_secs(10), "no console");
            std::thread::sleep(Duration::from_millis(50));
        }
        let page = analyst.get("/sign-in", false);
        let page = String::from_utf8_lossy(&page).into_owned();
        let token = page.split("name=\"token\" value=\"").nth(1).unwrap();
        let token = token.split('"').next().unwrap();
        let password = PASSWORD.replace(' ', "+");
        let form = format!("token={token}&person=ann&password={password}");
        let reply = analyst.send("POST", "/sign-in", false, &form);
        assert!(
            reply.starts_with(b"HTTP/1.1 303"),
            "{}",
            String::from_utf8_lossy(&reply)
        );
        analyst
    }

    fn get(&mut self, path: &str, zipped: bool) -> Vec<u8> {
        self.send("GET", path, zipped, "")
    }

    /// Everything that the page needs besides itself: style sheets, scripts, and what these import.
    fn assets(&mut self) -> usize {
        let mut wanted = vec!["/matches".to_owned()];
        let mut seen = BTreeSet::new();
        let mut bytes = 0;
        while let Some(path) = wanted.pop() {
            let text = String::from_utf8_lossy(&self.get(&path, false)).into_owned();
            for (mark, end) in [("\"/assets/", '"'), ("'./", '\'')] {
                let named = text.split(mark).skip(1).filter_map(|t| t.split(end).next());
                for name in named.filter(|n| n.len() < 80) {
                    let path = format!("/assets/{name}");
                    if seen.insert(path.clone()) {
                        let sent = self.get(&path, true);
                        assert!(sent.starts_with(b"HTTP/1.1 200"), "{path}");
                        bytes += sent.len();
                        wanted.push(path);
                    }
                }
            }
        }
        assert!(seen.len() > 4, "the page names {seen:?} only");
        bytes
    }

    fn send(&mut self, verb: &str, path: &str, zipped: bool, form: &str) -> Vec<u8> {
        let mut head = format!(
            "{verb} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n",
            self.address
        );
        if zipped {
            head.push_str("Accept-Encoding: gzip\r\n");
        }
        if !self.cookie.is_empty() {
            head.push_str(&format!("Cookie: {}\r\n", self.cookie));
        }
        head.push_str(&format!(
            "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        ));
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        let mut reply = Vec::new();
        stream.read_to_end(&mut reply).unwrap();
        let text = String::from_utf8_lossy(&reply);
        for line in text.lines().take_while(|l| !l.is_empty()) {
            if let Some(cookie) = line.strip_prefix("set-cookie: ") {
                let pair = cookie.split(';').next().unwrap();
                if !pair.ends_with('=') {
                    self.cookie = pair.to_owned();
                }
            }
        }
        reply
    }
}
