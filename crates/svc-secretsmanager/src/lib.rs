//! burgward-svc-secretsmanager
