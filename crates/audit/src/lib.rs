//! burgward-audit
