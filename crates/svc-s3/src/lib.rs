//! burgward-svc-s3
