//! The platform's own lines in a function's log.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html>

use std::time::Duration;

use burgward_types::{RequestId, Timestamp};

/// What an invocation took.
pub(crate) struct Report {
    pub(crate) duration: Duration,
    pub(crate) init: Option<Duration>,
}

impl Report {
    /// Rounded up to whole milliseconds, as it is billed.
    pub(crate) fn billed_ms(&self) -> u64 {
        u64::try_from(self.duration.as_micros().div_ceil(1000)).unwrap_or(u64::MAX)
    }

    /// `REPORT RequestId: .. Duration: ..`, with tabs between the fields.
    pub(crate) fn line(&self, id: &RequestId, memory_mb: u32, used: u64, error_type: Option<&str>) -> String {
        let used = used.div_ceil(1024 * 1024);
        let init = self.init.map_or_else(String::new, |init| format!("Init Duration: {:.2} ms\t", millis(init)));
        let status = match error_type {
            None => String::new(),
            Some("Sandbox.Timedout") => "Status: timeout\t".to_owned(),
            Some(kind) => format!("Status: error\tError Type: {kind}\t"),
        };
        format!(
            "REPORT RequestId: {id}\tDuration: {:.2} ms\tBilled Duration: {} ms\tMemory Size: {memory_mb} MB\tMax Memory \
             Used: {used} MB\t{init}{status}",
            millis(self.duration),
            self.billed_ms(),
        )
    }
}

/// `START RequestId: ..`
pub(crate) fn start(id: &RequestId, version: &str) -> String {
    format!("START RequestId: {id} Version: {version}")
}

/// `END RequestId: ..`
pub(crate) fn end(id: &RequestId) -> String {
    format!("END RequestId: {id}")
}

/// `INIT_REPORT Init Duration: ..`, written when the init phase failed.
pub(crate) fn init(took: Duration, phase: &str, status: &str, kind: &str) -> String {
    format!("INIT_REPORT Init Duration: {:.2} ms\tPhase: {phase}\tStatus: {status}\tError Type: {kind}", millis(took))
}

/// An X-Ray header for an invocation that came without one.
///
/// Source: <https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader>
pub(crate) fn fresh_trace_id(now: Timestamp) -> String {
    let random = RequestId::random().as_str().replace('-', "") + &RequestId::random().as_str().replace('-', "");
    let (root, parent) = (random.get(..24).unwrap_or_default(), random.get(32..48).unwrap_or_default());
    format!("Root=1-{:08x}-{root};Parent={parent};Sampled=0", now.secs())
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_read_as_lambda_writes_them() {
        let id = RequestId::from_text("abc");
        let report = Report { duration: Duration::from_micros(1200), init: Some(Duration::from_millis(90)) };
        assert_eq!(
            report.line(&id, 128, 40_000_000, None),
            "REPORT RequestId: abc\tDuration: 1.20 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\tMax Memory Used: 39 \
             MB\tInit Duration: 90.00 ms\t"
        );
        let report = Report { init: None, ..report };
        assert!(report.line(&id, 128, 0, Some("Sandbox.Timedout")).ends_with("Used: 0 MB\tStatus: timeout\t"));
    }

    #[test]
    fn a_trace_id_has_its_three_fields() {
        let trace = fresh_trace_id(Timestamp::from_secs(1_795_350_896));
        assert!(trace.starts_with("Root=1-6b02e170-"), "{trace}");
        assert_eq!(trace.len(), "Root=1-".len() + 8 + 1 + 24 + ";Parent=".len() + 16 + ";Sampled=0".len());
    }
}
