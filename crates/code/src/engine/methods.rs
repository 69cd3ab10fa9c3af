//! Methods of texts, maps, sequences, files and paths.

use std::rc::Rc;

use super::Engine;
use super::containers;
use super::eval::sequence;
use super::paths::{self, Use};
use super::texts;
use crate::facts::Place;
use crate::value::{Args, Shape, Val, plain_entries};

/// Methods of texts that keep what the text is, as far as it matters.
const SAME: &[&str] = &[
    "strip",
    "lstrip",
    "rstrip",
    "lower",
    "upper",
    "encode",
    "decode",
    "replace",
    "title",
    "removeprefix",
    "removesuffix",
    "zfill",
    "casefold",
    "capitalize",
    "expandtabs",
    "as_posix",
    "resolve",
    "absolute",
    "expanduser",
    "copy",
    "read",
    "getvalue",
    "text",
    "translate",
    "center",
    "ljust",
    "rjust",
    "swapcase",
];
const PARTS: &[&str] = &["split", "rsplit", "splitlines", "partition", "rpartition", "group", "groups", "findall"];
/// Methods, mostly of things that are not known, that write a file that they are told.
const SAVES: &[&str] = &[
    "to_csv",
    "to_excel",
    "to_parquet",
    "to_json",
    "to_pickle",
    "savefig",
    "save",
    "write_image",
    "write_html",
    "extractall",
    "write_pdf",
    "output",
    "export",
];

impl Engine<'_> {
    pub(super) fn method_call(&mut self, own: &Val, name: &Rc<str>, args: &Args, place: Place) -> Val {
        if &**name == "super" {
            return Val::unknown();
        }
        if let Some(val) = self.path_method(own, name, args) {
            return val;
        }
        match &**name {
            "get" | "pop" | "setdefault" if !args.plain.is_empty() => {
                let key = args.plain.first().cloned().unwrap_or_else(Val::unknown);
                let found = self.index(own, &key, place);
                let default = args.get(1, "default").cloned().unwrap_or_else(|| Val::of(Shape::Null));
                found.join(&default)
            }
            "items" | "values" | "keys" => self.entries(own, name),
            "format" => super::template::format(own, args),
            "join" => self.joined(own, args),
            "append" | "add" | "extend" | "insert" | "update" | "appendleft" => Val::of(Shape::Null),
            "pop" | "popleft" => self.element(own),
            "write" | "writelines" | "writerow" | "writerows" | "writestr" => {
                let content = Val::unknown_from(args.all());
                self.writes_into(own, &content);
                Val::of(Shape::Number)
            }
            "submit" | "apply_async" | "apply" | "run_in_executor" | "call_soon" => self.submitted(name, args, place),
            "map" | "imap" | "imap_unordered" | "starmap" => self.mapped(args, place),
            _ if SAME.contains(&&**name) => texts::method(own, name, args),
            _ if PARTS.contains(&&**name) => {
                let part = |shape: &Shape| match shape {
                    Shape::Event(_) => shape.clone(),
                    _ => Shape::Unknown,
                };
                let item = Val::new(own.shapes().iter().map(part).collect(), own.taint().cloned());
                Val::of(Shape::Bag(item.clone())).tainted_like(&item)
            }
            "startswith" | "endswith" | "isdigit" | "count" | "find" | "index" | "hexdigest" | "digest" => {
                Val::of(Shape::Bool(true)).join(&Val::of(Shape::Bool(false)))
            }
            "debug" | "info" | "warning" | "error" | "exception" | "critical" => Val::unknown_from(args.all()),
            _ => {
                if SAVES.contains(&&**name) {
                    let path = args.plain.first().or_else(|| args.named("path")).cloned();
                    if let Some(path) = &path {
                        self.uses_path(path, Use::Write, Some(own));
                    }
                }
                self.call_unknown(args, place).tainted_like(own)
            }
        }
    }

    fn path_method(&mut self, own: &Val, name: &str, args: &Args) -> Option<Val> {
        let text = own.shapes().iter().any(|s| matches!(s, Shape::Text(_) | Shape::Join(_)));
        if !text {
            return None;
        }
        match name {
            "write_text" | "write_bytes" => {
                self.uses_path(own, Use::Write, Some(&Val::unknown_from(args.all())));
                Some(Val::of(Shape::Number))
            }
            "mkdir" | "touch" | "symlink_to" | "hardlink_to" => {
                self.uses_path(own, Use::Write, None);
                Some(Val::of(Shape::Null))
            }
            "read_text" | "read_bytes" | "iterdir" | "glob" => {
                self.uses_path(own, Use::Read, None);
                Some(Val::unknown())
            }
            "open" => {
                let inner = Args { plain: vec![own.clone()], ..Args::default() };
                Some(self.open(&inner, args.get(0, "mode")))
            }
            "joinpath" => Some(paths::join(&[std::slice::from_ref(own), args.plain.as_slice()].concat())),
            _ => None,
        }
    }

    fn entries(&mut self, own: &Val, name: &str) -> Val {
        let keys = self.element(own);
        let mut all = Val::nothing();
        for shape in own.shapes() {
            let val = match shape {
                Shape::Map(entries, rest) => Val::join_all(plain_entries(entries).map(|(_, v)| v).chain(rest)),
                Shape::Event(field) => containers::below(field, "*", own.taint()),
                _ => Val::unknown_from([own]),
            };
            all = all.join(&val);
        }
        let item = match name {
            "items" => sequence(vec![keys, all]),
            "keys" => keys,
            _ => all,
        };
        Val::of(Shape::Bag(item.clone())).tainted_like(&item)
    }

    fn joined(&mut self, own: &Val, args: &Args) -> Val {
        let items = args.plain.first().cloned().unwrap_or_else(Val::unknown);
        if let [Shape::Seq(parts)] = items.shapes() {
            let mut all = Vec::with_capacity(parts.len() * 2);
            for part in parts.iter() {
                if !all.is_empty() {
                    all.push(own.clone());
                }
                all.push(part.clone());
            }
            Val::concat(&all)
        } else {
            let item = self.element(&items);
            Val::unknown_from([own, &items, &item])
        }
    }

    fn submitted(&mut self, name: &str, args: &Args, place: Place) -> Val {
        let skipped = usize::from(name == "run_in_executor");
        let Some(function) = args.plain.get(skipped).cloned() else { return Val::unknown() };
        let mut inner = Args { plain: args.plain.iter().skip(skipped + 1).cloned().collect(), ..args.clone() };
        if name.starts_with("apply") {
            inner = Args { rest: args.plain.get(1).map(|list| self.element(list)), ..Args::default() };
        }
        self.call(&function, &inner, place);
        Val::unknown()
    }

    fn mapped(&mut self, args: &Args, place: Place) -> Val {
        let function = args.plain.first().cloned().unwrap_or_else(Val::nothing);
        let items: Vec<Val> = args.plain.iter().skip(1).map(|list| self.element(list)).collect();
        let made = self.call(&function, &Args { plain: items, ..Args::default() }, place);
        Val::of(Shape::Bag(made.clone())).tainted_like(&made)
    }
}
