//! The sixth stage: the function is run and its answer read.

use burgward_template::model::ApiKind;

use super::{Trail, Validated};
use crate::answer::{self, Answer};
use crate::api::{CompiledApi, Target};
use crate::gateway::Parts;
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
        validated: Validated,
        trail: &mut Trail,
    ) -> Result<Self, Stop> {
        let stop = |cause, reason: String| Stop::new(StoppedBy::Invoke, cause, reason);
        let function = match validated.target() {
            Target::Mock(headers) => return Ok(Self { answer: answer::mock(headers) }),
            Target::Function(function) => function.clone(),
        };
        let payload =
            event::proxy(api, &validated.content()).map_err(|error| stop(Cause::Internal, error.to_string()))?;
        if payload.len() > EVENT_LIMIT {
            return Err(stop(Cause::BodyTooLarge, "the event is larger than Lambda takes".into()));
        }
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

/// "If the Lambda API rejects the invocation request, API Gateway returns a 500 error code":
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html#services-apigateway-errors>
fn refused(failure: &InvokeFailure) -> Cause {
    match failure {
        InvokeFailure::Throttled => Cause::FunctionThrottled,
        InvokeFailure::TooLarge => Cause::BodyTooLarge,
        InvokeFailure::NotFound | InvokeFailure::Forbidden | InvokeFailure::Platform(_) => Cause::InvokeRefused,
    }
}
