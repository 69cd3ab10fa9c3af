//! burgward-svc-sts
