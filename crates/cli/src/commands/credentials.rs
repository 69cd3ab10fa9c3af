//! `burgward credentials`.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::process::ExitCode;

use burgward_app::Ready;
use burgward_app::control::{Ask, Client, Keys};
use serde_json::json;

use super::{Done, Failure, paths};
use crate::args::{CredentialsArgs, KeyFormat};
use crate::out;

/// Asks the running app for keys and writes them where the user wants them.
pub(crate) fn run(args: &CredentialsArgs) -> Done {
    let client = Client::connect(&paths(&args.app)?)?;
    let keys: Keys = client.ask(&Ask::Credentials { seconds: args.seconds }).map_err(Failure::unusable)?;
    let state: Ready = client.ask(&Ask::State).map_err(Failure::unusable)?;
    let text = match args.format {
        KeyFormat::Env => env(&keys, &state),
        KeyFormat::Json => process(&keys),
        KeyFormat::File => file(&keys, &state),
    };
    match &args.output {
        None => out::data(&text),
        Some(path) => {
            private(path, &text).map_err(|error| Failure::unusable(format!("`{}`: {error}", path.display())))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn env(keys: &Keys, state: &Ready) -> String {
    let mut text = String::new();
    for (name, value) in [
        ("AWS_ACCESS_KEY_ID", keys.access_key_id.as_str()),
        ("AWS_SECRET_ACCESS_KEY", &keys.secret_access_key),
        ("AWS_SESSION_TOKEN", &keys.session_token),
        ("AWS_REGION", &state.region),
        ("AWS_DEFAULT_REGION", &state.region),
        ("AWS_ENDPOINT_URL", &state.aws_endpoint),
        ("AWS_CA_BUNDLE", &state.ca_file),
        ("AWS_CONFIG_FILE", &state.sdk_config_file),
    ] {
        // Single quotes keep a shell from reading anything into a value; a quote itself cannot stand in any of them
        // but a path.
        let _ = writeln!(text, "export {name}='{}'", value.replace('\'', "'\\''"));
    }
    text
}

/// Source: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html>
fn process(keys: &Keys) -> String {
    let document = json!({
        "Version": 1,
        "AccessKeyId": keys.access_key_id,
        "SecretAccessKey": keys.secret_access_key,
        "SessionToken": keys.session_token,
        "Expiration": keys.expiration,
    });
    format!("{document}\n")
}

/// Source: <https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>
fn file(keys: &Keys, state: &Ready) -> String {
    format!(
        "[default]\naws_access_key_id = {}\naws_secret_access_key = {}\naws_session_token = {}\nregion = {}\n\
         endpoint_url = {}\nca_bundle = {}\n",
        keys.access_key_id, keys.secret_access_key, keys.session_token, state.region, state.aws_endpoint, state.ca_file
    )
}

fn private(path: &Path, text: &str) -> std::io::Result<()> {
    // A file that is there keeps its mode when it is opened: it is made anew instead.
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}
