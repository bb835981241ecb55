//! The listener as a Prometheus and an orchestrator meet it.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use sanctuary_health::{Figures, IntGauge, Watched, serve};

struct Daemon {
    figures: Figures,
    waiting: IntGauge,
    ready: AtomicBool,
}

impl Watched for Daemon {
    fn figures(&self) -> &Figures {
        self.waiting.inc();
        &self.figures
    }

    fn readiness(&self) -> Result<(), String> {
        let ready = self.ready.load(Ordering::Relaxed);
        ready
            .then_some(())
            .ok_or("the store has stopped; restart it".to_owned())
    }
}

fn ask(at: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(at).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn it_tells_figures_and_whether_the_daemon_is_alive_and_ready() {
    let figures = Figures::new(&"police".parse().unwrap()).unwrap();
    let waiting = figures.gauge("node_pending", "Records that wait.").unwrap();
    let daemon = Arc::new(Daemon {
        figures,
        waiting,
        ready: AtomicBool::new(true),
    });
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let serving = tokio::spawn(serve(listener, Arc::clone(&daemon) as Arc<dyn Watched>));
    let asked = tokio::task::spawn_blocking(move || {
        let first = ask(at, "/metrics");
        assert!(first.starts_with("HTTP/1.1 200"), "{first}");
        assert!(
            first.contains("content-type: text/plain; version=0.0.4"),
            "{first}"
        );
        let body = ask(at, "/metrics");
        let body = body.split_once("\r\n\r\n").unwrap().1.to_owned();
        let lines = body.lines().map(|l| Ok(l.to_owned()));
        let scrape = prometheus_parse::Scrape::parse(lines).unwrap();
        assert_eq!(scrape.samples.len(), 1);
        let sample = &scrape.samples[0];
        assert_eq!(sample.metric, "sanctuary_node_pending");
        assert_eq!(sample.labels.get("party"), Some("police"));
        assert!(matches!(sample.value, prometheus_parse::Value::Gauge(n) if n == 2.0));
        assert!(ask(at, "/healthz").contains("alive"));
        assert!(ask(at, "/readyz").starts_with("HTTP/1.1 200"));
        daemon.ready.store(false, Ordering::Relaxed);
        let not = ask(at, "/readyz");
        assert!(not.starts_with("HTTP/1.1 503") && not.contains("the store has stopped"));
        assert!(
            ask(at, "/healthz").starts_with("HTTP/1.1 200"),
            "alive all the same"
        );
        assert!(ask(at, "/anything").starts_with("HTTP/1.1 404"));
    });
    asked.await.unwrap();
    serving.abort();
}
