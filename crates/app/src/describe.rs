//! What is said about a running app, and what is kept of what it asked for.

use aws_lc_rs::hmac;
use burgward_runtime::Isolation;
use burgward_template::model::{Api, App};
use burgward_vault::Vault;
use serde_json::{Map, Value, json};

use crate::foundation::Foundation;
use crate::state::{Enforcement, LayerState, RunningApi};
use crate::{AppError, Config, UpOptions};

/// Physical names by logical id.
pub(crate) fn resources(app: &App) -> Value {
    let functions = app.functions.iter().map(|f| (&f.logical_id, &f.name));
    let tables = app.tables.iter().map(|t| (&t.logical_id, &t.name));
    let buckets = app.buckets.iter().map(|b| (&b.logical_id, &b.name));
    let parameters = app.parameters.iter().map(|p| (&p.logical_id, &p.name));
    let secrets = app.secrets.iter().map(|s| (&s.logical_id, &s.name));
    let roles = app.roles.iter().map(|r| (&r.logical_id, &r.name));
    let all = functions.chain(tables).chain(buckets).chain(parameters).chain(secrets).chain(roles);
    Value::Object(all.map(|(id, name)| (id.clone(), json!(name))).collect::<Map<_, _>>())
}

/// The stack's outputs; a value that is a secret is shown as its reference, and an API's public address as the one that
/// serves it here.
pub(crate) fn outputs(app: &App, apis: &[RunningApi]) -> Value {
    let output =
        |value: String| app.apis.iter().zip(apis).fold(value, |value, (api, here)| at_home(&value, app, api, here));
    let outputs = app.outputs.iter().map(|o| (o.logical_id.clone(), json!(output(o.value.to_string()))));
    Value::Object(outputs.collect::<Map<_, _>>())
}

/// Puts the address that serves an API here in the place of its public one, with its stage or without.
fn at_home(value: &str, app: &App, api: &Api, here: &RunningApi) -> String {
    let stage = if api.stage.name == "$default" { String::new() } else { format!("/{}", api.stage.name) };
    let base = here.url.strip_suffix(stage.as_str()).unwrap_or(&here.url);
    let host = format!("{}.execute-api.{}.amazonaws.com", api.id, app.region);
    let at = base.trim_start_matches("https://");
    value.replace(&host, at)
}

/// The values of API keys, which clients of the gateway need.
pub(crate) fn api_keys(deployed: &burgward_deploy::Deployed) -> Value {
    Value::Object(deployed.api_keys.iter().map(|(id, key)| (id.clone(), json!(key.expose()))).collect::<Map<_, _>>())
}

/// What is in force in this run.
pub(crate) fn enforcement(
    options: &UpOptions,
    config: &Config,
    app: &App,
    foundation: &Foundation,
    sandbox: Vec<LayerState>,
) -> Enforcement {
    let level = |id: &str| match config.isolation_of(id) {
        Isolation::Function => "function",
        Isolation::Invocation => "invocation",
    };
    let mut relaxed = Vec::new();
    #[cfg(feature = "test-without-layers")]
    relaxed.push(crate::without::warning(foundation.vault.without()));
    if options.permissive {
        relaxed.push("--permissive: IAM denials are recorded and let through".to_owned());
    }
    relaxed.extend(options.allow_unenforced.iter().map(|id| format!("--allow-unenforced {id}")));
    for (from, to) in &options.runtime_substitutes {
        relaxed.push(format!("--runtime-substitute {from}={to}: functions of {from} run on {to}"));
    }
    Enforcement {
        iam: if options.permissive { "permissive" } else { "enforce" }.to_owned(),
        observe: options.observe,
        root_key: foundation.vault.source().to_owned(),
        sandbox,
        isolation: app.functions.iter().map(|f| (f.logical_id.clone(), level(&f.logical_id).to_owned())).collect(),
        runtime_substitutes: options.runtime_substitutes.clone(),
        relaxed,
        orphans: Vec::new(),
    }
}

/// A digest under a key of the vault.
pub(crate) fn keyed_digest(vault: &Vault) -> Result<impl Fn(&str) -> String + Sync + use<>, AppError> {
    let key = vault.key("deployed-values").map_err(AppError::part("vault"))?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.expose());
    Ok(move |text: &str| hex::encode(hmac::sign(&key, text.as_bytes())))
}

/// A random text of letters and digits.
pub(crate) fn random_text(length: usize) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789Ab";
    let mut bytes = vec![0_u8; length];
    // The generator aborts the process rather than failing.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    bytes.iter().filter_map(|b| ALPHABET.get(usize::from(b & 63)).map(|c| char::from(*c))).collect()
}
