//! Functions that fail: what their logs say afterwards. What their callers see is in `tests/apps/faults-rest/check.py`.

use std::path::Path;

use crate::place::{Place, Up, app};

fn get(up: &Up, path: &str) -> String {
    up.client("get.py", &[("GET_PATH".into(), path.into())])
}

fn log(place: &Place, app: &Path, up: &Up, function: &str) -> String {
    let mut env = place.credentials(app, &[]);
    env.push(("FUNCTION".into(), function.into()));
    up.client("logs.py", &env)
}

#[test]
fn a_crash_and_an_exception() {
    let (place, app) = (Place::new(), app("faults-rest"));
    let up = place.up(&app, &[]);
    let failed = "502 {\"message\": \"Internal server error\"}";
    assert_eq!([get(&up, "/faults/crash"), get(&up, "/faults/raises")], [failed, failed]);
    let expected = "\
INIT_START Runtime Version: python3.11
START RequestId: ID Version: $LATEST
END RequestId: ID
REPORT RequestId: ID Duration: N ms Billed Duration: N ms Memory Size: 256 MB Max Memory Used: N MB Init Duration: N ms Status: error Error Type: Runtime.ExitError
INIT_START Runtime Version: python3.11
START RequestId: ID Version: $LATEST
[ERROR] ValueError: no such book Traceback (most recent call last): File \"/var/task/faults.py\", line 33, in handler return FAULTS[event[\"pathParameters\"][\"fault\"]]() File \"/var/task/faults.py\", line 10, in raises raise ValueError(\"no such book\")
END RequestId: ID
REPORT RequestId: ID Duration: N ms Billed Duration: N ms Memory Size: 256 MB Max Memory Used: N MB Init Duration: N ms Status: error Error Type: Function.Unknown
";
    assert_eq!(log(&place, &app, &up, "FaultsFunction"), expected);
}

#[test]
fn a_function_that_hangs() {
    let (place, app) = (Place::new(), app("faults-rest"));
    let up = place.up(&app, &[]);
    assert_eq!(get(&up, "/hang"), "502 {\"message\": \"Internal server error\"}");
    let log = log(&place, &app, &up, "HangFunction");
    assert!(log.contains("\nTIME ID Task timed out after 1.00 seconds\n"), "{log}");
    assert!(log.trim_end().ends_with("Status: timeout"), "{log}");
}

/// Lines are dropped rather than kept without end, and the log says that they were.
#[test]
fn a_flood_of_lines() {
    let (place, app) = (Place::new(), app("faults-rest"));
    let up = place.up(&app, &[]);
    assert_eq!(get(&up, "/flood"), "200 fine");
    let log = log(&place, &app, &up, "FloodFunction");
    let kept = log.lines().filter(|line| line.ends_with(" of a flood")).count();
    assert!((1..100_000).contains(&kept), "{kept} lines were kept");
    let said: Vec<_> = log.lines().filter(|line| line.starts_with("BURGWARD log limit")).collect();
    assert_eq!(said[0], "BURGWARD log limit reached: further lines are dropped until the function prints less");
    assert!(said.iter().any(|line| line.ends_with(" were dropped")), "{said:?}");
    assert_eq!(get(&up, "/faults/fine"), "200 fine");
}
