//! `PutParameter`: makes a parameter or a new version of it.
//!
//! Source: <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html>

use burgward_service::{Access, Call, JsonOperation, Need, Operation, OperationInfo, Permit, Reply, Scope, ServiceError};
use serde::Deserialize;
use serde_json::{Value, json};

use burgward_types::Secret;

use super::on_parameter;
use crate::record::{Kind, Record};
use crate::shelf::Written;
use crate::{Ssm, name};

/// The operation `PutParameter`.
#[derive(Debug)]
pub(crate) struct PutParameter;

/// What it takes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    name: String,
    #[serde(deserialize_with = "crate::record::secret")]
    value: Secret<String>,
    #[serde(default, rename = "Type")]
    kind: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    key_id: Option<String>,
    #[serde(default)]
    overwrite: Option<bool>,
    #[serde(default)]
    allowed_pattern: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
    #[serde(default)]
    tier: Option<String>,
    #[serde(default)]
    policies: Option<String>,
    #[serde(default)]
    data_type: Option<String>,
}

impl Operation for PutParameter {
    const INFO: OperationInfo =
        OperationInfo { service: "ssm", name: "PutParameter", actions: &["ssm:PutParameter", "ssm:AddTagsToResource"], access: Access::Write };
}

impl JsonOperation for PutParameter {
    type State = Ssm;
    type Input = Input;

    fn parse(call: &Call) -> Result<Input, ServiceError> {
        call.json()
    }

    fn needs(state: &Ssm, input: &Input, scope: &Scope) -> Result<Vec<Need>, ServiceError> {
        let name = name::wanted(scope, &input.name)?.name;
        let mut need = on_parameter(state, "ssm:PutParameter", &name)?;
        need = need.with("ssm:Overwrite", input.overwrite.unwrap_or(false));
        if input.tags.is_empty() {
            return Ok(vec![need]);
        }
        let mut tagging = on_parameter(state, "ssm:AddTagsToResource", &name)?;
        for tag in &input.tags {
            let key = format!("aws:RequestTag/{}", tag.key);
            need = need.with(&key, tag.value.as_str());
            tagging = tagging.with(&key, tag.value.as_str());
        }
        let keys: Vec<String> = input.tags.iter().map(|tag| tag.key.clone()).collect();
        Ok(vec![need.with("aws:TagKeys", keys.clone()), tagging.with("aws:TagKeys", keys)])
    }

    async fn run(state: &Ssm, permit: Permit<Self>, input: Input) -> Result<Reply, ServiceError> {
        refuse_unenforced(&input)?;
        let wanted = name::wanted(permit.scope(), &input.name)?;
        if wanted.version.is_some() {
            return Err(ServiceError::client("ValidationException", "A version cannot be written to."));
        }
        name::check_new(&wanted.name)?;
        let user = permit.caller().principal.to_string();
        loop {
            let before = state.shelf.head(&wanted.name)?;
            let record = next(state, &input, &wanted.name, before.as_ref(), &user)?;
            if let Written::Done = state.shelf.replace(before.as_ref(), &record).await? {
                return Ok(Reply::json(&json!({"Version": record.version, "Tier": record.tier})));
            }
        }
    }

    fn example(_: &Scope) -> Value {
        json!({"Name": "example", "Value": "1", "Type": "String"})
    }
}

/// A tag.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Tag {
    key: String,
    value: String,
}

/// What is not enforced here must not look as if it were.
fn refuse_unenforced(input: &Input) -> Result<(), ServiceError> {
    let given = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.is_empty() && text != "[]");
    if input.key_id.as_deref().is_some_and(|key| key != "alias/aws/ssm") {
        return Err(ServiceError::client("InvalidKeyId", "Only the default key `alias/aws/ssm` is served here."));
    }
    if given(&input.allowed_pattern) {
        return Err(ServiceError::client("InvalidAllowedPatternException", "`AllowedPattern` is not enforced here."));
    }
    if given(&input.policies) {
        return Err(ServiceError::client("InvalidPolicyTypeException", "Parameter policies are not enforced here."));
    }
    if input.data_type.as_deref().is_some_and(|kind| kind != "text") {
        return Err(ServiceError::client("ValidationException", "Only the data type `text` is served here."));
    }
    if !input.tags.is_empty() && input.overwrite == Some(true) {
        return Err(ServiceError::client(
            "ValidationException",
            "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove \
             overwrite flag.",
        ));
    }
    Ok(())
}

/// The version after `before`.
fn next(
    state: &Ssm,
    input: &Input,
    name: &str,
    before: Option<&Record>,
    user: &str,
) -> Result<Record, ServiceError> {
    if before.is_some() && input.overwrite != Some(true) {
        return Err(ServiceError::client(
            "ParameterAlreadyExists",
            "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
        ));
    }
    let asked = input.kind.as_deref().map(Kind::parse).transpose()?;
    let kind = asked.or(before.map(|record| record.kind)).ok_or_else(|| {
        ServiceError::client("ValidationException", "A parameter type is required when you create a parameter.")
    })?;
    if before.is_some_and(|record| (record.kind == Kind::SecureString) != (kind == Kind::SecureString)) {
        return Err(ServiceError::client(
            "HierarchyTypeMismatchException",
            "Parameter Store does not support changing a parameter's type to or from SecureString.",
        ));
    }
    let tier = tier(input, before)?;
    let version = before.map_or(1, |record| record.version + 1);
    let value = input.value.expose();
    let value = if kind == Kind::SecureString { state.shelf.seal(name, version, value)? } else { value.clone() };
    let tags = input.tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect();
    Ok(Record {
        name: name.to_owned(),
        kind,
        value,
        version,
        modified: state.clock.now(),
        description: input.description.clone().or_else(|| before.and_then(|record| record.description.clone())),
        tier,
        user: user.to_owned(),
        tags: before.map_or(tags, |record| record.tags.clone()),
    })
}

/// The tier, with its limit on the value's size checked.
fn tier(input: &Input, before: Option<&Record>) -> Result<String, ServiceError> {
    let length = input.value.expose().len();
    if length == 0 {
        return Err(ServiceError::client(
            "ValidationException",
            "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length \
             greater than or equal to 1",
        ));
    }
    let asked = input.tier.as_deref().or(before.map(|record| record.tier.as_str())).unwrap_or("Standard");
    let (tier, limit) = match asked {
        "Advanced" => ("Advanced", 8192),
        "Intelligent-Tiering" if length > 4096 => ("Advanced", 8192),
        "Standard" | "Intelligent-Tiering" => ("Standard", 4096),
        _ => return Err(ServiceError::client("ValidationException", "Unknown tier.")),
    };
    if length > limit {
        return Err(ServiceError::client(
            "ValidationException",
            format!("{tier} tier parameters support a maximum parameter value of {limit} characters."),
        ));
    }
    Ok(tier.to_owned())
}
