//! The members of every request, as [`crate::shape`] checks them.

use crate::shape::{Members, Shape};

const STR: &Shape = &Shape::Str;
const INT: &Shape = &Shape::Int("Integer");
const LONG: &Shape = &Shape::Int("Long");
const BOOL: &Shape = &Shape::Bool;
const STRINGS: &Shape = &Shape::List(STR);
const VALUE: &Shape = &Shape::Attribute;
const VALUES: &Shape = &Shape::List(VALUE);
const ITEM: &Shape = &Shape::Map(VALUE, "AttributeValue");
const NAMES: &Shape = &Shape::Map(STR, "java.lang.String");

const CONDITION: &Shape = &Shape::Struct("Condition", &[("AttributeValueList", VALUES), ("ComparisonOperator", STR)]);
const CONDITIONS: &Shape = &Shape::Map(CONDITION, "Condition");
const EXPECTED: &Shape = &Shape::Map(
    &Shape::Struct(
        "ExpectedAttributeValue",
        &[("Value", VALUE), ("Exists", BOOL), ("AttributeValueList", VALUES), ("ComparisonOperator", STR)],
    ),
    "ExpectedAttributeValue",
);
const UPDATES: &Shape =
    &Shape::Map(&Shape::Struct("AttributeValueUpdate", &[("Action", STR), ("Value", VALUE)]), "AttributeValueUpdate");

pub(crate) const GET_ITEM: Members = &[
    ("Key", ITEM),
    ("ExpressionAttributeNames", NAMES),
    ("AttributesToGet", STRINGS),
    ("TableName", STR),
    ("ReturnConsumedCapacity", STR),
    ("ProjectionExpression", STR),
    ("ConsistentRead", BOOL),
];

pub(crate) const PUT_ITEM: Members = &[
    ("Item", ITEM),
    ("Expected", EXPECTED),
    ("ReturnValues", STR),
    ("ReturnConsumedCapacity", STR),
    ("ReturnItemCollectionMetrics", STR),
    ("ConditionalOperator", STR),
    ("ConditionExpression", STR),
    ("ExpressionAttributeNames", NAMES),
    ("ExpressionAttributeValues", ITEM),
    ("ReturnValuesOnConditionCheckFailure", STR),
    ("TableName", STR),
];

pub(crate) const DELETE_ITEM: Members = &[
    ("Key", ITEM),
    ("Expected", EXPECTED),
    ("ReturnValues", STR),
    ("ReturnConsumedCapacity", STR),
    ("ReturnItemCollectionMetrics", STR),
    ("ConditionalOperator", STR),
    ("ConditionExpression", STR),
    ("ExpressionAttributeNames", NAMES),
    ("ExpressionAttributeValues", ITEM),
    ("ReturnValuesOnConditionCheckFailure", STR),
    ("TableName", STR),
];

pub(crate) const UPDATE_ITEM: Members = &[
    ("Key", ITEM),
    ("AttributeUpdates", UPDATES),
    ("Expected", EXPECTED),
    ("ReturnValues", STR),
    ("ReturnConsumedCapacity", STR),
    ("ReturnItemCollectionMetrics", STR),
    ("ConditionalOperator", STR),
    ("UpdateExpression", STR),
    ("ConditionExpression", STR),
    ("ExpressionAttributeNames", NAMES),
    ("ExpressionAttributeValues", ITEM),
    ("ReturnValuesOnConditionCheckFailure", STR),
    ("TableName", STR),
];

pub(crate) const QUERY: Members = &[
    ("KeyConditions", CONDITIONS),
    ("QueryFilter", CONDITIONS),
    ("ExclusiveStartKey", ITEM),
    ("ExpressionAttributeNames", NAMES),
    ("ExpressionAttributeValues", ITEM),
    ("AttributesToGet", STRINGS),
    ("TableName", STR),
    ("IndexName", STR),
    ("Select", STR),
    ("Limit", INT),
    ("ConsistentRead", BOOL),
    ("ConditionalOperator", STR),
    ("ScanIndexForward", BOOL),
    ("ReturnConsumedCapacity", STR),
    ("ProjectionExpression", STR),
    ("FilterExpression", STR),
    ("KeyConditionExpression", STR),
];

pub(crate) const SCAN: Members = &[
    ("ScanFilter", CONDITIONS),
    ("ExclusiveStartKey", ITEM),
    ("ExpressionAttributeNames", NAMES),
    ("ExpressionAttributeValues", ITEM),
    ("AttributesToGet", STRINGS),
    ("TableName", STR),
    ("IndexName", STR),
    ("Select", STR),
    ("Limit", INT),
    ("ConsistentRead", BOOL),
    ("ConditionalOperator", STR),
    ("ReturnConsumedCapacity", STR),
    ("TotalSegments", INT),
    ("Segment", INT),
    ("ProjectionExpression", STR),
    ("FilterExpression", STR),
];

pub(crate) const BATCH_GET_ITEM: Members = &[
    (
        "RequestItems",
        &Shape::Map(
            &Shape::Struct(
                "KeysAndAttributes",
                &[
                    ("Keys", &Shape::List(ITEM)),
                    ("AttributesToGet", STRINGS),
                    ("ConsistentRead", BOOL),
                    ("ProjectionExpression", STR),
                    ("ExpressionAttributeNames", NAMES),
                ],
            ),
            "KeysAndAttributes",
        ),
    ),
    ("ReturnConsumedCapacity", STR),
];

pub(crate) const BATCH_WRITE_ITEM: Members = &[
    (
        "RequestItems",
        &Shape::Map(
            &Shape::List(&Shape::Struct(
                "WriteRequest",
                &[
                    ("PutRequest", &Shape::Struct("PutRequest", &[("Item", ITEM)])),
                    ("DeleteRequest", &Shape::Struct("DeleteRequest", &[("Key", ITEM)])),
                ],
            )),
            "java.util.List<com.amazonaws.dynamodb.v20120810.WriteRequest>",
        ),
    ),
    ("ReturnConsumedCapacity", STR),
    ("ReturnItemCollectionMetrics", STR),
];

const KEYED: Members = &[
    ("Key", ITEM),
    ("UpdateExpression", STR),
    ("ConditionExpression", STR),
    ("ExpressionAttributeNames", NAMES),
    ("ExpressionAttributeValues", ITEM),
    ("ReturnValuesOnConditionCheckFailure", STR),
    ("TableName", STR),
];

const PUT: Members = &[
    ("Item", ITEM),
    ("ConditionExpression", STR),
    ("ExpressionAttributeNames", NAMES),
    ("ExpressionAttributeValues", ITEM),
    ("ReturnValuesOnConditionCheckFailure", STR),
    ("TableName", STR),
];

pub(crate) const TRANSACT_WRITE_ITEMS: Members = &[
    (
        "TransactItems",
        &Shape::List(&Shape::Struct(
            "TransactWriteItem",
            &[
                ("ConditionCheck", &Shape::Struct("ConditionCheck", KEYED)),
                ("Put", &Shape::Struct("Put", PUT)),
                ("Delete", &Shape::Struct("Delete", KEYED)),
                ("Update", &Shape::Struct("Update", KEYED)),
            ],
        )),
    ),
    ("ReturnConsumedCapacity", STR),
    ("ReturnItemCollectionMetrics", STR),
    ("ClientRequestToken", STR),
];

pub(crate) const TRANSACT_GET_ITEMS: Members = &[
    (
        "TransactItems",
        &Shape::List(&Shape::Struct(
            "TransactGetItem",
            &[(
                "Get",
                &Shape::Struct(
                    "Get",
                    &[
                        ("Key", ITEM),
                        ("TableName", STR),
                        ("ProjectionExpression", STR),
                        ("ExpressionAttributeNames", NAMES),
                    ],
                ),
            )],
        )),
    ),
    ("ReturnConsumedCapacity", STR),
];

const DEFINITIONS: &Shape =
    &Shape::List(&Shape::Struct("AttributeDefinition", &[("AttributeName", STR), ("AttributeType", STR)]));
const KEY_SCHEMA: &Shape =
    &Shape::List(&Shape::Struct("KeySchemaElement", &[("KeyType", STR), ("AttributeName", STR)]));
const PROJECTION: &Shape = &Shape::Struct("Projection", &[("ProjectionType", STR), ("NonKeyAttributes", STRINGS)]);
const THROUGHPUT: &Shape =
    &Shape::Struct("ProvisionedThroughput", &[("WriteCapacityUnits", LONG), ("ReadCapacityUnits", LONG)]);
const ON_DEMAND: &Shape =
    &Shape::Struct("OnDemandThroughput", &[("MaxReadRequestUnits", LONG), ("MaxWriteRequestUnits", LONG)]);
const STREAM: &Shape = &Shape::Struct("StreamSpecification", &[("StreamEnabled", BOOL), ("StreamViewType", STR)]);
// `KMSMasterKeyId` is left out on purpose: encryption under a key of the caller's choice is not enforced here.
const SSE: &Shape = &Shape::Struct("SSESpecification", &[("Enabled", BOOL), ("SSEType", STR)]);
const TAGS: &Shape = &Shape::List(&Shape::Struct("Tag", &[("Key", STR), ("Value", STR)]));

const GLOBAL_INDEX: Members = &[
    ("Projection", PROJECTION),
    ("ProvisionedThroughput", THROUGHPUT),
    ("OnDemandThroughput", ON_DEMAND),
    ("KeySchema", KEY_SCHEMA),
    ("IndexName", STR),
];

pub(crate) const CREATE_TABLE: Members = &[
    ("AttributeDefinitions", DEFINITIONS),
    ("KeySchema", KEY_SCHEMA),
    (
        "LocalSecondaryIndexes",
        &Shape::List(&Shape::Struct(
            "LocalSecondaryIndex",
            &[("Projection", PROJECTION), ("KeySchema", KEY_SCHEMA), ("IndexName", STR)],
        )),
    ),
    ("GlobalSecondaryIndexes", &Shape::List(&Shape::Struct("GlobalSecondaryIndex", GLOBAL_INDEX))),
    ("ProvisionedThroughput", THROUGHPUT),
    ("OnDemandThroughput", ON_DEMAND),
    ("StreamSpecification", STREAM),
    ("SSESpecification", SSE),
    ("Tags", TAGS),
    ("TableName", STR),
    ("BillingMode", STR),
    ("TableClass", STR),
    ("DeletionProtectionEnabled", BOOL),
];

pub(crate) const UPDATE_TABLE: Members = &[
    ("AttributeDefinitions", DEFINITIONS),
    (
        "GlobalSecondaryIndexUpdates",
        &Shape::List(&Shape::Struct(
            "GlobalSecondaryIndexUpdate",
            &[
                ("Create", &Shape::Struct("CreateGlobalSecondaryIndexAction", GLOBAL_INDEX)),
                (
                    "Update",
                    &Shape::Struct(
                        "UpdateGlobalSecondaryIndexAction",
                        &[("IndexName", STR), ("ProvisionedThroughput", THROUGHPUT), ("OnDemandThroughput", ON_DEMAND)],
                    ),
                ),
                ("Delete", &Shape::Struct("DeleteGlobalSecondaryIndexAction", &[("IndexName", STR)])),
            ],
        )),
    ),
    ("ProvisionedThroughput", THROUGHPUT),
    ("OnDemandThroughput", ON_DEMAND),
    ("StreamSpecification", STREAM),
    ("TableName", STR),
    ("BillingMode", STR),
    ("TableClass", STR),
    ("DeletionProtectionEnabled", BOOL),
];

/// `DescribeTable`, `DeleteTable` and `DescribeTimeToLive` name a table and nothing else.
pub(crate) const TABLE_ONLY: Members = &[("TableName", STR)];

pub(crate) const LIST_TABLES: Members = &[("ExclusiveStartTableName", STR), ("Limit", INT)];

pub(crate) const UPDATE_TIME_TO_LIVE: Members = &[
    ("TableName", STR),
    (
        "TimeToLiveSpecification",
        &Shape::Struct("TimeToLiveSpecification", &[("Enabled", BOOL), ("AttributeName", STR)]),
    ),
];

pub(crate) const TAG_RESOURCE: Members = &[("ResourceArn", STR), ("Tags", TAGS)];
pub(crate) const UNTAG_RESOURCE: Members = &[("ResourceArn", STR), ("TagKeys", STRINGS)];
pub(crate) const LIST_TAGS: Members = &[("ResourceArn", STR), ("NextToken", STR)];
