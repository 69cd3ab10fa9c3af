//! A secret out of an environment variable: into Secrets Manager, and fetched at run time.

use burgward_diag::{Disposition, Fix, Span, TextEdit};
use burgward_template::model::Function;
use burgward_template::patch::{Snippet, Writer};
use burgward_template::tree::{Entry, Node};
use burgward_types::Secret;

use crate::fixes::access::may_fetch;
use crate::fixes::env_reads::fetched_in_code;
use crate::fixes::{free_name, safe};
use crate::view::View;

/// A variable and where its value is written.
struct Variable<'v> {
    name: &'v str,
    map: &'v Node,
    entry: &'v Entry,
    /// The functions that get this value.
    functions: Vec<&'v Function>,
}

/// How a secret that an environment variable holds is moved: into Secrets Manager, and further, out of the
/// configuration. The latter alone if the value is already a reference to a secret of the template.
pub(crate) fn move_secret(view: &View<'_>, function: &Function, name: &str, value: &Span) -> Vec<Fix> {
    let Some((map, entry)) = view.holder_of(value).filter(|(_, e)| e.key == name) else { return Vec::new() };
    let gets = |f: &&Function| f.env.iter().any(|(n, v)| n == name && v.span == *value);
    let functions: Vec<_> = view.app.functions.iter().filter(gets).collect();
    let variable = Variable { name, map, entry, functions };
    if let Some(secret) = referenced(view, &entry.value) {
        return fetch(view, &variable, secret, Vec::new(), None).into_iter().collect();
    }
    let text = entry.value.as_str().or_else(|| entry.value.get("Fn::Sub")?.as_str());
    let Some(text) = text.filter(|t| !t.contains("${") && !t.contains("{{resolve:")) else { return Vec::new() };
    from_text(view, function, &variable, text)
}

/// The secret of the template whose whole text a value is: `!Sub '{{resolve:secretsmanager:${Secret}}}'`.
fn referenced<'v>(view: &View<'_>, value: &'v Node) -> Option<&'v str> {
    let pattern = value.get("Fn::Sub")?.as_str()?.strip_prefix("{{resolve:secretsmanager:${")?;
    let (name, rest) = pattern.split_once('}')?;
    let whole = matches!(rest, "}}" | ":SecretString}}");
    let declared = view.app.secrets.iter().any(|s| s.logical_id == name);
    (whole && declared).then_some(name)
}

fn from_text(view: &View<'_>, function: &Function, variable: &Variable<'_>, text: &str) -> Vec<Fix> {
    let Some(writer) = view.writer() else { return Vec::new() };
    let owner = if variable.functions.len() > 1 { "Shared" } else { function.logical_id.as_str() };
    let parameter = free_name(view, &format!("{}{}", capital(owner), camel(variable.name)));
    let secret = free_name(view, &format!("{parameter}Secret"));
    let Ok(declared) = declare(&writer, view, &parameter, &secret) else { return Vec::new() };
    let value = (parameter, Secret::new(text.to_owned()));
    let reference = Snippet::sub(&format!("{{{{resolve:secretsmanager:${{{secret}}}}}}}"));
    let title = format!("move `{}` to the secret `{secret}`, and refer to it", variable.name);
    let referred = writer.replace_value(variable.map, variable.name, &reference).map(|edit| {
        let mut edits = declared.clone();
        edits.push(edit);
        edits
    });
    let referred = safe(title, referred).map(|fix| Fix { values: vec![value.clone()], ..fix });
    referred.into_iter().chain(fetch(view, variable, &secret, declared, Some(value))).collect()
}

/// The parameter that brings the value, and the secret that keeps it.
fn declare(
    writer: &Writer<'_>,
    view: &View<'_>,
    parameter: &str,
    secret: &str,
) -> Result<Vec<TextEdit>, burgward_template::patch::PatchError> {
    let brought = Snippet::map([("Type", Snippet::from("String")), ("NoEcho", true.into())]);
    let kept = Snippet::map([
        ("Type", Snippet::from("AWS::SecretsManager::Secret")),
        ("Properties", Snippet::map([("SecretString", Snippet::reference(parameter))])),
    ]);
    let parameters = match view.document() {
        // A new section stands before the resources, where readers look for it.
        Some((_, root)) if root.get("Parameters").is_none() => {
            let section = Snippet::map([(parameter, brought)]);
            writer.insert_before(root, "Resources", "Parameters", &section)?
        }
        _ => writer.set(&["Parameters", parameter], &brought)?,
    };
    Ok(vec![parameters, writer.set(&["Resources", secret], &kept)?])
}

/// The variable replaced by one that names the secret, and code that fetches it; none if anything but the reads that the
/// analysis knows could need the variable.
fn fetch(
    view: &View<'_>,
    variable: &Variable<'_>,
    secret: &str,
    declared: Vec<TextEdit>,
    value: Option<(String, Secret<String>)>,
) -> Option<Fix> {
    let writer = view.writer()?;
    let name = format!("{}_SECRET", variable.name);
    if variable.map.entry(&name).is_some() {
        return None;
    }
    let mut edits = declared;
    let value_span = &variable.entry.value.span;
    let (in_code, readers) = fetched_in_code(view, variable.name, &name, value_span, &variable.functions)?;
    edits.extend(in_code);
    edits.extend(may_fetch(view, &writer, secret, &readers)?);
    edits.push(writer.rename_entry(variable.map, variable.name, &name).ok()?);
    // The value of a renamed entry is replaced in place: it is a scalar.
    edits.push(writer.replace_value(variable.map, variable.name, &Snippet::reference(secret)).ok()?);
    let title = format!("fetch `{}` from the secret `{secret}` at run time", variable.name);
    Some(Fix { title, disposition: Disposition::All, edits, values: value.into_iter().collect() })
}

/// `DB_PASSWORD` as `DbPassword`: logical ids are alphanumeric.
fn camel(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty());
    words
        .map(|word| if word.chars().any(char::is_lowercase) { capital(word) } else { capital(&word.to_lowercase()) })
        .collect()
}

fn capital(word: &str) -> String {
    let mut rest = word.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}
