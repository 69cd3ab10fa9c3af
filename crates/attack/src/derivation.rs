//! Tests of what is derived from an app, on an app of the suite's own.

use std::path::{Path, PathBuf};

use burgward_template::model::App;
use burgward_template::{FileError, Files, Parameters};

use crate::code::Code;
use crate::normal::{self, Field, Normal};
use crate::stores::{self, Kind, Store};

struct Folder(PathBuf);

impl Files for Folder {
    fn read(&self, relative: &str) -> Result<String, FileError> {
        std::fs::read_to_string(self.0.join(relative)).map_err(|_| FileError::NotFound(relative.to_owned()))
    }

    fn exists_dir(&self, relative: &str) -> bool {
        self.0.join(relative).is_dir()
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/kiosk")
}

fn app() -> App {
    let loaded = burgward_template::load("template.yaml", &Folder(folder()), &Parameters::default());
    assert!(loaded.refused.is_empty(), "{:?}", loaded.refused);
    loaded.app.unwrap()
}

fn normals() -> (Vec<Normal>, Vec<String>) {
    let app = app();
    let codes = app.functions.iter().map(|f| (f.logical_id.clone(), Code::read(&folder(), f))).collect();
    normal::all(&app, &folder(), &codes)
}

#[test]
fn events_become_requests_and_routes_without_one_get_theirs_made_up() {
    let (normals, notes) = normals();
    let shown: Vec<String> = normals
        .iter()
        .map(|n| {
            let request = n.request("https://localhost:1/live", None).unwrap();
            format!("{} {} tokens={:?} body={}", n.route, request.uri(), n.tokens, n.body.as_deref().unwrap_or("-"))
        })
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    POST /take/{what} https://localhost:1/live/take/tea%20pot?size=large tokens=["x-badge"] body={"at": 1, "note": {"for": ["me", "you"]}}
    GET /menu https://localhost:1/live/menu?page=canary tokens=[] body=-
    "#);
    insta::assert_snapshot!(notes.join("\n"), @"
    `events/other.json` is no normal request: it names no method and path, as an event of API Gateway does
    `events/stray.json` fits no route: GET /nowhere
    no event for GET /menu: a request is made up from the template and the code
    ");
}

#[test]
fn every_string_is_a_field_that_can_be_changed_and_left_out() {
    let (normals, _) = normals();
    let take = &normals[0];
    let fields: Vec<String> = take.fields().iter().map(ToString::to_string).collect();
    assert_eq!(fields, ["body.note.for.0", "body.note.for.1", "query.size", "path segment 2"]);
    let changed = take.with(&Field::Segment(1), "a/b;c").with(&Field::Query("size".into()), "&x=1");
    let request = changed.request("https://localhost:1/live/", None).unwrap();
    assert_eq!(request.uri().to_string(), "https://localhost:1/live/take/a%2Fb%3Bc?size=%26x%3D1");
    let changed = take.with(&Field::Body("/note/for/1".into()), "$(x)\n\"");
    assert_eq!(changed.body.as_deref(), Some(r#"{"at":1,"note":{"for":["me","$(x)\n\""]}}"#));
    assert_eq!(take.without(&Field::Query("size".into())).unwrap().query, []);
    assert_eq!(take.without(&Field::Segment(1)), None);
    assert!(take.without_tokens().header("x-badge").is_none());
}

#[test]
fn a_function_is_measured_against_its_own_stores_and_the_verbs_of_its_code() {
    let app = app();
    let function = app.function("TakeFunction").unwrap();
    let code = Code::read(&folder(), function);
    let own = |store: &&Store| store.is_of(function, Some(&code));
    let stores = stores::all(&app);
    let names: Vec<&str> = stores.iter().filter(own).map(|store| store.logical_id.as_str()).collect();
    assert_eq!(names, ["Stock", "Opening", "log of TakeFunction"]);
    let needed: Vec<&str> =
        Kind::Table.verbs().iter().filter(|verb| verb.is_in(Some(&code))).map(|verb| verb.name).collect();
    assert_eq!(needed, ["PutItem"]);
}

#[test]
fn canaries_have_the_table_s_own_key_and_a_parameter_is_only_written_with_what_it_holds() {
    let stores = stores::all(&app());
    let verb = |kind: Kind, name: &str| *kind.verbs().iter().find(|verb| verb.name == name).unwrap();
    let delete = stores[0].call(verb(Kind::Table, "DeleteItem"), "12ab", None).unwrap();
    let name = &stores[0].name;
    assert_eq!(
        delete.body,
        format!(
            r#"{{"TableName":"{name}","Key":{{"what":{{"S":"burgward-attack-12ab"}},"at":{{"N":"1201"}}}},"ReturnValues":"ALL_OLD"}}"#
        )
    );
    let opening = stores.iter().find(|store| store.kind == Kind::Parameter).unwrap();
    assert!(opening.call(verb(Kind::Parameter, "PutParameter"), "12ab", None).is_none());
    let put = opening.call(verb(Kind::Parameter, "PutParameter"), "12ab", Some("9")).unwrap();
    assert_eq!(put.body, r#"{"Name":"/kiosk/opening","Value":"9","Overwrite":true}"#);
}
