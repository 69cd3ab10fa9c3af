//! Exact events.

use burgward_template::model::ApiKind;
use serde_json::Value;

use crate::setup::{House, config, http_api, rest, route};

/// The event as text, with what differs from run to run replaced.
fn shown(event: &Value, house: &House) -> String {
    let port = house.serving.local_addr().port().to_string();
    let mut event = event.clone();
    blank(&mut event, &port);
    serde_json::to_string_pretty(&event).unwrap()
}

fn blank(value: &mut Value, port: &str) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                match name.as_str() {
                    "requestId" => *field = "REQUEST-ID".into(),
                    "extendedRequestId" => *field = "EXTENDED-ID".into(),
                    "X-Amzn-Trace-Id" | "x-amzn-trace-id" => *field = "TRACE".into(),
                    _ => blank(field, port),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| blank(item, port)),
        Value::String(text) if text == port => *text = "PORT".into(),
        _ => {}
    }
}

#[tokio::test]
async fn rest_event() {
    let mut config = rest(vec![route("POST", "/pets/{id}")]);
    config.api.stage.variables = vec![("color".into(), "blue".into())];
    let house = House::open(config).await;
    let headers = [
        ("User-Agent", "test/1"),
        ("X-Custom-Thing", "one"),
        ("X-Custom-Thing", "two"),
        ("Cookie", "a=1; b=2"),
        ("X-Forwarded-For", "6.6.6.6"),
        ("X-Amzn-Trace-Id", "Root=forged"),
        ("Connection", "keep-alive, X-Hop"),
        ("X-Hop", "gone"),
    ];
    let body = r#"{"name":"Rex"}"#;
    let answer = house.client().await.send("POST", "/Prod/pets/a%20b%2Fc?q=1&q=2%20x&empty", &headers, body).await;
    assert_eq!(answer.text(), "200 ok");
    insta::assert_snapshot!(shown(&house.functions.events("Fn")[0], &house));
}

#[tokio::test]
async fn rest_event_without_anything() {
    let house = House::open(rest(vec![route("GET", "/")])).await;
    house.client_h2().await.get("/Prod").await;
    insta::assert_snapshot!(shown(&house.functions.events("Fn")[0], &house));
}

#[tokio::test]
async fn http_api_event_2_0() {
    let house = House::open(http_api(vec![route("ANY", "/pets/{proxy+}")])).await;
    let headers = [
        ("User-Agent", "test/1"),
        ("X-Custom-Thing", "one"),
        ("X-Custom-Thing", "two"),
        ("Cookie", "a=1; b=2"),
        ("Content-Type", "application/json"),
    ];
    let path = "/pets/a%20b/c?q=1&q=2%20x&empty";
    house.client().await.send("PUT", path, &headers, "{}").await;
    insta::assert_snapshot!(shown(&house.functions.events("Fn")[0], &house));
}

#[tokio::test]
async fn http_api_event_2_0_without_anything() {
    let house = House::open(http_api(vec![route("GET", "$default")])).await;
    house.client_h2().await.get("/any/thing").await;
    insta::assert_snapshot!(shown(&house.functions.events("Fn")[0], &house));
}

#[tokio::test]
async fn http_api_event_1_0_with_a_named_stage() {
    let house = House::open(config(ApiKind::Http, "dev", vec![route("GET", "/pets/{id}")])).await;
    house.client().await.get("/dev/pets/7?x=1").await;
    insta::assert_snapshot!(shown(&house.functions.events("Fn")[0], &house));
}

#[tokio::test]
async fn binary_bodies() {
    let mut binary = rest(vec![route("POST", "/")]);
    binary.api.binary_media_types = vec!["image/*".into()];
    let house = House::open(binary).await;
    let mut client = house.client().await;
    client.send("POST", "/Prod", &[("Content-Type", "image/png")], "\u{89}PNG").await;
    client.send("POST", "/Prod", &[("Content-Type", "text/plain")], vec![0x66, 0xff]).await;
    let events = house.functions.events("Fn");
    assert_eq!((&events[0]["body"], &events[0]["isBase64Encoded"]), (&"wolQTkc=".into(), &true.into()));
    assert_eq!((&events[1]["body"], &events[1]["isBase64Encoded"]), (&"f\u{fffd}".into(), &false.into()));

    let house = House::open(http_api(vec![route("POST", "/")])).await;
    let mut client = house.client().await;
    let types = ["application/json; charset=utf-8", "text/csv", "application/x-www-form-urlencoded", "image/png"];
    for media in types {
        client.send("POST", "/", &[("Content-Type", media)], "a=1").await;
    }
    let encoded: Vec<Value> =
        house.functions.events("Fn").iter().map(|event| event["isBase64Encoded"].clone()).collect();
    assert_eq!(encoded, [false, false, true, true]);
}

#[tokio::test]
async fn names_keep_the_spelling_of_http_1_clients() {
    let house = House::open(rest(vec![route("GET", "/")])).await;
    let bytes = b"GET /Prod HTTP/1.1\r\nhost: localhost\r\nX-MiXed: 1\r\nauthorization: t\r\nx-low: 2\r\nConnection: close\r\n\r\n";
    crate::client::raw(house.serving.local_addr(), house.ca.certificate_der(), bytes).await;
    let event = &house.functions.events("Fn")[0];
    let names: Vec<&String> = event["headers"].as_object().unwrap().keys().collect();
    let ours = ["X-Amzn-Trace-Id", "X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto"];
    let theirs: Vec<&str> = names.iter().map(|name| name.as_str()).filter(|name| !ours.contains(name)).collect();
    assert_eq!(theirs, ["Host", "X-MiXed", "Authorization", "x-low"]);
}
