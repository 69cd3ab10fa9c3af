//! The first stage: sizes and names that no later stage should have to look at.

use crate::AccountLimits;
use crate::api::CompiledApi;
use crate::head::{Head, SharedHead};
use crate::stop::{Cause, Stop, StoppedBy};
use crate::unread::Upload;

/// "Total combined size of request line and header values":
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html>
const HEAD_LIMIT: usize = 10_240;

/// A request within the limits.
#[derive(Debug)]
pub(crate) struct Received {
    head: SharedHead,
    body: Option<Upload>,
}

impl Received {
    pub(crate) fn new(
        api: &CompiledApi,
        account: &AccountLimits,
        head: SharedHead,
        body: Upload,
    ) -> Result<Self, Stop> {
        let stop = |cause, reason: &str| Err(Stop::new(StoppedBy::Limits, cause, reason));
        if head.bytes > HEAD_LIMIT {
            return stop(Cause::HeadTooLarge, "request line and headers are too large");
        }
        // RFC 9112, section 3.2: one host, no more.
        if head.hosts > 1 {
            return stop(Cause::Ambiguous, "the request names its host more than once");
        }
        if !api.serves(head.host_name()) {
            return stop(Cause::UnknownHost, "the host asked for is not served here");
        }
        // Before anything that costs more than a look at the head; the authorizer above all.
        let taken = account.take(api.account_rate, head.at);
        #[cfg(feature = "test-without-layers")]
        let taken = if api.without.lacks(burgward_types::HouseLayer::Throttle) { Ok(()) } else { taken };
        taken?;
        Ok(Self { head, body: Some(body) })
    }

    pub(crate) fn head(&self) -> &Head {
        &self.head
    }

    /// The body, to be read once, after every stage that can refuse without it.
    pub(super) fn take_body(&mut self) -> Option<Upload> {
        self.body.take()
    }
}
