//! Which functions the handler can reach, by names: what reached code names may be called.

use std::collections::HashSet;
use std::rc::Rc;

use super::Engine;
use crate::facts::Place;
use crate::ir::{Expr, Function, Unit};

/// Decorators that hand the function to nobody.
const QUIET: &[&str] = &[
    "lru_cache",
    "cache",
    "cached_property",
    "property",
    "staticmethod",
    "classmethod",
    "wraps",
    "contextmanager",
    "dataclass",
    "abstractmethod",
    "overload",
    "setter",
    "getter",
    "total_ordering",
    "singledispatch",
    "override",
];

/// Classes that call nothing of what is derived from them.
const INERT: &[&str] = &["object", "ABC", "ABCMeta", "Protocol", "TypedDict", "NamedTuple", "Exception"];

/// Functions of which nothing that is reached speaks.
pub(super) struct Reached {
    /// Places of functions that are not reached.
    unreached: Vec<Place>,
}

impl Reached {
    pub(super) fn is_reached(&self, place: Place) -> bool {
        let inside = |f: &&Place| f.file == place.file && f.start <= place.start && place.end <= f.end;
        !self.unreached.iter().any(|f| inside(&f))
    }
}

/// The last name of a decorator.
fn last_name(unit: &Unit, mut id: usize) -> Option<Rc<str>> {
    for _ in 0..8 {
        match unit.expr(id) {
            Expr::Name(name) | Expr::Attr(_, name) => return Some(name.clone()),
            Expr::Call(callee, _) => id = *callee,
            _ => return None,
        }
    }
    None
}

/// True if the function is decorated as the answer to a route.
pub(super) fn is_route(unit: &Unit, f: &Function) -> bool {
    const ROUTES: &[&str] = &["get", "post", "put", "patch", "delete", "head", "route", "any", "api_route"];
    f.decorators.iter().any(|id| {
        let attribute = matches!(unit.expr(*id), Expr::Call(callee, _) if matches!(unit.expr(*callee), Expr::Attr(..)));
        attribute && last_name(unit, *id).is_some_and(|name| ROUTES.contains(&&*name))
    })
}

/// What each function, and each file outside of functions, names.
struct Mentions {
    place: Place,
    name: Rc<str>,
    kept: bool,
    names: HashSet<Rc<str>>,
    /// Names of attributes of what is no module among the files: methods, not functions of modules.
    methods: HashSet<Rc<str>>,
    /// True for methods.
    method: bool,
    dynamic: bool,
}

impl Engine<'_> {
    pub(super) fn reached(&self) -> Reached {
        let mut functions: Vec<Mentions> = Vec::new();
        let (mut open, mut methods): (HashSet<Rc<str>>, HashSet<Rc<str>>) = (HashSet::new(), HashSet::new());
        let mut dynamic = self.modules_escape;
        for (number, loaded) in self.loaded.iter().enumerate() {
            let (outside, inner) = mentions(&loaded.unit, &self.of_modules);
            dynamic |= outside.dynamic;
            open.extend(outside.names);
            methods.extend(outside.methods);
            for (index, mut function) in inner.into_iter().enumerate() {
                function.kept |= Some(self.function_number(number, index)) == self.entry;
                let class = loaded.unit.functions.get(index).and_then(|f| f.class);
                function.kept |=
                    class.is_some_and(|class| self.is_called_from_outside(self.class_number(number, class)));
                functions.push(function);
            }
        }
        if self.entry.is_none() {
            return Reached { unreached: Vec::new() };
        }
        let mut pending: Vec<Mentions> = functions;
        loop {
            let (now, later): (Vec<_>, Vec<_>) = pending
                .into_iter()
                .partition(|f| f.kept || dynamic || open.contains(&f.name) || (f.method && methods.contains(&f.name)));
            pending = later;
            if now.is_empty() {
                break;
            }
            for function in now {
                dynamic |= function.dynamic;
                open.extend(function.names);
                methods.extend(function.methods);
            }
        }
        Reached { unreached: pending.into_iter().map(|f| f.place).collect() }
    }

    /// True if the class, or one above it, is derived from one that is not among the files: that one may call its methods.
    fn is_called_from_outside(&self, class: usize) -> bool {
        let (mut open, mut seen) = (vec![class], HashSet::new());
        while let Some(class) = open.pop() {
            if !seen.insert(class) {
                continue;
            }
            let own = self.bases.get(class).map_or(&[][..], Vec::as_slice);
            let Some((unit, index)) = self.classes.get(class).copied() else { return true };
            let Some(loaded) = self.loaded.get(unit) else { return true };
            let written = loaded.unit.classes.get(index).map_or(&[][..], |c| c.bases.as_slice());
            let quiet = |id: &&usize| last_name(&loaded.unit, **id).is_some_and(|name| INERT.contains(&&*name));
            if written.len() - written.iter().filter(quiet).count() > own.len() {
                return true;
            }
            open.extend(own.iter().copied());
        }
        false
    }
}

fn is_dynamic(name: &str) -> bool {
    matches!(
        name,
        "globals"
            | "locals"
            | "vars"
            | "dir"
            | "eval"
            | "exec"
            | "getattr"
            | "__dict__"
            | "__getattribute__"
            | "__subclasses__"
            | "import_module"
            | "__import__"
            | "getmembers"
            | "methodcaller"
            | "attrgetter"
            | "modules"
            | "run_module"
            | "run_path"
    )
}

fn mentions(unit: &Unit, of_modules: &HashSet<Place>) -> (Mentions, Vec<Mentions>) {
    let empty = |place: Place, name: Rc<str>, kept: bool| Mentions {
        place,
        name,
        kept,
        names: HashSet::new(),
        methods: HashSet::new(),
        method: false,
        dynamic: false,
    };
    let mut outside = empty(Place::default(), "".into(), true);
    let mut inner: Vec<Mentions> = unit
        .functions
        .iter()
        .map(|f| {
            let loud = |id: &usize| last_name(unit, *id).is_none_or(|name| !QUIET.contains(&&*name));
            let special = f.name.starts_with("__") || f.name.is_empty();
            let kept = special || f.decorators.iter().any(loud);
            Mentions { method: f.class.is_some(), ..empty(f.place, f.name.clone(), kept) }
        })
        .collect();
    // Functions are listed in the order of their starts; the innermost around an expression is the last that holds it.
    let mut names: Vec<(Place, Rc<str>, bool)> = unit.mentioned().collect();
    names.sort_by_key(|(place, ..)| place.start);
    let order: Vec<(u32, u32, usize)> =
        unit.functions.iter().enumerate().map(|(n, f)| (f.place.start, f.place.end, n)).collect();
    let mut sorted = order;
    sorted.sort_unstable();
    let (mut around, mut next): (Vec<(u32, usize)>, usize) = (Vec::new(), 0);
    for (place, name, attribute) in names {
        while let Some((start, end, number)) = sorted.get(next).copied().filter(|(start, ..)| *start <= place.start) {
            let _ = start;
            around.push((end, number));
            next += 1;
        }
        while around.last().is_some_and(|(end, _)| *end <= place.start) {
            around.pop();
        }
        let target = match around.last().and_then(|(_, number)| inner.get_mut(*number)) {
            Some(target) => target,
            None => &mut outside,
        };
        target.dynamic |= is_dynamic(&name);
        if attribute && !of_modules.contains(&place) {
            target.methods.insert(name);
        } else {
            target.names.insert(name);
        }
    }
    (outside, inner)
}
