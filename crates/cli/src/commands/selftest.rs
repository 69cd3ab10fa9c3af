//! `burgward selftest`.

use std::fmt::Write as _;
use std::process::ExitCode;

use serde_json::json;

use crate::args::{Format, SelftestArgs};
use crate::out;

/// Status 0 if every layer holds, 1 if one does not.
pub(crate) fn run(args: &SelftestArgs) -> ExitCode {
    let mut reports: Vec<(String, bool, String)> = match burgward_app::start_spawner(&[]) {
        Ok(spawner) => {
            let layers = burgward_app::selftest(&spawner);
            layers.into_iter().map(|layer| (layer.id.to_owned(), layer.active, layer.evidence)).collect()
        }
        Err(error) => vec![("spawner".to_owned(), false, error.to_string())],
    };
    reports.extend(burgward_app::crypto_selftest());
    let all = reports.iter().all(|(_, active, _)| *active);
    match args.format {
        Format::Human => {
            let mut text = String::new();
            for (id, active, evidence) in &reports {
                let _ = writeln!(text, "{} {id:22} {evidence}", if *active { "active " } else { "MISSING" });
            }
            out::data(&text);
        }
        Format::Json => {
            let layer = |(id, active, evidence): &(String, bool, String)| json!({"id": id, "active": active, "evidence": evidence});
            let layers: Vec<_> = reports.iter().map(layer).collect();
            out::data(&format!("{:#}\n", json!({"schema": "burgward/selftest-v1", "active": all, "layers": layers})));
        }
    }
    if all { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
