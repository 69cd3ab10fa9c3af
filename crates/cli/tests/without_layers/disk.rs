//! What is tried on the data folder of a house that stopped.

use std::path::{Path, PathBuf};

use crate::place::Place;

/// What the probes left in every store, and what it lies in.
const CANARIES: [(&str, &str); 6] = [
    ("item", "canary-of-an-item"),
    ("object", "canary-of-an-object"),
    ("parameter", "canary-of-a-parameter"),
    ("secret", "canary-of-a-secret"),
    ("log", "canary-of-a-log"),
    ("record", "canary-of-a-record"),
];

/// Bytes before the first record of a segment.
const HEADER: usize = 48;

/// What each of the probes came back with, by its layer.
pub(crate) fn tried(place: &Place, app: &Path) -> [(String, String); 4] {
    let seen = |alter: fn(&mut Vec<Vec<u8>>)| if is_seen(place, app, alter) { "seen" } else { "not seen" };
    let found = [
        ("encryption", readable(&place.data())),
        ("audit-chain", seen(|records| records.swap(1, 2)).to_owned()),
        ("audit-head", seen(|records| drop(records.pop())).to_owned()),
        ("audit-intent", announced(place, app).to_owned()),
    ];
    found.map(|(layer, found)| (layer.to_owned(), found))
}

/// The canaries that a thief of the disk reads.
fn readable(data: &Path) -> String {
    let whole: Vec<Vec<u8>> = files(data).iter().map(|file| std::fs::read(file).unwrap()).collect();
    let holds = |canary: &str| whole.iter().any(|bytes| bytes.windows(canary.len()).any(|at| at == canary.as_bytes()));
    let found: Vec<_> = CANARIES.into_iter().filter(|(_, canary)| holds(canary)).map(|(name, _)| name).collect();
    if found.is_empty() { "nothing".to_owned() } else { found.join(", ") }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.is_file() {
            found.push(path);
        }
    }
    found
}

/// True if the log no longer verifies once its records were altered; puts them back.
fn is_seen(place: &Place, app: &Path, alter: fn(&mut Vec<Vec<u8>>)) -> bool {
    let segments =
        files(&place.data().join("audit")).into_iter().filter(|file| file.extension().is_some_and(|e| e == "seg"));
    let segment = segments.max().unwrap();
    let whole = std::fs::read(&segment).unwrap();
    let mut records = records(&whole[HEADER..]);
    alter(&mut records);
    std::fs::write(&segment, [&whole[..HEADER], &records.concat()].concat()).unwrap();
    let status = place.with_data(&["audit", "verify"], app, &[]).status;
    std::fs::write(&segment, whole).unwrap();
    assert!(matches!(status, Some(0 | 1)), "{status:?}");
    status == Some(1)
}

/// The records of a segment, each with its length before it.
fn records(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    while let Some((length, _)) = bytes.split_first_chunk::<4>() {
        let (record, rest) = bytes.split_at(4 + u32::from_le_bytes(*length) as usize);
        found.push(record.to_vec());
        bytes = rest;
    }
    found
}

/// Whether the table that the probes made was announced before it was made.
fn announced(place: &Place, app: &Path) -> &'static str {
    let shown = place.with_data(&["audit", "show"], app, &[]);
    assert_eq!(shown.status, Some(0), "{}", shown.stderr);
    let made = shown.stdout.lines().filter(|line| line.contains("\"CreateTable\""));
    if made.into_iter().any(|line| line.contains("\"phase\":\"intent\"")) { "announced" } else { "not announced" }
}
