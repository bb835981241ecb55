use sanctuary_types::Timestamp;
use serde::{Deserialize, Serialize};

use crate::words::words;

words!(
    /// How soon an answer is needed.
    Urgency, "urgency", {
        /// 1: phone first; the use of this grade is reviewed afterwards.
        ThreatToLife = 1, "threat_to_life", "1: threat to life";
        /// 2.
        UrgentSafeguarding = 2, "urgent_safeguarding", "2: urgent safeguarding";
        /// 3.
        TimeCritical = 3, "time_critical", "3: time critical";
        /// 4.
        Routine = 4, "routine", "4: routine";
    }
);

impl Urgency {
    /// Whether a refusal is looked at again by an independent person within the agreed hours.
    #[must_use]
    pub const fn is_urgent(self) -> bool {
        matches!(self, Self::ThreatToLife | Self::UrgentSafeguarding)
    }
}

/// The promise for one urgency, in minutes from the moment a request is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// To acknowledge.
    pub acknowledge_minutes: u32,
    /// To answer.
    pub answer_minutes: u32,
    /// Answers leave only at multiples of this, counted from sending, so that the moment of an answer
    /// does not tell how it was reached. Divides `answer_minutes`.
    pub tick_minutes: u32,
}

impl Clock {
    /// When the request should be acknowledged.
    #[must_use]
    pub const fn acknowledge_by(&self, sent: Timestamp) -> Timestamp {
        minutes_after(sent, self.acknowledge_minutes)
    }
    /// When the answer is due.
    #[must_use]
    pub const fn answer_by(&self, sent: Timestamp) -> Timestamp {
        minutes_after(sent, self.answer_minutes)
    }
    /// The first tick at or after `ready`.
    #[must_use]
    pub const fn tick_after(&self, sent: Timestamp, ready: Timestamp) -> Timestamp {
        let tick_ms = self.tick_minutes as u64 * 60_000;
        let waited = ready.0.saturating_sub(sent.0);
        let ticks = if tick_ms == 0 {
            return ready;
        } else {
            waited.div_ceil(tick_ms)
        };
        Timestamp(sent.0.saturating_add(ticks.saturating_mul(tick_ms)))
    }
}

/// The clocks of an agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clocks {
    /// Urgency 1.
    pub threat_to_life: Clock,
    /// Urgency 2.
    pub urgent_safeguarding: Clock,
    /// Urgency 3.
    pub time_critical: Clock,
    /// Urgency 4.
    pub routine: Clock,
    /// An independent person looks again at a refused urgent request within this time.
    pub review_of_refusal_hours: u32,
    /// The use of urgency 1 is reviewed within this time.
    pub review_of_urgency_hours: u32,
}

impl Clocks {
    /// The clock of an urgency.
    #[must_use]
    pub const fn of(&self, urgency: Urgency) -> &Clock {
        match urgency {
            Urgency::ThreatToLife => &self.threat_to_life,
            Urgency::UrgentSafeguarding => &self.urgent_safeguarding,
            Urgency::TimeCritical => &self.time_critical,
            Urgency::Routine => &self.routine,
        }
    }

    /// What is wrong with them, if anything.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        let all = Urgency::ALL.iter().map(|u| self.of(*u));
        let sane = |c: &Clock| {
            c.tick_minutes > 0
                && c.answer_minutes.is_multiple_of(c.tick_minutes)
                && (1..=c.answer_minutes).contains(&c.acknowledge_minutes)
                && c.answer_minutes <= 60 * 24 * 60
        };
        if !all.clone().all(sane) {
            return Some(
                "each clock needs a tick that divides its answer time, and an acknowledgement before the answer, within 60 days",
            );
        }
        let answers: Vec<u32> = all.map(|c| c.answer_minutes).collect();
        if !answers.is_sorted() {
            return Some("a more urgent clock may not be slower than a less urgent one");
        }
        (!(1..=24).contains(&self.review_of_refusal_hours)
            || !(1..=168).contains(&self.review_of_urgency_hours))
        .then_some(
            "a refused urgent request is reviewed within 1 to 24 hours, the use of urgency 1 within 1 to 168",
        )
    }
}

impl Default for Clocks {
    fn default() -> Self {
        let clock = |acknowledge_minutes, answer_minutes, tick_minutes| Clock {
            acknowledge_minutes,
            answer_minutes,
            tick_minutes,
        };
        Self {
            threat_to_life: clock(15, 60, 15),
            urgent_safeguarding: clock(60, 24 * 60, 4 * 60),
            time_critical: clock(8 * 60, 72 * 60, 12 * 60),
            routine: clock(2 * 24 * 60, 14 * 24 * 60, 24 * 60),
            review_of_refusal_hours: 24,
            review_of_urgency_hours: 72,
        }
    }
}

const fn minutes_after(from: Timestamp, minutes: u32) -> Timestamp {
    Timestamp(from.0.saturating_add(minutes as u64 * 60_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_hide_when_a_decision_was_made() {
        let clock = Clocks::default().routine;
        let sent = Timestamp(1_000);
        let day = 86_400_000;
        assert_eq!(clock.tick_after(sent, sent), sent);
        assert_eq!(
            clock.tick_after(sent, Timestamp(1_001)),
            Timestamp(1_000 + day)
        );
        assert_eq!(
            clock.tick_after(sent, Timestamp(1_000 + day)),
            Timestamp(1_000 + day)
        );
        assert_eq!(clock.answer_by(sent), Timestamp(1_000 + 14 * day));
        assert!(Clocks::default().fault().is_none());
    }

    #[test]
    fn clocks_that_run_backwards_are_found() {
        let mut clocks = Clocks::default();
        clocks.threat_to_life.answer_minutes = 60 * 24 * 30;
        assert!(clocks.fault().is_some());
        let mut clocks = Clocks::default();
        clocks.routine.tick_minutes = 11;
        assert!(clocks.fault().is_some());
        let clocks = Clocks {
            review_of_refusal_hours: 48,
            ..Clocks::default()
        };
        assert!(clocks.fault().is_some());
    }
}
