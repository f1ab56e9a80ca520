//! A guard against input that is never done with.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// So long that only what hangs takes it, however busy the machine is. How fast things are is for the benchmarks to say.
const HANGS: Duration = Duration::from_secs(1_800);

/// What is made, if that ever ends.
pub(crate) fn guarded<T: Send + 'static>(what: &str, make: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = channel();
    let worker = std::thread::spawn(move || drop(sender.send(make())));
    match receiver.recv_timeout(HANGS) {
        Ok(made) => made,
        Err(RecvTimeoutError::Timeout) => panic!("{what} is not done with after {HANGS:?}"),
        Err(RecvTimeoutError::Disconnected) => match worker.join() {
            Err(panic) => std::panic::resume_unwind(panic),
            Ok(()) => panic!("{what} gave nothing"),
        },
    }
}
