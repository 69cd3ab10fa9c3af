//! Lambda authorizers.

use burgward_edge::{GatewayConfig, InvokeFailure};
use burgward_template::model::{AuthorizerKind, IdentitySource, PayloadFormat, ResourcePolicy};
use serde_json::{Value, json};

use crate::client::Client;
use crate::setup::{Behaviour, House, authorizer, http_api, policy, rest, route, span, token};

const ALL: &str = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/Prod/*";
const GOOD: [(&str, &str); 1] = [("Authorization", "Bearer good")];
const UNAUTHORIZED: &str = r#"401 {"message":"Unauthorized"}"#;
const DENIED: &str = r#"403 {"Message":"User is not authorized to access this resource"}"#;
const DENIED_EXPLICITLY: &str =
    r#"403 {"Message":"User is not authorized to access this resource with an explicit deny"}"#;

fn guarded(kind: AuthorizerKind, ttl: u32) -> GatewayConfig {
    let mut config = rest(vec![route("GET", "/a"), route("GET", "/b"), route("GET", "/open")]);
    config.api.authorizers = vec![authorizer(kind, ttl)];
    config.api.routes.iter_mut().take(2).for_each(|route| route.authorizer = Some("Auth".into()));
    config
}

async fn open(kind: AuthorizerKind, ttl: u32, answer: Behaviour) -> House {
    let house = House::open(guarded(kind, ttl)).await;
    house.functions.answer("AuthFn", answer);
    house
}

#[tokio::test]
async fn a_token_opens_what_its_policy_allows() {
    let house = open(token(None), 0, Ok((policy("Allow", &ALL.replace("/*", "/GET/a")), None))).await;
    let mut client = house.client().await;
    assert_eq!(client.send("GET", "/Prod/a", &GOOD, "").await.text(), "200 ok");
    let record = house.record();
    assert_eq!(record.decisions.len(), 1);
    assert_eq!((record.decisions[0].effect.as_str(), record.detail["authorizer"].as_str()), ("Allow", Some("Auth")));
    let event = &house.functions.events("AuthFn")[0];
    insta::assert_snapshot!(event.to_string(), @r#"{"type":"TOKEN","methodArn":"arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/Prod/GET/a","authorizationToken":"Bearer good"}"#);
    let context = &house.functions.events("Fn")[0]["requestContext"]["authorizer"];
    insta::assert_snapshot!(context.to_string(), @r#"{"tier":"gold","limit":"5","beta":"true","principalId":"bob","integrationLatency":0}"#);
    assert_eq!(client.send("GET", "/Prod/b", &GOOD, "").await.text(), DENIED);
    assert_eq!(house.stopped_by().as_deref(), Some("authorizer"));
    assert_eq!(client.get("/Prod/open").await.text(), "200 ok");
    assert_eq!(house.functions.events("AuthFn").len(), 2);
}

#[tokio::test]
async fn denials() {
    let house = open(token(None), 0, Ok((policy("Deny", ALL), None))).await;
    let answer = house.client().await.send("GET", "/Prod/a", &GOOD, "").await;
    assert_eq!(answer.text(), DENIED_EXPLICITLY);
    assert_eq!(answer.header("x-amzn-errortype"), "AccessDeniedException");
    assert!(house.functions.events("Fn").is_empty());
}

#[tokio::test]
async fn two_tokens_are_one_too_many() {
    let house = open(token(None), 300, Ok((policy("Allow", ALL), None))).await;
    for mut client in [house.client().await, house.client_h2().await] {
        let two = [("Authorization", "Bearer bad"), ("Authorization", "Bearer good")];
        let answer = client.send("GET", "/Prod/a", &two, "").await;
        assert_eq!(answer.text(), r#"400 {"message":"Bad Request"}"#);
        assert_eq!(house.stopped_by().as_deref(), Some("authorizer"));
        assert_eq!(client.send("GET", "/Prod/open", &two, "").await.text(), "200 ok");
        house.recorder.take();
    }
    assert!(house.functions.events("AuthFn").is_empty());
}

#[tokio::test]
async fn missing_or_invalid_tokens_do_not_reach_the_authorizer() {
    let house = open(token(Some("^Bearer [a-z]+$")), 300, Ok((policy("Allow", ALL), None))).await;
    let mut client = house.client().await;
    for headers in
        [&[][..], &[("Authorization", "")], &[("Authorization", "Basic x")], &[("X-Authorization", "Bearer good")]]
    {
        let answer = client.send("GET", "/Prod/a", headers, "").await;
        assert_eq!(answer.text(), UNAUTHORIZED, "{headers:?}");
        assert_eq!(answer.header("x-amzn-errortype"), "UnauthorizedException");
    }
    assert!(house.functions.events("AuthFn").is_empty());
    assert_eq!(client.send("GET", "/Prod/a", &GOOD, "").await.text(), "200 ok");
}

#[tokio::test]
async fn nothing_but_an_answer_opens_the_gateway() {
    let broken = r#"500 {"message":null}"#;
    let with = |field: &str, value: Value| {
        let mut answer = policy("Allow", ALL);
        answer[field] = value;
        Ok((answer, None))
    };
    let without = |field: &str| {
        let mut answer = policy("Allow", ALL);
        answer.as_object_mut().unwrap().remove(field);
        Ok((answer, None))
    };
    let cases: Vec<(Behaviour, &str)> = vec![
        (Ok((json!(null), None)), broken),
        (Ok((json!("Allow"), None)), broken),
        (Ok((json!({"isAuthorized": true}), None)), broken),
        (Ok((json!({"statusCode": 200}), None)), broken),
        (without("principalId"), broken),
        (without("policyDocument"), broken),
        (with("policyDocument", json!({"Statement": "Allow"})), broken),
        (with("context", json!({"nested": {"a": 1}})), broken),
        (with("context", json!([1])), broken),
        (Ok((policy("Allow", ALL), Some("Unhandled"))), broken),
        (Ok((json!({"errorMessage": "boom"}), Some("Unhandled"))), broken),
        (Ok((json!({"errorMessage": "Unauthorized"}), Some("Unhandled"))), UNAUTHORIZED),
        (Err(InvokeFailure::Throttled), broken),
        (Err(InvokeFailure::Forbidden), broken),
        (Err(InvokeFailure::Platform("down".into())), broken),
    ];
    for (behaviour, expected) in cases {
        let house = open(token(None), 300, behaviour.clone()).await;
        let mut client = house.client().await;
        // Twice: an error is not kept either.
        for _ in 0..2 {
            let answer = client.send("GET", "/Prod/a", &GOOD, "").await;
            assert_eq!(answer.text(), expected, "{behaviour:?}");
        }
        assert!(house.functions.events("Fn").is_empty(), "{behaviour:?}");
        assert_eq!(house.functions.events("AuthFn").len(), 2);
    }
}

#[tokio::test]
async fn results_are_kept_by_identity_and_weighed_anew() {
    let house = open(token(None), 300, Ok((policy("Allow", &ALL.replace("/*", "/GET/a")), None))).await;
    let mut client = house.client().await;
    let mut seen = Vec::new();
    for (path, token, wait) in [
        ("/Prod/a", "one", 0),
        ("/Prod/a", "one", 299_999),
        ("/Prod/b", "one", 0),
        ("/Prod/a", "two", 0),
        ("/Prod/a", "one", 1),
    ] {
        house.clock.advance(wait);
        let status = client.send("GET", path, &[("Authorization", token)], "").await.status.as_u16();
        seen.push((status, house.functions.events("AuthFn").len()));
    }
    assert_eq!(seen, [(200, 1), (200, 1), (403, 1), (200, 2), (200, 3)]);
}

fn request(sources: Vec<IdentitySource>, payload_version: PayloadFormat, simple_responses: bool) -> AuthorizerKind {
    AuthorizerKind::Request { identity: sources, payload_version, simple_responses }
}

fn two_sources() -> Vec<IdentitySource> {
    vec![IdentitySource::Header("X-User".into()), IdentitySource::Query("team".into())]
}

#[tokio::test]
async fn all_identity_sources_are_needed_and_kept_apart() {
    let kind = request(two_sources(), PayloadFormat::V1, false);
    let house = open(kind, 300, Ok((policy("Allow", ALL), None))).await;
    let mut client = house.client().await;
    for (path, user) in [("/Prod/a", "bob"), ("/Prod/a?team=", "bob"), ("/Prod/a?team=x", "")] {
        assert_eq!(client.send("GET", path, &[("X-User", user)], "").await.text(), UNAUTHORIZED);
    }
    assert!(house.functions.events("AuthFn").is_empty());
    // Values that would be one if they were just joined.
    for (path, user) in [("/Prod/a?team=bc", "a"), ("/Prod/a?team=c", "ab"), ("/Prod/a?team=bc", "a")] {
        assert_eq!(client.send("GET", path, &[("X-User", user)], "").await.text(), "200 ok");
    }
    assert_eq!(house.functions.events("AuthFn").len(), 2);
    let mut event = house.functions.events("AuthFn")[0].clone();
    assert_eq!(event["methodArn"], ALL.replace("/*", "/GET/a"));
    event["requestContext"] = Value::Null;
    event["headers"] = Value::Null;
    event["multiValueHeaders"] = Value::Null;
    insta::assert_snapshot!(event.to_string(), @r#"{"type":"REQUEST","methodArn":"arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/Prod/GET/a","resource":"/a","path":"/a","httpMethod":"GET","headers":null,"multiValueHeaders":null,"queryStringParameters":{"team":"bc"},"multiValueQueryStringParameters":{"team":["bc"]},"pathParameters":{},"stageVariables":{},"requestContext":null}"#);
}

#[tokio::test]
async fn without_sources_nothing_is_kept() {
    let house = open(request(vec![], PayloadFormat::V1, false), 300, Ok((policy("Allow", ALL), None))).await;
    let mut client = house.client().await;
    for _ in 0..2 {
        assert_eq!(client.get("/Prod/a").await.text(), "200 ok");
    }
    assert_eq!(house.functions.events("AuthFn").len(), 2);
}

fn guarded_http(simple: bool) -> GatewayConfig {
    let mut config = http_api(vec![route("GET", "/a/{id}")]);
    config.api.authorizers = vec![authorizer(request(two_sources(), PayloadFormat::V2, simple), 0)];
    config.api.routes[0].authorizer = Some("Auth".into());
    config
}

#[tokio::test]
async fn simple_responses() {
    let house = House::open(guarded_http(true)).await;
    let mut client = house.client().await;
    assert_eq!(client.get("/a/1?team=x").await.text(), r#"401 {"message":"Unauthorized"}"#);
    let cases = [
        (json!({"isAuthorized": true, "context": {"deep": {"a": [1]}}}), None, "200 ok"),
        (json!({"isAuthorized": false}), None, r#"403 {"message":"Forbidden"}"#),
        (json!({"isAuthorized": "true"}), None, r#"500 {"message":"Internal Server Error"}"#),
        (policy("Allow", "*"), None, r#"500 {"message":"Internal Server Error"}"#),
        (json!({"isAuthorized": true}), Some("Unhandled"), r#"500 {"message":"Internal Server Error"}"#),
    ];
    for (answer, error, expected) in cases {
        house.functions.answer("AuthFn", Ok((answer.clone(), error)));
        assert_eq!(client.send("GET", "/a/1?team=x", &[("X-User", "bob")], "").await.text(), expected, "{answer}");
    }
    let event = &house.functions.events("Fn")[0];
    assert_eq!(event["requestContext"]["authorizer"], json!({"lambda": {"deep": {"a": [1]}}}));
    let mut event = house.functions.events("AuthFn")[0].clone();
    event["requestContext"] = Value::Null;
    event["headers"] = Value::Null;
    insta::assert_snapshot!(event.to_string(), @r#"{"version":"2.0","type":"REQUEST","routeArn":"arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/$default/GET/a/1","identitySource":["bob","x"],"routeKey":"GET /a/{id}","rawPath":"/a/1","rawQueryString":"team=x","headers":null,"queryStringParameters":{"team":"x"},"requestContext":null,"pathParameters":{"id":"1"}}"#);
}

#[tokio::test]
async fn policies_of_http_apis() {
    let house = House::open(guarded_http(false)).await;
    let mut client = house.client().await;
    let arn = |id: &str| format!("arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/$default/GET/a/{id}");
    house.functions.answer("AuthFn", Ok((policy("Allow", &arn("1")), None)));
    for (path, expected) in [("/a/1?team=x", "200 ok"), ("/a/2?team=x", r#"403 {"message":"Forbidden"}"#)] {
        assert_eq!(client.send("GET", path, &[("X-User", "bob")], "").await.text(), expected);
    }
}

#[tokio::test]
async fn encoded_paths_do_not_slip_past_a_policy() {
    let mut config = guarded(token(None), 300);
    config.api.routes = vec![route("GET", "/{proxy+}")];
    config.api.routes[0].authorizer = Some("Auth".into());
    let house = House::open(config).await;
    let mut answer = policy("Allow", ALL);
    let deny = json!({"Action": "execute-api:Invoke", "Effect": "Deny", "Resource": ALL.replace("/*", "/GET/admin*")});
    answer["policyDocument"]["Statement"].as_array_mut().unwrap().push(deny);
    house.functions.answer("AuthFn", Ok((answer, None)));
    let mut client = house.client().await;
    for path in ["/Prod/admin", "/Prod/%61dmin", "/Prod/ad%6Din/x"] {
        assert_eq!(client.send("GET", path, &GOOD, "").await.text(), DENIED_EXPLICITLY, "{path}");
    }
    assert_eq!(client.send("GET", "/Prod/user", &GOOD, "").await.text(), "200 ok");
}

/// An authorizer that allows all but `denied`, in front of `ANY` routes.
async fn all_but(mut config: GatewayConfig, ttl: u32, denied: &[&str]) -> House {
    config.api.authorizers = vec![authorizer(token(None), ttl)];
    for route in &mut config.api.routes {
        route.authorizer = Some("Auth".into());
    }
    let stage = config.api.stage.name.clone();
    let house = House::open(config).await;
    let arn = |path: &&str| format!("arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/{stage}/{path}");
    let mut answer = policy("Allow", "*");
    let denied: Vec<String> = denied.iter().map(arn).collect();
    let deny = json!({"Action": "execute-api:Invoke", "Effect": "Deny", "Resource": denied});
    answer["policyDocument"]["Statement"].as_array_mut().unwrap().push(deny);
    house.functions.answer("AuthFn", Ok((answer, None)));
    house
}

/// `GET` is denied, what is no method of API Gateway's is unknown, and the others pass.
async fn methods(client: &mut Client, path: &str, unknown: &str) {
    assert_eq!(client.send("GET", path, &GOOD, "").await.status, 403);
    for method in ["get", "Get", "gET", "PURGE", "TRACE", "PROPFIND", "ANY", "*"] {
        assert_eq!(client.send(method, path, &GOOD, "").await.text(), unknown, "{method} {path}");
    }
    for method in ["DELETE", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"] {
        assert_eq!(client.send(method, path, &GOOD, "").await.status, 200, "{method} {path}");
    }
}

#[tokio::test]
async fn other_spellings_of_a_method_do_not_slip_past_a_policy() {
    let rest = rest(vec![route("ANY", "/any"), route("ANY", "/{proxy+}")]);
    let http = http_api(vec![route("ANY", "/any"), route("ANY", "$default")]);
    let cases = [
        (rest, "/Prod", r#"403 {"message":"Missing Authentication Token"}"#),
        (http, "", r#"404 {"message":"Not Found"}"#),
    ];
    for (config, stage, unknown) in cases {
        let house = all_but(config, 300, &["GET/*"]).await;
        for path in ["/any", "/other"] {
            let path = format!("{stage}{path}");
            methods(&mut house.client().await, &path, unknown).await;
            methods(&mut house.client_h2().await, &path, unknown).await;
        }
        assert!(house.functions.events("Fn").iter().all(|event| !event.to_string().contains("PURGE")));
    }
}

#[tokio::test]
async fn other_spellings_of_a_path_do_not_slip_past_a_policy() {
    let routes = || {
        vec![route("ANY", "/any"), route("GET", "/a@b"), route("GET", "/users/{id}"), route("GET", "/files/{proxy+}")]
    };
    let denied = ["GET/any", "GET/a@b", "GET/users/@me", "GET/files/x"];
    let rest = all_but(rest(routes()), 300, &denied).await;
    let mut client = rest.client().await;
    for path in
        ["/any", "/any/", "/a@b", "/a%40b", "/a@b/", "/users/@me", "/users/%40me/", "/users/%40%6de", "/files/x/"]
    {
        let answer = client.send("GET", &format!("/Prod{path}"), &GOOD, "").await;
        assert_eq!(answer.text(), DENIED_EXPLICITLY, "{path}");
    }
    assert_eq!(client.send("GET", "/Prod/users/me/", &GOOD, "").await.text(), "200 ok");
    // HTTP APIs route a path that ends in a slash elsewhere, or nowhere.
    let http = all_but(http_api(routes()), 300, &denied).await;
    let mut client = http.client().await;
    for path in ["/any", "/a@b", "/a%40b", "/users/@me", "/users/%40me", "/files/%78"] {
        assert_eq!(client.send("GET", path, &GOOD, "").await.text(), r#"403 {"message":"Forbidden"}"#, "{path}");
    }
    for path in ["/any/", "/a%40b/", "/users/@me/"] {
        assert_eq!(client.send("GET", path, &GOOD, "").await.text(), r#"404 {"message":"Not Found"}"#, "{path}");
    }
}

#[tokio::test]
async fn a_path_is_no_wildcard_in_the_policy_that_repeats_it() {
    let mut config = rest(vec![route("GET", "/users/{id}")]);
    config.api.authorizers = vec![authorizer(token(None), 0)];
    config.api.routes[0].authorizer = Some("Auth".into());
    let house = House::open(config).await;
    house.functions.answer("AuthFn", Ok((policy("Allow", ALL), None)));
    house.client().await.send("GET", "/Prod/users/*", &GOOD, "").await;
    assert_eq!(house.functions.events("AuthFn")[0]["methodArn"], ALL.replace("/*", "/GET/users/%2A"));
}

#[tokio::test]
async fn resource_policies() {
    let mut config = rest(vec![route("GET", "/a")]);
    let statement = |effect: &str, address: &str| {
        json!({"Effect": effect, "Principal": "*", "Action": "execute-api:Invoke", "Resource": ALL,
               "Condition": {"IpAddress": {"aws:SourceIp": address}}})
    };
    let with = |statements: Value| {
        let document = json!({"Version": "2012-10-17", "Statement": statements});
        Some(ResourcePolicy { document, span: span(), statement_spans: Vec::new() })
    };
    let refused = "403 {\"Message\":\"User: anonymous is not authorized to perform: execute-api:Invoke on resource: \
                   arn:aws:execute-api:eu-west-1:********9012:a1b2c3d4e5/Prod/GET/a";
    let allow = statement("Allow", "127.0.0.0/8");
    let cases = [
        (json!([allow]), "200 ok".to_owned()),
        (json!([statement("Allow", "10.0.0.0/8")]), format!("{refused}\"}}")),
        (json!([allow, statement("Deny", "127.0.0.1/32")]), format!("{refused} with an explicit deny\"}}")),
    ];
    for (statements, expected) in cases {
        config.api.resource_policy = with(statements);
        let house = House::open(config.clone()).await;
        assert_eq!(house.client().await.get("/Prod/a").await.text(), expected);
    }
}

#[tokio::test]
async fn the_subject_of_a_token_is_no_user_of_the_account() {
    let mut config = rest(vec![route("GET", "/a"), route("GET", "/public")]);
    config.api.authorizers = vec![authorizer(token(None), 0)];
    config.api.routes.iter_mut().for_each(|route| route.authorizer = Some("Auth".into()));
    let document = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "execute-api:Invoke",
        "Principal": {"AWS": "arn:aws:iam::123456789012:user/bob"}, "Resource": ALL}]});
    config.api.resource_policy = Some(ResourcePolicy { document, span: span(), statement_spans: Vec::new() });
    let house = House::open(config).await;
    house.functions.answer("AuthFn", Ok((policy("Allow", &ALL.replace("/*", "/GET/public")), None)));
    let mut client = house.client().await;
    assert_eq!(client.send("GET", "/Prod/a", &GOOD, "").await.text(), DENIED);
    assert_eq!(client.send("GET", "/Prod/public", &GOOD, "").await.text(), "200 ok");
}
