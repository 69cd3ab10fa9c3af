//! Records that are too long for one frame of the log.

use burgward_types::{AuditRecord, DecisionRecord};
use serde_json::{Value, json};

use crate::AuditError;

/// The most bytes that a record's JSON may have.
const MAX_RECORD: usize = 256 * 1024;
/// The most bytes of one text of a record that is too long as it is.
const MAX_TEXT: usize = 4 * 1024;
/// The most decisions of one part; with every text cut, a part then fits.
const DECISIONS: usize = 10;

/// The record as JSON: one text, or several that carry the same request id and are numbered.
pub(crate) fn of(record: AuditRecord) -> Result<Vec<Vec<u8>>, AuditError> {
    let whole = json_of(&record)?;
    if whole.len() <= MAX_RECORD {
        return Ok(vec![whole]);
    }
    let decisions = record.decisions.clone();
    let shell = AuditRecord { decisions: Vec::new(), ..cut(record) };
    let count = decisions.len().div_ceil(DECISIONS).max(1);
    let mut parts = Vec::with_capacity(count);
    for at in 0..count {
        let decisions = decisions.iter().skip(at * DECISIONS).take(DECISIONS).map(cut_decision).collect();
        let detail = json!({"part": at + 1, "parts": count, "of": shell.detail});
        parts.push(json_of(&AuditRecord { decisions, detail, ..shell.clone() })?);
    }
    Ok(parts)
}

fn json_of(record: &AuditRecord) -> Result<Vec<u8>, AuditError> {
    serde_json::to_vec(record).map_err(|error| AuditError::Stopped(error.to_string()))
}

fn cut(record: AuditRecord) -> AuditRecord {
    let detail = record.detail.to_string();
    AuditRecord {
        user_agent: record.user_agent.map(|text| cut_text(&text)),
        error_message: record.error_message.map(|text| cut_text(&text)),
        event_name: cut_text(&record.event_name),
        source: cut_text(&record.source),
        detail: if detail.len() > MAX_TEXT { Value::String(cut_text(&detail)) } else { record.detail },
        ..record
    }
}

fn cut_decision(decision: &DecisionRecord) -> DecisionRecord {
    DecisionRecord { resource: cut_text(&decision.resource), ..decision.clone() }
}

fn cut_text(text: &str) -> String {
    if text.len() <= MAX_TEXT {
        return text.to_owned();
    }
    let end = (0..=MAX_TEXT).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    format!("{} [cut off: {} bytes]", text.get(..end).unwrap_or(""), text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use burgward_types::{Principal, RecordKind, RequestId, Timestamp};

    fn record(decisions: usize, length: usize) -> AuditRecord {
        let decision = DecisionRecord {
            action: "s3:DeleteObject".into(),
            resource: "x".repeat(length),
            effect: "Allow".into(),
            layer: None,
            policy: None,
            statement: None,
            place: None,
            permitted_despite_denial: false,
        };
        AuditRecord {
            kind: RecordKind::AwsApiCall,
            event_time: Timestamp(0),
            event_source: "s3.amazonaws.com".into(),
            event_name: "DeleteObjects".into(),
            request_id: RequestId::from_text("r"),
            principal: Principal::Anonymous,
            access_key_id: None,
            source: "127.0.0.1".into(),
            user_agent: Some("\u{7}".repeat(300_000)),
            aws_region: "us-east-1".into(),
            error_code: None,
            error_message: None,
            read_only: false,
            decisions: vec![decision; decisions],
            detail: Value::Null,
        }
    }

    #[test]
    fn a_long_record_is_kept_in_parts_that_fit() {
        let parts = of(record(1000, 1100)).unwrap();
        assert_eq!(parts.len(), 100);
        assert!(parts.iter().all(|part| part.len() <= MAX_RECORD));
        let read: Vec<AuditRecord> = parts.iter().map(|part| serde_json::from_slice(part).unwrap()).collect();
        assert_eq!(read.iter().map(|part| part.decisions.len()).sum::<usize>(), 1000);
        assert_eq!(read[99].detail, json!({"part": 100, "parts": 100, "of": null}));
        assert!(of(record(3, 900_000)).unwrap().iter().all(|part| part.len() <= MAX_RECORD));
    }
}
