//! Real templates: how much the checks say of each, and how often they are right where others have labelled.
//!
//! The corpora are not part of the project: `$BURGWARD_CORPORA` names their folder; without it these tests say so and
//! pass.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a helper that fails is a test that fails, and what is measured is printed"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use burgward_checks::{Persona, run, run_as};
use burgward_diag::Finding;
use burgward_template::model::App;
use burgward_template::tree::{ReadLimits, read};
use burgward_template::{FileError, Files, Parameters, load};

struct Folder(PathBuf);

impl Files for Folder {
    fn read(&self, relative: &str) -> Result<String, FileError> {
        let text = fs::read_to_string(self.0.join(relative));
        text.map_err(|error| FileError::Unreadable(relative.to_owned(), error.to_string()))
    }

    fn exists_dir(&self, relative: &str) -> bool {
        self.0.join(relative).is_dir()
    }
}

fn corpus(name: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora");
    let root = std::env::var_os("BURGWARD_CORPORA").map_or_else(beside, PathBuf::from);
    let folder = root.join(name);
    if !folder.is_dir() {
        println!("skipped: no corpus `{name}` at {}", root.display());
        return None;
    }
    Some(folder)
}

fn templates(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            templates(&path, found);
        } else if path.extension().is_some_and(|e| e == "yaml" || e == "yml" || e == "json") {
            found.push(path);
        }
    }
}

fn app(path: &Path) -> Option<App> {
    let folder = Folder(path.parent().unwrap().to_owned());
    load(path.file_name().unwrap().to_str().unwrap(), &folder, &Parameters::default()).app
}

fn lines(finding: &Finding) -> u32 {
    let span = &finding.primary.as_ref().unwrap().span;
    span.end_position().line - span.position().line + 1
}

/// Specification: at most 1.5 findings a template for the regular persona, the median place at most 3 lines.
#[test]
fn serverless_patterns_are_not_flooded() {
    let Some(folder) = corpus("serverless-patterns") else { return };
    let mut paths = Vec::new();
    templates(&folder, &mut paths);
    let (mut by_rule, mut by_severity) = (BTreeMap::new(), BTreeMap::new());
    let (mut loaded, mut all, mut silent, mut pedantic, mut places) = (0_u32, 0_u32, 0_u32, 0_usize, Vec::new());
    for path in &paths {
        let Some(app) = app(path) else { continue };
        if app.functions.is_empty() && app.roles.is_empty() && app.apis.is_empty() && app.buckets.is_empty() {
            continue;
        }
        loaded += 1;
        let found = run(&app);
        silent += u32::from(found.is_empty());
        pedantic += run_as(&app, Persona::Auditor).len();
        for finding in &found {
            all += 1;
            *by_rule.entry(finding.rule).or_insert(0_u32) += 1;
            *by_severity.entry(finding.severity.name()).or_insert(0_u32) += 1;
            places.push(lines(finding));
            if std::env::var_os("BURGWARD_SHOW_FINDINGS").is_some() {
                println!("{}", path.display());
                show(finding);
            }
        }
    }
    places.sort_unstable();
    let median = places.get(places.len() / 2).copied().unwrap_or(0);
    let mean = f64::from(all) / f64::from(loaded);
    println!("{loaded} templates, {all} findings, {mean:.2} a template, {silent} silent; median place {median} lines");
    println!("auditor: {pedantic}; {by_severity:?}");
    println!("{by_rule:#?}");
    assert!(mean <= 1.5, "{mean:.2} findings a template");
    assert!(median <= 3, "the median place has {median} lines");
    assert!(places.last().is_none_or(|most| *most <= 3), "a place of more than 3 lines");
}

/// Whatever the loader makes a model of, checks take: also templates that are wrong on purpose.
#[test]
fn no_template_makes_a_check_panic() {
    let Some(folder) = corpus("sam-translator") else { return };
    let mut paths = Vec::new();
    templates(&folder, &mut paths);
    let apps: Vec<_> = paths.iter().filter_map(|path| app(path)).collect();
    let found: usize = apps.iter().map(|app| run_as(app, Persona::Auditor).len()).sum();
    println!("sam-translator: {} models, {found} findings for the auditor", apps.len());
}

/// Every app below `examples` and `tests/apps` is checked; what it gives is printed.
#[test]
fn own_apps_are_checked() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for folder in ["examples", "tests/apps"] {
        let Ok(entries) = fs::read_dir(root.join(folder)) else { continue };
        for path in entries.map(|e| e.unwrap().path().join("template.yaml")).filter(|p| p.is_file()) {
            let found = run(&app(&path).unwrap());
            println!("{}: {} findings", path.display(), found.len());
            found.iter().for_each(show);
            assert!(found.iter().all(|f| lines(f) <= 3), "{}: a wide place", path.display());
        }
    }
}

fn show(finding: &Finding) {
    let site = finding.primary.as_ref().unwrap();
    println!("  {} {}[{}] {}", site.span.place(), finding.severity.name(), finding.rule, finding.title);
}

/// Checkov's checks that ask the same question as a rule here, and nothing else.
///
/// Left out: `CKV_AWS_57` (it asks for public writing only, the rule reports reading as well), `CKV2_AWS_75` (there origins *and* methods must be `*`), the checks on single switches of public access
/// (S3 has them on by default since 2023), and policy choices such as a VPC or a dead-letter queue for every function.
const SAME: &[(&str, &[&str])] = &[
    ("CKV_AWS_20", &["bucket-public-acl"]),
    ("CKV_AWS_60", &["role-trust-public"]),
    ("CKV_AWS_384", &["ssm-plaintext-secret"]),
    ("CKV_AWS_45", &["env-plaintext-secret"]),
    ("CKV_AWS_59", &["api-route-no-auth"]),
    ("CKV_AWS_62", &["iam-star-action"]),
    ("CKV_AWS_63", &["iam-star-action"]),
    ("CKV_AWS_76", &["api-no-access-log"]),
    ("CKV_AWS_95", &["api-no-access-log"]),
    ("CKV_AWS_107", &["iam-star-resource"]),
    ("CKV_AWS_111", &["iam-star-resource", "service-star", "iam-star-action"]),
    ("CKV_AWS_258", &["function-url-no-auth"]),
    ("CKV_AWS_363", &["eol-runtime"]),
    ("CKV_AWS_364", &["permission-no-source"]),
];

#[test]
fn labels_of_checkov() {
    let Some(folder) = corpus("checkov-cfn") else { return };
    let text = fs::read_to_string(folder.join("labels.json")).unwrap();
    let labels: serde_json::Value = serde_json::from_str(&text).unwrap();
    // The labels are older than the end of this runtime.
    let outdated = [("CKV_AWS_363", "Pass")];
    let mut sums: BTreeMap<&str, [u32; 4]> = BTreeMap::new();
    for label in labels.as_array().unwrap() {
        let Some((check, rules)) = SAME.iter().find(|(check, _)| label["check_id"] == *check) else { continue };
        let path = folder.join(label["file"].as_str().unwrap());
        let reported = reported(&path, rules);
        let sum = sums.entry(check).or_default();
        for (kind, hit, miss) in [("failing", 0, 1), ("passing", 2, 3)] {
            for id in label[kind]
                .as_array()
                .unwrap()
                .iter()
                .map(|v| v.as_str().unwrap())
                .filter(|id| !outdated.contains(&(check, *id)))
            {
                let is_reported = reported.contains(id);
                sum[if is_reported { hit } else { miss }] += 1;
                if is_reported != (kind == "failing") {
                    println!("{check}: `{id}` of {} is {kind}, reported: {is_reported}", label["file"]);
                }
            }
        }
    }
    let total = sums.values().fold([0; 4], |a, b| [a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]]);
    for (check, [tp, fn_, fp, tn]) in sums.iter().chain([(&"all", &total)]) {
        println!("{check}: true positives {tp}, missed {fn_}, false positives {fp}, true negatives {tn}");
    }
    let [tp, _, fp, _] = total;
    assert!(f64::from(fp) <= 0.1 * f64::from(tp + fp), "precision below 0.9");
}

/// The logical ids of the resources that findings of these rules lie in.
fn reported(path: &Path, rules: &[&str]) -> BTreeSet<String> {
    let Some(app) = app(path) else { return BTreeSet::new() };
    let (mut refused, mut listed) = (Vec::new(), Vec::new());
    let root = read(&app.sources[0], ReadLimits::default(), &mut refused, &mut listed).unwrap();
    let resources = root.get("Resources").unwrap().entries();
    let found = run_as(&app, Persona::Auditor);
    let sites = found.iter().filter(|f| rules.contains(&f.rule)).flat_map(|f| f.primary.iter().chain(&f.related));
    let owner = |at: u32| resources.iter().rev().find(|e| e.key_span.start <= at).map(|e| e.key.clone());
    sites.filter_map(|site| owner(site.span.start)).collect()
}
