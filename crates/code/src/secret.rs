//! A secret that is fetched when the code runs, instead of read from the environment.

use crate::facts::{EnvRead, Imports, Place, PlacedEdit};
use crate::flaws::scope;
use crate::python;

/// Edits that make a read of a secret from the environment fetch it from Secrets Manager; the environment then only holds
/// the secret's id, in the variable `id_variable`. `None` if such an expression does not fit there: [`quote_at`].
///
/// `text` and `imports` are those of the read's file. The secret's text is the value itself, as `SecretString`
/// (<https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html>).
#[must_use]
pub fn secret_at_run_time(read: &EnvRead, text: &str, imports: &Imports, id_variable: &str) -> Option<Vec<PlacedEdit>> {
    let q = quote_at(text, read.place, &["os", "boto3"])?;
    let mut edits: Vec<PlacedEdit> = missing_imports(imports, read.place.file, &["os", "boto3"]).into_iter().collect();
    let variable = Some(id_variable).filter(|name| name.chars().all(|c| c.is_alphanumeric() || c == '_'))?;
    let text = format!(
        "boto3.client({q}secretsmanager{q}).get_secret_value(SecretId=os.environ[{q}{variable}{q}])[{q}SecretString{q}]"
    );
    edits.push(PlacedEdit { place: read.place, text });
    Some(edits)
}

/// The quote that strings in an expression may have which is put at a place of a Python file. `None` if there is none, or
/// if one of the names of `modules` is, or may be, something else there than the module.
///
/// Before Python 3.12, an expression in an f-string cannot contain the quotes of the string
/// (<https://docs.python.org/3/whatsnew/3.12.html#pep-701-syntactic-formalization-of-f-strings>).
#[must_use]
pub fn quote_at(text: &str, place: Place, modules: &[&str]) -> Option<char> {
    let read = python::read(place.file, text).ok()?;
    let root = read.tree.root_node();
    let node = root.descendant_for_byte_range(place.start as usize, place.end as usize)?;
    if modules.iter().any(|module| scope::is_shadowed(root, node, text, module)) {
        return None;
    }
    let mut taken = Vec::new();
    let mut inner = Some(node);
    while let Some(around) = inner {
        let start = (around.kind() == "string").then(|| around.child(0)).flatten();
        taken.extend(start.and_then(|start| text.get(start.byte_range())?.chars().next_back()));
        inner = around.parent();
    }
    ['"', '\''].into_iter().find(|quote| !taken.contains(quote))
}

/// The edit that imports modules at the top of a file, unless they are imported there.
pub(crate) fn missing_imports(imports: &Imports, file: u32, modules: &[&str]) -> Option<PlacedEdit> {
    let missing = modules.iter().filter(|module| !imports.modules.iter().any(|known| known == *module));
    let text: String = missing.flat_map(|module| ["import ", module, "\n"]).collect();
    let at = Place { file, start: imports.insert_at, end: imports.insert_at };
    (!text.is_empty()).then_some(PlacedEdit { place: at, text })
}
