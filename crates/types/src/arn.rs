//! Amazon Resource Names and IAM action names.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why a text is no ARN.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
#[error(
    "`{text}` is not an ARN: expected `arn:partition:service:region:account:resource`\n  hint: an ARN has six parts, separated by colons"
)]
pub struct ArnError {
    text: String,
}

/// An Amazon Resource Name, kept as written, with its parts at hand.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Arn {
    text: Box<str>,
    /// Byte offsets of the second to the fifth colon; the first is always at 3.
    colons: [u32; 4],
}

impl Arn {
    /// Reads an ARN; only the shape is judged, not whether the resource exists.
    pub fn parse(text: &str) -> Result<Self, ArnError> {
        let bad = || ArnError { text: text.chars().take(200).collect() };
        if !text.starts_with("arn:") {
            return Err(bad());
        }
        let mut colons = text.match_indices(':').map(|(at, _)| at).skip(1);
        let mut offsets = [0_u32; 4];
        for slot in &mut offsets {
            let at = colons.next().ok_or_else(bad)?;
            *slot = u32::try_from(at).map_err(|_| bad())?;
        }
        let arn = Self { text: text.into(), colons: offsets };
        if arn.service().is_empty() || arn.resource().is_empty() || arn.partition().is_empty() {
            return Err(bad());
        }
        Ok(arn)
    }

    /// Builds an ARN of the `aws` partition from parts that are known to be well formed.
    #[must_use]
    pub fn new(service: &str, region: &str, account: &str, resource: &str) -> Self {
        let text = format!("arn:aws:{service}:{region}:{account}:{resource}");
        let mut offsets = [0_u32; 4];
        for (slot, (at, _)) in offsets.iter_mut().zip(text.match_indices(':').skip(1)) {
            *slot = u32::try_from(at).unwrap_or(u32::MAX);
        }
        Self { text: text.into(), colons: offsets }
    }

    /// The ARN of a Secrets Manager secret.
    ///
    /// AWS ends it with six random characters. Here they follow from the name, so that a template's references to a
    /// secret can be resolved before the secret is made.
    #[must_use]
    pub fn secret(account: &str, region: &str, name: &str) -> Self {
        let resource = format!("secret:{name}-{}", Self::secret_suffix(account, region, name));
        Self::new("secretsmanager", region, account, &resource)
    }

    /// The six characters at the end of a secret's ARN.
    #[must_use]
    pub fn secret_suffix(account: &str, region: &str, name: &str) -> String {
        const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let text = format!("burgward secret suffix v1\0{account}\0{region}\0{name}");
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
        let characters = hash.as_ref().iter().take(6).map(|byte| ALPHABET.get(usize::from(*byte) % ALPHABET.len()));
        characters.flatten().map(|byte| char::from(*byte)).collect()
    }

    /// The whole text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn part(&self, from: u32, to: u32) -> &str {
        self.text.get(from as usize + 1..to as usize).unwrap_or("")
    }

    /// `aws`, `aws-cn`, `aws-us-gov` ...
    #[must_use]
    pub fn partition(&self) -> &str {
        self.part(3, self.colons[0])
    }

    /// The service prefix, such as `dynamodb`.
    #[must_use]
    pub fn service(&self) -> &str {
        self.part(self.colons[0], self.colons[1])
    }

    /// The region; empty for global resources.
    #[must_use]
    pub fn region(&self) -> &str {
        self.part(self.colons[1], self.colons[2])
    }

    /// The account; empty for S3 buckets and objects.
    #[must_use]
    pub fn account(&self) -> &str {
        self.part(self.colons[2], self.colons[3])
    }

    /// What follows the fifth colon, further colons included.
    #[must_use]
    pub fn resource(&self) -> &str {
        self.text.get(self.colons[3] as usize + 1..).unwrap_or("")
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl TryFrom<String> for Arn {
    type Error = ArnError;

    fn try_from(text: String) -> Result<Self, ArnError> {
        Self::parse(&text)
    }
}

impl From<Arn> for String {
    fn from(arn: Arn) -> Self {
        arn.text.into()
    }
}

/// An IAM action, such as `dynamodb:GetItem`; compared without case, printed as given.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Action(Box<str>);

impl Action {
    /// Takes `service:Name`.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The whole text as given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The service prefix; empty if there is none.
    #[must_use]
    pub fn service(&self) -> &str {
        self.0.split_once(':').map_or("", |(service, _)| service)
    }

    /// The name after the prefix.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.split_once(':').map_or(&self.0, |(_, name)| name)
    }
}

impl PartialEq for Action {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Action {}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_an_arn() {
        let arn = Arn::parse("arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/f:*").unwrap();
        assert_eq!(
            (arn.partition(), arn.service(), arn.region(), arn.account(), arn.resource()),
            ("aws", "logs", "eu-west-1", "123456789012", "log-group:/aws/lambda/f:*")
        );
        assert_eq!(Arn::new("s3", "", "", "books/a").as_str(), "arn:aws:s3:::books/a");
        assert_eq!(Arn::new("s3", "", "", "books/a"), Arn::parse("arn:aws:s3:::books/a").unwrap());
    }

    #[test]
    fn too_few_parts_are_refused() {
        for text in ["", "arn:", "arn:aws:s3", "arn:aws:s3:::", "arn:aws::::x", "aws:aws:s3:::x"] {
            assert!(Arn::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn actions_compare_without_case() {
        assert_eq!(Action::new("S3:getobject"), Action::new("s3:GetObject"));
        assert_eq!(Action::new("s3:GetObject").name(), "GetObject");
    }
}
