//! The table of operations; a file each.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use burgward_service::{Need, ServiceError};
use burgward_types::{RequestId, Secret};

use crate::record::{Content, Record};
use crate::{SecretsManager, id};

burgward_service::operations! {
    state: crate::SecretsManager;
    create_secret: CreateSecret,
    describe_secret: DescribeSecret,
    get_secret_value: GetSecretValue,
    put_secret_value: PutSecretValue,
}

/// The longest value.
const LONGEST: usize = 65_536;

/// A need for the secret that a `SecretId` means, with its condition keys.
///
/// Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html>
fn on_secret(state: &SecretsManager, action: &'static str, secret_id: &str) -> Result<Need, ServiceError> {
    let name = id::name_of(&state.scope, secret_id)?;
    let mut need = Need::new(action, id::secret_arn(&state.scope, &name))
        .with("secretsmanager:SecretId", secret_id)
        .with("secretsmanager:SecretPrimaryRegion", state.scope.region.as_str());
    for (key, value) in state.shelf.record(&name)?.map(|record| record.tags).unwrap_or_default() {
        need = need.with(&format!("aws:ResourceTag/{key}"), value.as_str());
        need = need.with(&format!("secretsmanager:ResourceTag/{key}"), value.as_str());
    }
    Ok(need)
}

/// The record that a `SecretId` means, if it is there and not on its way out.
fn existing(state: &SecretsManager, secret_id: &str) -> Result<Record, ServiceError> {
    let name = id::name_of(&state.scope, secret_id)?;
    let record = state.shelf.record(&name)?.ok_or_else(id::not_found)?;
    if record.deleted.is_some() {
        return Err(ServiceError::client(
            "InvalidRequestException",
            "You can't perform this operation on the secret because it was marked for deletion.",
        ));
    }
    Ok(record)
}

/// The value that a request brings, if any.
fn content(text: Option<Secret<String>>, binary: Option<Secret<String>>) -> Result<Option<Content>, ServiceError> {
    let content = match (text, binary) {
        (None, None) => return Ok(None),
        (Some(text), None) => Content::Text(text),
        (None, Some(coded)) => {
            let bytes = STANDARD.decode(coded.expose()).map_err(|_| parameter("SecretBinary is not Base64."))?;
            Content::Binary(Secret::new(bytes))
        }
        (Some(_), Some(_)) => {
            return Err(parameter("You can't specify both a binary secret value and a string secret value."));
        }
    };
    let length = content.bytes().expose().len() - 1;
    if !(1..=LONGEST).contains(&length) {
        return Err(ServiceError::client(
            "ValidationException",
            format!("1 validation error detected: the secret value must have between 1 and {LONGEST} bytes"),
        ));
    }
    Ok(Some(content))
}

/// The id of a version to be made: the client's token, or a random one.
fn version_id(token: Option<String>) -> Result<String, ServiceError> {
    let Some(token) = token else {
        let mut bytes = [0_u8; 16];
        aws_lc_rs::rand::fill(&mut bytes).map_err(|_| ServiceError::internal("no randomness"))?;
        return Ok(RequestId::from_random(bytes).as_str().to_owned());
    };
    let fits = (32..=64).contains(&token.len()) && token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if fits { Ok(token) } else { Err(parameter("ClientRequestToken must have 32 to 64 letters, digits and hyphens.")) }
}

/// True if a version has exactly this value, so that a repeated request is the same request.
fn same_value(state: &SecretsManager, name: &str, version: &str, content: &Content) -> Result<bool, ServiceError> {
    let kept = state.shelf.value(name, version)?;
    let (kept, given) = (kept.bytes(), content.bytes());
    Ok(aws_lc_rs::constant_time::verify_slices_are_equal(kept.expose(), given.expose()).is_ok())
}

fn parameter(message: &str) -> ServiceError {
    ServiceError::client("InvalidParameterException", message)
}
