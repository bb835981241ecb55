//! A whole partnership in this process: the real daemons over real mutual TLS on 127.0.0.1, with
//! their stores in one folder.

mod ceremony;

use std::future::Future;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;

use sanctuary_rpc::{Identity, RosterWatch, ServeOptions, Tap, now};
use sanctuary_trust::files::Layout;
use sanctuary_trust::{Partnership, Plan};
use sanctuary_types::{Epoch, KeyClass};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// The key holders of the lab.
pub const HOLDERS: [&str; 3] = ["alder", "birch", "cedar"];
/// How many of them must answer.
pub const THRESHOLD: u16 = 2;
/// The epoch of the lab's keys.
pub const EPOCH: Epoch = Epoch(1);

/// Gives each party's server the tap that sees what it receives.
pub type Taps = Arc<dyn Fn(&str) -> Tap + Send + Sync>;

/// What to found.
pub struct Founding {
    /// An empty folder.
    pub dir: PathBuf,
    /// Names of the agencies.
    pub agencies: Vec<String>,
    /// Records expected in all.
    pub universe_records: u64,
    /// Evaluations an agency may ask for, in each class, in a day.
    pub quota_per_day: u64,
    /// Between two match rounds of the hub.
    pub round_interval_ms: u64,
    /// What sees every decrypted byte that a server receives, by party; for the wire search.
    pub tap: Option<Taps>,
}

/// Hub and key holders at work; nodes are started by whoever has records for them.
pub struct LivePartnership {
    /// Folders and files.
    pub layout: Layout,
    /// Everybody's keys.
    pub partnership: Partnership,
    stop: watch::Sender<bool>,
    daemons: JoinSet<anyhow::Result<()>>,
}

impl LivePartnership {
    /// Makes all keys, starts the key holders, holds both ceremonies, starts the hub.
    ///
    /// # Errors
    /// In one sentence, whatever the daemons could not do.
    pub async fn found(founding: &Founding) -> anyhow::Result<Self> {
        let mut holder_listeners = Vec::new();
        for _ in HOLDERS {
            holder_listeners.push(TcpListener::bind("127.0.0.1:0")?);
        }
        let hub_listener = TcpListener::bind("127.0.0.1:0")?;
        let plan = plan(founding, &hub_listener, &holder_listeners)?;
        let partnership = Partnership::generate(&plan, now(), &mut rand::rng())?;
        let layout = partnership.write_to_dir(&founding.dir)?;
        let (stop, _) = watch::channel(false);
        let mut live = Self {
            layout,
            partnership,
            stop,
            daemons: JoinSet::new(),
        };
        for (name, listener) in HOLDERS.into_iter().zip(holder_listeners) {
            live.start_holder(name, listener, founding)?;
        }
        for class in KeyClass::ALL {
            ceremony::hold(&live, founding, class).await?;
        }
        ceremony::taken_up(&live, founding).await?;
        live.start_hub(hub_listener, founding)?;
        Ok(live)
    }

    /// A party's own folder.
    #[must_use]
    pub fn folder(&self, party: &str) -> PathBuf {
        self.layout.party(party)
    }

    /// A party's keys, as its daemon loads them.
    ///
    /// # Errors
    /// When there is no such party.
    pub fn identity(&self, party: &str) -> anyhow::Result<Identity> {
        let member = self
            .partnership
            .member(party)
            .with_context(|| format!("no party {party}"))?;
        Ok(Identity::from_member(member, &self.partnership.anchors)?)
    }

    /// The roster as everybody reads it.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn roster(&self) -> anyhow::Result<RosterWatch> {
        Ok(RosterWatch::open(
            &self.layout.roster(),
            self.partnership.anchors.clone(),
            None,
        )?)
    }

    /// Resolves when everybody shall stop; for nodes that live beside.
    pub fn stopped(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut stop = self.stop.subscribe();
        async move {
            let _ = stop.wait_for(|stop| *stop).await;
        }
    }

    /// Ends every daemon cleanly.
    ///
    /// # Errors
    /// Whatever a daemon ended with.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        let _ = self.stop.send(true);
        while let Some(ended) = self.daemons.join_next().await {
            ended??;
        }
        Ok(())
    }

    fn start_holder(
        &mut self,
        name: &str,
        listener: TcpListener,
        founding: &Founding,
    ) -> anyhow::Result<()> {
        let folder = self.folder(name);
        let config = sanctuary_keyholder::Config::new(
            name.parse()?,
            listener.local_addr()?,
            folder.join("data"),
            folder,
            self.layout.anchors(),
            self.layout.roster(),
            KeyClass::ALL
                .iter()
                .map(|class| self.layout.manifest(*class))
                .collect(),
        );
        let options = options(name, founding);
        self.daemons.spawn(sanctuary_keyholder::run_with(
            config,
            listener,
            self.stopped(),
            options,
        ));
        Ok(())
    }

    fn start_hub(&mut self, listener: TcpListener, founding: &Founding) -> anyhow::Result<()> {
        let config = hub_config(
            &self.layout,
            listener.local_addr()?,
            founding.round_interval_ms,
        )?;
        let options = options("hub", founding);
        self.daemons.spawn(sanctuary_hub::run_with(
            config,
            listener,
            self.stopped(),
            options,
        ));
        Ok(())
    }
}

/// The hub's configuration in a partnership's folder.
///
/// # Errors
/// Never in practice: the names are ours.
pub fn hub_config(
    layout: &Layout,
    listen: std::net::SocketAddr,
    round_interval_ms: u64,
) -> anyhow::Result<sanctuary_hub::Config> {
    let folder = layout.party("hub");
    let mut config = sanctuary_hub::Config::new(
        "hub".parse()?,
        listen,
        folder.join("data"),
        // Beside the data, so that a demo can be moved and removed whole; nowhere else.
        folder.join("root.key"),
        folder,
        layout.anchors(),
        layout.roster(),
        EPOCH,
    );
    config.round_interval_ms = round_interval_ms;
    Ok(config)
}

/// The listeners are bound before anything else, so no port is ever guessed.
fn plan(founding: &Founding, hub: &TcpListener, holders: &[TcpListener]) -> anyhow::Result<Plan> {
    let agencies: Vec<&str> = founding.agencies.iter().map(String::as_str).collect();
    let mut plan = Plan::new("hub", &HOLDERS, &agencies)?;
    plan.hub.endpoint = Some(hub.local_addr()?.to_string());
    for (planned, listener) in plan.holders.iter_mut().zip(holders) {
        planned.endpoint = Some(listener.local_addr()?.to_string());
    }
    Ok(plan)
}

fn options(party: &str, founding: &Founding) -> ServeOptions {
    ServeOptions {
        tap: founding.tap.as_ref().map(|tap| tap(party)),
        ..ServeOptions::default()
    }
}

/// The folder of the demo's data, new and empty.
///
/// # Errors
/// When it exists with something in it, or cannot be made.
pub fn empty_folder(path: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(path).with_context(|| format!("cannot create {}", path.display()))?;
    let is_empty = std::fs::read_dir(path)?.next().is_none();
    anyhow::ensure!(
        is_empty,
        "{} is not empty; choose another folder or remove it",
        path.display()
    );
    Ok(())
}
