//! burgward-runtime
