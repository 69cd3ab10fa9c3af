//! Functions of the template that cannot be run as they are written, said before anything is deployed.

use std::collections::BTreeMap;

use burgward_diag::Span;
use burgward_runtime::{ConfigError, check_environment_size, check_variable};
use burgward_template::model::{App, Function, Text, TextPart};
use burgward_template::{Diagnostic, RefusedKind};

use crate::package::{Interpreter, PackageError};

/// A function or a store that is refused: its logical id, and why.
#[derive(Clone, Debug)]
pub struct RefusedFunction {
    /// The resource's logical id.
    pub logical_id: String,
    /// What is wrong, with its line.
    pub why: Diagnostic,
}

/// What Lambda would refuse of functions' environments: names, reserved names, and the size as far as the template tells
/// it; what is looked up at deployment is judged again then.
#[must_use]
pub fn refused_environments(app: &App) -> Vec<RefusedFunction> {
    app.functions.iter().flat_map(environment).collect()
}

fn environment(function: &Function) -> Vec<RefusedFunction> {
    let refused = |error: &ConfigError, span: &Span| refuse(function, error, span);
    let mut found = Vec::new();
    for (name, value) in &function.env {
        if let Err(error) = check_variable(&function.logical_id, name, &known(&value.value)) {
            found.push(refused(&error, &value.span));
        }
    }
    let bytes = function.env.iter().map(|(name, value)| name.len() + known(&value.value).len()).sum();
    if let (Err(error), Some((_, first))) = (check_environment_size(&function.logical_id, bytes), function.env.first())
    {
        found.push(refused(&error, &first.span));
    }
    found
}

/// The text without what is looked up at deployment.
fn known(text: &Text) -> String {
    let literal = |part: &TextPart| match part {
        TextPart::Literal(text) => text.clone(),
        TextPart::Dynamic(_) => String::new(),
    };
    text.parts.iter().map(literal).collect()
}

/// The interpreters of an app's functions by the runtime that a function names, each with the runtime that it really is.
pub type Interpreters = BTreeMap<String, (String, Interpreter)>;

/// Finds the interpreters of all functions, or says which cannot be had.
pub fn interpreters(app: &App, substitutes: &[(String, String)]) -> Result<Interpreters, PackageError> {
    let mut found = Interpreters::new();
    for function in &app.functions {
        let named = &function.runtime.value;
        if !found.contains_key(named) {
            let runtime = substitutes.iter().find(|(from, _)| from == named).map_or(named, |(_, to)| to);
            found.insert(named.clone(), (runtime.clone(), Interpreter::find(runtime)?));
        }
    }
    Ok(found)
}

/// Functions whose runtime, or the one that stands for it, this machine cannot run.
#[must_use]
pub fn refused_runtimes(app: &App, substitutes: &[(String, String)]) -> Vec<RefusedFunction> {
    let mut known: BTreeMap<&str, Option<PackageError>> = BTreeMap::new();
    let mut refused = Vec::new();
    // A function without one is refused where it was read.
    for function in app.functions.iter().filter(|function| !function.runtime.value.is_empty()) {
        let named = &function.runtime.value;
        let runtime = substitutes.iter().find(|(from, _)| from == named).map_or(named, |(_, to)| to);
        let found = known.entry(runtime).or_insert_with(|| Interpreter::find(runtime).err());
        refused.extend(found.as_ref().map(|error| refuse(function, error, &function.runtime.span)));
    }
    refused
}

fn refuse(function: &Function, error: &impl ToString, span: &Span) -> RefusedFunction {
    let text = error.to_string();
    let (message, hint) = text.split_once("\n  hint: ").unwrap_or((&text, ""));
    let why = Diagnostic {
        span: Some(span.clone()),
        message: message.to_owned(),
        hint: hint.to_owned(),
        kind: RefusedKind::UnsupportedProperty,
    };
    RefusedFunction { logical_id: function.logical_id.clone(), why }
}
