//! Calls.

use std::rc::Rc;

use super::eval::sequence;
use super::{Cell, Engine};
use crate::facts::Place;
use crate::ir::ArgKind;
use crate::value::{Args, Shape, Val};

impl Engine<'_> {
    pub(super) fn call(&mut self, callee: &Val, args: &Args, place: Place) -> Val {
        let mut found = Val::nothing();
        for shape in callee.shapes() {
            let val = self.call_shape(shape, args, place);
            found = found.join(&val);
        }
        found
    }

    pub(super) fn call_shape(&mut self, shape: &Shape, args: &Args, place: Place) -> Val {
        self.step(1);
        if self.depth > 3 * crate::limits::NESTING {
            return Val::unknown();
        }
        self.depth += 1;
        let val = match shape {
            Shape::Function(function) => self.call_function(*function, None, args),
            Shape::Bound(function, own) => self.call_function(*function, Some(own), args),
            Shape::Class(class) => self.construct(*class, args),
            Shape::Instance(class) => self.call_instance(*class, shape, args, place),
            Shape::External(name) => self.external_call(name, args, place),
            Shape::Method(own, name) => self.method_call(own, name, args, place),
            Shape::SdkMethod(sdk, name) => self.sdk_call(sdk, name, args, place),
            Shape::Partial(inner, first) => {
                let mut all = (**first).clone();
                all.plain.extend(args.plain.iter().cloned());
                all.named.extend(args.named.iter().cloned());
                all.rest = all.rest.or_else(|| args.rest.clone());
                all.named_rest = all.named_rest.or_else(|| args.named_rest.clone());
                self.call(inner, &all, place)
            }
            Shape::Null | Shape::Absent => Val::nothing(),
            _ => self.call_unknown(args, place),
        };
        self.depth -= 1;
        val
    }

    /// Something of which nothing is known gets these arguments: it may call those that are functions.
    pub(super) fn call_unknown(&mut self, args: &Args, place: Place) -> Val {
        let tainted = Val::unknown_from(args.all());
        let callbacks: Vec<Val> = args.all().cloned().collect();
        for val in callbacks {
            self.escapes(&val, place);
            self.called_back(&val, &tainted, place);
        }
        tainted
    }

    /// Given to somebody of whom nothing is known: what is done with it is not seen.
    pub(super) fn escapes(&mut self, val: &Val, place: Place) {
        if of_sdk(val, 3) {
            self.found.undecided(place, "a client or resource of the SDK is given to code that is not read");
        }
        self.modules_escape |= val.shapes().iter().any(|shape| matches!(shape, Shape::Module(_)));
    }

    /// Called by somebody of whom nothing is known.
    fn called_back(&mut self, val: &Val, with: &Val, place: Place) {
        for shape in val.shapes() {
            match shape {
                Shape::Function(_) | Shape::Bound(..) | Shape::SdkMethod(..) | Shape::Partial(..) => {
                    let args = Args { rest: Some(with.clone()), named_rest: Some(with.clone()), ..Args::default() };
                    self.call_shape(shape, &args, place);
                }
                Shape::Seq(items) => {
                    let direct = |s: &Shape| matches!(s, Shape::Function(_) | Shape::Bound(..) | Shape::SdkMethod(..));
                    for item in items.iter().filter(|item| item.shapes().iter().any(direct)) {
                        self.called_back(item, with, place);
                    }
                }
                _ => {}
            }
        }
    }

    /// A decorator gets a function; what it makes of it is like the function.
    pub(super) fn decorate(&mut self, decorator: &Val, function: &Val, place: Place) -> Val {
        let mut found = Val::nothing();
        let args = Args { plain: vec![function.clone()], ..Args::default() };
        for shape in decorator.shapes() {
            if let Shape::Function(_) | Shape::Bound(..) | Shape::Class(_) | Shape::Instance(_) = shape {
                let made = self.call_shape(shape, &args, place);
                found = found.join(&made);
            }
        }
        found
    }

    fn call_function(&mut self, function: usize, own: Option<&Val>, args: &Args) -> Val {
        let Some((unit, index)) = self.unit_of(function) else { return Val::unknown() };
        let Some(f) = unit.functions.get(index) else { return Val::unknown() };
        self.mark_called(function);
        let offset = usize::from(own.is_some());
        if let Some(own) = own {
            self.flow(Cell::Param(function, 0), own);
        }
        let mut taken = 0;
        let mut named: Vec<Rc<str>> = Vec::new();
        for (position, param) in f.params.iter().enumerate().skip(offset) {
            match param.kind {
                ArgKind::Rest => {
                    let rest: Vec<Val> = args.plain.iter().skip(taken).cloned().collect();
                    taken = args.plain.len();
                    let val = match &args.rest {
                        None => sequence(rest),
                        Some(more) => Val::of(Shape::Bag(Val::join_all(rest.iter().chain([more])))),
                    };
                    self.flow(Cell::Param(function, position), &val);
                }
                ArgKind::NamedRest => {
                    let rest: Vec<(Rc<str>, Val)> =
                        args.named.iter().filter(|(n, _)| !named.contains(n)).cloned().collect();
                    let tainted = Val::unknown_from(rest.iter().map(|(_, v)| v));
                    let map = Val::of(Shape::Map(rest.into(), args.named_rest.clone())).tainted_like(&tainted);
                    self.flow(Cell::Param(function, position), &map);
                }
                _ => {
                    named.push(param.name.clone());
                    let plain = args.plain.get(taken).filter(|_| args.named(&param.name).is_none());
                    taken += usize::from(plain.is_some());
                    let given = plain.or_else(|| args.named(&param.name)).map(Val::present);
                    let val = given.unwrap_or_else(|| Val::join_all(args.rest.iter().chain(&args.named_rest)));
                    self.flow(Cell::Param(function, position), &val);
                }
            }
        }
        self.cell(&Cell::Return(function))
    }

    fn construct(&mut self, class: usize, args: &Args) -> Val {
        let instance = Shape::Instance(class);
        let own = Val::of(instance.clone());
        let init = self.class_members(class, &"__init__".into());
        let written: Vec<usize> = init
            .iter()
            .flat_map(|(_, val)| val.shapes())
            .filter_map(|shape| if let Shape::Function(function) = shape { Some(*function) } else { None })
            .collect();
        for function in &written {
            self.call_function(*function, Some(&own), args);
        }
        if written.is_empty() {
            self.fill(class, args);
        }
        own
    }

    /// A constructor that is not written: its arguments are the fields.
    fn fill(&mut self, class: usize, args: &Args) {
        let Some((unit, index)) = self.classes.get(class).copied() else { return };
        let Some(unit) = self.loaded.get(unit).map(|l| l.unit.clone()) else { return };
        let fields = unit.classes.get(index).map(|c| c.fields.clone()).unwrap_or_default();
        for (field, val) in fields.iter().zip(&args.plain) {
            self.flow(Cell::Attr(class, field.clone()), val);
        }
        for (field, val) in &args.named {
            self.flow(Cell::Attr(class, field.clone()), val);
        }
    }

    fn call_instance(&mut self, class: usize, own: &Shape, args: &Args, place: Place) -> Val {
        let members = self.class_members(class, &"__call__".into());
        let mut found = Val::nothing();
        for (_, val) in members {
            for shape in val.shapes() {
                if let Shape::Function(function) = shape {
                    let val = self.call_function(*function, Some(&Val::of(own.clone())), args);
                    found = found.join(&val);
                }
            }
        }
        if found.is_nothing() { self.call_unknown(args, place) } else { found }
    }
}

/// True if it is, or holds, something of the SDK that calls can be made on.
fn of_sdk(val: &Val, depth: u32) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    val.shapes().iter().any(|shape| match shape {
        Shape::Sdk(_) => true,
        Shape::Seq(items) => items.iter().any(|item| of_sdk(item, depth)),
        Shape::Bag(item) => of_sdk(item, depth),
        Shape::Map(entries, rest) => entries.iter().map(|(_, v)| v).chain(rest).any(|v| of_sdk(v, depth)),
        _ => false,
    })
}
