//! Dynamic references in text, typed.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html>

use crate::model::{DynamicReference, Text, TextPart};
use crate::tree::Node;

/// A scalar as text with its dynamic references; the error says what is wrong with one.
pub(crate) fn text(node: &Node) -> Result<Text, String> {
    let Some(all) = node.scalar() else { return Err("it is no text".to_owned()) };
    let mut parts = Vec::new();
    let mut rest = all.as_str();
    while let Some((before, after)) = rest.split_once("{{resolve:") {
        let Some((inner, tail)) = after.split_once("}}") else { break };
        if !before.is_empty() {
            parts.push(TextPart::Literal(before.to_owned()));
        }
        let reference = reference(inner).ok_or_else(|| format!("`{{{{resolve:{inner}}}}}` is no dynamic reference"))?;
        parts.push(TextPart::Dynamic(reference));
        rest = tail;
    }
    if !rest.is_empty() || parts.is_empty() {
        parts.push(TextPart::Literal(rest.to_owned()));
    }
    Ok(Text { parts, no_echo: node.no_echo })
}

fn reference(inner: &str) -> Option<DynamicReference> {
    let (service, rest) = inner.split_once(':')?;
    match service {
        "ssm" => versioned(rest).map(|(name, version)| DynamicReference::Ssm { name, version }),
        "ssm-secure" => versioned(rest).map(|(name, version)| DynamicReference::SsmSecure { name, version }),
        "secretsmanager" => secret(rest),
        _ => None,
    }
}

fn versioned(rest: &str) -> Option<(String, Option<u64>)> {
    match rest.rsplit_once(':') {
        Some((name, version)) => Some((name.to_owned(), Some(version.parse().ok()?))),
        None => (!rest.is_empty()).then(|| (rest.to_owned(), None)),
    }
}

/// `id:SecretString:key:stage:version`, where the id may be an ARN with six colons of its own.
fn secret(rest: &str) -> Option<DynamicReference> {
    let cut = if rest.starts_with("arn:") {
        rest.match_indices(':').nth(6).map_or(rest.len(), |(at, _)| at)
    } else {
        rest.find(':').unwrap_or(rest.len())
    };
    let (id, tail) = rest.split_at_checked(cut)?;
    let mut fields = tail.trim_start_matches(':').split(':');
    let kind = fields.next().unwrap_or("");
    if id.is_empty() || !(kind.is_empty() || kind == "SecretString") {
        return None;
    }
    let mut field = || fields.next().filter(|f| !f.is_empty()).map(str::to_owned);
    Some(DynamicReference::Secret { id: id.to_owned(), json_key: field(), version_stage: field(), version_id: field() })
}
