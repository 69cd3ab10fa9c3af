//! The log that shows every alteration, through the command that checks it.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::place::{Ended, Place, app, succeed};

/// A log with some records in it; the head that was printed half way, and the one at the end.
struct Kept {
    place: Place,
    app: PathBuf,
    early: String,
    late: String,
}

fn kept() -> Kept {
    let (place, app) = (Place::new(), app("notes-rest"));
    let up = place.up(&app, &[]);
    assert!(up.stop().success());
    let early = head(&place, &app);
    let up = place.up(&app, &[]);
    succeed(&mut up.python(&[app.join("check.py")], &[]));
    assert!(up.stop().success());
    let late = head(&place, &app);
    Kept { place, app, early, late }
}

fn verify(place: &Place, app: &Path, more: &[&str]) -> Ended {
    place.with_data(&["audit", "verify"], app, more)
}

fn head(place: &Place, app: &Path) -> String {
    let said = verify(place, app, &["--format", "json"]);
    assert_eq!(said.status, Some(0), "{said:?}");
    let document: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!((&document["schema"], &document["verified"]), (&"burgward/audit-v1".into(), &true.into()));
    document["head"].as_str().unwrap().to_owned()
}

/// The segments of the log, oldest first.
fn segments(place: &Place) -> Vec<PathBuf> {
    let files = std::fs::read_dir(place.data().join("audit")).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|file| std::fs::metadata(file).unwrap().len() > 200).collect();
    files.sort();
    files
}

#[test]
fn a_whole_log_verifies_and_holds_the_heads_that_were_printed() {
    let Kept { place, app, early, late } = kept();
    let (records, _) = late.split_once(':').unwrap();
    let said = verify(&place, &app, &[]);
    assert_eq!(said.stdout, format!("verified: {records} records, head {late}\n"));
    for head in [&early, &late] {
        assert_eq!(verify(&place, &app, &["--expect-head", head]).status, Some(0), "{head}");
    }
    let other = format!("{records}:{}", "0".repeat(64));
    let said = verify(&place, &app, &["--expect-head", &other]);
    let wanted = format!(
        "NOT VERIFIED: the audit log does not hold the expected head `{other}`: it has {records} records and its head \
         is `{late}`\n  hint: records were cut off or the log was replaced\n"
    );
    assert_eq!((said.status, said.stdout), (Some(1), wanted));
    let said = verify(&place, &app, &["--expect-head", "nonsense"]);
    let wanted = "NOT VERIFIED: `nonsense` is no head of an audit log\n  hint: a head is printed as `RECORDS:HASH`\n";
    assert_eq!((said.status, said.stdout.as_str()), (Some(1), wanted));
}

#[test]
fn a_flipped_byte_shows() {
    let Kept { place, app, .. } = kept();
    let file = segments(&place).remove(0);
    let whole = std::fs::read(&file).unwrap();
    // At the beginning, in the middle of a record, at the end.
    for at in [0, whole.len() / 2, whole.len() - 1] {
        let mut altered = whole.clone();
        altered[at] ^= 1;
        std::fs::write(&file, altered).unwrap();
        let said = verify(&place, &app, &[]);
        assert_eq!(said.status, Some(1), "byte {at}: {said:?}");
        assert!(said.stdout.starts_with("NOT VERIFIED: the audit log"), "{said:?}");
    }
    std::fs::write(&file, whole).unwrap();
    assert_eq!(verify(&place, &app, &[]).status, Some(0));
}

/// The worst case: an older copy of everything, whole and signed. Only a head that was kept elsewhere shows it.
#[test]
fn a_log_that_was_put_back_to_an_older_state_shows_by_the_head() {
    let (place, app) = (Place::new(), app("plain-cloudformation"));
    place.up(&app, &[]).stop();
    let (early, copy) = (head(&place, &app), place.path("copy"));
    copy_folder(&place.data().join("audit"), &copy);
    place.up(&app, &[]).stop();
    let late = head(&place, &app);
    std::fs::remove_dir_all(place.data().join("audit")).unwrap();
    copy_folder(&copy, &place.data().join("audit"));
    assert_eq!(verify(&place, &app, &["--expect-head", &early]).status, Some(0));
    let said = verify(&place, &app, &["--expect-head", &late]);
    let records = early.split_once(':').unwrap().0;
    let wanted = format!(
        "NOT VERIFIED: the audit log does not hold the expected head `{late}`: it has {records} records and its head is \
         `{early}`\n  hint: records were cut off or the log was replaced\n"
    );
    assert_eq!((said.status, said.stdout), (Some(1), wanted));
}

#[test]
fn records_that_were_cut_off_show_by_the_signed_head() {
    let Kept { place, app, .. } = kept();
    let file = segments(&place).pop().unwrap();
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    let said = verify(&place, &app, &[]);
    assert_eq!(said.status, Some(1), "{said:?}");
    assert!(said.stdout.starts_with("NOT VERIFIED: the audit log"), "{said:?}");
    // An app does not start on such a log either.
    let said = place.refused(&app, &[]);
    assert_ne!(said.status, Some(0), "{said:?}");
}

/// What a run that was killed leaves is no fault, and is not passed over.
#[test]
fn bytes_after_the_last_whole_record_are_named() {
    let (place, app) = (Place::new(), app("plain-cloudformation"));
    place.up(&app, &[]).stop();
    let head = head(&place, &app);
    let file = segments(&place).into_iter().rfind(|file| file.extension() == Some("seg".as_ref())).unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    bytes.extend([7, 0, 0]);
    std::fs::write(&file, bytes).unwrap();
    let said = verify(&place, &app, &[]);
    let (records, _) = head.split_once(':').unwrap();
    let wanted = format!(
        "verified: {records} records, head {head}\nnote: 3 bytes after the last whole record: a torn write, or added\n"
    );
    assert_eq!((said.status, said.stdout), (Some(0), wanted));
    let said = verify(&place, &app, &["--format", "json"]);
    let document: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!((&document["verified"], &document["tornBytes"]), (&true.into(), &3.into()));
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let file = entry.unwrap().path();
        std::fs::copy(&file, to.join(file.file_name().unwrap())).unwrap();
    }
}
