use sanctuary_types::Timestamp;

use super::svg::n;

/// How much of the time to answer is used: the small bar beside the words in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// When it began to run.
    pub started: Timestamp,
    /// When the answer is due.
    pub due: Timestamp,
    /// The present.
    pub now: Timestamp,
}

/// How pressing it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pressing {
    NotYet,
    Soon,
    Over,
}

const WIDTH: f64 = 60.0;
/// Less than this share of the time is left, or less than a day: soon.
const SOON: f64 = 0.25;
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

impl Clock {
    /// The share of the time that is used, in twentieths: finer steps say nothing to an eye.
    fn used(&self) -> f64 {
        let (started, due, now) = (self.started.0, self.due.0, self.now.0);
        let all = due.saturating_sub(started).max(1) as f64;
        let share = (now.saturating_sub(started) as f64 / all).min(1.0);
        (share * 20.0).floor() / 20.0
    }

    fn pressing(&self) -> Pressing {
        let left = self.due.0.saturating_sub(self.now.0);
        if self.now > self.due {
            Pressing::Over
        } else if 1.0 - self.used() < SOON || left < DAY_MS {
            Pressing::Soon
        } else {
            Pressing::NotYet
        }
    }

    /// `ok`, `soon` or `over`: the ending of the classes for words and bar.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self.pressing() {
            Pressing::NotYet => "ok",
            Pressing::Soon => "soon",
            Pressing::Over => "over",
        }
    }

    /// Draws the bar. It repeats what the words beside it say, so it is hidden from screen readers.
    #[must_use]
    pub fn draw(&self) -> String {
        format!(
            "<svg class=\"app-sla app-sla--{}\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 60 6\" \
             width=\"60\" height=\"6\" aria-hidden=\"true\" focusable=\"false\">\
             <rect class=\"sla-bg\" width=\"60\" height=\"6\" rx=\"3\"/>\
             <rect class=\"sla-fg\" width=\"{}\" height=\"6\" rx=\"3\"/></svg>",
            self.word(),
            n((self.used() * WIDTH).max(3.0)),
        )
    }
}
