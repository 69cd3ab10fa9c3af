//! The model in a few lines, for snapshots.

use std::fmt::Write as _;

use crate::model::App;

/// Who runs what, as whom, behind which routes.
pub(super) fn summary(app: &App) -> String {
    let mut out = String::new();
    for f in &app.functions {
        let _ = writeln!(
            out,
            "function {} {} {} {} {}MB {}s role={} @{}",
            f.logical_id,
            f.name,
            f.runtime.value,
            f.handler.value,
            f.memory_mb.value,
            f.timeout_secs.value,
            f.role,
            f.timeout_secs.span.place()
        );
        for (name, value) in &f.env {
            let _ = writeln!(out, "  {name}={} @{}", value.value, value.span.place());
        }
    }
    for api in &app.apis {
        let cors = api.cors.as_ref().map(|c| (c.preflight_authorizer.as_deref(), c.preflight_api_key_required));
        let _ = writeln!(out, "api {} {:?} {} {} cors={cors:?}", api.logical_id, api.kind, api.id, api.stage.name);
        for a in &api.authorizers {
            let _ = writeln!(out, "  authorizer {} {:?} {} {}s", a.name, a.kind, a.function, a.ttl_secs);
        }
        for r in &api.routes {
            let _ = writeln!(
                out,
                "  {} {} -> {} {:?} authorizer={:?} key={} @{}",
                r.method,
                r.path,
                r.function,
                r.payload_format,
                r.authorizer,
                r.api_key_required,
                r.span.place()
            );
        }
    }
    for p in &app.usage_plans {
        let stages: Vec<_> = p.stages.iter().map(|s| format!("{}/{}", s.api, s.stage)).collect();
        let _ = writeln!(out, "plan {} {:?} {:?} {stages:?} {:?}", p.name, p.throttle, p.quota, p.keys);
    }
    for r in &app.roles {
        let _ = writeln!(out, "role {} {}", r.logical_id, r.arn);
        for p in &r.policies {
            let places: Vec<_> = p.statement_spans.iter().map(burgward_diag::Span::place).collect();
            let _ = writeln!(out, "  {} {} {places:?}", p.name, p.document["Statement"]);
        }
    }
    for t in &app.tables {
        let _ = writeln!(out, "table {} {}", t.arn, t.create);
    }
    for b in &app.buckets {
        let policy = b.policy.as_ref().map(|p| p.document.to_string());
        let _ = writeln!(out, "bucket {} {:?} {policy:?}", b.arn, b.public_access_block);
    }
    for p in &app.lambda_permissions {
        let _ = writeln!(out, "permission {} {} {} {:?}", p.logical_id, p.function, p.principal, p.source_arn);
    }
    out
}
