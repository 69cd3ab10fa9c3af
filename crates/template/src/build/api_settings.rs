//! What APIs of all kinds share: throttles, CORS, stage variables.

use crate::build::props::Props;
use crate::model::{Cors, MethodThrottle, Stage, Throttle};
use crate::tree::Kind;

/// The account's limits, which hold for the half of a throttle that is not given.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>
const ACCOUNT_THROTTLE: Throttle = Throttle { rate: 10_000.0, burst: 5_000 };

/// A throttle of two properties; -1 lifts it.
pub(super) fn throttle(settings: &Props<'_>, rate: &str, burst: &str) -> Option<Throttle> {
    let lifted = |key: &str| settings.node.get(key).and_then(|n| n.scalar()).is_some_and(|t| t.starts_with('-'));
    let rate = if lifted(rate) { None } else { settings.float(rate) };
    let burst = if lifted(burst) { None } else { settings.number(burst) };
    (rate.is_some() || burst.is_some()).then(|| Throttle {
        rate: rate.unwrap_or(ACCOUNT_THROTTLE.rate),
        burst: burst.unwrap_or(ACCOUNT_THROTTLE.burst),
    })
}

/// A REST stage's `MethodSettings`: those for `/*` and `*` are the stage's.
pub(super) fn method_settings(props: &Props<'_>, stage: &mut Stage) {
    for node in props.list("MethodSettings") {
        let settings = props.inside(node);
        if settings.flag("CachingEnabled") == Some(true) {
            let message = "the response cache is not run yet";
            let kind = crate::diagnostic::RefusedKind::UnsupportedProperty;
            props.report.refuse(kind, &settings.span_of("CachingEnabled"), message, "switch it off for local runs");
        }
        let Some(throttle) = throttle(&settings, "ThrottlingRateLimit", "ThrottlingBurstLimit") else { continue };
        let path = settings.string("ResourcePath").unwrap_or_else(|| "/*".to_owned());
        let method = settings.string("HttpMethod").unwrap_or_else(|| "*".to_owned());
        if path == "/*" && method == "*" {
            stage.throttle = Some(throttle);
        } else {
            // Slashes behind the first are written `~1`.
            let path = path.replacen("/~1", "/", 1).replace("~1", "/");
            stage.method_throttles.push(MethodThrottle { path, method: method.to_uppercase(), throttle });
        }
    }
}

/// An HTTP stage's `DefaultRouteSettings` and `RouteSettings`.
pub(super) fn route_settings(props: &Props<'_>, stage: &mut Stage) {
    let of = |settings: Props<'_>| throttle(&settings, "ThrottlingRateLimit", "ThrottlingBurstLimit");
    stage.throttle = props.object("DefaultRouteSettings").and_then(of);
    for entry in props.get("RouteSettings").map_or(&[][..], |n| n.entries()) {
        if let Some(throttle) = of(props.inside(&entry.value)) {
            let (method, path) = route_key(&entry.key);
            stage.method_throttles.push(MethodThrottle { path, method, throttle });
        }
    }
}

/// `GET /pets` apart; `$default` is any method on `$default`.
pub(super) fn route_key(key: &str) -> (String, String) {
    let (method, path) = key.split_once(' ').unwrap_or(("ANY", key));
    (method.to_uppercase(), path.trim().to_owned())
}

/// Stage variables.
pub(super) fn variables(props: &Props<'_>, key: &str) -> Vec<(String, String)> {
    let entries = props.get(key).map_or(&[][..], |n| n.entries());
    entries.iter().filter_map(|e| Some((e.key.clone(), e.value.scalar()?))).collect()
}

/// SAM's `Cors` of a REST API: values are quoted twice, as mapping expressions are.
///
/// Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-corsconfiguration.html>
pub(super) fn sam_rest_cors(props: &Props<'_>) -> Option<Cors> {
    let node = props.get("Cors")?;
    if matches!(node.kind, Kind::Bool(false)) {
        return None;
    }
    let list = |key: &str| node.get(key).and_then(|n| n.scalar()).map_or_else(Vec::new, |t| unquoted_list(&t));
    let origins = node.scalar().map_or_else(|| list("AllowOrigin"), |text| unquoted_list(&text));
    let cors = Cors {
        allow_origins: if origins.is_empty() { vec!["*".to_owned()] } else { origins },
        allow_methods: list("AllowMethods"),
        allow_headers: list("AllowHeaders"),
        expose_headers: Vec::new(),
        max_age: list("MaxAge").first().and_then(|t| t.parse().ok()),
        allow_credentials: node.get("AllowCredentials").and_then(|n| n.as_bool()).unwrap_or(false),
        span: Some(node.span.clone()),
        ..Cors::default()
    };
    if cors.allow_credentials && cors.allow_origins.iter().any(|o| o == "*") {
        let hint = "name the origins that may send credentials";
        props.report.syntax(&node.span, "`AllowCredentials` cannot be true where `AllowOrigin` is `*`", hint);
    }
    Some(cors)
}

/// `CorsConfiguration` of an HTTP API, SAM's or `CloudFormation`'s.
pub(super) fn http_cors(props: &Props<'_>) -> Option<Cors> {
    let node = props.get("CorsConfiguration")?;
    match node.as_bool() {
        Some(false) => return None,
        Some(true) => {
            let any = vec!["*".to_owned()];
            return Some(Cors { allow_origins: any, span: Some(node.span.clone()), ..Cors::default() });
        }
        None => {}
    }
    let inner = props.inside(node);
    Some(Cors {
        allow_origins: inner.strings("AllowOrigins"),
        allow_methods: inner.strings("AllowMethods"),
        allow_headers: inner.strings("AllowHeaders"),
        expose_headers: inner.strings("ExposeHeaders"),
        max_age: inner.number("MaxAge"),
        allow_credentials: inner.flag("AllowCredentials").unwrap_or(false),
        span: Some(node.span.clone()),
        ..Cors::default()
    })
}

fn unquoted_list(text: &str) -> Vec<String> {
    text.trim_matches('\'').split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}
