//! Attributes.

use std::rc::Rc;

use super::{Cell, Engine};
use crate::facts::Place;
use crate::ir::{Expr, Function, Unit};
use crate::value::{Args, Sdk, Shape, Val};

impl Engine<'_> {
    pub(super) fn attr(&mut self, object: &Val, name: &Rc<str>, place: Place) -> Val {
        let mut found = Val::nothing();
        for shape in object.shapes() {
            self.step(1);
            let val = match shape {
                Shape::External(dotted) => external_attr(dotted, name),
                Shape::Module(module) => {
                    self.of_modules.insert(place);
                    self.member(module, name)
                }
                Shape::Instance(class) => self.instance_attr(*class, name, shape, place),
                Shape::Class(class) => self.class_attr(*class, name, shape),
                Shape::Sdk(sdk) => self.sdk_attr(sdk, name, place),
                Shape::SdkMethod(sdk, meta) if &**meta == "meta" => meta_attr(sdk, name),
                Shape::Null | Shape::Absent => continue,
                Shape::File(..) if &**name == "name" => Val::unknown(),
                _ => {
                    let one = Val::new(vec![shape.clone()], object.taint().cloned());
                    let one = object.made().map_or_else(|| one.clone(), |made| one.with_made(made));
                    Val::of(Shape::Method(one, name.clone())).tainted_like(object)
                }
            };
            found = found.join(&val);
        }
        found
    }

    /// A name of a module among the files.
    pub(super) fn member(&mut self, module: &str, name: &Rc<str>) -> Val {
        let inner = [module, ".", name].concat();
        if let Some(number) = self.load(module) {
            let cell = Cell::Global(number, name.clone());
            if let Some(val) = self.cells.get(&cell) {
                return val.clone();
            }
            let bound = self.loaded.get(number).is_some_and(|l| l.unit.names.contains(name));
            if bound && !self.names.contains_key(&inner) {
                return Val::nothing();
            }
        }
        if self.load(&inner).is_some() || self.names.keys().any(|known| below(known, &inner)) {
            return Val::of(Shape::Module(inner.into()));
        }
        Val::unknown()
    }

    fn instance_attr(&mut self, class: usize, name: &Rc<str>, own: &Shape, place: Place) -> Val {
        let mut found = Val::nothing();
        for (_, val) in self.class_members(class, name) {
            for shape in val.shapes() {
                let val = match shape {
                    Shape::Function(function) => self.method(*function, own, place),
                    other => Val::new(vec![other.clone()], val.taint().cloned()),
                };
                let val = val_made(val, &self.cell(&Cell::Attr(class, name.clone())));
                found = found.join(&val);
            }
        }
        if found.is_nothing() && self.is_open(class) { Val::unknown() } else { found }
    }

    fn method(&mut self, function: usize, own: &Shape, place: Place) -> Val {
        let Some((unit, f)) = self.unit_of(function) else { return Val::unknown() };
        let Some(f) = unit.functions.get(f) else { return Val::unknown() };
        if f.class.is_none() || is_decorated(&unit, f, "staticmethod") {
            return Val::of(Shape::Function(function));
        }
        let bound = Shape::Bound(function, Val::of(own.clone()));
        if is_decorated(&unit, f, "property") || is_decorated(&unit, f, "cached_property") {
            return self.call_shape(&bound, &Args::default(), place);
        }
        Val::of(bound)
    }

    fn class_attr(&mut self, class: usize, name: &Rc<str>, own: &Shape) -> Val {
        let mut found = Val::nothing();
        for (_, val) in self.class_members(class, name) {
            for shape in val.shapes() {
                let val = match shape {
                    Shape::Function(function) => match self.unit_of(*function) {
                        Some((unit, index)) => match unit.functions.get(index) {
                            Some(f) if is_decorated(&unit, f, "classmethod") => {
                                Val::of(Shape::Bound(*function, Val::of(own.clone())))
                            }
                            _ => Val::of(shape.clone()),
                        },
                        None => Val::of(shape.clone()),
                    },
                    other => Val::new(vec![other.clone()], val.taint().cloned()),
                };
                found = found.join(&val);
            }
        }
        if found.is_nothing() && self.is_open(class) { Val::unknown() } else { found }
    }

    pub(super) fn unit_of(&self, function: usize) -> Option<(Rc<Unit>, usize)> {
        let (unit, index) = self.functions.get(function)?;
        Some((self.loaded.get(*unit)?.unit.clone(), *index))
    }

    /// The attribute in the class and in those above it, nearest first; and of those below, whose instances share code.
    pub(super) fn class_members(&self, class: usize, name: &Rc<str>) -> Vec<(usize, Val)> {
        let (mut open, mut seen, mut found) = (vec![class], Vec::new(), Vec::new());
        while let Some(class) = open.pop() {
            if seen.contains(&class) || seen.len() > 64 {
                continue;
            }
            seen.push(class);
            if let Some(val) = self.cells.get(&Cell::Attr(class, name.clone())) {
                found.push((class, val.clone()));
            }
            open.extend(self.bases.get(class).into_iter().flatten().copied());
        }
        let below = self.bases.iter().enumerate().filter(|(_, bases)| bases.contains(&class)).map(|(below, _)| below);
        for below in below.take(64) {
            if let Some(val) = self.cells.get(&Cell::Attr(below, name.clone())) {
                found.push((below, val.clone()));
            }
        }
        found
    }

    /// True if the class has ancestors of which nothing is known.
    fn is_open(&self, class: usize) -> bool {
        let Some((unit, index)) = self.classes.get(class).copied() else { return true };
        let bases = self.loaded.get(unit).and_then(|l| l.unit.classes.get(index)).map_or(0, |c| c.bases.len());
        bases > self.bases.get(class).map_or(0, Vec::len) || self.round > 3
    }

    /// What a method of an instance returns, if its class has one of that name.
    pub(super) fn instance_call(&mut self, class: usize, name: &str, own: &Shape) -> Option<Val> {
        let name: Rc<str> = name.into();
        let members = self.class_members(class, &name);
        let mut found = None;
        for (_, val) in members {
            for shape in val.shapes() {
                if let Shape::Function(function) = shape {
                    let bound = Shape::Bound(*function, Val::of(own.clone()));
                    let args = Args { rest: Some(Val::unknown()), ..Args::default() };
                    let val = self.call_shape(&bound, &args, Place::default());
                    found = Some(found.map_or_else(|| val.clone(), |old: Val| old.join(&val)));
                }
            }
        }
        found
    }
}

fn below(known: &str, package: &str) -> bool {
    known.strip_prefix(package).is_some_and(|rest| rest.starts_with('.'))
}

fn val_made(val: Val, from: &Val) -> Val {
    match from.made() {
        Some(made) => val.with_made(made),
        None => val,
    }
}

/// `table.meta.client`
fn meta_attr(sdk: &Sdk, name: &str) -> Val {
    match (sdk, name) {
        (Sdk::Services(service) | Sdk::Resource { service, .. } | Sdk::Client(service), "client") => {
            Val::sdk(Sdk::Client(service.clone()))
        }
        (Sdk::AnyClient, "client") => Val::sdk(Sdk::AnyClient),
        _ => Val::unknown(),
    }
}

/// True if the function is decorated by that name.
pub(super) fn is_decorated(unit: &Unit, f: &Function, name: &str) -> bool {
    f.decorators.iter().any(|id| match unit.expr(*id) {
        Expr::Name(n) | Expr::Attr(_, n) => &**n == name,
        Expr::Call(callee, _) => matches!(unit.expr(*callee), Expr::Name(n) | Expr::Attr(_, n) if &**n == name),
        _ => false,
    })
}

fn external_attr(dotted: &str, name: &str) -> Val {
    match (dotted, name) {
        ("lambda.context", _) => Val::unknown(),
        (_, "current_event") => Val::event("", Place::default()),
        _ if dotted.len() > 200 => Val::unknown(),
        _ => Val::external(&[dotted, ".", name].concat()),
    }
}
