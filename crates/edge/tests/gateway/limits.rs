//! Keys, throttles, quotas, sizes.

use burgward_template::model::{Quota, QuotaPeriod, Throttle};

use crate::setup::{House, http_api, plan, rest, route};

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
