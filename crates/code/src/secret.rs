//! A secret that is fetched when the code runs, instead of read from the environment.

use crate::facts::{EnvRead, Imports, Place, PlacedEdit};

/// Edits that make a read of a secret from the environment fetch it from Secrets Manager; the environment then only holds
/// the secret's id, in the variable `id_variable`.
///
/// `imports` are those of the read's file. The secret's text is the value itself, as `SecretString`
/// (<https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html>).
#[must_use]
pub fn secret_at_run_time(read: &EnvRead, imports: &Imports, id_variable: &str) -> Vec<PlacedEdit> {
    let mut edits = Vec::new();
    for module in ["os", "boto3"] {
        edits.extend(missing_import(imports, read.place.file, module));
    }
    let quoted = id_variable.replace('\\', "\\\\").replace('"', "\\\"");
    let text = format!(
        "boto3.client(\"secretsmanager\").get_secret_value(SecretId=os.environ[\"{quoted}\"])[\"SecretString\"]"
    );
    edits.push(PlacedEdit { place: read.place, text });
    edits
}

/// The edit that imports a module at the top of a file, unless it is imported there.
pub(crate) fn missing_import(imports: &Imports, file: u32, module: &str) -> Option<PlacedEdit> {
    if imports.modules.iter().any(|known| known == module) {
        return None;
    }
    let at = Place { file, start: imports.insert_at, end: imports.insert_at };
    Some(PlacedEdit { place: at, text: format!("import {module}\n") })
}
