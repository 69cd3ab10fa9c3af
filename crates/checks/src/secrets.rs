//! What looks like a secret: by its name, and by its shape.

use std::collections::BTreeMap;

/// Words in a name that promise a secret.
const WORDS: [&str; 20] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "secretkey",
    "token",
    "apikey",
    "apisecret",
    "accesskey",
    "privatekey",
    "signingkey",
    "encryptionkey",
    "authkey",
    "credential",
    "credentials",
    "clientsecret",
    "dbpass",
    "jwtkey",
    "masterkey",
];

/// Last words of a name that say where or how, not what: the name of a secret is no secret.
const HARMLESS_ENDS: [&str; 34] = [
    "name",
    "arn",
    "id",
    "path",
    "url",
    "uri",
    "endpoint",
    "table",
    "bucket",
    "region",
    "header",
    "ttl",
    "expiry",
    "expiration",
    "length",
    "policy",
    "prefix",
    "suffix",
    "type",
    "file",
    "parameter",
    "param",
    "version",
    "stage",
    "field",
    "enabled",
    "rotation",
    "algorithm",
    "issuer",
    "audience",
    "count",
    "limit",
    "seconds",
    "days",
];

/// Words in a name that may stand for a secret, or for the name of something: there the value has to look random.
const HINTS: [&str; 8] = ["key", "pass", "auth", "salt", "pepper", "pin", "cred", "signature"];

/// What a value under a name is, if it is a secret: by its shape, by the name, or by a hint and the value's randomness.
pub(crate) fn secret(name: &str, value: &str) -> Option<&'static str> {
    let by_name = || (named(name) && plausible(value)).then_some("a secret");
    let hinted = || words(name).last().is_some_and(|last| HINTS.contains(&last.as_str()));
    if shaped(value).is_none() && is_public(name, value) {
        return None;
    }
    shaped(value).or_else(by_name).or_else(|| (hinted() && random(value)).then_some("what looks like a key"))
}

/// Whether it is a public key or certificate: the value begins like one (PEM, OpenSSH, or in base64 the DER of a
/// `SubjectPublicKeyInfo`, RFC 5280, 4.1), or the name says so.
fn is_public(name: &str, value: &str) -> bool {
    const BEGINS: [&str; 10] = [
        "-----BEGIN PUBLIC KEY-----",
        "-----BEGIN RSA PUBLIC KEY-----",
        "-----BEGIN CERTIFICATE-----",
        "ssh-rsa AAAA",
        "ssh-ed25519 AAAA",
        "ecdsa-sha2-",
        "MFkwEwYHKoZIzj0CAQ",
        "MHYwEAYHKoZIzj0CAQ",
        "MIIBIjANBgkqhkiG9w0BAQ",
        "MCowBQYDK2Vw",
    ];
    let words = words(name);
    let public = words.iter().any(|word| matches!(word.as_str(), "public" | "pub" | "publishable"));
    let key = words.last().is_some_and(|word| matches!(word.as_str(), "key" | "keys" | "pem" | "publickey"));
    BEGINS.iter().any(|begin| value.trim_start().starts_with(begin)) || (public && key)
}

/// Whether a text looks drawn at random: long, of mixed kinds of characters (or long hex), and of high entropy.
fn random(text: &str) -> bool {
    let has = |kind: fn(&char) -> bool| text.chars().any(|c| kind(&c));
    let mixed = has(char::is_ascii_lowercase) && has(char::is_ascii_uppercase) && has(char::is_ascii_digit);
    let hex = text.len() >= 32 && text.chars().all(|c| c.is_ascii_hexdigit());
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '_' | '-'));
    plain && text.len() >= 16 && (mixed || hex) && entropy(text) >= 3.5
}

/// Shannon's entropy in bits for each character.
fn entropy(text: &str) -> f64 {
    let mut counts: BTreeMap<char, u32> = BTreeMap::new();
    text.chars().for_each(|c| *counts.entry(c).or_default() += 1);
    let all = f64::from(counts.values().sum::<u32>());
    counts.values().map(|n| f64::from(*n) / all).map(|p| -p * p.log2()).sum()
}

/// The words of a name: `DB_PASSWORD`, `dbPassword` and `DbPassword` are two words each.
fn words(name: &str) -> Vec<String> {
    let (mut words, mut word, mut lower) = (Vec::new(), String::new(), false);
    for c in name.chars() {
        let splits = !c.is_alphanumeric() || (c.is_uppercase() && lower);
        if splits && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
        lower = c.is_lowercase() || c.is_ascii_digit();
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

/// Whether a name promises a secret.
pub(crate) fn named(name: &str) -> bool {
    let words = words(name);
    if words.last().is_some_and(|last| HARMLESS_ENDS.contains(&last.as_str())) {
        return false;
    }
    let pairs = words.windows(2).map(<[String]>::concat);
    pairs.chain(words.iter().cloned()).any(|word| WORDS.contains(&word.as_str()))
}

/// What a text is by its shape alone, whatever its name.
///
/// The prefixes are those that the issuers document for secret scanners, such as
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids>.
fn shaped(text: &str) -> Option<&'static str> {
    let token = |prefix: &str, least: usize| {
        let rest = text.strip_prefix(prefix)?;
        let plain = rest.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
        (plain && rest.len() >= least).then_some(())
    };
    let known: [(&str, usize, &str); 12] = [
        ("AKIA", 16, "an AWS access key id"),
        ("ghp_", 30, "a GitHub token"),
        ("github_pat_", 30, "a GitHub token"),
        ("gho_", 30, "a GitHub token"),
        ("sk_live_", 16, "a Stripe key"),
        ("rk_live_", 16, "a Stripe key"),
        ("xoxb-", 20, "a Slack token"),
        ("xoxp-", 20, "a Slack token"),
        ("AIza", 30, "a Google API key"),
        ("glpat-", 16, "a GitLab token"),
        ("SK", 32, "a Twilio key"),
        ("npm_", 30, "an npm token"),
    ];
    if let Some((.., what)) = known.iter().find(|(prefix, least, _)| token(prefix, *least).is_some()) {
        return Some(what);
    }
    if text.contains("-----BEGIN ") && text.contains("PRIVATE KEY-----") {
        return Some("a private key");
    }
    if text.starts_with("eyJ") && text.split('.').count() == 3 && text.len() > 60 {
        return Some("a JSON web token");
    }
    password_in_url(text).then_some("a password in a URL")
}

/// `scheme://user:password@host`, the password written out.
fn password_in_url(text: &str) -> bool {
    let Some((_, rest)) = text.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let Some((user, _)) = authority.rsplit_once('@') else { return false };
    user.split_once(':').is_some_and(|(_, password)| plausible(password))
}

/// Whether a value under a secret's name is one: not a placeholder, a reference, a switch, a number or a path.
fn plausible(value: &str) -> bool {
    let value = value.trim();
    let lower = value.to_lowercase();
    let fixed = [
        "true",
        "false",
        "none",
        "null",
        "changeme",
        "change-me",
        "todo",
        "dummy",
        "example",
        "placeholder",
        "redacted",
    ];
    let parts = ["${", "{{", "<", "your", "replace", "xxx", "***", "placeholder", "insert", "changeme", "arn:"];
    let refers = value.starts_with('/') || value.contains("://") || parts.iter().any(|p| lower.contains(p));
    let number = value.parse::<f64>().is_ok() && value.len() < 8;
    value.chars().count() >= 4 && !fixed.contains(&lower.as_str()) && !refers && !number && !value.contains(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let secret =
            ["DB_PASSWORD", "dbPassword", "API_KEY", "ApiKey", "GITHUB_TOKEN", "jwtSecret", "AWS_SECRET_ACCESS_KEY"];
        let plain = [
            "SECRET_NAME",
            "TokenTable",
            "PASSWORD_LENGTH",
            "KEY",
            "TABLE_NAME",
            "USER_POOL_ID",
            "SECRET_ARN",
            "MaxTokens",
        ];
        assert_eq!(secret.iter().filter(|n| !named(n)).collect::<Vec<_>>(), Vec::<&&str>::new());
        assert_eq!(plain.iter().filter(|n| named(n)).collect::<Vec<_>>(), Vec::<&&str>::new());
    }

    #[test]
    fn shapes() {
        assert_eq!(shaped("AKIAIOSFODNN7EXAMPLE"), Some("an AWS access key id"));
        assert_eq!(shaped("postgres://app:hunter22@db:5432/x"), Some("a password in a URL"));
        assert_eq!(shaped("postgres://app:${Password}@db:5432/x"), None);
        assert_eq!(shaped("https://example.com/a:b@c"), None);
        assert_eq!(shaped("SKU-12345678"), None);
    }

    #[test]
    fn values() {
        let secret = ["hunter22", "p@ss!", "c0rrect-horse"];
        let plain = ["", "true", "3600", "/app/token", "<your token>", "CHANGEME", "{{resolve:ssm:x}}", "arn:aws:x"];
        assert!(secret.iter().all(|v| plausible(v)));
        assert_eq!(plain.iter().filter(|v| plausible(v)).collect::<Vec<_>>(), Vec::<&&str>::new());
    }

    #[test]
    fn a_hint_needs_a_random_value() {
        assert_eq!(secret("SIGNING_SALT", "q7Xv29LmTz04RbKd"), Some("what looks like a key"));
        assert_eq!(secret("OBJECT_KEY", "uploads/2024-invoices"), None);
        assert_eq!(secret("KMS_KEY", "1b2c3d4e-0000-4000-8000-1234567890ab"), None);
        assert_eq!(secret("PUBLIC_KEY", "q7Xv29LmTz04RbKd"), None);
        assert_eq!(secret("PUBLIC_KEY", "AKIAIOSFODNN7EXAMPLE"), Some("an AWS access key id"));
        let point = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEq7Xv29LmTz04RbKd";
        assert_eq!((secret("PUBLIC_KEY", point), secret("JWT_KEY", point)), (None, None));
        assert_eq!(secret("TABLE", "q7Xv29LmTz04RbKd"), None);
        assert_eq!(secret("PARTITION_KEY", "customerId"), None);
    }
}
