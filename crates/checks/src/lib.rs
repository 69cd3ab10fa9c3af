//! burgward-checks
