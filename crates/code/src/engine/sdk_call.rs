//! Methods and attributes of the SDK's clients and resources.

use std::rc::Rc;

use super::found::{Call, OTHERS};
use super::paths::Use;
use super::{Engine, containers};
use crate::facts::Place;
use crate::sdk::{self, Action};
use crate::value::{Args, Sdk, Shape, Val};

/// Identifiers or arguments, by name.
type Named = Vec<(Rc<str>, Val)>;

/// Operations of a transfer that uploads, large objects included.
const UPLOAD: &[&str] =
    &["PutObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload", "AbortMultipartUpload"];
const DOWNLOAD: &[&str] = &["HeadObject", "GetObject"];
const COPY: &[&str] =
    &["CopyObject", "CreateMultipartUpload", "UploadPartCopy", "CompleteMultipartUpload", "AbortMultipartUpload"];

/// Methods of a client that call nothing.
const LOCAL: &[&str] = &["can_paginate", "close", "get_available_subresources", "__enter__", "__exit__"];

impl Engine<'_> {
    pub(super) fn sdk_attr(&mut self, thing: &Rc<Sdk>, name: &Rc<str>, place: Place) -> Val {
        let method = || Val::of(Shape::SdkMethod(thing.clone(), name.clone()));
        let (service, kind, ids, loaded) = match &**thing {
            Sdk::Services(service) => (service, "-", &[][..], true),
            Sdk::Resource { service, kind, ids, loaded } => (service, &**kind, ids.as_slice(), *loaded),
            Sdk::Client(_) if &**name == "exceptions" => return Val::unknown(),
            _ => return method(),
        };
        let Some(known) = sdk::resource(service, kind) else { return method() };
        if let Some((id, _)) = known.ids.iter().find(|(_, attributes)| attributes.contains(&&**name)) {
            let found = ids.iter().find(|(n, _)| &**n == *id).map(|(_, val)| val.clone());
            return found.unwrap_or_else(Val::unknown);
        }
        if let Some(many) = known.many.get(&**name) {
            return collection(service, many, ids, place);
        }
        let is_method = known.actions.contains_key(&**name) || known.parts.contains_key(&**name);
        let extra = matches!(&**name, "load" | "reload" | "meta" | "batch_writer" | "get_available_subresources");
        if is_method || extra || transfer(name).is_some() {
            return method();
        }
        if let (Some((operation, sources)), false) = (&known.load, loaded) {
            let arguments = filled(sources, ids);
            self.note(service, operation, name, arguments, place);
        }
        Val::unknown()
    }

    /// What iterating over something of the SDK gives.
    pub(super) fn listed(&mut self, thing: &Rc<Sdk>) -> Val {
        if let Sdk::Collection { service, operation, arguments, fresh: Some(place), .. } = &**thing {
            self.note(service, operation, &"all".into(), arguments.clone(), *place);
        }
        item(thing)
    }

    fn note(&mut self, service: &Rc<str>, operation: &str, method: &Rc<str>, arguments: Named, place: Place) {
        let arguments = containers::with_nested(operation, arguments);
        let operation = operation.to_owned();
        self.found.call(place, Call { service, operation, method, arguments, presigned: false });
    }

    pub(super) fn sdk_call(&mut self, thing: &Rc<Sdk>, name: &Rc<str>, args: &Args, place: Place) -> Val {
        match &**thing {
            Sdk::Session => match &**name {
                "client" | "create_client" => self.client(args, place),
                "resource" => self.services(args, place),
                _ => Val::unknown(),
            },
            Sdk::Client(service) => self.client_call(service, name, args, place),
            Sdk::Services(service) => self.resource_call(service, "-", &[], name, args, place),
            Sdk::Resource { service, kind, ids, .. } => self.resource_call(service, kind, ids, name, args, place),
            Sdk::Collection { service, kind, operation, arguments, ids, .. } => {
                let mut arguments = arguments.clone();
                arguments.extend(self::arguments(args));
                self.note(service, operation, name, arguments.clone(), place);
                if let Some(batch) = sdk::resource(service, kind).and_then(|known| known.batch.get(&**name)) {
                    self.note(service, batch, name, arguments.clone(), place);
                }
                let (service, kind, operation, ids) = (service.clone(), kind.clone(), operation.clone(), ids.clone());
                Val::sdk(Sdk::Collection { service, kind, operation, arguments, ids, fresh: None })
            }
            Sdk::Paginator { service, operation } | Sdk::Waiter { service, operation } => {
                self.note(service, operation, name, arguments(args), place);
                Val::unknown()
            }
            Sdk::AnyClient | Sdk::BatchWriter(_) => Val::unknown(),
        }
    }

    fn client_call(&mut self, service: &Rc<str>, name: &Rc<str>, args: &Args, place: Place) -> Val {
        let first = |key: &str| args.get(0, key).cloned().unwrap_or_else(Val::unknown);
        match &**name {
            "get_paginator" => {
                let make = |operation| Sdk::Paginator { service: service.clone(), operation };
                self.deferred(service, &first("operation_name"), place, &make)
            }
            "get_waiter" => {
                let (names, others) = first("waiter_name").constants();
                if others {
                    self.found.undecided(place, "what is waited for is chosen at run time");
                }
                let waiters = names.iter().filter_map(|name| sdk::waiter(service, name));
                let make =
                    |operation: &str| Val::sdk(Sdk::Waiter { service: service.clone(), operation: operation.into() });
                Val::join_all(&waiters.map(make).collect::<Vec<_>>())
            }
            "generate_presigned_url" => self.presigned(service, name, args, place),
            "generate_presigned_post" => {
                let arguments = [(0, "Bucket"), (1, "Key")];
                let arguments =
                    arguments.iter().filter_map(|(at, key)| Some(((*key).into(), args.get(*at, key)?.clone())));
                let operation = "PutObject".to_owned();
                let call = Call { service, operation, method: name, arguments: arguments.collect(), presigned: true };
                self.found.call(place, call);
                Val::unknown()
            }
            "_make_api_call" => {
                let (names, others) = first("operation_name").constants();
                if others {
                    self.found.undecided(place, "the operation is chosen at run time");
                }
                for operation in &names {
                    self.note(service, operation, name, Vec::new(), place);
                }
                Val::unknown()
            }
            name if LOCAL.contains(&name) => Val::unknown(),
            _ if &**service == "s3" && transfer(name).is_some() => self.transfer(name, &[], args, place),
            _ => {
                let operation = sdk::operation(service, name);
                self.note(service, &operation, name, arguments(args), place);
                Val::unknown()
            }
        }
    }

    fn deferred(&mut self, service: &Rc<str>, wanted: &Val, place: Place, make: &dyn Fn(Rc<str>) -> Sdk) -> Val {
        if wanted.is_nothing() {
            return Val::nothing();
        }
        let (names, others) = wanted.constants();
        if others {
            self.found.undecided(place, "the operation is chosen at run time");
        }
        let one = |name: &Rc<str>| Val::sdk(make(sdk::operation(service, name).into()));
        Val::join_all(&names.iter().map(one).collect::<Vec<_>>())
    }

    fn presigned(&mut self, service: &Rc<str>, method: &Rc<str>, args: &Args, place: Place) -> Val {
        let operation = args.get(0, "ClientMethod").cloned().unwrap_or_else(Val::unknown);
        let (names, others) = operation.constants();
        if others && !operation.is_nothing() {
            self.found.undecided(place, "the operation of a presigned URL is chosen at run time");
        }
        let (mut arguments, mut rest) = (Vec::new(), None);
        if let Some(params) = args.get(1, "Params") {
            containers::spread_entries(&mut arguments, &mut rest, params);
        }
        if rest.is_some() || (args.named_rest.is_some() && arguments.is_empty()) {
            arguments.push((OTHERS.into(), Val::unknown()));
        }
        for name in names {
            let operation = sdk::operation(service, &name);
            let call = Call { service, operation, method, arguments: arguments.clone(), presigned: true };
            self.found.call(place, call);
        }
        Val::unknown()
    }

    fn resource_call(
        &mut self,
        service: &Rc<str>,
        kind: &str,
        ids: &[(Rc<str>, Val)],
        name: &Rc<str>,
        args: &Args,
        place: Place,
    ) -> Val {
        let Some(known) = sdk::resource(service, kind) else { return Val::unknown() };
        if let Some(action) = known.actions.get(&**name) {
            let mut arguments = filled(&action.sources, ids);
            arguments.extend(self::arguments(args));
            self.note(service, action.operation, name, arguments.clone(), place);
            return action.gives.map_or_else(Val::unknown, |gives| given(service, gives, &arguments));
        }
        if let Some((child, sources)) = known.parts.get(&**name) {
            return part(service, child, sources, ids, args);
        }
        match &**name {
            "load" | "reload" => {
                let (operation, arguments) = match &known.load {
                    Some((operation, sources)) => (*operation, filled(sources, ids)),
                    None if kind == "Bucket" => ("ListBuckets", Vec::new()),
                    None => ("HeadObject", object_ids(ids)),
                };
                self.note(service, operation, name, arguments, place);
                Val::unknown()
            }
            "batch_writer" => {
                let arguments: Named = ids.iter().map(|(_, val)| ("TableName".into(), val.clone())).collect();
                self.note(service, "BatchWriteItem", name, arguments.clone(), place);
                Val::sdk(Sdk::BatchWriter(arguments))
            }
            _ if transfer(name).is_some() => self.transfer(name, &object_ids(ids), args, place),
            _ => Val::unknown(),
        }
    }

    /// Managed transfers, of a client, a bucket or an object; `known`: the bucket and key that are known already.
    fn transfer(&mut self, name: &Rc<str>, known: &[(Rc<str>, Val)], args: &Args, place: Place) -> Val {
        let service: Rc<str> = "s3".into();
        let (operations, order) = transfer(name).unwrap_or_default();
        let missing: Vec<&str> = order.iter().copied().filter(|key| known.iter().all(|(n, _)| &**n != *key)).collect();
        let mut all: Named = known.to_vec();
        for (at, key) in missing.into_iter().enumerate() {
            if let Some(val) = args.get(at, key) {
                all.push((key.into(), val.clone()));
            }
        }
        let find = |key: &str| all.iter().find(|(n, _)| &**n == key).map(|(_, val)| val.clone());
        if let Some(file) = find("Filename") {
            let upload = operations == UPLOAD;
            let content = find("Key").unwrap_or_else(Val::unknown);
            self.uses_path(&file, if upload { Use::Read } else { Use::Write }, Some(&content));
        }
        if let (Some(file), Some(key)) = (find("Fileobj"), find("Key")) {
            self.writes_into(&file, &key);
        }
        if let Some(source) = find("CopySource") {
            let (mut entries, mut rest) = (Vec::new(), None);
            containers::spread_entries(&mut entries, &mut rest, &source);
            for operation in DOWNLOAD {
                self.note(&service, operation, name, entries.clone(), place);
            }
        }
        let arguments: Named =
            all.into_iter().filter(|(n, _)| matches!(&**n, "Bucket" | "Key" | "CopySource")).collect();
        for operation in operations {
            self.note(&service, operation, name, arguments.clone(), place);
        }
        Val::unknown()
    }
}

fn collection(service: &Rc<str>, many: &Action, ids: &[(Rc<str>, Val)], place: Place) -> Val {
    Val::sdk(Sdk::Collection {
        service: service.clone(),
        kind: many.gives.unwrap_or_default().into(),
        operation: many.operation.into(),
        arguments: filled(&many.sources, ids),
        ids: ids.to_vec(),
        fresh: Some(place),
    })
}

/// Operations and order of arguments of a managed transfer.
fn transfer(name: &str) -> Option<(&'static [&'static str], &'static [&'static str])> {
    Some(match name {
        "upload_file" => (UPLOAD, &["Filename", "Bucket", "Key"]),
        "upload_fileobj" => (UPLOAD, &["Fileobj", "Bucket", "Key"]),
        "download_file" => (DOWNLOAD, &["Bucket", "Key", "Filename"]),
        "download_fileobj" => (DOWNLOAD, &["Bucket", "Key", "Fileobj"]),
        "copy" => (COPY, &["CopySource", "Bucket", "Key"]),
        _ => return None,
    })
}

fn object_ids(ids: &[(Rc<str>, Val)]) -> Named {
    let renamed = |name: &str| -> Option<&'static str> {
        match name {
            "BucketName" | "Name" => Some("Bucket"),
            "Key" | "ObjectKey" => Some("Key"),
            _ => None,
        }
    };
    ids.iter().filter_map(|(name, val)| Some((renamed(name)?.into(), val.clone()))).collect()
}

fn filled(sources: &sdk::Sources, ids: &[(Rc<str>, Val)]) -> Named {
    let of = |(target, from): &(&'static str, Option<&'static str>)| {
        let from = (*from)?;
        let val = ids.iter().find(|(n, _)| &**n == from).map(|(_, val)| val.clone());
        Some(((*target).into(), val.unwrap_or_else(Val::unknown)))
    };
    sources.iter().filter_map(of).collect()
}

fn arguments(args: &Args) -> Named {
    let mut all = args.named.clone();
    if args.named_rest.is_some() || args.rest.is_some() {
        all.push((OTHERS.into(), Val::unknown()));
    }
    all
}

/// The resource that an action answers with, as far as its arguments tell.
fn given(service: &Rc<str>, kind: &str, arguments: &[(Rc<str>, Val)]) -> Val {
    let find = |names: &[&str]| arguments.iter().find(|(n, _)| names.contains(&&**n)).map(|(_, val)| val.clone());
    let known = sdk::resource(service, kind);
    let ids = known.into_iter().flat_map(|known| &known.ids).map(|(id, _)| {
        let val = match *id {
            "BucketName" => find(&["Bucket"]),
            "Name" => find(&["TableName", "Bucket", "Name"]),
            other => find(&[other]),
        };
        ((*id).into(), val.unwrap_or_else(Val::unknown))
    });
    Val::sdk(Sdk::Resource { service: service.clone(), kind: kind.into(), ids: ids.collect(), loaded: false })
}

/// One of a collection's resources.
fn item(thing: &Rc<Sdk>) -> Val {
    match &**thing {
        Sdk::Collection { service, kind, ids, .. } => {
            let known = sdk::resource(service, kind);
            let parents = object_ids(ids);
            let of = |id: &'static str| -> (Rc<str>, Val) {
                let own = ids.iter().find(|(n, _)| &**n == id);
                let bucket = parents.iter().find(|(n, _)| &**n == "Bucket" && id == "BucketName");
                (id.into(), own.or(bucket).filter(|_| id != "Name").map_or_else(Val::unknown, |(_, val)| val.clone()))
            };
            let ids = known.into_iter().flat_map(|known| &known.ids).map(|(id, _)| of(id)).collect();
            Val::sdk(Sdk::Resource { service: service.clone(), kind: kind.clone(), ids, loaded: true })
        }
        _ => Val::unknown(),
    }
}

/// `BucketName` is `bucket_name` where Python writes it.
fn snake(name: &str) -> String {
    let mut found = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c.is_ascii_uppercase() && !found.is_empty() {
            found.push('_');
        }
        found.push(c.to_ascii_lowercase());
    }
    found
}

/// A resource below another, such as an object of a bucket.
fn part(service: &Rc<str>, kind: &str, sources: &sdk::Sources, ids: &[(Rc<str>, Val)], args: &Args) -> Val {
    let mut next = 0;
    let mut made: Named = Vec::new();
    for (target, from) in sources {
        let val = if let Some(from) = from {
            ids.iter().find(|(n, _)| &**n == *from).map(|(_, val)| val.clone())
        } else {
            next += 1;
            args.get(next - 1, &snake(target)).cloned()
        };
        if val.as_ref().is_some_and(Val::is_nothing) {
            return Val::nothing();
        }
        made.push(((*target).into(), val.unwrap_or_else(Val::unknown)));
    }
    Val::sdk(Sdk::Resource { service: service.clone(), kind: kind.into(), ids: made, loaded: false })
}
