//! Functions of the standard library, and what stands for all others.

use std::rc::Rc;

use super::eval::{located, sequence};
use super::paths::{self, Use};
use super::{Engine, aws, texts};
use crate::facts::Place;
use crate::value::{Args, Shape, Taint, Val};

/// Results that an attacker cannot put text into, or not text that means something to a shell or in a path.
const CLEAN: &[&str] = &[
    "int",
    "float",
    "len",
    "bool",
    "hash",
    "abs",
    "round",
    "sum",
    "isinstance",
    "hasattr",
    "callable",
    "id",
    "ord",
    "type",
    "range",
    "complex",
    "all",
    "any",
    "hashlib",
    "hmac",
    "uuid",
    "secrets",
    "random",
    "time",
    "datetime",
    "math",
    "decimal",
    "os.path.exists",
    "os.path.isfile",
    "os.path.isdir",
    "os.path.getsize",
    "os.getpid",
    "os.urandom",
    "logging",
    "tempfile",
    "os.listdir",
    "os.stat",
    "zlib.crc32",
    "binascii.crc32",
    "ipaddress",
];
/// Results that are the first argument, as far as it matters.
const SAME: &[&str] = &[
    "str",
    "copy.copy",
    "copy.deepcopy",
    "iter",
    "os.fspath",
    "functools.lru_cache",
    "functools.cache",
    "io.StringIO",
    "io.BytesIO",
    "contextlib.closing",
    "aws_lambda_powertools.event_handler.APIGatewayRestResolver",
];
/// Results that are made of the first argument: other texts, but parts of the event stay parts of it.
const MADE: &[&str] = &[
    "repr",
    "ascii",
    "json.loads",
    "json.load",
    "simplejson.loads",
    "orjson.loads",
    "ujson.loads",
    "urllib.parse.unquote",
    "urllib.parse.unquote_plus",
    "html.escape",
    "html.unescape",
    "base64.b64decode",
    "base64.urlsafe_b64decode",
    "base64.b64encode",
    "bytes",
    "bytearray",
    "memoryview",
    "ast.literal_eval",
];
/// Paths that are brought into another form.
const NORMAL: &[&str] =
    &["os.path.abspath", "os.path.normpath", "os.path.realpath", "os.path.expanduser", "os.path.expandvars"];
/// What looks at its arguments and keeps nothing of them.
const LOOKS: &[&str] = &["isinstance", "hasattr", "callable", "id", "len", "type", "bool", "hash", "all", "any", "sum"];
const PATHS: &[&str] = &[
    "pathlib.Path",
    "pathlib.PurePath",
    "pathlib.PosixPath",
    "pathlib.PurePosixPath",
    "os.path.join",
    "posixpath.join",
];
/// Functions that write a file: its place among the arguments, and its name there.
const WRITERS: &[(&str, usize, &str)] = &[
    ("os.mkdir", 0, "path"),
    ("os.makedirs", 0, "name"),
    ("os.rename", 1, "dst"),
    ("os.replace", 1, "dst"),
    ("os.symlink", 1, "dst"),
    ("os.link", 1, "dst"),
    ("shutil.copy", 1, "dst"),
    ("shutil.copy2", 1, "dst"),
    ("shutil.copyfile", 1, "dst"),
    ("shutil.copytree", 1, "dst"),
    ("shutil.move", 1, "dst"),
    ("shutil.unpack_archive", 1, "extract_dir"),
    ("urllib.request.urlretrieve", 1, "filename"),
    ("sqlite3.connect", 0, "database"),
    ("dbm.open", 0, "file"),
    ("shelve.open", 0, "filename"),
    ("logging.FileHandler", 0, "filename"),
];
const OPENERS: &[&str] = &[
    "open",
    "io.open",
    "codecs.open",
    "gzip.open",
    "bz2.open",
    "lzma.open",
    "zipfile.ZipFile",
    "tarfile.open",
    "os.fdopen",
];

impl Engine<'_> {
    pub(super) fn external_call(&mut self, name: &Rc<str>, args: &Args, place: Place) -> Val {
        let name = name.strip_prefix("builtins.").unwrap_or(name);
        if aws::is_sdk(name) {
            return self.sdk_entry(name, args, place);
        }
        if let Some(why) = crate::vendors::why(name) {
            self.found.undecided(place, why);
        }
        self.may_run_shell(name, args, place);
        if let Some((_, at, key)) = WRITERS.iter().find(|(writer, ..)| *writer == name)
            && let Some(path) = args.get(*at, key).cloned()
        {
            let others: Vec<Val> = args.all().filter(|val| !val.same(&path)).cloned().collect();
            self.uses_path(&path, Use::Write, Some(&Val::unknown_from(&others)));
        }
        let clean =
            |prefix: &&str| name.strip_prefix(*prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        if name == "tempfile.gettempdir" {
            return Val::text("/tmp").with_made(place);
        }
        if OPENERS.contains(&name) {
            return self.open(args, args.get(1, "mode"));
        }
        if CLEAN.iter().any(clean) {
            if !LOOKS.contains(&name) && !name.starts_with("logging") {
                self.call_unknown(args, place);
            }
            return Val::unknown();
        }
        if MADE.contains(&name) || NORMAL.contains(&name) {
            let first = args.plain.first().cloned().unwrap_or_else(Val::unknown);
            let made = if NORMAL.contains(&name) { texts::normal(&first) } else { texts::made_of(&first) };
            return made.tainted_like(&Val::unknown_from(args.all()));
        }
        if SAME.contains(&name) {
            let first = args.plain.first().cloned().unwrap_or_else(Val::unknown);
            return first.tainted_like(&Val::unknown_from(args.all()));
        }
        if PATHS.contains(&name) {
            let path = paths::join(&args.plain).tainted_like(&Val::unknown_from(&args.rest));
            // A path that was made elsewhere and is only wrapped here stays where it was made.
            let elsewhere = path.made().is_some_and(|made| made.start < place.start || made.end > place.end);
            return if elsewhere { path } else { located(path, place) };
        }
        self.known_call(name, args, place)
    }

    fn known_call(&mut self, name: &str, args: &Args, place: Place) -> Val {
        let first = args.plain.first().cloned().unwrap_or_else(Val::nothing);
        match name {
            "os.getenv" | "os.environ.get" | "os.environ.pop" | "os.environ.setdefault" | "os.environb.get" => {
                let found = args.get(0, "key").cloned().unwrap_or_else(Val::unknown);
                let found = self.env_read(&found, place);
                let default = args.get(1, "default").cloned();
                default.map_or_else(|| found.clone(), |default| found.join(&default))
            }
            "shlex.quote" | "pipes.quote" => mark(&texts::quoted(&first), |taint| taint.shell_safe = true),
            "shlex.join" | "subprocess.list2cmdline" => {
                mark(&Val::unknown_from([&first]), |taint| taint.shell_safe = true)
            }
            "os.path.basename" | "ntpath.basename" | "posixpath.basename" => {
                mark(&texts::basename(&first), |taint| taint.path_safe = true)
            }
            "werkzeug.utils.secure_filename" | "secure_filename" | "slugify.slugify" => {
                mark(&texts::made_of(&first), |taint| taint.path_safe = true)
            }
            "json.dumps" | "simplejson.dumps" | "orjson.dumps" | "yaml.dump" | "pickle.dumps" => {
                Val::unknown_from(args.all())
            }
            "json.dump" | "pickle.dump" | "yaml.safe_dump" => {
                self.writes_into(args.get(1, "fp").unwrap_or(&Val::nothing()), &first);
                Val::of(Shape::Null)
            }
            "print" => {
                let all = Val::unknown_from(&args.plain);
                args.named("file").cloned().iter().for_each(|file| self.writes_into(file, &all));
                Val::of(Shape::Null)
            }
            "shutil.copyfileobj" => {
                args.get(1, "fdst").cloned().iter().for_each(|file| self.writes_into(file, &first));
                Val::of(Shape::Null)
            }
            "csv.writer" | "csv.DictWriter" | "io.TextIOWrapper" | "io.BufferedWriter" | "codecs.getwriter" => first,
            _ => self.function_call(name, args, place),
        }
    }

    /// Functions that work on functions, sequences, names and code.
    fn function_call(&mut self, name: &str, args: &Args, place: Place) -> Val {
        let first = args.plain.first().cloned().unwrap_or_else(Val::nothing);
        match name {
            "list" | "tuple" | "set" | "frozenset" | "collections.deque" => match first.shapes() {
                [] => Val::of(Shape::Seq(Rc::new([]))),
                [Shape::Seq(_) | Shape::Event(_)] => first,
                _ => {
                    let item = self.element(&first);
                    Val::of(Shape::Bag(item.clone())).tainted_like(&item)
                }
            },
            "dict" | "collections.OrderedDict" | "types.SimpleNamespace" | "collections.ChainMap" => dict(&first, args),
            "collections.defaultdict" => {
                Val::of(Shape::Map(Rc::new([]), Some(self.call(&first, &Args::default(), place))))
            }
            "enumerate" | "zip" | "itertools.chain" | "itertools.islice" | "itertools.zip_longest" => {
                self.combined(name, args)
            }
            "map" | "filter" | "starmap" => {
                let items: Vec<Val> = args.plain.iter().skip(1).map(|val| self.element(val)).collect();
                let item = items.first().cloned().unwrap_or_else(Val::unknown);
                let made = self.call(&first, &Args { plain: items, ..Args::default() }, place);
                let item = if name == "filter" { item } else { made };
                Val::of(Shape::Bag(item.clone())).tainted_like(&item)
            }
            "functools.partial" => {
                let rest = Args { plain: args.plain.iter().skip(1).cloned().collect(), ..args.clone() };
                Val::of(Shape::Partial(first, Rc::new(rest)))
            }
            "threading.Thread" | "multiprocessing.Process" => self.thread(args, place),
            "getattr" => self.getattr(&first, args, place),
            "setattr" => self.setattr(&first, args, place),
            "delattr" => Val::of(Shape::Null),
            "next" | "anext" => {
                let item = self.element(&first);
                args.plain.get(1).map_or_else(|| item.clone(), |default| item.join(default))
            }
            "sorted" | "reversed" => {
                args.named("key").cloned().iter().for_each(|key| drop(self.called_with(key, &first, place)));
                let item = self.element(&first);
                Val::of(Shape::Bag(item.clone())).tainted_like(&item)
            }
            "typing.cast" | "cast" => args.plain.get(1).cloned().unwrap_or_else(Val::unknown),
            "max" | "min" | "random.choice" => {
                args.named("key").cloned().iter().for_each(|key| drop(self.called_with(key, &first, place)));
                if args.plain.len() == 1 { self.element(&first) } else { Val::join_all(&args.plain) }
            }
            "importlib.import_module" | "__import__" => self.import_call(&first, place),
            "exec" | "eval" | "compile" | "builtins.exec" | "builtins.eval" => {
                if first.constant().is_none() {
                    self.found.undecided(place, "code is made at run time");
                } else {
                    self.found.undecided(place, "code stands in a text");
                }
                Val::unknown_from([&first])
            }
            _ => {
                let tainted = self.call_unknown(args, place);
                let functions: Vec<Shape> = args
                    .plain
                    .iter()
                    .flat_map(super::super::value::Val::shapes)
                    .filter(|s| matches!(s, Shape::Function(_) | Shape::Bound(..)))
                    .cloned()
                    .collect();
                if functions.is_empty() { tainted } else { Val::new(functions, None).join(&tainted) }
            }
        }
    }

    fn called_with(&mut self, function: &Val, over: &Val, place: Place) -> Val {
        let item = self.element(over);
        self.call(function, &Args { plain: vec![item], ..Args::default() }, place)
    }

    fn combined(&mut self, name: &str, args: &Args) -> Val {
        let mut items: Vec<Val> = args.plain.iter().map(|val| self.element(val)).collect();
        let item = match name {
            "enumerate" => {
                items.truncate(1);
                items.insert(0, Val::of(Shape::Number));
                sequence(items)
            }
            "zip" | "itertools.zip_longest" => sequence(items),
            _ => Val::join_all(&items),
        };
        Val::of(Shape::Bag(item.clone())).tainted_like(&item)
    }

    fn thread(&mut self, args: &Args, place: Place) -> Val {
        let Some(target) = args.get(1, "target").cloned() else { return Val::unknown() };
        let mut inner = Args::default();
        match args.named("args").map(|val| (val.shapes(), val)) {
            Some(([Shape::Seq(items)], _)) => inner.plain.extend(items.iter().cloned()),
            Some((_, val)) => inner.rest = Some(self.element(&val.clone())),
            None => {}
        }
        if let Some(named) = args.named("kwargs") {
            super::containers::spread_entries(&mut inner.named, &mut inner.named_rest, named);
        }
        self.call(&target, &inner, place);
        Val::unknown()
    }

    fn getattr(&mut self, object: &Val, args: &Args, place: Place) -> Val {
        let name = args.plain.get(1).cloned().unwrap_or_else(Val::unknown);
        let (names, others) = name.constants();
        let mut found = Val::nothing();
        for name in names {
            found = found.join(&self.attr(object, &name, place));
        }
        if others && !name.is_nothing() {
            if object.shapes().iter().any(|s| matches!(s, Shape::Sdk(_))) {
                self.found.undecided(place, "the operation is chosen at run time");
            } else if object.shapes().iter().any(|s| matches!(s, Shape::External(n) if aws::is_sdk(n))) {
                self.found.undecided(place, "the service is chosen at run time");
            }
            found = found.join(&Val::unknown());
        }
        args.plain.get(2).map_or_else(|| found.clone(), |default| found.join(default))
    }

    fn setattr(&mut self, object: &Val, args: &Args, place: Place) -> Val {
        let val = args.plain.get(2).cloned().unwrap_or_else(Val::unknown);
        let (names, others) = args.plain.get(1).cloned().unwrap_or_else(Val::unknown).constants();
        for name in names {
            self.set_attr(object, &name, &val, place);
        }
        if others {
            self.escapes(&val, place);
        }
        Val::of(Shape::Null)
    }

    fn import_call(&mut self, name: &Val, place: Place) -> Val {
        let (names, others) = name.constants();
        if others && !name.is_nothing() {
            self.found.undecided(place, "the module is chosen at run time");
        }
        let mut found = Val::nothing();
        for name in names {
            if self.is_own(&name) {
                self.load(&name);
                found = found.join(&Val::of(Shape::Module(name)));
            } else {
                self.vendor(&name, place);
                found = found.join(&Val::external(&name));
            }
        }
        found
    }

    pub(super) fn open(&mut self, args: &Args, mode: Option<&Val>) -> Val {
        let Some(path) = args.get(0, "file").cloned() else { return Val::unknown() };
        let write = paths::writes(mode);
        self.uses_path(&path, if write { Use::Write } else { Use::Read }, None);
        Val::of(Shape::File(path.made(), write))
    }
}

/// The same with another judgement of what the event can do with it; a constant stays one.
fn mark(val: &Val, change: fn(&mut Taint)) -> Val {
    let taint = val.taint().cloned().map(|mut taint| {
        change(&mut taint);
        taint
    });
    val.with_taint(taint)
}

fn dict(first: &Val, args: &Args) -> Val {
    let (mut entries, mut rest) = (Vec::new(), args.named_rest.clone());
    if matches!(first.shapes(), [Shape::Event(_)]) && args.named.is_empty() {
        return first.clone();
    }
    if !first.is_nothing() {
        super::containers::spread_entries(&mut entries, &mut rest, first);
    }
    for (name, val) in &args.named {
        entries.retain(|(n, _): &(Rc<str>, Val)| n != name);
        entries.push((name.clone(), val.clone()));
    }
    let tainted = Val::unknown_from(args.all());
    Val::of(Shape::Map(entries.into(), rest)).tainted_like(&tainted)
}
