//! Text that is final except for what only a deployment can look up.

use std::fmt;

/// A dynamic reference, looked up when the stack is deployed.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DynamicReference {
    /// `{{resolve:ssm:name:version}}`.
    Ssm {
        /// The parameter's name.
        name: String,
        /// The version; the latest if absent.
        version: Option<u64>,
    },
    /// `{{resolve:ssm-secure:name:version}}`: a `SecureString`.
    SsmSecure {
        /// The parameter's name.
        name: String,
        /// The version; the latest if absent.
        version: Option<u64>,
    },
    /// `{{resolve:secretsmanager:id:SecretString:key:stage:version}}`.
    Secret {
        /// The secret's name or ARN.
        id: String,
        /// The key of the JSON object in it; the whole text if absent.
        json_key: Option<String>,
        /// The staging label; `AWSCURRENT` if both are absent.
        version_stage: Option<String>,
        /// The version's id.
        version_id: Option<String>,
    },
}

impl DynamicReference {
    /// Whether the value is a secret, not merely configuration.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        !matches!(self, Self::Ssm { .. })
    }
}

/// A piece of a [`Text`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextPart {
    /// Known text.
    Literal(String),
    /// Looked up at deployment.
    Dynamic(DynamicReference),
}

/// Text whose dynamic references are still to be looked up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// The pieces, in order.
    pub parts: Vec<TextPart>,
    /// Whether a `NoEcho` parameter went into it: never print it.
    pub no_echo: bool,
}

impl Text {
    /// Known text.
    #[must_use]
    pub fn literal(text: impl Into<String>) -> Self {
        Self { parts: vec![TextPart::Literal(text.into())], no_echo: false }
    }

    /// The whole text, if nothing is left to look up.
    #[must_use]
    pub fn as_literal(&self) -> Option<String> {
        self.parts.iter().map(|p| if let TextPart::Literal(text) = p { Some(text.as_str()) } else { None }).collect()
    }

    /// The references to look up.
    pub fn references(&self) -> impl Iterator<Item = &DynamicReference> {
        self.parts.iter().filter_map(|p| if let TextPart::Dynamic(r) = p { Some(r) } else { None })
    }

    /// Puts looked-up values in; the first lookup that fails is the answer.
    pub fn resolve<E>(&self, mut look_up: impl FnMut(&DynamicReference) -> Result<String, E>) -> Result<String, E> {
        self.parts.iter().try_fold(String::new(), |mut text, part| {
            match part {
                TextPart::Literal(piece) => text.push_str(piece),
                TextPart::Dynamic(reference) => text.push_str(&look_up(reference)?),
            }
            Ok(text)
        })
    }
}

/// Shows what may be shown: references as CloudFormation writes them, `NoEcho` values as stars.
impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.no_echo {
            return f.write_str("****");
        }
        self.parts.iter().try_for_each(|part| match part {
            TextPart::Literal(text) => f.write_str(text),
            TextPart::Dynamic(reference) => write!(f, "{reference}"),
        })
    }
}

impl fmt::Display for DynamicReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let versioned = |f: &mut fmt::Formatter<'_>, service: &str, name: &str, version: &Option<u64>| match version {
            Some(version) => write!(f, "{{{{resolve:{service}:{name}:{version}}}}}"),
            None => write!(f, "{{{{resolve:{service}:{name}}}}}"),
        };
        match self {
            Self::Ssm { name, version } => versioned(f, "ssm", name, version),
            Self::SsmSecure { name, version } => versioned(f, "ssm-secure", name, version),
            Self::Secret { id, json_key, version_stage, version_id } => {
                let part = |p: &Option<String>| p.clone().unwrap_or_default();
                let tail = format!("{}:{}:{}", part(json_key), part(version_stage), part(version_id));
                let tail = tail.trim_end_matches(':');
                let colon = if tail.is_empty() { "" } else { ":" };
                write!(f, "{{{{resolve:secretsmanager:{id}:SecretString{colon}{tail}}}}}")
            }
        }
    }
}
