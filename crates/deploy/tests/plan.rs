//! What `plan` says of functions that cannot be run as they are written.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on panics, in its helpers too")]

use burgward_deploy::plan::{self, Plan};
use burgward_template::{FileError, Files, Parameters, load};

struct One(String);

impl Files for One {
    fn read(&self, relative: &str) -> Result<String, FileError> {
        if relative == "template.yaml" { Ok(self.0.clone()) } else { Err(FileError::NotFound(relative.to_owned())) }
    }

    fn exists_dir(&self, _: &str) -> bool {
        true
    }
}

fn template(runtime: &str, variables: &str) -> String {
    format!(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  Fn:\n    Type: AWS::Serverless::Function\n    Properties:\n      \
         Handler: app.handler\n      Runtime: {runtime}\n      CodeUri: src/\n      Environment:\n        Variables:\n{variables}"
    )
}

fn planned(template: String) -> (bool, String, serde_json::Value) {
    let loaded = load("template.yaml", &One(template), &Parameters::default());
    let plan = Plan::new(&loaded, &[]);
    (plan.is_runnable(), plan::human(&plan), plan::json(&plan))
}

#[test]
fn variables_that_lambda_refuses_are_refused_with_their_lines() {
    let variables =
        "          TABLE: t\n          AWS_REGION: eu-west-1\n          _UNDER: x\n          AWS_CA_BUNDLE: /x\n";
    let (runnable, human, json) = planned(template("python3.11", variables));
    assert!(!runnable);
    let expected = "
refused: `up` will not start with these
  template.yaml:12:23: function `Fn`: environment variable `AWS_REGION` is reserved
      hint: Lambda sets it itself: remove it from the template
  template.yaml:13:19: function `Fn`: `_UNDER` is no name of an environment variable
      hint: names start with a letter and hold at least two letters, digits or underscores
  template.yaml:14:26: function `Fn`: environment variable `AWS_CA_BUNDLE` is reserved
      hint: AWS calls go to Burgward's own endpoint: remove it from the template
";
    assert!(human.contains(expected), "{human}");
    assert!(human.starts_with("refuse   Fn") && human.ends_with("`burgward up` refuses this app\n"), "{human}");
    assert_eq!((&json["runnable"], &json["resources"][0]["verdict"]), (&false.into(), &"refuse".into()));
    assert_eq!(json["refused"][1]["place"]["line"], 13);
}

#[test]
fn more_variables_than_lambda_takes_are_refused() {
    let fits = template("python3.11", &format!("          AB: {}\n", "x".repeat(4094)));
    assert!(planned(fits.clone()).0);
    let (runnable, human, _) = planned(fits + "          CD: ''\n");
    assert!(!runnable && human.contains("its environment variables take 4098 bytes"), "{human}");
}

#[test]
fn a_runtime_that_cannot_be_run_here_is_refused_with_its_line() {
    let (runnable, human, _) = planned(template("nodejs20.x", "          TABLE: t\n"));
    let expected = "  template.yaml:7:16: runtime `nodejs20.x` is not supported\n";
    assert!(!runnable && human.contains(expected), "{human}");
}
