//! The sixth stage: the function is run and its answer read.

use burgward_template::model::ApiKind;
use bytes::Bytes;

use super::{Trail, Validated, exhausted};
use crate::answer::{self, Answer};
use crate::api::{CompiledApi, Target};
use crate::gateway::Parts;
use crate::memory::Memory;
use crate::stop::{Cause, Stop, StoppedBy};
use crate::{Invocation, InvokeFailure, event};

/// Lambda's limit for a synchronous event: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const EVENT_LIMIT: usize = 6 * 1024 * 1024;

/// A request with its answer.
#[derive(Debug)]
pub(crate) struct Answered {
    answer: Answer,
}

impl Answered {
    pub(crate) async fn new(
        api: &CompiledApi,
        parts: &Parts,
        memory: &Memory,
        mut validated: Validated,
        trail: &mut Trail,
    ) -> Result<Self, Stop> {
        let stop = |cause, reason: String| Stop::new(StoppedBy::Invoke, cause, reason);
        let function = match validated.target() {
            Target::Mock(headers) => return Ok(Self { answer: answer::mock(headers) }),
            Target::Function(function) => function.clone(),
        };
        let payload = payload(api, memory, &validated)?;
        validated.forget_body(memory);
        let routed = validated.routed();
        let invocation = Invocation {
            function,
            request_id: routed.head().id.clone(),
            payload,
            trace_id: routed.head().trace_id.clone(),
            source_arn: routed.arn(api),
        };
        let invoked = match tokio::time::timeout(routed.route().timeout, parts.invoke.invoke(invocation)).await {
            Ok(Ok(invoked)) => invoked,
            Ok(Err(failure)) => return Err(stop(refused(&failure), failure.to_string())),
            Err(_) => return Err(stop(Cause::TimedOut, "the function took longer than the integration may".into())),
        };
        if let Some(error) = invoked.function_error {
            trail.function_error = Some(error.clone());
            return Err(stop(Cause::BadAnswer, format!("the function failed ({error})")));
        }
        let accept = routed.head().header("accept");
        let answer = match api.kind {
            ApiKind::Rest => answer::rest(&invoked.payload, &api.binary, accept),
            ApiKind::Http => answer::http_api(&invoked.payload, routed.route().payload),
        };
        answer.map(|answer| Self { answer }).map_err(|why| stop(Cause::BadAnswer, why))
    }

    pub(crate) fn into_answer(self) -> Answer {
        self.answer
    }
}

/// The event; it counts for as long as anything of the platform refers to it.
fn payload(api: &CompiledApi, memory: &Memory, validated: &Validated) -> Result<Bytes, Stop> {
    let content = validated.content();
    let mut held = memory.hold();
    if !content.body.is_empty() {
        held.grow(event::expected(content.body.len()).min(EVENT_LIMIT)).map_err(exhausted)?;
    }
    let event = event::proxy(api, &content, EVENT_LIMIT).map_err(|error| {
        let cause = if error.is_io() { Cause::BodyTooLarge } else { Cause::Internal };
        let reason = if error.is_io() { "the event is larger than Lambda takes".into() } else { error.to_string() };
        Stop::new(StoppedBy::Invoke, cause, reason)
    })?;
    if content.body.is_empty() {
        return Ok(event.into());
    }
    held.grow(event.capacity()).map_err(exhausted)?;
    Ok(held.keep(event))
}

/// "If the Lambda API rejects the invocation request, API Gateway returns a 500 error code":
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html#services-apigateway-errors>
fn refused(failure: &InvokeFailure) -> Cause {
    match failure {
        InvokeFailure::Throttled => Cause::FunctionThrottled,
        InvokeFailure::TooLarge => Cause::BodyTooLarge,
        InvokeFailure::NotFound | InvokeFailure::Forbidden | InvokeFailure::Platform(_) => Cause::InvokeRefused,
    }
}
