//! The house's own principals. They have policies like everybody else, and no way around them.

use burgward_types::{AccountId, Principal};
use serde_json::{Value, json};

/// The role that deploys.
pub const DEPLOYMENT_ROLE: &str = "burgward-deployment";
/// The role whose keys `burgward credentials` issues.
pub const OPERATOR_ROLE: &str = "burgward-operator";

/// The session that deploys.
#[must_use]
pub fn deployment(account: &AccountId) -> Principal {
    session(account, DEPLOYMENT_ROLE, "up")
}

/// The operator's session.
#[must_use]
pub fn operator(account: &AccountId) -> Principal {
    session(account, OPERATOR_ROLE, "operator")
}

fn session(account: &AccountId, role: &str, name: &str) -> Principal {
    Principal::AssumedRole { account: account.clone(), role: role.to_owned(), session: name.to_owned() }
}

/// The ARN of one of these roles.
#[must_use]
pub fn role_arn(account: &AccountId, role: &str) -> String {
    format!("arn:aws:iam::{account}:role/{role}")
}

/// The bucket that holds function packages.
#[must_use]
pub fn deployment_bucket(account: &AccountId, region: &str) -> String {
    format!("burgward-deployment-{account}-{region}")
}

/// What deploying needs, and no more: it can make resources and look them up, but reads no data of the app.
pub(crate) fn deployment_policy(bucket: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "Tables", "Effect": "Allow", "Resource": "*",
         "Action": ["dynamodb:CreateTable", "dynamodb:DescribeTable", "dynamodb:UpdateTable",
                    "dynamodb:UpdateTimeToLive", "dynamodb:DescribeTimeToLive", "dynamodb:TagResource"]},
        {"Sid": "Buckets", "Effect": "Allow", "Action": ["s3:CreateBucket", "s3:ListBucket"], "Resource": "*"},
        {"Sid": "Packages", "Effect": "Allow", "Action": ["s3:PutObject", "s3:GetObject"],
         "Resource": format!("arn:aws:s3:::{bucket}/*")},
        {"Sid": "Parameters", "Effect": "Allow", "Action": ["ssm:PutParameter", "ssm:GetParameter"], "Resource": "*"},
        {"Sid": "Secrets", "Effect": "Allow", "Resource": "*",
         "Action": ["secretsmanager:CreateSecret", "secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue",
                    "secretsmanager:PutSecretValue"]},
        {"Sid": "Logs", "Effect": "Allow", "Resource": "*",
         "Action": ["logs:CreateLogGroup", "logs:PutRetentionPolicy", "logs:DescribeLogGroups"]}
    ]})
}

/// The operator works with the app's data; packages are not data.
pub(crate) fn operator_policy() -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "Data", "Effect": "Allow", "Resource": "*",
         "Action": ["dynamodb:*", "s3:*", "ssm:*", "secretsmanager:*", "logs:*", "sts:*"]}
    ]})
}

/// Nobody but the deployment reaches the packages, whatever else a role allows.
pub(crate) fn deployment_bucket_policy(account: &AccountId, bucket: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "DeploymentOnly", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
         "Resource": [format!("arn:aws:s3:::{bucket}"), format!("arn:aws:s3:::{bucket}/*")],
         "Condition": {"ArnNotEquals": {"aws:PrincipalArn": role_arn(account, DEPLOYMENT_ROLE)}}}
    ]})
}
