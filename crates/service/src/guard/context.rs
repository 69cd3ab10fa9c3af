//! The global condition keys of a call.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>

use burgward_iam::{Context, principal_context};
use burgward_sigv4::Place;
use burgward_types::{Arn, Principal};

use crate::{CallInfo, Origin, Scope};

/// The keys that every decision of a call sees. A sandbox has no address, so `aws:SourceIp` is absent there, as it is
/// for a call through a VPC endpoint.
pub(crate) fn global(call: &CallInfo, scope: &Scope) -> Context {
    let mut context = Context::new();
    context.set("aws:CurrentTime", call.0.at.iso8601());
    context.set("aws:EpochTime", call.0.at.secs());
    context.set("aws:SecureTransport", call.0.tls.is_some());
    context.set("aws:RequestedRegion", &*call.0.region);
    context.set("aws:ResourceAccount", scope.account.as_str());
    context.set("aws:ViaAWSService", false);
    context.set("aws:PrincipalIsAWSService", matches!(call.0.caller.principal, Principal::Service(_)));
    if let Origin::Outside(address) = call.0.caller.origin {
        context.set("aws:SourceIp", address.ip().to_canonical().to_string());
    }
    if let Some(agent) = &call.0.user_agent {
        context.set("aws:UserAgent", &**agent);
    }
    if let Some(referer) = &call.0.referer {
        context.set("aws:Referer", &**referer);
    }
    if let Some(issued) = call.0.caller.issued {
        context.set("aws:TokenIssueTime", issued.iso8601());
    }
    principal(&call.0.caller.principal, &call.0.caller.user_id, &mut context);
    signature(call, &mut context);
    context
}

fn principal(principal: &Principal, user_id: &str, context: &mut Context) {
    let kind = match principal {
        Principal::Root(_) => "Account",
        Principal::User { .. } => "User",
        Principal::Role { .. } | Principal::AssumedRole { .. } => "AssumedRole",
        Principal::FederatedUser { .. } => "FederatedUser",
        Principal::Anonymous => "Anonymous",
        Principal::Federated(_) | Principal::Service(_) => "",
    };
    if !kind.is_empty() {
        context.set("aws:PrincipalType", kind);
    }
    if *principal != Principal::Anonymous {
        context.set("aws:userid", user_id);
    }
    if let Some(arn) = attached_to(principal) {
        context.set("aws:PrincipalArn", arn);
    }
    if let Some(account) = principal.account() {
        context.set("aws:PrincipalAccount", account.as_str());
    }
    principal_context(principal, context);
}

/// How S3 saw the request authenticated.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html>
fn signature(call: &CallInfo, context: &mut Context) {
    let Some(place) = call.0.place else { return };
    let kind = match place {
        Place::Header => "REST-HEADER",
        Place::Query => "REST-QUERY-STRING",
    };
    context.set("s3:authType", kind);
    context.set("s3:signatureversion", "AWS4-HMAC-SHA256");
    if let Some(signed_at) = call.0.signed_at {
        context.set("s3:signatureAge", call.0.at.0.saturating_sub(signed_at.0).max(0));
    }
    if let Some(tls) = call.0.tls {
        context.set("s3:TlsVersion", tls.version);
    }
}

/// The ARN that identity policies and boundaries hang on: an assumed role's is the role's.
pub(crate) fn attached_to(principal: &Principal) -> Option<String> {
    match principal {
        Principal::AssumedRole { account, role, .. } => {
            Some(Arn::new("iam", "", account.as_str(), &format!("role/{role}")).into())
        }
        Principal::Root(_) | Principal::User { .. } | Principal::Role { .. } | Principal::FederatedUser { .. } => {
            principal.arn().map(Into::into)
        }
        Principal::Federated(_) | Principal::Service(_) | Principal::Anonymous => None,
    }
}
