//! Sign-ins that were refused, counted for supervisors: a burst of them is an attack or a machine that keeps an old
//! password. In memory, for a day; each refusal that the register or the provider's token made is in the ledger too.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use sanctuary_types::Timestamp;

use crate::limiter::network;

const MINUTE_MS: u64 = 60_000;
/// What the page looks back on.
const DAY_MINUTES: u64 = 24 * 60;
/// Refused in [`BURST_MINUTES`]: an office of fifty people mistypes less.
pub const BURST: u32 = 50;
/// The time they count for.
pub const BURST_MINUTES: u64 = 10;
/// A burst that goes on is told once in this time.
const TELL_MS: u64 = 60 * MINUTE_MS;
/// Networks that are remembered.
const NETWORKS_MAX: usize = 1_000;
/// Networks that the page names.
const NAMED: usize = 5;

/// Why a sign-in was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// Person, password or code were not right, or the person is paused.
    Details,
    /// Too many from one network.
    Network,
    /// What the identity provider sent.
    Provider,
}

impl Why {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Details, Self::Network, Self::Provider];

    /// What the page says.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Details => "Person, password or code not right, or paused after wrong tries",
            Self::Network => "Too many tries from one network",
            Self::Provider => "Not accepted from the identity provider",
        }
    }
}

/// Counts of one minute.
type Minute = (u64, [u32; 3]);

/// What was counted.
#[derive(Debug, Default)]
pub struct Watch(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    minutes: VecDeque<Minute>,
    networks: HashMap<IpAddr, (u32, Timestamp)>,
    told: Option<Timestamp>,
}

/// What a supervisor sees.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refused {
    /// Of the last [`BURST_MINUTES`].
    pub lately: u32,
    /// Of the last day, by reason.
    pub day: BTreeMap<Why, u32>,
    /// Networks with the most of the last day.
    pub networks: Vec<(IpAddr, u32)>,
}

impl Refused {
    /// More than people mistype.
    #[must_use]
    pub const fn is_burst(&self) -> bool {
        self.lately >= BURST
    }
}

impl Watch {
    /// Counts one; whether a burst has begun that nobody was told of.
    pub fn count(&self, why: Why, from: IpAddr, now: Timestamp) -> bool {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let minute = now.0 / MINUTE_MS;
        if seen.minutes.back().is_none_or(|(last, _)| *last < minute) {
            seen.minutes.push_back((minute, [0; 3]));
        }
        while seen.minutes.len() as u64 > DAY_MINUTES {
            seen.minutes.pop_front();
        }
        if let Some((_, counts)) = seen.minutes.back_mut() {
            counts[why as usize] = counts[why as usize].saturating_add(1);
        }
        seen.count_network(network(from), now);
        let begins = seen.lately(minute) >= BURST
            && seen
                .told
                .is_none_or(|told| now.0.saturating_sub(told.0) >= TELL_MS);
        if begins {
            seen.told = Some(now);
        }
        begins
    }

    /// What was counted.
    #[must_use]
    pub fn refused(&self, now: Timestamp) -> Refused {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let minute = now.0 / MINUTE_MS;
        let mut day = BTreeMap::new();
        let of_day = seen
            .minutes
            .iter()
            .filter(|(m, _)| m + DAY_MINUTES > minute);
        for (_, counts) in of_day {
            for (why, count) in Why::ALL.iter().zip(counts) {
                *day.entry(*why).or_insert(0) += count;
            }
        }
        let fresh = |at: &Timestamp| now.0.saturating_sub(at.0) < DAY_MINUTES * MINUTE_MS;
        let networks = seen.networks.iter().filter(|(_, (_, at))| fresh(at));
        let mut networks: Vec<_> = networks.map(|(net, (count, _))| (*net, *count)).collect();
        networks.sort_by_key(|(net, count)| (std::cmp::Reverse(*count), *net));
        networks.truncate(NAMED);
        Refused {
            lately: seen.lately(minute),
            day,
            networks,
        }
    }
}

impl Seen {
    fn lately(&self, minute: u64) -> u32 {
        let late = self.minutes.iter().rev();
        late.take_while(|(m, _)| m + BURST_MINUTES > minute)
            .map(|(_, counts)| counts.iter().sum::<u32>())
            .sum()
    }

    fn count_network(&mut self, network: IpAddr, now: Timestamp) {
        if self.networks.len() >= NETWORKS_MAX && !self.networks.contains_key(&network) {
            self.networks
                .retain(|_, (_, at)| now.0.saturating_sub(at.0) < DAY_MINUTES * MINUTE_MS);
            // Still full: those seen once say least.
            if self.networks.len() >= NETWORKS_MAX {
                self.networks.retain(|_, (count, _)| *count > 1);
            }
            if self.networks.len() >= NETWORKS_MAX {
                return;
            }
        }
        let (count, at) = self.networks.entry(network).or_insert((0, now));
        if now.0.saturating_sub(at.0) >= DAY_MINUTES * MINUTE_MS {
            *count = 0;
        }
        (*count, *at) = (count.saturating_add(1), now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_796_119_800_000);

    fn address(n: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, n])
    }

    #[test]
    fn a_burst_is_told_once_an_hour() {
        let watch = Watch::default();
        let told = (0..200).filter(|_| watch.count(Why::Network, address(1), NOW));
        assert_eq!(told.count(), 1);
        let refused = watch.refused(NOW);
        assert!(refused.is_burst());
        assert_eq!((refused.lately, refused.day[&Why::Network]), (200, 200));
        assert_eq!(refused.networks, [(address(1), 200)]);
        let hour = Timestamp(NOW.0 + TELL_MS);
        assert!(!watch.refused(hour).is_burst());
        assert!(!watch.count(Why::Details, address(2), hour));
        let again = (0..200).filter(|_| watch.count(Why::Network, address(1), hour));
        assert_eq!(again.count(), 1);
        let tomorrow = Timestamp(NOW.0 + (24 * 60 + 30) * MINUTE_MS);
        assert_eq!(watch.refused(tomorrow).day.values().sum::<u32>(), 201);
        let later = Timestamp(NOW.0 + 26 * 60 * MINUTE_MS);
        assert_eq!(watch.refused(later), Refused::default());
    }

    #[test]
    fn what_people_mistype_is_no_burst() {
        let watch = Watch::default();
        for minute in 0..120 {
            let at = Timestamp(NOW.0 + minute * MINUTE_MS);
            for n in 0..4 {
                assert!(!watch.count(Why::Details, address(n), at), "{minute}");
            }
            assert!(!watch.refused(at).is_burst());
        }
    }

    #[test]
    fn many_networks_fill_no_memory() {
        let watch = Watch::default();
        for n in 0..20_000_u32 {
            watch.count(Why::Details, IpAddr::from(n.to_be_bytes()), NOW);
        }
        let seen = watch.0.lock().unwrap();
        assert!(seen.networks.len() <= NETWORKS_MAX);
        assert!(seen.minutes.len() <= 2);
    }
}
