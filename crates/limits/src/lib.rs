//! burgward-limits
