//! Random secrets for templates.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-secretsmanager-secret-generatesecretstring.html>

use burgward_types::Secret;
use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

const PUNCTUATION: &str = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
const LONGEST: usize = 4096;
/// How often a whole secret is drawn until every included type occurs in it. One try in a few succeeds unless the
/// secret is as short as the types are many.
const TRIES: usize = 10_000;

/// Why a secret could not be generated.
#[derive(Debug, Error)]
pub enum GenerateError {
    /// The options leave no characters, or fewer places than types.
    #[error("the options leave no possible secret: {0}\n  hint: exclude less, or ask for a longer secret")]
    Impossible(&'static str),
    /// `SecretStringTemplate` without `GenerateStringKey`, or no JSON object.
    #[error("`SecretStringTemplate` must be a JSON object, given together with `GenerateStringKey`\n  hint: give both")]
    Template,
    /// The machine's source of randomness failed.
    #[error("no randomness\n  hint: check that the machine has a working source of random numbers")]
    Random,
}

/// How a random secret is to look.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "these are the members that templates write")]
pub struct GenerateSecretString {
    /// Characters that must not occur.
    pub exclude_characters: String,
    /// No `a`-`z`.
    pub exclude_lowercase: bool,
    /// No `0`-`9`.
    pub exclude_numbers: bool,
    /// No punctuation.
    pub exclude_punctuation: bool,
    /// No `A`-`Z`.
    pub exclude_uppercase: bool,
    /// The member of the template that receives the secret.
    pub generate_string_key: Option<String>,
    /// The space as well.
    pub include_space: bool,
    /// How many characters; 32 unless said otherwise.
    pub password_length: Option<usize>,
    /// At least one character of every included type; so unless said otherwise.
    pub require_each_included_type: Option<bool>,
    /// A JSON object that the secret is put into.
    pub secret_string_template: Option<String>,
}

impl GenerateSecretString {
    /// A random secret of these options, every possible one as likely as any other.
    pub fn generate_secret_string(&self) -> Result<Secret<String>, GenerateError> {
        let password = self.password()?;
        match (&self.secret_string_template, &self.generate_string_key) {
            (None, None) => Ok(password),
            (Some(template), Some(key)) => {
                let Ok(Value::Object(mut members)) = serde_json::from_str(template) else {
                    return Err(GenerateError::Template);
                };
                members.insert(key.clone(), Value::from(password.expose().as_str()));
                Ok(Secret::new(Value::Object(members).to_string()))
            }
            (Some(_), None) | (None, Some(_)) => Err(GenerateError::Template),
        }
    }

    fn types(&self) -> Vec<Vec<char>> {
        let types = [
            (!self.exclude_lowercase, ('a'..='z').collect::<Vec<_>>()),
            (!self.exclude_uppercase, ('A'..='Z').collect()),
            (!self.exclude_numbers, ('0'..='9').collect()),
            (!self.exclude_punctuation, PUNCTUATION.chars().collect()),
            (self.include_space, vec![' ']),
        ];
        let included = types.into_iter().filter(|(included, _)| *included).map(|(_, characters)| {
            characters.into_iter().filter(|c| !self.exclude_characters.contains(*c)).collect::<Vec<_>>()
        });
        included.filter(|characters| !characters.is_empty()).collect()
    }

    fn password(&self) -> Result<Secret<String>, GenerateError> {
        let length = self.password_length.unwrap_or(32);
        let types = self.types();
        let alphabet: Vec<char> = types.iter().flatten().copied().collect();
        let each = self.require_each_included_type.unwrap_or(true);
        if alphabet.is_empty() {
            return Err(GenerateError::Impossible("every character is excluded"));
        }
        if length == 0 || length > LONGEST || (each && length < types.len()) {
            return Err(GenerateError::Impossible("the length does not fit"));
        }
        for _ in 0..TRIES {
            let drawn = draw(&alphabet, length)?;
            let complete = types.iter().all(|characters| drawn.expose().contains(characters.as_slice()));
            if !each || complete {
                return Ok(drawn);
            }
        }
        Err(GenerateError::Impossible("no draw held every included type"))
    }
}

/// Draws characters, each as likely as any other: a random byte past the last whole multiple of the alphabet's length is
/// thrown away, since it would favour the alphabet's start.
fn draw(alphabet: &[char], length: usize) -> Result<Secret<String>, GenerateError> {
    let fair = 256 - 256 % alphabet.len();
    let mut drawn = String::with_capacity(length);
    let mut count = 0;
    while count < length {
        let mut bytes = [0_u8; 64];
        aws_lc_rs::rand::fill(&mut bytes).map_err(|_| GenerateError::Random)?;
        for byte in bytes.into_iter().map(usize::from).filter(|byte| *byte < fair).take(length - count) {
            drawn.extend(alphabet.get(byte % alphabet.len()));
            count += 1;
        }
    }
    Ok(Secret::new(drawn))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_included_type_occurs_and_no_excluded_character() {
        let options = GenerateSecretString {
            exclude_characters: "abc\"@/\\".to_owned(),
            password_length: Some(8),
            ..GenerateSecretString::default()
        };
        for _ in 0..200 {
            let secret = options.generate_secret_string().unwrap();
            let secret = secret.expose();
            assert_eq!(secret.chars().count(), 8);
            assert!(!secret.contains(['a', 'b', 'c', '"', '@', '/', '\\']), "{secret}");
            assert!(secret.contains(|c: char| c.is_ascii_lowercase()));
            assert!(secret.contains(|c: char| c.is_ascii_uppercase()));
            assert!(secret.contains(|c: char| c.is_ascii_digit()));
            assert!(secret.contains(|c: char| c.is_ascii_punctuation()));
        }
    }

    #[test]
    fn a_template_receives_the_secret() {
        let options: GenerateSecretString = serde_json::from_str(
            r#"{"SecretStringTemplate": "{\"user\": \"admin\"}", "GenerateStringKey": "password", "PasswordLength": 20}"#,
        )
        .unwrap();
        let secret = options.generate_secret_string().unwrap();
        let value: Value = serde_json::from_str(secret.expose()).unwrap();
        assert_eq!(value["user"], "admin");
        assert_eq!(value["password"].as_str().unwrap().len(), 20);
    }

    #[test]
    fn impossible_wishes_are_refused() {
        let none = GenerateSecretString {
            exclude_lowercase: true,
            exclude_uppercase: true,
            exclude_numbers: true,
            exclude_punctuation: true,
            ..GenerateSecretString::default()
        };
        assert!(none.generate_secret_string().is_err());
        let short = GenerateSecretString { password_length: Some(3), ..GenerateSecretString::default() };
        assert!(short.generate_secret_string().is_err());
        let half = GenerateSecretString { generate_string_key: Some("k".into()), ..GenerateSecretString::default() };
        assert!(half.generate_secret_string().is_err());
    }
}
