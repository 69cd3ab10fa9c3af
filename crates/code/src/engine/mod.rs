//! Evaluates all code of the loaded modules without running it, until nothing more flows between its functions.
//!
//! Statements of a function are followed in their order; what flows between functions (parameters, results, module
//! variables, attributes) is collected from everywhere without order. Both err towards more values.

mod attr;
mod aws;
mod call;
mod containers;
mod eval;
mod exec;
mod found;
mod library;
mod methods;
mod modules;
mod paths;
mod reach;
mod sdk_call;
mod shell;
mod template;
mod texts;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use tree_sitter::Tree;

use crate::facts::{Code, FunctionSource, Imports, Place, Undecided, Unparsed};
use crate::ir::{Function, Unit};
use crate::limits;
use crate::value::{Args, Shape, Val};

pub(crate) use found::{Found, TmpUse};

/// Something that is collected from everywhere.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Cell {
    Global(usize, Rc<str>),
    Param(usize, usize),
    Return(usize),
    /// A function's variable, for functions within it.
    Shared(usize, Rc<str>),
    Attr(usize, Rc<str>),
    /// What a function makes of a map or sequence that it was given: its caller's is changed as well.
    Changed(usize, usize),
}

/// A loaded file.
pub(crate) struct Loaded {
    pub(crate) unit: Rc<Unit>,
    pub(crate) tree: Tree,
    first_function: usize,
    first_class: usize,
}

pub(crate) struct Engine<'s> {
    source: &'s FunctionSource,
    /// Files by the dotted names of their modules.
    names: HashMap<String, u32>,
    pub(crate) loaded: Vec<Loaded>,
    by_file: BTreeMap<u32, Option<usize>>,
    functions: Vec<(usize, usize)>,
    called: Vec<bool>,
    classes: Vec<(usize, usize)>,
    bases: Vec<Vec<usize>>,
    cells: HashMap<Cell, Val>,
    changed: bool,
    round: u32,
    steps: u64,
    depth: u32,
    entry: Option<usize>,
    /// True if a module is given to code that is not read.
    modules_escape: bool,
    /// Where an attribute of a module among the files is taken.
    of_modules: HashSet<Place>,
    pub(crate) unparsed: Vec<Unparsed>,
    pub(crate) imports: BTreeMap<u32, Imports>,
    pub(crate) found: Found,
}

/// What is being evaluated.
struct Frame {
    unit: Rc<Unit>,
    number: usize,
    /// The function, by its number among all.
    function: Option<usize>,
    class: Option<usize>,
    locals: HashMap<Rc<str>, Val>,
    /// True after `return` and `raise`, and where a loop is left.
    dead: bool,
    /// For each loop around: variables where it is left, or its next turn begun.
    left: Vec<Option<HashMap<Rc<str>, Val>>>,
    /// For each block around that may end anywhere: what was assigned in it.
    tried: Vec<HashMap<Rc<str>, Val>>,
}

impl Frame {
    fn new(unit: Rc<Unit>, number: usize) -> Frame {
        let (locals, left, tried) = (HashMap::new(), Vec::new(), Vec::new());
        Frame { unit, number, function: None, class: None, locals, dead: false, left, tried }
    }

    fn set(&mut self, name: &Rc<str>, val: &Val) {
        for tried in &mut self.tried {
            let joined = tried.get(name).map_or_else(|| val.clone(), |old| old.join(val));
            tried.insert(name.clone(), joined);
        }
        self.locals.insert(name.clone(), val.clone());
    }
}

impl<'s> Engine<'s> {
    pub(crate) fn new(source: &'s FunctionSource) -> Engine<'s> {
        Engine {
            source,
            names: modules::names(source),
            loaded: Vec::new(),
            by_file: BTreeMap::new(),
            functions: Vec::new(),
            called: Vec::new(),
            classes: Vec::new(),
            bases: Vec::new(),
            cells: HashMap::new(),
            changed: false,
            round: 0,
            steps: 0,
            depth: 0,
            entry: None,
            modules_escape: false,
            of_modules: HashSet::new(),
            unparsed: Vec::new(),
            imports: BTreeMap::new(),
            found: Found::default(),
        }
    }

    /// Evaluates from the handler on.
    pub(crate) fn run(&mut self) {
        let Some((module, name)) = self.source.handler.rsplit_once('.') else {
            self.unparsed.push(Unparsed { why: "the handler has no module".to_owned(), place: None });
            return;
        };
        let module = module.trim_start_matches("./").replace('/', ".");
        if self.load(&module).is_none() {
            if self.unparsed.is_empty() {
                let why = format!("the handler's module `{module}` is not among the files");
                self.unparsed.push(Unparsed { why, place: None });
            }
            return;
        }
        self.settle(&module, name);
        self.open_uncalled();
        self.settle(&module, name);
        if self.changed || self.spent() {
            let place = self.loaded.first().map(|l| Place { file: l.unit.file, start: 0, end: 0 }).unwrap_or_default();
            let why = "the code is too large or too entangled to be followed to its end".to_owned();
            self.found.undecided.insert(place, Undecided { why, place });
        }
    }

    fn settle(&mut self, module: &str, handler: &str) {
        self.round = 0;
        loop {
            self.changed = false;
            self.round += 1;
            self.found = Found::default();
            let mut next = 0;
            while next < self.loaded.len() {
                self.run_module(next);
                next += 1;
            }
            let mut next = 0;
            while next < self.functions.len() {
                self.run_function(next);
                next += 1;
            }
            self.enter(module, handler);
            if !self.changed || self.round >= limits::ROUNDS || self.spent() {
                break;
            }
        }
    }

    /// Gives the handler what Lambda gives it.
    fn enter(&mut self, module: &str, handler: &str) {
        let Some(number) = self.load(module) else { return };
        let Some(val) = self.cells.get(&Cell::Global(number, handler.into())).cloned() else { return };
        for shape in val.shapes() {
            let function = match shape {
                Shape::Function(function) | Shape::Bound(function, _) => *function,
                Shape::Instance(_) | Shape::Class(_) | Shape::Partial(..) => {
                    let args = Args { plain: vec![Val::event("", Place::default()), context()], ..Args::default() };
                    self.call_shape(shape, &args, self.whole(number));
                    continue;
                }
                _ => continue,
            };
            self.entry = Some(function);
            let offset = usize::from(matches!(shape, Shape::Bound(..)));
            let place = self.function(function).and_then(|f| f.params.get(offset).map(|p| p.place));
            let event = Val::event("", place.unwrap_or_default());
            self.flow(Cell::Param(function, offset), &event);
            self.flow(Cell::Param(function, offset + 1), &context());
            self.mark_called(function);
        }
    }

    fn whole(&self, number: usize) -> Place {
        let file = self.loaded.get(number).map_or(0, |l| l.unit.file);
        Place { file, start: 0, end: 0 }
    }

    /// Functions that nothing calls get arguments of which nothing is known: a framework or a callback may call them.
    fn open_uncalled(&mut self) {
        for function in 0..self.functions.len() {
            if self.called.get(function).copied().unwrap_or(true) {
                continue;
            }
            let Some((unit, index)) = self.functions.get(function).copied() else { continue };
            let Some(unit) = self.loaded.get(unit).map(|l| l.unit.clone()) else { continue };
            let Some(f) = unit.functions.get(index) else { continue };
            let routed = reach::is_route(&unit, f);
            for (number, param) in f.params.iter().enumerate() {
                let own = f.class.is_some() && number == 0;
                let val = if routed && !own { Val::event(&param.name, param.place) } else { Val::unknown() };
                if !own {
                    self.flow(Cell::Param(function, number), &val);
                }
            }
        }
    }

    fn spent(&self) -> bool {
        self.steps >= limits::STEPS
    }

    fn step(&mut self, cost: usize) {
        self.steps = self.steps.saturating_add(1 + cost as u64);
    }

    /// Lets a value flow into a cell.
    fn flow(&mut self, cell: Cell, val: &Val) {
        if val.is_nothing() {
            return;
        }
        let joined = match self.cells.get(&cell) {
            None => val.clone(),
            Some(old) => {
                let joined = old.join(val);
                if joined.same(old) {
                    return;
                }
                if self.round > limits::WIDEN { joined.join(&Val::unknown()) } else { joined }
            }
        };
        self.step(joined.size() as usize);
        if self.cells.get(&cell).is_none_or(|old| !old.same(&joined)) {
            self.changed = true;
            self.cells.insert(cell, joined);
        }
    }

    fn cell(&self, cell: &Cell) -> Val {
        self.cells.get(cell).cloned().unwrap_or_else(Val::nothing)
    }

    fn function(&self, number: usize) -> Option<&Function> {
        let (unit, index) = self.functions.get(number)?;
        self.loaded.get(*unit)?.unit.functions.get(*index)
    }

    fn mark_called(&mut self, function: usize) {
        if let Some(called) = self.called.get_mut(function) {
            *called = true;
        }
    }

    /// The number among all of a unit's function.
    fn function_number(&self, unit: usize, index: usize) -> usize {
        self.loaded.get(unit).map_or(usize::MAX, |l| l.first_function + index)
    }

    fn class_number(&self, unit: usize, index: usize) -> usize {
        self.loaded.get(unit).map_or(usize::MAX, |l| l.first_class + index)
    }

    /// Everything that was found.
    pub(crate) fn into_code(mut self) -> Code {
        let reached = self.reached();
        let mut code = Code { unparsed: std::mem::take(&mut self.unparsed), ..Code::default() };
        self.found.report(&mut code, &|place| reached.is_reached(place));
        let files = u32::try_from(self.source.files.len()).unwrap_or(u32::MAX);
        code.imports = (0..files).map(|file| self.imports.remove(&file).unwrap_or_default()).collect();
        code
    }
}

fn context() -> Val {
    Val::external("lambda.context")
}
