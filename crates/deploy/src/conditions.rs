//! Condition keys that nothing here supplies.
//!
//! A `Deny` on a key that is never there never fires, and would leave the app more open than on AWS. Such a policy is
//! refused with its line instead.

use serde_json::Value;

/// Services whose calls are decided here.
const SERVED: [&str; 8] = ["dynamodb", "s3", "ssm", "secretsmanager", "sts", "logs", "lambda", "execute-api"];

/// Keys that the guard or a service supplies, and keys that AWS leaves out of a function's calls as well.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>
const KNOWN: [&str; 57] = [
    "aws:calledvia",
    "aws:calledviafirst",
    "aws:calledvialast",
    "aws:currenttime",
    "aws:epochtime",
    "aws:federatedprovider",
    "aws:multifactorauthage",
    "aws:multifactorauthpresent",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalisawsservice",
    "aws:principalservicename",
    "aws:principaltype",
    "aws:referer",
    "aws:requestedregion",
    "aws:resourceaccount",
    "aws:securetransport",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:tagkeys",
    "aws:tokenissuetime",
    "aws:useragent",
    "aws:userid",
    "aws:username",
    "aws:viaawsservice",
    "aws:vpcsourceip",
    "dynamodb:attributes",
    "dynamodb:enclosingoperation",
    "dynamodb:leadingkeys",
    "dynamodb:returnconsumedcapacity",
    "dynamodb:returnvalues",
    "dynamodb:select",
    "s3:authtype",
    "s3:delimiter",
    "s3:max-keys",
    "s3:prefix",
    "s3:signatureage",
    "s3:signatureversion",
    "s3:tlsversion",
    "s3:x-amz-acl",
    "s3:x-amz-copy-source",
    "s3:x-amz-metadata-directive",
    "s3:x-amz-server-side-encryption",
    "s3:x-amz-storage-class",
    "secretsmanager:description",
    "secretsmanager:kmskeyid",
    "secretsmanager:name",
    "secretsmanager:secretid",
    "secretsmanager:secretprimaryregion",
    "secretsmanager:versionid",
    "secretsmanager:versionstage",
    "ssm:overwrite",
    "ssm:recursive",
];

/// Families of keys that creating with tags supplies, or whose objects cannot be made here.
const KNOWN_FAMILIES: [&str; 3] = ["aws:requesttag/", "s3:existingobjecttag/", "s3:requestobjecttag/"];

/// The statements of a document that ask for a key nobody supplies: the statement's index and the key.
pub(crate) fn unsupplied(document: &Value) -> Vec<(usize, String)> {
    let statements = match document.get("Statement") {
        Some(Value::Array(statements)) => statements.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    let bearing = statements.into_iter().enumerate().filter(|(_, statement)| bears_on_served(statement));
    let asked = bearing.flat_map(|(at, statement)| {
        let mut found: Vec<String> = keys(statement).collect();
        variables(statement, &mut found);
        found.into_iter().map(move |key| (at, key))
    });
    asked.filter(|(_, key)| !is_known(key)).collect()
}

fn is_known(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    KNOWN.binary_search(&key.as_str()).is_ok() || KNOWN_FAMILIES.iter().any(|family| key.starts_with(family))
}

fn keys(statement: &Value) -> impl Iterator<Item = String> {
    let operators = statement.get("Condition").and_then(Value::as_object).into_iter().flat_map(|c| c.values());
    operators.filter_map(Value::as_object).flat_map(|keys| keys.keys().cloned())
}

/// The keys that policy variables (`${aws:PrincipalTag/team}`) ask for, anywhere in a statement.
fn variables(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            for rest in text.split("${").skip(1) {
                let name = rest.split(['}', ',']).next().unwrap_or("").trim();
                // `${*}`, `${?}` and `${$}` are characters, not variables.
                if name.contains(':') {
                    found.push(name.to_owned());
                }
            }
        }
        Value::Array(all) => all.iter().for_each(|one| variables(one, found)),
        Value::Object(members) => members.values().for_each(|one| variables(one, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Whether the statement speaks of an action of a service that runs here.
fn bears_on_served(statement: &Value) -> bool {
    let actions: Vec<&str> = match statement.get("Action") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        // `NotAction` speaks of nearly everything.
        _ => return true,
    };
    actions.iter().any(|action| {
        let service = action.split(':').next().unwrap_or("").to_ascii_lowercase();
        service.contains(['*', '?']) || SERVED.contains(&service.as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_table_is_sorted() {
        assert!(KNOWN.is_sorted());
    }

    #[test]
    fn a_key_that_nobody_supplies_is_named() {
        let statement = |action: &str, key: &str| json!({"Statement": {"Effect": "Deny", "Action": action, "Resource": "*", "Condition": {"Bool": {key: "x"}}}});
        assert_eq!(
            unsupplied(&statement("s3:*", "lambda:SourceFunctionArn")),
            [(0, "lambda:SourceFunctionArn".to_owned())]
        );
        assert_eq!(unsupplied(&statement("*", "aws:ResourceTag/team")), [(0, "aws:ResourceTag/team".to_owned())]);
        let variable = json!({"Statement": [{"Effect": "Deny", "Action": "s3:*",
                                             "Resource": "arn:aws:s3:::b/${aws:PrincipalTag/team, 'x'}/${*}"}]});
        assert_eq!(unsupplied(&variable), [(0, "aws:PrincipalTag/team".to_owned())]);
        assert!(unsupplied(&statement("s3:GetObject", "AWS:SecureTransport")).is_empty());
        assert!(unsupplied(&statement("ec2:RunInstances", "ec2:Region")).is_empty());
    }
}
