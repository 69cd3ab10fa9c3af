//! Real templates: every fit is proven, and a second one changes nothing.
//!
//! The corpora are not part of the project: `$BURGWARD_CORPORA` names their folder; without it this test says so and
//! passes.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use std::fs;
use std::path::{Path, PathBuf};

use burgward_code::{AwsCall, Code, Place, Value};
use burgward_fit::{Fit, From, FunctionCode, Input, fit};
use burgward_template::model::App;
use burgward_template::patch::apply;
use burgward_template::{FileError, Files, Parameters, load};

struct One(String);

impl Files for One {
    fn read(&self, _relative: &str) -> Result<String, FileError> {
        Ok(self.0.clone())
    }

    fn exists_dir(&self, _relative: &str) -> bool {
        true
    }
}

fn app(text: String) -> Option<App> {
    load("template.yaml", &One(text), &Parameters::default()).app.filter(|app| !app.functions.is_empty())
}

fn templates(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            templates(&path, found);
        } else if path.extension().is_some_and(|e| e == "yaml" || e == "yml") {
            found.push(path);
        }
    }
}

/// Every function writes some table, reads some bucket and sends to some queue.
fn fitted(app: &App) -> Fit {
    let call = |service: &str, operation: &str, argument: &str| AwsCall {
        service: service.into(),
        operation: operation.into(),
        arguments: vec![(argument.into(), Value::Unknown)],
        method: operation.into(),
        place: Place::default(),
        optional: Vec::new(),
        presigned: false,
        reached: true,
    };
    let calls = vec![
        call("dynamodb", "PutItem", "TableName"),
        call("s3", "GetObject", "Bucket"),
        call("sqs", "SendMessage", "QueueUrl"),
    ];
    let code = Code { calls, ..Code::default() };
    let functions = app.functions.iter();
    let code: Vec<_> = functions.map(|f| FunctionCode { function: &f.logical_id, code: &code, files: &[] }).collect();
    let parameters = Parameters::default();
    fit(&Input { app, parameters: &parameters, code: &code, seen: &[], from: From::Both, accepted: &[] })
}

#[test]
fn real_templates_are_fitted_once() {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora");
    let root = std::env::var_os("BURGWARD_CORPORA").map_or_else(beside, PathBuf::from);
    let mut found = Vec::new();
    for folder in ["sam-translator/input", "serverless-patterns"].map(|name| root.join(name)) {
        if folder.is_dir() {
            templates(&folder, &mut found);
        } else {
            println!("skipped: no corpus at {}", folder.display());
        }
    }
    for path in found {
        let Some(before) = fs::read_to_string(&path).ok().and_then(app) else { continue };
        let fit = fitted(&before);
        assert_eq!(fit.proof.failures, Vec::<String>::new(), "{}", path.display());
        let text = before.sources.first().map(|file| apply(file, &fit.edits).unwrap()).unwrap();
        let after = app(text).unwrap();
        assert!(fitted(&after).edits.is_empty(), "{}: a second fit changes something", path.display());
    }
}
