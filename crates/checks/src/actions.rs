//! What actions do, as far as checks need to know.

/// Actions that change or reveal something and that AWS lets a policy narrow to a resource: service, start of the name.
///
/// Source: "Actions, resources, and condition keys for AWS services",
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>
const NARROWABLE: &[(&str, &[&str])] = &[
    (
        "dynamodb",
        &["Put", "Update", "Delete", "BatchWrite", "PartiQLInsert", "PartiQLUpdate", "PartiQLDelete", "RestoreTable"],
    ),
    ("s3", &["Put", "Delete", "AbortMultipart", "BypassGovernance", "Replicate", "RestoreObject"]),
    ("lambda", &["Invoke", "Update", "Delete", "Put", "AddPermission", "PublishVersion", "RemovePermission"]),
    (
        "iam",
        &[
            "Attach",
            "Put",
            "Create",
            "Delete",
            "Update",
            "Add",
            "Remove",
            "Detach",
            "SetDefaultPolicyVersion",
            "PassRole",
        ],
    ),
    ("sts", &["AssumeRole"]),
    ("kms", &["Decrypt", "CreateGrant", "PutKeyPolicy", "ScheduleKeyDeletion", "DisableKey", "ReEncrypt"]),
    ("secretsmanager", &["GetSecretValue", "BatchGetSecretValue", "Put", "Update", "Delete", "Restore"]),
    ("ssm", &["GetParameter", "PutParameter", "DeleteParameter", "SendCommand", "StartSession", "StartAutomation"]),
    ("sqs", &["SendMessage", "DeleteMessage", "DeleteQueue", "PurgeQueue", "SetQueueAttributes", "AddPermission"]),
    ("sns", &["DeleteTopic", "SetTopicAttributes", "AddPermission", "RemovePermission"]),
    ("states", &["StartExecution", "StartSyncExecution", "StopExecution", "UpdateStateMachine", "DeleteStateMachine"]),
    ("kinesis", &["PutRecord", "DeleteStream", "UpdateShard"]),
    ("firehose", &["PutRecord", "DeleteDelivery", "UpdateDestination"]),
    ("events", &["PutEvents", "PutRule", "PutTargets", "DeleteRule", "RemoveTargets"]),
    ("cognito-idp", &["Admin", "Delete", "Update", "Set"]),
    ("logs", &["DeleteLogGroup", "DeleteLogStream", "PutRetention", "DeleteRetention"]),
    ("cloudformation", &["CreateStack", "UpdateStack", "DeleteStack", "ExecuteChangeSet"]),
    ("rds-data", &["ExecuteStatement", "BatchExecuteStatement", "ExecuteSql"]),
    ("execute-api", &["Invoke", "ManageConnections"]),
];

/// Services whose whole set of actions gives nothing away: tracing, metrics, log writing, stateless analysis.
const HARMLESS: &[&str] =
    &["xray", "cloudwatch", "logs", "rekognition", "comprehend", "translate", "polly", "textract", "transcribe", "geo"];

/// The start of an action that is read from a pattern: what stands before its first wildcard.
fn start(name: &str) -> &str {
    name.split(['*', '?']).next().unwrap_or(name)
}

/// Whether a pattern holds an action that changes or reveals something and could be narrowed to a resource.
pub(crate) fn narrowable(pattern: &str) -> bool {
    let Some((service, name)) = pattern.split_once(':') else { return false };
    let names = NARROWABLE.iter().find(|(s, _)| s.eq_ignore_ascii_case(service)).map_or(&[][..], |(_, names)| names);
    let name = name.to_lowercase();
    let lead = start(&name);
    let wild = lead.len() < name.len();
    names.iter().map(|n| n.to_lowercase()).any(|n| lead.starts_with(&n) || (wild && n.starts_with(lead)))
}

/// Whether a service's actions as a whole give nothing away.
pub(crate) fn harmless_service(service: &str) -> bool {
    HARMLESS.iter().any(|s| s.eq_ignore_ascii_case(service))
}

/// Whether an action gives an attacker more rights, or the secrets of others.
pub(crate) fn escalates(pattern: &str) -> bool {
    let service = pattern.split(':').next().unwrap_or_default();
    ["iam", "sts", "kms", "secretsmanager"].iter().any(|s| s.eq_ignore_ascii_case(service))
}

/// Whether a pattern holds an action that writes anywhere but to the function's own logs, traces and metrics.
pub(crate) fn writes(pattern: &str) -> bool {
    let service = pattern.split(':').next().unwrap_or_default();
    pattern == "*" || (narrowable(pattern) && !harmless_service(service))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_read_from_their_start() {
        let yes = [
            "dynamodb:PutItem",
            "dynamodb:*",
            "DynamoDB:put*",
            "s3:P*",
            "iam:PassRole",
            "sts:AssumeRole",
            "ssm:GetParameters",
        ];
        let no =
            ["dynamodb:GetItem", "s3:Get*", "ec2:CreateNetworkInterface", "xray:PutTraceSegments", "sns:Publish", "*"];
        assert_eq!(yes.iter().filter(|p| !narrowable(p)).collect::<Vec<_>>(), Vec::<&&str>::new());
        assert_eq!(no.iter().filter(|p| narrowable(p)).collect::<Vec<_>>(), Vec::<&&str>::new());
    }
}
