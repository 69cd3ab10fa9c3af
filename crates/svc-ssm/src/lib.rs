//! burgward-svc-ssm
