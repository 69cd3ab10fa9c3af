//! Vectors of the evaluation logic: policy types within an account and across accounts. Each test names its page.
#![allow(
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    clippy::needless_raw_string_hashes,
    clippy::panic,
    clippy::print_stdout,
    clippy::too_many_lines,
    clippy::unwrap_used,
    reason = "helpers of tests may stop the test; tables are long and read more easily with equal quotes"
)]

use burgward_iam::cases::eval_case;
use insta::assert_snapshot;
use serde_json::{Value, json};

const USER: &str = "arn:aws:iam::111111111111:user/bob";
const ROLE: &str = "arn:aws:iam::111111111111:role/app";
const SESSION: &str = "arn:aws:sts::111111111111:assumed-role/app/s1";
const ROOT: &str = "arn:aws:iam::111111111111:root";
const OTHER: &str = "arn:aws:iam::222222222222:user/eve";
const QUEUE: &str = "arn:aws:sqs:eu-west-1:111111111111:q";
const KEY: &str = "arn:aws:kms:eu-west-1:111111111111:key/k";
const TARGET: &str = "arn:aws:iam::111111111111:role/target";

fn policy(effect: &str, action: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": action, "Resource": "*"}]})
}

fn named(effect: &str, principal: Value, action: &str) -> Value {
    let mut policy = policy(effect, action);
    policy["Statement"][0]["Principal"] = principal;
    policy
}

fn trust(principal: Value) -> Value {
    json!({"Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": principal, "Action": ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"]}]})
}

fn ask(principal: impl Into<Value>, action: &str, resource: &str, policies: Value) -> String {
    let mut case = policies;
    case["name"] = json!("c");
    case["request"] = json!({"principal": principal.into(), "action": action, "resource": resource});
    let out: Value = serde_json::from_str(&eval_case(&case.to_string())).unwrap();
    if let Some(error) = out["error"].as_str() {
        return error.to_owned();
    }
    let layer = out["by"]["layer"].as_str().map_or_else(String::new, |l| format!(" by {l}"));
    format!("{}{layer}", out["decision"].as_str().unwrap())
}

fn sqs(principal: &str, policies: Value) -> String {
    ask(principal, "sqs:SendMessage", QUEUE, policies)
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>
#[test]
fn within_an_account_either_side_grants() {
    let allow = policy("Allow", "sqs:*");
    let grants = |to: &str| named("Allow", json!({"AWS": to}), "sqs:*");
    assert_eq!(sqs(USER, json!({})), "ImplicitDeny");
    assert_eq!(sqs(ROOT, json!({})), "Allow");
    assert_eq!(sqs(USER, json!({"identityPolicies": [allow]})), "Allow by identity");
    assert_eq!(sqs(USER, json!({"resourcePolicy": grants(USER)})), "Allow by resource");
    assert_eq!(sqs(SESSION, json!({"resourcePolicy": grants(ROLE)})), "Allow by resource");
    assert_eq!(sqs(SESSION, json!({"resourcePolicy": grants(SESSION)})), "Allow by resource");
    assert_eq!(sqs(SESSION, json!({"resourcePolicy": grants("*")})), "Allow by resource");
    // An account only delegates: its own policies still have to allow.
    assert_eq!(sqs(USER, json!({"resourcePolicy": grants("111111111111")})), "ImplicitDeny");
    assert_eq!(sqs(USER, json!({"resourcePolicy": grants(ROOT)})), "ImplicitDeny");
    assert_eq!(sqs(USER, json!({"identityPolicies": [allow], "resourcePolicy": grants(ROOT)})), "Allow by identity");
    assert_eq!(sqs(USER, json!({"resourcePolicy": grants("arn:aws:iam::111111111111:user/Bob")})), "ImplicitDeny");
    assert_eq!(
        sqs(SESSION, json!({"resourcePolicy": grants("arn:aws:sts::111111111111:assumed-role/app/s2")})),
        "ImplicitDeny"
    );
    assert_eq!(sqs(ROLE, json!({"resourcePolicy": grants(ROLE)})), "Allow by resource");
}

/// The same page: an explicit denial in any policy wins.
#[test]
fn an_explicit_denial_wins_in_every_layer() {
    let deny = policy("Deny", "sqs:Send*");
    let everyone = named("Deny", json!("*"), "sqs:Send*");
    let grant = named("Allow", json!({"AWS": USER}), "*");
    let allow = policy("Allow", "*");
    let with = |key: &str, value: Value| {
        let mut policies = json!({"identityPolicies": [allow], "resourcePolicy": grant});
        policies[key] = value;
        sqs(USER, policies)
    };
    assert_eq!(with("identityPolicies", json!([allow, deny])), "ExplicitDeny by identity");
    assert_eq!(with("permissionsBoundaries", json!([allow, deny])), "ExplicitDeny by boundary");
    assert_eq!(with("sessionPolicies", json!([allow, deny])), "ExplicitDeny by session");
    assert_eq!(with("resourcePolicy", everyone.clone()), "ExplicitDeny by resource");
    assert_eq!(with("serviceControlPolicies", json!([[allow], [allow, deny]])), "ExplicitDeny by scp");
    assert_eq!(with("resourceControlPolicies", json!([[everyone]])), "ExplicitDeny by rcp");
    assert_eq!(with("endpointPolicies", json!([everyone])), "ExplicitDeny by endpoint");
    assert_eq!(
        ask(ROOT, "sqs:SendMessage", QUEUE, json!({"serviceControlPolicies": [[allow, deny]]})),
        "ExplicitDeny by scp"
    );
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html>
#[test]
fn boundaries_and_sessions_intersect() {
    let (allow, other) = (policy("Allow", "*"), policy("Allow", "s3:*"));
    let grants = |to: &str| named("Allow", json!({"AWS": to}), "sqs:*");
    let bounded = |who: &str, key: &str, resource: Value| {
        let mut policies = json!({"identityPolicies": [allow], key: [other]});
        if !resource.is_null() {
            policies["resourcePolicy"] = resource;
        }
        sqs(who, policies)
    };
    for key in ["permissionsBoundaries", "sessionPolicies"] {
        assert_eq!(bounded(USER, key, json!(null)), "ImplicitDeny");
        assert_eq!(bounded(SESSION, key, grants(ROLE)), "ImplicitDeny", "a role named does not escape");
        assert_eq!(bounded(SESSION, key, grants(SESSION)), "Allow by resource", "a session named escapes");
        assert_eq!(bounded(USER, key, grants(USER)), "Allow by resource", "a user named escapes");
        assert_eq!(bounded(USER, key, grants(ROOT)), "ImplicitDeny", "an account delegates only");
        assert_eq!(sqs(USER, json!({"identityPolicies": [allow], key: [allow]})), "Allow by identity");
        assert_eq!(sqs(USER, json!({key: [allow]})), "ImplicitDeny", "a boundary grants nothing");
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html>
#[test]
fn across_accounts_both_sides_grant() {
    let allow = policy("Allow", "*");
    let grants = |to: &str| named("Allow", json!({"AWS": to}), "sqs:*");
    assert_eq!(sqs(OTHER, json!({"identityPolicies": [allow]})), "ImplicitDeny");
    assert_eq!(sqs(OTHER, json!({"resourcePolicy": grants(OTHER)})), "ImplicitDeny");
    assert_eq!(sqs(OTHER, json!({"identityPolicies": [allow], "resourcePolicy": grants(OTHER)})), "Allow by identity");
    assert_eq!(
        sqs(OTHER, json!({"identityPolicies": [allow], "resourcePolicy": grants("222222222222")})),
        "Allow by identity"
    );
    assert_eq!(sqs(OTHER, json!({"identityPolicies": [allow], "resourcePolicy": grants("*")})), "Allow by identity");
    assert_eq!(sqs(OTHER, json!({"identityPolicies": [allow], "resourcePolicy": grants(ROOT)})), "ImplicitDeny");
    let boundary = json!({"identityPolicies": [allow], "resourcePolicy": grants(OTHER), "permissionsBoundaries": [policy("Allow", "s3:*")]});
    assert_eq!(sqs(OTHER, boundary), "ImplicitDeny", "no escape across accounts");
    let bucket = json!({"name": "b", "request": {"principal": USER, "action": "s3:GetObject", "resource": "arn:aws:s3:::b/k",
        "resourceAccount": "222222222222"}, "identityPolicies": [allow]});
    assert!(eval_case(&bucket.to_string()).contains("because no resource-based policy allows the s3:GetObject action"));
}

/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html>
#[test]
fn every_level_of_an_organization_allows() {
    let allow = policy("Allow", "*");
    let under = |levels: Value| sqs(USER, json!({"identityPolicies": [allow], "serviceControlPolicies": levels}));
    assert_eq!(under(json!([])), "Allow by identity");
    assert_eq!(under(json!([[allow], [allow]])), "Allow by identity");
    assert_eq!(under(json!([[allow], [policy("Allow", "s3:*")]])), "ImplicitDeny");
    assert_eq!(under(json!([[policy("Allow", "s3:*"), policy("Allow", "sqs:*")]])), "Allow by identity");
    assert_eq!(under(json!([[]])), "ImplicitDeny");
    let scp = json!([[policy("Allow", "s3:*")]]);
    assert_eq!(ask(ROOT, "sqs:SendMessage", QUEUE, json!({"serviceControlPolicies": scp})), "ImplicitDeny");
    let linked = "arn:aws:iam::111111111111:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX";
    assert_eq!(sqs(linked, json!({"identityPolicies": [allow], "serviceControlPolicies": scp})), "Allow by identity");
    // Resource control policies apply to certain services, and never lack an allowing statement.
    let rcp = json!([[named("Deny", json!("*"), "*")]]);
    let lambda = "arn:aws:lambda:eu-west-1:111111111111:function:f";
    let with = json!({"identityPolicies": [allow], "resourceControlPolicies": rcp});
    assert_eq!(ask(USER, "lambda:InvokeFunction", lambda, with), "Allow by identity");
    assert_eq!(sqs(USER, json!({"identityPolicies": [allow], "resourceControlPolicies": [[]]})), "Allow by identity");
}

/// <https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html>
#[test]
fn an_endpoint_intersects() {
    let allow = policy("Allow", "*");
    let with = |endpoint: Value| sqs(USER, json!({"identityPolicies": [allow], "endpointPolicies": [endpoint]}));
    assert_eq!(with(named("Allow", json!("*"), "*")), "Allow by identity");
    assert_eq!(with(named("Allow", json!("*"), "s3:*")), "ImplicitDeny");
    assert_eq!(with(named("Allow", json!({"AWS": OTHER}), "*")), "ImplicitDeny");
    assert_eq!(with(named("Allow", json!({"AWS": ROOT}), "*")), "Allow by identity");
}

/// <https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html>
#[test]
fn a_key_needs_its_key_policy() {
    let allow = policy("Allow", "kms:*");
    let with = |key_policy: Value| {
        ask(USER, "kms:Decrypt", KEY, json!({"identityPolicies": [allow], "resourcePolicy": key_policy}))
    };
    assert_eq!(ask(USER, "kms:Decrypt", KEY, json!({"identityPolicies": [allow]})), "ImplicitDeny");
    assert_eq!(with(named("Allow", json!({"AWS": ROOT}), "kms:*")), "Allow by identity");
    assert_eq!(with(named("Allow", json!({"AWS": ROLE}), "kms:*")), "ImplicitDeny");
    assert_eq!(with(named("Allow", json!({"AWS": USER}), "kms:*")), "Allow by resource");
    assert_eq!(ask(USER, "kms:ListKeys", "*", json!({"identityPolicies": [allow]})), "Allow by identity");
    assert_eq!(
        ask(ROOT, "kms:Decrypt", KEY, json!({"resourcePolicy": named("Allow", json!({"AWS": USER}), "kms:*")})),
        "ImplicitDeny"
    );
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-trust-policy.html>
#[test]
fn a_role_needs_its_trust_policy() {
    let allow = policy("Allow", "sts:AssumeRole");
    let assume = |who: Value, action: &str, policies: Value| ask(who, action, TARGET, policies);
    assert_eq!(assume(json!(USER), "sts:AssumeRole", json!({"identityPolicies": [allow]})), "ImplicitDeny");
    let trusts = |who: Value| json!({"resourcePolicy": trust(who)});
    assert_eq!(assume(json!(USER), "sts:AssumeRole", trusts(json!({"AWS": USER}))), "Allow by trust");
    assert_eq!(assume(json!(USER), "sts:AssumeRole", trusts(json!({"AWS": ROOT}))), "ImplicitDeny");
    let both = json!({"identityPolicies": [allow], "resourcePolicy": trust(json!({"AWS": ROOT}))});
    assert_eq!(assume(json!(USER), "sts:AssumeRole", both), "Allow by identity");
    let service = json!({"Service": "lambda.amazonaws.com"});
    assert_eq!(assume(service.clone(), "sts:AssumeRole", trusts(service.clone())), "Allow by trust");
    assert_eq!(assume(json!({"Service": "ec2.amazonaws.com"}), "sts:AssumeRole", trusts(service)), "ImplicitDeny");
    let google = json!({"Federated": "accounts.google.com"});
    assert_eq!(assume(google.clone(), "sts:AssumeRoleWithWebIdentity", trusts(google.clone())), "Allow by trust");
    assert_eq!(assume(json!(OTHER), "sts:AssumeRole", trusts(json!({"AWS": OTHER}))), "ImplicitDeny");
    assert_eq!(
        assume(json!(TARGET), "sts:AssumeRole", json!({"identityPolicies": [allow]})),
        "ImplicitDeny",
        "not even itself"
    );
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html>
#[test]
fn an_external_id_is_a_condition_of_trust() {
    let mut document = trust(json!({"AWS": "222222222222"}));
    document["Statement"][0]["Condition"] =
        json!({"StringEquals": {"sts:ExternalId": "Unique ID Assigned by Example Corp"}});
    let case = |context: Value| {
        let case = json!({"name": "c", "request": {"principal": OTHER, "action": "sts:AssumeRole", "resource": TARGET, "context": context},
            "identityPolicies": [policy("Allow", "sts:*")], "resourcePolicy": document});
        serde_json::from_str::<Value>(&eval_case(&case.to_string())).unwrap()["decision"].clone()
    };
    assert_eq!(case(json!({"sts:ExternalId": "Unique ID Assigned by Example Corp"})), "Allow");
    assert_eq!(case(json!({"sts:ExternalId": "another"})), "ImplicitDeny");
    assert_eq!(case(json!({})), "ImplicitDeny");
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html>
#[test]
fn services_and_anonymous_callers_have_the_resource_policy_alone() {
    let service = json!({"Service": "sns.amazonaws.com"});
    let mut document = named("Allow", service.clone(), "sqs:SendMessage");
    document["Statement"][0]["Condition"] = json!({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:111111111111:*"}});
    let case = |context: Value| {
        let case = json!({"name": "c", "request": {"principal": service, "action": "sqs:SendMessage", "resource": QUEUE,
            "context": context}, "resourcePolicy": document, "serviceControlPolicies": [[]]});
        serde_json::from_str::<Value>(&eval_case(&case.to_string())).unwrap()["decision"].clone()
    };
    assert_eq!(case(json!({"aws:SourceArn": "arn:aws:sns:eu-west-1:111111111111:t"})), "Allow");
    assert_eq!(case(json!({"aws:SourceArn": "arn:aws:sns:eu-west-1:222222222222:t"})), "ImplicitDeny");
    assert_eq!(case(json!({})), "ImplicitDeny");
    let public = named("Allow", json!("*"), "s3:GetObject");
    let object = "arn:aws:s3:::b/k";
    assert_eq!(ask("*", "s3:GetObject", object, json!({"resourcePolicy": public})), "Allow by resource");
    assert_eq!(ask("*", "s3:PutObject", object, json!({"resourcePolicy": public})), "ImplicitDeny");
    assert_eq!(ask("*", "s3:GetObject", object, json!({"identityPolicies": [policy("Allow", "*")]})), "ImplicitDeny");
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html>
#[test]
fn not_principal_spares_the_whole_chain_only() {
    let denies_all_but = |listed: &[&str]| json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "NotPrincipal": {"AWS": listed}, "Action": "*", "Resource": "*"}]});
    let allow = policy("Allow", "*");
    let with = |who: &str, listed: &[&str]| {
        sqs(who, json!({"identityPolicies": [allow], "resourcePolicy": denies_all_but(listed)}))
    };
    assert_eq!(with(USER, &[USER, ROOT]), "Allow by identity");
    assert_eq!(with(USER, &[ROOT]), "ExplicitDeny by resource");
    assert_eq!(with(USER, &[USER]), "ExplicitDeny by resource", "without its account");
    assert_eq!(with(SESSION, &[SESSION, ROLE, ROOT]), "Allow by identity");
    assert_eq!(with(SESSION, &[ROLE, ROOT]), "ExplicitDeny by resource");
    let bounded = json!({"identityPolicies": [allow], "permissionsBoundaries": [allow], "resourcePolicy": denies_all_but(&[USER, ROOT])});
    assert_eq!(sqs(USER, bounded), "ExplicitDeny by resource", "a principal with a boundary is always denied");
}

/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
#[test]
fn everyone_may_ask_who_they_are() {
    assert_eq!(ask(USER, "sts:GetCallerIdentity", "*", json!({"identityPolicies": [policy("Deny", "*")]})), "Allow");
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>
#[test]
fn resources_match_part_by_part() {
    let matches = |pattern: &str, resource: &str| {
        let document =
            json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": pattern}});
        ask(USER, "s3:GetObject", resource, json!({"identityPolicies": [document]})).starts_with("Allow")
    };
    let table = "arn:aws:dynamodb:us-east-2:111111111111:table/books";
    for (pattern, resource, expected) in [
        ("*", table, true),
        ("*", "*", true),
        (table, "*", false),
        (table, table, true),
        ("arn:aws:dynamodb:*:*:table/books", table, true),
        ("arn:aws:dynamodb:us-*:111111111111:table/b*s", table, true),
        ("arn:aws:dynamodb:us-east-?:*:*", table, true),
        ("arn:aws:dynamodb:us-east-2:111111111111:table/Books", table, false),
        ("arn:aws:dynamodb:*", table, true),
        ("arn:aws:*:*:*:*", table, true),
        ("arn:aws:s3:::*", table, false),
        ("arn:aws:d*:*:*:*", table, true),
        ("arn:aws:dynamodb:*:*:table/books", "arn:aws:dynamodb:a:b:c:table/books", false),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/x/y:z", true),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b", false),
        ("arn:aws:s3:::b*", "arn:aws:s3:::bc/d", true),
        ("arn:aws:s3:::b/?", "arn:aws:s3:::b/é", true),
        ("arn:aws:logs:*:*:log-group:/x/*:*", "arn:aws:logs:r:111111111111:log-group:/x/f:log-stream:s", true),
    ] {
        assert_eq!(matches(pattern, resource), expected, "{pattern} {resource}");
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notresource.html> and
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html>
#[test]
fn negated_elements() {
    let statement = |inner: Value| json!({"identityPolicies": [{"Version": "2012-10-17", "Statement": inner}]});
    let but_iam = json!({"Effect": "Allow", "NotAction": ["iam:*", "S3:delete*"], "Resource": "*"});
    assert_eq!(ask(USER, "sqs:SendMessage", QUEUE, statement(but_iam.clone())), "Allow by identity");
    assert_eq!(ask(USER, "IAM:CreateUser", "*", statement(but_iam.clone())), "ImplicitDeny");
    assert_eq!(ask(USER, "s3:DeleteObject", "arn:aws:s3:::b/k", statement(but_iam)), "ImplicitDeny");
    let but_home =
        |effect: &str| json!({"Effect": effect, "Action": "*", "NotResource": "arn:aws:s3:::b/${aws:username}/*"});
    assert_eq!(ask(USER, "s3:GetObject", "arn:aws:s3:::b/eve/k", statement(but_home("Allow"))), "Allow by identity");
    assert_eq!(ask(USER, "s3:GetObject", "arn:aws:s3:::b/bob/k", statement(but_home("Allow"))), "ImplicitDeny");
    // A session has no `aws:username`: the variable has no value, and neither effect may come out wider.
    assert_eq!(ask(SESSION, "s3:GetObject", "arn:aws:s3:::b/bob/k", statement(but_home("Allow"))), "ImplicitDeny");
    assert_eq!(
        ask(SESSION, "s3:GetObject", "arn:aws:s3:::b/bob/k", statement(but_home("Deny"))),
        "ExplicitDeny by identity"
    );
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>
#[test]
fn messages_are_in_the_words_of_aws() {
    let reason = |policies: Value| {
        let mut case = policies;
        case["name"] = json!("c");
        case["request"] = json!({"principal": "arn:aws:iam::777788889999:user/JohnDoe", "action": "codecommit:ListRepositories", "resource": "*"});
        let out: Value = serde_json::from_str(&eval_case(&case.to_string())).unwrap();
        out["reason"].as_str().unwrap().to_owned()
    };
    let (allow, deny, other) = (policy("Allow", "*"), policy("Deny", "*"), policy("Allow", "s3:*"));
    assert_snapshot!(reason(json!({})), @"User: arn:aws:iam::777788889999:user/JohnDoe is not authorized to perform: codecommit:ListRepositories because no identity-based policy allows the codecommit:ListRepositories action");
    assert_snapshot!(reason(json!({"identityPolicies": [deny]})), @"User: arn:aws:iam::777788889999:user/JohnDoe is not authorized to perform: codecommit:ListRepositories with an explicit deny in an identity-based policy");
    assert_snapshot!(reason(json!({"identityPolicies": [allow], "permissionsBoundaries": [other]})), @"User: arn:aws:iam::777788889999:user/JohnDoe is not authorized to perform: codecommit:ListRepositories because no permissions boundary allows the codecommit:ListRepositories action");
    assert_snapshot!(reason(json!({"identityPolicies": [allow], "sessionPolicies": [other]})), @"User: arn:aws:iam::777788889999:user/JohnDoe is not authorized to perform: codecommit:ListRepositories because no session policy allows the codecommit:ListRepositories action");
    assert_snapshot!(reason(json!({"identityPolicies": [allow], "serviceControlPolicies": [[deny]]})), @"User: arn:aws:iam::777788889999:user/JohnDoe is not authorized to perform: codecommit:ListRepositories with an explicit deny in a service control policy");
    assert_snapshot!(reason(json!({"identityPolicies": [allow], "endpointPolicies": [named("Deny", json!("*"), "*")]})), @"User: arn:aws:iam::777788889999:user/JohnDoe is not authorized to perform: codecommit:ListRepositories with an explicit deny in a VPC endpoint policy");
    assert_snapshot!(reason(json!({"identityPolicies": [allow]})), @"allowed by an identity-based policy");
}
