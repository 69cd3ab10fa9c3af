//! What an authorizer answers. Whatever is not exactly an answer is an error, and an error lets nobody in.

use std::sync::Arc;

use burgward_iam::{Policy, PolicyKind};
use burgward_template::model::ApiKind;
use serde_json::{Map, Value};

/// An answer, as it is kept.
#[derive(Debug)]
pub(crate) struct Grant {
    pub(crate) principal: Option<String>,
    pub(crate) rule: Rule,
    /// Handed to the function.
    pub(crate) context: Option<Map<String, Value>>,
    /// The API key, where keys come from the authorizer.
    pub(crate) usage_key: Option<String>,
}

/// What the answer says of access.
#[derive(Debug)]
pub(crate) enum Rule {
    Policy(Arc<Policy>),
    Simple(bool),
}

impl Grant {
    /// Reads an answer; the error is for the record.
    pub(crate) fn parse(payload: &[u8], authorizer: &str, kind: ApiKind, simple: bool) -> Result<Self, String> {
        let value: Value = serde_json::from_slice(payload).map_err(|_| "the authorizer's answer is no JSON")?;
        let Value::Object(mut answer) = value else { return Err("the authorizer's answer is no object".into()) };
        let context = match answer.remove("context") {
            None | Some(Value::Null) => None,
            Some(Value::Object(context)) => Some(checked(context, kind)?),
            Some(_) => return Err("the authorizer's context is no object".into()),
        };
        if simple {
            return match answer.get("isAuthorized") {
                Some(Value::Bool(yes)) => {
                    Ok(Self { principal: None, rule: Rule::Simple(*yes), context, usage_key: None })
                }
                _ => Err("the authorizer's answer has no isAuthorized".into()),
            };
        }
        let Some(Value::String(principal)) = answer.remove("principalId") else {
            return Err("the authorizer's answer has no principalId".into());
        };
        let Some(document) = answer.get("policyDocument") else {
            return Err("the authorizer's answer has no policyDocument".into());
        };
        let policy = Policy::from_value(document, &format!("authorizer {authorizer}"), PolicyKind::Identity, &[])
            .map_err(|error| format!("the authorizer's policy is unusable: {error}"))?;
        let usage_key = answer.get("usageIdentifierKey").and_then(Value::as_str).map(str::to_owned);
        Ok(Self { principal: Some(principal), rule: Rule::Policy(Arc::new(policy)), context, usage_key })
    }

    /// The context as events of format 1.0 have it: text, with the principal.
    pub(crate) fn flat_context(&self) -> Vec<(&str, String)> {
        let own = self.context.iter().flatten().filter(|(name, _)| *name != "principalId");
        let mut fields: Vec<(&str, String)> = own
            .map(|(name, value)| {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                (name.as_str(), text)
            })
            .collect();
        if let Some(principal) = &self.principal {
            fields.push(("principalId", principal.clone()));
        }
        fields
    }
}

/// REST APIs take text, numbers and booleans only:
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html>
fn checked(context: Map<String, Value>, kind: ApiKind) -> Result<Map<String, Value>, String> {
    let nested = context.iter().find(|(_, value)| value.is_object() || value.is_array());
    match nested {
        Some((name, _)) if kind == ApiKind::Rest => {
            Err(format!("the authorizer's context `{name}` is neither text, number nor boolean"))
        }
        _ => Ok(context),
    }
}
