use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    BoxError,
    body::{Body, Bytes},
};
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

use super::status::status_of;
use crate::api::{Pace, Problem};

/// A body that must keep up a pace, as those over HTTP/1 do.
pub(super) struct Paced {
    inner: Body,
    pace: Pace,
    started: Instant,
    bytes: u64,
    late: Pin<Box<Sleep>>,
}

impl Paced {
    pub fn new(inner: Body, pace: Pace) -> Self {
        let started = Instant::now();
        Self {
            inner,
            pace,
            started,
            bytes: 0,
            late: Box::pin(sleep_until(started + pace.grace)),
        }
    }
}

impl HttpBody for Paced {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match Pin::new(&mut self.inner).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                self.bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(error.into()))),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => {
                let latest = self.pace.latest(self.started, self.bytes);
                self.late.as_mut().reset(latest);
                match self.late.as_mut().poll(context) {
                    Poll::Ready(()) => {
                        let late = status_of(&Problem::too_slow());
                        Poll::Ready(Some(Err(late.into())))
                    }
                    Poll::Pending => Poll::Pending,
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
