//! A small intermediate form that every language is brought into.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::facts::Place;

/// The number of an expression in its unit.
pub(crate) type Id = usize;
/// Statements, one after the other.
pub(crate) type Block = Vec<Stmt>;

/// A file.
#[derive(Debug, Default)]
pub(crate) struct Unit {
    pub(crate) file: u32,
    exprs: Vec<(Expr, Place)>,
    pub(crate) functions: Vec<Function>,
    pub(crate) classes: Vec<Class>,
    pub(crate) body: Block,
    /// Names that the module itself binds, or functions of it for the module.
    pub(crate) names: BTreeSet<Rc<str>>,
    /// Names that are imported under another name.
    pub(crate) renamed: Vec<(Place, Rc<str>)>,
    /// Where nesting was too deep to be followed.
    pub(crate) cut: Option<Place>,
}

/// What stands where nothing is known.
const NOTHING: &Expr = &Expr::Opaque(Vec::new());

impl Unit {
    pub(crate) fn new(file: u32) -> Unit {
        Unit { file, ..Unit::default() }
    }

    pub(crate) fn add(&mut self, expr: Expr, place: Place) -> Id {
        self.exprs.push((expr, place));
        self.exprs.len() - 1
    }

    /// Names that expressions and imports mention, with their places, and whether as an attribute of something.
    pub(crate) fn mentioned(&self) -> impl Iterator<Item = (Place, Rc<str>, bool)> {
        let named = self.exprs.iter().filter_map(|(expr, place)| match expr {
            Expr::Name(name) => Some((*place, name.clone(), false)),
            Expr::Attr(_, name) => Some((*place, name.clone(), true)),
            _ => None,
        });
        named.chain(self.renamed.iter().map(|(place, name)| (*place, name.clone(), false)))
    }

    pub(crate) fn expr(&self, id: Id) -> &Expr {
        self.exprs.get(id).map_or(NOTHING, |(expr, _)| expr)
    }

    pub(crate) fn place(&self, id: Id) -> Place {
        self.exprs.get(id).map_or(Place { file: self.file, start: 0, end: 0 }, |(_, place)| *place)
    }
}

/// An expression.
#[derive(Debug)]
pub(crate) enum Expr {
    Name(Rc<str>),
    Text(Rc<str>),
    Number,
    Bool(bool),
    Null,
    /// One text after the other: `+`, and texts with holes.
    Concat(Vec<Id>),
    /// `pattern % values`
    Percent(Id, Id),
    /// `a / b`: a division, or a path below another.
    Slash(Id, Id),
    Attr(Id, Rc<str>),
    Index(Id, Id),
    /// A part of a sequence or text.
    Slice(Id, Vec<Id>),
    Call(Id, Vec<Arg>),
    Seq(Vec<Id>),
    /// Without a key: all entries of another map.
    Map(Vec<(Option<Id>, Id)>),
    /// One of these; what decides which.
    Either(Vec<Id>, Option<Id>),
    /// A function without a name: its number in the unit.
    Lambda(usize),
    Comprehension(Comprehension),
    /// An assignment with a value of its own.
    Bind(Id, Id),
    /// `*x` in a list or target.
    Spread(Id),
    Yield(Id),
    /// A truth value of these.
    Test(Vec<Id>),
    /// Evaluated, result unknown.
    Opaque(Vec<Id>),
}

#[derive(Debug)]
pub(crate) struct Comprehension {
    pub(crate) clauses: Vec<(Id, Id)>,
    pub(crate) conditions: Vec<Id>,
    pub(crate) key: Option<Id>,
    pub(crate) value: Id,
}

/// An argument.
#[derive(Debug)]
pub(crate) struct Arg {
    pub(crate) kind: ArgKind,
    pub(crate) value: Id,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ArgKind {
    Plain,
    Named(Rc<str>),
    Rest,
    NamedRest,
}

/// A statement.
#[derive(Debug)]
pub(crate) enum Stmt {
    Expr(Id),
    Assign {
        targets: Vec<Id>,
        value: Id,
    },
    Augment {
        target: Id,
        value: Id,
        add: bool,
    },
    Return(Option<Id>),
    Raise(Vec<Id>),
    Import(Import),
    Function(usize),
    Class(usize),
    /// Tests, then one of the blocks; or none of them, unless `exhaustive`.
    Branch {
        tests: Vec<Id>,
        blocks: Vec<Block>,
        exhaustive: bool,
    },
    Loop {
        target: Option<Id>,
        over: Id,
        body: Block,
        after: Block,
    },
    Try {
        body: Block,
        handlers: Vec<Block>,
        otherwise: Block,
        finally: Block,
    },
    With {
        items: Vec<(Id, Option<Id>)>,
        body: Block,
    },
    /// `break` and `continue`.
    Leave,
    /// `del`
    Delete(Vec<Id>),
    /// Names bound to parts of the value.
    Capture {
        names: Vec<Rc<str>>,
        from: Option<Id>,
    },
}

/// One imported name.
#[derive(Debug)]
pub(crate) struct Import {
    /// Dots before the name, for imports within a package.
    pub(crate) level: u32,
    pub(crate) module: Rc<str>,
    /// The name of the module that is meant; `None`: the module itself; `*`: all.
    pub(crate) name: Option<Rc<str>>,
    pub(crate) bind: Rc<str>,
    /// `import a.b as c` binds the whole, `import a.b` only `a`.
    pub(crate) whole: bool,
    pub(crate) place: Place,
}

#[derive(Debug, Default)]
pub(crate) struct Function {
    pub(crate) name: Rc<str>,
    pub(crate) params: Vec<Param>,
    pub(crate) body: Block,
    pub(crate) decorators: Vec<Id>,
    /// The class in whose body it stands, and the function around it.
    pub(crate) class: Option<usize>,
    pub(crate) parent: Option<usize>,
    /// Names that it binds itself.
    pub(crate) locals: BTreeSet<Rc<str>>,
    /// Names that functions in it may use.
    pub(crate) shared: bool,
    pub(crate) place: Place,
}

#[derive(Debug)]
pub(crate) struct Param {
    pub(crate) name: Rc<str>,
    pub(crate) default: Option<Id>,
    pub(crate) kind: ArgKind,
    pub(crate) place: Place,
}

#[derive(Debug, Default)]
pub(crate) struct Class {
    pub(crate) name: Rc<str>,
    pub(crate) bases: Vec<Id>,
    pub(crate) body: Block,
    pub(crate) decorators: Vec<Id>,
    /// Its fields, in order, for constructors that are not written.
    pub(crate) fields: Vec<Rc<str>>,
}
