//! What verification sees: flipped bits, reordered, removed, cut-off and replaced records.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on panics, in its helpers too"
)]

use std::path::{Path, PathBuf};
use std::time::Duration;

use burgward_audit::{AuditError, AuditLog, Options, Recorder as _};
use burgward_types::{AuditRecord, Principal, RecordKind, RequestId, Timestamp};
use burgward_vault::Vault;

fn record(number: u64) -> AuditRecord {
    AuditRecord {
        kind: RecordKind::AwsApiCall,
        event_time: Timestamp(1_795_350_896_789),
        event_source: "s3.amazonaws.com".into(),
        event_name: "PutObject".into(),
        request_id: RequestId::from_text(&format!("request-{number}")),
        principal: Principal::Anonymous,
        access_key_id: None,
        source: "127.0.0.1".into(),
        user_agent: None,
        aws_region: "us-east-1".into(),
        error_code: None,
        error_message: None,
        read_only: number.is_multiple_of(2),
        decisions: vec![],
        detail: serde_json::Value::Null,
    }
}

fn options() -> Options {
    Options { sync_every: Duration::from_millis(5), segment_bytes: 2_000, ..Options::default() }
}

/// A closed log of `count` records, and its head as printed.
async fn log_of(dir: &Path, vault: &Vault, count: u64) -> String {
    let log = AuditLog::open(dir, vault, options()).unwrap();
    for number in 0..count {
        log.record(record(number)).await.unwrap();
    }
    log.head().to_string()
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found: Vec<_> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

fn segments(dir: &Path) -> Vec<PathBuf> {
    files(dir).into_iter().filter(|path| path.extension().is_some_and(|e| e == "seg")).collect()
}

/// Where each frame of a segment starts and ends.
fn frames(bytes: &[u8]) -> Vec<(usize, usize)> {
    let (mut at, mut found) = (48, vec![]);
    while at < bytes.len() {
        let length = u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        found.push((at, at + 4 + length));
        at += 4 + length;
    }
    found
}

#[tokio::test]
async fn a_whole_log_verifies_and_reads_back() {
    let (dir, vault) = (tempfile::tempdir().unwrap(), Vault::ephemeral().unwrap());
    let head = log_of(dir.path(), &vault, 20).await;
    let report = AuditLog::verify(dir.path(), &vault, Some(&head)).unwrap();
    assert_eq!((report.head.to_string(), report.signed_records, report.torn_bytes), (head.clone(), 20, 0));
    assert!(report.segments > 2, "{report:?}");
    let read: Vec<_> = AuditLog::read(dir.path(), &vault).unwrap().map(Result::unwrap).collect();
    assert_eq!(read, (0..20).map(|number| (number, record(number))).collect::<Vec<_>>());

    let longer = AuditLog::open(dir.path(), &vault, options()).unwrap();
    assert!(longer.recovered().is_none());
    longer.record(record(20)).await.unwrap();
    assert!(matches!(AuditLog::open(dir.path(), &vault, options()), Err(AuditError::InUse(_))));
    drop(longer);
    let report = AuditLog::verify(dir.path(), &vault, Some(&head)).unwrap();
    assert_eq!(report.head.records, 21, "an older head is part of it");
}

#[tokio::test]
async fn nothing_readable_lies_on_the_disk() {
    let (dir, vault) = (tempfile::tempdir().unwrap(), Vault::ephemeral().unwrap());
    log_of(dir.path(), &vault, 3).await;
    for path in segments(dir.path()) {
        let bytes = std::fs::read(path).unwrap();
        assert!(!bytes.windows(9).any(|window| window == b"PutObject"));
    }
}

#[tokio::test]
async fn every_flipped_bit_is_seen() {
    let (dir, vault) = (tempfile::tempdir().unwrap(), Vault::ephemeral().unwrap());
    log_of(dir.path(), &vault, 9).await;
    for path in segments(dir.path()) {
        let good = std::fs::read(&path).unwrap();
        for at in (0..good.len()).step_by(7) {
            let mut bad = good.clone();
            bad[at] ^= 1 << (at % 8);
            std::fs::write(&path, &bad).unwrap();
            assert!(AuditLog::verify(dir.path(), &vault, None).is_err(), "byte {at} of {path:?}");
            assert!(AuditLog::open(dir.path(), &vault, options()).is_err(), "nothing is cut off below the signed head");
        }
        std::fs::write(&path, &good).unwrap();
    }
    AuditLog::verify(dir.path(), &vault, None).unwrap();
}

#[tokio::test]
async fn reordered_and_removed_records_are_seen() {
    let (dir, vault) = (tempfile::tempdir().unwrap(), Vault::ephemeral().unwrap());
    log_of(dir.path(), &vault, 20).await;
    let path = segments(dir.path()).remove(0);
    let good = std::fs::read(&path).unwrap();
    let (first, second) = (frames(&good)[0], frames(&good)[1]);
    let swapped = [&good[..first.0], &good[second.0..second.1], &good[first.0..first.1], &good[second.1..]].concat();
    let removed = [&good[..first.0], &good[second.0..]].concat();
    let doubled = [&good[..first.1], &good[first.0..]].concat();
    for bad in [swapped, removed, doubled] {
        std::fs::write(&path, &bad).unwrap();
        let error = AuditLog::verify(dir.path(), &vault, None).unwrap_err();
        assert!(
            matches!(error, AuditError::Tampered { what: "a record was altered, moved or left out", .. }),
            "{error}"
        );
    }
    std::fs::write(&path, &good).unwrap();
    std::fs::remove_file(&segments(dir.path())[1]).unwrap();
    assert!(matches!(AuditLog::verify(dir.path(), &vault, None), Err(AuditError::Tampered { .. })));
}

#[tokio::test]
async fn a_log_cut_off_at_a_record_is_seen() {
    let (dir, vault) = (tempfile::tempdir().unwrap(), Vault::ephemeral().unwrap());
    log_of(dir.path(), &vault, 9).await;
    let last = segments(dir.path()).pop().unwrap();
    let good = std::fs::read(&last).unwrap();
    std::fs::write(&last, &good[..frames(&good).last().unwrap().0]).unwrap();
    let error = AuditLog::verify(dir.path(), &vault, None).unwrap_err();
    assert!(matches!(error, AuditError::HeadMissing { records: 8, .. }), "{error}");
    std::fs::remove_file(&last).unwrap();
    assert!(matches!(AuditLog::verify(dir.path(), &vault, None), Err(AuditError::HeadMissing { .. })));
    std::fs::remove_file(dir.path().join("head.json")).unwrap();
    assert!(matches!(AuditLog::verify(dir.path(), &vault, None), Err(AuditError::HeadForged)));
}

#[tokio::test]
async fn a_log_put_back_with_its_older_head_is_seen_by_the_expected_head() {
    let (dir, vault) = (tempfile::tempdir().unwrap(), Vault::ephemeral().unwrap());
    log_of(dir.path(), &vault, 3).await;
    let older: Vec<_> = files(dir.path()).into_iter().map(|path| (std::fs::read(&path).unwrap(), path)).collect();
    let printed = log_of(dir.path(), &vault, 3).await;
    for path in segments(dir.path()) {
        std::fs::remove_file(path).unwrap();
    }
    for (bytes, path) in older {
        std::fs::write(path, bytes).unwrap();
    }
    assert!(AuditLog::verify(dir.path(), &vault, None).is_ok());
    let error = AuditLog::verify(dir.path(), &vault, Some(&printed)).unwrap_err();
    assert!(error.to_string().ends_with("hint: records were cut off or the log was replaced"), "{error}");
}

#[tokio::test]
async fn a_log_made_with_another_key_is_seen() {
    let (dir, vault) = (tempfile::tempdir().unwrap(), Vault::ephemeral().unwrap());
    let head = log_of(dir.path(), &Vault::ephemeral().unwrap(), 3).await;
    assert!(head.starts_with("3:"));
    assert!(matches!(AuditLog::verify(dir.path(), &vault, None), Err(AuditError::HeadForged)));
    assert!(matches!(AuditLog::verify(dir.path(), &vault, Some("3:zz")), Err(AuditError::NoHead(_))));
}

#[tokio::test]
async fn a_torn_end_is_cut_off_and_kept() {
    let (dir, vault) = (tempfile::tempdir().unwrap(), Vault::ephemeral().unwrap());
    let head = log_of(dir.path(), &vault, 9).await;
    let last = segments(dir.path()).pop().unwrap();
    for torn in [&[7_u8, 0][..], &[200, 0, 0, 0, 1, 2, 3], &[0; 4096]] {
        let whole = std::fs::read(&last).unwrap();
        std::fs::write(&last, [&whole, torn].concat()).unwrap();
        assert_eq!(AuditLog::verify(dir.path(), &vault, Some(&head)).unwrap().torn_bytes, torn.len() as u64);
        let log = AuditLog::open(dir.path(), &vault, options()).unwrap();
        let recovered = log.recovered().unwrap();
        assert_eq!(std::fs::read(&recovered.kept_as).unwrap(), torn);
        drop(log);
        assert_eq!(std::fs::read(&last).unwrap(), whole);
    }
}
