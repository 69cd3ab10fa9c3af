//! A secret that is fetched when the code runs, instead of read from the environment.

use crate::facts::{EnvRead, Imports, Place, PlacedEdit};

/// Edits that make a read of a secret from the environment fetch it from Secrets Manager; the environment then only holds
/// the secret's id, in the variable `id_variable`.
///
/// `imports` are those of the read's file. The secret's text is the value itself, as `SecretString`
/// (<https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html>).
#[must_use]
pub fn secret_at_run_time(read: &EnvRead, imports: &Imports, id_variable: &str) -> Vec<PlacedEdit> {
    let mut edits: Vec<PlacedEdit> = missing_imports(imports, read.place.file, &["os", "boto3"]).into_iter().collect();
    let quoted = id_variable.replace('\\', "\\\\").replace('"', "\\\"");
    let text = format!(
        "boto3.client(\"secretsmanager\").get_secret_value(SecretId=os.environ[\"{quoted}\"])[\"SecretString\"]"
    );
    edits.push(PlacedEdit { place: read.place, text });
    edits
}

/// The edit that imports modules at the top of a file, unless they are imported there.
pub(crate) fn missing_imports(imports: &Imports, file: u32, modules: &[&str]) -> Option<PlacedEdit> {
    let missing = modules.iter().filter(|module| !imports.modules.iter().any(|known| known == *module));
    let text: String = missing.flat_map(|module| ["import ", module, "\n"]).collect();
    let at = Place { file, start: imports.insert_at, end: imports.insert_at };
    (!text.is_empty()).then_some(PlacedEdit { place: at, text })
}
