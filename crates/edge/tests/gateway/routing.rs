//! Which route answers, and what happens if none does.

use burgward_template::model::{ApiKind, Cors};

use crate::setup::{House, authorizer, config, http_api, refuse, rest, route, token};

/// What the function saw as its resource, for each request.
async fn resources(house: &House, requests: &[(&str, &str)]) -> Vec<String> {
    let mut client = house.client().await;
    let mut seen = Vec::new();
    for (method, path) in requests {
        let answer = client.send(method, path, &[], "").await;
        let call = house.functions.events("Fn").pop();
        let resource =
            call.map(|event| event.get("routeKey").or(event.get("resource")).unwrap().as_str().unwrap().to_owned());
        house.functions.calls.lock().unwrap().clear();
        seen.push(resource.unwrap_or_else(|| answer.text()));
    }
    seen
}

#[tokio::test]
async fn rest_precedence() {
    let routes = vec![
        route("ANY", "/{proxy+}"),
        route("GET", "/pets/{id}"),
        route("GET", "/pets/dog"),
        route("POST", "/pets"),
        route("ANY", "/pets/{id}/toys/{proxy+}"),
    ];
    let house = House::open(rest(routes)).await;
    let requests = [
        ("GET", "/Prod/pets/dog"),
        ("GET", "/Prod/pets/%64og"),
        ("GET", "/Prod/pets/cat"),
        ("GET", "/Prod/pets/cat/"),
        ("GET", "/Prod/pets/a%2Fb"),
        ("POST", "/Prod/pets/cat"),
        ("GET", "/Prod/pets"),
        ("HEAD", "/Prod/pets/dog"),
        ("OPTIONS", "/Prod/pets/dog"),
        ("DELETE", "/Prod/pets/1/toys/2/3"),
        ("GET", "/Prod/pets/1/toys"),
        ("GET", "/Prod/other/../pets"),
        ("GET", "/Prod"),
    ];
    insta::assert_debug_snapshot!(resources(&house, &requests).await);
}

#[tokio::test]
async fn http_api_precedence() {
    let routes = vec![
        route("ANY", "/{proxy+}"),
        route("GET", "/pets/{id}"),
        route("GET", "/pets/dog"),
        route("ANY", "/{kind}/dog"),
        route("GET", "$default"),
    ];
    let house = House::open(http_api(routes)).await;
    let requests = [
        ("GET", "/pets/dog"),
        ("POST", "/pets/dog"),
        ("GET", "/pets/cat"),
        ("POST", "/pets/cat"),
        ("GET", "/pets/"),
        ("GET", "/"),
    ];
    insta::assert_debug_snapshot!(resources(&house, &requests).await);
}

#[tokio::test]
async fn no_route() {
    let house = House::open(rest(vec![route("GET", "/a")])).await;
    let mut client = house.client().await;
    let answer = client.get("/Prod/b").await;
    assert_eq!(answer.text(), r#"403 {"message":"Missing Authentication Token"}"#);
    assert_eq!(answer.header("x-amzn-errortype"), "MissingAuthenticationTokenException");
    assert_eq!(house.stopped_by().as_deref(), Some("route"));
    for path in ["/a", "/prod/a", "/Production/a", "/", "//Prod/a"] {
        assert_eq!(client.get(path).await.text(), r#"403 {"message":"Forbidden"}"#, "{path}");
    }

    let house = House::open(http_api(vec![route("GET", "/a")])).await;
    assert_eq!(house.client().await.get("/b").await.text(), r#"404 {"message":"Not Found"}"#);
    let house = House::open(config(ApiKind::Http, "dev", vec![route("GET", "/a")])).await;
    assert_eq!(house.client().await.get("/a").await.text(), r#"404 {"message":"Not Found"}"#);
    assert_eq!(house.client().await.get("/dev/a").await.text(), "200 ok");
}

#[tokio::test]
async fn foreign_hosts_are_refused() {
    let house = House::open(rest(vec![route("GET", "/")])).await;
    let mut client = house.client().await;
    for host in ["evil.example", "localhost.evil.example", "10.0.0.1", ""] {
        let answer = client.send("GET", "/Prod", &[("Host", host)], "").await;
        assert_eq!(answer.text(), r#"403 {"message":"Forbidden"}"#, "{host}");
        assert_eq!(house.stopped_by().as_deref(), Some("limits"));
    }
    for host in ["localhost:1234", "LOCALHOST", "api.localhost", "127.0.0.1:1", "[::1]:1"] {
        assert_eq!(client.send("GET", "/Prod", &[("Host", host)], "").await.text(), "200 ok", "{host}");
    }
}

fn cors() -> Cors {
    Cors {
        allow_origins: vec!["https://app.example".into()],
        allow_headers: vec!["Content-Type".into(), "Authorization".into()],
        max_age: Some(600),
        ..Cors::default()
    }
}

#[tokio::test]
async fn rest_cors_is_an_options_method() {
    let mut config = rest(vec![route("GET", "/a"), route("POST", "/a"), route("ANY", "/b")]);
    config.api.cors = Some(cors());
    let house = House::open(config).await;
    let mut client = house.client().await;
    let answer = client.send("OPTIONS", "/Prod/a", &[], "").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("access-control-allow-methods"), "GET,OPTIONS,POST");
    assert_eq!(answer.header("access-control-allow-origin"), "https://app.example");
    assert_eq!(answer.header("access-control-allow-headers"), "Content-Type,Authorization");
    assert_eq!(answer.header("access-control-max-age"), "600");
    let answer = client.get("/Prod/a").await;
    assert_eq!(answer.header("access-control-allow-origin"), "", "the function answers for itself");
}

#[tokio::test]
async fn rest_preflights_pass_the_authorizer_they_are_given() {
    let mut config = rest(vec![route("GET", "/a")]);
    config.api.authorizers = vec![authorizer(token(None), 0)];
    config.api.cors = Some(Cors { preflight_authorizer: Some("Auth".into()), ..cors() });
    let house = House::open(config).await;
    let answer = house.client().await.send("OPTIONS", "/Prod/a", &[], "").await;
    assert_eq!(answer.text(), r#"401 {"message":"Unauthorized"}"#);
}

#[tokio::test]
async fn http_api_cors_is_the_gateways() {
    let mut config = http_api(vec![route("GET", "/a")]);
    config.api.cors = Some(Cors { allow_methods: vec!["GET".into()], ..cors() });
    let house = House::open(config).await;
    let mut client = house.client().await;
    let preflight = |origin| [("Origin", origin), ("Access-Control-Request-Method", "GET")];
    let answer = client.send("OPTIONS", "/nowhere", &preflight("https://app.example"), "").await;
    assert_eq!((answer.status.as_u16(), answer.header("access-control-allow-methods")), (204, "GET"));
    assert_eq!(answer.header("access-control-allow-origin"), "https://app.example");
    let answer = client.send("OPTIONS", "/a", &preflight("https://evil.example"), "").await;
    assert_eq!((answer.status.as_u16(), answer.header("access-control-allow-origin")), (204, ""));
    let own = serde_json::json!({"statusCode": 200, "headers": {"Access-Control-Allow-Origin": "*"}, "body": ""});
    house.functions.answer("Fn", Ok((own, None)));
    let answer = client.send("GET", "/a", &[("Origin", "https://evil.example")], "").await;
    assert_eq!(answer.header("access-control-allow-origin"), "");
    let answer = client.send("GET", "/a", &[("Origin", "https://app.example")], "").await;
    assert_eq!(answer.header("access-control-allow-origin"), "https://app.example");
}

#[test]
fn what_cannot_be_enforced_is_not_served() {
    let mut unknown = rest(vec![route("GET", "/")]);
    unknown.api.routes[0].authorizer = Some("Nobody".into());
    insta::assert_snapshot!(refuse(unknown), @"the route `/` names the authorizer `Nobody`, which `Api` does not define");
    insta::assert_snapshot!(refuse(rest(vec![route("GET", "/{proxy+}/x")])), @"`/{proxy+}/x` of `Api` cannot be enforced: a greedy variable has to be the last part");
    let mut pattern = rest(vec![]);
    pattern.api.authorizers = vec![authorizer(token(Some("(")), 0)];
    assert_eq!(
        refuse(pattern).to_string(),
        "`Auth` of `Api` cannot be enforced: its validation expression is unusable: regex parse error:\n    (\n    ^\nerror: unclosed group"
    );
    let mut cached = rest(vec![route("GET", "/")]);
    cached.api.stage.cache_ttl_secs = Some(300);
    insta::assert_snapshot!(refuse(cached), @r"
    `response cache` of `Api` cannot be enforced: answers are not cached yet
      hint: switch the stage's cache off for local runs
    ");
}
