//! A power cut: events that were acknowledged are there afterwards.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on panics, in its helpers too")]

use std::path::Path;
use std::sync::Arc;

use burgward_store::SqlStore;
use burgward_svc_logs::Logs;
use burgward_testkit::{House, PowerCut, clock, scope};
use burgward_types::Clock as _;
use burgward_vault::{RootKey, Vault};
use serde_json::{Value, json};

const DIR: &str = "LOGS_CRASH_DIR";
const GROUP: &str = "/aws/lambda/f";

fn house(dir: &Path) -> House {
    let data = dir.join("data");
    let root = RootKey::from_file_0600(&dir.join("key"), &data, true).unwrap();
    let vault = Vault::unlock(&root, &data).unwrap();
    let store = SqlStore::open(&data.join("state.db"), &vault.key("store").unwrap()).unwrap();
    House::new(Arc::new(Logs::new(Arc::new(store), clock(), scope())))
}

async fn ask(house: &House, operation: &str, body: Value) -> Value {
    house.call(&house.admin(), "logs", operation, body).await.unwrap()
}

/// Not a test by itself: what the power is taken from.
#[tokio::test]
async fn child_puts_events_for_ever() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let house = house(Path::new(&dir));
    ask(&house, "CreateLogGroup", json!({"logGroupName": GROUP})).await;
    ask(&house, "CreateLogStream", json!({"logGroupName": GROUP, "logStreamName": "s"})).await;
    for number in 0.. {
        let events = json!([{"timestamp": clock().now().0, "message": format!("event {number}")}]);
        ask(&house, "PutLogEvents", json!({"logGroupName": GROUP, "logStreamName": "s", "logEvents": events})).await;
        println!("\nacknowledged event {number}");
    }
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_by_a_power_cut() {
    let power = PowerCut::new();
    let acknowledged = power.run("child_puts_events_for_ever", DIR, 30);
    let house = house(&power.after());
    let answer = ask(&house, "FilterLogEvents", json!({"logGroupName": GROUP})).await;
    let held: Vec<&str> =
        answer["events"].as_array().unwrap().iter().map(|event| event["message"].as_str().unwrap()).collect();
    for event in &acknowledged {
        assert!(held.contains(&event.as_str()), "`{event}` was acknowledged and is lost");
    }
}
