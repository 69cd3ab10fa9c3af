//! Parameters, secrets, logs, keys and identities.
//!
//! Sources, below <https://docs.aws.amazon.com/service-authorization/latest/reference/>: `list_awssystemsmanager.html`,
//! `list_awssecretsmanager.html`, `list_amazoncloudwatchlogs.html`, `list_awskeymanagementservice.html`,
//! `list_awssecuritytokenservice.html`, `list_amazoncognitouserpools.html`. Secrets under a key of one's own also need
//! `kms:Decrypt`: <https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html>.

use super::{Kind, On, Row, Service, named, same};

const SECRET: On = On::One(Kind::Secret, &["SecretId", "Name"]);
const GROUP: On = On::One(Kind::LogGroup, &["logGroupName", "logGroupIdentifier", "resourceArn"]);
const KEY: On = On::One(Kind::Key, &["KeyId"]);
const POOL: On = On::One(Kind::Pool, &["UserPoolId"]);

pub(super) const SERVICES: &[Service] = &[
    Service { sdk: "ssm", prefix: "ssm", rows: SSM },
    Service { sdk: "secretsmanager", prefix: "secretsmanager", rows: SECRETS },
    Service { sdk: "logs", prefix: "logs", rows: LOGS },
    Service { sdk: "kms", prefix: "kms", rows: KMS },
    Service { sdk: "sts", prefix: "sts", rows: STS },
    Service { sdk: "cognito-idp", prefix: "cognito-idp", rows: COGNITO },
];

const SSM: &[Row] = &[
    same(
        &["GetParameter", "PutParameter", "DeleteParameter", "GetParameterHistory", "LabelParameterVersion"],
        On::One(Kind::Parameter, &["Name"]),
    ),
    same(&["GetParameters", "DeleteParameters"], On::One(Kind::Parameter, &["Names"])),
    same(&["GetParametersByPath"], On::ParameterPath),
    same(
        &["AddTagsToResource", "RemoveTagsFromResource", "ListTagsForResource"],
        On::One(Kind::Parameter, &["ResourceId"]),
    ),
    same(&["DescribeParameters"], On::Anything),
];

const SECRETS: &[Row] = &[
    same(
        &[
            "GetSecretValue",
            "DescribeSecret",
            "PutSecretValue",
            "UpdateSecret",
            "CreateSecret",
            "DeleteSecret",
            "RestoreSecret",
            "RotateSecret",
            "CancelRotateSecret",
            "TagResource",
            "UntagResource",
            "UpdateSecretVersionStage",
            "ListSecretVersionIds",
            "GetResourcePolicy",
            "PutResourcePolicy",
            "DeleteResourcePolicy",
        ],
        SECRET,
    ),
    named(&["BatchGetSecretValue"], "GetSecretValue", On::One(Kind::Secret, &["SecretIdList"])),
    same(&["BatchGetSecretValue", "ListSecrets", "GetRandomPassword"], On::Anything),
    named(&["GetSecretValue", "PutSecretValue", "UpdateSecret"], "kms:Decrypt", On::KeyOf(Kind::Secret)),
    named(&["PutSecretValue", "UpdateSecret"], "kms:GenerateDataKey", On::KeyOf(Kind::Secret)),
];

const LOGS: &[Row] = &[
    same(&["PutLogEvents", "CreateLogStream", "DeleteLogStream", "GetLogEvents"], On::LogStream),
    same(
        &[
            "CreateLogGroup",
            "DeleteLogGroup",
            "DescribeLogStreams",
            "FilterLogEvents",
            "PutRetentionPolicy",
            "DeleteRetentionPolicy",
            "StartQuery",
            "TagResource",
        ],
        GROUP,
    ),
    same(&["DescribeLogGroups", "GetQueryResults", "StopQuery"], On::Anything),
];

const KMS: &[Row] = &[
    same(
        &[
            "Encrypt",
            "Decrypt",
            "GenerateDataKey",
            "GenerateDataKeyWithoutPlaintext",
            "DescribeKey",
            "Sign",
            "Verify",
            "GenerateMac",
            "VerifyMac",
            "GetPublicKey",
        ],
        KEY,
    ),
    same(&["ListKeys", "ListAliases", "GenerateRandom"], On::Anything),
];

const STS: &[Row] = &[
    same(&["AssumeRole", "TagSession"], On::One(Kind::Role, &["RoleArn"])),
    // "No permissions are required to perform this operation."
    // <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
    Row { operations: &["GetCallerIdentity"], action: "-", on: On::Anything, when: super::When::Always },
    same(&["GetSessionToken", "GetFederationToken", "DecodeAuthorizationMessage"], On::Anything),
];

const COGNITO: &[Row] = &[
    same(
        &[
            "AdminGetUser",
            "AdminCreateUser",
            "AdminDeleteUser",
            "AdminDisableUser",
            "AdminEnableUser",
            "AdminSetUserPassword",
            "AdminResetUserPassword",
            "AdminUpdateUserAttributes",
            "AdminAddUserToGroup",
            "AdminRemoveUserFromGroup",
            "AdminListGroupsForUser",
            "AdminInitiateAuth",
            "AdminRespondToAuthChallenge",
            "AdminUserGlobalSignOut",
            "AdminConfirmSignUp",
            "ListUsers",
            "ListUsersInGroup",
            "ListGroups",
            "DescribeUserPool",
            "DescribeUserPoolClient",
        ],
        POOL,
    ),
    // These are called with a token or a client id, not with the role's rights.
    // <https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flows-public-server-side.html>
    Row {
        operations: &["InitiateAuth", "RespondToAuthChallenge", "SignUp", "ConfirmSignUp", "ForgotPassword", "GetUser"],
        action: "-",
        on: On::Anything,
        when: super::When::Always,
    },
];
