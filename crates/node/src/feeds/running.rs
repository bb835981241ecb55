use std::{sync::Arc, time::Duration};

use tokio::sync::Notify;

use super::{Arrivals, Arriving, Folders};
use crate::run::Problems;

impl Folders {
    /// Looks at the agency's folders again and again. `first` was taken before anything is tokenised: a
    /// file may have been cut off.
    pub(crate) async fn run(
        self,
        poll: Duration,
        arrivals: Arrivals,
        first: Arriving,
        problems: Problems,
        imported: Arc<Notify>,
    ) {
        const PART: &str = "feeds";
        let (mut feeds, mut arriving) = (self, Some(first));
        loop {
            let busy = arriving.take().unwrap_or_else(|| arrivals.begin());
            let looked = tokio::task::spawn_blocking(move || {
                let outcome = feeds.look();
                drop(busy);
                (feeds, outcome)
            });
            // Only a panic or the end of the program; either way there is nothing to go on with.
            let Ok((again, outcome)) = looked.await else {
                tracing::error!("the feeds have stopped; restart the node");
                return;
            };
            feeds = again;
            match outcome {
                Ok(settled) => {
                    problems.clear(PART);
                    if settled > 0 {
                        imported.notify_one();
                    }
                }
                Err(error) => problems.set(PART, &error),
            }
            tokio::time::sleep(poll).await;
        }
    }
}
