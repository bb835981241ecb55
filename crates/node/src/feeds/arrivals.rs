use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// How many ways in are at work: nothing is tokenised meanwhile, because which compounds are rare
/// enough to be made depends on all of the agency's records.
#[derive(Clone, Default)]
pub(crate) struct Arrivals {
    at_work: Arc<AtomicUsize>,
    /// First and last of a row of single records.
    single: Arc<Mutex<Option<(Instant, Instant)>>>,
}

/// After a single record, another is waited for so long,
const LINGER: Duration = Duration::from_secs(2);
/// and for no longer in all: a system that sends all day must not hold everything back.
const LINGER_MAX: Duration = Duration::from_secs(60);

/// One way in at work, until it is dropped.
pub(crate) struct Arriving(Arc<AtomicUsize>);

impl Arrivals {
    pub(crate) fn begin(&self) -> Arriving {
        self.at_work.fetch_add(1, Ordering::AcqRel);
        Arriving(Arc::clone(&self.at_work))
    }

    /// Records came one by one, and more may follow.
    pub(crate) fn linger(&self) {
        let mut single = self.single.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let first = match *single {
            Some((first, last)) if now - last < LINGER => first,
            _ => now,
        };
        *single = Some((first, now));
    }

    pub(crate) fn is_busy(&self) -> bool {
        let single = *self.single.lock().unwrap_or_else(PoisonError::into_inner);
        let lingers = single
            .is_some_and(|(first, last)| last.elapsed() < LINGER && first.elapsed() < LINGER_MAX);
        lingers || self.at_work.load(Ordering::Acquire) > 0
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}
