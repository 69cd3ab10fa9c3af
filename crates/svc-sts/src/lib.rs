//! AWS STS: who am I?
//!
//! One operation, because it is the one every tool calls first and the one that needs no permission:
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>. Roles are assumed at the runtime,
//! not here; `AssumeRole` is refused as an unknown action.

use async_trait::async_trait;
use burgward_service::{
    Access, Authenticated, Body, Call, Guard, Operation, OperationInfo, Permit, Protocol, Reply, Scope, Service,
    ServiceError, XmlWriter, full,
};
use burgward_types::Principal;
use http::{Method, Request, Response};

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// Tells a caller who it is.
#[derive(Debug)]
struct GetCallerIdentity;

impl Operation for GetCallerIdentity {
    const INFO: OperationInfo = OperationInfo {
        service: "sts",
        name: "GetCallerIdentity",
        // "No permissions are required to perform this operation", and even an explicit denial does not stop it.
        actions: &[],
        access: Access::Read,
    };
}

static OPERATIONS: &[&OperationInfo] = &[&<GetCallerIdentity as Operation>::INFO];

/// The service.
#[derive(Debug, Default)]
pub struct Sts(());

impl Sts {
    /// The service; it has no state.
    #[must_use]
    pub fn new() -> Self {
        Self(())
    }
}

#[async_trait]
impl Service for Sts {
    fn signing_name(&self) -> &'static str {
        "sts"
    }

    fn protocol(&self) -> Protocol {
        Protocol::Query { namespace: NAMESPACE }
    }

    fn body_limit(&self) -> usize {
        64 << 10
    }

    fn operations(&self) -> &'static [&'static OperationInfo] {
        OPERATIONS
    }

    fn example(&self, operation: &OperationInfo, _: &Scope) -> Request<Body> {
        let mut request = Request::new(full(format!("Action={}&Version=2011-06-15", operation.name)));
        *request.method_mut() = Method::POST;
        let form = http::HeaderValue::from_static("application/x-www-form-urlencoded; charset=utf-8");
        request.headers_mut().insert(http::header::CONTENT_TYPE, form);
        request
    }

    async fn call(&self, guard: &Guard, call: Authenticated) -> Response<Body> {
        let call = match Call::read(call, self).await {
            Ok(call) => call,
            Err(response) => return response,
        };
        let permit = guard.authorize::<GetCallerIdentity>(call.info(), Vec::new()).await;
        call.respond(permit.and_then(|permit| identity(&permit)))
    }
}

fn identity(permit: &Permit<GetCallerIdentity>) -> Result<Reply, ServiceError> {
    let caller = permit.caller();
    let account = caller.principal.account().unwrap_or(&permit.scope().account);
    let arn = match &caller.principal {
        // A key always speaks for a principal with an ARN; anything else must not be answered as if it were somebody.
        Principal::Federated(_) | Principal::Service(_) | Principal::Anonymous => None,
        Principal::Root(_)
        | Principal::User { .. }
        | Principal::Role { .. }
        | Principal::AssumedRole { .. }
        | Principal::FederatedUser { .. } => caller.principal.arn(),
    };
    let arn = arn.ok_or_else(|| ServiceError::access_denied("the caller has no identity"))?;
    let mut xml = XmlWriter::new("GetCallerIdentityResponse", Some(NAMESPACE));
    xml.open("GetCallerIdentityResult");
    xml.text("Arn", arn.as_str()).text("UserId", &caller.user_id).text("Account", account.as_str()).close();
    xml.open("ResponseMetadata").text("RequestId", permit.request_id().as_str()).close();
    Ok(Reply::raw(xml.finish()))
}
