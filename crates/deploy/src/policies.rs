//! The policies of an app, compiled and attached to whom or what they belong to.

use std::collections::HashMap;
use std::sync::Arc;

use burgward_diag::Span;
use burgward_iam::{Context, Policies, Policy, PolicyKind, Request, decide};
use burgward_service::{PolicySet, Scope};
use burgward_template::model::{App, Function, LayerRef, ResourcePolicy, Role, RolePolicy, Spanned};
use burgward_types::Principal;
use serde_json::{Value, json};

use crate::{DeployError, conditions, identity};

/// Every policy of the app, and the house's own. An app of which something cannot be enforced as written has none.
pub fn policy_set(app: &App, scope: &Scope) -> Result<PolicySet, DeployError> {
    for bucket in &app.buckets {
        crate::stores::check_bucket(bucket, scope)?;
        crate::public::check(bucket)?;
    }
    let mut set = PolicySet::default();
    for function in &app.functions {
        layers_are_here(function)?;
        let role = app.roles.iter().find(|role| role.logical_id == function.role);
        role.map_or(Ok(()), |role| trusts_lambda(function, role, scope))?;
    }
    for role in &app.roles {
        refuse_reserved(role)?;
        let policies: Result<Vec<_>, _> = role.policies.iter().map(|policy| compile(role, policy)).collect();
        set.identity.insert(role.arn.clone(), policies?.into());
        if let Some(boundary) = &role.boundary {
            set.boundaries.insert(role.arn.clone(), Arc::from([compile(role, boundary)?]));
        }
    }
    let buckets = app.buckets.iter().map(|b| (&b.arn, &b.policy));
    let tables = app.tables.iter().map(|t| (&t.arn, &t.resource_policy));
    let secrets = app.secrets.iter().map(|s| (&s.arn, &s.resource_policy));
    for (arn, policy) in buckets.chain(tables).chain(secrets) {
        if let Some(policy) = policy {
            set.resource.insert(arn.clone(), resource(arn, policy)?);
        }
    }
    for policy in app.apis.iter().filter_map(|api| api.resource_policy.as_ref()) {
        let places: Vec<_> = policy.statement_spans.iter().map(Span::place).collect();
        supplied(&policy.document, &places, &policy.span)?;
    }
    own_policies(&mut set, scope)?;
    Ok(set)
}

/// Each function's resource policy, by the function's ARN: who may invoke it.
pub fn invoke_policies(app: &App) -> Result<HashMap<String, Arc<Policy>>, DeployError> {
    let mut found = HashMap::new();
    for function in &app.functions {
        let permissions = app.lambda_permissions.iter().filter(|p| p.function == function.logical_id);
        let (statements, places): (Vec<Value>, Vec<String>) =
            permissions.map(|p| (statement(p, &function.arn), p.span.place())).unzip();
        if statements.is_empty() {
            continue;
        }
        let document = json!({"Version": "2012-10-17", "Statement": statements});
        let name = format!("{}'s resource policy", function.logical_id);
        let policy = Policy::from_value(&document, &name, PolicyKind::Resource, &places)
            .map_err(|error| refused(&function.span, &name, &function.logical_id, &error))?;
        found.insert(function.arn.clone(), Arc::new(policy));
    }
    Ok(found)
}

/// A permission as the statement that Lambda keeps for it.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html>
fn statement(permission: &burgward_template::model::LambdaPermission, arn: &str) -> Value {
    let given = permission.principal.as_str();
    let principal = match given {
        "*" => json!("*"),
        service if service.contains('.') && !service.starts_with("arn:") => json!({"Service": service}),
        account => json!({"AWS": account}),
    };
    let mut statement = json!({
        "Sid": permission.logical_id.replace(|c: char| !c.is_ascii_alphanumeric(), ""),
        "Effect": "Allow", "Principal": principal, "Action": permission.action, "Resource": arn,
    });
    let mut condition = serde_json::Map::new();
    if let Some(source) = &permission.source_arn {
        condition.insert("ArnLike".into(), json!({"AWS:SourceArn": source}));
    }
    if let Some(account) = &permission.source_account {
        condition.insert("StringEquals".into(), json!({"AWS:SourceAccount": account}));
    }
    if let (false, Some(object)) = (condition.is_empty(), statement.as_object_mut()) {
        object.insert("Condition".into(), Value::Object(condition));
    }
    statement
}

/// A layer that somebody else published cannot be had without AWS.
fn layers_are_here(function: &Function) -> Result<(), DeployError> {
    let published = |layer: &Spanned<LayerRef>| match &layer.value {
        LayerRef::Published(arn) => Some((arn.clone(), layer.span.place())),
        LayerRef::Local(_) => None,
    };
    let Some((arn, place)) = function.layers.iter().find_map(published) else { return Ok(()) };
    let message = format!(
        "the layer `{arn}` is published elsewhere\n  hint: bring its content as an AWS::Serverless::LayerVersion of the template"
    );
    Err(DeployError::Unenforced { place, message })
}

/// A function can only run with a role that trusts Lambda.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html>
fn trusts_lambda(function: &Function, role: &Role, scope: &Scope) -> Result<(), DeployError> {
    let name = format!("{}'s trust policy", role.logical_id);
    let trust = Policy::from_value(&role.trust, &name, PolicyKind::Trust, &[])
        .map_err(|error| refused(&role.span, &name, &role.logical_id, &error))?;
    let principal = Principal::Service("lambda.amazonaws.com".into());
    let mut context = Context::new();
    context.set("aws:SourceAccount", scope.account.as_str());
    context.set("aws:SourceArn", function.arn.as_str());
    context.set("aws:PrincipalIsAWSService", true);
    context.set("aws:PrincipalServiceName", "lambda.amazonaws.com");
    let request = Request {
        principal: &principal,
        action: "sts:AssumeRole",
        resource: &role.arn,
        resource_account: Some(scope.account.as_str()),
        context: &context,
    };
    let policies = Policies { resource: Some(&trust), ..Policies::default() };
    if decide(&request, &policies).is_allowed() {
        return Ok(());
    }
    let message = format!(
        "the role `{}` of `{}` cannot be assumed by Lambda\n  hint: its AssumeRolePolicyDocument has to allow \
         `sts:AssumeRole` to the service `lambda.amazonaws.com`",
        role.logical_id, function.logical_id
    );
    Err(DeployError::Unenforced { place: role.span.place(), message })
}

fn compile(role: &Role, policy: &RolePolicy) -> Result<Arc<Policy>, DeployError> {
    let places: Vec<_> = policy.statement_spans.iter().map(Span::place).collect();
    supplied(&policy.document, &places, &policy.span)?;
    Policy::from_value(&policy.document, &policy.name, PolicyKind::Identity, &places)
        .map(Arc::new)
        .map_err(|error| refused(&policy.span, &policy.name, &role.logical_id, &error))
}

fn resource(arn: &str, policy: &ResourcePolicy) -> Result<Arc<Policy>, DeployError> {
    let places: Vec<_> = policy.statement_spans.iter().map(Span::place).collect();
    supplied(&policy.document, &places, &policy.span)?;
    Policy::from_value(&policy.document, arn, PolicyKind::Resource, &places)
        .map(Arc::new)
        .map_err(|error| refused(&policy.span, "resource policy", arn, &error))
}

/// Every condition key is one that decisions here are given, or that AWS leaves out as well.
fn supplied(document: &Value, places: &[String], span: &Span) -> Result<(), DeployError> {
    let Some((at, key)) = conditions::unsupplied(document).into_iter().next() else { return Ok(()) };
    let place = places.get(at).cloned().unwrap_or_else(|| span.place());
    let message = format!(
        "the condition key `{key}` is not supplied to decisions here, so the statement would not hold as written\n  hint: \
         name resources and principals instead"
    );
    Err(DeployError::Unenforced { place, message })
}

fn own_policies(set: &mut PolicySet, scope: &Scope) -> Result<(), DeployError> {
    let account = &scope.account;
    let bucket = identity::deployment_bucket(account, scope.region.as_str());
    let own = |document: &Value, name: &str, kind| {
        Policy::from_value(document, name, kind, &[]).map(Arc::new).map_err(|error| DeployError::Policy {
            place: "burgward".into(),
            name: name.into(),
            owner: name.into(),
            reason: error.to_string(),
        })
    };
    let deployment = own(&identity::deployment_policy(&bucket), "deployment", PolicyKind::Identity)?;
    let operator = own(&identity::operator_policy(), "operator", PolicyKind::Identity)?;
    let packages = own(&identity::deployment_bucket_policy(account, &bucket), "packages", PolicyKind::Resource)?;
    set.identity.insert(identity::role_arn(account, identity::DEPLOYMENT_ROLE), Arc::from([deployment]));
    set.identity.insert(identity::role_arn(account, identity::OPERATOR_ROLE), Arc::from([operator]));
    set.resource.insert(format!("arn:aws:s3:::{bucket}"), packages);
    Ok(())
}

/// A template must not give itself the house's own rights by naming its role like ours.
fn refuse_reserved(role: &Role) -> Result<(), DeployError> {
    if [identity::DEPLOYMENT_ROLE, identity::OPERATOR_ROLE].contains(&role.name.as_str()) {
        return Err(DeployError::ReservedName { place: role.span.place(), name: role.name.clone() });
    }
    Ok(())
}

fn refused(span: &Span, name: &str, owner: &str, error: &burgward_iam::PolicyError) -> DeployError {
    DeployError::Policy { place: span.place(), name: name.into(), owner: owner.into(), reason: error.to_string() }
}
