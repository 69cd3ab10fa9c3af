//! Every app of `tests/apps` runs, and a client gets from it what AWS would give.

use crate::place::{Place, app, example, root};

fn checked(name: &str) {
    let place = Place::new();
    let up = place.up(&app(name), &[]);
    crate::place::succeed(&mut up.python(&[app(name).join("check.py")], &[]));
    assert!(up.stop().success());
}

macro_rules! apps {
    ($($test:ident $name:literal)*) => {
        const APPS: &[&str] = &[$($name),*];
        $(#[test]
        fn $test() {
            checked($name);
        })*
    };
}

apps! {
    faults_rest "faults-rest"
    notes_rest "notes-rest"
    orders_rest "orders-rest"
    packages_http "packages-http"
    plain_cloudformation "plain-cloudformation"
    quotes_rest "quotes-rest"
    settings_http "settings-http"
    uploads_http "uploads-http"
}

#[test]
fn no_app_is_forgotten() {
    let folders = std::fs::read_dir(root().join("tests/apps")).unwrap().map(Result::unwrap);
    let mut names: Vec<_> = folders
        .filter(|entry| entry.path().join("template.yaml").exists())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.sort_unstable();
    assert_eq!(names, APPS);
}

/// The example's normal requests, as its `events` folder holds them.
#[test]
fn the_example_serves_its_events() {
    let folder = example();
    let place = Place::new();
    let up = place.up(&folder, &[]);
    let events = folder.join("events").to_string_lossy().into_owned();
    let printed = up.client("events.py", &[("EVENTS".into(), events)]);
    assert_eq!(printed, "books-statistics.json 200\ncreate-author-with-biography.json 201\ncreate-author.json 201\n");
}
