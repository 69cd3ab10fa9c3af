//! Builds the parts that join others.

use std::sync::Arc;

use burgward_deploy::{identity, invoke_policies};
use burgward_runtime::Runtime;
use burgward_service::Scope;
use burgward_template::model::App;
use burgward_types::{Clock, Principal};

use crate::control::Operator;
use crate::doors::Trust;
use crate::foundation::Foundation;
use crate::host::Platform;
use crate::invoker::{Invoker, Target};
use crate::{AppError, Ready};

pub(crate) fn platform(
    app: &App,
    foundation: &Foundation,
    trust: &Trust,
    endpoint_port: u16,
    scope: &Scope,
) -> Result<Platform, AppError> {
    let mut roles = std::collections::HashMap::new();
    for function in &app.functions {
        let role = app.role(&function.role).ok_or_else(|| AppError::Part {
            part: "template",
            message: format!("{}: the role `{}` does not exist", function.span.place(), function.role),
        })?;
        let path = role.path.trim_start_matches('/');
        let session = function.name.clone();
        let principal =
            Principal::AssumedRole { account: scope.account.clone(), role: format!("{path}{}", role.name), session };
        roles.insert(function.name.clone(), principal);
    }
    Ok(Platform {
        front: Arc::clone(&foundation.front),
        tls: trust.tls.clone(),
        endpoint_port,
        ca_pem: trust.pem.clone(),
        region: scope.region.to_string(),
        roles,
        logs: foundation.logs.clone(),
    })
}

pub(crate) fn invoker(
    app: &App,
    runtime: &Arc<Runtime>,
    foundation: &Foundation,
    clock: &Arc<dyn Clock>,
) -> Result<Invoker, AppError> {
    let mut policies = invoke_policies(app)?;
    let target = |function: &burgward_template::model::Function| {
        let policy = policies.remove(&function.arn);
        (function.logical_id.clone(), Target { name: function.name.clone(), arn: function.arn.clone(), policy })
    };
    Ok(Invoker {
        runtime: Arc::clone(runtime),
        targets: app.functions.iter().map(target).collect(),
        recorder: Arc::clone(&foundation.audit) as _,
        clock: Arc::clone(clock),
        account: app.account.clone(),
        region: app.region.clone(),
        #[cfg(feature = "test-without-layers")]
        without: foundation.vault.without(),
    })
}

pub(crate) fn operator(
    app: &App,
    foundation: &Foundation,
    runtime: &Arc<Runtime>,
    clock: &Arc<dyn Clock>,
    state: &Ready,
    scope: &Scope,
) -> Operator {
    Operator {
        front: Arc::clone(&foundation.front),
        runtime: Arc::clone(runtime),
        audit: Arc::clone(&foundation.audit),
        clock: Arc::clone(clock),
        ready: state.clone(),
        functions: app.functions.iter().map(|f| (f.logical_id.clone(), f.name.clone())).collect(),
        principal: identity::operator(&scope.account),
    }
}
