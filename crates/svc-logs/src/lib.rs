//! burgward-svc-logs
