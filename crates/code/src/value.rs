//! What evaluation knows of a value: alternatives, and whether the sender of the event chose it.

use std::rc::Rc;

use crate::facts::{Place, Value};
use crate::limits;

/// A value; cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Val(Rc<Inner>);

#[derive(Debug, PartialEq)]
struct Inner {
    shapes: Vec<Shape>,
    taint: Option<Taint>,
    /// The expression that made a path below a folder for temporary files.
    made: Option<Place>,
    size: u32,
}

/// How the sender of the event gets at a value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Taint {
    pub(crate) place: Place,
    pub(crate) field: Rc<str>,
    /// True if quoted for a shell.
    pub(crate) shell_safe: bool,
    /// True if it is a file's name without folders.
    pub(crate) path_safe: bool,
}

/// One alternative.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    Unknown,
    Null,
    /// In a map's entry, or an argument: it may not be there at all.
    Absent,
    Bool(bool),
    Number,
    Text(Rc<str>),
    Env(Rc<str>),
    Event(Rc<str>),
    Join(Rc<[Val]>),
    Seq(Rc<[Val]>),
    /// A sequence of any number of these.
    Bag(Val),
    Map(Rc<[(Rc<str>, Val)]>, Option<Val>),
    /// Something that is not among the files, by its dotted name.
    External(Rc<str>),
    /// A module or package among the files, by its dotted name.
    Module(Rc<str>),
    Function(usize),
    Bound(usize, Val),
    Class(usize),
    Instance(usize),
    /// A method of a value, not yet called.
    Method(Val, Rc<str>),
    Partial(Val, Rc<Args>),
    /// An open file, with the expression that made its path if that lies in a folder for temporary files.
    File(Option<Place>, bool),
    Sdk(Rc<Sdk>),
    /// A method of something of the SDK, not yet called.
    SdkMethod(Rc<Sdk>, Rc<str>),
}

/// Things of the SDK.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Sdk {
    Session,
    Client(Rc<str>),
    /// A client of a service that is chosen at run time.
    AnyClient,
    Services(Rc<str>),
    Resource {
        service: Rc<str>,
        kind: Rc<str>,
        ids: Vec<(Rc<str>, Val)>,
        loaded: bool,
    },
    /// Resources that are listed when they are iterated over; `fresh`: nothing was said yet of how.
    Collection {
        service: Rc<str>,
        kind: Rc<str>,
        operation: Rc<str>,
        arguments: Vec<(Rc<str>, Val)>,
        ids: Vec<(Rc<str>, Val)>,
        fresh: Option<Place>,
    },
    Paginator {
        service: Rc<str>,
        operation: Rc<str>,
    },
    Waiter {
        service: Rc<str>,
        operation: Rc<str>,
    },
    BatchWriter(Vec<(Rc<str>, Val)>),
}

/// The entry of a map that holds the keys that are not constant.
pub(crate) const KEYS: &str = "\0keys";

/// The entries of a map under constant keys.
pub(crate) fn plain_entries(entries: &[(Rc<str>, Val)]) -> impl Iterator<Item = &(Rc<str>, Val)> {
    entries.iter().filter(|(key, _)| &**key != KEYS)
}

/// Arguments of a call.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Args {
    pub(crate) plain: Vec<Val>,
    pub(crate) named: Vec<(Rc<str>, Val)>,
    /// Any number of further plain ones.
    pub(crate) rest: Option<Val>,
    /// Further named ones.
    pub(crate) named_rest: Option<Val>,
}

impl Args {
    pub(crate) fn named(&self, name: &str) -> Option<&Val> {
        self.named.iter().find(|(n, _)| &**n == name).map(|(_, v)| v)
    }

    /// The argument of this name or at this place.
    pub(crate) fn get(&self, index: usize, name: &str) -> Option<&Val> {
        self.plain.get(index).or_else(|| self.named(name)).or(self.rest.as_ref()).or(self.named_rest.as_ref())
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Val> {
        self.plain.iter().chain(self.named.iter().map(|(_, v)| v)).chain(&self.rest).chain(&self.named_rest)
    }
}

/// How texts that are read from the same place in different ways are told apart from containers.
fn is_text(shape: &Shape) -> bool {
    matches!(shape, Shape::Text(_) | Shape::Env(_) | Shape::Event(_) | Shape::Join(_) | Shape::Number | Shape::Bool(_))
}

impl Taint {
    fn join(&self, other: &Taint) -> Taint {
        let worse = if self.shell_safe && !other.shell_safe { other } else { self };
        Taint {
            place: worse.place,
            field: worse.field.clone(),
            shell_safe: self.shell_safe && other.shell_safe,
            path_safe: self.path_safe && other.path_safe,
        }
    }
}

fn join_taint(a: Option<&Taint>, b: Option<&Taint>) -> Option<Taint> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.join(b)),
        (one, other) => one.or(other).cloned(),
    }
}

fn shape_size(shape: &Shape) -> u32 {
    let of = |vals: &mut dyn Iterator<Item = &Val>| vals.fold(1_u32, |n, v| n.saturating_add(v.0.size));
    match shape {
        Shape::Join(parts) | Shape::Seq(parts) => of(&mut parts.iter()),
        Shape::Map(entries, rest) => of(&mut entries.iter().map(|(_, v)| v).chain(rest)),
        Shape::Bag(val) | Shape::Bound(_, val) | Shape::Method(val, _) => val.0.size.saturating_add(1),
        Shape::Partial(val, args) => of(&mut args.all().chain([val])),
        Shape::Sdk(sdk) | Shape::SdkMethod(sdk, _) => match &**sdk {
            Sdk::Resource { ids, .. } | Sdk::BatchWriter(ids) => of(&mut ids.iter().map(|(_, v)| v)),
            Sdk::Collection { arguments, ids, .. } => of(&mut arguments.iter().chain(ids).map(|(_, v)| v)),
            _ => 1,
        },
        _ => 1,
    }
}

impl Val {
    pub(crate) fn new(shapes: Vec<Shape>, taint: Option<Taint>) -> Val {
        Val::build(shapes, taint, None)
    }

    fn build(shapes: Vec<Shape>, taint: Option<Taint>, made: Option<Place>) -> Val {
        let mut kept: Vec<Shape> = Vec::with_capacity(shapes.len());
        for shape in shapes {
            if !kept.contains(&shape) {
                kept.push(shape);
            }
        }
        if kept.iter().filter(|shape| matches!(shape, Shape::Map(..))).count() > limits::MAPS {
            kept = with_one_map(kept);
        }
        let mut size = kept.iter().fold(1_u32, |n, s| n.saturating_add(shape_size(s)));
        if kept.contains(&Shape::Unknown) || kept.len() > limits::SHAPES || size > limits::SIZE {
            kept.retain(|shape| !is_text(shape));
            if !kept.contains(&Shape::Unknown) {
                kept.push(Shape::Unknown);
            }
            if kept.len() > limits::SHAPES || size > limits::SIZE {
                kept = kept.iter().flat_map(shallow).collect();
                kept.dedup();
                kept.truncate(4 * limits::SHAPES);
            }
            size = kept.iter().fold(1_u32, |n, s| n.saturating_add(shape_size(s)));
        }
        Val(Rc::new(Inner { shapes: kept, taint, made, size }))
    }

    pub(crate) fn of(shape: Shape) -> Val {
        let size = shape_size(&shape).saturating_add(1);
        if size > limits::SIZE {
            return Val::build(vec![shape], None, None);
        }
        Val(Rc::new(Inner { shapes: vec![shape], taint: None, made: None, size }))
    }

    /// No value at all: nothing was ever assigned.
    pub(crate) fn nothing() -> Val {
        Val::new(Vec::new(), None)
    }

    pub(crate) fn unknown() -> Val {
        Val::of(Shape::Unknown)
    }

    pub(crate) fn unknown_from<'v>(vals: impl IntoIterator<Item = &'v Val>) -> Val {
        let taint = vals.into_iter().fold(None, |taint: Option<Taint>, v| join_taint(taint.as_ref(), v.taint()));
        Val::new(vec![Shape::Unknown], taint)
    }

    pub(crate) fn text(text: &str) -> Val {
        if text.len() > limits::TEXT {
            return Val::unknown();
        }
        Val::of(Shape::Text(text.into()))
    }

    pub(crate) fn event(field: &str, place: Place) -> Val {
        let taint = Taint { place, field: field.into(), shell_safe: false, path_safe: false };
        Val::new(vec![Shape::Event(field.into())], Some(taint))
    }

    pub(crate) fn sdk(sdk: Sdk) -> Val {
        Val::of(Shape::Sdk(Rc::new(sdk)))
    }

    pub(crate) fn external(name: &str) -> Val {
        Val::of(Shape::External(name.into()))
    }

    pub(crate) fn shapes(&self) -> &[Shape] {
        &self.0.shapes
    }

    pub(crate) fn taint(&self) -> Option<&Taint> {
        self.0.taint.as_ref()
    }

    pub(crate) fn made(&self) -> Option<Place> {
        self.0.made
    }

    /// The same, and it may be missing.
    pub(crate) fn or_absent(&self) -> Val {
        self.join(&Val::of(Shape::Absent))
    }

    /// The same where it is there.
    pub(crate) fn present(&self) -> Val {
        if !self.shapes().contains(&Shape::Absent) {
            return self.clone();
        }
        let shapes = self.shapes().iter().filter(|shape| **shape != Shape::Absent).cloned().collect();
        Val::build(shapes, self.taint().cloned(), self.made())
    }

    /// True if it may be missing, or empty as if it were.
    pub(crate) fn may_be_missing(&self) -> bool {
        self.shapes().iter().any(|shape| match shape {
            Shape::Null | Shape::Absent => true,
            Shape::Text(text) => text.is_empty(),
            _ => false,
        })
    }

    pub(crate) fn size(&self) -> u32 {
        self.0.size
    }

    pub(crate) fn is_nothing(&self) -> bool {
        self.0.shapes.is_empty()
    }

    pub(crate) fn with_made(&self, made: Place) -> Val {
        Val::build(self.0.shapes.clone(), self.0.taint.clone(), Some(made))
    }

    pub(crate) fn with_taint(&self, taint: Option<Taint>) -> Val {
        Val::build(self.0.shapes.clone(), taint, self.0.made)
    }

    /// The same value, which somebody tainted in the way of another has had a hand in.
    pub(crate) fn tainted_like(&self, other: &Val) -> Val {
        match other.taint() {
            None => self.clone(),
            Some(_) => self.with_taint(join_taint(self.taint(), other.taint())),
        }
    }

    pub(crate) fn same(&self, other: &Val) -> bool {
        Rc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }

    pub(crate) fn join(&self, other: &Val) -> Val {
        if self.same(other) || (other.is_nothing() && other.taint().is_none()) {
            return self.clone();
        }
        if self.is_nothing() && self.taint().is_none() {
            return other.clone();
        }
        let shapes = self.0.shapes.iter().chain(&other.0.shapes).cloned().collect();
        // Of two paths, the one that the event has a part in matters.
        let other_first = self.taint().is_none() && other.taint().is_some();
        let made = if other_first { other.0.made.or(self.0.made) } else { self.0.made.or(other.0.made) };
        Val::build(shapes, join_taint(self.taint(), other.taint()), made)
    }

    pub(crate) fn join_all<'v>(vals: impl IntoIterator<Item = &'v Val>) -> Val {
        vals.into_iter().fold(Val::nothing(), |all, v| all.join(v))
    }

    /// The constant that this is for certain.
    pub(crate) fn constant(&self) -> Option<&str> {
        match self.0.shapes.as_slice() {
            [Shape::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The constants that this may be, and whether it may be anything else.
    pub(crate) fn constants(&self) -> (Vec<Rc<str>>, bool) {
        let mut found = Vec::new();
        let mut others = false;
        for shape in self.shapes() {
            match shape {
                Shape::Text(text) => found.push(text.clone()),
                Shape::Null | Shape::Absent => {}
                _ => others = true,
            }
        }
        (found, others || self.is_nothing())
    }

    /// One text after the other.
    pub(crate) fn concat(parts: &[Val]) -> Val {
        let mut flat: Vec<Val> = Vec::with_capacity(parts.len());
        for part in parts {
            match part.shapes() {
                [Shape::Join(inner)] => inner.iter().for_each(|p| push_part(&mut flat, p.clone())),
                [] => return Val::nothing(),
                _ => push_part(&mut flat, part.clone()),
            }
        }
        let taint = parts.iter().fold(None, |taint: Option<Taint>, v| join_taint(taint.as_ref(), v.taint()));
        let shape = match flat.as_slice() {
            [] => Shape::Text("".into()),
            [one] => return one.with_taint(taint),
            many => Shape::Join(many.into()),
        };
        Val::new(vec![shape], taint)
    }

    /// What is shown to the outside.
    pub(crate) fn value(&self) -> Value {
        self.shown(false)
    }

    fn shown(&self, part: bool) -> Value {
        let mut found: Vec<Value> = Vec::new();
        for shape in self.shapes() {
            let value = match shape {
                Shape::Null | Shape::Absent => continue,
                Shape::Text(text) => Value::Text(text.to_string()),
                Shape::Env(name) => Value::Env(name.to_string()),
                Shape::Event(field) => Value::Event(field.to_string()),
                Shape::Join(parts) => Value::Join(parts.iter().map(|part| part.shown(true)).collect()),
                Shape::Map(..) | Shape::Seq(_) | Shape::Bag(_) => Value::Unknown,
                _ => match self.taint() {
                    Some(taint) => Value::Event(taint.field.to_string()),
                    None => Value::Unknown,
                },
            };
            if !found.contains(&value) {
                found.push(value);
            }
        }
        if found.contains(&Value::Unknown) {
            return Value::Unknown;
        }
        // Nothing is called that: an empty text stands for what was not set.
        if found.len() > 1 && (!part || found.iter().any(|value| matches!(value, Value::Env(_)))) {
            found.retain(|value| *value != Value::Text(String::new()));
        }
        match (found.pop(), found.is_empty()) {
            (None, _) => Value::Unknown,
            (Some(one), true) => one,
            (Some(last), false) => {
                found.push(last);
                Value::OneOf(found)
            }
        }
    }
}

/// All maps as one, whose entries may be missing where one of the maps has none.
fn with_one_map(shapes: Vec<Shape>) -> Vec<Shape> {
    let (maps, mut others): (Vec<_>, Vec<_>) = shapes.into_iter().partition(|shape| matches!(shape, Shape::Map(..)));
    let (mut known, mut rest): (Vec<(Rc<str>, Val)>, Option<Val>) = (Vec::new(), None);
    for (number, map) in maps.iter().enumerate() {
        let Shape::Map(entries, more) = map else { continue };
        for (key, val) in entries.iter() {
            match known.iter_mut().find(|(k, _)| k == key) {
                Some((_, old)) => *old = old.join(val),
                None if number == 0 || &**key == KEYS => known.push((key.clone(), val.clone())),
                None => known.push((key.clone(), val.or_absent())),
            }
        }
        for (key, val) in &mut known {
            if &**key != KEYS && entries.iter().all(|(k, _)| k != key) {
                *val = val.or_absent();
            }
        }
        rest = match (rest, more) {
            (Some(one), Some(other)) => Some(one.join(other)),
            (one, other) => one.or_else(|| other.clone()),
        };
    }
    others.push(Shape::Map(known.into(), rest));
    others
}

fn push_part(flat: &mut Vec<Val>, part: Val) {
    if let (Some(new), Some(last)) = (part.constant(), flat.last())
        && let Some(old) = last.constant()
    {
        let both = Val::text(&[old, new].concat());
        flat.pop();
        flat.push(both);
        return;
    }
    flat.push(part);
}

/// Without what makes a value large; what calls may be made on stays.
fn shallow(shape: &Shape) -> Vec<Shape> {
    let thing = |sdk: &Sdk| -> Rc<Sdk> {
        let vague = |ids: &[(Rc<str>, Val)]| ids.iter().map(|(n, _)| (n.clone(), Val::unknown())).collect();
        Rc::new(match sdk {
            Sdk::Resource { service, kind, ids, loaded } => {
                Sdk::Resource { service: service.clone(), kind: kind.clone(), ids: vague(ids), loaded: *loaded }
            }
            Sdk::BatchWriter(ids) => Sdk::BatchWriter(vague(ids)),
            Sdk::Collection { service, kind, operation, fresh, .. } => Sdk::Collection {
                service: service.clone(),
                kind: kind.clone(),
                operation: operation.clone(),
                arguments: Vec::new(),
                ids: Vec::new(),
                fresh: *fresh,
            },
            other => other.clone(),
        })
    };
    match shape {
        Shape::Sdk(sdk) => vec![Shape::Sdk(thing(sdk))],
        Shape::SdkMethod(sdk, name) => vec![Shape::SdkMethod(thing(sdk), name.clone())],
        Shape::Bound(function, _) => vec![Shape::Function(*function)],
        Shape::Join(_) | Shape::Method(..) => vec![Shape::Unknown],
        Shape::Partial(val, _) | Shape::Bag(val) => inner(val),
        Shape::Seq(vals) => vals.iter().flat_map(inner).collect(),
        Shape::Map(entries, rest) => entries.iter().map(|(_, v)| v).chain(rest).flat_map(inner).collect(),
        other => vec![other.clone()],
    }
}

/// What calls may be made on, one level in.
fn inner(val: &Val) -> Vec<Shape> {
    let callable = |shape: &&Shape| {
        matches!(
            shape,
            Shape::Sdk(_) | Shape::SdkMethod(..) | Shape::Function(_) | Shape::Class(_) | Shape::Instance(_)
        )
    };
    val.shapes().iter().filter(callable).flat_map(shallow).collect()
}
