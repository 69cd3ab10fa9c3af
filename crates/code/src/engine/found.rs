//! What evaluation finds, by place: a place may be evaluated several times.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::facts::{AwsCall, Code, EnvRead, Place, Undecided, Value};
use crate::value::{KEYS, Taint, Val};

/// Stands for arguments that are not known by name.
pub(super) const OTHERS: &str = "*";

/// Arguments by their API names.
type Arguments = Vec<(Rc<str>, Val)>;

type CallKey = (Place, Rc<str>, String, bool);

#[derive(Debug, Default)]
pub(crate) struct Found {
    /// By place, service, operation, and whether presigned: the method and its arguments.
    calls: BTreeMap<CallKey, (Rc<str>, Arguments)>,
    pub(super) undecided: BTreeMap<Place, Undecided>,
    env_reads: BTreeMap<Place, Rc<str>>,
    /// Commands for a shell that the event has a part in, with the function that runs them: by the place of the call.
    pub(crate) shells: BTreeMap<Place, (Taint, Rc<str>)>,
    /// Paths below folders for temporary files, by the expressions that made them.
    pub(crate) paths: BTreeMap<Place, TmpUse>,
}

/// How a path below a folder for temporary files is used.
#[derive(Clone, Debug, Default)]
pub(crate) struct TmpUse {
    pub(crate) written: bool,
    /// What of the event is in its name.
    pub(crate) name: Option<Taint>,
    /// What of the event is in what is written.
    pub(crate) content: Option<Taint>,
    /// True if a later request can know the name.
    pub(crate) predictable: bool,
    /// The path, as far as it is known.
    pub(crate) path: Option<Value>,
}

/// A call as it is found.
pub(super) struct Call<'c> {
    pub(super) service: &'c Rc<str>,
    pub(super) operation: String,
    pub(super) method: &'c Rc<str>,
    pub(super) arguments: Arguments,
    pub(super) presigned: bool,
}

impl Found {
    pub(super) fn call(&mut self, place: Place, call: Call<'_>) {
        let key = (place, call.service.clone(), call.operation, call.presigned);
        let again = self.calls.contains_key(&key);
        let (_, known) = self.calls.entry(key).or_insert_with(|| (call.method.clone(), Vec::new()));
        for (name, val) in known.iter_mut() {
            if call.arguments.iter().all(|(n, _)| n != name) {
                *val = val.or_absent();
            }
        }
        for (name, val) in call.arguments {
            match known.iter_mut().find(|(n, _)| *n == name) {
                Some((_, old)) => *old = old.join(&val),
                None if again => known.push((name, val.or_absent())),
                None => known.push((name, val)),
            }
        }
    }

    pub(super) fn undecided(&mut self, place: Place, why: impl Into<String>) {
        self.undecided.entry(place).or_insert_with(|| Undecided { why: why.into(), place });
    }

    pub(super) fn env_read(&mut self, place: Place, name: &Rc<str>) {
        self.env_reads.insert(place, name.clone());
    }

    pub(super) fn shell(&mut self, place: Place, taint: &Taint, function: &str) {
        self.shells.entry(place).or_insert_with(|| (taint.clone(), function.into()));
    }

    pub(super) fn path(&mut self, made: Place, used: TmpUse) {
        let known = self.paths.entry(made).or_default();
        known.written |= used.written;
        known.predictable |= used.predictable;
        known.path = used.path.or(known.path.take());
        known.name = known.name.take().or(used.name);
        known.content = known.content.take().or(used.content);
    }

    /// Writes down what the outside sees, but for flaws.
    pub(super) fn report(&self, code: &mut Code, reached: &dyn Fn(Place) -> bool) {
        for ((place, service, operation, presigned), (method, arguments)) in &self.calls {
            let given = arguments.iter().filter(|(name, _)| &**name != OTHERS && &**name != KEYS);
            let optional = arguments.iter().filter(|(name, val)| &**name == OTHERS || val.may_be_missing());
            code.calls.push(AwsCall {
                service: service.to_string(),
                operation: operation.clone(),
                arguments: given.map(|(name, val)| (name.to_string(), val.value())).collect(),
                optional: optional.map(|(name, _)| name.to_string()).collect(),
                method: method.to_string(),
                place: *place,
                presigned: *presigned,
                reached: reached(*place),
            });
        }
        code.undecided = self.undecided.values().cloned().collect();
        let read = |(place, name): (&Place, &Rc<str>)| EnvRead { name: name.to_string(), place: *place };
        code.env_reads = self.env_reads.iter().map(read).collect();
    }
}
