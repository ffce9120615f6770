//! When the whole command must be over.

use std::time::Duration;

use crate::clock::Clock;

/// A point on the clock that never goes back; or none, for commands that run until they're stopped.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(Option<Duration>);

impl Deadline {
    pub const NONE: Deadline = Deadline(None);

    pub fn after(clock: &dyn Clock, time: Duration) -> Self {
        Deadline(Some(clock.elapsed().saturating_add(time)))
    }

    /// The time that is left; `None` without a deadline.
    pub fn remaining(self, clock: &dyn Clock) -> Option<Duration> {
        self.0.map(|at| at.saturating_sub(clock.elapsed()))
    }

    /// Whether a wait would end too late.
    pub fn allows(self, clock: &dyn Clock, wait: Duration) -> bool {
        self.remaining(clock).is_none_or(|left| wait < left)
    }
}
