//! burgward-iam
