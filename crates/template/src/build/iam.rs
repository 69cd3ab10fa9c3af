//! Roles, policies, permissions.

use burgward_diag::Span;
use serde_json::{Value, json};

use crate::build::props::Props;
use crate::build::{Builder, managed, sam_policies};
use crate::diagnostic::RefusedKind;
use crate::model::{LambdaPermission, ResourcePolicy, Role, RolePolicy, Spanned};
use crate::names;
use crate::sam_globals::is_intrinsic;
use crate::template::Declared;
use crate::tree::{Node, Tree};

/// The places of a document's statements.
fn statement_spans(document: &Node) -> Vec<Span> {
    match document.get("Statement") {
        Some(list) if !list.items().is_empty() => list.items().iter().map(|n| n.span.clone()).collect(),
        Some(one) => vec![one.span.clone()],
        None => Vec::new(),
    }
}

/// A document where one may also be written as JSON text.
fn document_json(node: &Node) -> Value {
    node.as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_else(|| node.to_json())
}

impl Builder<'_> {
    pub(super) fn role(&mut self, props: &Props<'_>) {
        let Some(name) = self.name(props) else { return };
        let Some(trust) = props.get("AssumeRolePolicyDocument") else {
            return props.missing("AssumeRolePolicyDocument");
        };
        let path = self.eval.path(props.resource);
        let mut role = Role {
            logical_id: props.id(),
            span: props.span(),
            arn: format!("arn:aws:iam::{}:role{path}{name}", self.app.account),
            name,
            path,
            trust: document_json(trust),
            policies: Vec::new(),
            managed: Vec::new(),
            boundary: props.get("PermissionsBoundary").and_then(|n| self.named_policy(n)),
            tags: props.tags(),
            max_session_secs: props.number("MaxSessionDuration").unwrap_or(3600),
        };
        for policy in props.list("Policies") {
            let inner = props.inside(policy);
            match inner.get("PolicyDocument") {
                Some(document) => {
                    let name = inner.string("PolicyName").unwrap_or_else(|| "inline".to_owned());
                    role.policies.push(inline(name, document));
                }
                None => inner.missing("PolicyDocument"),
            }
        }
        for arn in props.list("ManagedPolicyArns") {
            self.attach_managed(&mut role, arn);
        }
        self.app.roles.push(role);
    }

    fn attach_managed(&self, role: &mut Role, node: &Tree) {
        let attached = |arn: &str| role.managed.iter().any(|m| m.value == arn);
        if node.as_str().is_some_and(attached) {
            return;
        }
        if let Some(policy) = self.named_policy(node) {
            role.managed.push(Spanned::new(policy.arn.clone().unwrap_or_default(), node.span.clone()));
            role.policies.push(policy);
        }
    }

    /// A managed policy by ARN: AWS's, or one of this template.
    fn named_policy(&self, node: &Tree) -> Option<RolePolicy> {
        let Some(arn) = node.scalar() else {
            self.report.syntax(&node.span, "the ARN of a policy is expected", "such as `arn:aws:iam::aws:policy/...`");
            return None;
        };
        let of_template = || {
            let own =
                self.eval.template.resources.iter().filter(|r| r.kind == "AWS::IAM::ManagedPolicy" && self.exists(r));
            own.into_iter().find(|r| self.eval.arn(r).as_deref() == Ok(&arn))
        };
        if let Some(declared) = of_template() {
            let document = declared.properties.get("PolicyDocument").and_then(|n| self.known(n, &declared.id))?;
            return Some(RolePolicy { arn: Some(arn), ..inline(declared.id.clone(), &document) });
        }
        let name = arn.rsplit('/').next().unwrap_or(&arn).to_owned();
        let Some(document) = managed::document(&arn) else {
            let why =
                if managed::is_aws(&arn) { "its document is not at hand" } else { "it is not part of the template" };
            let hint = "write the statements that the function needs inline; `burgward fit` helps";
            let message = format!("the policy `{arn}` cannot be applied: {why}");
            self.report.refuse(RefusedKind::Unresolved, &node.span, message, hint);
            return None;
        };
        let count = document.get("Statement").and_then(Value::as_array).map_or(1, Vec::len);
        let statement_spans = vec![node.span.clone(); count];
        Some(RolePolicy { name, arn: Some(arn), document, span: node.span.clone(), statement_spans })
    }

    /// An evaluated value without unknowns.
    pub(super) fn known(&self, node: &Tree, of: &str) -> Option<Tree> {
        let value = self.eval.value(node)?;
        if let Some((why, span)) = value.unknown() {
            self.report.unresolved(span, &format!("a value of `{of}`"), why);
            return None;
        }
        Some(value)
    }

    /// `AWS::IAM::Policy`, and managed policies that name their roles.
    pub(super) fn attach_policies(&mut self, existing: &[&Declared]) {
        for resource in existing {
            let standalone = resource.kind == "AWS::IAM::Policy";
            if !standalone && resource.kind != "AWS::IAM::ManagedPolicy" {
                continue;
            }
            let Some(node) = self.known(&resource.properties, &resource.id) else { continue };
            let props = Props { node: &node, resource, report: self.report };
            let Some(document) = props.get("PolicyDocument") else {
                props.missing("PolicyDocument");
                continue;
            };
            let arn = if standalone { None } else { self.eval.arn(resource).ok() };
            let name = props.string("PolicyName").unwrap_or_else(|| resource.id.clone());
            for role_name in props.strings("Roles") {
                match self.app.roles.iter_mut().find(|r| r.name == role_name) {
                    Some(role) => role.policies.push(RolePolicy { arn: arn.clone(), ..inline(name.clone(), document) }),
                    None => self.report.unresolved(
                        &props.span_of("Roles"),
                        &format!("the role `{role_name}`"),
                        "it is not in the template",
                    ),
                }
            }
        }
    }

    /// The role that SAM makes for a function without one.
    pub(super) fn implicit_role(&mut self, props: &Props<'_>) -> String {
        let logical_id = format!("{}Role", props.resource.id);
        let name = names::physical(&self.app.stack_name, &logical_id, 64);
        let path = props.string("RolePath").unwrap_or_else(|| "/".to_owned());
        let trust = props.get("AssumeRolePolicyDocument").map_or_else(lambda_trust, |n| document_json(n));
        let mut role = Role {
            arn: format!("arn:aws:iam::{}:role{path}{name}", self.app.account),
            logical_id: logical_id.clone(),
            span: props.span(),
            name,
            path,
            trust,
            policies: Vec::new(),
            managed: Vec::new(),
            boundary: props.get("PermissionsBoundary").and_then(|n| self.named_policy(n)),
            // SAM gives a function's tags to the role that it makes.
            tags: props.tags(),
            max_session_secs: 3600,
        };
        let basic = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
        self.attach_managed(&mut role, &Node::text(basic, &props.resource.id_span));
        if props.string("Tracing").is_some_and(|mode| mode != "Disabled") {
            let xray = "arn:aws:iam::aws:policy/AWSXrayWriteOnlyAccess";
            self.attach_managed(&mut role, &Node::text(xray, &props.span_of("Tracing")));
        }
        if let Some(policies) = props.get("Policies") {
            let single = [policies.clone()];
            let all = if policies.items().is_empty() { &single[..] } else { policies.items() };
            for (at, policy) in all.iter().enumerate() {
                self.sam_policy(&mut role, &props.resource.id, at, policy);
            }
        }
        self.app.roles.push(role);
        logical_id
    }

    /// One entry of `Policies`: a name or ARN, a document, or a policy template.
    fn sam_policy(&self, role: &mut Role, function: &str, at: usize, policy: &Tree) {
        if let Some(name) = policy.scalar() {
            let arn = if name.starts_with("arn:") { Some(name.clone()) } else { managed::arn_of_name(&name) };
            let arn = arn.unwrap_or_else(|| format!("arn:aws:iam::aws:policy/{name}"));
            return self.attach_managed(role, &Node::text(arn, &policy.span));
        }
        if policy.get("Statement").is_some() {
            role.policies.push(inline(format!("{function}RolePolicy{at}"), policy));
            return;
        }
        for entry in policy.entries() {
            if !sam_policies::exists(&entry.key) || is_intrinsic(policy) {
                let message = format!("`{}` is neither a policy document nor a SAM policy template", entry.key);
                self.report.syntax(&entry.key_span, message, "see the list of SAM policy templates");
                continue;
            }
            match sam_policies::expand(&entry.key, &entry.value, &entry.key_span) {
                Err(why) => self.report.syntax(&entry.key_span, why, "see the list of SAM policy templates"),
                Ok(statements) => {
                    let Some(statements) = self.known(&statements, function) else { continue };
                    let spans = vec![entry.key_span.clone(); statements.items().len()];
                    role.policies.push(RolePolicy {
                        name: format!("{function}RolePolicy{at}"),
                        arn: None,
                        // SAM writes no `Version` here, so that of 2008 holds: policy variables are plain text.
                        document: json!({"Statement": statements.to_json()}),
                        span: entry.key_span.clone(),
                        statement_spans: spans,
                    });
                }
            }
        }
    }

    pub(super) fn permission(&mut self, props: &Props<'_>) {
        let target = props.string("FunctionName").unwrap_or_default();
        let Some((function, qualifier)) = self.function_of(&target) else {
            let message = format!("the permission `{}` names no function of the template", props.resource.id);
            self.report.refuse(
                RefusedKind::Unresolved,
                &props.span_of("FunctionName"),
                message,
                "use `!Ref` or `!GetAtt`",
            );
            return;
        };
        let permission = LambdaPermission {
            logical_id: props.id(),
            function,
            qualifier,
            action: props.string("Action").unwrap_or_default(),
            principal: props.string("Principal").unwrap_or_default(),
            source_arn: props.string("SourceArn"),
            source_account: props.string("SourceAccount"),
            span: props.span(),
        };
        self.app.lambda_permissions.push(permission);
    }

    /// The policy of a resource.
    pub(super) fn resource_policy(document: &Node) -> ResourcePolicy {
        ResourcePolicy {
            document: document_json(document),
            span: document.span.clone(),
            statement_spans: statement_spans(document),
        }
    }

    /// The function that a name, an ARN or an invocation URI means, and the qualifier.
    pub(super) fn function_of(&self, target: &str) -> Option<(String, Option<String>)> {
        let uri = target.split_once(":path/2015-03-31/functions/").map_or(target, |(_, rest)| rest);
        let uri = uri.strip_suffix("/invocations").unwrap_or(uri);
        let functions = self.eval.template.resources.iter().filter(|r| {
            matches!(r.kind.as_str(), "AWS::Serverless::Function" | "AWS::Lambda::Function") && self.exists(r)
        });
        let matching = |text: &str| {
            let text = text.to_owned();
            functions.clone().find(|r| {
                self.eval.arn(r).is_ok_and(|a| a == text) || self.eval.physical_name(r).is_ok_and(|n| n == text)
            })
        };
        if let Some(found) = matching(uri) {
            return Some((found.id.clone(), None));
        }
        let (bare, qualifier) = uri.rsplit_once(':')?;
        matching(bare).map(|found| (found.id.clone(), Some(qualifier.to_owned())))
    }
}

fn inline(name: String, document: &Node) -> RolePolicy {
    RolePolicy {
        name,
        arn: None,
        document: document_json(document),
        span: document.span.clone(),
        statement_spans: statement_spans(document),
    }
}

fn lambda_trust() -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{"Action": ["sts:AssumeRole"], "Effect": "Allow", "Principal": {"Service": ["lambda.amazonaws.com"]}}]
    })
}
