//! Expressions.

use std::rc::Rc;

use super::containers::{add_entry, below, drop_entry, entry, is_number, map_keys, put_entry, slice, spread_entries};
use super::{Cell, Engine, Frame};
use crate::facts::Place;
use crate::ir::{Arg, ArgKind, Comprehension, Expr, Id};
use crate::limits;
use crate::value::{Args, Shape, Taint, Val};

/// Methods that change what they are called on.
const CHANGES: &[&str] =
    &["append", "add", "extend", "insert", "update", "setdefault", "appendleft", "pop", "popitem", "clear"];

impl Engine<'_> {
    pub(super) fn eval(&mut self, frame: &mut Frame, id: Id) -> Val {
        if self.spent() || self.depth > 3 * limits::NESTING {
            return Val::unknown();
        }
        self.step(0);
        self.depth += 1;
        let unit = frame.unit.clone();
        let val = self.expr(frame, unit.expr(id), unit.place(id));
        self.depth -= 1;
        val
    }

    fn evals(&mut self, frame: &mut Frame, ids: &[Id]) -> Vec<Val> {
        ids.iter().map(|id| self.eval(frame, *id)).collect()
    }

    fn expr(&mut self, frame: &mut Frame, expr: &Expr, place: Place) -> Val {
        match expr {
            Expr::Name(name) => self.name(frame, name),
            Expr::Text(text) => located(Val::text(text), place),
            Expr::Number => Val::of(Shape::Number),
            Expr::Bool(truth) => Val::of(Shape::Bool(*truth)),
            Expr::Null => Val::of(Shape::Null),
            Expr::Concat(ids) => self.concat(frame, ids, place),
            Expr::Percent(pattern, values) => {
                let (pattern, values) = (self.eval(frame, *pattern), self.eval(frame, *values));
                located(super::template::percent(&pattern, &values), place)
            }
            Expr::Slash(left, right) => {
                let (left, right) = (self.eval(frame, *left), self.eval(frame, *right));
                located(super::paths::join(&[left, right]), place)
            }
            Expr::Attr(object, name) => {
                let object = self.eval(frame, *object);
                self.attr(&object, name, place)
            }
            Expr::Index(base, key) => {
                let (base, key) = (self.eval(frame, *base), self.eval(frame, *key));
                self.index(&base, &key, place)
            }
            Expr::Slice(value, bounds) => {
                self.evals(frame, bounds);
                let val = self.eval(frame, *value);
                slice(&val)
            }
            Expr::Call(callee, args) => self.call_expr(frame, *callee, args, place),
            Expr::Seq(ids) => self.seq(frame, ids),
            Expr::Map(entries) => self.map(frame, entries),
            _ => self.other(frame, expr),
        }
    }

    fn other(&mut self, frame: &mut Frame, expr: &Expr) -> Val {
        match expr {
            Expr::Either(ids, test) => {
                if let Some(test) = test {
                    drop(self.eval(frame, *test));
                }
                let vals = self.evals(frame, ids);
                Val::join_all(&vals)
            }
            Expr::Lambda(index) => {
                self.defaults(frame, *index);
                Val::of(Shape::Function(self.function_number(frame.number, *index)))
            }
            Expr::Comprehension(inner) => self.comprehension(frame, inner),
            Expr::Bind(target, value) => {
                let val = self.eval(frame, *value);
                self.assign(frame, *target, &val);
                val
            }
            Expr::Spread(inner) => self.eval(frame, *inner),
            Expr::Yield(inner) => {
                let val = self.eval(frame, *inner);
                let item = self.element(&val);
                if let Some(function) = frame.function {
                    self.flow(Cell::Return(function), &Val::of(Shape::Bag(item)));
                }
                Val::unknown()
            }
            Expr::Test(ids) => {
                self.evals(frame, ids);
                Val::of(Shape::Bool(true)).join(&Val::of(Shape::Bool(false)))
            }
            Expr::Opaque(ids) => {
                let vals = self.evals(frame, ids);
                Val::unknown_from(&vals)
            }
            _ => Val::unknown(),
        }
    }

    fn name(&mut self, frame: &Frame, name: &Rc<str>) -> Val {
        if let Some(val) = frame.locals.get(name) {
            return val.clone();
        }
        if let Some(function) = frame.function {
            if self.function(function).is_some_and(|f| f.locals.contains(name)) {
                return Val::nothing();
            }
            if let Some(outer) = self.owner(function, name) {
                return self.cell(&Cell::Shared(outer, name.clone()));
            }
        }
        if frame.unit.names.contains(name) {
            return self.cell(&Cell::Global(frame.number, name.clone()));
        }
        match self.cells.get(&Cell::Global(frame.number, name.clone())) {
            Some(val) => val.clone(),
            None if &**name == "super" => self.parents(frame),
            None => Val::external(name),
        }
    }

    /// `super`: called, it gives what the classes above offer.
    fn parents(&self, frame: &Frame) -> Val {
        let bases = frame.class.and_then(|class| self.bases.get(class)).cloned().unwrap_or_default();
        let shapes = bases.into_iter().map(Shape::Instance).collect::<Vec<_>>();
        if shapes.is_empty() { Val::unknown() } else { Val::of(Shape::Method(Val::new(shapes, None), "super".into())) }
    }

    fn concat(&mut self, frame: &mut Frame, ids: &[Id], place: Place) -> Val {
        let vals = self.evals(frame, ids);
        let sequence = |val: &Val| val.shapes().iter().any(|s| matches!(s, Shape::Seq(_) | Shape::Bag(_)));
        if vals.iter().any(sequence) {
            return self.chained(&vals);
        }
        located(Val::concat(&vals), place)
    }

    /// Sequences one after the other.
    fn chained(&mut self, vals: &[Val]) -> Val {
        let mut items = Vec::new();
        for val in vals {
            if let [Shape::Seq(inner)] = val.shapes() {
                items.extend(inner.iter().cloned());
            } else {
                let all: Vec<Val> = vals.iter().map(|val| self.element(val)).collect();
                return Val::of(Shape::Bag(Val::join_all(&all)));
            }
        }
        sequence(items)
    }

    fn seq(&mut self, frame: &mut Frame, ids: &[Id]) -> Val {
        let unit = frame.unit.clone();
        let spread = ids.iter().any(|id| matches!(unit.expr(*id), Expr::Spread(_)));
        let vals = self.evals(frame, ids);
        if !spread {
            return sequence(vals);
        }
        let mut all = Val::nothing();
        for (id, val) in ids.iter().zip(&vals) {
            let item = if matches!(unit.expr(*id), Expr::Spread(_)) { self.element(val) } else { val.clone() };
            all = all.join(&item);
        }
        Val::of(Shape::Bag(all.clone())).tainted_like(&all)
    }

    fn map(&mut self, frame: &mut Frame, entries: &[(Option<Id>, Id)]) -> Val {
        let mut known: Vec<(Rc<str>, Val)> = Vec::new();
        let mut rest: Option<Val> = None;
        let mut taint = Val::unknown();
        for (key, value) in entries {
            let key = key.map(|key| self.eval(frame, key));
            let val = self.eval(frame, *value);
            taint = taint.tainted_like(&val);
            match key {
                Some(key) => put_entry(&mut known, &mut rest, &key, val),
                None => spread_entries(&mut known, &mut rest, &val),
            }
        }
        if known.len() > limits::SIZE as usize / 2 {
            let all = Val::join_all(known.iter().map(|(_, v)| v).chain(&rest));
            return Val::of(Shape::Map(Rc::new([]), Some(all))).tainted_like(&taint);
        }
        Val::of(Shape::Map(known.into(), rest)).tainted_like(&taint)
    }

    fn comprehension(&mut self, frame: &mut Frame, inner: &Comprehension) -> Val {
        // One of a known few, each on its own: `for name in ("a", "b")`.
        for (target, over) in &inner.clauses {
            let over = self.eval(frame, *over);
            let item = self.element(&over);
            self.assign(frame, *target, &item);
        }
        self.evals(frame, &inner.conditions);
        let single = match inner.clauses.as_slice() {
            [(target, over)] if inner.conditions.is_empty() => Some((*target, *over)),
            _ => None,
        };
        let items = single.and_then(|(target, over)| Some((target, self.exact(frame, over)?)));
        if let Some(key) = inner.key {
            return self.map_comprehension(frame, key, inner.value, items);
        }
        if let Some((target, items)) = items {
            let mut found = Vec::with_capacity(items.len());
            for item in items.iter() {
                self.assign(frame, target, item);
                found.push(self.eval(frame, inner.value));
            }
            return sequence(found);
        }
        let val = self.eval(frame, inner.value);
        Val::of(Shape::Bag(val.clone())).tainted_like(&val)
    }

    fn map_comprehension(&mut self, frame: &mut Frame, key: Id, value: Id, items: Option<(Id, Rc<[Val]>)>) -> Val {
        let (mut known, mut rest) = (Vec::new(), None);
        let mut tainted = Val::unknown();
        let (target, items) = items.unzip();
        for item in items.iter().flat_map(|items| items.iter().map(Some)).chain(items.is_none().then_some(None)) {
            if let (Some(target), Some(item)) = (target, item) {
                self.assign(frame, target, item);
            }
            let (key, val) = (self.eval(frame, key), self.eval(frame, value));
            tainted = tainted.tainted_like(&val);
            // Of a list that is not known, or not taken whole, any may be missing.
            let val = if item.is_none() { val.or_absent() } else { val };
            put_entry(&mut known, &mut rest, &key, val);
        }
        Val::of(Shape::Map(known.into(), rest)).tainted_like(&tainted)
    }

    fn exact(&mut self, frame: &mut Frame, over: Id) -> Option<Rc<[Val]>> {
        let over = self.eval(frame, over);
        match over.shapes() {
            [Shape::Seq(items)] if items.len() <= 16 => Some(items.clone()),
            _ => None,
        }
    }

    /// Maps and sequences of variables that a function among the files was given and changed.
    fn changed_by_callee(&mut self, frame: &mut Frame, callee: &Val, args: &[Arg]) {
        let unit = frame.unit.clone();
        for shape in callee.shapes() {
            let (function, offset) = match shape {
                Shape::Function(function) => (*function, 0),
                Shape::Bound(function, _) => (*function, 1),
                _ => continue,
            };
            for (number, arg) in args.iter().enumerate() {
                let position = match &arg.kind {
                    ArgKind::Plain => Some(number + offset),
                    ArgKind::Named(name) => {
                        self.function(function).and_then(|f| f.params.iter().position(|param| param.name == *name))
                    }
                    _ => None,
                };
                let changed = position.map_or_else(Val::nothing, |at| self.cell(&Cell::Changed(function, at)));
                if !changed.is_nothing() && matches!(unit.expr(arg.value), Expr::Name(_) | Expr::Attr(..)) {
                    let old = self.eval(frame, arg.value);
                    self.assign(frame, arg.value, &old.join(&changed));
                }
            }
        }
    }

    fn call_expr(&mut self, frame: &mut Frame, callee: Id, written: &[Arg], place: Place) -> Val {
        let unit = frame.unit.clone();
        let function = self.eval(frame, callee);
        let args = self.args(frame, written);
        let val = self.call(&function, &args, place);
        if let Expr::Attr(base, method) = unit.expr(callee)
            && CHANGES.contains(&&**method)
        {
            let old = self.eval(frame, *base);
            if let Some(new) = self.changed_by(&old, method, &args) {
                self.replace(frame, *base, &new);
            }
        }
        self.changed_by_callee(frame, &function, written);
        if val.made().is_some() { val } else { located(val, place) }
    }

    fn args(&mut self, frame: &mut Frame, args: &[Arg]) -> Args {
        let mut found = Args::default();
        for arg in args {
            let val = self.eval(frame, arg.value);
            match &arg.kind {
                ArgKind::Named(name) => found.named.push((name.clone(), val)),
                ArgKind::Plain if found.rest.is_none() => found.plain.push(val),
                ArgKind::Plain => found.rest = Some(Val::join_all(found.rest.iter().chain([&val]))),
                ArgKind::Rest => match val.shapes() {
                    [Shape::Seq(items)] if found.rest.is_none() => found.plain.extend(items.iter().cloned()),
                    _ => {
                        let item = self.element(&val);
                        found.rest = Some(Val::join_all(found.rest.iter().chain([&item])));
                    }
                },
                ArgKind::NamedRest => spread_entries(&mut found.named, &mut found.named_rest, &val),
            }
        }
        found
    }

    /// What iterating gives.
    pub(super) fn element(&mut self, val: &Val) -> Val {
        let mut found = Val::nothing();
        for shape in val.shapes() {
            let item = match shape {
                Shape::Seq(items) => Val::join_all(items.iter()),
                Shape::Bag(item) => item.clone(),
                Shape::Map(entries, rest) => map_keys(entries, rest.as_ref()),
                Shape::Event(field) => below(field, "[]", val.taint()),
                Shape::Sdk(sdk) => self.listed(sdk),
                Shape::Null | Shape::Absent => continue,
                Shape::Instance(class) => {
                    let made = self.instance_call(*class, "__iter__", shape).unwrap_or_else(Val::unknown);
                    if made.shapes().iter().any(|s| matches!(s, Shape::Instance(_))) {
                        Val::unknown()
                    } else {
                        self.element(&made)
                    }
                }
                _ => Val::unknown_from([val]),
            };
            found = found.join(&item);
        }
        found
    }

    pub(super) fn index(&mut self, base: &Val, key: &Val, place: Place) -> Val {
        if key.is_nothing() {
            return Val::nothing();
        }
        let mut found = Val::nothing();
        for shape in base.shapes() {
            self.step(1);
            let val = match shape {
                Shape::Map(entries, rest) => entry(entries, rest.as_ref(), key, base),
                Shape::Event(field) => {
                    let step = key.constant().map_or_else(
                        || if is_number(key) { "[]".to_owned() } else { "*".to_owned() },
                        |k| [".", k].concat(),
                    );
                    let inner = below(field, &step, base.taint());
                    inner.with_taint(inner.taint().map(|taint| Taint { place, ..taint.clone() }))
                }
                Shape::Seq(_) | Shape::Bag(_) => {
                    let val = Val::of(shape.clone());
                    self.element(&val)
                }
                Shape::External(name) if &**name == "os.environ" => self.env_read(key, place),
                Shape::External(_) | Shape::Class(_) => Val::of(shape.clone()),
                Shape::Module(_) | Shape::Null | Shape::Absent => continue,
                // An empty stand-in, such as `or "{}"`.
                Shape::Text(_) if base.shapes().len() > 1 => continue,
                Shape::Instance(class) => {
                    self.instance_call(*class, "__getitem__", shape).unwrap_or_else(|| Val::unknown_from([base]))
                }
                Shape::Unknown => match (base.taint(), key.constant()) {
                    (Some(taint), Some(key)) => {
                        let inner = below(&taint.field, &[".", key].concat(), Some(taint));
                        Val::unknown().with_taint(inner.taint().map(|t| Taint { place, ..t.clone() }))
                    }
                    _ => Val::unknown_from([base]),
                },
                _ => Val::unknown_from([base]),
            };
            found = found.join(&val);
        }
        found
    }

    pub(super) fn env_read(&mut self, key: &Val, place: Place) -> Val {
        let (names, others) = key.constants();
        if let ([name], false) = (names.as_slice(), others) {
            self.found.env_read(place, name);
        }
        let mut shapes: Vec<Shape> = names.into_iter().map(Shape::Env).collect();
        if others && !key.is_nothing() {
            shapes.push(Shape::Unknown);
        }
        Val::new(shapes, None)
    }

    /// A map or sequence with one more entry; `None` if the value is neither.
    pub(super) fn with_entry(&mut self, old: &Val, key: &Val, val: &Val) -> Option<Val> {
        self.step(old.size() as usize);
        let mut shapes = Vec::new();
        let mut any = false;
        for shape in old.shapes() {
            match shape {
                Shape::Map(entries, rest) => {
                    let (mut entries, mut rest) = (entries.to_vec(), rest.clone());
                    add_entry(&mut entries, &mut rest, key, val);
                    shapes.push(Shape::Map(entries.into(), rest));
                    any = true;
                }
                Shape::Seq(_) | Shape::Bag(_) => {
                    let item = self.element(&Val::of(shape.clone()));
                    shapes.push(Shape::Bag(item.join(val)));
                    any = true;
                }
                other => shapes.push(other.clone()),
            }
        }
        any.then(|| Val::new(shapes, old.taint().cloned()).tainted_like(val))
    }

    fn changed_by(&mut self, old: &Val, method: &str, args: &Args) -> Option<Val> {
        let first = args.plain.first().cloned();
        match (method, first) {
            ("append" | "add" | "appendleft", Some(item)) => self.with_entry(old, &Val::unknown(), &item),
            ("insert", _) => {
                let item = args.plain.get(1)?.clone();
                self.with_entry(old, &Val::unknown(), &item)
            }
            ("extend", Some(items)) => {
                let item = self.element(&items);
                self.with_entry(old, &Val::unknown(), &item)
            }
            ("setdefault", Some(key)) => {
                let val = args.plain.get(1)?.clone();
                self.with_entry(old, &key, &val)
            }
            ("pop", Some(key)) => Some(without_entry(old, &key)),
            ("popitem" | "clear", _) => Some(without_entry(old, &Val::unknown())),
            ("update", first) => {
                let mut new = old.clone();
                let (mut entries, mut rest) = (args.named.clone(), args.named_rest.clone());
                if let Some(first) = &first {
                    spread_entries(&mut entries, &mut rest, first);
                }
                for (key, val) in entries {
                    new = self.with_entry(&new, &Val::of(Shape::Text(key)), &val)?;
                }
                match rest {
                    Some(rest) => self.with_entry(&new, &Val::unknown(), &rest),
                    None => Some(new),
                }
            }
            _ => None,
        }
    }
}

/// The same, whose maps may have lost the entry.
pub(super) fn without_entry(old: &Val, key: &Val) -> Val {
    let part = |shape: &Shape| match shape {
        Shape::Map(entries, rest) => {
            let mut entries = entries.to_vec();
            drop_entry(&mut entries, key);
            Shape::Map(entries.into(), rest.clone())
        }
        _ => shape.clone(),
    };
    let val = Val::new(old.shapes().iter().map(part).collect(), old.taint().cloned());
    old.made().map_or_else(|| val.clone(), |made| val.with_made(made))
}

/// Remembers where a path below a folder for temporary files was made.
pub(super) fn located(val: Val, place: Place) -> Val {
    let temporary = val.shapes().iter().any(|shape| match shape {
        Shape::Text(text) => super::paths::is_temporary(text),
        Shape::Join(parts) => parts.first().and_then(Val::constant).is_some_and(super::paths::is_temporary),
        _ => false,
    });
    if temporary { val.with_made(place) } else { val }
}

pub(super) fn sequence(items: Vec<Val>) -> Val {
    let taint = Val::unknown_from(&items);
    Val::of(Shape::Seq(items.into())).tainted_like(&taint)
}
