//! What functions answer, and what clients get of it.

use burgward_edge::InvokeFailure;
use burgward_template::model::ApiKind;
use serde_json::{Value, json};

use crate::setup::{House, config, http_api, rest, route};

async fn answer(house: &House, value: Value) -> crate::client::Answer {
    house.functions.answer("Fn", Ok((value, None)));
    house.client().await.get(if house.serving.local_addr().port() == 0 { "" } else { "/Prod" }).await
}

#[tokio::test]
async fn rest_answers() {
    let house = House::open(rest(vec![route("ANY", "/")])).await;
    let value = json!({
        "statusCode": "201",
        "headers": {"X-One": "1", "X-Both": "lost", "Content-Type": "text/html", "WWW-Authenticate": "Basic", "x-amzn-RequestId": "forged", "Connection": "close"},
        "multiValueHeaders": {"X-Both": ["a", "b"], "Set-Cookie": ["x=1", "y=2"]},
        "body": "<p>",
        "isBase64Encoded": false,
    });
    let answer = answer(&house, value).await;
    assert_eq!(answer.text(), "201 <p>");
    let mut lines: Vec<String> = answer
        .headers
        .iter()
        .filter(|(name, _)| !["date", "x-amzn-requestid", "x-amz-apigw-id", "x-amzn-trace-id"].contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    lines.sort();
    assert_eq!(
        lines.join("\n"),
        "content-length: 3\ncontent-type: text/html\nset-cookie: x=1\nset-cookie: y=2\nx-amzn-remapped-connection: close\nx-amzn-remapped-www-authenticate: Basic\nx-both: a\nx-both: b\nx-one: 1"
    );
    let record = house.record();
    assert_eq!(answer.header("x-amzn-requestid"), record.request_id.as_str());
    assert!(answer.header("x-amz-apigw-id").ends_with('='));
    assert!(answer.header("x-amzn-trace-id").starts_with("Root=1-6b0"), "{}", answer.header("x-amzn-trace-id"));
    assert_eq!(record.detail["stopped_by"], Value::Null);
    assert_eq!(record.detail["status"], 201);
}

#[tokio::test]
async fn rest_defaults() {
    let house = House::open(rest(vec![route("ANY", "/")])).await;
    let answer = answer(&house, json!({"body": "{}"})).await;
    assert_eq!((answer.text().as_str(), answer.header("content-type")), ("200 {}", "application/json"));
}

#[tokio::test]
async fn malformed_rest_answers_are_502() {
    let house = House::open(rest(vec![route("ANY", "/")])).await;
    let malformed = [
        json!("text"),
        json!(null),
        json!([1]),
        json!({"statusCode": "two hundred"}),
        json!({"statusCode": 99}),
        json!({"statusCode": 101}),
        json!({"statusCode": 600}),
        json!({"statusCode": 200, "body": {"a": 1}}),
        json!({"statusCode": 200, "headers": ["a"]}),
        json!({"statusCode": 200, "headers": {"a": {"b": 1}}}),
        json!({"statusCode": 200, "headers": {"a b": "1"}}),
        json!({"statusCode": 200, "headers": {"x": "1\r\nSet-Cookie: a=b"}}),
        json!({"statusCode": 200, "message": "not a field"}),
    ];
    for value in malformed {
        let answer = answer(&house, value.clone()).await;
        assert_eq!(answer.text(), r#"502 {"message": "Internal server error"}"#, "{value}");
        assert_eq!(answer.header("x-amzn-errortype"), "InternalServerErrorException");
        assert_eq!(answer.header("x-burgward-stopped-by"), "");
        assert_eq!(house.stopped_by().as_deref(), Some("invoke"));
    }
}

#[tokio::test]
async fn failures_of_the_function() {
    let failures: Vec<(crate::setup::Behaviour, &str, &str)> = vec![
        (
            Ok((json!({"errorMessage": "secret detail"}), Some("Unhandled"))),
            r#"502 {"message": "Internal server error"}"#,
            r#"500 {"message":"Internal Server Error"}"#,
        ),
        // A function error is one even if its payload looks like an answer.
        (
            Ok((json!({"statusCode": 200, "body": "x"}), Some("Handled"))),
            r#"502 {"message": "Internal server error"}"#,
            r#"500 {"message":"Internal Server Error"}"#,
        ),
        (
            Err(InvokeFailure::Throttled),
            r#"500 {"message": "Internal server error"}"#,
            r#"503 {"message":"Service Unavailable"}"#,
        ),
        (
            Err(InvokeFailure::Forbidden),
            r#"500 {"message": "Internal server error"}"#,
            r#"500 {"message":"Internal Server Error"}"#,
        ),
        (
            Err(InvokeFailure::TooLarge),
            r#"413 {"message":"Request Too Long"}"#,
            r#"413 {"message":"Request Entity Too Large"}"#,
        ),
    ];
    let rest = House::open(rest(vec![route("ANY", "/")])).await;
    let http = House::open(http_api(vec![route("ANY", "/Prod")])).await;
    for (behaviour, from_rest, from_http) in failures {
        rest.functions.answer("Fn", behaviour.clone());
        http.functions.answer("Fn", behaviour);
        assert_eq!(rest.client().await.get("/Prod").await.text(), from_rest);
        assert_eq!(http.client().await.get("/Prod").await.text(), from_http);
    }
}

#[tokio::test]
async fn a_function_that_hangs() {
    for (kind, stage, expected) in [
        (ApiKind::Rest, "Prod", r#"504 {"message": "Endpoint request timed out"}"#),
        (ApiKind::Http, "$default", r#"503 {"message":"Service Unavailable"}"#),
    ] {
        let mut config = config(kind, stage, vec![route("ANY", "/"), route("ANY", "/Prod")]);
        config.api.routes.iter_mut().for_each(|route| route.timeout_ms = 20);
        let house = House::open(config).await;
        *house.functions.hang.lock().unwrap() = true;
        assert_eq!(house.client().await.get("/Prod").await.text(), expected);
        assert_eq!(house.stopped_by().as_deref(), Some("invoke"));
    }
}

#[tokio::test]
async fn binary_answers() {
    let mut config = rest(vec![route("ANY", "/")]);
    config.api.binary_media_types = vec!["image/png".into()];
    let house = House::open(config).await;
    let value = json!({"statusCode": 200, "headers": {"Content-Type": "image/png"}, "body": "iVBORw==", "isBase64Encoded": true});
    house.functions.answer("Fn", Ok((value, None)));
    let mut client = house.client().await;
    let answer = client.send("GET", "/Prod", &[("Accept", "image/png, */*")], "").await;
    assert_eq!(answer.body, &b"\x89PNG"[..]);
    let answer = client.send("GET", "/Prod", &[("Accept", "*/*")], "").await;
    assert_eq!(answer.body, "iVBORw==");
}

#[tokio::test]
async fn http_api_answers() {
    let house = House::open(http_api(vec![route("ANY", "/Prod")])).await;
    let cases = [
        (json!("Hello"), "200 Hello", "application/json"),
        (json!({"message": "Hello"}), r#"200 {"message":"Hello"}"#, "application/json"),
        (json!([1, 2]), "200 [1,2]", "application/json"),
        (json!({"statusCode": 202, "body": "x"}), "202 x", "text/plain;charset=UTF-8"),
        (json!({"statusCode": 200, "body": "eA==", "isBase64Encoded": true}), "200 x", "text/plain;charset=UTF-8"),
        (
            json!({"statusCode": 200, "body": {"a": 1}}),
            r#"500 {"message":"Internal Server Error"}"#,
            "application/json",
        ),
        (json!({"statusCode": "x"}), r#"500 {"message":"Internal Server Error"}"#, "application/json"),
    ];
    for (value, text, media) in cases {
        let answer = answer(&house, value).await;
        assert_eq!((answer.text().as_str(), answer.header("content-type")), (text, media));
        assert_eq!(answer.header("apigw-requestid"), house.record().request_id.as_str());
    }
    let cookies = answer(&house, json!({"statusCode": 200, "cookies": ["a=1; Secure", "b=2"]})).await;
    let cookies: Vec<_> = cookies.headers.get_all("set-cookie").iter().collect();
    assert_eq!(cookies, ["a=1; Secure", "b=2"]);
}

#[tokio::test]
async fn http_api_with_format_1_0_infers_nothing() {
    let house = House::open(config(ApiKind::Http, "$default", vec![route("ANY", "/Prod")])).await;
    let answer = answer(&house, json!({"message": "Hello"})).await;
    assert_eq!(answer.text(), r#"500 {"message":"Internal Server Error"}"#);
}

#[tokio::test]
async fn records() {
    let house = House::open(rest(vec![route("GET", "/pets/{id}")])).await;
    house.client().await.send("GET", "/Prod/pets/1?token=secret", &[("User-Agent", "test/1")], "").await;
    let mut record = serde_json::to_value(house.record()).unwrap();
    record["requestId"] = "REQUEST-ID".into();
    record["source"] = "SOURCE".into();
    insta::assert_snapshot!(serde_json::to_string_pretty(&record).unwrap());
}
