//! Vectors of the condition operators, each table from the page named above it.
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
use serde_json::{Value, json};

/// The decision of a case that differs from the plain one by the given members.
fn decision(case: &Value) -> String {
    let out: Value = serde_json::from_str(&eval_case(&case.to_string())).unwrap();
    out["decision"].as_str().map_or_else(|| out["error"].to_string(), str::to_owned)
}

/// Whether a condition on the key `x:k` holds; `null` is a missing key.
fn holds(operator: &str, wanted: Value, found: Value) -> bool {
    let mut context = json!({"aws:username": "bob", "x:list": ["a", "b"], "x:star": "*"});
    if !found.is_null() {
        context["X:K"] = found;
    }
    let case = json!({
        "name": "c",
        "request": {"action": "s3:GetObject", "resource": "*", "context": context,
                    "principal": "arn:aws:iam::123456789012:user/bob"},
        "identityPolicies": [{"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {operator: {"x:k": wanted}}}}],
    });
    match decision(&case).as_str() {
        "Allow" => true,
        "ImplicitDeny" => false,
        other => panic!("{operator} {case}: {other}"),
    }
}

fn table(rows: Vec<(&str, Value, Value, bool)>) {
    for (operator, wanted, found, expected) in rows {
        assert_eq!(holds(operator, wanted.clone(), found.clone()), expected, "{operator} {wanted} against {found}");
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_String>
#[test]
fn strings() {
    table(vec![
        ("StringEquals", json!("JohnDoe"), json!("JohnDoe"), true),
        ("StringEquals", json!("JohnDoe"), json!("johndoe"), false),
        ("StringEquals", json!(["a", "b"]), json!("b"), true),
        ("StringEquals", json!("a*"), json!("ab"), false),
        ("StringEquals", json!("a*"), json!("a*"), true),
        ("StringEquals", json!("a"), json!(null), false),
        ("StringEquals", json!(""), json!(""), true),
        ("StringEquals", json!(123), json!("123"), true),
        ("StringEquals", json!(true), json!("true"), true),
        ("StringEquals", json!("${aws:username}"), json!("bob"), true),
        ("StringEquals", json!("${aws:username}"), json!("eve"), false),
        ("StringEquals", json!("x-${aws:username}-y"), json!("x-bob-y"), true),
        ("StringNotEquals", json!("JohnDoe"), json!("johndoe"), true),
        ("StringNotEquals", json!("JohnDoe"), json!("JohnDoe"), false),
        ("StringNotEquals", json!(["a", "b"]), json!("b"), false),
        ("StringNotEquals", json!(["a", "b"]), json!("c"), true),
        ("StringNotEquals", json!("a"), json!(null), true),
        ("StringEqualsIgnoreCase", json!("JohnDoe"), json!("johndoe"), true),
        ("StringEqualsIgnoreCase", json!("ÄRGER"), json!("ärger"), true),
        ("StringEqualsIgnoreCase", json!("JohnDoe"), json!("johndo"), false),
        ("StringEqualsIgnoreCase", json!("JohnDo"), json!("johndoe"), false),
        ("StringEqualsIgnoreCase", json!("${aws:username}X"), json!("BOBx"), true),
        ("StringNotEqualsIgnoreCase", json!("JohnDoe"), json!("johndoe"), false),
        ("StringNotEqualsIgnoreCase", json!("JohnDoe"), json!("jane"), true),
        ("StringLike", json!("ware*"), json!("warehouse"), true),
        ("StringLike", json!("ware*"), json!("ware"), true),
        ("StringLike", json!("ware*"), json!("Warehouse"), false),
        ("StringLike", json!("*ware"), json!("software"), true),
        ("StringLike", json!("*ware"), json!("softwares"), false),
        ("StringLike", json!("a?c"), json!("abc"), true),
        ("StringLike", json!("a?c"), json!("ac"), false),
        ("StringLike", json!("a?c"), json!("aüc"), true),
        ("StringLike", json!("*a*b*c*"), json!("xaxxbyycz"), true),
        ("StringLike", json!("*a*b*c*"), json!("xcxxbyyaz"), false),
        ("StringLike", json!("home/${aws:username}/*"), json!("home/bob/x"), true),
        ("StringLike", json!("home/${aws:username}/*"), json!("home/eve/x"), false),
        ("StringLike", json!(["", "home/", "home/${aws:username}/*"]), json!(""), true),
        ("StringNotLike", json!("ware*"), json!("software"), true),
        ("StringNotLike", json!("ware*"), json!("warehouse"), false),
        ("StringNotLike", json!("ware*"), json!(null), true),
        ("stringlike", json!("ware*"), json!("warehouse"), true),
    ]);
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>
#[test]
fn variables() {
    table(vec![
        ("StringLike", json!("a${*}"), json!("a*"), true),
        ("StringLike", json!("a${*}"), json!("ab"), false),
        ("StringLike", json!("a${?}"), json!("a?"), true),
        ("StringLike", json!("a${?}"), json!("ab"), false),
        ("StringEquals", json!("a${$}{b}"), json!("a${b}"), true),
        ("StringLike", json!("${x:star}"), json!("anything"), false),
        ("StringLike", json!("${x:star}"), json!("*"), true),
        ("StringEquals", json!("${x:none, 'company-wide'}"), json!("company-wide"), true),
        ("StringEquals", json!("${x:none,'company-wide'}"), json!("company-wide"), true),
        ("StringEquals", json!("${aws:username, 'eve'}"), json!("bob"), true),
        ("StringEquals", json!("${aws:username, 'eve'}"), json!("eve"), false),
        ("StringEquals", json!("${AWS:UserName}"), json!("bob"), true),
        ("StringEquals", json!("${x:none}"), json!(""), false),
        ("StringEquals", json!("${x:none}"), json!("${x:none}"), false),
        ("StringNotEquals", json!("${x:none}"), json!("a"), true),
        ("StringEquals", json!("${x:list}"), json!("a"), false),
        (
            "ArnLike",
            json!("arn:aws:iam::123456789012:user/${aws:username}"),
            json!("arn:aws:iam::123456789012:user/bob"),
            true,
        ),
        (
            "ArnLike",
            json!("arn:aws:iam::123456789012:user/${aws:username}"),
            json!("arn:aws:iam::123456789012:user/eve"),
            false,
        ),
    ]);
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Numeric>
#[test]
fn numbers() {
    table(vec![
        ("NumericEquals", json!("10"), json!("10"), true),
        ("NumericEquals", json!(10), json!("10.0"), true),
        ("NumericEquals", json!("10"), json!("11"), false),
        ("NumericEquals", json!("10"), json!("ten"), false),
        ("NumericEquals", json!("9007199254740993"), json!("9007199254740992"), false),
        ("NumericNotEquals", json!("10"), json!("11"), true),
        ("NumericNotEquals", json!(["10", "11"]), json!("11"), false),
        ("NumericNotEquals", json!("10"), json!(null), true),
        ("NumericNotEquals", json!("10"), json!("ten"), true),
        ("NumericLessThan", json!("10"), json!("9"), true),
        ("NumericLessThan", json!("10"), json!("10"), false),
        ("NumericLessThan", json!("10"), json!("-1"), true),
        ("NumericLessThan", json!("10"), json!(null), false),
        ("NumericLessThanEquals", json!("10"), json!("10"), true),
        ("NumericLessThanEquals", json!("10"), json!("10.5"), false),
        ("NumericGreaterThan", json!("10"), json!("10.5"), true),
        ("NumericGreaterThan", json!("10"), json!("10"), false),
        ("NumericGreaterThanEquals", json!("10"), json!("10"), true),
        ("NumericGreaterThanEquals", json!("10"), json!("9"), false),
        ("NumericLessThan", json!(["1", "20"]), json!("10"), true),
    ]);
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date>
#[test]
fn dates() {
    table(vec![
        ("DateEquals", json!("2020-04-01T00:00:00Z"), json!("2020-04-01T00:00:00Z"), true),
        ("DateEquals", json!("2020-04-01T00:00:00Z"), json!("2020-04-01T02:00:00+02:00"), true),
        ("DateEquals", json!("2020-04-01T00:00:00Z"), json!("1585699200"), true),
        ("DateEquals", json!("2020-04-01"), json!("2020-04-01T00:00Z"), true),
        ("DateEquals", json!("2020-04"), json!("2020-04-01T00:00:00.000Z"), true),
        ("DateEquals", json!("2020"), json!("2020-01-01"), true),
        ("DateNotEquals", json!("2020-04-01"), json!("2020-04-02"), true),
        ("DateNotEquals", json!("2020-04-01"), json!(null), true),
        ("DateLessThan", json!("2020-06-30T23:59:59Z"), json!("2020-06-30T23:59:58Z"), true),
        ("DateLessThan", json!("2020-06-30T23:59:59Z"), json!("2020-07-01T00:00:00Z"), false),
        ("DateLessThan", json!("2020-06-30T23:59:59Z"), json!("never"), false),
        ("DateLessThanEquals", json!("2020-06-30"), json!("2020-06-30"), true),
        ("DateGreaterThan", json!("2020-04-01T00:00:00Z"), json!("2020-04-01T00:00:00.5Z"), true),
        ("DateGreaterThan", json!("2000-02-29"), json!("2000-03-01"), true),
        ("DateGreaterThanEquals", json!("1969-12-31"), json!("0001-01-01"), false),
        ("DateGreaterThanEquals", json!("2020-04-01"), json!("2020-04-01"), true),
    ]);
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Boolean>
#[test]
fn booleans_and_bytes() {
    table(vec![
        ("Bool", json!("true"), json!("true"), true),
        ("Bool", json!(true), json!("true"), true),
        ("Bool", json!("false"), json!("true"), false),
        ("Bool", json!("true"), json!("True"), true),
        ("Bool", json!("true"), json!("1"), false),
        ("Bool", json!("false"), json!(null), false),
        ("Bool", json!(["true", "false"]), json!("false"), true),
        ("BoolIfExists", json!("false"), json!(null), true),
        ("BoolIfExists", json!("false"), json!("true"), false),
        ("BinaryEquals", json!("QmluYXJ5VmFsdWVJbkJhc2U2NA=="), json!("QmluYXJ5VmFsdWVJbkJhc2U2NA=="), true),
        ("BinaryEquals", json!("QQ=="), json!("QQ"), true),
        ("BinaryEquals", json!("QQ=="), json!("QQQ="), false),
        ("BinaryEquals", json!("QQ=="), json!("not base64!"), false),
    ]);
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IPAddress>
#[test]
fn addresses() {
    table(vec![
        ("IpAddress", json!("203.0.113.0/24"), json!("203.0.113.7"), true),
        ("IpAddress", json!("203.0.113.0/24"), json!("203.0.114.7"), false),
        ("IpAddress", json!("203.0.113.5"), json!("203.0.113.5"), true),
        ("IpAddress", json!("203.0.113.5"), json!("203.0.113.6"), false),
        ("IpAddress", json!(["203.0.113.0/24", "2001:DB8:1234:5678::/64"]), json!("2001:db8:1234:5678::1"), true),
        ("IpAddress", json!("2001:DB8:1234:5678::/64"), json!("2001:db8:1234:5679::1"), false),
        ("IpAddress", json!("0.0.0.0/0"), json!("8.8.8.8"), true),
        ("IpAddress", json!("0.0.0.0/0"), json!("2001:db8::1"), false),
        ("IpAddress", json!("::/0"), json!("2001:db8::1"), true),
        ("IpAddress", json!("10.0.0.0/8"), json!("::ffff:10.1.2.3"), true),
        ("IpAddress", json!("10.0.0.0/8"), json!("somewhere"), false),
        ("IpAddress", json!("10.0.0.0/8"), json!(null), false),
        ("NotIpAddress", json!("203.0.113.0/24"), json!("203.0.114.7"), true),
        ("NotIpAddress", json!(["203.0.113.0/24", "10.0.0.0/8"]), json!("10.0.0.1"), false),
        ("NotIpAddress", json!("10.0.0.0/8"), json!(null), true),
        ("NotIpAddressIfExists", json!("10.0.0.0/8"), json!(null), true),
    ]);
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN>
#[test]
fn arns() {
    let topic = || json!("arn:aws:sns:us-east-1:123456789012:topic:a");
    table(vec![
        ("ArnEquals", json!("arn:aws:sns:us-east-1:123456789012:topic:a"), topic(), true),
        ("ArnEquals", json!("arn:aws:sns:*:123456789012:topic:*"), topic(), true),
        ("ArnLike", json!("arn:aws:sns:*:123456789012:*"), topic(), true),
        ("ArnLike", json!("arn:aws:sns:us-*-1:*:topic:?"), topic(), true),
        ("ArnLike", json!("arn:aws:sns:us-east-1*:*:topic:a"), topic(), true),
        ("ArnLike", json!("arn:aws:s*:*:*:a"), topic(), false),
        ("ArnLike", json!("*"), topic(), true),
        ("ArnLike", json!("arn:aws:sns:*:*:*"), json!("not-an-arn"), false),
        ("ArnLike", json!("arn:aws:sns:*:*:*"), json!(null), false),
        ("ArnNotEquals", json!("arn:aws:sns:*:999999999999:*"), topic(), true),
        ("ArnNotLike", json!("arn:aws:sns:*:123456789012:*"), topic(), false),
        ("ArnNotLike", json!("arn:aws:sns:*:123456789012:*"), json!(null), true),
        ("ArnLikeIfExists", json!("arn:aws:sns:*:*:*"), json!(null), true),
    ]);
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IfExists>
#[test]
fn missing_keys() {
    table(vec![
        ("StringEqualsIfExists", json!("a"), json!(null), true),
        ("StringEqualsIfExists", json!("a"), json!("b"), false),
        ("StringLikeIfExists", json!(["t1.*", "t2.*"]), json!("m3.large"), false),
        ("StringNotEqualsIfExists", json!("a"), json!(null), true),
        ("NumericLessThanIfExists", json!("1"), json!(null), true),
        ("Null", json!("true"), json!(null), true),
        ("Null", json!("true"), json!("x"), false),
        ("Null", json!("false"), json!("x"), true),
        ("Null", json!("false"), json!(null), false),
        ("Null", json!(true), json!(null), true),
        ("Null", json!("true"), json!([]), true),
        ("Null", json!("false"), json!(["a"]), true),
        ("Null", json!(["true", "false"]), json!("x"), true),
    ]);
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>
#[test]
fn set_operators() {
    let allowed = || json!(["PostDateTime", "Message", "Tags"]);
    table(vec![
        ("ForAllValues:StringEquals", allowed(), json!(["PostDateTime", "Message"]), true),
        ("ForAllValues:StringEquals", allowed(), json!(["PostDateTime", "UserName"]), false),
        ("ForAllValues:StringEquals", allowed(), json!(null), true),
        ("ForAllValues:StringEquals", allowed(), json!([]), true),
        ("ForAllValues:StringEquals", allowed(), json!(""), true),
        ("ForAllValues:StringEquals", allowed(), json!("Tags"), true),
        ("ForAllValues:StringLike", json!(["P*", "T*"]), json!(["PostDateTime", "Tags"]), true),
        ("ForAllValues:StringNotEquals", json!(["ID"]), json!(["Tags", "Message"]), true),
        ("ForAllValues:StringNotEquals", json!(["ID"]), json!(["Tags", "ID"]), false),
        (
            "ForAnyValue:StringEquals",
            json!(["ID", "PostDateTime"]),
            json!(["UserName", "Message", "PostDateTime"]),
            true,
        ),
        ("ForAnyValue:StringEquals", json!(["ID", "PostDateTime"]), json!(["UserName"]), false),
        ("ForAnyValue:StringEquals", json!(["ID"]), json!(null), false),
        ("ForAnyValue:StringEquals", json!(["ID"]), json!([]), false),
        ("ForAnyValue:StringEquals", json!([""]), json!(""), false),
        ("ForAnyValue:StringNotEquals", json!(["ID"]), json!(["ID", "Tags"]), true),
        ("ForAnyValue:StringNotEquals", json!(["ID", "Tags"]), json!(["ID", "Tags"]), false),
        ("ForAnyValue:StringNotEquals", json!(["ID"]), json!(null), false),
        ("ForAnyValue:StringEqualsIfExists", json!(["ID"]), json!(null), true),
        ("ForAnyValue:NumericGreaterThan", json!("10"), json!(["1", "11"]), true),
        ("ForAnyValue:ArnLike", json!("arn:aws:s3:::*"), json!(["arn:aws:sqs:::q", "arn:aws:s3:::b"]), true),
        ("StringEquals", json!(["a", "b"]), json!(["a"]), false),
        ("StringEquals", json!(["a", "b"]), json!(["a", "b"]), false),
        ("StringNotEquals", json!(["c"]), json!(["a", "b"]), false),
    ]);
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html>
#[test]
fn the_older_version_knows_no_variables() {
    let case = |version: Value, resource: &str| {
        let mut policy =
            json!({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::b/${aws:username}"}});
        if !version.is_null() {
            policy["Version"] = version;
        }
        let request =
            json!({"action": "s3:GetObject", "resource": resource, "principal": "arn:aws:iam::123456789012:user/bob"});
        decision(&json!({"name": "v", "request": request, "identityPolicies": [policy]}))
    };
    assert_eq!(case(json!("2012-10-17"), "arn:aws:s3:::b/bob"), "Allow");
    assert_eq!(case(json!("2008-10-17"), "arn:aws:s3:::b/bob"), "ImplicitDeny");
    assert_eq!(case(json!(null), "arn:aws:s3:::b/bob"), "ImplicitDeny");
    assert_eq!(case(json!("2008-10-17"), "arn:aws:s3:::b/${aws:username}"), "Allow");
}
