//! Secrets in a function's environment: whoever is inside has them without asking any store.

use serde_json::Value;

use crate::loot;
use crate::report::{Attack, Attacker, OnAws, StoppedBy};
use crate::scene::Scene;

/// A shorter value is a switch, not a secret.
const SHORTEST: usize = 6;

/// What a probe found in its environment, for functions whose template sets one.
pub(super) fn attack(scene: &Scene<'_>, function: &str, environment: &Value) -> Option<Attack> {
    let function = scene.app.function(function).filter(|function| !function.env.is_empty())?;
    let held = |name: &str| {
        let value = environment.get(name).and_then(Value::as_str).unwrap_or_default();
        value.len() >= SHORTEST && !value.starts_with("arn:") && !is_store(scene, value)
    };
    let secrets: Vec<_> = function.env.iter().filter(|(name, _)| loot::is_secret_name(name) && held(name)).collect();
    let through = !secrets.is_empty();
    let names: Vec<&str> = secrets.iter().map(|(name, _)| name.as_str()).collect();
    Some(Attack {
        id: format!("environment/{}", function.logical_id),
        attacker: Attacker::AssumedBreach,
        target: function.logical_id.clone(),
        tried: "secrets in the environment".to_owned(),
        came_back: if through { format!("the value of {}", names.join(", ")) } else { "none".to_owned() },
        through,
        stopped_by: if through { StoppedBy::None } else { StoppedBy::Application },
        on_aws: if through {
            OnAws::Needs("the secret fetched from Secrets Manager at run time".into())
        } else {
            OnAws::Holds
        },
        place: secrets.first().map(|(_, value)| value.span.place()),
    })
}

/// The name of a secret or a parameter is no secret.
fn is_store(scene: &Scene<'_>, value: &str) -> bool {
    let app = scene.app;
    app.secrets.iter().any(|secret| secret.name == value)
        || app.parameters.iter().any(|parameter| parameter.name == value)
}
