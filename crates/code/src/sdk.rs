//! What the Python SDK calls things, from the models that it is published with (`data/sdk.txt`, written by `data/sdk.py`).

use std::collections::HashMap;
use std::sync::LazyLock;

static TABLE: LazyLock<Table> = LazyLock::new(|| Table::read(include_str!("../data/sdk.txt")));

/// By service and name.
type Pairs<V> = HashMap<&'static str, HashMap<&'static str, V>>;

/// The SDK's names.
#[derive(Default)]
struct Table {
    methods: Pairs<&'static str>,
    waiters: Pairs<&'static str>,
    resources: Pairs<Resource>,
}

/// A kind of resource, such as a table; `-` is the service itself.
#[derive(Debug, Default)]
pub(crate) struct Resource {
    /// Identifiers, with the attributes that hold them.
    pub(crate) ids: Vec<(&'static str, [&'static str; 2])>,
    pub(crate) load: Option<(&'static str, Sources)>,
    pub(crate) actions: HashMap<&'static str, Action>,
    /// Of a collection of such resources: what is done to all of them.
    pub(crate) batch: HashMap<&'static str, &'static str>,
    pub(crate) parts: HashMap<&'static str, (&'static str, Sources)>,
    pub(crate) many: HashMap<&'static str, Action>,
}

/// Arguments by their API names, with the identifier that they are taken from; `None`: from the caller.
pub(crate) type Sources = Vec<(&'static str, Option<&'static str>)>;

#[derive(Debug)]
pub(crate) struct Action {
    pub(crate) operation: &'static str,
    pub(crate) sources: Sources,
    /// The kind of resource that it answers with.
    pub(crate) gives: Option<&'static str>,
}

fn sources(text: &'static str) -> Sources {
    let source = |part: &'static str| match part.split_once('=') {
        Some((target, from)) => (target, Some(from)),
        None => (part, None),
    };
    if text == "-" { Vec::new() } else { text.split(',').map(source).collect() }
}

impl Table {
    fn read(text: &'static str) -> Table {
        let mut table = Table::default();
        let mut current = Resource::default();
        let mut key = ("", "");
        for line in text.lines() {
            let words: Vec<&'static str> = line.split(' ').collect();
            match words.as_slice() {
                ["method", service, method, operation] => {
                    table.methods.entry(service).or_default().insert(method, operation);
                }
                ["waiter", service, waiter, operation] => {
                    table.waiters.entry(service).or_default().insert(waiter, operation);
                }
                ["resource", service, kind] => {
                    table.resources.entry(key.0).or_default().insert(key.1, std::mem::take(&mut current));
                    key = (service, kind);
                }
                words => current.read(words),
            }
        }
        table.resources.entry(key.0).or_default().insert(key.1, current);
        table
    }
}

impl Resource {
    fn read(&mut self, words: &[&'static str]) {
        match words {
            ["id", name, attribute, other] => self.ids.push((name, [attribute, other])),
            ["load", operation, from] => self.load = Some((operation, sources(from))),
            ["batch", method, operation] => drop(self.batch.insert(method, operation)),
            ["has", name, kind, from] => drop(self.parts.insert(name, (kind, sources(from)))),
            ["do", method, operation, from, gives] => {
                let gives = (*gives != "-").then_some(*gives);
                self.actions.insert(method, Action { operation, sources: sources(from), gives });
            }
            ["many", name, operation, from, gives] => {
                self.many.insert(name, Action { operation, sources: sources(from), gives: Some(gives) });
            }
            _ => {}
        }
    }
}

/// The operation of a client's method: `put_item` of `dynamodb` is `PutItem`.
pub(crate) fn operation(service: &str, method: &str) -> String {
    match TABLE.methods.get(service).and_then(|names| names.get(method)) {
        Some(operation) => (*operation).to_owned(),
        None => capitalised(method),
    }
}

fn capitalised(method: &str) -> String {
    let mut name = String::with_capacity(method.len());
    for word in method.split('_') {
        let mut chars = word.chars();
        name.extend(chars.next().map(|c| c.to_ascii_uppercase()));
        name.push_str(chars.as_str());
    }
    name
}

/// The operation that a waiter repeats.
pub(crate) fn waiter(service: &str, name: &str) -> Option<&'static str> {
    TABLE.waiters.get(service)?.get(name).copied()
}

/// A kind of resource.
pub(crate) fn resource(service: &str, kind: &str) -> Option<&'static Resource> {
    TABLE.resources.get(service)?.get(kind)
}
