//! Keys, throttles, quotas, sizes.

use std::sync::Arc;
use std::time::Duration;

use burgward_edge::{AccountLimits, ListenLimits};
use burgward_template::model::{MethodThrottle, Quota, QuotaPeriod, Throttle};
use serde_json::json;

use crate::client::raw;
use crate::curl::Curl;
use crate::setup::{House, authorizer, http_api, plan, policy, rest, route, token};

const TOO_MANY: &str = r#"429 {"message":"Too Many Requests"}"#;

#[tokio::test]
async fn api_keys() {
    let mut config = rest(vec![route("GET", "/a"), route("GET", "/open")]);
    config.api.routes[0].api_key_required = true;
    config.usage_plans = vec![plan(None, None)];
    let house = House::open(config).await;
    let mut client = house.client().await;
    for headers in [&[][..], &[("X-Api-Key", "wrong")], &[("X-Api-Key", "switched-off")], &[("X-Api-Key", "")]] {
        let answer = client.send("GET", "/Prod/a", headers, "").await;
        assert_eq!(answer.text(), r#"403 {"message":"Forbidden"}"#, "{headers:?}");
        assert_eq!(answer.header("x-amzn-errortype"), "ForbiddenException");
        assert_eq!(house.stopped_by().as_deref(), Some("api-key"));
    }
    assert_eq!(client.get("/Prod/open").await.text(), "200 ok");
    house.recorder.take();
    assert_eq!(client.send("GET", "/Prod/a", &[("X-Api-Key", "open-sesame")], "").await.text(), "200 ok");
    let record = house.record();
    assert_eq!(record.detail["apiKeyId"], "key01");
    assert!(!serde_json::to_string(&record).unwrap().contains("open-sesame"));
    let identity = &house.functions.events("Fn")[1]["requestContext"]["identity"];
    assert_eq!((&identity["apiKey"], &identity["apiKeyId"]), (&"open-sesame".into(), &"key01".into()));
}

#[tokio::test]
async fn a_key_of_another_stage_opens_nothing() {
    let mut config = rest(vec![route("GET", "/a")]);
    config.api.routes[0].api_key_required = true;
    let mut other = plan(None, None);
    other.plan.stages[0].stage = "Test".into();
    config.usage_plans = vec![other];
    let house = House::open(config).await;
    let answer = house.client().await.send("GET", "/Prod/a", &[("X-Api-Key", "open-sesame")], "").await;
    assert_eq!(answer.text(), r#"403 {"message":"Forbidden"}"#);
}

#[tokio::test]
async fn throttle_and_quota_of_a_plan() {
    let mut config = rest(vec![route("GET", "/a")]);
    config.api.routes[0].api_key_required = true;
    let quota = Quota { limit: 3, period: QuotaPeriod::Day, offset: 0 };
    config.usage_plans = vec![plan(Some(Throttle { rate: 1.0, burst: 2 }), Some(quota))];
    let house = House::open(config).await;
    let mut client = house.client().await;
    let mut seen = Vec::new();
    for wait in [0, 0, 0, 1000, 1000, 11 * 3_600_000, 3_600_000] {
        house.clock.advance(wait);
        seen.push(client.send("GET", "/Prod/a", &[("x-api-key", "open-sesame")], "").await.text());
    }
    let limit = r#"429 {"message":"Limit Exceeded"}"#;
    assert_eq!(seen, ["200 ok", "200 ok", TOO_MANY, "200 ok", limit, limit, "200 ok"]);
    let stopped: Vec<_> = house.recorder.take().iter().map(|record| record.detail["stopped_by"].clone()).collect();
    assert_eq!(stopped[2], "throttle");
    assert_eq!(stopped[4], "quota");
}

#[tokio::test]
async fn throttles_of_stage_and_method() {
    let mut config = rest(vec![route("GET", "/a"), route("GET", "/b")]);
    config.api.stage.throttle = Some(Throttle { rate: 1.0, burst: 1 });
    config.api.routes[1].throttle = Some(Throttle { rate: 1.0, burst: 2 });
    let house = House::open(config).await;
    let mut client = house.client().await;
    let mut seen = Vec::new();
    for path in ["/Prod/a", "/Prod/a", "/Prod/b", "/Prod/b", "/Prod/b"] {
        seen.push(client.get(path).await.text());
    }
    assert_eq!(seen, ["200 ok", TOO_MANY, "200 ok", "200 ok", TOO_MANY]);
    house.clock.advance(1000);
    assert_eq!(client.get("/Prod/a").await.text(), "200 ok");
}

#[tokio::test]
async fn a_throttle_of_zero_lets_nothing_through() {
    let mut config = http_api(vec![route("GET", "/a")]);
    config.api.stage.throttle = Some(Throttle { rate: 0.0, burst: 0 });
    let house = House::open(config).await;
    assert_eq!(house.client().await.get("/a").await.text(), TOO_MANY);
}

#[tokio::test]
async fn bodies_over_the_limit() {
    let house = House::open(rest(vec![route("POST", "/")])).await;
    let body = vec![b'a'; 10 * 1024 * 1024 + 1];
    for mut client in [house.client().await, house.client_h2().await] {
        let answer = client.send("POST", "/Prod", &[], body.clone()).await;
        assert_eq!(answer.text(), r#"413 {"message":"Request Too Long"}"#);
        assert_eq!(house.stopped_by().as_deref(), Some("validation"));
    }
    // Within the gateway's limit, but over Lambda's.
    let answer = house.client().await.send("POST", "/Prod", &[], vec![b'a'; 7 * 1024 * 1024]).await;
    assert_eq!(answer.text(), r#"413 {"message":"Request Too Long"}"#);
    assert_eq!(house.stopped_by().as_deref(), Some("invoke"));
    assert!(house.functions.events("Fn").is_empty());
}

/// curl sends while it is answered; whoever cuts its upload off at once takes the answer from it.
#[tokio::test]
async fn curl_reads_the_answer_to_a_body_over_the_limit() {
    let house = House::open(rest(vec![route("POST", "/")])).await;
    let Some(curl) = Curl::found(&house) else { return };
    let (over, far_over) = (10 * 1024 * 1024 + 1, 64 * 1024 * 1024);
    let unknown_length = ["--http2", "--header", "Transfer-Encoding: chunked"];
    for size in [over, far_over] {
        for arguments in [&["--http2"][..], &unknown_length, &["--http1.1"]] {
            let (ended, text) = curl.post("/Prod", size, arguments).await;
            assert_eq!(text, r#"{"message":"Request Too Long"} 413"#, "{arguments:?} {size}: {ended}");
        }
    }
    // The same of a refusal that does not look at the body at all.
    let (ended, text) = curl.post("/nowhere", over, &[]).await;
    assert_eq!(text, r#"{"message":"Forbidden"} 403"#, "{ended}");
    assert!(house.functions.events("Fn").is_empty());
}

#[tokio::test]
async fn heads_over_the_limit() {
    let house = House::open(rest(vec![route("GET", "/")])).await;
    let value = "a".repeat(10_240);
    for mut client in [house.client().await, house.client_h2().await] {
        let answer = client.send("GET", "/Prod", &[("X-Big", &value)], "").await;
        assert_eq!(answer.status, 431);
        assert_eq!(house.stopped_by().as_deref(), Some("limits"));
    }
    assert_eq!(house.client().await.send("GET", "/Prod", &[("X-Big", &value[..9_000])], "").await.text(), "200 ok");
}

/// A house in which bodies, events and answers may take so many bytes.
async fn small(memory: usize) -> House {
    let account = Arc::new(AccountLimits::with_memory(memory));
    House::open_sharing(rest(vec![route("POST", "/")]), ListenLimits::default(), account).await
}

const UNAVAILABLE: &str = r#"503 {"message":"Service Unavailable"}"#;

#[tokio::test]
async fn bodies_take_no_more_memory_than_there_is_and_give_it_back() {
    let house = small(64 * 1024).await;
    for mut client in [house.client().await, house.client_h2().await] {
        for _ in 0..20 {
            assert_eq!(client.send("POST", "/Prod", &[], vec![b'a'; 12 * 1024]).await.text(), "200 ok");
            house.functions.calls.lock().unwrap().clear();
        }
        house.recorder.take();
        for size in [30, 70, 5000] {
            let answer = client.send("POST", "/Prod", &[], vec![b'a'; size * 1024]).await;
            assert_eq!(answer.text(), UNAVAILABLE, "{size}");
            assert_eq!(house.stopped_by().as_deref(), Some("limits"));
        }
        assert!(house.functions.events("Fn").is_empty());
    }
    assert_eq!(house.client().await.send("POST", "/Prod", &[], vec![b'a'; 12 * 1024]).await.text(), "200 ok");
}

#[tokio::test]
async fn an_event_counts_while_its_function_works() {
    let house = small(64 * 1024).await;
    *house.functions.hang.lock().unwrap() = true;
    let mut first = house.client().await;
    let waiting =
        tokio::time::timeout(Duration::from_millis(300), first.send("POST", "/Prod", &[], vec![b'a'; 20 * 1024]));
    assert!(waiting.await.is_err());
    assert_eq!(house.functions.events("Fn").len(), 1);
    *house.functions.hang.lock().unwrap() = false;
    let mut second = house.client().await;
    assert_eq!(second.send("POST", "/Prod", &[], vec![b'a'; 20 * 1024]).await.text(), UNAVAILABLE);
    assert_eq!(second.send("POST", "/Prod", &[], "").await.text(), "200 ok");
}

#[tokio::test]
async fn answers_count_as_well() {
    let house = small(64 * 1024).await;
    let mut client = house.client().await;
    for (size, status) in [(60, 200), (60, 200), (65, 503), (60, 200)] {
        house.functions.answer("Fn", Ok((json!({"statusCode": 200, "body": "a".repeat(size * 1024)}), None)));
        let answer = client.send("POST", "/Prod", &[], "").await;
        assert_eq!(answer.status.as_u16(), status);
        assert!(status == 503 || answer.body.len() == size * 1024);
    }
}

#[tokio::test]
async fn text_that_grows_when_escaped_is_cut_off_at_the_limit_of_events() {
    let house = House::open(rest(vec![route("POST", "/")])).await;
    let answer = house.client().await.send("POST", "/Prod", &[], vec![1_u8; 2 * 1024 * 1024]).await;
    assert_eq!(answer.text(), r#"413 {"message":"Request Too Long"}"#);
    assert_eq!(house.stopped_by().as_deref(), Some("invoke"));
}

#[tokio::test]
async fn a_body_is_only_read_of_a_request_that_is_let_in() {
    let mut config = rest(vec![route("POST", "/auth"), route("POST", "/key"), route("POST", "/throttle")]);
    config.api.authorizers = vec![authorizer(token(None), 0)];
    config.api.routes[0].authorizer = Some("Auth".into());
    config.api.routes[1].api_key_required = true;
    config.api.routes[2].throttle = Some(Throttle { rate: 0.0, burst: 0 });
    let house = House::open(config).await;
    house.functions.answer("AuthFn", Ok((policy("Deny", "*"), None)));
    for (path, status) in [("auth", 403), ("key", 403), ("throttle", 429), ("nowhere", 403)] {
        // The body is announced and never sent; who waits for it does not answer.
        let head = format!(
            "POST /Prod/{path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: bad\r\nContent-Length: 9999999\r\n\r\n"
        );
        let text = raw(house.serving.local_addr(), house.ca.certificate_der(), head.as_bytes()).await;
        assert!(text.starts_with(&format!("HTTP/1.1 {status} ")), "{path}: {text}");
    }
}

#[tokio::test]
async fn apis_of_one_account_share_its_rate() {
    let account = Arc::new(AccountLimits::default());
    let open = || House::open_sharing(http_api(vec![route("GET", "/")]), ListenLimits::default(), Arc::clone(&account));
    let (first, second) = (open().await, open().await);
    let (mut one, mut other) = (first.client_h2().await, second.client_h2().await);
    // Both clocks stand still, so that the burst of 5,000 is all there is.
    for _ in 0..2_500 {
        assert_eq!(one.get("/").await.status, 200);
        assert_eq!(other.get("/").await.status, 200);
    }
    assert_eq!(one.get("/").await.text(), TOO_MANY);
    assert_eq!(other.get("/nowhere").await.text(), TOO_MANY);
    assert_eq!(House::open(http_api(vec![route("GET", "/")])).await.client().await.get("/").await.text(), "200 ok");
}

#[tokio::test]
async fn the_authorizer_does_not_run_for_everybody_at_once() {
    let mut config = rest(vec![route("GET", "/"), route("GET", "/open")]);
    config.api.authorizers = vec![authorizer(token(None), 0)];
    config.api.routes[0].authorizer = Some("Auth".into());
    let house = House::open(config).await;
    *house.functions.hang.lock().unwrap() = true;
    let mut clients = Vec::new();
    for number in 0..50 {
        let mut client = house.client().await;
        clients.push(tokio::spawn(async move {
            client.send("GET", "/Prod", &[("Authorization", &format!("random-{number}"))], "").await.text()
        }));
    }
    while house.functions.events("AuthFn").len() < 50 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let mut client = house.client().await;
    for _ in 0..9 {
        assert_eq!(client.send("GET", "/Prod", &[("Authorization", "random")], "").await.text(), TOO_MANY);
    }
    let refused = house.recorder.take();
    assert!(refused.len() == 9 && refused.iter().all(|record| record.detail["stopped_by"] == "throttle"));
    assert_eq!(house.functions.events("AuthFn").len(), 50);
    *house.functions.hang.lock().unwrap() = false;
    assert_eq!(client.get("/Prod/open").await.text(), "200 ok");
}

#[tokio::test]
async fn a_throttle_of_a_method_holds_for_any() {
    let mut config = rest(vec![route("ANY", "/a")]);
    let throttle = Throttle { rate: 1.0, burst: 1 };
    config.api.stage.method_throttles = vec![MethodThrottle { path: "/a".into(), method: "GET".into(), throttle }];
    let house = House::open(config).await;
    let mut client = house.client().await;
    assert_eq!(client.get("/Prod/a").await.text(), "200 ok");
    assert_eq!(client.get("/Prod/a").await.text(), TOO_MANY);
    assert_eq!(client.send("POST", "/Prod/a", &[], "").await.text(), "200 ok");
}
