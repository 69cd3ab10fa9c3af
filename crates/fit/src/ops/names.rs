//! Prefixes of actions that differ from the SDK's names of services.
//!
//! Source: the pages of
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>
//! against the client names of <https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/index.html>.

const DIFFERENT: &[(&str, &str)] = &[
    ("amp", "aps"),
    ("apigatewaymanagementapi", "execute-api"),
    ("apigatewayv2", "apigateway"),
    ("appconfigdata", "appconfig"),
    ("application-insights", "applicationinsights"),
    ("bedrock-agent-runtime", "bedrock"),
    ("bedrock-runtime", "bedrock"),
    ("cloudsearchdomain", "cloudsearch"),
    ("dynamodbstreams", "dynamodb"),
    ("efs", "elasticfilesystem"),
    ("elb", "elasticloadbalancing"),
    ("elbv2", "elasticloadbalancing"),
    ("emr", "elasticmapreduce"),
    ("iot-data", "iot"),
    ("iotevents-data", "iotevents"),
    ("kinesis-video-media", "kinesisvideo"),
    ("lex-runtime", "lex"),
    ("lexv2-runtime", "lex"),
    ("location", "geo"),
    ("marketplace-entitlement", "aws-marketplace"),
    ("meteringmarketplace", "aws-marketplace"),
    ("mturk", "mechanicalturk"),
    ("opensearch", "es"),
    ("opensearchserverless", "aoss"),
    ("personalize-events", "personalize"),
    ("personalize-runtime", "personalize"),
    ("pinpoint", "mobiletargeting"),
    ("pinpoint-email", "ses"),
    ("redshiftserverless", "redshift-serverless"),
    ("resourcegroupstaggingapi", "tag"),
    ("sagemaker-runtime", "sagemaker"),
    ("sesv2", "ses"),
    ("sfn", "states"),
    ("stepfunctions", "states"),
    ("timestream-query", "timestream"),
    ("timestream-write", "timestream"),
    ("transcribeservice", "transcribe"),
];

/// The prefix of a service's actions.
pub(crate) fn prefix(service: &str) -> String {
    let found = DIFFERENT.iter().find(|(sdk, _)| sdk.eq_ignore_ascii_case(service));
    found.map_or_else(|| service.to_ascii_lowercase(), |(_, prefix)| (*prefix).to_owned())
}
