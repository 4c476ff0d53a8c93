//! A future whose panic is an answer instead of the end of its task.

use std::{
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
};

/// The future panicked. What it said is in the log already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Panicked;

/// Runs a future to its end, or to its panic; it is not touched again after one.
///
/// The caller must be able to go on with what the future was working on: here that is a camera's
/// session, which is closed and begun anew (promise D-18).
pub(crate) async fn caught<F: Future>(future: F) -> Result<F::Output, Panicked> {
    let mut future = pin!(future);
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
        Ok(poll) => poll.map(Ok),
        Err(_) => std::task::Poll::Ready(Err(Panicked)),
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_answer() {
        assert_eq!(caught(async { 5 }).await, Ok(5));
        let fails = async {
            tokio::task::yield_now().await;
            assert!(std::hint::black_box(false), "for this test");
        };
        assert_eq!(caught(fails).await, Err(Panicked));
    }
}
