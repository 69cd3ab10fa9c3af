//! No token, and tokens that nobody issued.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::http::Answer;
use crate::normal::Normal;
use crate::report::{Attack, Attacker, OnAws, StoppedBy};
use crate::scene::{Scene, brief};
use crate::{chance, scene};

/// Tries every route whose clients are meant to prove who they are.
pub(crate) async fn all(scene: &Scene<'_>) -> Vec<Attack> {
    let mut seen = Vec::new();
    let mut attacks = Vec::new();
    for normal in &scene.normals {
        let target = (normal.api.clone(), normal.target());
        if seen.contains(&target) {
            continue;
        }
        if !is_guarded(scene, normal) {
            let nobody =
                !scene.normals.iter().any(|other| (other.api.clone(), other.target()) == target && other != normal);
            if nobody {
                scene.note(format!(
                    "{} is public: no authorizer, no key, and no normal request sends a token",
                    target.1
                ));
            }
            continue;
        }
        seen.push(target);
        attacks.push(bare(scene, normal).await);
        attacks.extend(forged(scene, normal).await);
    }
    attacks
}

fn is_guarded(scene: &Scene<'_>, normal: &Normal) -> bool {
    let asks = scene.route(normal).is_some_and(|route| route.authorizer.is_some() || route.api_key_required);
    asks || !normal.tokens.is_empty()
}

async fn bare(scene: &Scene<'_>, normal: &Normal) -> Attack {
    let answer = scene.as_is(&normal.without_tokens()).await;
    let through = answer.as_ref().is_ok_and(Answer::is_success);
    Attack {
        id: format!("no-token/{}", normal.target()),
        attacker: Attacker::Outsider,
        target: normal.target(),
        tried: "the normal request without a token".to_owned(),
        came_back: if through { format!("{}: served", brief(&answer)) } else { brief(&answer) },
        through,
        stopped_by: stopped(scene, normal, &answer, through),
        on_aws: if through { OnAws::Needs("an authorizer on this route".into()) } else { OnAws::Holds },
        place: scene.route_place(normal),
    }
}

fn stopped(scene: &Scene<'_>, normal: &Normal, answer: &Result<Answer, String>, through: bool) -> StoppedBy {
    match answer {
        Ok(answer) if !through => scene.layer(normal, answer),
        Ok(_) | Err(_) => StoppedBy::None,
    }
}

/// One attack for all forgeries of a route: it is through if any of them is served.
async fn forged(scene: &Scene<'_>, normal: &Normal) -> Option<Attack> {
    let name = normal.tokens.first()?;
    let token = normal.header(name).unwrap_or("canary").to_owned();
    let tries = forgeries(&token);
    let sent = tries.iter().map(|(_, forged)| {
        let request = normal.with_header(name, Some(forged));
        async move { scene.as_customer(&request).await }
    });
    let answers = join_all(sent).await;
    let served: Vec<&str> = tries
        .iter()
        .zip(&answers)
        .filter(|(_, answer)| answer.as_ref().is_ok_and(Answer::is_success))
        .map(|((kind, _), _)| *kind)
        .collect();
    let through = !served.is_empty();
    let last = answers.iter().rfind(|answer| !answer.as_ref().is_ok_and(Answer::is_success));
    let kinds: Vec<&str> = tries.iter().map(|(kind, _)| *kind).collect();
    Some(Attack {
        id: format!("forged-token/{}", normal.target()),
        attacker: Attacker::Outsider,
        target: normal.target(),
        tried: format!("forged tokens: {}", kinds.join(", ")),
        came_back: if through {
            format!("served: {}", served.join(", "))
        } else {
            last.map_or(String::new(), scene::brief)
        },
        through,
        stopped_by: last.map_or(StoppedBy::None, |last| stopped(scene, normal, last, through)),
        on_aws: if through { OnAws::Needs("an authorizer that verifies tokens".into()) } else { OnAws::Holds },
        place: scene.route_place(normal),
    })
}

/// Tokens made out of a valid one by somebody who does not have the key.
fn forgeries(token: &str) -> Vec<(&'static str, String)> {
    let (scheme, bare) = token.rsplit_once(' ').map_or(("", token), |(scheme, bare)| (scheme, bare));
    let whole = |token: String| if scheme.is_empty() { token } else { format!("{scheme} {token}") };
    let made = match read_jwt(bare) {
        Some(jwt) => jwt.forgeries(),
        None => vec![("a random token", similar(bare)), ("an empty token", String::new())],
    };
    made.into_iter().map(|(kind, token)| (kind, whole(token))).collect()
}

/// Random text of the same length and alphabet: what a validation expression lets through.
fn similar(token: &str) -> String {
    let mut digits = chance::word().into_bytes().into_iter().cycle();
    let same_kind = |c: char, digit: u8| match c {
        'a'..='z' => char::from(b'a' + digit % 26),
        'A'..='Z' => char::from(b'A' + digit % 26),
        '0'..='9' => char::from(b'0' + digit % 10),
        other => other,
    };
    token.chars().map(|c| same_kind(c, digits.next().unwrap_or(7))).collect()
}

struct Jwt {
    header: Value,
    claims: Value,
    signature: String,
}

/// A JSON Web Token in its compact form (RFC 7519, section 3.1).
fn read_jwt(token: &str) -> Option<Jwt> {
    let mut parts = token.split('.');
    let mut json = || serde_json::from_slice(&B64.decode(parts.next()?).ok()?).ok();
    let (header, claims) = (json()?, json()?);
    let signature = parts.next()?.to_owned();
    parts.next().is_none().then_some(Jwt { header, claims, signature })
}

impl Jwt {
    fn forgeries(&self) -> Vec<(&'static str, String)> {
        let changed = self.changed_claims();
        let of = |header: &Value, claims: &Value| format!("{}.{}", part(header), part(claims));
        let with_algorithm = |name: &str| {
            let mut header = self.header.clone();
            if let Some(slot) = header.get_mut("alg") {
                *slot = json!(name);
            }
            header
        };
        let signed = of(&with_algorithm("HS256"), &changed);
        let other_key = burgward_sigv4::sha256_hex(chance::word().as_bytes());
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, other_key.as_bytes());
        let tag = aws_lc_rs::hmac::sign(&key, signed.as_bytes());
        vec![
            ("algorithm none", format!("{}.", of(&with_algorithm("none"), &changed))),
            ("payload changed", format!("{}.{}", of(&self.header, &changed), self.signature)),
            ("signature stripped", format!("{}.", of(&self.header, &self.claims))),
            ("signed with another key", format!("{signed}.{}", B64.encode(tag.as_ref()))),
            ("random signature", format!("{}.{}", of(&self.header, &changed), similar(&self.signature))),
        ]
    }

    /// The claims of somebody else, with more rights, valid for longer.
    fn changed_claims(&self) -> Value {
        let mut claims = self.claims.clone();
        let words = ["sub", "scope", "role", "roles", "groups", "username", "cognito:groups"];
        for (name, value) in claims.as_object_mut().into_iter().flatten() {
            match value {
                Value::String(text) if words.contains(&name.as_str()) => "admin".clone_into(text),
                Value::Number(_) if name == "exp" => *value = json!(4_102_444_800_u64),
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::String(_)
                | Value::Array(_)
                | Value::Object(_) => {}
            }
        }
        claims
    }
}

fn part(value: &Value) -> String {
    B64.encode(value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jwt_is_forged_in_five_ways_and_keeps_its_scheme() {
        let token = format!("Bearer {}.{}.c2ln", part(&json!({"alg": "RS256"})), part(&json!({"sub": "u", "exp": 1})));
        let forged = forgeries(&token);
        assert_eq!(forged.len(), 5);
        assert!(forged.iter().all(|(_, token)| token.starts_with("Bearer ")));
        let none = read_jwt(forged[0].1.strip_prefix("Bearer ").unwrap()).unwrap();
        assert_eq!((none.header["alg"].clone(), none.claims["sub"].clone()), (json!("none"), json!("admin")));
        assert_eq!(none.signature, "");
    }

    #[test]
    fn another_token_keeps_its_alphabet() {
        let forged = forgeries("abc-12");
        assert_eq!(forged.len(), 2);
        let random = &forged[0].1;
        assert!(random.len() == 6 && random.as_bytes()[3] == b'-' && random.as_bytes()[0].is_ascii_lowercase());
    }
}
