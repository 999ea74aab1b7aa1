//! The threads that judge a summary's rows beside each other.
//!
//! They are made once, when the first large summary is asked for, and wait for the next. Where there is one processor, or no
//! more threads may be had, there are none, and whoever sums up does everything himself.

use std::sync::OnceLock;

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::capture::processors;

/// Most threads. An estimate, not measured: all of them read the same flows, so that at some number they wait for memory.
const MOST_THREADS: usize = 8;

/// The threads, if there can be some.
pub(super) fn judges() -> Option<&'static ThreadPool> {
    static MADE: OnceLock<Option<ThreadPool>> = OnceLock::new();
    let made = MADE.get_or_init(|| {
        let threads = ThreadPoolBuilder::new()
            .num_threads(processors().min(MOST_THREADS))
            .thread_name(|number| format!("judge-{number}"));
        (processors() > 1).then(|| threads.build().ok())?
    });
    made.as_ref()
}
