//! When the whole command must be over.

use std::time::Duration;

use crate::clock::Clock;

/// A point on the clock that never goes back; or none, for commands that run until they're stopped.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(Option<Moment>);

#[derive(Clone, Copy, Debug)]
struct Moment {
    at: Duration,
    /// The whole time that was given.
    length: Duration,
}

impl Deadline {
    pub const NONE: Deadline = Deadline(None);

    pub fn after(clock: &dyn Clock, time: Duration) -> Self {
        Deadline(Some(Moment { at: clock.elapsed().saturating_add(time), length: time }))
    }

    /// The time that is left; `None` without a deadline.
    pub fn remaining(self, clock: &dyn Clock) -> Option<Duration> {
        self.0.map(|moment| moment.at.saturating_sub(clock.elapsed()))
    }

    /// The whole time that was given, for messages.
    pub fn length(self) -> Duration {
        self.0.map_or(Duration::MAX, |moment| moment.length)
    }
}
