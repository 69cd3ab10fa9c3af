//! Logs as clients see them, asked through the front, and the runtime's way in.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use std::sync::Arc;

use burgward_store::SqlStore;
use burgward_svc_logs::Logs;
use burgward_testkit::{House, clock, scope};
use burgward_types::{Clock as _, Principal, Timestamp};
use burgward_vault::Vault;
use serde_json::{Value, json};

const GROUP: &str = "/aws/lambda/f";

fn house() -> (House, Arc<Logs>, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::ephemeral().unwrap();
    let store = SqlStore::open(&dir.path().join("state.db"), &vault.key("store").unwrap()).unwrap();
    let logs = Arc::new(Logs::new(Arc::new(store), clock(), scope()));
    (House::new(logs.clone()), logs, dir)
}

async fn ask(house: &House, who: &Principal, operation: &str, body: Value) -> Result<Value, String> {
    house.call(who, "logs", operation, body).await
}

fn messages(answer: &Value) -> Vec<String> {
    answer["events"].as_array().unwrap().iter().map(|e| e["message"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn events_come_back_by_time_stream_and_pattern() {
    let (house, _, _dir) = house();
    let admin = house.admin();
    let now = clock().now().0;
    ask(&house, &admin, "CreateLogGroup", json!({"logGroupName": GROUP})).await.unwrap();
    for stream in ["a", "b"] {
        let names = json!({"logGroupName": GROUP, "logStreamName": stream});
        ask(&house, &admin, "CreateLogStream", names.clone()).await.unwrap();
        let again = ask(&house, &admin, "CreateLogStream", names).await.unwrap_err();
        assert!(again.starts_with("ResourceAlreadyExistsException"));
    }
    let put =
        |stream: &str, events: Value| json!({"logGroupName": GROUP, "logStreamName": stream, "logEvents": events});
    let one = json!([{"timestamp": now - 10, "message": "ERROR first"}, {"timestamp": now, "message": "third"}]);
    ask(&house, &admin, "PutLogEvents", put("a", one)).await.unwrap();
    let two = json!([{"timestamp": now - 5, "message": "{\"level\": \"ERROR\", \"n\": 2}"}]);
    ask(&house, &admin, "PutLogEvents", put("b", two)).await.unwrap();
    for (filter, expected) in [
        (json!({}), vec!["ERROR first", "{\"level\": \"ERROR\", \"n\": 2}", "third"]),
        (json!({"filterPattern": "ERROR -first"}), vec!["{\"level\": \"ERROR\", \"n\": 2}"]),
        (json!({"filterPattern": "{ $.n = 2 }"}), vec!["{\"level\": \"ERROR\", \"n\": 2}"]),
        (json!({"startTime": now - 5, "endTime": now - 1}), vec!["{\"level\": \"ERROR\", \"n\": 2}"]),
        (json!({"logStreamNames": ["a"]}), vec!["ERROR first", "third"]),
    ] {
        let mut body = filter;
        body["logGroupName"] = json!(GROUP);
        assert_eq!(messages(&ask(&house, &admin, "FilterLogEvents", body).await.unwrap()), expected);
    }
    let first = ask(&house, &admin, "FilterLogEvents", json!({"logGroupName": GROUP, "limit": 2})).await.unwrap();
    let next = json!({"logGroupName": GROUP, "limit": 2, "nextToken": first["nextToken"]});
    assert_eq!(messages(&ask(&house, &admin, "FilterLogEvents", next).await.unwrap()), ["third"]);
    let bad = json!({"logGroupName": GROUP, "filterPattern": "[a, b]"});
    let refused = ask(&house, &admin, "FilterLogEvents", bad).await.unwrap_err();
    assert_eq!(
        refused,
        "InvalidParameterException: Invalid filter pattern: space-delimited patterns are not served here"
    );
}

#[tokio::test]
async fn batches_are_judged() {
    let (house, _, _dir) = house();
    let admin = house.admin();
    let now = clock().now().0;
    let put = |events: Value| json!({"logGroupName": GROUP, "logStreamName": "a", "logEvents": events});
    let fine = json!([{"timestamp": now, "message": "x"}]);
    assert_eq!(
        ask(&house, &admin, "PutLogEvents", put(fine)).await.unwrap_err(),
        "ResourceNotFoundException: The specified log group does not exist."
    );
    ask(&house, &admin, "CreateLogGroup", json!({"logGroupName": GROUP})).await.unwrap();
    ask(&house, &admin, "CreateLogStream", json!({"logGroupName": GROUP, "logStreamName": "a"})).await.unwrap();
    let backwards = json!([{"timestamp": now, "message": "x"}, {"timestamp": now - 1, "message": "y"}]);
    assert!(ask(&house, &admin, "PutLogEvents", put(backwards)).await.unwrap_err().contains("chronological"));
    let hour = 3_600_000;
    let odd = json!([{"timestamp": now, "message": "x"}, {"timestamp": now + 3 * hour, "message": "y"}]);
    let answer = ask(&house, &admin, "PutLogEvents", put(odd)).await.unwrap();
    assert_eq!(answer["rejectedLogEventsInfo"], json!({"tooNewLogEventStartIndex": 1}));
    let old = json!([{"timestamp": now - 15 * 24 * hour, "message": "x"}]);
    let answer = ask(&house, &admin, "PutLogEvents", put(old)).await.unwrap();
    assert_eq!(answer["rejectedLogEventsInfo"], json!({"tooOldLogEventEndIndex": 1}));
    let all = ask(&house, &admin, "FilterLogEvents", json!({"logGroupName": GROUP})).await.unwrap();
    assert_eq!(messages(&all), ["x"]);
}

#[tokio::test]
async fn a_role_writes_its_own_group_alone() {
    let (house, _, _dir) = house();
    let role = house.role(
        "f",
        &json!([{
            "Effect": "Allow",
            "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": format!("arn:aws:logs:eu-west-1:123456789012:log-group:{GROUP}:*")
        }]),
    );
    ask(&house, &role, "CreateLogGroup", json!({"logGroupName": GROUP})).await.unwrap();
    ask(&house, &role, "CreateLogStream", json!({"logGroupName": GROUP, "logStreamName": "a"})).await.unwrap();
    for (operation, body) in [
        ("CreateLogGroup", json!({"logGroupName": "/aws/lambda/g"})),
        ("FilterLogEvents", json!({"logGroupName": GROUP})),
        ("DescribeLogGroups", json!({})),
        ("DeleteLogGroup", json!({"logGroupName": GROUP})),
    ] {
        let denied = ask(&house, &role, operation, body).await.unwrap_err();
        assert!(denied.starts_with("AccessDeniedException"), "{operation}: {denied}");
    }
}

#[tokio::test]
async fn what_functions_print_arrives_and_ends_with_its_retention() {
    let (house, logs, _dir) = house();
    let admin = house.admin();
    let sink = logs.sink();
    let (group, stream) = (Arc::from(GROUP), Arc::from("2026/11/22/[$LATEST]0001"));
    let old = clock().now().plus_millis(-2 * 24 * 3_600_000);
    sink.line(&group, &stream, old, "old line");
    sink.line(&group, &stream, clock().now(), "new line");
    let filter = json!({"logGroupName": GROUP});
    let mut shown = Vec::new();
    while shown.len() < 2 {
        tokio::task::yield_now().await;
        shown = ask(&house, &admin, "FilterLogEvents", filter.clone()).await.map(|a| messages(&a)).unwrap_or_default();
    }
    assert_eq!(shown, ["old line", "new line"]);
    let keep = json!({"logGroupName": GROUP, "retentionInDays": 1});
    ask(&house, &admin, "PutRetentionPolicy", keep).await.unwrap();
    assert_eq!(logs.sweep_expired().await.unwrap(), 1);
    assert_eq!(messages(&ask(&house, &admin, "FilterLogEvents", filter).await.unwrap()), ["new line"]);
    logs.append(GROUP, "x", &[(Timestamp(0), "y".into())]).await.unwrap();
    let groups = ask(&house, &admin, "DescribeLogGroups", json!({})).await.unwrap();
    assert_eq!(groups["logGroups"][0]["retentionInDays"], 1);
}
