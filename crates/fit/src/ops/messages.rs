//! Functions, queues, topics, buses, streams, workflows, mail, metrics, traces.
//!
//! Sources, below <https://docs.aws.amazon.com/service-authorization/latest/reference/>: `list_awslambda.html`,
//! `list_amazonsqs.html`, `list_amazonsns.html`, `list_amazoneventbridge.html`, `list_awsstepfunctions.html`,
//! `list_amazonkinesisdatastreams.html`, `list_amazondatafirehose.html`, `list_amazonsimpleemailservicev2.html`,
//! `list_amazoncloudwatch.html`, `list_awsx-ray.html`. Batches of SQS and SNS need the action of the single call.

use super::{Kind, On, Row, Service, named, same};

const FUNCTION: On = On::One(Kind::Function, &["FunctionName"]);
const QUEUE: On = On::One(Kind::Queue, &["QueueUrl", "QueueName"]);
const TOPIC: On = On::One(Kind::Topic, &["TopicArn", "TargetArn"]);
const BUS: On = On::One(Kind::Bus, &["EventBusName", "Entries.EventBusName"]);
const MACHINE: On = On::One(Kind::Machine, &["stateMachineArn"]);
const STREAM: On = On::One(Kind::Stream, &["StreamName", "StreamARN"]);
const DELIVERY: On = On::One(Kind::Delivery, &["DeliveryStreamName"]);

pub(super) const SERVICES: &[Service] = &[
    Service { sdk: "lambda", prefix: "lambda", rows: LAMBDA },
    Service { sdk: "sqs", prefix: "sqs", rows: SQS },
    Service { sdk: "sns", prefix: "sns", rows: SNS },
    Service { sdk: "events", prefix: "events", rows: &[same(&["PutEvents"], BUS)] },
    Service { sdk: "stepfunctions", prefix: "states", rows: STATES },
    Service { sdk: "kinesis", prefix: "kinesis", rows: KINESIS },
    Service { sdk: "firehose", prefix: "firehose", rows: &[same(&["PutRecord", "PutRecordBatch"], DELIVERY)] },
    Service { sdk: "ses", prefix: "ses", rows: SES },
    Service { sdk: "sesv2", prefix: "ses", rows: SES },
    Service { sdk: "cloudwatch", prefix: "cloudwatch", rows: METRICS },
    Service { sdk: "xray", prefix: "xray", rows: &[same(&["PutTraceSegments", "PutTelemetryRecords"], On::Anything)] },
];

const LAMBDA: &[Row] = &[
    named(&["Invoke", "InvokeAsync", "InvokeWithResponseStream"], "InvokeFunction", FUNCTION),
    same(
        &[
            "GetFunction",
            "GetFunctionConfiguration",
            "UpdateFunctionCode",
            "UpdateFunctionConfiguration",
            "DeleteFunction",
            "AddPermission",
            "RemovePermission",
            "GetPolicy",
            "PublishVersion",
        ],
        FUNCTION,
    ),
    same(&["ListFunctions"], On::Anything),
];

const SQS: &[Row] = &[
    named(&["SendMessage", "SendMessageBatch"], "SendMessage", QUEUE),
    named(&["DeleteMessage", "DeleteMessageBatch"], "DeleteMessage", QUEUE),
    named(&["ChangeMessageVisibility", "ChangeMessageVisibilityBatch"], "ChangeMessageVisibility", QUEUE),
    same(&["ReceiveMessage", "GetQueueAttributes", "GetQueueUrl", "PurgeQueue", "SetQueueAttributes"], QUEUE),
    same(&["ListQueues"], On::Anything),
];

const SNS: &[Row] = &[
    named(&["Publish", "PublishBatch"], "Publish", TOPIC),
    same(&["Subscribe", "GetTopicAttributes", "ListSubscriptionsByTopic"], TOPIC),
    same(&["ListTopics"], On::Anything),
];

const STATES: &[Row] = &[
    same(&["StartExecution", "StartSyncExecution", "DescribeStateMachine", "ListExecutions"], MACHINE),
    same(&["SendTaskSuccess", "SendTaskFailure", "SendTaskHeartbeat", "ListStateMachines"], On::Anything),
];

const KINESIS: &[Row] = &[same(
    &[
        "PutRecord",
        "PutRecords",
        "GetRecords",
        "GetShardIterator",
        "DescribeStream",
        "DescribeStreamSummary",
        "ListShards",
    ],
    STREAM,
)];

const SES: &[Row] = &[same(
    &["SendEmail", "SendRawEmail", "SendTemplatedEmail", "SendBulkTemplatedEmail", "SendBulkEmail"],
    On::Anything,
)];

const METRICS: &[Row] =
    &[same(&["PutMetricData", "GetMetricData", "GetMetricStatistics", "ListMetrics"], On::Anything)];
