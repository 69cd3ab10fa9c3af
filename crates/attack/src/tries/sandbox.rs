//! Ways out of a sandbox, and what others left in it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use burgward_template::model::Function;
use burgward_types::RequestId;
use serde_json::{Value, json};

use crate::beacon::Beacon;
use crate::chance;
use crate::inside::{Call, Reply, recon, relay};
use crate::report::{Attack, Attacker, OnAws, StoppedBy};
use crate::scene::Scene;

/// Where clouds answer questions about a machine and its keys: EC2 over both protocols, and ECS.
const METADATA: [(&str, &str); 3] =
    [("metadata 1", "169.254.169.254"), ("metadata 2", "fd00:ec2::254"), ("metadata 3", "169.254.170.2")];
/// The port of the Runtime API, as AWS has it.
const RUNTIME_PORT: u64 = 9001;

/// Looks around twice inside one function: what the first probe leaves must be gone for the second.
pub(crate) async fn all(scene: &Scene<'_>, function: &Function, beacon: &Beacon) -> Vec<Attack> {
    let canary = HostCanary::place();
    let word = format!("probe-{}", chance::word());
    let first = recon(scene, &function.logical_id, event(scene, beacon, &canary, &word, None)).await;
    let former = first.as_ref().ok().and_then(|seen| seen.get("request_id")?.as_str().map(ToOwned::to_owned));
    let second = recon(scene, &function.logical_id, event(scene, beacon, &canary, &word, former.as_deref())).await;
    match (first, second) {
        (Ok(_), Ok(seen)) => Seen { scene, function, beacon, canary: &canary, word: &word, answer: &seen }.attacks(),
        (Err(why), _) | (_, Err(why)) => {
            scene.note(format!("the sandbox of `{}` could not be probed: {why}", function.logical_id));
            Vec::new()
        }
    }
}

/// A file of the host that every user may read: who reads it has left the sandbox.
struct HostCanary {
    path: PathBuf,
    word: String,
}

impl HostCanary {
    fn place() -> Self {
        let word = chance::word();
        let path = std::env::temp_dir().join(format!("burgward-attack-canary-{word}"));
        // Without it the other files of the host are still tried.
        drop(std::fs::write(&path, &word));
        Self { path, word }
    }
}

impl Drop for HostCanary {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.path));
    }
}

fn event(scene: &Scene<'_>, beacon: &Beacon, canary: &HostCanary, word: &str, former: Option<&str>) -> Value {
    let mut connect: BTreeMap<String, Value> =
        METADATA.iter().map(|(name, address)| ((*name).to_owned(), json!([address, 80]))).collect();
    for (at, address) in beacon.addresses.iter().enumerate() {
        connect.insert(format!("host {at}"), json!([address.ip(), address.port()]));
    }
    let own_ports = scene.target.apis.iter().filter_map(|api| api.url.parse::<http::Uri>().ok()?.port_u16());
    for port in own_ports.chain([22, 5432]) {
        connect.insert(format!("host port {port}"), json!(["127.0.0.1", port]));
    }
    let places = &scene.target.host_places;
    let is_socket = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "sock");
    let files: Vec<_> = places.iter().filter(|path| !is_socket(path)).chain([&canary.path]).collect();
    json!({
        "word": word,
        "connect": connect,
        "unix": places.iter().filter(|path| is_socket(path)).collect::<Vec<_>>(),
        "resolve": ["example.com"],
        "read": files.into_iter().map(|path| path.to_string_lossy()).chain(["/etc/shadow".into()]).collect::<Vec<_>>(),
        "write": ["/var/task/burgward-attack", "/usr/burgward-attack", "/etc/burgward-attack"],
        "forged": RequestId::random().as_str(),
        "former": former,
    })
}

/// What a probe saw, to be judged.
struct Seen<'a> {
    scene: &'a Scene<'a>,
    function: &'a Function,
    beacon: &'a Beacon,
    canary: &'a HostCanary,
    word: &'a str,
    answer: &'a Value,
}

impl Seen<'_> {
    fn attacks(&self) -> Vec<Attack> {
        let connected = |prefix| self.results(prefix).find(|(_, result)| flag(result, "connected"));
        let name = |found: Option<(&str, &Value)>| found.map(|(name, _)| name.to_owned());
        let host = name(self.results("connect host").find(|(name, result)| self.is_host(name, result)));
        let heard = self.beacon.has_heard(self.word).then(|| "the listener heard".to_owned());
        let resolved = name(self.results("resolve ").find(|(_, result)| result.get("found").is_some()));
        let read = name(self.results("read ").find(|(name, result)| self.is_host_file(name, result)));
        let written = name(self.results("write ").find(|(_, result)| flag(result, "written")));
        let (network, files, runtime) = (StoppedBy::SandboxNetwork, StoppedBy::SandboxFiles, StoppedBy::RuntimeApi);
        let out = "a VPC without a way out";
        let tried = |kind, tried, prefix, evidence, layer| self.attack(kind, tried, prefix, evidence, layer);
        let metadata = "the metadata addresses of EC2 and ECS";
        let ports = "the host: a listener, the gateway's ports, 22, 5432";
        let places = "files of the host, its state folder, /etc/shadow";
        let (next, forged) =
            ("a second `next` while an invocation is open", "an answer to a request id that is not open");
        let (former, other) = ("an answer to another sandbox's request id", "another sandbox's Runtime API");
        let left = "files that a former sandbox left in /tmp";
        vec![
            tried("metadata", metadata, "connect metadata", name(connected("connect metadata")), network),
            tried("host-network", ports, "connect host", host.or(heard), network),
            tried("control-socket", "the operator's control socket", "unix ", name(connected("unix ")), files),
            tried("dns", "a name looked up outside", "resolve ", resolved, network).needs(out),
            tried("host-files", places, "read ", read, files),
            tried("write-system", "writing below /var/task, /usr and /etc", "write ", written, files),
            tried("processes", "processes of others in /proc", "", self.strangers(), files),
            tried("left-over", left, "", self.left_over(), StoppedBy::Isolation),
            tried("runtime-next", next, "runtime next", self.runtime("next", "200"), runtime),
            tried("runtime-forged", forged, "runtime forged", self.runtime("forged", "202"), runtime),
            tried("runtime-former", former, "runtime former", self.runtime("former", "202"), runtime),
            tried("runtime-other", other, "", self.other_listeners(), network),
        ]
    }

    fn attack(
        &self,
        kind: &str,
        tried: &str,
        prefix: &'static str,
        evidence: Option<String>,
        layer: StoppedBy,
    ) -> Attack {
        let through = evidence.is_some();
        let first = self.results(prefix).next();
        // A look-out that did not come back has not been refused.
        let stopped_by = if through || first.is_none() { StoppedBy::None } else { layer };
        let refused = || match first {
            Some((_, result)) if !prefix.is_empty() => words(result),
            Some(_) => "nothing".to_owned(),
            None => "not tried: the probe did not come to it".to_owned(),
        };
        Attack {
            id: format!("sandbox/{kind}"),
            attacker: Attacker::AssumedBreach,
            target: self.function.logical_id.clone(),
            tried: tried.to_owned(),
            came_back: evidence.unwrap_or_else(refused),
            through,
            stopped_by,
            on_aws: OnAws::Holds,
            place: None,
        }
    }

    fn results(&self, prefix: &'static str) -> impl Iterator<Item = (&str, &Value)> {
        let all = self.answer.get("results").and_then(Value::as_object).into_iter().flatten();
        all.map(|(name, value)| (name.as_str(), value)).filter(move |(name, _)| name.starts_with(prefix))
    }

    /// A port of the host answered; the listener is known by what it says.
    fn is_host(&self, name: &str, result: &Value) -> bool {
        let heard = result.get("heard").and_then(Value::as_str).unwrap_or_default();
        flag(result, "connected") && (name.contains("port") || heard.contains(&self.beacon.greeting))
    }

    fn is_host_file(&self, name: &str, result: &Value) -> bool {
        let Some(text) = result.get("read").and_then(Value::as_str) else { return false };
        // A folder of that name inside is the sandbox's own unless it holds what the host's holds.
        match name {
            "read /etc/shadow" => text.contains("root:"),
            name if name.ends_with(self.canary.path.to_string_lossy().as_ref()) => text.contains(&self.canary.word),
            _ => !text.is_empty(),
        }
    }

    /// Processes of Burgward itself, which no sandbox may see.
    fn strangers(&self) -> Option<String> {
        let own = std::env::current_exe().ok()?;
        let own = own.to_string_lossy();
        let processes = self.answer.get("processes").and_then(Value::as_array).into_iter().flatten();
        let seen = processes.filter_map(Value::as_str).filter(|line| line.contains(own.as_ref())).count();
        (seen > 0).then(|| format!("{seen} processes of the host"))
    }

    fn left_over(&self) -> Option<String> {
        let left = self.answer.get("left").and_then(Value::as_array).map_or(0, Vec::len);
        (left > 0).then(|| format!("{left} files"))
    }

    /// An answer of the Runtime API with the status of success.
    fn runtime(&self, kind: &str, status: &str) -> Option<String> {
        let result = self.answer.pointer(&format!("/results/runtime {kind}"))?;
        if flag(result, "waiting") {
            // Who is kept waiting gets what comes next: somebody else's request.
            return Some("accepted: it waits for the next request".to_owned());
        }
        let answer = result.get("answer").and_then(Value::as_str)?;
        let line = answer.lines().next().unwrap_or_default();
        line.contains(&format!(" {status} ")).then(|| line.to_owned())
    }

    fn other_listeners(&self) -> Option<String> {
        let own = self.scene.target.aws_endpoint.parse::<http::Uri>().ok().and_then(|uri| uri.port_u16());
        let known = |port: &u64| *port == RUNTIME_PORT || own.is_some_and(|own| u64::from(own) == *port);
        let ports = self.answer.get("listeners").and_then(Value::as_array).into_iter().flatten();
        let others: Vec<u64> = ports.filter_map(Value::as_u64).filter(|port| !known(port)).collect();
        (!others.is_empty()).then(|| format!("ports {others:?}"))
    }
}

fn flag(result: &Value, name: &str) -> bool {
    result.get(name).and_then(Value::as_bool).unwrap_or(false)
}

/// What refused, in its own words: the error, or the first line of an answer.
fn words(result: &Value) -> String {
    let text = |name: &str| result.get(name).and_then(Value::as_str).and_then(|text| text.lines().next());
    text("error").or_else(|| text("answer")).unwrap_or("nothing").to_owned()
}

/// The bucket that holds the packages of all functions.
pub(crate) async fn packages(scene: &Scene<'_>, function: &Function) -> Option<Attack> {
    let bucket = &scene.target.package_bucket;
    let list = Call { query: vec![("list-type", "2".to_owned())], ..Call::s3("GET", format!("/{bucket}"), "") };
    let reply = relay(scene, &function.logical_id, &[list]).await.ok()?.replies.into_iter().next()?;
    let through = Reply::is_success(&reply) && reply.body.contains("<Key>");
    Some(Attack {
        id: format!("package-bucket/{}", function.logical_id),
        attacker: Attacker::AssumedBreach,
        target: function.logical_id.clone(),
        tried: "the deployment bucket with all functions' packages".to_owned(),
        came_back: if through { "names of packages".to_owned() } else { reply.brief() },
        through,
        stopped_by: if through { StoppedBy::None } else { reply.stopped_by() },
        on_aws: OnAws::Needs("a deployment bucket whose policy denies functions".into()),
        place: None,
    })
}
