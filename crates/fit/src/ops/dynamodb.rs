//! DynamoDB and its streams.
//!
//! Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html>. Transactions
//! need the actions of their items:
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html>. `PartiQL` has actions of
//! its own: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html>.

use super::{Kind, On, Row, Service, named, same};

const TABLE: On = On::One(Kind::Table, &["TableName", "TableArn", "SourceTableName", "SourceTableArn"]);
const BY_ARN: On = On::One(Kind::Table, &["ResourceArn"]);
const PARTIQL: &[&str] = &["ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"];

pub(super) const SERVICES: &[Service] = &[
    Service { sdk: "dynamodb", prefix: "dynamodb", rows: ROWS },
    Service { sdk: "dynamodbstreams", prefix: "dynamodb", rows: STREAMS },
    Service { sdk: "dynamodb-streams", prefix: "dynamodb", rows: STREAMS },
];

const ROWS: &[Row] = &[
    same(&["GetItem", "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"], TABLE),
    same(&["Query", "Scan"], On::TableOrIndex),
    same(&["BatchGetItem", "BatchWriteItem"], On::Tables("RequestItems")),
    named(&["TransactGetItems"], "GetItem", On::Tables("TransactItems.Get")),
    named(&["TransactWriteItems"], "PutItem", On::Tables("TransactItems.Put")),
    named(&["TransactWriteItems"], "UpdateItem", On::Tables("TransactItems.Update")),
    named(&["TransactWriteItems"], "DeleteItem", On::Tables("TransactItems.Delete")),
    named(&["TransactWriteItems"], "ConditionCheckItem", On::Tables("TransactItems.ConditionCheck")),
    named(PARTIQL, "PartiQLSelect", On::PartiQl("select")),
    named(PARTIQL, "PartiQLInsert", On::PartiQl("insert")),
    named(PARTIQL, "PartiQLUpdate", On::PartiQl("update")),
    named(PARTIQL, "PartiQLDelete", On::PartiQl("delete")),
    same(
        &[
            "CreateTable",
            "DescribeTable",
            "UpdateTable",
            "DeleteTable",
            "DescribeTimeToLive",
            "UpdateTimeToLive",
            "DescribeContinuousBackups",
            "UpdateContinuousBackups",
            "CreateBackup",
            "DescribeContributorInsights",
            "UpdateContributorInsights",
            "DescribeKinesisStreamingDestination",
            "EnableKinesisStreamingDestination",
            "DisableKinesisStreamingDestination",
            "UpdateKinesisStreamingDestination",
            "DescribeTableReplicaAutoScaling",
            "UpdateTableReplicaAutoScaling",
            "ExportTableToPointInTime",
            "RestoreTableToPointInTime",
            "ImportTable",
        ],
        TABLE,
    ),
    same(
        &[
            "TagResource",
            "UntagResource",
            "ListTagsOfResource",
            "GetResourcePolicy",
            "PutResourcePolicy",
            "DeleteResourcePolicy",
        ],
        BY_ARN,
    ),
    same(
        &[
            "ListTables",
            "ListBackups",
            "ListExports",
            "ListImports",
            "ListGlobalTables",
            "ListContributorInsights",
            "DescribeLimits",
            "DescribeEndpoints",
        ],
        On::Anything,
    ),
];

const STREAMS: &[Row] = &[
    same(&["DescribeStream", "GetRecords", "GetShardIterator"], On::TableStream),
    same(&["ListStreams"], On::Anything),
];
