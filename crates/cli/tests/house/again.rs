//! A second `up` on the same state, with another template; and what is judged before anything is deployed.

use std::os::unix::fs::PermissionsExt as _;

use crate::place::{Place, Up};

const BEFORE: &str = "\
Resources:
  Notes:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: notes
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions:
        - { AttributeName: id, AttributeType: S }
      KeySchema:
        - { AttributeName: id, KeyType: HASH }
";

const INDEX: &str = "      GlobalSecondaryIndexes:
        - IndexName: by-who
          KeySchema: [{ AttributeName: who, KeyType: HASH }]
          Projection: { ProjectionType: ALL }
      StreamSpecification: { StreamViewType: NEW_IMAGE }
      TimeToLiveSpecification: { AttributeName: gone, Enabled: true }
";

const MORE: &str = "
  Old:
    Type: AWS::S3::Bucket
    Properties: { BucketName: old-things }
  Setting:
    Type: AWS::SSM::Parameter
    Properties: { Name: /old/setting, Type: String, Value: x }
";

fn indexed() -> String {
    let types = "        - { AttributeName: id, AttributeType: S }\n";
    BEFORE.replace(types, &format!("{types}        - {{ AttributeName: who, AttributeType: S }}\n")) + INDEX
}

fn tables(place: &Place, up: &Up, app: &std::path::Path, more: &[&str]) -> String {
    let mut env = place.credentials(app, &[]);
    env.push(("TABLE".into(), "notes".into()));
    env.extend(more.iter().map(|name| ((*name).to_owned(), "1".to_owned())));
    up.client("tables.py", &env)
}

#[test]
fn a_table_follows_the_template() {
    let place = Place::new();
    let app = place.write_app(&[("template.yaml", BEFORE)]);
    let up = place.up(&app, &[]);
    let plain = "indexes []\nprotected False stream None\nexpiry DISABLED None\nquery ValidationException\n";
    assert_eq!(tables(&place, &up, &app, &["WRITE"]), plain);
    up.stop();

    place.write_app(&[("template.yaml", &indexed())]);
    let up = place.up(&app, &[]);
    let found = "indexes ['by-who']\nprotected False stream NEW_IMAGE\nexpiry ENABLED gone\nfound ['1']\n";
    assert_eq!(tables(&place, &up, &app, &[]), found);
    up.stop();

    place.write_app(&[("template.yaml", &indexed().replace("ALL", "KEYS_ONLY"))]);
    let expected = "error: template.yaml:2: the table `notes` exists with another index `by-who` than the template says
  hint: CloudFormation does not alter an index either: give the index another name";
    let said = place.refused(&app, &[]);
    assert!(said.status == Some(2) && said.stderr.trim_end().ends_with(expected), "{said:?}");

    place.write_app(&[("template.yaml", BEFORE)]);
    let up = place.up(&app, &[]);
    assert_eq!(tables(&place, &up, &app, &[]), plain);
}

#[test]
fn what_the_template_has_no_longer_is_named() {
    let place = Place::new();
    let app = place.write_app(&[("template.yaml", &format!("{BEFORE}{MORE}"))]);
    let up = place.up(&app, &[]);
    assert_eq!(up.ready["enforcement"]["orphans"], serde_json::json!([]));
    assert!(tables(&place, &up, &app, &["OWN"]).ends_with("bucket InvalidBucketName\n"));
    up.stop();

    place.write_app(&[("template.yaml", BEFORE)]);
    // It is said each time, and of what the stack made alone.
    for _ in 0..2 {
        let up = place.up(&app, &[]);
        let orphans = serde_json::json!([{"kind": "bucket", "name": "old-things"},
                                         {"kind": "parameter", "name": "/old/setting"}]);
        assert_eq!(up.ready["enforcement"]["orphans"], orphans);
        for line in [
            "bucket `old-things` is no longer in the template: it is kept, with its data\n",
            "parameter `/old/setting` is no longer in the template: it is kept, with its data\n",
            "deletion protection of table `notes` was changed outside of the template, which says it as before: it stays\n",
        ] {
            assert!(up.log().contains(line), "{}", up.log());
        }
        assert!(!up.log().contains("of-the-operator"), "{}", up.log());
        up.stop();
    }
}

#[test]
fn what_aws_would_refuse_is_refused_before_anything_is_deployed() {
    let place = Place::new();
    let template = indexed()
        .replace("{ AttributeName: id, AttributeType: S }", "{ AttributeName: odd, AttributeType: S }")
        .replace("by-who", "w?")
        + "  Bucket:\n    Type: AWS::S3::Bucket\n    Properties: { BucketName: Old_things }\n";
    let app = place.write_app(&[("template.yaml", &template)]);
    let up = place.refused(&app, &[]);
    let wanted = [
        "table `notes`: the key attribute `id` of the table is not in `AttributeDefinitions`",
        "table `notes`: `w?` is no name of an index",
        "table `notes`: `odd` is in `AttributeDefinitions` and in no key",
        "`Old_things` is no name of a bucket: it holds other characters than lowercase letters, digits, `.` and `-`",
    ];
    let plan = place.run(&["plan", &app.to_string_lossy()]);
    assert_eq!((up.status, plan.status), (Some(2), Some(2)), "{up:?} {plan:?}");
    for wanted in wanted {
        assert!(up.stderr.contains(wanted) && plan.stdout.contains(wanted), "{wanted}\n{}\n{}", up.stderr, plan.stdout);
    }
    assert!(!place.data().exists(), "nothing is kept for an app that is refused");
}

#[test]
fn code_that_is_not_there_is_refused_by_plan_as_well() {
    let place = Place::new();
    let template = std::fs::read_to_string(crate::place::app("notes-rest").join("template.yaml")).unwrap();
    let app = place.write_app(&[("template.yaml", &template)]);
    let wanted = "template.yaml:34:16: `CodeUri` of `WriteFunction` names `src/`, which is not there";
    let (up, plan) = (place.refused(&app, &[]), place.run(&["plan", &app.to_string_lossy()]));
    assert_eq!((up.status, plan.status), (Some(2), Some(2)));
    assert!(up.stderr.contains(wanted) && plan.stdout.contains(wanted), "{}\n{}", up.stderr, plan.stdout);
}

#[test]
fn a_ready_file_that_cannot_be_written_is_refused_first() {
    let place = Place::new();
    let app = place.write_app(&[("template.yaml", BEFORE)]);
    let expected = "error: `/nonexistent/r.json`: No such file or directory (os error 2)
  hint: `--ready-file` names a file in a folder you may write";
    assert_eq!(place.refused(&app, &["--ready-file", "/nonexistent/r.json"]).said(), (Some(2), expected));
    assert!(!place.data().exists());
}

#[test]
fn outputs_name_the_address_that_serves() {
    let place = Place::new();
    let template = std::fs::read_to_string(crate::place::app("plain-cloudformation").join("template.yaml")).unwrap();
    let url = "https://${Api}.execute-api.${AWS::Region}.amazonaws.com/hello";
    let app =
        place.write_app(&[("template.yaml", &format!("{template}\nOutputs:\n  Url: {{ Value: !Sub '{url}' }}\n"))]);
    let up = place.up(&app, &[]);
    assert_eq!(up.ready["outputs"]["Url"], format!("{}/hello", up.ready["url"].as_str().unwrap()));
}

#[test]
fn files_of_the_state_are_for_their_owner_alone() {
    let place = Place::new();
    let app = place.write_app(&[("template.yaml", BEFORE)]);
    place.up(&app, &[]).stop();
    for entry in std::fs::read_dir(place.data()).unwrap().map(Result::unwrap) {
        let mode = entry.metadata().unwrap().permissions().mode() & 0o077;
        // The certificate is public.
        assert!(mode == 0 || entry.file_name() == "ca.pem", "{:?} {mode:o}", entry.path());
    }
}
