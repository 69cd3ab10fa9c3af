//! From a file's name to the model.

use burgward_diag::{SourceFile, Span};
use thiserror::Error;

use crate::build::Builder;
use crate::diagnostic::{Diagnostic, RefusedKind};
use crate::eval::Evaluator;
use crate::model::App;
use crate::report::Report;
use crate::template::Template;
use crate::tree::{Kind, ReadLimits, Tree, read};
use crate::{sam_globals, sam_implicit};

/// Why a file could not be read.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum FileError {
    /// There is none.
    #[error("`{0}` does not exist\n  hint: give the path of a template or of the folder that holds one")]
    NotFound(String),
    /// It lies outside the app's folder.
    #[error("`{0}` lies outside the app's folder\n  hint: files of an app are read from its own folder only")]
    Outside(String),
    /// It is there but cannot be read as text.
    #[error("`{0}` cannot be read: {1}\n  hint: templates are UTF-8 text")]
    Unreadable(String, String),
}

/// Where file contents come from, so that this crate does no I/O.
pub trait Files {
    /// The text of a file, its path relative to the app's folder.
    fn read(&self, relative: &str) -> Result<String, FileError>;
    /// Whether there is such a folder.
    fn exists_dir(&self, relative: &str) -> bool;
}

/// What a deployment gives a template.
#[derive(Clone, Debug)]
pub struct Parameters {
    /// The stack's name, the prefix of names that the template leaves open.
    pub stack_name: String,
    /// The account id.
    pub account: String,
    /// The region.
    pub region: String,
    /// Values of template parameters; defaults hold for the others.
    pub values: Vec<(String, String)>,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            stack_name: "app".to_owned(),
            account: "123456789012".to_owned(),
            region: "us-east-1".to_owned(),
            values: Vec::new(),
        }
    }
}

/// What happens to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// It is run here.
    Run,
    /// It needs a real engine elsewhere.
    Forward,
    /// It is not run, and the app is not what it says without it.
    Refuse,
    /// It is left out: it has no bearing on security at run time.
    Note,
}

/// What happens to one resource, and why.
#[derive(Clone, Debug)]
pub struct PlanItem {
    /// The logical id.
    pub logical_id: String,
    /// The type, such as `AWS::Serverless::Function`.
    pub resource_type: String,
    /// What happens.
    pub verdict: Verdict,
    /// Why; empty if it just runs.
    pub reason: String,
    /// Where the resource is declared.
    pub span: Span,
}

/// A template, read.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// The model, as far as it could be built; to be run only if `refused` is empty.
    pub app: Option<App>,
    /// Errors: what bears on security and cannot be done as written.
    pub refused: Vec<Diagnostic>,
    /// What was left aside: no bearing on security.
    pub listed: Vec<Diagnostic>,
    /// Every resource and what happens to it.
    pub plan: Vec<PlanItem>,
}

/// Reads a template and all it refers to.
///
/// Never panics and goes on after an error, so that one run shows them all.
#[must_use]
pub fn load(root: &str, files: &dyn Files, params: &Parameters) -> Loaded {
    match files.read(root) {
        Ok(text) => load_text(root, text, params),
        Err(error) => {
            let text = error.to_string();
            let (message, hint) = text.split_once("\n  hint: ").unwrap_or((text.as_str(), ""));
            let refused =
                Diagnostic { span: None, message: message.into(), hint: hint.into(), kind: RefusedKind::Syntax };
            Loaded { refused: vec![refused], ..Loaded::default() }
        }
    }
}

/// Reads a template that is at hand.
fn load_text(name: &str, text: String, params: &Parameters) -> Loaded {
    let file = SourceFile::new(name, text);
    let (mut refused, mut listed) = (Vec::new(), Vec::new());
    let root = read(&file, ReadLimits::default(), &mut refused, &mut listed);
    if root.is_none() && refused.is_empty() {
        let (message, hint) = ("the template is empty".to_owned(), "it needs at least `Resources`".to_owned());
        refused.push(Diagnostic { span: Some(Span::new(&file, 0, 0)), message, hint, kind: RefusedKind::Syntax });
    }
    // What is left of a text that is not valid would be judged as if it were all.
    let root = root.filter(|_| refused.is_empty());
    let report = Report::new(refused, listed);
    let model = root.and_then(|root| model(&root, params, &report));
    let (refused, listed) = report.finish();
    let (app, plan) = model.map_or((None, Vec::new()), |(app, plan)| (Some(app), plan));
    let app = app.map(|app| App { sources: vec![file], ..app });
    Loaded { app, refused, listed, plan }
}

fn model(root: &Tree, params: &Parameters, report: &Report) -> Option<(App, Vec<PlanItem>)> {
    if root.get("service").is_some() && root.get("provider").is_some() {
        let hint = "run `serverless package` and give the CloudFormation template it makes";
        report.refuse(RefusedKind::UnsupportedResource, &root.span, "serverless.yml is not read yet", hint);
        return None;
    }
    if !matches!(root.kind, Kind::Map(_)) {
        report.syntax(&root.span, "a template is a mapping of sections", "it needs at least `Resources`");
        return None;
    }
    let mut template = Template::new(root, report);
    if template.sam {
        sam_implicit::declare(&mut template);
        sam_globals::apply(&mut template, report);
    }
    let evaluator = Evaluator::new(&template, params, report);
    Some(Builder::new(&evaluator).build())
}
