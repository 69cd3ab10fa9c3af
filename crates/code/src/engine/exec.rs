//! Statements.

use std::collections::HashMap;
use std::rc::Rc;

use super::attr::is_decorated;
use super::eval::located;
use super::found::Call;
use super::{Cell, Engine, Frame};
use crate::ir::{ArgKind, Block, Expr, Id, Import, Stmt};
use crate::value::{Sdk, Shape, Val};

impl Engine<'_> {
    pub(super) fn run_module(&mut self, number: usize) {
        let Some(unit) = self.loaded.get(number).map(|l| l.unit.clone()) else { return };
        let mut frame = Frame::new(unit.clone(), number);
        self.block(&mut frame, &unit.body);
    }

    pub(super) fn run_function(&mut self, function: usize) {
        let Some((number, index)) = self.functions.get(function).copied() else { return };
        let Some(unit) = self.loaded.get(number).map(|l| l.unit.clone()) else { return };
        let Some(f) = unit.functions.get(index) else { return };
        let class = f.class.map(|class| self.class_number(number, class));
        let mut frame = Frame { function: Some(function), class, ..Frame::new(unit.clone(), number) };
        for (position, param) in f.params.iter().enumerate() {
            let mut val = self.cell(&Cell::Param(function, position));
            if let (0, Some(class)) = (position, class) {
                let own =
                    if is_decorated(&unit, f, "classmethod") { Shape::Class(class) } else { Shape::Instance(class) };
                if !is_decorated(&unit, f, "staticmethod") {
                    val = val.join(&Val::of(own));
                }
            }
            if param.kind != ArgKind::Plain && val.is_nothing() {
                val = Val::unknown();
            }
            self.bind(&mut frame, &param.name, &val);
        }
        self.block(&mut frame, &f.body);
    }

    pub(super) fn block(&mut self, frame: &mut Frame, block: &Block) {
        if self.depth > 2 * crate::limits::NESTING {
            return;
        }
        self.depth += 1;
        for stmt in block {
            if frame.dead || self.spent() {
                break;
            }
            self.step(0);
            self.stmt(frame, stmt);
        }
        self.depth -= 1;
    }

    fn stmt(&mut self, frame: &mut Frame, stmt: &Stmt) {
        match stmt {
            Stmt::Expr(id) => drop(self.eval(frame, *id)),
            Stmt::Assign { targets, value } => {
                let val = self.eval(frame, *value);
                for target in targets {
                    self.assign(frame, *target, &val);
                }
            }
            Stmt::Augment { target, value, add } => self.augment(frame, *target, *value, *add),
            Stmt::Return(value) => {
                let val = value.map_or_else(|| Val::of(Shape::Null), |value| self.eval(frame, value));
                if let Some(function) = frame.function {
                    self.flow(Cell::Return(function), &val);
                }
                frame.dead = true;
            }
            Stmt::Raise(ids) => {
                for id in ids {
                    drop(self.eval(frame, *id));
                }
                frame.dead = true;
            }
            Stmt::Import(import) => self.import(frame, import),
            Stmt::Function(index) => self.define(frame, *index),
            Stmt::Class(index) => self.define_class(frame, *index),
            Stmt::Branch { tests, blocks, exhaustive } => {
                for test in tests {
                    drop(self.eval(frame, *test));
                }
                self.branch(frame, blocks, *exhaustive);
            }
            Stmt::Loop { target, over, body, after } => {
                self.repeat(frame, *target, *over, body);
                self.block(frame, after);
            }
            Stmt::Try { body, handlers, otherwise, finally } => {
                let entry = if finally.is_empty() { None } else { Some(frame.locals.clone()) };
                frame.tried.push(HashMap::new());
                self.attempt(frame, body, handlers, otherwise);
                match entry {
                    Some(before) => self.anywhere(frame, before),
                    None => drop(frame.tried.pop()),
                }
                let dead = std::mem::replace(&mut frame.dead, false);
                self.block(frame, finally);
                frame.dead |= dead;
            }
            Stmt::With { items, body } => self.with(frame, items, body),
            Stmt::Leave => self.leave(frame),
            Stmt::Delete(ids) => self.delete(frame, ids),
            Stmt::Capture { names, from } => {
                let val = from.map_or_else(Val::unknown, |from| {
                    let from = self.eval(frame, from);
                    Val::unknown_from([&from])
                });
                for name in names {
                    self.bind(frame, name, &val);
                }
            }
        }
    }

    fn with(&mut self, frame: &mut Frame, items: &[(Id, Option<Id>)], body: &Block) {
        let before = frame.locals.clone();
        frame.tried.push(HashMap::new());
        for (value, target) in items {
            let val = self.eval(frame, *value);
            let entered = self.entered(&val);
            if let Some(target) = target {
                self.assign(frame, *target, &entered);
            }
        }
        self.block(frame, body);
        // What is entered may swallow what is raised: then what follows runs, from anywhere within.
        self.anywhere(frame, before);
        frame.dead = false;
    }

    fn leave(&mut self, frame: &mut Frame) {
        if let Some(left) = frame.left.pop() {
            let left = self.merge(left, frame.locals.clone());
            frame.left.push(Some(left));
        }
        frame.dead = true;
    }

    fn delete(&mut self, frame: &mut Frame, ids: &[Id]) {
        let unit = frame.unit.clone();
        for id in ids {
            let Expr::Index(base, key) = unit.expr(*id) else { continue };
            let (old, key) = (self.eval(frame, *base), self.eval(frame, *key));
            let new = super::eval::without_entry(&old, &key);
            self.assign(frame, *base, &new);
        }
    }

    /// Variables as they may be wherever what was tried last ended.
    fn anywhere(&mut self, frame: &mut Frame, before: HashMap<Rc<str>, Val>) {
        let tried = frame.tried.pop().unwrap_or_default();
        let ended = std::mem::take(&mut frame.locals);
        let some = self.merge(Some(before), tried);
        frame.locals = self.merge(Some(some), ended);
    }

    fn branch(&mut self, frame: &mut Frame, blocks: &[Block], exhaustive: bool) {
        let before = frame.locals.clone();
        self.step(before.len());
        let mut after = if exhaustive { None } else { Some(before.clone()) };
        for block in blocks {
            self.step(before.len());
            frame.locals.clone_from(&before);
            frame.dead = false;
            self.block(frame, block);
            if !frame.dead {
                let locals = std::mem::take(&mut frame.locals);
                after = Some(self.merge(after, locals));
            }
        }
        frame.dead = after.is_none();
        frame.locals = after.unwrap_or(before);
    }

    fn merge(&mut self, one: Option<HashMap<Rc<str>, Val>>, other: HashMap<Rc<str>, Val>) -> HashMap<Rc<str>, Val> {
        let Some(mut one) = one else { return other };
        self.step(other.len());
        for (name, val) in other {
            match one.get_mut(&name) {
                Some(old) if old.same(&val) => {}
                Some(old) => *old = old.join(&val),
                None => drop(one.insert(name, val)),
            }
        }
        one
    }

    /// Twice, so that what one turn leaves is seen by the next.
    fn repeat(&mut self, frame: &mut Frame, target: Option<Id>, over: Id, body: &Block) {
        for _ in 0..2 {
            let val = self.eval(frame, over);
            if let Some(target) = target {
                let item = self.element(&val);
                self.assign(frame, target, &item);
            }
            let before = frame.locals.clone();
            frame.left.push(None);
            self.block(frame, body);
            frame.dead = false;
            let locals = std::mem::take(&mut frame.locals);
            let mut after = self.merge(Some(before), locals);
            if let Some(left) = frame.left.pop().flatten() {
                after = self.merge(Some(after), left);
            }
            frame.locals = after;
        }
    }

    fn attempt(&mut self, frame: &mut Frame, body: &Block, handlers: &[Block], otherwise: &Block) {
        let before = frame.locals.clone();
        frame.tried.push(HashMap::new());
        self.block(frame, body);
        let tried = frame.tried.pop().unwrap_or_default();
        let (ended, body_dead) = (frame.locals.clone(), frame.dead);
        let anywhere = self.merge(Some(before), ended);
        let anywhere = self.merge(Some(anywhere), tried);
        let mut after = None;
        self.block(frame, otherwise);
        if !frame.dead {
            after = Some(std::mem::take(&mut frame.locals));
        }
        for handler in handlers {
            self.step(anywhere.len());
            frame.locals.clone_from(&anywhere);
            frame.dead = false;
            self.block(frame, handler);
            if !frame.dead {
                let locals = std::mem::take(&mut frame.locals);
                after = Some(self.merge(after, locals));
            }
        }
        frame.dead = after.is_none() && (body_dead || frame.dead);
        frame.locals = after.unwrap_or(anywhere);
    }

    fn augment(&mut self, frame: &mut Frame, target: Id, value: Id, add: bool) {
        let unit = frame.unit.clone();
        let (old, new) = (self.eval(frame, target), self.eval(frame, value));
        let val = match old.shapes() {
            shapes if shapes.iter().any(|shape| matches!(shape, Shape::Seq(_) | Shape::Bag(_))) => {
                Val::of(Shape::Bag(self.element(&old).join(&self.element(&new))))
            }
            _ if add => located(Val::concat(&[old, new]), unit.place(target)),
            _ => Val::unknown_from([&old, &new]),
        };
        self.assign(frame, target, &val);
    }

    fn define(&mut self, frame: &mut Frame, index: usize) {
        let unit = frame.unit.clone();
        let Some(f) = unit.functions.get(index) else { return };
        let number = self.function_number(frame.number, index);
        self.defaults(frame, index);
        let function = Val::of(Shape::Function(number));
        let mut made = function.clone();
        for decorator in f.decorators.iter().rev() {
            let decorator = self.eval(frame, *decorator);
            made = made.join(&self.decorate(&decorator, &function, f.place));
        }
        self.bind(frame, &f.name, &made);
    }

    pub(super) fn defaults(&mut self, frame: &mut Frame, index: usize) {
        let unit = frame.unit.clone();
        let Some(f) = unit.functions.get(index) else { return };
        let number = self.function_number(frame.number, index);
        for (position, param) in f.params.iter().enumerate() {
            if let Some(default) = param.default {
                let val = self.eval(frame, default);
                self.flow(Cell::Param(number, position), &val);
            }
        }
    }

    fn define_class(&mut self, frame: &mut Frame, index: usize) {
        let unit = frame.unit.clone();
        let Some(class) = unit.classes.get(index) else { return };
        let number = self.class_number(frame.number, index);
        let mut bases = Vec::new();
        for base in &class.bases {
            let base = self.eval(frame, *base);
            bases.extend(base.shapes().iter().filter_map(|shape| match shape {
                Shape::Class(base) if *base != number => Some(*base),
                _ => None,
            }));
        }
        for decorator in &class.decorators {
            drop(self.eval(frame, *decorator));
        }
        if let Some(known) = self.bases.get_mut(number) {
            *known = bases;
        }
        let mut inner = Frame {
            function: frame.function,
            class: Some(number),
            locals: frame.locals.clone(),
            ..Frame::new(unit.clone(), frame.number)
        };
        self.class_body(&mut inner, &class.body, number);
        self.bind(frame, &class.name, &Val::of(Shape::Class(number)));
    }

    /// What is bound in a class's body becomes its attributes.
    fn class_body(&mut self, frame: &mut Frame, body: &Block, class: usize) {
        let before = frame.locals.clone();
        // Names of the body are no variables of the function around it.
        frame.function = None;
        self.block(frame, body);
        let bound: Vec<(Rc<str>, Val)> = frame
            .locals
            .iter()
            .filter(|(n, v)| before.get(*n).is_none_or(|old| !old.same(v)))
            .map(|(n, v)| (n.clone(), v.clone()))
            .collect();
        for (name, val) in bound {
            self.flow(Cell::Attr(class, name), &val);
        }
    }

    fn import(&mut self, frame: &mut Frame, import: &Import) {
        let module = self.absolute(frame.unit.file, import.level, &import.module);
        let Some(name) = &import.name else {
            let bound = if import.whole { module.as_str() } else { module.split('.').next().unwrap_or_default() };
            let val = self.module(&module, bound, import.place);
            self.bind(frame, &import.bind, &val);
            return;
        };
        if !self.is_own(&module) {
            let full = [&module, ".", name].concat();
            self.vendor(&full, import.place);
            let val = if &**name == "*" { return } else { Val::external(&full) };
            self.bind(frame, &import.bind, &val);
            return;
        }
        let loaded = self.load(&module);
        if loaded.is_none() && !self.has_module(&module) {
            self.found.undecided(import.place, format!("`{module}` is not among the files that are read"));
        }
        if &**name == "*" {
            let found: Vec<(Rc<str>, Val)> = self.globals_of(loaded);
            for (name, val) in &found {
                self.bind(frame, name, val);
            }
            return;
        }
        let val = self.member(&module, name);
        if val.shapes().contains(&Shape::Unknown) {
            self.missing(&module, name, loaded, import.place);
        }
        self.bind(frame, &import.bind, &val);
    }

    fn globals_of(&self, loaded: Option<usize>) -> Vec<(Rc<str>, Val)> {
        let mut found: Vec<(Rc<str>, Val)> = self
            .cells
            .iter()
            .filter_map(|(cell, val)| match cell {
                Cell::Global(number, name) if Some(*number) == loaded => Some((name.clone(), val.clone())),
                _ => None,
            })
            .collect();
        found.sort_by(|a, b| a.0.cmp(&b.0));
        found
    }

    fn module(&mut self, module: &str, bound: &str, place: crate::facts::Place) -> Val {
        if self.is_own(module) {
            self.load(module);
            if !self.has_module(module) {
                self.found.undecided(place, format!("`{module}` is not among the files that are read"));
            }
            return Val::of(Shape::Module(bound.into()));
        }
        self.vendor(module, place);
        Val::external(bound)
    }

    /// Notes the import of a package that calls AWS on its own, or of which nothing is known.
    pub(super) fn vendor(&mut self, full: &str, place: crate::facts::Place) {
        if let Some(why) = crate::vendors::why(full).or_else(|| crate::vendors::unread(full)) {
            self.found.undecided(place, why);
        }
        if full.split('.').next() == Some("aws_xray_sdk") {
            let (service, method): (Rc<str>, Rc<str>) = ("xray".into(), "import".into());
            for operation in crate::vendors::TRACES {
                let operation = (*operation).to_owned();
                let call =
                    Call { service: &service, operation, method: &method, arguments: Vec::new(), presigned: false };
                self.found.call(place, call);
            }
        }
    }

    /// Notes the import of a name that no file tells of.
    fn missing(&mut self, module: &str, name: &str, loaded: Option<usize>, place: crate::facts::Place) {
        let inner = [module, ".", name].concat();
        let known = match loaded.and_then(|number| self.loaded.get(number)) {
            Some(known) => known.unit.names.contains(name),
            None => false,
        };
        let bound = loaded.is_some_and(|number| self.cells.contains_key(&Cell::Global(number, name.into())));
        let faulty = self.names.contains_key(module) && loaded.is_none();
        if !known && !bound && !faulty && !self.has_module(&inner) {
            self.found.undecided(place, format!("`{inner}` is not among the files that are read"));
        }
    }

    /// True if there is a module or package of that name.
    fn has_module(&self, dotted: &str) -> bool {
        let below = |known: &String| known.strip_prefix(dotted).is_some_and(|r| r.is_empty() || r.starts_with('.'));
        self.names.keys().any(below)
    }

    /// Binds a name.
    pub(super) fn bind(&mut self, frame: &mut Frame, name: &Rc<str>, val: &Val) {
        let Some(function) = frame.function else {
            frame.set(name, val);
            if frame.class.is_none() {
                self.flow(Cell::Global(frame.number, name.clone()), val);
            }
            return;
        };
        let own = self.function(function).map(|f| (f.locals.contains(name), f.shared));
        if let Some((true, shared)) = own {
            frame.set(name, val);
            if shared {
                self.flow(Cell::Shared(function, name.clone()), val);
            }
            return;
        }
        let cell = match self.owner(function, name) {
            Some(outer) => Cell::Shared(outer, name.clone()),
            None => Cell::Global(frame.number, name.clone()),
        };
        self.flow(cell, val);
    }

    /// The function around this one that binds the name.
    pub(super) fn owner(&self, function: usize, name: &str) -> Option<usize> {
        let mut at = function;
        for _ in 0..crate::limits::NESTING {
            let (unit, _) = self.functions.get(at)?;
            at = self.function_number(*unit, self.function(at)?.parent?);
            if self.function(at)?.locals.contains(name) {
                return Some(at);
            }
        }
        None
    }

    pub(super) fn assign(&mut self, frame: &mut Frame, target: Id, val: &Val) {
        if self.depth > 3 * crate::limits::NESTING {
            return;
        }
        self.depth += 1;
        self.assign_at(frame, target, val);
        self.depth -= 1;
    }

    /// Assigns what became of a map or sequence.
    pub(super) fn replace(&mut self, frame: &mut Frame, target: Id, new: &Val) {
        self.assign(frame, target, new);
        let unit = frame.unit.clone();
        if let (Expr::Name(name), Some(function)) = (unit.expr(target), frame.function) {
            let position = self.function(function).and_then(|f| f.params.iter().position(|param| param.name == *name));
            if let Some(position) = position {
                self.flow(Cell::Changed(function, position), new);
            }
        }
    }

    fn assign_at(&mut self, frame: &mut Frame, target: Id, val: &Val) {
        let unit = frame.unit.clone();
        self.step(0);
        match unit.expr(target) {
            Expr::Name(name) => self.bind(frame, name, val),
            Expr::Attr(object, name) => {
                let object = self.eval(frame, *object);
                self.set_attr(&object, name, val, unit.place(target));
            }
            Expr::Index(base, key) => {
                let key = self.eval(frame, *key);
                let old = self.eval(frame, *base);
                match self.with_entry(&old, &key, val) {
                    Some(new) => self.replace(frame, *base, &new),
                    None if old.is_nothing() => {}
                    None => self.escapes(val, unit.place(target)),
                }
            }
            Expr::Seq(targets) => self.destructure(frame, targets, val),
            Expr::Spread(inner) => {
                let all = Val::of(Shape::Bag(self.element(val)));
                self.assign(frame, *inner, &all);
            }
            _ => {}
        }
    }

    fn destructure(&mut self, frame: &mut Frame, targets: &[Id], val: &Val) {
        let fits = |shape: &Shape| match shape {
            Shape::Seq(items) if items.len() == targets.len() => Some(items.clone()),
            _ => None,
        };
        let spread = targets.iter().any(|target| matches!(frame.unit.expr(*target), Expr::Spread(_)));
        let exact: Option<Vec<_>> = val.shapes().iter().map(fits).collect();
        match exact {
            Some(all) if !spread && !all.is_empty() => {
                for (position, target) in targets.iter().enumerate() {
                    let item = Val::join_all(all.iter().filter_map(|items| items.get(position)));
                    self.assign(frame, *target, &item);
                }
            }
            _ => {
                let item = self.element(val);
                for target in targets {
                    self.assign(frame, *target, &item);
                }
            }
        }
    }

    pub(super) fn set_attr(&mut self, object: &Val, name: &Rc<str>, val: &Val, place: crate::facts::Place) {
        for shape in object.shapes() {
            match shape {
                Shape::Instance(class) | Shape::Class(class) => self.flow(Cell::Attr(*class, name.clone()), val),
                Shape::Module(module) => {
                    if let Some(number) = self.load(module) {
                        self.flow(Cell::Global(number, name.clone()), val);
                    }
                }
                Shape::Function(_) | Shape::Unknown | Shape::External(_) | Shape::Method(..) => {
                    self.escapes(val, place);
                }
                _ => {}
            }
        }
    }

    /// What `with` binds.
    fn entered(&mut self, val: &Val) -> Val {
        let mut found = Vec::new();
        for shape in val.shapes() {
            match shape {
                Shape::Instance(class) => {
                    let entered = self.instance_call(*class, "__enter__", shape);
                    found.push(entered.unwrap_or_else(|| Val::of(shape.clone())));
                }
                Shape::Sdk(sdk) if matches!(**sdk, Sdk::Session) => found.push(Val::of(shape.clone())),
                Shape::Bag(inner) => found.push(inner.clone()),
                _ => found.push(Val::of(shape.clone())),
            }
        }
        let joined = Val::join_all(found.iter()).tainted_like(val);
        match val.made() {
            Some(made) => joined.with_made(made),
            None => joined,
        }
    }
}
