//! A flood: more requests than a customer needs, for a few seconds at most.

use std::time::{Duration, Instant};

use futures_util::stream::{FuturesUnordered, StreamExt as _};
use serde_json::json;

use crate::normal::Normal;
use crate::report::{Attack, Attacker, OnAws, StoppedBy};
use crate::scene::Scene;
use burgward_template::model::{Api, Throttle};

const SPAN: Duration = Duration::from_secs(3);
/// On a busy machine a declared throttle takes longer to reach.
const LONGEST: Duration = Duration::from_secs(8);
/// How long an answer may take while nobody else is answered either.
const GRACE: Duration = Duration::from_secs(3);
const WORKERS: usize = 8;
const REQUESTS: usize = 300;
const MOST_REQUESTS: usize = 2000;

/// Floods one route of each API, one API after the other, as a customer.
pub(crate) async fn all(scene: &Scene<'_>) -> Vec<Attack> {
    let mut attacks = Vec::new();
    for api in &scene.app.apis {
        let of_api = scene.normals.iter().filter(|normal| normal.api == api.logical_id);
        // A request that the code gives up on early floods best; one with a body can be made so.
        if let Some(normal) = of_api.max_by_key(|normal| normal.body.is_some()) {
            attacks.push(flood(scene, api, normal).await);
        }
    }
    attacks
}

/// The throttle that holds for a request: the route's, the method's, the stage's or the usage plan's.
fn throttle(scene: &Scene<'_>, api: &Api, normal: &Normal) -> Option<Throttle> {
    let route = scene.route(normal)?;
    let method = api.stage.method_throttles.iter().find(|throttle| throttle.path == route.path);
    let plan = scene
        .app
        .usage_plans
        .iter()
        .filter(|_| route.api_key_required)
        .find_map(|plan| plan.throttle.filter(|_| plan.stages.iter().any(|stage| stage.api == api.logical_id)));
    route.throttle.or(plan).or(method.map(|method| method.throttle)).or(api.stage.throttle)
}

#[derive(Default)]
struct Tally {
    sent: usize,
    throttled: usize,
    refused: usize,
    failed: usize,
}

async fn flood(scene: &Scene<'_>, api: &Api, normal: &Normal) -> Attack {
    let throttle = throttle(scene, api, normal);
    let cheap = Normal { body: normal.body.as_ref().map(|_| json!({}).to_string()), ..normal.clone() };
    let (tally, took) = pour(scene, &cheap, throttle).await;
    let served = tally.sent - tally.throttled - tally.refused - tally.failed;
    // A throttle that was not reached is not overcome.
    let allowed = throttle.map(|throttle| f64::from(throttle.burst) + throttle.rate * took.as_secs_f64());
    let beyond = allowed.is_none_or(|allowed| f64::from(u32::try_from(tally.sent).unwrap_or(u32::MAX)) > allowed);
    // A flood that nobody held back went through, all the more if the app no longer answers.
    let through = tally.throttled == 0 && tally.refused == 0 && served > 0 && beyond;
    let stopped_by = match &tally {
        _ if through => StoppedBy::None,
        Tally { throttled: 1.., .. } => StoppedBy::GatewayThrottle,
        Tally { refused: 1.., .. } => StoppedBy::GatewayAuthorizer,
        _ => StoppedBy::None,
    };
    let unclear = if tally.throttled == 0 && !beyond { "; the declared throttle was not reached" } else { "" };
    Attack {
        id: format!("flood/{}", normal.target()),
        attacker: Attacker::Customer,
        target: normal.target(),
        tried: format!("{} requests in {:.1} s", tally.sent, took.as_secs_f64()),
        came_back: format!(
            "{served} served, {} throttled, {} refused, {} unanswered{unclear}",
            tally.throttled, tally.refused, tally.failed
        ),
        through,
        stopped_by,
        on_aws: if through { OnAws::Needs("a throttle on the stage or a usage plan".into()) } else { OnAws::Holds },
        place: Some(api.span.place()),
    }
}

/// How many requests are too many after some time.
fn goal(throttle: Option<Throttle>, elapsed: Duration) -> usize {
    let Some(throttle) = throttle else { return REQUESTS };
    let allowed = f64::from(throttle.burst) + throttle.rate * elapsed.max(SPAN).as_secs_f64();
    // Counted up instead of converted: a float may be anything.
    let beyond = (0..MOST_REQUESTS).find(|count| f64::from(u32::try_from(*count).unwrap_or(u32::MAX)) > allowed * 1.2);
    beyond.unwrap_or(MOST_REQUESTS).max(REQUESTS)
}

async fn pour(scene: &Scene<'_>, normal: &Normal, throttle: Option<Throttle>) -> (Tally, Duration) {
    let key = scene.route(normal).is_some_and(|route| route.api_key_required);
    let key = scene.target.api_keys.first().filter(|_| key).map(String::as_str);
    let (begun, mut tally, mut open) = (Instant::now(), Tally::default(), FuturesUnordered::new());
    loop {
        let patience = if throttle.is_some() && tally.throttled == 0 { LONGEST } else { SPAN };
        let goal = goal(throttle, begun.elapsed());
        while open.len() < WORKERS && tally.sent < goal && begun.elapsed() < patience {
            open.push(scene.once(normal, key));
            tally.sent += 1;
        }
        let Ok(answer) = tokio::time::timeout(GRACE, open.next()).await else {
            tally.failed += open.len();
            break;
        };
        let Some(answer) = answer else { break };
        match answer {
            Ok(answer) if answer.status == 429 || answer.status == 503 => tally.throttled += 1,
            Ok(answer) if scene.refused_by_gateway(normal, &answer) => tally.refused += 1,
            Ok(_) => {}
            Err(_) => tally.failed += 1,
        }
    }
    (tally, begun.elapsed())
}
