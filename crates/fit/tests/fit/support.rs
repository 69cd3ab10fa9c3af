//! A template, the facts of its functions' code, and what was observed.

use std::sync::Arc;

use burgward_code::{AwsCall, Code, Place, Undecided, Unparsed, Value};
use burgward_diag::SourceFile;
use burgward_fit::{Fit, From, FunctionCode, Input, Seen, fit, prove};
use burgward_template::patch::apply;
use burgward_template::{FileError, Files, Parameters, load, model::App};

struct One<'a>(&'a str);

impl Files for One<'_> {
    fn read(&self, _relative: &str) -> Result<String, FileError> {
        Ok(self.0.to_owned())
    }

    fn exists_dir(&self, _relative: &str) -> bool {
        true
    }
}

/// An app to be fitted.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) text: String,
    name: &'static str,
    code: Vec<(String, Code)>,
    seen: Vec<Seen>,
    pub(crate) from: From,
    accepted: Vec<String>,
}

pub(crate) fn text(text: &str) -> Value {
    Value::Text(text.into())
}

pub(crate) fn env(name: &str) -> Value {
    Value::Env(name.into())
}

pub(crate) fn event(path: &str) -> Value {
    Value::Event(path.into())
}

pub(crate) fn join(parts: &[Value]) -> Value {
    Value::Join(parts.to_vec())
}

/// `dynamodb.PutItem` and its arguments.
pub(crate) fn call(name: &str, arguments: &[(&str, Value)]) -> AwsCall {
    let (service, operation) = name.split_once('.').unwrap();
    AwsCall {
        service: service.into(),
        operation: operation.into(),
        arguments: arguments.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect(),
        method: operation.to_lowercase(),
        place: Place { file: 0, start: 0, end: 1 },
        optional: Vec::new(),
        presigned: false,
        reached: true,
    }
}

impl Case {
    pub(crate) fn new(text: &str) -> Self {
        let name = if text.trim_start().starts_with('{') { "template.json" } else { "template.yaml" };
        Self { text: text.into(), name, code: vec![], seen: vec![], from: From::Both, accepted: vec![] }
    }

    /// The same with another template.
    pub(crate) fn with_text(self, text: String) -> Self {
        Self { text, ..self }
    }

    /// The calls of a function, one on each line of its file.
    pub(crate) fn function(mut self, function: &str, calls: &[AwsCall]) -> Self {
        let line = |(at, call): (usize, &AwsCall)| {
            let start = u32::try_from(at).unwrap();
            AwsCall { place: Place { file: 0, start, end: start + 1 }, ..call.clone() }
        };
        let code = Code { calls: calls.iter().enumerate().map(line).collect(), ..Code::default() };
        self.code.push((function.into(), code));
        self
    }

    pub(crate) fn undecided(mut self, function: &str, why: &str) -> Self {
        let place = Place { file: 0, start: 2, end: 3 };
        let code = Code { undecided: vec![Undecided { why: why.into(), place }], ..Code::default() };
        self.code.push((function.into(), code));
        self
    }

    pub(crate) fn unparsed(mut self, function: &str, why: &str) -> Self {
        let code = Code { unparsed: vec![Unparsed { why: why.into(), place: None }], ..Code::default() };
        self.code.push((function.into(), code));
        self
    }

    /// Any facts of a function.
    pub(crate) fn code(mut self, function: &str, code: Code) -> Self {
        self.code.push((function.into(), code));
        self
    }

    /// A call of a function, by its logical id.
    pub(crate) fn seen(mut self, function: &str, action: &str, resource: &str, allowed: bool, count: u64) -> Self {
        let app = self.app();
        let name = &app.function(function).unwrap().name;
        let principal = format!("arn:aws:sts::123456789012:assumed-role/some-role/{name}");
        self.seen.push(Seen { principal, action: action.into(), resource: resource.into(), allowed, count });
        self
    }

    pub(crate) fn from(mut self, from: From) -> Self {
        self.from = from;
        self
    }

    pub(crate) fn accept(mut self, id: &str) -> Self {
        self.accepted.push(id.into());
        self
    }

    pub(crate) fn app(&self) -> App {
        let loaded = load(self.name, &One(&self.text), &Parameters::default());
        let refused: Vec<_> = loaded.refused.iter().map(ToString::to_string).collect();
        assert_eq!(refused, Vec::<String>::new(), "{}", self.text);
        loaded.app.unwrap()
    }

    /// The app of a template that is refused in part.
    pub(crate) fn app_refused(&self) -> App {
        load(self.name, &One(&self.text), &Parameters::default()).app.unwrap()
    }

    pub(crate) fn fit(&self) -> Fit {
        self.fitted(&self.app())
    }

    pub(crate) fn fitted(&self, app: &App) -> Fit {
        let files: Vec<_> = self
            .code
            .iter()
            .map(|(function, _)| [SourceFile::new(format!("{function}/app.py"), "\n".repeat(50))])
            .collect();
        let code: Vec<_> = self
            .code
            .iter()
            .zip(&files)
            .map(|((function, code), files)| FunctionCode { function, code, files: files as &[Arc<SourceFile>] })
            .collect();
        fit(&Input {
            app,
            parameters: &Parameters::default(),
            code: &code,
            seen: &self.seen,
            from: self.from,
            accepted: &self.accepted,
        })
    }

    /// The template with its fit, which is proven, and which another fit leaves as it is.
    pub(crate) fn patched(&self) -> (Fit, String) {
        let app = self.app();
        let fit = self.fitted(&app);
        assert_eq!(fit.proof.failures, Vec::<String>::new());
        let text = apply(&app.sources[0], &fit.edits).unwrap();
        let again = Self {
            text: text.clone(),
            code: self.code.clone(),
            seen: self.seen.clone(),
            accepted: self.accepted.clone(),
            ..*self
        };
        let patched = again.app();
        let proof = prove(&fit, &patched);
        assert!(proof.failures.is_empty() && proof.checked == fit.proof.checked, "{:?}", proof.failures);
        let second = again.fitted(&patched);
        assert_eq!(second.proof.failures, Vec::<String>::new());
        assert!(second.edits.is_empty(), "a second fit changes:\n{text}\n{:#?}", second.edits);
        (fit, text)
    }

    /// The lines that a fit changes.
    pub(crate) fn diff(&self) -> String {
        let (_, text) = self.patched();
        similar::TextDiff::from_lines(self.text.as_str(), text.as_str()).unified_diff().context_radius(1).to_string()
    }
}

/// The statements of a function in one line each, and what is remarked.
pub(crate) fn told(fit: &Fit, function: &str) -> String {
    let fitted = fit.functions.iter().find(|f| f.function == function).unwrap();
    let mut lines: Vec<String> = fitted.left.iter().map(|why| format!("left: {why}")).collect();
    for statement in &fitted.statements {
        let resources: Vec<_> = statement.resources.iter().map(|r| r.written.as_str()).collect();
        let condition = statement.condition.as_ref().map(|c| format!(" if {c}")).unwrap_or_default();
        lines.push(format!("{} on {}{condition}", statement.actions.join(", "), resources.join(", ")));
        for e in &statement.evidence {
            let remarks: Vec<_> = e.remarks.iter().map(|r| format!("; {r}")).collect();
            lines.push(format!("  {}: {}, observed {}{}", e.action, e.places.join(", "), e.observed, remarks.concat()));
        }
    }
    lines.extend(fitted.denied.iter().map(|d| format!("denied today: {} on {}", d.action, d.resource)));
    lines.extend(fitted.dropped.iter().map(|d| format!("dropped: {d}")));
    lines.extend(fitted.notes.iter().map(|n| format!("note: {n}")));
    for u in fit.unexplained.iter().filter(|u| u.function == function) {
        let remark = if u.remark.is_empty() { String::new() } else { format!(" ({})", u.remark) };
        let accepted = if u.accepted { "accepted" } else { "unexplained" };
        lines.push(format!("{accepted}: {} on {} x{}{remark}", u.action, u.resource, u.count));
    }
    lines.join("\n")
}
