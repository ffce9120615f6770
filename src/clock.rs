//! The time, as an argument: so that expiry, waits and deadlines can be tested without waiting.

use std::{
    future::Future,
    pin::Pin,
    sync::Mutex,
    time::{Duration, Instant},
};

use jiff::Timestamp;

/// A source of time. `now` is the wall clock (token expiry, `Retry-After` dates); `elapsed` never goes
/// back (deadlines).
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
    fn elapsed(&self) -> Duration;
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// The machine's clock.
pub struct SystemClock {
    start: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        SystemClock { start: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is the one place")]
        Timestamp::now()
    }

    fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// A clock that stands still, and moves on only by the sleeps asked of it.
pub struct ManualClock {
    state: Mutex<(Timestamp, Duration, Vec<Duration>)>,
}

impl ManualClock {
    pub fn at(now: Timestamp) -> Self {
        ManualClock { state: Mutex::new((now, Duration::ZERO, Vec::new())) }
    }

    pub fn advance(&self, duration: Duration) {
        let mut state = self.lock();
        state.0 = state
            .0
            .saturating_add(jiff::SignedDuration::try_from(duration).unwrap_or_default())
            .unwrap_or(state.0);
        state.1 += duration;
    }

    /// The sleeps that were asked for, in order.
    pub fn sleeps(&self) -> Vec<Duration> {
        self.lock().2.clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, (Timestamp, Duration, Vec<Duration>)> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.lock().0
    }

    fn elapsed(&self) -> Duration {
        self.lock().1
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.advance(duration);
        self.lock().2.push(duration);
        Box::pin(tokio::task::yield_now())
    }
}
