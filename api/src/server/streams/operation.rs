//! An operation as what a client gets of it, bit by bit.
use std::panic::AssertUnwindSafe;

use futures_util::{
    FutureExt, StreamExt,
    stream::{self, BoxStream},
};

use crate::{
    gate::{Asked, Refusal},
    server::{
        request::RequestId,
        run::{self, Call, Ran, Run},
    },
};

/// A bit of an operation. Nothing comes after a refusal or the completion.
pub(super) enum Bit {
    /// A response, as JSON.
    Next(Vec<u8>),
    Refused(Refusal),
    Complete,
}

/// Runs an operation until there is something to answer. Whatever it panics with ends this operation alone.
pub(super) async fn ran<R: Run>(run: &R, asked: Asked, call: Call<R::Caller>) -> Ran {
    let id = call.id.clone();
    let ran = AssertUnwindSafe(async { run.run(asked, call).await }).catch_unwind().await;
    ran.unwrap_or_else(|panic| Ran::Refused(run::panicked(panic, &id)))
}

/// What a client gets of what ran. A subscription is complete as soon as the server stops.
pub(super) fn bits(
    ran: Ran,
    id: RequestId,
    stopped: impl Future<Output = ()> + Send + 'static,
) -> BoxStream<'static, Bit> {
    match ran {
        Ran::Refused(refusal) => stream::iter([Bit::Refused(refusal)]).boxed(),
        Ran::Once(answer) => stream::iter([Bit::Next(answer.body), Bit::Complete]).boxed(),
        Ran::Many(responses) => AssertUnwindSafe(responses)
            .catch_unwind()
            .map(move |response| match response {
                Ok(response) => Bit::Next(response),
                Err(panic) => Bit::Refused(run::panicked(panic, &id)),
            })
            .take_until(stopped)
            .chain(stream::iter([Bit::Complete]))
            .boxed(),
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;
    use crate::{error::Code, server::Answer};

    async fn told(ran: Ran, stopped: impl Future<Output = ()> + Send + 'static) -> Vec<String> {
        let bits = bits(ran, RequestId::generate(), stopped);
        let told = bits.map(|bit| match bit {
            Bit::Next(response) => String::from_utf8(response).unwrap(),
            Bit::Refused(refusal) => refusal.code.as_str().to_owned(),
            Bit::Complete => "complete".to_owned(),
        });
        told.collect().await
    }

    fn once() -> Ran {
        Ran::Once(Answer { body: b"1".to_vec(), is_whole: true, max_age: None })
    }

    fn numbers() -> BoxStream<'static, Vec<u8>> {
        stream::iter([b"1".to_vec(), b"2".to_vec()]).boxed()
    }

    #[tokio::test]
    async fn responses_come_before_the_completion_and_refusals_alone() {
        let refused = Ran::Refused(Refusal::new(Code::SyntaxInvalid, "no"));

        assert_eq!(told(refused, pending()).await, ["SYNTAX_INVALID"]);
        assert_eq!(told(once(), pending()).await, ["1", "complete"]);
        assert_eq!(told(Ran::Many(numbers()), pending()).await, ["1", "2", "complete"]);
    }

    #[tokio::test]
    async fn a_server_that_stops_completes_streams_and_still_answers() {
        assert_eq!(told(Ran::Many(numbers()), ready(())).await, ["complete"]);
        assert_eq!(told(Ran::Many(stream::pending().boxed()), ready(())).await, ["complete"]);
        assert_eq!(told(once(), ready(())).await, ["1", "complete"]);
    }

    #[tokio::test]
    async fn a_stream_that_panics_ends_with_our_failure() {
        let odd = stream::iter([1, 2]).map(|it| if it == 2 { panic!("even") } else { vec![b'1'] });

        assert_eq!(told(Ran::Many(odd.boxed()), pending()).await[..2], ["1", "INTERNAL"]);
    }
}
