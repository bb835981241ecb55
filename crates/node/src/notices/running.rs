//! The loops: one that looks what is new, one for each channel. A receiver that is away stops its own channel
//! and nothing else.

use std::time::Duration;

use sanctuary_node_core::NodeError;
use sanctuary_notify::{Outcome, Slip};
use sanctuary_rpc::now;
use tokio::task::JoinSet;

use super::{NoticeDesk, fault, mail, mail::MailConfig, syslog, webhook};
use crate::{Node, run::Problems};

/// Between two looks at what waits.
const LOOK: Duration = Duration::from_secs(5);
/// Between two looks of a channel, beside what is announced.
const IDLE: Duration = Duration::from_secs(1);
/// After a fault of a store.
const FAULT_WAIT: Duration = Duration::from_secs(10);

/// Tells people what waits for them, for as long as the daemon runs.
pub(crate) async fn run(node: Node, problems: Problems, push_interval_ms: u64) {
    let Some(notices) = &node.inner.notices else {
        return;
    };
    let look = Duration::from_millis(push_interval_ms).min(LOOK);
    let mut parts = JoinSet::new();
    parts.spawn(tell(node.clone(), problems.clone(), look));
    for place in 0..notices.config.webhooks.len() {
        parts.spawn(channel(
            node.clone(),
            problems.clone(),
            Channel::Webhook(place),
        ));
    }
    if notices.config.syslog.is_some() {
        parts.spawn(channel(node.clone(), problems.clone(), Channel::Syslog));
    }
    if notices.config.mail.is_some() {
        parts.spawn(mails(node.clone(), problems));
    }
    while parts.join_next().await.is_some() {}
}

async fn tell(node: Node, problems: Problems, look: Duration) {
    const PART: &str = "notices";
    loop {
        let telling = node.clone();
        let told = tokio::task::spawn_blocking(move || telling.tell_notices()).await;
        match told.unwrap_or(Err(NodeError::Damaged("notice"))) {
            Ok(told) => {
                problems.clear(PART);
                if told.given_up > 0 {
                    tracing::warn!(
                        count = told.given_up,
                        "notices were given up; see `notices list`"
                    );
                }
            }
            Err(error) => problems.set(PART, &error),
        }
        tokio::time::sleep(look).await;
    }
}

#[derive(Clone, Copy)]
enum Channel {
    /// By its place in the configuration.
    Webhook(usize),
    Syslog,
}

impl Channel {
    fn name(self, notices: &NoticeDesk) -> &str {
        match self {
            Self::Webhook(place) => {
                let webhook = notices.config.webhooks.get(place);
                webhook.map_or("", |w| w.name.as_str())
            }
            Self::Syslog => sanctuary_notify::SYSLOG,
        }
    }

    async fn deliver(self, notices: &NoticeDesk, slip: &Slip) -> Outcome {
        let gone = || Outcome::Refused {
            reason: "the configuration has no such channel".to_owned(),
        };
        match self {
            Self::Webhook(place) => match notices.config.webhooks.get(place) {
                Some(config) => webhook::deliver(config, &notices.settings, slip, now()).await,
                None => gone(),
            },
            Self::Syslog => match &notices.config.syslog {
                Some(config) => syslog::deliver(config, &notices.settings, slip).await,
                None => gone(),
            },
        }
    }
}

async fn channel(node: Node, problems: Problems, channel: Channel) {
    let Some(notices) = &node.inner.notices else {
        return;
    };
    let name = channel.name(notices).to_owned();
    let mut away = false;
    loop {
        let Some(slip) = notices.desk.next(&name, now()) else {
            let _ = tokio::time::timeout(IDLE, notices.wake.notified()).await;
            continue;
        };
        let outcome = channel.deliver(notices, &slip).await;
        say(&name, &outcome, &mut away);
        let reporting = node.clone();
        let reported = blocking(
            move |notices| {
                let reported = notices
                    .desk
                    .report(&notices.store, slip.number, &outcome, now());
                reported.map_err(fault)
            },
            reporting,
        );
        pause_on_fault(reported.await, &problems).await;
    }
}

async fn mails(node: Node, problems: Problems) {
    let Some(notices) = &node.inner.notices else {
        return;
    };
    let mut away = false;
    loop {
        for mail in notices.desk.mails(now()) {
            let (sending, sent) = (node.clone(), mail.clone());
            let outcome = blocking(
                move |notices| {
                    let Some(config) = notices.config.mail.as_ref() else {
                        return Ok(None);
                    };
                    send(notices, config, &sending, &sent)
                },
                node.clone(),
            );
            let outcome = match outcome.await {
                Ok(outcome) => outcome,
                Err(error) => {
                    pause_on_fault(Err(error), &problems).await;
                    break;
                }
            };
            if let Some(outcome) = &outcome {
                say(sanctuary_notify::MAIL, outcome, &mut away);
            }
            let reported = blocking(
                move |notices| {
                    let store = &notices.store;
                    let reported = match &outcome {
                        Some(outcome) => notices.desk.report_mail(store, &mail, outcome, now()),
                        None => notices.desk.unread(store, &mail),
                    };
                    reported.map_err(fault)
                },
                node.clone(),
            );
            pause_on_fault(reported.await, &problems).await;
        }
        let _ = tokio::time::timeout(IDLE, notices.wake.notified()).await;
    }
}

/// None when nobody is there any more to read it.
fn send(
    notices: &NoticeDesk,
    config: &MailConfig,
    node: &Node,
    mail: &sanctuary_notify::Mail,
) -> Result<Option<Outcome>, NodeError> {
    let address = notices.address(node, &mail.to)?;
    Ok(address.map(|address| mail::send(config, mail, &address)))
}

/// Once when a receiver goes away, once when it is back.
fn say(channel: &str, outcome: &Outcome, away: &mut bool) {
    match outcome {
        Outcome::Delivered if *away => {
            *away = false;
            tracing::info!(channel, "notices arrive again");
        }
        Outcome::Delivered => {}
        Outcome::Away { reason, .. } if !*away => {
            *away = true;
            tracing::warn!(channel, %reason, "notices wait; they are tried again for five days");
        }
        Outcome::Away { .. } => {}
        Outcome::Refused { reason } => tracing::warn!(channel, %reason, "a notice was refused"),
    }
}

async fn blocking<R: Send + 'static>(
    work: impl FnOnce(&NoticeDesk) -> Result<R, NodeError> + Send + 'static,
    node: Node,
) -> Result<R, NodeError> {
    let done = tokio::task::spawn_blocking(move || match &node.inner.notices {
        Some(notices) => work(notices),
        None => Err(NodeError::Damaged("notice")),
    });
    done.await.unwrap_or(Err(NodeError::Damaged("notice")))
}

async fn pause_on_fault(reported: Result<(), NodeError>, problems: &Problems) {
    const PART: &str = "sending notices";
    match reported {
        Ok(()) => problems.clear(PART),
        Err(error) => {
            problems.set(PART, &error);
            tokio::time::sleep(FAULT_WAIT).await;
        }
    }
}
