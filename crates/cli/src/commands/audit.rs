//! `burgward audit`.

use std::process::ExitCode;

use burgward_audit::AuditLog;
use serde_json::json;

use super::{Done, Failure, paths};
use crate::args::{AppArgs, AuditArgs, AuditCommand, Format};
use crate::out;

pub(crate) fn run(args: &AuditArgs) -> Done {
    match &args.command {
        AuditCommand::Verify { app, expect_head, format } => verify(app, expect_head.as_deref(), *format),
        AuditCommand::Show { app } => show(app),
    }
}

/// Status 0 if the log is whole, 1 if it is not. A record that was being written when `up` was killed is no fault of the
/// log's, and nobody was promised it: it is said.
fn verify(app: &AppArgs, expect_head: Option<&str>, format: Format) -> Done {
    let paths = paths(app)?;
    let vault = burgward_app::unlock(&paths)?;
    let report = AuditLog::verify(&paths.data.join("audit"), &vault, expect_head);
    let torn = report.as_ref().map_or(0, |report| report.torn_bytes);
    let (verified, text, head) = match &report {
        Ok(report) => {
            (true, format!("{} records, head {}", report.head.records, report.head), Some(report.head.to_string()))
        }
        Err(error) => (false, error.to_string(), None),
    };
    match format {
        Format::Human => {
            out::data(&format!("{}: {text}\n", if verified { "verified" } else { "NOT VERIFIED" }));
            if torn > 0 {
                out::data(&format!("note: {torn} bytes after the last whole record: a torn write, or added\n"));
            }
        }
        Format::Json => {
            let document = json!({"schema": "burgward/audit-v1", "verified": verified, "head": head, "detail": text,
                                  "tornBytes": torn});
            out::data(&format!("{document}\n"));
        }
    }
    Ok(if verified { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn show(app: &AppArgs) -> Done {
    let paths = paths(app)?;
    let vault = burgward_app::unlock(&paths)?;
    let records = AuditLog::read(&paths.data.join("audit"), &vault).map_err(Failure::unusable)?;
    for record in records {
        let (sequence, record) = record.map_err(Failure::unusable)?;
        out::data(&format!("{}\n", record.to_cloudtrail(sequence)));
    }
    Ok(ExitCode::SUCCESS)
}
