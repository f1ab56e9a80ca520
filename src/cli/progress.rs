//! A progress bar on the terminal, for runs that take longer than a second.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::pipeline::Progress;

/// Runs shorter than this show nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// A bar that appears when the run takes its time.
pub(super) struct Bar {
    started: Instant,
    shown: bool,
    inner: ProgressBar,
    visible: Mutex<bool>,
}

impl Bar {
    /// A bar; `shown` says whether there is a terminal for it.
    pub(super) fn new(shown: bool) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} functions") {
            bar.set_style(style);
        }
        Self { started: Instant::now(), shown, inner: bar, visible: Mutex::new(false) }
    }

    /// Counts.
    pub(super) fn advance(&self, progress: Progress) {
        match progress {
            Progress::Found(count) => self.inner.inc_length(count as u64),
            Progress::Done => self.inner.inc(1),
        }
        if self.shown && self.started.elapsed() > PATIENCE {
            self.show();
        }
    }

    fn show(&self) {
        // A panic elsewhere must not become one here; the bar is an ornament.
        let Ok(mut visible) = self.visible.lock() else { return };
        if !*visible {
            self.inner.set_draw_target(ProgressDrawTarget::stderr());
            *visible = true;
        }
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) {
        self.inner.finish_and_clear();
    }
}
