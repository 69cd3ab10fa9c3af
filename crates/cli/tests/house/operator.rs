//! The operator from outside, with plain SDK clients; and keys that are good for nothing there.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use crate::place::{Place, Up, app, variables};

#[test]
fn plain_boto3_works_with_what_credentials_prints() {
    let (place, app) = (Place::new(), app("uploads-http"));
    let up = place.up(&app, &[]);
    let printed = up.client("sdk_calls.py", &place.credentials(&app, &[]));
    let expected = "\
sts arn:aws:sts::123456789012:assumed-role/burgward-operator/operator 123456789012
dynamodb 10 1 ['a', 'b'] b'\\x00' 30
s3 streamed STREAMING-UNSIGNED-PAYLOAD-TRAILER x-amz-checksum-sha256
s3 read True True
s3 multipart True
s3 presigned True 200 b'' True 200 b'by url'
s3 listed ['parts', 'streamed', 'url']
ssm [('/seeds/a', 'one', 'String'), ('/seeds/b', 'two', 'SecureString')]
secretsmanager second
logs ['beta']
";
    assert_eq!(printed, expected);
    up.stop();
    // Nothing of what was stored can be read at rest, nor does the log hold secret values.
    let records = serde_json::to_string(&place.records(&app)).unwrap();
    assert!(records.contains("PutSecretValue") && records.contains("operators-seeds"), "the calls are on record");
    assert!(!records.contains("\"second\"") && !records.contains("\"two\"") && !records.contains("beta"));
}

/// An operator lends an object to somebody who has no keys: with what `credentials` exports, and no setting in the code.
#[test]
fn urls_that_plain_boto3_presigns_serve_anybody_until_they_are_altered() {
    let (place, app) = (Place::new(), app("plain-cloudformation"));
    let up = place.up(&app, &[]);
    let printed = up.client("presigned.py", &place.credentials(&app, &[]));
    let expected = "\
algorithm ['AWS4-HMAC-SHA256']
put 200 b''
get 200 b'dear reader'
get again 200 b'dear reader'
another signature 403 SignatureDoesNotMatch
no signature 403 AccessDenied
another key 403 SignatureDoesNotMatch
another method 403 SignatureDoesNotMatch
a read for a write 403 SignatureDoesNotMatch
a longer life 403 SignatureDoesNotMatch
another parameter 403 SignatureDoesNotMatch
a deletion 403 SignatureDoesNotMatch
expired 403 AccessDenied
still there b'dear reader'
";
    assert_eq!(printed, expected);
}

#[test]
fn keys_in_a_file_are_for_their_owner_alone() {
    let (place, app) = (Place::new(), app("plain-cloudformation"));
    let _up = place.up(&app, &[]);
    let file = place.path("keys");
    // A file that others may read is there already.
    std::fs::write(&file, "old").unwrap();
    std::fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
    let said = place.with_data(&["credentials"], &app, &["--output", &file.to_string_lossy()]);
    assert_eq!((said.status, said.stdout.as_str(), said.stderr.as_str()), (Some(0), "", ""));
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);
    let names: Vec<_> = variables(&std::fs::read_to_string(&file).unwrap()).into_iter().map(|(name, _)| name).collect();
    let wanted = [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_ENDPOINT_URL",
        "AWS_CA_BUNDLE",
        "AWS_CONFIG_FILE",
    ];
    assert_eq!(names, wanted);
    let said = place.with_data(&["credentials"], &app, &["--format", "json"]);
    let document: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(document["Version"], 1);
    assert!(document["Expiration"].as_str().unwrap().ends_with('Z'));
}

/// The operator has a role like everybody else: what its policy or a bucket's denies stays denied.
#[test]
fn the_operator_does_not_bypass_iam() {
    let (place, app) = (Place::new(), app("faults-rest"));
    let up = place.up(&app, &[]);
    let mut env = place.credentials(&app, &[]);
    env.push(("PACKAGES".into(), "burgward-deployment-123456789012-us-east-1".into()));
    let printed = up.client("packages.py", &env);
    let expected = "\
list 403 AccessDenied
read 403 AccessDenied
write 403 AccessDenied
delete 403 AccessDenied
unlock 501 NotImplemented
replace 501 NotImplemented
copy 403 AccessDenied
";
    assert_eq!(printed, expected);
    let records = place.records(&app);
    let issued = records.iter().filter(|record| record["eventName"] == "IssueOperatorCredentials");
    assert_eq!(issued.count(), 1);
    let denials = records.iter().flat_map(|record| record["additionalEventData"]["decisions"].as_array().unwrap());
    assert!(denials.filter(|decision| decision["effect"] == "ExplicitDeny").count() >= 5, "{records:#?}");
}

const REFUSED: &str = "\
dynamodb 400 UnrecognizedClientException
s3 403 InvalidAccessKeyId
ssm 400 UnrecognizedClientException
secretsmanager 400 UnrecognizedClientException
logs 400 UnrecognizedClientException
sts 403 InvalidClientTokenId
";

const UNSERVED: &str = "\
iam 400 InvalidAction `iam` is not served by Burgward
sns 400 InvalidAction `sns` is not served by Burgward
cloudformation 400 InvalidAction `cloudformation` is not served by Burgward
sqs 400 UnknownOperationException `sqs` is not served by Burgward
kms 400 UnknownOperationException `kms` is not served by Burgward
events 400 UnknownOperationException `events` is not served by Burgward
stepfunctions 400 UnknownOperationException `states` is not served by Burgward
cognito-idp 400 UnknownOperationException `cognito-idp` is not served by Burgward
lambda 400 UnknownOperationException `lambda` is not served by Burgward
apigateway 400 UnknownOperationException `apigateway` is not served by Burgward
route53 400 InvalidAction `route53` is not served by Burgward
";

#[test]
fn services_that_are_not_there_say_so_to_boto3() {
    let (place, app) = (Place::new(), app("plain-cloudformation"));
    let up = place.up(&app, &[]);
    assert_eq!(up.client("unserved.py", &place.credentials(&app, &[])), UNSERVED);
}

#[test]
fn keys_of_an_earlier_run_are_refused() {
    let (place, app) = (Place::new(), app("plain-cloudformation"));
    let up = place.up(&app, &[]);
    let old = place.credentials(&app, &[]);
    assert!(up.client("denied.py", &old).ends_with("sts served\n"));
    up.stop();
    let up = place.up(&app, &[]);
    let new = place.credentials(&app, &[]);
    let endpoint = |env: &[(String, String)]| env.iter().find(|(name, _)| name == "AWS_ENDPOINT_URL").unwrap().clone();
    let mut env: Vec<_> = old.into_iter().filter(|(name, _)| name != "AWS_ENDPOINT_URL").collect();
    env.push(endpoint(&new));
    assert_eq!(up.client("denied.py", &env), REFUSED);
}

#[test]
fn keys_have_an_end() {
    let (place, app) = (Place::new(), app("plain-cloudformation"));
    let _up = place.up(&app, &[]);
    for seconds in ["59", "3601", "x"] {
        let said = place.with_data(&["credentials"], &app, &["--seconds", seconds]);
        assert_eq!(said.status, Some(2), "{said:?}");
        assert!(said.stderr.starts_with(&format!("error: invalid value '{seconds}' for '--seconds <SECONDS>'")));
    }
}

/// What a function that gives its environment away gives away: keys that are good in its own sandbox alone.
#[test]
fn keys_stolen_from_a_function_are_refused_outside_and_that_is_on_record() {
    let (place, app) = (Place::new(), app("faults-rest"));
    let up = place.up(&app, &[]);
    let stolen = stolen(&up);
    let id = &stolen[0].1;
    let printed = up.client("denied.py", &stolen);
    assert_eq!(printed, REFUSED);
    let records = place.records(&app);
    let uses: Vec<_> = records.iter().filter(|record| record["userIdentity"]["accessKeyId"] == id.as_str()).collect();
    assert_eq!(uses.len(), 6, "{records:#?}");
    for record in uses {
        assert_eq!(record["sourceIPAddress"], "127.0.0.1", "{record:#}");
        let more = &record["additionalEventData"];
        assert_eq!(more["detail"]["keyBinding"], "bound to sb-00000001, used from 127.0.0.1", "{record:#}");
        assert_eq!(more["detail"]["signatureHolds"], true, "{record:#}");
        let whose = more["detail"]["keyPrincipal"].as_str().unwrap();
        assert!(whose.contains("assumed-role/faults-rest-LeakFunctionRole-"), "{whose}");
        assert!(record["errorCode"].is_string() && more["decisions"] == serde_json::json!([]), "{record:#}");
    }
}

fn stolen(up: &Up) -> Vec<(String, String)> {
    let answer = up.client("get.py", &[("GET_PATH".into(), "/environment".into())]);
    let environment: Value = serde_json::from_str(answer.strip_prefix("200 ").unwrap()).unwrap();
    let value = |name: &str| (name.to_owned(), environment[name].as_str().unwrap().to_owned());
    let names =
        ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"];
    let mut stolen: Vec<_> = names.map(value).into();
    stolen.push(("AWS_CA_BUNDLE".into(), up.ready["caFile"].as_str().unwrap().to_owned()));
    stolen
}
